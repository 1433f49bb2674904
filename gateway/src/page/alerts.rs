//! The list of alerts: what, where, how bad, how sure, since when.

use std::collections::BTreeMap;

use maud::{Markup, html};
use pipeline::alert::{Reason, State};
use pipeline::calendar::Millis;
use pipeline::rules::{Severity, Value};

use super::filter::Filter;
use super::marks::{class, mark};
use super::slice::Slice;
use super::{View, city_name, desk, document, header, words};
use crate::board::picture::{AlertPicture, Standing};
use crate::language::{Language, kinds, terms};

/// Most alerts that the overview lists, and a page of the whole list.
const SHOWN_MAX: usize = 30;
const PAGE_LEN: usize = 50;
/// Most ended ones.
const ENDED_MAX: usize = 12;

/// The list of the overview; `kept` is what its address says beside the filter.
pub(super) fn draw(view: &View, filter: &Filter, kept: &[(&str, &str)]) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let wanted = |alert: &&AlertPicture| filter.matches(l, alert);
    let open: Vec<&AlertPicture> = picture.alerts_open().filter(wanted).collect();
    let all = picture.alerts_open().count();
    let ended = picture.alerts.iter().filter(wanted);
    let ended = ended.filter(|alert| !alert.latest.state.is_open());
    // A district that comes back would push everything else out of the list, node by node.
    let (silences, ended): (Vec<&AlertPicture>, Vec<_>) =
        ended.partition(|alert| alert.latest.node.is_some());
    let unknown = picture
        .zones
        .iter()
        .filter(|zone| zone.standing == Standing::Unknown)
        .count();
    html! {
        section #alerts data-live aria-labelledby="alerts-title" {
            h2 #alerts-title {
                (l.say("Alerts", "警报"))
                small { (counted(l, open.len(), all)) }
            }
            (folded(view, filter, "/", kept))
            @if open.is_empty() && all > 0 {
                p.calm { (l.say("No open alert is like that.", "没有符合条件的未结束警报。")) }
            } @else if open.is_empty() {
                p.calm {
                    (l.say("No open alerts.", "没有未结束的警报。"))
                    @if unknown > 0 {
                        " " (l.say(
                            format!("{unknown} zones have no fresh data: this is not an all-clear."),
                            format!("{unknown}个区域无新数据：这并不表示警报解除。"),
                        ))
                    }
                }
            }
            ol.alerts {
                @for alert in open.iter().take(SHOWN_MAX) { (item(view, alert)) }
            }
            (more(l, filter, open.len(), SHOWN_MAX))
            (super::silences::brief(view))
            @if !ended.is_empty() || !silences.is_empty() {
                h3 { (l.say("Ended lately", "近期结束")) }
                ol.alerts.ended {
                    @for alert in ended.iter().take(ENDED_MAX) { (item(view, alert)) }
                    @for (zone, nodes) in by_zone(&silences) { (silence(view, zone, &nodes)) }
                }
                (more(l, filter, ended.len(), ENDED_MAX))
            }
        }
    }
}

/// Most alerts of a moment of the past.
const PAST_MAX: usize = 200;

/// The list of a moment that is over; nothing is called calm where it is not known.
pub(super) fn past(view: &View, is_known: bool) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let open = picture.alerts_open().count();
    let hidden = picture.alerts.len().saturating_sub(PAST_MAX);
    html! {
        section #alerts data-live aria-labelledby="alerts-title" {
            h2 #alerts-title { (l.say("Alerts", "警报")) @if is_known { small { (counted(l, open, open)) } } }
            @if !is_known { p.calm { (l.say("Not known: this is not an all-clear.", "未知：这并不表示警报解除。")) } }
            @else if picture.alerts.is_empty() { p.calm { (l.say("No alerts.", "没有警报。")) } }
            ol.alerts { @for alert in picture.alerts.iter().take(PAST_MAX) { (item(view, alert)) } }
            @if hidden > 0 {
                p.more { (l.say(format!("{hidden} more are not listed here."), format!("另有{hidden}条未列出。"))) }
            }
        }
    }
}

/// `5 open`, or `2 of 5 open` of a filtered list.
fn counted(l: Language, shown: usize, all: usize) -> String {
    match shown == all {
        true => l.say(format!("{all} open"), format!("{all}条未结束")),
        false => l.say(
            format!("{shown} of {all} open"),
            format!("{all}条未结束中的{shown}条"),
        ),
    }
}

/// The filter, folded away while it is not in use.
fn folded(view: &View, filter: &Filter, path: &str, kept: &[(&str, &str)]) -> Markup {
    html! {
        details #filter open[filter.is_on()] {
            summary { (view.language().say("Filter", "筛选")) }
            (filter.form(view, path, kept))
        }
    }
}

/// The page of all alerts that are not forgotten yet: open ones first, the worst first.
pub fn whole(view: &View, filter: &Filter) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let wanted: Vec<&AlertPicture> = picture
        .alerts
        .iter()
        .filter(|alert| filter.matches(l, alert))
        .collect();
    let open = wanted
        .iter()
        .filter(|alert| alert.latest.state.is_open())
        .count();
    let slice = Slice::of(wanted.len(), PAGE_LEN, filter.page());
    let title = l.say("Alerts", "警报");
    let body = html! {
        (header::draw(view))
        main.one {
            section #alerts data-live aria-labelledby="alerts-title" {
                h2 #alerts-title {
                    (title)
                    small {
                        (counted(l, open, picture.alerts_open().count()))
                        (l.say(format!(", {} ended", wanted.len() - open), format!("，{}条已结束", wanted.len() - open)))
                    }
                }
                (filter.form(view, "/alerts", &[]))
                ol.alerts { @for alert in &wanted[slice.range()] { (item(view, alert)) } }
                @if wanted.is_empty() { p.calm { (l.say("No alert is like that.", "没有符合条件的警报。")) } }
                (slice.links(l, "/alerts", &filter.query()))
            }
        }
    };
    document(
        view,
        &format!("{title} · {}", city_name(&picture.face)),
        "/alerts",
        body,
    )
}

/// Ended silences of each zone, by the zone's name.
fn by_zone<'a>(silences: &[&'a AlertPicture]) -> BTreeMap<&'a str, Vec<&'a AlertPicture>> {
    let mut zones = BTreeMap::<&str, Vec<&AlertPicture>>::new();
    for &alert in silences {
        let zone = zones.entry(&alert.latest.zone_name).or_default();
        zone.push(alert);
    }
    zones
}

/// One line for all nodes of a zone that were silent and are heard again.
fn silence(view: &View, zone: &str, nodes: &[&AlertPicture]) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let ends = nodes
        .iter()
        .map(|alert| alert.latest.end.unwrap_or(alert.latest.updated));
    let end = ends.max().unwrap_or(picture.now);
    let standing = Standing::Alert(Severity::Minor);
    html! {
        li class={ "alert " (class(standing)) } {
            p.what { (mark(standing)) span.kind { (kinds::alert("silence", l)) } span.zone { (zone) } }
            p.peak {
                @let count = nodes.len();
                b { (count) }
                (match count {
                    1 => l.say(" node was not heard for a time", "个节点曾失联"),
                    _ => l.say(" nodes were not heard for a time", "个节点曾失联"),
                })
            }
            p.sure {
                (l.say("ended", "结束于")) " " (clock(view, end))
            }
        }
    }
}

fn more(l: Language, filter: &Filter, count: usize, shown: usize) -> Markup {
    html! {
        @if count > shown {
            p.more { a href={ "/alerts?" (filter.query()) } { (l.say(format!("and {} more", count - shown), format!("另有{}条", count - shown))) } }
        }
    }
}

fn item(view: &View, alert: &AlertPicture) -> Markup {
    let l = view.language();
    let latest = &alert.latest;
    let standing = Standing::Alert(latest.severity);
    let (word, since) = match latest.end {
        Some(end) if !latest.state.is_open() => (l.say("ended", "结束于"), end),
        _ if !latest.state.is_open() => (l.say("ended", "结束于"), latest.updated),
        _ => (l.say("since", "始于"), latest.onset),
    };
    html! {
        li class={ "alert " (class(standing)) } {
            a #{ "a-" (latest.id) } href={ "/alert/" (latest.id) } {
                p.what {
                    (mark(standing))
                    strong.severity { (words::severity(l, latest.severity)) }
                    span.kind { (kinds::alert(latest.kind.as_str(), l)) }
                    span.zone { (latest.zone_name) }
                }
                p.peak { (peak(view, alert)) }
                p.sure {
                    span class={ "state" @if latest.state == State::Unconfirmed { " partial" } } {
                        (words::state(l, latest.state))
                        // How it ended matters as much as that it did: no data is no all-clear. And so does whose word it is.
                        @if !matches!(latest.state, State::Raised | State::Updated) || latest.reason == Reason::NodeAlarm { (l.say(": ", "：")) (words::reason(l, latest.reason)) }
                    }
                    " · " (word) " " (clock(view, since))
                    " · " (words::nodes(l, latest.completeness, latest.suspect))
                    @if latest.provisional { " · " span.provisional { (l.say("provisional", "初步")) } }
                    @if let Some(by) = &latest.acknowledged { " · " span.acknowledged { (l.say("taken on by ", "已接手：")) (by) } }
                }
                (desk::line(view, alert))
            }
        }
    }
}

/// A moment with its age: `09:42 (11 min)`.
fn clock(view: &View, at: Millis) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let face = &picture.face;
    html! {
        time datetime=(words::instant(face, at)) { (words::moment(l, face, at, picture.now)) }
        (l.say(" (", "（")) (words::age(l, picture.now - at)) (l.say(")", "）"))
    }
}

/// What was measured, and against which line.
pub(super) fn peak(view: &View, alert: &AlertPicture) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    let latest = &alert.latest;
    let value = face.rule(latest.rule).map(|rule| rule.value);
    let name = value.map_or(l.say("Value", "数值"), |value| {
        words::value_name(l, value)
    });
    if value == Some(Value::Silence) {
        let silent_s = latest.value.0;
        return html! {
            @if let Some(node) = latest.node { b { (node) } " " }
            (l.say("not heard for ", "失联已")) b { (words::age(l, silent_s)) }
        };
    }
    let unit = terms::unit(latest.unit, l);
    html! {
        (name) (l.say(" peak ", "峰值")) b { (words::number(alert.value)) @if !unit.is_empty() { " " (unit) } }
        span.threshold { (l.say(", line at ", "，警戒值")) (words::rounded(latest.threshold)) }
        @if let Some(node) = latest.node { " · " (l.say("node ", "节点")) (node) }
    }
}
