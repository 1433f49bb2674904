//! What a zone's page says, read from its HTML.

use pipeline::alert::State;
use pipeline::calendar::MINUTE;
use pipeline::output::TickOutput;

use super::*;
use crate::access::{Asker, Role};
use crate::board::Board;
use crate::board::sample::{NOON, face, revision, zone_value};
use crate::language::Language;
use crate::page::{Reader, Theme};

fn board(means: &[i64]) -> Board {
    let mut board = Board::new(face());
    let values = (0..).zip(means.iter().rev());
    let values =
        values.map(|(k, mean)| zone_value(0, Value::CrowdDensity, NOON - k * MINUTE, *mean));
    board.apply(&TickOutput {
        tick: NOON as u64,
        zone_values: values.collect(),
        revisions: vec![revision(1, 1, State::Raised, NOON)],
        ..TickOutput::default()
    });
    board
}

fn scene(board: &Board, now: Millis, language: Language) -> ZoneScene {
    let picture = board.picture(now);
    let mut scene = ZoneScene {
        place: 1,
        range: Range::default(),
        value: None,
        histories: board.histories(picture.face.zones[1].ix, now),
        told: picture
            .alerts
            .iter()
            .map(|alert| alert.latest.clone())
            .collect(),
        untold: None,
        view: View {
            picture,
            reader: Reader {
                language,
                theme: Theme::Auto,
                asker: Asker::anyone(Role::Viewer),
            },
            trouble: None,
            said: None,
        },
    };
    scene.value = scene.choose("");
    scene
}

#[test]
fn a_figure_says_how_old_how_complete_and_how_sure_it_is() {
    let page = whole(&scene(
        &board(&[3_000, 3_500, 4_200]),
        NOON,
        Language::English,
    ))
    .into_string();
    for said in [
        "Old quay",
        "4.2</b>",
        "0 s old",
        "1 of 2 nodes",
        "nodes were missing",
        "href=\"/rules/crowd-danger\"",
        "≥ 4",
        "The figures as a table (3)",
        "since 08:59",
        "href=\"/node/quay-1\"",
        "times are UTC+08:00",
        "data-source=\"/zone/quay?value=crowd_density&amp;range=6h\"",
    ] {
        assert!(page.contains(said), "no «{said}» in {page}");
    }
}

#[test]
fn what_is_stale_has_a_past_and_no_figure() {
    let board = board(&[3_000, 3_500, 4_200]);
    let page = whole(&scene(&board, NOON + 30 * MINUTE, Language::English)).into_string();
    assert!(page.contains("No fresh figure"), "{page}");
    assert!(page.contains("the last was of 30 min ago: not an all-clear"));
    assert!(!page.contains("4.2</b>"));
}

#[test]
fn few_people_are_no_number_anywhere_on_the_page() {
    // A hundred square metres: below 0.05 a square metre there are fewer than five people.
    let page = whole(&scene(&board(&[31, 32, 33]), NOON, Language::English)).into_string();
    assert!(page.contains("&lt; 0.05"), "{page}");
    for secret in ["0.031", "0.032", "0.033"] {
        assert!(!page.contains(secret), "«{secret}» in {page}");
    }
    assert!(page.contains("few people: only the range is told"));
}

#[test]
fn a_value_that_the_zone_has_not_falls_back_to_one_that_it_has() {
    let scene = scene(&board(&[4_200]), NOON, Language::English);
    assert_eq!(scene.choose("pm2_5"), Some(Value::CrowdDensity));
    assert_eq!(scene.choose("<script>"), Some(Value::CrowdDensity));
    assert_eq!(Range::from_name("7h"), Range::SixHours);
    assert_eq!(Range::from_name("1h"), Range::Hour);
}

#[test]
fn in_chinese_no_english_word_is_left_in_its_sections() {
    let page = whole(&scene(&board(&[3_000, 4_200]), NOON, Language::Chinese)).into_string();
    let (_, main) = page.split_once("<main").unwrap();
    let (main, _) = main.split_once("</main>").unwrap();
    for english in [
        "Nodes", "Alerts", "last ", "old", "fresh", "since", "Mean", "Severe", "Legend", "none",
    ] {
        let left = main.split('>').filter_map(|part| part.split('<').next());
        // The zone's own name is the city's word.
        let mut left = left.filter(|text| !text.contains("Old quay"));
        assert!(
            !left.any(|text| text.contains(english)),
            "«{english}» in {main}"
        );
    }
}
