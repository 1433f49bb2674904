//! One node: how it is, and the place to withdraw what it says.

use maud::{Markup, html};

use super::{View, city_name, document, forms, header, words};
use pipeline::science::qartod::Flag;

use crate::board::nodes::Finding;
use crate::board::picture::NodePicture;

/// The page of one node; `said` is what the reader just did.
pub fn whole(view: &View, node: &NodePicture) -> Markup {
    let picture = &view.picture;
    let (face, of) = (&picture.face, picture.node_face(node));
    let title = format!("{} · {}", of.id, city_name(face));
    let source = format!("/node/{}", of.id);
    let offset = format!("UTC{}", words::offset(face, picture.now));
    let body = html! {
        (header::draw(view))
        main.one {
            (record(view, node))
            (forms::of_node(view, of.id.as_str(), &offset))
        }
    };
    document(view, &title, &source, body)
}

fn record(view: &View, node: &NodePicture) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let of = picture.node_face(node);
    let zone = of.zone.and_then(|ix| picture.face.zone(ix));
    let record = &node.record;
    let heard = match (record.silent_since, node.age) {
        (Some(since), _) => format!("{} ago, silent", words::age(l, picture.now - since)),
        (None, Some(age)) => format!("{} ago", words::age(l, age)),
        (None, None) => "never".to_owned(),
    };
    html! {
        section #node data-live aria-labelledby="node-title" {
            p { a href="/#nodes" { "← All nodes" } }
            h2 #node-title { "Node " (of.id) }
            dl.facts {
                @for (name, text) in [
                    ("Zone", zone.map_or_else(|| "none".to_owned(), |zone| zone.name.clone())),
                    ("Fine particles", of.correction.map_or_else(
                        || "as read".to_owned(),
                        |correction| format!("corrected for humidity ({correction})"),
                    )),
                    ("Last heard", heard),
                    ("Frames", record.frames.to_string()),
                    ("Readings", record.readings.to_string()),
                    ("Refused", record.refused.to_string()),
                ] { div { dt { (name) } dd { (text) } } }
                @if !node.findings.is_empty() {
                    div { dt { "Quality tests" } dd { @for finding in &node.findings { div.partial { (found(finding)) } } } }
                }
            }
        }
    }
}

/// `pm2_5: spike, 2 panes suspect`.
fn found(((quantity, test, flag), panes): &(Finding, u32)) -> String {
    let test = test.name().replace('_', " ");
    let panes = match panes {
        1 => "1 pane".to_owned(),
        more => format!("{more} panes"),
    };
    let flag = match flag {
        Flag::Fail => "failing",
        _ => "suspect",
    };
    format!("{quantity}: {test}, {panes} {flag}")
}
