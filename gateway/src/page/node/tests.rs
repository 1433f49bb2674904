//! What the pages of nodes say, read from their HTML.

use pipeline::calendar::{HOUR, MINUTE};
use pipeline::city::NodeIx;
use pipeline::output::TickOutput;

use super::*;
use crate::access::{Asker, Role};
use crate::admission::{Account, NodeClock, Readings, Refusal, Start};
use crate::board::Board;
use crate::board::nodes::{Followed, NodeBook};
use crate::board::sample::{NOON, face};
use crate::language::Language;
use crate::page::fleet::{self, Sort, State, Wanted};
use crate::page::{Reader, Theme};

/// The quay's node has been through everything; the mole's was never heard.
fn board() -> Board {
    let mut account = Account {
        since: Some(NOON - 5 * HOUR),
        heard_at: Some(NOON - MINUTE),
        accepted: 1_234,
        duplicate: 5,
        lost: 6,
        boots: 3,
        boot: Some(Start {
            number: 9,
            heard_at: NOON - HOUR,
        }),
        clock: NodeClock::Absurd,
        readings: Readings {
            all: 40,
            admitted: 31,
            faults: 4,
            implausible: 3,
            unknown_quantity: 2,
            late: 11,
            too_late: 12,
            restamped: 13,
            ..Readings::default()
        },
        ..Account::default()
    };
    for reason in [Refusal::Seal, Refusal::Seal, Refusal::Version] {
        account.refuse(reason, NOON - 2 * HOUR);
    }
    let book = NodeBook {
        account,
        generation: 2,
        started: Some(NOON - HOUR - MINUTE),
        missing: 7,
        settings: Followed::Refused,
    };
    let mut board = Board::new(face());
    board.nodes_told([(NodeIx(0), book)], &Account::default());
    board.apply(&TickOutput {
        tick: NOON as u64,
        ..TickOutput::default()
    });
    board
}

fn view(board: &Board, language: Language) -> View {
    View {
        picture: board.picture(NOON),
        reader: Reader {
            language,
            theme: Theme::Auto,
            asker: Asker::anyone(Role::Viewer),
        },
        trouble: None,
        said: None,
    }
}

fn page(language: Language) -> String {
    let view = view(&board(), language);
    let quay = view
        .picture
        .nodes
        .iter()
        .find(|n| view.picture.node_face(n).id.as_str() == "quay-1");
    whole(&view, quay.unwrap()).into_string()
}

#[test]
fn every_count_of_the_account_is_on_the_page() {
    let page = page(Language::English);
    for said in [
        "since Sun 22 Nov 2026 04:00:00",
        "received</th><td>1\u{2009}242</td>",
        "accepted</th><td>1\u{2009}234</td>",
        "duplicate</th><td>5</td>",
        "sealed by nobody who has its keys</th><td class=\"partial\">2</td>",
        "of an unknown version</th><td class=\"partial\">1</td>",
        "holes in its sequence</th><td class=\"partial\">7</td>",
        "before they were heard</th><td class=\"partial\">6</td>",
        "they corrected a pane</th><td>11</td>",
        "in no live alert</th><td class=\"partial\">12</td>",
        "number 9, first heard Sun 22 Nov 2026 08:00:00, had run for 1 h 0 min when last heard; starts heard of: 3",
        "wrong: its readings are restamped",
        "generation 2",
        "refused: it goes by others",
        "href=\"/zone/quay\"",
        "not measured",
    ] {
        assert!(page.contains(said), "no «{said}» in {page}");
    }
}

#[test]
fn in_chinese_no_english_word_is_left_on_a_nodes_page_and_in_the_list() {
    let list = fleet::whole(&view(&board(), Language::Chinese), &Wanted::default()).into_string();
    for page in [page(Language::Chinese), list] {
        let (_, main) = page.split_once("<main").unwrap();
        let (main, _) = main.split_once("</main>").unwrap();
        let (_, main) = main.split_once('>').unwrap();
        // The forms are another's.
        let main = main.split("id=\"actions\"").next().unwrap();
        let texts = main.split('>').filter_map(|part| part.split('<').next());
        let names = ["quay", "Quay", "mole", "Mole", "Old quay", "light"];
        for text in texts.filter(|text| !names.iter().any(|name| text.contains(name))) {
            assert!(
                !text.contains(|c: char| c.is_ascii_alphabetic()),
                "«{text}» in {main}"
            );
        }
    }
}

#[test]
fn the_list_is_filtered_sorted_and_cut_into_pages() {
    let board = board();
    let listed = |wanted: Wanted| {
        let page = fleet::whole(&view(&board, Language::English), &wanted).into_string();
        let (_, list) = page.split_once("id=\"fleet\"").unwrap();
        let rows = list.split("href=\"/node/").skip(1);
        rows.filter_map(|row| row.split('"').next().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let wanted = Wanted::default;
    assert_eq!(listed(wanted()), ["mole-1", "quay-1"]);
    let by = |sort| Wanted { sort, ..wanted() };
    assert_eq!(listed(by(Sort::Received)), ["quay-1", "mole-1"]);
    assert_eq!(listed(by(Sort::Heard)), ["mole-1", "quay-1"]);
    let in_state = |state| Wanted { state, ..wanted() };
    assert_eq!(listed(in_state(State::Unheard)), ["mole-1"]);
    assert_eq!(listed(in_state(State::Refused)), ["quay-1"]);
    assert!(listed(in_state(State::Silent)).is_empty());
    let named = |words: &str| Wanted {
        words: words.to_owned(),
        ..wanted()
    };
    assert_eq!(listed(named("OLD quay")), ["quay-1"]);
    assert!(listed(named("old mole")).is_empty());
    let zone = Wanted {
        zone: "mole".to_owned(),
        ..wanted()
    };
    assert_eq!(listed(zone), ["mole-1"]);
    // Far too high a page is the last one.
    assert_eq!(
        listed(Wanted {
            page: 99,
            ..wanted()
        })
        .len(),
        2
    );
    // What is asked for stays in every link, as text.
    let hostile = Wanted {
        words: "\"><b>&x=é".to_owned(),
        ..wanted()
    };
    let page = fleet::whole(&view(&board, Language::English), &hostile).into_string();
    let source = "data-source=\"/nodes?words=%22%3E%3Cb%3E%26x%3D%C3%A9\"";
    assert!(page.contains(source), "{page}");
    assert!(!page.contains("<b>&x"));
}
