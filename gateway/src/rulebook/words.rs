//! Rules in sentences of either language.

use pipeline::calendar::{DAY, HOUR, MINUTE, Millis, SECOND};
use pipeline::quality::{DetectorLimits, QualityRule};
use pipeline::rules::{Danger, Rule, Statistic, Value};
use pipeline::science::qartod::pane::FlagRule;
use wire::Milli;

use crate::language::{Both, Language, terms};
use crate::page::words::rounded;

/// `Crowd density (mean) at 4 people/m² or more for 30 s raises a severe alert; it ends below 3.5 people/m² for 1 min.`
pub fn of_rule(l: Language, rule: &Rule) -> String {
    let c = &rule.condition;
    let severity = terms::severity(c.severity).to(l);
    if c.value == Value::Silence {
        let after = lasting(l, c.raise_at.0);
        return l.say(
            format!("A node that says nothing for {after}, or for the time of its own, raises {}; it ends when the node is heard again.", an_alert(severity)),
            format!("节点超过{after}（或其自身规定的时间）无信号时，发出“{severity}”警报；恢复信号后解除。"),
        );
    }
    let (name, unit) = (terms::value(c.value).to(l), terms::unit(c.value.unit(), l));
    let statistic = statistic(c.statistic).to(l);
    let amount = |at: Milli| format!("{} {unit}", rounded(at)).trim_end().to_owned();
    let (raise, clear) = (amount(c.raise_at), amount(c.clear_at));
    let held = |time: Millis| match time {
        0 => String::new(),
        time => {
            let time = lasting(l, time);
            l.say(format!(" for {time}"), format!("并持续{time}"))
        }
    };
    let (raised, cleared) = (held(c.raise_after), held(c.clear_after));
    let is_above = c.direction == Danger::Above;
    let (past, back) = match is_above {
        true => (Both("or more", "达到或超过"), Both("below", "低于")),
        false => (Both("or less", "达到或低于"), Both("above", "高于")),
    };
    let (past, back) = (past.to(l), back.to(l));
    l.say(
        format!("{name} ({statistic}) at {raise} {past}{raised} raises {}; it ends {back} {clear}{cleared}.", an_alert(severity)),
        format!("{name}（{statistic}）{past}{raise}{raised}时，发出“{severity}”警报；{back}{clear}{cleared}后解除。"),
    )
}

/// `an extreme alert`.
fn an_alert(severity: &str) -> String {
    let severity = severity.to_lowercase();
    let article = match severity.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => "an",
        false => "a",
    };
    format!("{article} {severity} alert")
}

pub fn statistic(statistic: Statistic) -> Both {
    match statistic {
        Statistic::Mean => Both("mean", "均值"),
        Statistic::Min => Both("least", "最小值"),
        Statistic::Max => Both("greatest", "最大值"),
        Statistic::Last => Both("last", "最新值"),
        Statistic::Count => Both("number of readings", "读数个数"),
    }
}

/// `1 h 30 min`, without parts that are zero.
pub fn lasting(l: Language, time: Millis) -> String {
    let mut rest = time.max(0);
    let mut parts = Vec::new();
    for (unit, name) in [
        (DAY, Both(" d", "天")),
        (HOUR, Both(" h", "小时")),
        (MINUTE, Both(" min", "分钟")),
        (SECOND, Both(" s", "秒")),
    ] {
        if rest >= unit {
            parts.push(format!("{}{}", rest / unit, name.to(l)));
            rest %= unit;
        }
    }
    match parts.is_empty() {
        true => l.say("0 s", "0秒").to_owned(),
        false => parts.join(l.say(" ", "")),
    }
}

/// What withdraws a sensor's readings, and what flags its panes.
pub fn of_quality(l: Language, rule: &QualityRule) -> String {
    let unit = terms::unit(rule.quantity.unit(), l);
    let name = terms::quantity(rule.quantity).to(l);
    let time = |time: Millis| lasting(l, time);
    let mut bad = Vec::new();
    if let Some(stuck) = rule.stuck {
        let stuck = time(stuck);
        bad.push(l.say(
            format!("the same value for {stuck}"),
            format!("{stuck}内数值不变"),
        ));
    }
    if let Some(spike) = rule.spike {
        let (count, by, within) = (spike.count, spike.by, time(spike.within));
        bad.push(l.say(
            format!("{count} jumps by {by} {unit} within {within}"),
            format!("{within}内跳变{count}次，幅度达{by} {unit}"),
        ));
    }
    if let Some((low, high)) = rule.range {
        bad.push(l.say(
            format!("outside {low} to {high} {unit}"),
            format!("超出{low}至{high} {unit}"),
        ));
    }
    if let Some(neighbours) = rule.neighbours {
        let (by, lasting) = (neighbours.by, time(neighbours.lasting));
        bad.push(l.say(
            format!("{by} {unit} from its neighbours for {lasting}"),
            format!("与邻近节点相差{by} {unit}达{lasting}"),
        ));
    }
    if let Some(limits) = &rule.detector {
        bad.extend(detector(l, limits));
    }
    let mut found = Vec::new();
    if let Some(flags) = &rule.flags {
        found = self::flags(l, flags, unit);
        if let Some(fails) = &flags.fails {
            let (count, within) = (fails.count, time(fails.within));
            bad.push(l.say(
                format!("{count} failing panes within {within}"),
                format!("{within}内{count}个时段不合格"),
            ));
        }
    }
    let (or, comma) = (l.say(", or ", "，或"), l.say(", ", "，"));
    let mut text = String::new();
    if !bad.is_empty() {
        let bad = bad.join(or);
        text += &l.say(
            format!("{name}: readings of a node are withdrawn that shows {bad}."),
            format!("{name}：节点出现以下情况时撤回其读数：{bad}。"),
        );
        if let Some(recover) = rule.recover {
            let recover = time(recover);
            text += &l.say(
                format!(" They count again {recover} after it was good."),
                format!("恢复正常{recover}后重新采用。"),
            );
        }
    }
    if !found.is_empty() {
        let found = found.join(comma);
        let gap = if text.is_empty() { "" } else { l.say(" ", "") };
        text += gap;
        text += &l.say(
            format!("{name}: panes are flagged: {found}."),
            format!("{name}：对时段作标记：{found}。"),
        );
    }
    text
}

fn detector(l: Language, limits: &DetectorLimits) -> Vec<String> {
    let time = |what: Both, limit: Option<Millis>| {
        limit.map(|limit| {
            let limit = lasting(l, limit);
            l.say(format!("{} {limit}", what.0), format!("{}{limit}", what.1))
        })
    };
    let chatter = limits.chatter.map(|count| {
        l.say(
            format!("{count} vehicles in 30 s"),
            format!("30秒内计数{count}辆"),
        )
    });
    let all = [
        time(Both("no vehicle for", "无车辆达"), limits.no_hits),
        chatter,
        time(Both("always occupied for", "持续占用达"), limits.locked_on),
        time(Both("one occupancy for", "占有率不变达"), limits.no_change),
        time(
            Both("occupancy that jumps for more than", "占有率跳变超过"),
            limits.occupancy_spikes,
        ),
    ];
    all.into_iter().flatten().collect()
}

fn flags(l: Language, flags: &FlagRule, unit: &str) -> Vec<String> {
    let (suspect, fail) = (l.say("suspect", "可疑"), l.say("failing", "不合格"));
    let outside = |flag: &str, range: Option<(Milli, Milli)>| {
        range.map(|(low, high)| {
            l.say(
                format!("{flag} outside {low} to {high} {unit}"),
                format!("超出{low}至{high} {unit}为{flag}"),
            )
        })
    };
    let past = |flag: &str, what: Both, by: Option<Milli>| {
        by.map(|by| {
            l.say(
                format!("{flag} {} {by} {unit}", what.0),
                format!("{}{by} {unit}为{flag}", what.1),
            )
        })
    };
    let spike = Both("off its neighbours in time by", "与前后时段相差");
    let beside = Both("off the zone's other nodes by", "与区域其他节点相差");
    let changing = Both("changing by", "变化");
    let rate = flags
        .rate
        .as_ref()
        .map(|rate| (rate.by, lasting(l, rate.per)));
    let per = |text: Option<String>| {
        let (_, per) = rate.as_ref()?;
        text.map(|text| l.say(format!("{text} in {per}"), format!("{per}内{text}")))
    };
    let thresholds = rate.as_ref().map(|(by, _)| *by).unwrap_or_default();
    let flat = |flag: &str, time: Option<Millis>| {
        let within = flags.flat.as_ref()?.tolerance;
        time.map(|time| {
            let time = lasting(l, time);
            l.say(
                format!("{flag} within {within} {unit} for {time}"),
                format!("{time}内变化不超过{within} {unit}为{flag}"),
            )
        })
    };
    let seasons = flags.climatology.len();
    let all = [
        outside(suspect, flags.suspect_range),
        outside(fail, flags.fail_range),
        (seasons > 0).then(|| {
            l.say(
                format!("by the usual of {seasons} seasons"),
                format!("按{seasons}个季节的常见范围"),
            )
        }),
        past(suspect, spike, flags.spike.suspect),
        past(fail, spike, flags.spike.fail),
        per(past(suspect, changing, thresholds.suspect)),
        per(past(fail, changing, thresholds.fail)),
        flat(suspect, flags.flat.as_ref().and_then(|flat| flat.suspect)),
        flat(fail, flags.flat.as_ref().and_then(|flat| flat.fail)),
        flags.gap.map(|gap| {
            let gap = lasting(l, gap);
            l.say(format!("a gap after {gap}"), format!("间隔超过{gap}为缺口"))
        }),
        past(suspect, beside, flags.neighbour.suspect),
        past(fail, beside, flags.neighbour.fail),
    ];
    all.into_iter().flatten().collect()
}
