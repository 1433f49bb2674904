//! What CAP messages say in words, English beside Chinese; what has a name elsewhere too is in `language::terms`.

use pipeline::alert::{Reason, State, Status};

pub use crate::language::terms::{severity, value};
pub use crate::language::{Both, Language, terms};

/// What a kind of alert is to the public.
#[derive(Debug)]
pub struct Kind {
    /// As rules name it.
    pub names: &'static [&'static str],
    /// CAP's categories.
    pub categories: &'static [&'static str],
    /// CAP's `responseType` while an alert is open.
    pub response: &'static str,
    pub event: Both,
    pub instruction: Both,
}

#[rustfmt::skip] // one kind, one row
static KINDS: [Kind; 14] = [
    Kind { names: &["gas"], categories: &["CBRNE", "Env"], response: "Evacuate",
        event: Both("Dangerous gas", "有害气体"),
        instruction: Both("Leave the area across the wind, avoid flames and sparks, and follow the emergency services.",
                          "请沿侧风方向撤离，避免明火和火花，并听从救援人员指挥。") },
    Kind { names: &["fire", "smoke", "heat"], categories: &["Fire"], response: "Evacuate",
        event: Both("Fire", "火灾"),
        instruction: Both("Leave the area at once, stay below smoke, and follow the emergency services.",
                          "请立即撤离，避开烟雾，并听从救援人员指挥。") },
    Kind { names: &["flood", "water"], categories: &["Met"], response: "Avoid",
        event: Both("High water", "积水内涝"),
        instruction: Both("Keep away. Do not walk or drive through the water.",
                          "请勿靠近，切勿涉水行走或驾车通过。") },
    Kind { names: &["crowd"], categories: &["Safety"], response: "Avoid",
        event: Both("Dense crowd", "人群密集"),
        instruction: Both("Do not go there. If you are there, do not push, and leave slowly by the nearest way out.",
                          "请勿前往。如在现场，请勿推挤，从最近的出口缓慢离开。") },
    Kind { names: &["air", "smog"], categories: &["Env", "Health"], response: "Avoid",
        event: Both("Polluted air", "空气污染"),
        instruction: Both("Spend less time outdoors, above all children, the old and the ill.",
                          "请减少户外活动，儿童、老人和病人尤应注意。") },
    Kind { names: &["air-early"], categories: &["Env", "Health"], response: "Prepare",
        event: Both("Polluted air ahead", "空气污染预警"),
        instruction: Both("Put off what can wait outdoors, above all for children, the old and the ill.",
                          "请推迟非必要的户外活动，儿童、老人和病人尤应注意。") },
    Kind { names: &["traffic"], categories: &["Transport"], response: "Avoid",
        event: Both("Congested traffic", "交通拥堵"),
        instruction: Both("Choose another way or another time.", "请改道或错峰出行。") },
    Kind { names: &["radiation"], categories: &["CBRNE", "Health"], response: "Shelter",
        event: Both("Raised radiation", "辐射异常"),
        instruction: Both("Go indoors, close doors and windows, and wait for the emergency services.",
                          "请进入室内，关闭门窗，等待救援人员通知。") },
    Kind { names: &["landslide"], categories: &["Geo"], response: "Evacuate",
        event: Both("Landslide danger", "滑坡危险"),
        instruction: Both("Leave steep slopes and the ground below them.", "请离开陡坡及其下方区域。") },
    Kind { names: &["earthquake"], categories: &["Geo"], response: "Shelter",
        event: Both("Strong shaking", "强烈震动"),
        instruction: Both("Take cover under something firm; then leave damaged buildings.",
                          "请躲在坚固物体下方；震动停止后离开受损建筑。") },
    Kind { names: &["hot-weather"], categories: &["Met", "Health"], response: "Avoid",
        event: Both("Dangerous heat", "高温"),
        instruction: Both("Rest in the shade, drink water, and look after the old and the ill.",
                          "请在阴凉处休息，多饮水，并照看老人和病人。") },
    Kind { names: &["noise"], categories: &["Env"], response: "Monitor",
        event: Both("Noise beyond the limit", "噪声超标"),
        instruction: Both("For the authority: find what is loud and see to it.", "请主管部门查明噪声源并处理。") },
    Kind { names: &["water-quality"], categories: &["Env", "Health"], response: "Avoid",
        event: Both("Polluted water", "水质污染"),
        instruction: Both("Keep out of the water, and do not drink it.", "请勿下水，切勿饮用。") },
    Kind { names: &["silence"], categories: &["Infra"], response: "Assess",
        event: Both("Silent sensor", "传感器无信号"),
        instruction: Both("For operators: see to the sensor. What it watched is not known.",
                          "请运维人员检查传感器；其监测对象的情况不明。") },
];

/// Stands for every kind that the table does not have.
static OTHER: Kind = Kind {
    names: &[],
    categories: &["Other"],
    response: "Assess",
    event: Both("Alert", "警报"),
    instruction: Both(
        "Pay attention to the situation and follow the authorities.",
        "请注意情况变化，并听从主管部门指挥。",
    ),
};

pub fn kind(name: &str) -> &'static Kind {
    let known = KINDS.iter().find(|kind| kind.names.contains(&name));
    known.unwrap_or(&OTHER)
}

pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().chain([&OTHER])
}

/// Where an alert stands, as a mark behind its headline.
pub fn state(state: State, reason: Reason) -> Both {
    match (state, reason) {
        (_, Reason::NodeAlarm) => Both("one sensor's alarm", "单个传感器报警"),
        (State::Raised, _) => Both("new", "新发"),
        (State::Updated, _) => Both("continues", "持续"),
        (State::Unconfirmed, _) => Both("unconfirmed", "待核实"),
        (State::Cleared, Reason::NoData) => Both("no data any more", "数据中断"),
        (State::Cleared, _) => Both("over", "已结束"),
        (State::Cancelled, _) => Both("withdrawn", "已撤销"),
    }
}

/// Why a message was sent.
#[rustfmt::skip] // one reason, one line
pub fn reason(reason: Reason) -> Both {
    match reason {
        Reason::Threshold => Both("The threshold was passed.", "数值越过警戒值。"),
        Reason::NodeAlarm => Both("A single sensor raised the alarm; others have yet to confirm it.", "单个传感器发出报警，尚待其他传感器证实。"),
        Reason::Confirmed => Both("A sensor's alarm was confirmed.", "传感器报警已得到证实。"),
        Reason::Refuted => Both("A sensor's alarm was not borne out by the others.", "传感器报警未得到其他传感器证实。"),
        Reason::BackToNormal => Both("The values are back to normal.", "数值已恢复正常。"),
        Reason::NoData => Both("There are no data any more. This is not an all-clear.", "数据中断，并不表示警报解除。"),
        Reason::Correction => Both("Corrected by late or withdrawn readings.", "根据迟到或撤回的读数作了更正。"),
        Reason::RuleChange => Both("The rules of the city changed.", "城市预警规则已变更。"),
        Reason::Registry => Both("The city's register of sensors and zones was corrected.", "城市传感器与区域登记信息已更正。"),
        Reason::Quarantine => Both("A sensor's readings were withdrawn, or came back.", "某传感器的读数已被撤回或恢复。"),
        Reason::Commented => Both("The operations centre added a remark.", "指挥中心补充了说明。"),
        Reason::Assigned => Both("The operations centre is dealing with it.", "指挥中心已安排处置。"),
        Reason::Proposed => Both("By its values it is over; a person has yet to confirm that.", "数值显示事件已结束，尚待人工确认。"),
        Reason::Settled => Both("A person has confirmed how it stands.", "现状已由人工确认。"),
        Reason::Silenced => Both("Notices about it were paused or resumed.", "相关通知已暂停或恢复。"),
        Reason::Escalated => Both("Nobody has taken note yet; more people are told.", "尚无人确认，已扩大通知范围。"),
        Reason::Acknowledged => Both("The operations centre has taken note.", "指挥中心已知悉。"),
        Reason::Silence => Both("A sensor fell silent or was heard again.", "传感器失去信号或恢复信号。"),
        Reason::Exposure => Both("It reaches other people or places than before.", "受影响的人员或场所有变化。"),
        Reason::Merged => Both("It is part of another alert.", "已并入另一警报。"),
        Reason::Split => Both("It was part of another alert.", "由另一警报分出。"),
        Reason::DidNotCome => Both("It is not forecast any more, and none of it had come.", "预报已取消，预报的情况没有发生。"),
    }
}

/// In front of every headline that is not about something real.
pub fn unreal(status: Status) -> Option<Both> {
    match status {
        Status::Actual => None,
        Status::Exercise => Some(Both("Exercise", "演习")),
        Status::Test => Some(Both("Test", "测试")),
        Status::Simulated => Some(Both("Simulated", "模拟")),
    }
}

/// For alerts that call for nothing any more, or of which nothing is known any more.
pub const OVER: Both = Both("Nothing more needs to be done.", "无需进一步行动。");
pub const WITHDRAWN: Both = Both("Disregard the earlier messages.", "请忽略此前的消息。");
pub const UNKNOWN: Both = Both(
    "It is not known how things are. Stay careful until somebody has looked.",
    "目前情况不明，在现场核实之前请保持谨慎。",
);
pub const ENDED: Both = Both(
    "By what is known now it has ended. Watch for further messages.",
    "据目前所知事件已结束，请留意后续消息。",
);
pub const PROVISIONAL: Both = Both("The figures are provisional.", "数据尚属初步。");
pub const MEASURED: Both = Both("measured value", "测量值");

/// A UCUM unit as people of the language write it, with the space before it.
pub fn unit(code: &'static str, language: Language) -> String {
    match terms::unit(code, language) {
        "" => String::new(),
        shown => format!(" {shown}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pipeline::rules::{Severity, Value};

    const STATES: [State; 5] = [
        State::Raised,
        State::Updated,
        State::Unconfirmed,
        State::Cleared,
        State::Cancelled,
    ];
    const REASONS: [Reason; 12] = [
        Reason::Threshold,
        Reason::NodeAlarm,
        Reason::Confirmed,
        Reason::Refuted,
        Reason::BackToNormal,
        Reason::NoData,
        Reason::Correction,
        Reason::RuleChange,
        Reason::Acknowledged,
        Reason::Silence,
        Reason::Merged,
        Reason::Split,
    ];

    #[test]
    fn everything_is_said_in_both_languages() {
        let mut texts = vec![OVER, WITHDRAWN, UNKNOWN, ENDED, PROVISIONAL, MEASURED];
        texts.extend(kinds().flat_map(|kind| [kind.event, kind.instruction]));
        texts.extend(REASONS.map(reason));
        texts.extend(
            STATES
                .iter()
                .flat_map(|at| REASONS.map(|why| state(*at, why))),
        );
        let severities = [
            Severity::Minor,
            Severity::Moderate,
            Severity::Severe,
            Severity::Extreme,
        ];
        texts.extend(severities.map(severity));
        let statuses = [Status::Exercise, Status::Test, Status::Simulated];
        texts.extend(statuses.into_iter().filter_map(unreal));
        texts.extend(Value::all().map(value));
        let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        for Both(english, chinese) in texts {
            assert!(
                !english.is_empty() && !english.contains(is_chinese),
                "{english}"
            );
            assert!(chinese.contains(is_chinese), "{english}: {chinese}");
        }
    }

    #[test]
    fn every_kind_is_found_by_its_names_and_others_are_others() {
        for kind_of in kinds() {
            assert!(
                kind_of
                    .names
                    .iter()
                    .all(|name| kind(name).event == kind_of.event)
            );
        }
        assert_eq!(kind("meteor").categories, ["Other"]);
    }
}
