//! How a node is, in a line.

use pipeline::calendar::Millis;
use pipeline::quality::{Cause, Flaw, Withdrawal};

use super::words;
use crate::board::Face;
use crate::board::picture::{NodePicture, REFUSED_LATELY};
use crate::language::{Both, Language, terms};

/// `4 s ago`, `silent for 12 min`, `not heard yet`; and what of it does not count.
pub(super) fn of(l: Language, node: &NodePicture, now: Millis) -> String {
    let mut parts = vec![heard(l, node, now)];
    parts.extend(node.quarantined().map(|row| withdrawn(l, row)));
    if let Some(refused) = node.refused_age.filter(|age| *age < REFUSED_LATELY) {
        let ago = words::ago(l, refused);
        parts.push(l.say(
            format!("something in its name was refused {ago}"),
            format!("{ago}有以其名义发送的数据被拒绝"),
        ));
    }
    parts.join(l.say(" · ", "；"))
}

/// When it was last heard.
pub(super) fn heard(l: Language, node: &NodePicture, now: Millis) -> String {
    match (node.record.silent_since, node.age) {
        (Some(since), _) => {
            let span = words::age(l, now - since);
            l.say(format!("silent for {span}"), format!("失去信号{span}"))
        }
        (None, Some(age)) => words::ago(l, age),
        (None, None) => l.say("not heard yet", "尚未报到").to_owned(),
    }
}

/// `Methane withdrawn: stuck`.
pub(super) fn withdrawn(l: Language, row: &Withdrawal) -> String {
    let what = match row.quantity {
        Some(quantity) => terms::quantity(quantity).to(l),
        None => l.say("everything", "全部读数"),
    };
    let why = match &row.cause {
        Cause::Operator(by) => l.say(format!("by {by}"), format!("由{by}")),
        Cause::Flaw(flaw) => self::flaw(*flaw).to(l).to_owned(),
    };
    l.say(
        format!("{what} withdrawn: {why}"),
        format!("{what}已撤回：{why}"),
    )
}

/// `Sun 22 Nov 2026 09:12:01` in the city.
pub(super) fn moment(l: Language, face: &Face, at: Millis) -> String {
    format!("{} {}", words::date(l, face, at), words::time(face, at))
}

/// What is wrong with a sensor.
pub(super) fn flaw(flaw: Flaw) -> Both {
    match flaw {
        Flaw::Stuck => Both("stuck", "数值不变"),
        Flaw::Spiking => Both("spiking", "数值跳变"),
        Flaw::OutOfRange => Both("out of its range", "超出量程"),
        Flaw::Disagreeing => Both("unlike its neighbours", "与邻近节点不一致"),
        Flaw::NoHits => Both("counts nothing", "没有计数"),
        Flaw::Chatter => Both("counts too much", "计数过多"),
        Flaw::LockedOn => Both("always occupied", "持续占用"),
        Flaw::NoChange => Both("occupancy never changes", "占有率不变"),
        Flaw::OccupancySpikes => Both("occupancy jumps", "占有率跳变"),
        Flaw::Failing => Both("fails quality tests", "未通过质量检验"),
    }
}
