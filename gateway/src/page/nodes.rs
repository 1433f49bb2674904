//! Node health: who is silent, who was refused, who was never heard.

use maud::{Markup, html};
use pipeline::calendar::Millis;
use pipeline::quality::{Cause, Withdrawal};

use super::{View, words};
use crate::board::picture::NodePicture;
use crate::language::{kinds, terms};

/// Most nodes that are listed by name; the API has all.
const SHOWN_MAX: usize = 12;

pub(super) fn draw(view: &View) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let nodes = &picture.nodes;
    let silent = |node: &&NodePicture| node.record.silent_since.is_some();
    let withdrawn = |node: &&NodePicture| node.quarantined().next().is_some();
    let unheard = |node: &&NodePicture| node.record.heard_at.is_none();
    let counts = [
        (
            nodes.iter().filter(|n| !unheard(n) && !silent(n)).count() as u64,
            l.say("speaking", "在线"),
        ),
        (
            nodes.iter().filter(silent).count() as u64,
            l.say("silent", "失联"),
        ),
        (
            nodes.iter().filter(withdrawn).count() as u64,
            l.say("withdrawn", "已撤回"),
        ),
        (
            nodes.iter().filter(|n| unheard(n) && !silent(n)).count() as u64,
            l.say("not heard yet", "尚未报到"),
        ),
        (
            nodes.iter().map(|n| n.record.frames).sum(),
            l.say("frames", "帧"),
        ),
        (
            nodes.iter().map(|n| n.record.readings).sum(),
            l.say("readings", "读数"),
        ),
        (
            nodes.iter().map(|n| n.record.refused).sum(),
            l.say("refused", "拒收"),
        ),
    ];
    let mut listed: Vec<&NodePicture> = nodes
        .iter()
        .filter(|node| silent(node) || withdrawn(node) || node.record.refused > 0)
        .collect();
    // Withdrawn ones first; then silent ones, the longest silent of them first; then those refused most.
    listed.sort_by_key(|node| {
        let since = node.record.silent_since.unwrap_or(Millis::MAX);
        let counts = node.quarantined().next().is_none();
        (counts, since, std::cmp::Reverse(node.record.refused))
    });
    html! {
        section #nodes data-live aria-labelledby="nodes-title" {
            h2 #nodes-title { (l.say("Nodes", "节点"))
                small { (l.say(format!("{} in the registry", nodes.len()), format!("登记{}个", nodes.len()))) }
             }
            dl.counts {
                @for (count, name) in counts {
                    div { dt { (name) } dd { (grouped(count)) } }
                }
            }
            @if !listed.is_empty() {
                table.nodes {
                    thead { tr {
                        th scope="col" { (l.say("Node", "节点")) } th scope="col" { (l.say("Zone", "区域")) }
                        th scope="col" { (l.say("Last heard", "最近报到")) } th scope="col" { (l.say("Refused", "拒收")) }
                        th scope="col" { (l.say("Readings", "读数")) }
                    } }
                    tbody { @for node in listed.iter().take(SHOWN_MAX) { (row(view, node)) } }
                }
            }
            @if listed.len() > SHOWN_MAX {
                p.more { a href="/nodes" { (l.say(format!("and {} more", listed.len() - SHOWN_MAX), format!("另有{}个", listed.len() - SHOWN_MAX))) } }
            }
        }
    }
}

fn row(view: &View, node: &NodePicture) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let face = picture.node_face(node);
    let zone = face.zone.and_then(|ix| picture.face.zone(ix));
    let silent = node.record.silent_since;
    let heard = silent.or(node.record.heard_at);
    html! {
        tr {
            th scope="row" { a href={ "/node/" (face.id) } { (face.id) } }
            td { @if let Some(zone) = zone { (zone.name) } }
            td class=[silent.map(|_| "partial")] {
                @match heard {
                    Some(at) => { (words::ago(l, picture.now - at)) @if silent.is_some() { (l.say(", silent", "，失联")) } }
                    None => (l.say("never", "从未")),
                }
            }
            td { (grouped(node.record.refused)) }
            td class=[node.quarantined().next().map(|_| "partial")] {
                @for row in node.quarantined() {
                    div { "✕ " (withdrawn_text(view, row)) }
                }
                @if node.quarantined().next().is_none() { (l.say("count", "计入")) }
            }
        }
    }
}

/// `Methane withdrawn: stuck, since 09:42`.
fn withdrawn_text(view: &View, row: &Withdrawal) -> String {
    let (l, picture) = (view.language(), &view.picture);
    let what = match row.quantity {
        Some(quantity) => terms::quantity(quantity).to(l),
        None => l.say("all", "全部读数"),
    };
    let why = match &row.cause {
        Cause::Operator(by) => l.say(format!("by {by}"), format!("由{by}操作")),
        Cause::Flaw(flaw) => kinds::flaw(flaw).to(l).to_owned(),
    };
    let since = words::moment(l, &picture.face, row.from, picture.now);
    l.say(
        format!("{what} withdrawn: {why}, since {since}"),
        format!("{what}自{since}起撤回：{why}"),
    )
}

/// `1 234 567` with thin spaces.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}
