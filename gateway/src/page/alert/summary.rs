//! What an alert is: what, where, how bad, how sure, how old, and what to do.

use maud::{Markup, html};
use pipeline::alert::Revision;
use pipeline::calendar::Millis;

use super::{Sheet, kind, pictured};
use crate::board::picture::{AlertPicture, Standing};
use crate::cap::{End, facts, words as cap_words};
use crate::language::{Both, Language};
use crate::page::alerts::peak;
use crate::page::marks::{class, mark};
use crate::page::{View, desk, words};

pub(super) fn draw(view: &View, sheet: &Sheet) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let latest = sheet.story.latest();
    let face = &picture.face;
    let standing = Standing::Alert(latest.severity);
    let shown = pictured(view, &sheet.story);
    html! {
        section #alert data-live class=(class(standing)) aria-labelledby="alert-title" {
            p.back { a href={ "/?zone=" (latest.zone) "#zone" } { (l.say("← All zones", "← 全部区域")) } }
            h2 #alert-title {
                (mark(standing)) (words::severity(l, latest.severity)) " · " (kind(view, latest.kind)) " · " (latest.zone_name)
            }
            // Changes of this sentence are read aloud where a screen reader is used.
            p.lead role="status" {
                strong { (words::state(l, latest.state)) } (l.say(": ", "：")) (words::reason(l, latest.reason)) (l.say(".", "。"))
            }
            p.peak { (peak(view, &shown)) }
            p.instruction { strong { (l.say("What to do: ", "应对措施：")) } (instruction(l, latest)) }
            @if sheet.archived { p.note {
                (l.say("It has left the list of alerts; this is what the history keeps of it.", "该警报已移出列表，以下内容来自历史记录。"))
            } }
            dl.facts {
                (fact(l.say("Since", "开始"), &moment(view, latest.onset)))
                @if let Some(end) = latest.end { (fact(l.say("Ended", "结束"), &moment(view, end))) }
                (fact(l.say("Last revision", "最近更新"), &moment(view, latest.updated)))
                @if let Some(text) = speaks_of(view, latest) { (fact(l.say("Speaks of", "预报时段"), &text)) }
                (fact(l.say("Rests on", "依据时段"), &{
                    let [from, to] = [latest.window.start, latest.window.end].map(|at| words::time(face, at));
                    l.say(format!("{from} to {to}"), format!("{from}至{to}"))
                }))
                (fact(l.say("How sure", "可信度"), certainty(l, latest)))
                (fact(l.say("Completeness", "数据完整度"), &completeness(l, &shown)))
                (fact(l.say("Rule", "规则"), &l.say(
                    format!("{}, version {}", latest.rule, latest.rule_version),
                    format!("{}，第{}版", latest.rule, latest.rule_version),
                )))
                @if let Some(exposed) = &latest.exposed { (fact(l.say("Exposed", "受影响人员"), &words::exposed(l, face, exposed))) }
                @if let Some(by) = &latest.acknowledged { (fact(l.say("Taken on by", "接手人"), by)) }
                @for (name, text) in desk::facts(view, latest, shown.expired) { (fact(name, &text)) }
                (fact(l.say("Id", "编号"), &latest.id.to_string()))
            }
        }
    }
}

fn fact(name: &str, text: &str) -> Markup {
    html! { div { dt { (name) } dd { (text) } } }
}

/// `09:42:05 +08:00 (11 min ago)`, with the day where that is not today.
fn moment(view: &View, at: Millis) -> String {
    let (l, picture) = (view.language(), &view.picture);
    let face = &picture.face;
    let time = words::time(face, at);
    let day = words::date(l, face, at);
    let time = match day == words::date(l, face, picture.now) {
        true => time,
        false => format!("{day} {time}"),
    };
    let (offset, ago) = (words::offset(face, at), words::ago(l, picture.now - at));
    l.say(
        format!("{time} {offset} ({ago})"),
        format!("{time} {offset}（{ago}）"),
    )
}

/// What the public is told to do, as its CAP messages say it.
fn instruction(l: Language, latest: &Revision) -> &'static str {
    let kind = cap_words::kind(latest.kind.as_str());
    End::of(latest).instruction(kind).to(l)
}

fn speaks_of(view: &View, latest: &Revision) -> Option<String> {
    let (l, face) = (view.language(), &view.picture.face);
    let early = latest.early?;
    let [from, to] = [early.speaks_of.start, early.speaks_of.end].map(|at| words::time(face, at));
    let lead = early.lead_minutes;
    Some(l.say(
        format!("{from} to {to}, {lead} min ahead when it was said"),
        format!("{from}至{to}，提前{lead}分钟预报"),
    ))
}

fn certainty(l: Language, latest: &Revision) -> &'static str {
    let both = match facts::certainty(latest) {
        "Observed" => Both(
            "observed: all nodes that should were heard",
            "已观测：应报节点全部报到",
        ),
        "Likely" => Both("likely: not every node was heard", "很可能：部分节点未报到"),
        "Possible" => Both(
            "possible: on doubtful or unconfirmed evidence",
            "可能：依据存疑或尚未证实",
        ),
        "Unlikely" => Both(
            "unlikely: what was measured does not bear it out",
            "不太可能：实测数据不支持",
        ),
        _ => Both(
            "unknown: nothing is known of it any more",
            "未知：目前没有相关数据",
        ),
    };
    both.to(l)
}

fn completeness(l: Language, shown: &AlertPicture) -> String {
    let latest = &shown.latest;
    let nodes = words::nodes(l, latest.completeness, latest.suspect);
    let finality = match latest.node_alarm {
        true => l
            .say(
                "provisional: one node's own alarm",
                "初步：单个节点自身报警",
            )
            .to_owned(),
        false => words::finality(l, latest.oldest_unheard),
    };
    l.say(
        format!("{nodes}, {finality}"),
        format!("{nodes}，{finality}"),
    )
}
