//! Figures, units, times and states as people read them.

use pipeline::alert::{Completeness, Reason, Revision, State};
use pipeline::calendar::{DAY, HOUR, MINUTE, Millis, SECOND};
use pipeline::exposure::{Exposed, Exposure, Footprint};
use pipeline::rules::{Severity, Value};
use pipeline::science::air::Category;
use wire::{Milli, NodeId};

use super::Theme;
use crate::axes;
use crate::board::Face;
use crate::board::picture::Standing;
use crate::language::{Both, Language, terms};
use crate::privacy::Shown;

/// `09:42:05` in the city.
pub(super) fn time(face: &Face, at: Millis) -> String {
    written(face, at, "%H:%M:%S")
}

/// `09:42` in the city.
pub(super) fn minute(face: &Face, at: Millis) -> String {
    written(face, at, "%H:%M")
}

/// `Sun 22 Nov 2026` in the city.
pub(super) fn date(l: Language, face: &Face, at: Millis) -> String {
    written(face, at, l.say("%a %-d %b %Y", "%Y年%-m月%-d日"))
}

/// `2026-11-22T09:42:05+08:00`: for programs that read the page.
pub(super) fn instant(face: &Face, at: Millis) -> String {
    written(face, at, "%Y-%m-%dT%H:%M:%S%:z")
}

/// `09:42` today, `Sat 21 Nov 09:42` on other days, in the city.
pub(super) fn moment(l: Language, face: &Face, at: Millis, now: Millis) -> String {
    let day = |at| written(face, at, "%Y-%m-%d");
    if day(at) == day(now) {
        return minute(face, at);
    }
    written(face, at, l.say("%a %-d %b %H:%M", "%-m月%-d日 %H:%M"))
}

/// `+08:00`: how far the city's clock is ahead of UTC.
pub(super) fn offset(face: &Face, at: Millis) -> String {
    written(face, at, "%:z")
}

fn written(face: &Face, at: Millis, format: &str) -> String {
    axes::written(at, format, &face.time_zone)
}

/// `4 s`, `11 min`, `3 h 12 min`, `2 d 5 h`.
pub(super) fn age(l: Language, span: Millis) -> String {
    let [d, h, min, s] = l.say([" d", " h", " min", " s"], ["天", "小时", "分钟", "秒"]);
    match span.max(0) {
        span if span < MINUTE => format!("{}{s}", span / SECOND),
        span if span < HOUR => format!("{}{min}", span / MINUTE),
        span if span < DAY => format!("{}{h} {}{min}", span / HOUR, span % HOUR / MINUTE),
        span => format!("{}{d} {}{h}", span / DAY, span % DAY / HOUR),
    }
}

/// `4 s ago`.
pub(super) fn ago(l: Language, span: Millis) -> String {
    l.say(
        format!("{} ago", age(l, span)),
        format!("{}前", age(l, span)),
    )
}

/// `7 of 8`.
pub(super) fn heard(l: Language, completeness: Completeness) -> String {
    let Completeness { heard, expected } = completeness;
    l.say(
        format!("{heard} of {expected}"),
        format!("{heard}/{expected}"),
    )
}

/// `7 of 8 nodes`, or `7 of 8 nodes, 1 suspect`.
pub(super) fn nodes(l: Language, completeness: Completeness, suspect: u32) -> String {
    let heard = heard(l, completeness);
    let nodes = l.say(format!("{heard} nodes"), format!("{heard}个节点"));
    match suspect {
        0 => nodes,
        _ => l.say(
            format!("{nodes}, {suspect} suspect"),
            format!("{nodes}，{suspect}个可疑"),
        ),
    }
}

/// Three significant digits or the whole number, whichever is longer: `0.042`, `4.21`, `38.5`, `1204`.
pub(crate) fn number(shown: Shown) -> String {
    match shown {
        Shown::Exact(figure) => rounded(figure),
        Shown::Under(limit) => format!("< {}", rounded(limit)),
    }
}

pub(crate) fn rounded(figure: Milli) -> String {
    let step = match figure.0.unsigned_abs() {
        0..1_000 => 1,
        1_000..10_000 => 10,
        10_000..100_000 => 100,
        _ => 1_000,
    };
    let units = wire::milli::divide_rounded(i128::from(figure.0), step) * step;
    Milli(i64::try_from(units).unwrap_or(figure.0)).to_string()
}

/// Colours of the page.
pub(super) fn theme(l: Language, theme: Theme) -> &'static str {
    match theme {
        Theme::Auto => l.say("Auto", "自动"),
        Theme::Light => l.say("Light", "浅色"),
        Theme::Dark => l.say("Dark", "深色"),
    }
}

/// A unit without the curly braces and codes of UCUM.
pub(super) fn unit(l: Language, value: Value) -> &'static str {
    terms::unit(value.unit(), l)
}

pub(super) fn value_name(l: Language, value: Value) -> &'static str {
    terms::value(value).to(l)
}

/// A class of air in two words.
pub(super) fn category(l: Language, category: &Category) -> &'static str {
    match category.english {
        "Unhealthy for Sensitive Groups" => l.say("Sensitive groups", category.chinese),
        short => l.say(short, category.chinese),
    }
}

pub(super) fn severity(l: Language, severity: Severity) -> &'static str {
    terms::severity(severity).to(l)
}

pub(super) fn standing(l: Language, standing: Standing) -> &'static str {
    match standing {
        Standing::Normal => l.say("Normal", "正常"),
        Standing::Unknown => l.say("No fresh data", "无新数据"),
        Standing::Alert(worst) => severity(l, worst),
    }
}

pub(super) fn state(l: Language, state: State) -> &'static str {
    let both = match state {
        State::Raised => Both("Raised", "已发出"),
        State::Updated => Both("Updated", "已更新"),
        State::Unconfirmed => Both("Unconfirmed", "待核实"),
        State::Cleared => Both("Cleared", "已解除"),
        State::Cancelled => Both("Cancelled", "已撤销"),
    };
    both.to(l)
}

/// Whether a figure may still change, and for want of whom.
pub(super) fn finality(l: Language, waits_for: Option<NodeId>) -> String {
    match waits_for {
        Some(node) => l.say(
            format!("provisional: {node} is not heard past it"),
            format!("初步：{node} 尚未报到此刻"),
        ),
        None => l.say("final", "最终").to_owned(),
    }
}

/// What an alert that is somebody's work would have become.
pub(super) fn proposal(l: Language, state: State) -> &'static str {
    match state {
        State::Cancelled => l.say(
            "proposes that it was never true, a person is to confirm",
            "系统认为警报不成立，待人工确认",
        ),
        _ => l.say(
            "proposes its end, a person is to confirm",
            "系统认为警报已结束，待人工确认",
        ),
    }
}

/// Why a person's word is asked for.
pub(super) fn to_settle(l: Language, latest: &Revision) -> String {
    match latest.desk.proposed {
        Some(state) => l.say(
            format!("It {}.", proposal(l, state)),
            format!("{}。", proposal(l, state)),
        ),
        None => l
            .say(
                "It is unconfirmed: does it stand?",
                "尚未证实：警报是否成立？",
            )
            .to_owned(),
    }
}

/// What a form asked for, by its verb.
pub(super) fn recorded(l: Language, verb: &str) -> Option<&'static str> {
    let both = match verb {
        "acknowledge" => Both("taken on", "已接手"),
        "comment" => Both("your comment", "您的备注"),
        "assign" => Both("whose work it is", "负责人"),
        "settle" => Both("your word on it", "您的确认"),
        "silence" => Both("the silence", "静默"),
        "quarantine" => Both("the quarantine", "隔离"),
        "release" => Both("the release", "解除隔离"),
        _ => return None,
    };
    Some(both.to(l))
}

/// A footprint in a line: whom it reaches, by what, and how far that may be off.
pub(super) fn footprint(
    l: Language,
    face: &Face,
    exposure: &Exposure,
    footprint: &Footprint,
) -> String {
    let people = face.floor.people(&footprint.people);
    let quantity = terms::quantity(exposure.quantity).to(l);
    let unit = terms::unit(exposure.quantity.unit(), l);
    let source = face.source_name(exposure.source);
    let Footprint {
        level, from, reach, ..
    } = footprint;
    let mut text = l.say(
        format!("{quantity} from {source}: {level} ({from} {unit}) or more reaches {reach} m and {people} people"),
        format!("{source}泄漏的{quantity}：{level}（{from} {unit}）及以上可达{reach}米，涉及{people}人"),
    );
    text += &match exposure.plume.from {
        Some(from) => l.say(
            format!(", wind from {:.0}°", from.to_f64()),
            format!("，风向{:.0}°", from.to_f64()),
        ),
        None => l
            .say(
                ", in any direction: no wind says which",
                "，无风向数据，可能向任何方向扩散",
            )
            .to_owned(),
    };
    text += &in_reach(l, &footprint.places, footprint.uncounted);
    text + l.say(
        ". By a plume model, right within a factor of two to three.",
        "。依据烟羽模型，误差在两到三倍以内。",
    )
}

/// Whom a leak reaches, with its doubts.
pub(super) fn exposed(l: Language, face: &Face, exposed: &Exposed) -> String {
    let people = face.floor.people(&exposed.people);
    let (level, source) = (&exposed.level, face.source_name(exposed.source));
    let text = l.say(
        format!("{people} people at {level} or more from {source}, right within a factor of two to three"),
        format!("{source}周围{level}及以上涉及{people}人，误差在两到三倍以内"),
    );
    text + &in_reach(l, &exposed.places, exposed.uncounted)
}

/// What stands where a leak reaches, and how much of it nobody counts.
fn in_reach(l: Language, places: &[impl AsRef<str>], uncounted: u32) -> String {
    let mut text = String::new();
    if !places.is_empty() {
        let names: Vec<&str> = places.iter().map(AsRef::as_ref).collect();
        text += l.say("; in it: ", "；其中有：");
        text += &names.join(l.say(", ", "、"));
    }
    if uncounted > 0 {
        text += &l.say(
            format!("; zones that nobody counts: {uncounted}"),
            format!("；另有{uncounted}个区域无人数统计"),
        );
    }
    text
}

/// Why, as the end of a sentence that begins with the state.
#[rustfmt::skip] // one reason, one line
pub(super) fn reason(l: Language, reason: Reason) -> &'static str {
    let both = match reason {
        Reason::Threshold => Both("past its threshold", "越过警戒值"),
        Reason::NodeAlarm => Both("a single node's own alarm, to be confirmed or refuted by its zone", "单个节点自身报警，待所在区域证实或否定"),
        Reason::Confirmed => Both("confirmed by the zone's own values", "已由区域数值证实"),
        Reason::Refuted => Both("a node's alarm that its zone's values do not bear out", "节点报警未得到区域数值证实"),
        Reason::BackToNormal => Both("back to normal", "已恢复正常"),
        Reason::NoData => Both("no data, which is not an all-clear", "数据中断，并不表示警报解除"),
        Reason::Correction => Both("corrected by late or withdrawn readings", "依据迟到或撤回的读数更正"),
        Reason::RuleChange => Both("the rules changed", "规则已变更"),
        Reason::Registry => Both("the city's nodes or zones changed", "城市的节点或区域已变更"),
        Reason::Quarantine => Both("a node's readings were withdrawn, or came back", "某节点的读数被撤回或恢复"),
        Reason::Commented => Both("somebody wrote about it", "有人添加了备注"),
        Reason::Assigned => Both("somebody's work now, or nobody's", "已指派或取消指派"),
        Reason::Proposed => Both("would have ended, a person is to confirm", "数值显示应已结束，待人工确认"),
        Reason::Settled => Both("settled by a named person", "已由人员确认"),
        Reason::Silenced => Both("silenced, or no longer", "已静默或解除静默"),
        Reason::Escalated => Both("nobody acknowledged it in time", "未及时确认，已上报"),
        Reason::Acknowledged => Both("acknowledged", "已确认"),
        Reason::Silence => Both("a node fell silent or spoke again", "节点失去信号或恢复信号"),
        Reason::Exposure => Both("the leak reaches others than before", "泄漏影响范围有变化"),
        Reason::Merged => Both("merged with another alert", "已并入另一警报"),
        Reason::Split => Both("split from another alert", "由另一警报分出"),
        Reason::DidNotCome => Both("not forecast any more, and none of it had come", "不再预报，且预报的情况未发生"),
    };
    both.to(l)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::board::sample::{NOON, face};

    #[test]
    fn times_are_the_citys_own() {
        let face = face();
        assert_eq!(time(&face, NOON), "09:00:00");
        assert_eq!(date(Language::English, &face, NOON), "Sun 22 Nov 2026");
        assert_eq!(offset(&face, NOON), "+08:00");
        assert_eq!(time(&face, i64::MAX), "?");
    }

    #[test]
    fn ages_and_numbers_are_short() {
        let ages =
            [999, 59_000, 60_000, 11_520_000, 190_800_000].map(|span| age(Language::English, span));
        assert_eq!(ages, ["0 s", "59 s", "1 min", "3 h 12 min", "2 d 5 h"]);
        let numbers = [42, 4_213, 38_549, 1_204_400, -4_999].map(|n| rounded(Milli(n)));
        assert_eq!(numbers, ["0.042", "4.21", "38.5", "1204", "-5"]);
        assert_eq!(number(Shown::Under(Milli(5000))), "< 5");
    }
}
