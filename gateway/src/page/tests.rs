//! What the page says, read from its HTML.

use pipeline::alert::State;
use pipeline::output::TickOutput;
use pipeline::rules::Value;

use super::*;
use crate::board::Board;
use crate::board::sample::{NOON, expected, face, revision, zone_value};

fn scene(board: &Board, zone: &str) -> Scene {
    let picture = board.picture(NOON);
    let selection = Selection::find(&picture, zone, "");
    let points = selection
        .and_then(|s| board.series(picture.face.zones[s.place].ix, s.value?))
        .map(|series| series.points().copied().collect());
    Scene {
        picture,
        selection,
        points: points.unwrap_or_default(),
        trouble: None,
    }
}

fn busy() -> Board {
    let mut board = Board::new(face());
    board.apply(&TickOutput {
        tick: NOON as u64,
        expected: expected(),
        zone_values: vec![zone_value(0, Value::CrowdDensity, NOON, 4200)],
        revisions: vec![revision(1, 1, State::Raised, NOON)],
        ..TickOutput::default()
    });
    board
}

#[test]
fn an_alert_a_figure_and_what_is_unknown_are_all_there() {
    let html = whole(&scene(&busy(), "")).into_string();
    for expected in [
        "<p class=\"status\">Simulated</p>",
        "1 alert · Harbour · citysense",
        "Severe",
        "4.2 people/m²",
        "1 of 2 nodes",
        "provisional: quay-1 is not heard past it",
        "No fresh data",
        "09:00:00",
        "+08:00",
        "F: jammed",
        "<noscript><meta http-equiv=\"refresh\"",
    ] {
        assert!(html.contains(expected), "no «{expected}» in {html}");
    }
}

#[test]
fn names_are_text_and_never_markup() {
    let html = whole(&scene(&busy(), "mole")).into_string();
    assert!(html.contains("Mole &amp; &lt;light&gt;"));
    assert!(!html.contains("<light>"));
    // The policy forbids styles and handlers in the markup; there must be none to forbid.
    assert!(!html.contains(" style=") && !html.contains(" onclick="));
}

#[test]
fn the_worst_alert_chooses_the_zone_unless_the_reader_does() {
    let board = busy();
    let chosen = |zone: &str| {
        let scene = scene(&board, zone);
        let selection = scene.selection.unwrap();
        let id = scene.picture.face.zones[selection.place].id;
        (id.to_string(), selection.value)
    };
    let density = Some(Value::CrowdDensity);
    assert_eq!(chosen(""), ("quay".to_owned(), density));
    assert_eq!(chosen("no-such-zone"), ("quay".to_owned(), density));
    assert_eq!(chosen("mole"), ("mole".to_owned(), None));
}

#[test]
fn a_stale_figure_is_gone_from_the_page() {
    let board = busy();
    let mut scene = scene(&board, "");
    scene.picture = board.picture(NOON + 10 * pipeline::calendar::MINUTE);
    scene.selection = Selection::find(&scene.picture, "", "");
    let html = live(&scene).into_string();
    assert!(html.contains("No fresh figures. This is not an all-clear."));
    // The alert still tells its peak; the zone shows no live figure.
    assert!(!html.contains("4.2</b><span class=\"unit\"> /m²"));
}

#[test]
fn a_city_that_says_nothing_is_not_called_calm() {
    let html = whole(&scene(&Board::new(face()), "")).into_string();
    assert!(html.contains("2 zones have no fresh data: this is not an all-clear."));
}

#[test]
fn an_empty_city_draws_without_dividing_by_nothing() {
    let mut nothing = face();
    nothing.zones.clear();
    nothing.nodes.clear();
    let html = whole(&scene(&Board::new(nothing), "")).into_string();
    assert!(html.contains("No zone has an outline."));
    assert!(html.contains("No open alerts."));
}

#[test]
fn a_district_that_came_back_is_one_line_among_what_ended() {
    let mut board = busy();
    let mut revisions = vec![revision(9, 2, State::Cleared, NOON)];
    for node in 0..30 {
        let mut silence = revision(100 + node, 2, State::Cleared, NOON);
        silence.node = Some(wire::NodeId::new(&format!("node-{node}")).unwrap());
        silence.end = Some(NOON - 60_000);
        revisions.push(silence);
    }
    board.apply(&TickOutput {
        tick: NOON as u64,
        revisions,
        ..TickOutput::default()
    });
    let html = whole(&scene(&board, "")).into_string();
    assert!(
        html.contains("<b>30</b> nodes were not heard for a time"),
        "{html}"
    );
    assert_eq!(html.matches("not heard for").count(), 1);
    let crowd = format!("id=\"a-{}\"", pipeline::alert::AlertId(9));
    assert!(html.contains(&crowd), "what else ended is still there");
}
