//! The city in two lines: how many alerts of which severity, and how old, complete and final what is shown is.

use maud::{Markup, html};
use pipeline::rules::Severity;

use super::marks::mark;
use super::{View, words};
use crate::board::picture::{NodePicture, Picture, Standing, ZonePicture};

/// The worst first.
pub(super) const SEVERITIES: [Severity; 4] = [
    Severity::Extreme,
    Severity::Severe,
    Severity::Moderate,
    Severity::Minor,
];

pub(super) fn draw(view: &View) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
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
    let silent = |node: &&NodePicture| node.record.silent_since.is_some();
    let (silent, nodes) = (
        picture.nodes.iter().filter(silent).count(),
        picture.nodes.len(),
    );
    let unknown = zones(Standing::Unknown);
    html! {
        ul.summary {
            @for severity in SEVERITIES {
                @let count = open(severity);
                li class=(shown(count)) {
                    (mark(Standing::Alert(severity)))
                    strong { (count) } " " span { (words::severity(l, severity)) }
                }
            }
            li.count.apart {
                (mark(Standing::Normal)) strong { (zones(Standing::Normal)) } " " span { (l.say("normal", "正常")) }
            }
            li class=(shown(unknown)) {
                (mark(Standing::Unknown)) strong { (unknown) } " " span { (l.say("without fresh data", "无新数据")) }
            }
            li class=(shown(silent)) {
                strong { (silent) } " "
                span { (l.say(format!("of {nodes} nodes silent"), format!("个节点失联（共{nodes}个）"))) }
            }
        }
        p.sureness { (sureness(view)) }
    }
}

fn shown(count: usize) -> &'static str {
    if count == 0 { "count none" } else { "count" }
}

/// How complete, how old and how final the city's figures are.
fn sureness(view: &View) -> String {
    let (l, picture) = (view.language(), &view.picture);
    let ages = || picture.zones.iter().filter_map(ZonePicture::age);
    let (Some(youngest), Some(oldest)) = (ages().min(), ages().max()) else {
        return l
            .say(
                "No zone has a fresh figure. This is not an all-clear.",
                "没有任何区域有新数据，这并不表示警报解除。",
            )
            .to_owned();
    };
    let (with, all) = (ages().count(), picture.zones.len());
    let (youngest, oldest) = (words::age(l, youngest), words::age(l, oldest));
    let complete = picture
        .zones
        .iter()
        .filter(|zone| is_complete(zone))
        .count();
    let (last, figures) = finals(picture);
    l.say(
        format!(
            "Figures of {with} of {all} zones, {youngest} to {oldest} old; all nodes heard in {complete}; \
             {last} of {figures} figures final, the others provisional."
        ),
        format!(
            "{all}个区域中{with}个有新数据，距今{youngest}至{oldest}；{complete}个区域的节点全部报到；\
             {figures}个数值中{last}个为最终值，其余为初步值。"
        ),
    )
}

fn is_complete(zone: &ZonePicture) -> bool {
    let of_zone = zone.completeness();
    of_zone.is_some_and(|completeness| completeness.heard >= completeness.expected)
}

/// Final figures, of all.
fn finals(picture: &Picture) -> (usize, usize) {
    let figures = || picture.zones.iter().flat_map(|zone| &zone.figures);
    let finals = figures().filter(|figure| !figure.is_provisional()).count();
    (finals, figures().count())
}
