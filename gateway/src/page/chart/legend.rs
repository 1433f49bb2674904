//! What the shapes of a drawing mean, as far as it has them; and the patterns that they are filled with.

use maud::{Markup, html};
use pipeline::alert::State;
use pipeline::rules::Severity;

use super::drawn::{Drawn, Level};
use super::{Expected, Spell};
use crate::board::picture::Standing;
use crate::language::Language;
use crate::page::marks::class;
use crate::page::words;

/// Which shapes a drawing has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    provisional: bool,
    partial: bool,
    withheld: bool,
    saturated: bool,
    expected: bool,
    cancelled: bool,
    severities: Vec<Severity>,
}

impl Seen {
    pub(super) fn of(panes: &[Drawn], spells: &[Spell], expected: &[Expected]) -> Seen {
        let mut severities: Vec<Severity> = spells.iter().map(|spell| spell.severity).collect();
        severities.sort_unstable();
        severities.dedup();
        Seen {
            provisional: panes.iter().any(|pane| pane.provisional),
            partial: panes.iter().any(|pane| pane.partial),
            withheld: panes
                .iter()
                .any(|pane| matches!(pane.level, Level::Under(_))),
            saturated: panes.iter().any(|pane| pane.saturated),
            expected: !expected.is_empty(),
            cancelled: spells.iter().any(|spell| spell.state == State::Cancelled),
            severities,
        }
    }
}

/// Each shape beside its meaning.
pub(crate) fn draw(l: Language, seen: &Seen) -> Markup {
    let swatch = |shape: Markup, text: &str| {
        html! {
            li { svg class="swatch-of chart" viewBox="0 0 24 12" aria-hidden="true" { (shape) } (text) }
        }
    };
    let bar = |fill: &str, class: &str| html! { rect class=(class) x="0" y="1" width="24" height="10" fill=(fill) {} };
    html! {
        ul.key aria-label=(l.say("Legend", "图例")) {
            (swatch(
                html! { path.range d="M0 1H24V11H0Z" {} path.mean d="M0 6H24" {} },
                l.say("mean, and from least to greatest", "均值及最小至最大范围"),
            ))
            @if seen.provisional {
                (swatch(
                    html! { rect x="0" y="1" width="24" height="10" fill="url(#p-provisional)" {} path class="mean provisional" d="M0 6H24" {} },
                    l.say("provisional: may still change", "初步：仍可能变化"),
                ))
            }
            @if seen.partial { (swatch(bar("url(#p-missing)", ""), l.say("nodes were missing", "部分节点缺失"))) }
            @if seen.withheld {
                (swatch(bar("url(#p-withheld)", "withheld"), l.say("few people: only the range is told", "人数较少：只给出范围")))
            }
            @if seen.saturated {
                (swatch(html! { path.least d="M8 10h8l-4-7z" {} }, l.say("at least: a sensor was at its limit", "至少：传感器已达量程上限")))
            }
            @if seen.expected {
                (swatch(
                    html! { path.bounds d="M0 1H24V11H0Z" {} path.ahead d="M0 6H24" {} },
                    l.say("forecast with its bounds", "预报及其范围"),
                ))
            }
            @for severity in &seen.severities {
                @let fill = match severity {
                    Severity::Minor => Some("url(#p-minor)"),
                    Severity::Moderate => Some("url(#p-moderate)"),
                    Severity::Severe => Some("url(#p-severe)"),
                    Severity::Extreme => None,
                };
                (swatch(
                    html! { rect class={ "spell " (class(Standing::Alert(*severity))) } x="1" y="2" width="22" height="8" fill=[fill] {} },
                    &l.say(
                        format!("alert, {}", words::severity(l, *severity).to_lowercase()),
                        format!("警报：{}", words::severity(l, *severity)),
                    ),
                ))
            }
            @if seen.cancelled {
                (swatch(
                    html! { rect class="spell cancelled s-unknown" x="1" y="2" width="22" height="8" fill="none" {} },
                    l.say("alert that was cancelled", "已撤销的警报"),
                ))
            }
        }
    }
}

/// The patterns, once on a page that has charts, outside of what is refreshed.
pub(crate) fn patterns() -> Markup {
    let hatch = |id: &str, kind: &str, step: u8, turn: i16| {
        html! {
            pattern id=(id) width=(step) height=(step) patternUnits="userSpaceOnUse" patternTransform=(format!("rotate({turn})")) {
                rect class={ "pale " (kind) } width=(step) height=(step) {}
                rect class=(kind) width=(step / 2) height=(step) {}
            }
        }
    };
    html! {
        svg.patterns width="0" height="0" aria-hidden="true" focusable="false" {
            defs {
                (hatch("p-missing", "k-missing", 6, 45))
                (hatch("p-withheld", "k-withheld", 8, 45))
                (hatch("p-provisional", "k-provisional", 6, -45))
                (hatch("p-moderate", "k-moderate", 6, 45))
                pattern #p-minor width="5" height="5" patternUnits="userSpaceOnUse" {
                    rect class="pale k-minor" width="5" height="5" {}
                    circle class="k-minor" cx="2.5" cy="2.5" r="1.5" {}
                }
                pattern #p-severe width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect class="pale k-severe" width="6" height="6" {}
                    path class="k-severe" d="M0 0H6V2.5H2.5V6H0Z" {}
                }
            }
        }
    }
}
