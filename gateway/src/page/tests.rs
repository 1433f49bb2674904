//! What the page says, read from its HTML.

use pipeline::alert::{AlertId, Desk, Note, Reason, Silenced, State};
use pipeline::calendar::HOUR;
use pipeline::incident::{Incident, IncidentId, IncidentState};
use pipeline::output::TickOutput;
use pipeline::rules::Value;

use super::*;
use crate::access::{Asker, Role};
use crate::board::Board;
use crate::board::sample::{NOON, expected, face, revision, zone_value};
use crate::cap::Trail;
use crate::language::Language;

mod chinese;

fn scene(board: &Board, zone: &str) -> Scene {
    let picture = board.picture(NOON);
    let selection = Selection::find(&picture, zone, "");
    let points = selection
        .and_then(|s| board.series(picture.face.zones[s.place].ix, s.value?))
        .map(|series| series.points().copied().collect());
    Scene {
        view: view(picture),
        selection,
        points: points.unwrap_or_default(),
        filter: Filter::default(),
        played: None,
    }
}

fn view(picture: Picture) -> View {
    View {
        picture,
        reader: Reader {
            language: Language::English,
            theme: Theme::Auto,
            asker: Asker::anyone(Role::Operator),
        },
        trouble: None,
        said: None,
    }
}

/// What the page of the first alert shows beside the picture.
fn sheet(board: &Board, now: i64) -> alert::Sheet {
    alert::Sheet {
        story: board.alert(AlertId(1), now).unwrap().clone(),
        archived: false,
        points: Vec::new(),
        why: Err("There is no journal to read.".to_owned()),
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
        let id = scene.view.picture.face.zones[selection.place].id;
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
    scene.view.picture = board.picture(NOON + 10 * pipeline::calendar::MINUTE);
    scene.selection = Selection::find(&scene.view.picture, "", "");
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

#[test]
fn how_an_alert_stands_for_people_is_said_on_the_list_and_on_its_page() {
    let mut board = busy();
    let mut at_work = revision(1, 2, State::Updated, NOON);
    at_work.reason = Reason::Commented;
    at_work.desk = Desk {
        assigned: Some("Bo <b>".to_owned()),
        assigned_by: Some("Ada".to_owned()),
        proposed: Some(State::Cleared),
        note: Some(Note {
            by: "Ada".to_owned(),
            text: "north gate opened".to_owned(),
        }),
        silenced: Some(Silenced {
            until: NOON + HOUR,
            by: "Cy".to_owned(),
        }),
        escalated_to: vec!["duty-officer".to_owned(), "mayor".to_owned()],
    };
    let mut beside = revision(2, 1, State::Raised, NOON);
    beside.zone = wire::ZoneId::new("mole").unwrap();
    board.apply(&TickOutput {
        tick: NOON as u64,
        revisions: vec![at_work, beside],
        incidents: vec![incident(&[1, 2])],
        ..TickOutput::default()
    });
    let list = whole(&scene(&board, "")).into_string();
    let picture = board.picture(NOON);
    let page = alert::whole(&view(picture), &sheet(&board, NOON)).into_string();
    for said in [
        "proposes its end, a person is to confirm",
        "assigned to Bo &lt;b&gt; by Ada",
        "silenced until 10:00 by Cy",
        "escalated to duty-officer, mayor",
        "one of 2 in an incident: Old quay, Mole &amp; &lt;light&gt;",
    ] {
        assert!(list.contains(said), "no «{said}» in {list}");
        assert!(page.contains(said), "no «{said}» in {page}");
    }
    // Who and when, for each revision.
    let wrote = "<strong><bdi>Ada</bdi></strong> wrote: <q><bdi>north gate opened</bdi></q>";
    assert!(page.contains(wrote), "{page}");
    assert!(page.contains("somebody wrote about it"));
    // An incident of one alert is that alert, and one that is over is none.
    for incident in [incident(&[1]), over(incident(&[1, 2]))] {
        board.apply(&TickOutput {
            incidents: vec![incident],
            ..TickOutput::default()
        });
        let list = whole(&scene(&board, "")).into_string();
        assert!(!list.contains("in an incident"), "{list}");
    }
}

#[test]
fn an_alert_whose_message_expired_unrenewed_is_called_so_until_it_is_renewed() {
    let mut board = busy();
    let mut trail = Trail::default();
    trail.tell(&revision(1, 1, State::Raised, NOON), board.face());
    board.told(AlertId(1), trail.clone());
    let said = |board: &Board, now| {
        let view = view(board.picture(now));
        let page = alert::whole(&view, &sheet(board, now)).into_string();
        let list = alerts::draw(&view, &Filter::default(), &[]).into_string();
        let stale = "CAP message expired 15:00, not renewed";
        assert_eq!(page.contains(stale), list.contains(stale));
        page.contains(stale)
    };
    assert!(!said(&board, NOON + 6 * HOUR - 1));
    assert!(said(&board, NOON + 6 * HOUR));
    trail.renew(NOON + 6 * HOUR, board.face());
    board.told(AlertId(1), trail);
    assert!(!said(&board, NOON + 6 * HOUR));
}

fn incident(alerts: &[u128]) -> Incident {
    let zones = ["quay", "mole"].map(|id| wire::ZoneId::new(id).unwrap());
    Incident {
        id: IncidentId(5),
        revision: alerts.len() as u32,
        state: IncidentState::Open,
        kind: wire::KindId::new("crowd").unwrap(),
        zones: zones[..alerts.len()].to_vec(),
        alerts: alerts.iter().map(|id| AlertId(*id)).collect(),
        severity: pipeline::rules::Severity::Severe,
        since: NOON,
        updated: NOON,
        merged_into: None,
        split_from: None,
        status: pipeline::alert::Status::Simulated,
    }
}

fn over(incident: Incident) -> Incident {
    Incident {
        state: IncidentState::Closed,
        ..incident
    }
}
