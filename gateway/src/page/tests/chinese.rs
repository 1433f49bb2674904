//! In Chinese nothing English is left in frame, header, map and lists.

use super::*;

/// Names of the city's own, of standards and of files, which are the same in every language.
const SAME: [&str; 17] = [
    "Harbour",
    "Old quay",
    "Mole",
    "quay",
    "mole",
    "English",
    "UTC",
    "JSON",
    "EPA",
    "CAP",
    "PM2.5",
    "citysense",
    "light",
    "amp",
    "lt",
    "gt",
    "crowd-danger",
];

#[test]
fn in_chinese_no_english_word_is_left_in_frame_header_map_and_lists() {
    let board = busy();
    let mut scene = scene(&board, "");
    scene.view.reader.language = Language::Chinese;
    let overview = whole(&scene).into_string();
    let mut view = view(board.picture(NOON));
    view.reader.language = Language::Chinese;
    let lists = [
        alerts::whole(&view, &Filter::default()).into_string(),
        zones::whole(&view, &zones::Sought::default()).into_string(),
    ];
    let mut past = scene;
    past.played = Some("at=1&known=then".to_owned());
    let past = playback::whole(&playback::Played {
        scene: past,
        clock: playback::Clock::Then,
        now: NOON + HOUR,
        first: NOON - HOUR,
        last: NOON + HOUR,
        untold: None,
        wrong: None,
    });
    for page in [overview]
        .into_iter()
        .chain(lists)
        .chain([past.into_string()])
    {
        for text in shown(&page) {
            let rest = SAME
                .iter()
                .fold(text.clone(), |text, name| text.replace(name, ""));
            let letters = rest.chars().filter(char::is_ascii_alphabetic).count();
            // Units such as `/m²` and levels such as `F` are letters of their own.
            assert!(letters <= 1, "«{text}» in {page}");
        }
    }
}

/// Texts and spoken names of a page, without what stands in its head.
fn shown(page: &str) -> Vec<String> {
    let (_, body) = page.split_once("<body").unwrap();
    // The panel of the chosen zone is told by the tests of the zone's page.
    let panel = body.split_once("<section id=\"zone\"");
    let rest = panel.and_then(|(_, panel)| panel.split_once("</section>"));
    let body = match (panel, rest) {
        (Some((before, _)), Some((_, after))) => format!("{before}{after}"),
        _ => body.to_owned(),
    };
    let texts = body
        .split('>')
        .skip(1)
        .filter_map(|part| part.split('<').next());
    let spoken = ["aria-label=\"", "title=\"", "data-name=\""].map(|name| body.split(name).skip(1));
    let spoken = spoken
        .into_iter()
        .flatten()
        .filter_map(|part| part.split('"').next());
    texts.chain(spoken).map(str::to_owned).collect()
}
