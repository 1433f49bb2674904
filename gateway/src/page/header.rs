//! The head of the page: which city, what time it is there, whether it is real, and how the gateway is.

use maud::{Markup, html};
use pipeline::alert::Status;
use pipeline::rules::Severity;

use super::marks::mark;
use super::{View, city_name, status_word, words};
use crate::board::picture::Standing;

pub(super) fn draw(view: &View) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let (face, trouble) = (&picture.face, view.trouble.as_deref());
    html! {
        header #head data-live {
            div.city {
                h1 { a href="/" { (city_name(face)) } }
                @if face.status != Status::Actual {
                    p.status { (status_word(face.status)) }
                }
            }
            ul.health aria-label="Gateway" {
                (chip("Link", picture.health.link_up, if picture.health.link_up { "up" } else { "down" }))
                @match &picture.health.journal_error {
                    None => (chip("Journal", true, "writing")),
                    Some(error) => (chip("Journal", false, error)),
                }
                (chip("Figures", trouble.is_none(), &frontier(view)))
            }
            p.clock {
                time { (words::time(face, picture.now)) }
                span { (words::offset(face, picture.now)) " · " (words::date(l, face, picture.now)) }
            }
        }
        section #summary data-live data-title=(super::title(view)) aria-label="Summary" {
            @if let Some(trouble) = trouble {
                p.trouble role="status" { strong { "Not live: " } (trouble) "." }
            }
            (summary(view))
        }
    }
}

fn chip(name: &str, good: bool, text: &str) -> Markup {
    html! {
        li class=(if good { "good" } else { "bad" }) { span { (name) } strong { (text) } }
    }
}

/// How far the figures reach.
fn frontier(view: &View) -> String {
    let (l, picture) = (view.language(), &view.picture);
    match picture.health.frontier {
        0 => "none yet".to_owned(),
        frontier => format!(
            "to {} ({} behind)",
            words::time(&picture.face, frontier as i64),
            words::age(l, picture.lag())
        ),
    }
}

/// The city in one line.
fn summary(view: &View) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    const SEVERITIES: [Severity; 4] = [
        Severity::Extreme,
        Severity::Severe,
        Severity::Moderate,
        Severity::Minor,
    ];
    let open = |severity| {
        let same = picture
            .alerts_open()
            .filter(|a| a.latest.severity == severity);
        same.count()
    };
    let zones = |standing| {
        let same = picture
            .zones
            .iter()
            .filter(|zone| zone.standing == standing);
        same.count()
    };
    let silent = |node: &&crate::board::picture::NodePicture| node.record.silent_since.is_some();
    let nodes_silent = picture.nodes.iter().filter(silent).count();
    html! {
        ul.summary {
            @for severity in SEVERITIES {
                @let count = open(severity);
                li class=(if count == 0 { "count none" } else { "count" }) {
                    (mark(Standing::Alert(severity)))
                    strong { (count) } span { (words::severity(l, severity)) }
                }
            }
            li.count.apart {
                (mark(Standing::Normal)) strong { (zones(Standing::Normal)) } span { "normal" }
            }
            @let unknown = zones(Standing::Unknown);
            li class=(if unknown == 0 { "count none" } else { "count" }) {
                (mark(Standing::Unknown)) strong { (unknown) } span { "without fresh data" }
            }
            li class=(if nodes_silent == 0 { "count none" } else { "count" }) {
                strong { (nodes_silent) } span { "of " (picture.nodes.len()) " nodes silent" }
            }
        }
    }
}
