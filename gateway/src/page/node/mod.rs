//! One node: how it is, what became of all that came in its name, and the place to withdraw what it says.

use maud::{Markup, html};
use pipeline::science::qartod::Flag;

use super::{View, city_name, document, forms, header, health, words};
use crate::board::nodes::Finding;
use crate::board::picture::NodePicture;
use crate::language::{Language, terms};

mod facts;
mod ledger;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

/// The page of one node; the view's `said` is what the reader just did.
pub fn whole(view: &View, node: &NodePicture) -> Markup {
    let picture = &view.picture;
    let (face, of) = (&picture.face, picture.node_face(node));
    let title = format!("{} · {}", of.id, city_name(face));
    let source = format!("/node/{}", of.id);
    let offset = format!("UTC{}", words::offset(face, picture.now));
    let body = html! {
        (header::draw(view))
        main.one {
            (head(view, node))
            (ledger::draw(view, node))
            (quality(view, node))
            (forms::of_node(view, of.id.as_str(), &offset))
        }
    };
    document(view, &title, &source, body)
}

fn head(view: &View, node: &NodePicture) -> Markup {
    let (l, id) = (view.language(), view.picture.node_face(node).id);
    html! {
        section #node data-live aria-labelledby="node-title" {
            p { a href="/nodes" { (l.say("← All nodes", "← 全部节点")) } }
            h2 #node-title { (l.say("Node ", "节点 ")) (id) }
            p class={ "lead" @if !node.is_well() { " partial" } } { (health::of(l, node, view.picture.now)) }
            (facts::draw(view, node))
        }
    }
}

/// What of it does not count, and what quality tests find.
fn quality(view: &View, node: &NodePicture) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    html! {
        section #quality data-live aria-labelledby="quality-title" {
            h2 #quality-title { (l.say("Quality", "质量")) }
            @if node.quarantine.is_empty() && node.findings.is_empty() {
                p.calm { (l.say("All that it says counts, and no test finds anything in it.", "全部读数均有效，检验未发现问题。")) }
            }
            ul.posts {
                @for row in &node.quarantine {
                    @let from = words::time(face, row.from);
                    li {
                        span class=[row.until.is_none().then_some("partial")] { "✕ " (health::withdrawn(l, row)) }
                        span.sure {
                            @match row.until {
                                None => (l.say(format!("since {from}, it lasts"), format!("自{from}起，仍在生效"))),
                                Some(until) => {
                                    @let until = words::time(face, until);
                                    (l.say(format!("{from} to {until}"), format!("{from}至{until}")))
                                }
                            }
                        }
                    }
                }
                @for finding in &node.findings { li.partial { (found(l, finding)) } }
            }
        }
    }
}

/// `PM2.5: spike, 2 panes suspect`.
fn found(l: Language, ((quantity, test, flag), panes): &(Finding, u32)) -> String {
    let (quantity, test) = (terms::quantity(*quantity).to(l), facts::test(*test).to(l));
    let flag = match flag {
        Flag::Fail => l.say("failing", "不合格"),
        _ => l.say("suspect", "可疑"),
    };
    let plural = if *panes == 1 { "" } else { "s" };
    l.say(
        format!("{quantity}: {test}, {panes} pane{plural} {flag}"),
        format!("{quantity}：{test}，{panes}个时段{flag}"),
    )
}
