//! Node health: who is silent, who was refused, who was never heard.

use maud::{Markup, html};
use pipeline::calendar::Millis;
use pipeline::quality::{Cause, Flaw, Withdrawal};

use super::{View, words};
use crate::board::picture::NodePicture;

/// Most nodes that are listed by name; the API has all.
const SHOWN_MAX: usize = 12;

pub(super) fn draw(view: &View) -> Markup {
    let picture = &view.picture;
    let nodes = &picture.nodes;
    let silent = |node: &&NodePicture| node.record.silent_since.is_some();
    let withdrawn = |node: &&NodePicture| node.quarantined().next().is_some();
    let unheard = |node: &&NodePicture| node.record.heard_at.is_none();
    let counts = [
        (
            nodes.iter().filter(|n| !unheard(n) && !silent(n)).count() as u64,
            "speaking",
        ),
        (nodes.iter().filter(silent).count() as u64, "silent"),
        (nodes.iter().filter(withdrawn).count() as u64, "withdrawn"),
        (
            nodes.iter().filter(|n| unheard(n) && !silent(n)).count() as u64,
            "not heard yet",
        ),
        (nodes.iter().map(|n| n.record.frames).sum(), "frames"),
        (nodes.iter().map(|n| n.record.readings).sum(), "readings"),
        (nodes.iter().map(|n| n.record.refused).sum(), "refused"),
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
            h2 #nodes-title { "Nodes" small { (nodes.len()) " in the registry" } }
            dl.counts {
                @for (count, name) in counts {
                    div { dt { (name) } dd { (grouped(count)) } }
                }
            }
            @if !listed.is_empty() {
                table.nodes {
                    thead { tr {
                        th scope="col" { "Node" } th scope="col" { "Zone" }
                        th scope="col" { "Last heard" } th scope="col" { "Refused" }
                        th scope="col" { "Readings" }
                    } }
                    tbody { @for node in listed.iter().take(SHOWN_MAX) { (row(view, node)) } }
                }
            }
            @if listed.len() > SHOWN_MAX {
                p.more { a href="/api/v1/nodes" { "and " (listed.len() - SHOWN_MAX) " more" } }
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
                    Some(at) => { (words::ago(l, picture.now - at)) @if silent.is_some() { ", silent" } }
                    None => "never",
                }
            }
            td { (grouped(node.record.refused)) }
            td class=[node.quarantined().next().map(|_| "partial")] {
                @for row in node.quarantined() {
                    div { "✕ " (withdrawn_text(row)) ", since " (words::time(&picture.face, row.from)) }
                }
                @if node.quarantined().next().is_none() { "count" }
            }
        }
    }
}

/// `ch4 withdrawn: stuck`.
fn withdrawn_text(row: &Withdrawal) -> String {
    let what = row.quantity.map_or("all", |quantity| quantity.name());
    let why = match &row.cause {
        Cause::Operator(by) => format!("by {by}"),
        Cause::Flaw(Flaw::Stuck) => "stuck".to_owned(),
        Cause::Flaw(Flaw::Spiking) => "spiking".to_owned(),
        Cause::Flaw(Flaw::OutOfRange) => "out of its range".to_owned(),
        Cause::Flaw(Flaw::Disagreeing) => "unlike its neighbours".to_owned(),
        Cause::Flaw(Flaw::NoHits) => "counts nothing".to_owned(),
        Cause::Flaw(Flaw::Chatter) => "counts too much".to_owned(),
        Cause::Flaw(Flaw::LockedOn) => "always occupied".to_owned(),
        Cause::Flaw(Flaw::NoChange) => "occupancy never changes".to_owned(),
        Cause::Flaw(Flaw::Failing) => "fails quality tests".to_owned(),
        Cause::Flaw(Flaw::OccupancySpikes) => "occupancy jumps".to_owned(),
    };
    format!("{what} withdrawn: {why}")
}

/// `1 234 567` with thin spaces.
fn grouped(count: u64) -> String {
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
