//! What is known of a node: where it stands, when it started, by which clock, keys and settings it goes, its battery.

use maud::{Markup, html};
use pipeline::science::qartod::pane::Test;

use crate::admission::NodeClock;
use crate::board::nodes::Followed;
use crate::board::picture::NodePicture;
use crate::language::{Both, Language, terms};
use crate::page::{View, health, words};

pub(super) fn draw(view: &View, node: &NodePicture) -> Markup {
    let l = view.language();
    let zone = view.picture.node_face(node).zone;
    let zone = zone.and_then(|ix| view.picture.face.zone(ix));
    html! {
        dl.facts {
            div {
                dt { (l.say("Zone", "区域")) }
                dd {
                    @match zone {
                        Some(zone) => a href={ "/zone/" (zone.id) } { (zone.name) },
                        None => (l.say("none: no figure uses what it says", "无：其读数不用于任何数据")),
                    }
                }
            }
            @for (name, text) in list(view, node) { div { dt { (name) } dd { (text) } } }
        }
    }
}

fn list(view: &View, node: &NodePicture) -> Vec<(&'static str, String)> {
    let (l, picture) = (view.language(), &view.picture);
    let of = picture.node_face(node);
    let book = &node.book;
    let none = || l.say("not said", "未说明").to_owned();
    let measures: Vec<&str> = of
        .quantities
        .iter()
        .map(|q| terms::quantity(*q).to(l))
        .collect();
    let place = of
        .post
        .position
        .map(|(lon, lat)| format!("{lat:.5}, {lon:.5}"));
    let owner = (!of.post.owner.is_empty()).then(|| of.post.owner.clone());
    let correction = match of.correction {
        Some(correction) => l.say(
            format!("corrected for humidity ({correction})"),
            format!("经湿度校正（{correction}）"),
        ),
        None => l.say("as read", "按读数").to_owned(),
    };
    vec![
        (
            l.say("Latitude, longitude", "纬度、经度"),
            place.unwrap_or_else(none),
        ),
        (l.say("Owner", "负责人"), owner.unwrap_or_else(none)),
        (
            l.say("Measures", "测量项目"),
            match measures.is_empty() {
                true => l.say("anything", "不限").to_owned(),
                false => measures.join(l.say(", ", "、")),
            },
        ),
        (l.say("Fine particles", "细颗粒物"), correction),
        (
            l.say("Measures and reports every", "测量与上报间隔"),
            periods(l, of.post.sample, of.post.period),
        ),
        (l.say("Last start", "最近启动"), start(view, node)),
        (
            l.say("Clock", "时钟"),
            clock(l, book.account.clock).to_owned(),
        ),
        (
            l.say("Keys", "密钥"),
            keys(l, book.generation, of.post.generation),
        ),
        (
            l.say("Settings", "设置"),
            settings(l, book.settings).to_owned(),
        ),
        (l.say("Battery", "电池"), battery(view, node)),
    ]
}

fn periods(l: Language, sample: Option<i64>, period: Option<i64>) -> String {
    let text = |time: Option<i64>| time.map(|time| words::age(l, time));
    match (text(sample), text(period)) {
        (None, None) => l
            .say("as its quantities ask", "按测量项目的要求")
            .to_owned(),
        (Some(sample), Some(period)) => format!("{sample}, {period}"),
        (Some(sample), None) => sample,
        (None, Some(period)) => l.say(format!("reports every {period}"), format!("每{period}上报")),
    }
}

/// `number 3, first heard 09:12:01 (2 h ago), running since 09:11:58; 3 starts heard`.
fn start(view: &View, node: &NodePicture) -> String {
    let (l, picture) = (view.language(), &view.picture);
    let book = &node.book;
    let Some(boot) = book.account.boot else {
        return l.say("not heard yet", "尚未报到").to_owned();
    };
    let (number, at) = (boot.number, health::moment(l, &picture.face, boot.heard_at));
    let mut text = l.say(
        format!("number {number}, first heard {at}"),
        format!("第{number}次，首次报到{at}"),
    );
    if let (Some(started), Some(heard)) = (book.started, book.account.heard_at) {
        let up = words::age(l, heard - started);
        text += &l.say(
            format!(", had run for {up} when last heard"),
            format!("，最近报到时已运行{up}"),
        );
    }
    let boots = book.account.boots;
    text + &l.say(
        format!("; starts heard of: {boots}"),
        format!("；已知启动{boots}次"),
    )
}

fn clock(l: Language, clock: NodeClock) -> &'static str {
    match clock {
        NodeClock::Own => l.say("its own", "自身时钟"),
        NodeClock::Mapped => l.say(
            "none: its uptime is mapped to ours",
            "无：按运行时间换算为网关时间",
        ),
        NodeClock::Absurd => l.say(
            "wrong: its readings are restamped",
            "错误：读数已重新标注时间",
        ),
        NodeClock::Unknown => l.say("unknown: it has said no time", "未知：未报告时间"),
    }
}

fn keys(l: Language, generation: u8, asked: Option<u8>) -> String {
    let text = l.say(
        format!("generation {generation}"),
        format!("第{generation}代"),
    );
    match asked {
        Some(asked) if asked > generation => {
            text + &l.say(
                format!("; {asked} or later is asked for: older ones are refused"),
                format!("；要求第{asked}代或更新，旧密钥将被拒绝"),
            )
        }
        _ => text,
    }
}

fn settings(l: Language, followed: Followed) -> &'static str {
    match followed {
        Followed::Unknown => l.say("it has not said what it goes by", "尚未说明所用设置"),
        Followed::Nothing => l.say("the city asks for none", "城市未作要求"),
        Followed::All => l.say("followed", "已遵循"),
        Followed::Sent => l.say(
            "not followed yet: they are sent to it",
            "尚未遵循：正在下发",
        ),
        Followed::Refused => l.say("refused: it goes by others", "已拒绝：仍用其他设置"),
    }
}

/// `3.61 V, 4 s ago; -0.24 V in 23 h`.
fn battery(view: &View, node: &NodePicture) -> String {
    let (l, now) = (view.language(), view.picture.now);
    let Some(battery) = &node.book.account.battery else {
        return l.say("not measured", "未测量").to_owned();
    };
    let (volts, ago) = (
        words::rounded(battery.volts),
        words::ago(l, now - battery.at),
    );
    let text = l.say(format!("{volts} V, {ago}"), format!("{volts} V，{ago}"));
    match battery.trend() {
        Some((change, span)) => {
            let sign = if change.0 > 0 { "+" } else { "" };
            let (change, span) = (words::rounded(change), words::age(l, span));
            text + &l.say(
                format!("; {sign}{change} V in {span}"),
                format!("；{span}内{sign}{change} V"),
            )
        }
        None => text + l.say("; no trend yet", "；尚无趋势"),
    }
}

/// A quality test in words.
pub(super) fn test(test: Test) -> Both {
    match test {
        Test::Gap => Both("gap", "数据缺口"),
        Test::GrossRange => Both("range", "范围"),
        Test::Climatology => Both("climatology", "气候范围"),
        Test::Spike => Both("spike", "尖峰"),
        Test::RateOfChange => Both("rate of change", "变化速率"),
        Test::FlatLine => Both("flat line", "数值不变"),
        Test::Neighbour => Both("neighbours", "邻近节点比较"),
    }
}
