//! The city at a moment of the last day, clearly marked as the past.
//!
//! Alerts are those that were known then, or that are now known to have been true then; figures and footprints of leaks are
//! as they are known now, late readings included, and as old as the steps in which the history is kept.

use maud::{Markup, html};
use pipeline::calendar::{DAY, HOUR, MINUTE, Millis};

use super::{Scene, alerts, city_name, document, map, words, zones};

/// By whose knowledge alerts are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// As was known then.
    Then,
    /// As is known now.
    Now,
}

impl Clock {
    pub fn name(self) -> &'static str {
        match self {
            Clock::Then => "then",
            Clock::Now => "now",
        }
    }
}

/// Everything that the page shows.
pub struct Played {
    /// Of the past; its picture's `now` is the moment.
    pub scene: Scene,
    pub clock: Clock,
    /// The city's time while the page is drawn.
    pub now: Millis,
    /// The moments that can be chosen.
    pub first: Millis,
    pub last: Millis,
    /// Why the alerts are not known.
    pub untold: Option<String>,
    /// What is wrong with the moment that was asked for.
    pub wrong: Option<String>,
}

pub fn whole(played: &Played) -> Markup {
    let view = &played.scene.view;
    let (l, picture) = (view.language(), &view.picture);
    let face = &picture.face;
    let title = l.say("Playback", "回放");
    let body = html! {
        header { div #head data-live {
            div.city {
                h1 { a href="/" { (city_name(face)) } }
                p.status { (l.say("Playback", "回放")) }
            }
            p.clock {
                time datetime=(words::instant(face, picture.now)) { (words::minute(face, picture.now)) }
                span { "UTC" (words::offset(face, picture.now)) " · " (words::date(l, face, picture.now)) }
            }
        } }
        div #content tabindex="-1" {}
        section #chosen data-live data-still data-title=(title) aria-label=(l.say("Moment", "时刻")) {
            p.trouble role="status" {
                strong { (l.say("Not live: ", "并非实时：")) (moment(played)) }
                (l.say(", ", "，")) (words::ago(l, played.now - picture.now)) (l.say(". ", "。"))
                (why(played))
            }
            @if let Some(wrong) = &played.wrong { p.trouble role="alert" { (wrong) } }
            @if let Some(untold) = &played.untold {
                p.trouble role="alert" {
                    (l.say(format!("Alerts of that moment are not known: {untold}."), format!("当时的警报未知：{untold}。")))
                    " " (l.say("States on the map are without them.", "地图状态未计入警报。"))
                }
            }
            (form(played))
        }
        main.past {
            div.column { (map::draw(&played.scene)) }
            div.column { (alerts::past(view, played.untold.is_none())) }
            div.column { (zones::draw(&played.scene)) (figures(played)) }
        }
    };
    document(
        view,
        &format!("{title} · {}", city_name(face)),
        "/playback",
        body,
    )
}

/// `14:02 yesterday (Sat 21 Nov 2026, UTC+08:00)`.
fn moment(played: &Played) -> String {
    let view = &played.scene.view;
    let (l, picture) = (view.language(), &view.picture);
    let (face, at) = (&picture.face, picture.now);
    let date = words::date(l, face, at);
    let day = match date {
        _ if date == words::date(l, face, played.now) => l.say("today", "今天"),
        _ if date == words::date(l, face, played.now - DAY) => l.say("yesterday", "昨天"),
        _ => l.say("before yesterday", "前天"),
    };
    let (minute, offset) = (words::minute(face, at), words::offset(face, at));
    l.say(
        format!("{minute} {day} ({date}, UTC{offset})"),
        format!("{day}{minute}（{date}，UTC{offset}）"),
    )
}

fn why(played: &Played) -> &'static str {
    let l = played.scene.view.language();
    match played.clock {
        Clock::Then => l.say(
            "Alerts as they were known then; figures and leaks as they are known now.",
            "警报为当时所知；数值和泄漏范围为现在所知。",
        ),
        Clock::Now => l.say(
            "Alerts that are now known to have been true then; figures and leaks as they are known now.",
            "警报为现在确认当时成立者；数值和泄漏范围为现在所知。",
        ),
    }
}

/// Every figure of the chosen zone.
fn figures(played: &Played) -> Markup {
    let view = &played.scene.view;
    let (l, picture) = (view.language(), &view.picture);
    let Some(selection) = played.scene.selection else {
        return html! {};
    };
    let zone = &picture.zones[selection.place];
    html! {
        section #figures data-live aria-labelledby="figures-title" {
            h2 #figures-title { (picture.zone_face(zone).name) small { (words::standing(l, zone.standing)) } }
            @if zone.figures.is_empty() {
                p.calm { (l.say("No figure of that moment is kept. This is not an all-clear.", "没有保留当时的数值，这并不表示警报解除。")) }
            } @else {
                table {
                    thead { tr {
                        th scope="col" { (l.say("Value", "数值")) }
                        th scope="col" { (l.say("Mean", "均值")) }
                        th scope="col" { (l.say("Age", "距当时")) }
                        th scope="col" { (l.say("Nodes", "节点")) }
                    } }
                    tbody { @for figure in &zone.figures { tr {
                        th scope="row" { (words::value_name(l, figure.value)) }
                        td { b { (words::number(figure.mean)) } " " span.unit { (words::unit(l, figure.value)) } }
                        td { (words::age(l, figure.age)) }
                        td { (words::heard(l, figure.completeness)) }
                    } } }
                }
            }
        }
    }
}

/// The slider, steps beside it, and whose knowledge; the address says it all, so that it works without script.
fn form(played: &Played) -> Markup {
    let view = &played.scene.view;
    let (l, at) = (view.language(), view.picture.now);
    let face = &view.picture.face;
    let step = |by: Millis| {
        let to = (at + by).clamp(played.first, played.last);
        format!("/playback?at={to}&known={}", played.clock.name())
    };
    let back = [
        (-HOUR, l.say("−1 h", "−1小时")),
        (-10 * MINUTE, l.say("−10 min", "−10分钟")),
        (-MINUTE, l.say("−1 min", "−1分钟")),
    ];
    let forth = [
        (MINUTE, l.say("+1 min", "+1分钟")),
        (10 * MINUTE, l.say("+10 min", "+10分钟")),
        (HOUR, l.say("+1 h", "+1小时")),
    ];
    html! {
        form.playback action="/playback" data-follow {
            div.time {
                @for (by, name) in back { a.step #{ "step" (by / MINUTE) } href=(step(by)) data-pick { (name) } }
                label.hidden for="at" { (l.say("Moment", "时刻")) }
                input #at type="range" name="at" min=(played.first) max=(played.last) step=(MINUTE) value=(at)
                    aria-valuetext=(words::moment(l, face, at, played.now)) autocomplete="off";
                @for (by, name) in forth { a.step #{ "step" (by / MINUTE) } href=(step(by)) data-pick { (name) } }
            }
            div.ends aria-hidden="true" {
                span { (words::moment(l, face, played.first, played.now)) }
                span { (words::moment(l, face, played.last, played.now)) }
            }
            fieldset.known {
                legend.hidden { (l.say("By whose knowledge", "依据何时所知")) }
                @for (clock, name) in [
                    (Clock::Then, l.say("as known then", "当时所知")),
                    (Clock::Now, l.say("as is known now", "现在所知")),
                ] {
                    label {
                        input #{ "known-" (clock.name()) } type="radio" name="known" value=(clock.name())
                            checked[clock == played.clock] autocomplete="off";
                        " " (name)
                    }
                }
            }
            button.second { (l.say("Show", "查看")) }
            a.live href="/" { (l.say("Back to live", "返回实时")) }
        }
    }
}
