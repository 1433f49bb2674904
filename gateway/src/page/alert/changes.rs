//! What one revision changed against the one before, in words: of the figures by [`facts`], of people by [`deeds`].

use std::mem;

use pipeline::alert::{Reason, Revision};
use pipeline::calendar::Millis;

use crate::board::picture::alert_value;
use crate::language::terms;
use crate::page::{View, desk, words};

/// What changed of what is measured; of the first revision what it said.
pub(super) fn facts(view: &View, before: Option<&Revision>, now: &Revision) -> Vec<String> {
    let (l, face) = (view.language(), &view.picture.face);
    let peak = |r: &Revision| {
        let (value, unit) = (words::number(alert_value(face, r)), terms::unit(r.unit, l));
        format!("{value} {unit}").trim_end().to_owned()
    };
    let nodes = |r: &Revision| words::nodes(l, r.completeness, r.suspect);
    let time = |at: Millis| words::time(face, at);
    let Some(before) = before else {
        let (peak, nodes, since) = (peak(now), nodes(now), time(now.onset));
        return vec![l.say(
            format!("peak {peak}, since {since}, {nodes}"),
            format!("峰值{peak}，自{since}起，{nodes}"),
        )];
    };
    let mut told = Changes::default();
    told.add(
        l.say("severity", "级别"),
        words::severity(l, before.severity),
        words::severity(l, now.severity),
    );
    told.add(l.say("peak", "峰值"), &peak(before), &peak(now));
    told.add(
        l.say("threshold", "警戒值"),
        &words::rounded(before.threshold),
        &words::rounded(now.threshold),
    );
    told.add(
        l.say("since", "开始"),
        &time(before.onset),
        &time(now.onset),
    );
    let end = |r: &Revision| r.end.map_or(l.say("open", "未结束").to_owned(), time);
    told.add(l.say("end", "结束"), &end(before), &end(now));
    told.add(l.say("nodes", "节点"), &nodes(before), &nodes(now));
    let finality = |r: &Revision| match r.provisional {
        true => l.say("provisional", "初步"),
        false => l.say("final", "最终"),
    };
    told.add(l.say("figures", "数据"), finality(before), finality(now));
    let version = |r: &Revision| r.rule_version.to_string();
    told.add(
        l.say("rule version", "规则版本"),
        &version(before),
        &version(now),
    );
    let exposed = |r: &Revision| match &r.exposed {
        Some(exposed) => face.floor.people(&exposed.people).to_string(),
        None => "—".to_owned(),
    };
    told.add(
        l.say("people exposed", "受影响人数"),
        &exposed(before),
        &exposed(now),
    );
    let window = |r: &Revision| format!("{}–{}", time(r.window.start), time(r.window.end));
    told.add(l.say("window", "时段"), &window(before), &window(now));
    told.0
}

/// Pairs that differ, as `name: old → new`.
#[derive(Default)]
struct Changes(Vec<String>);

impl Changes {
    fn add(&mut self, name: &str, before: &str, now: &str) {
        if before != now {
            self.0.push(format!("{name}: {before} → {now}"));
        }
    }
}

/// Something that a person did, or that was done to reach one.
pub(super) struct Deed {
    /// Who did it; nobody for what happened by itself.
    pub(super) by: Option<String>,
    pub(super) what: String,
    /// In the person's own words.
    pub(super) text: Option<String>,
}

/// What people did between two revisions. Several things may have been done in one tick, of which a revision names one
/// as its reason, so everything is compared.
pub(super) fn deeds(view: &View, before: Option<&Revision>, now: &Revision) -> Vec<Deed> {
    let l = view.language();
    let nobody = pipeline::alert::Desk::default();
    let was = before.map_or(&nobody, |r| &r.desk);
    let mut deeds = Vec::new();
    let mut done = |by: Option<&String>, what: String, text: Option<&String>| {
        deeds.push(Deed {
            by: by.cloned(),
            what,
            text: text.cloned(),
        });
    };
    if now.acknowledged != before.and_then(|r| r.acknowledged.clone()) {
        let what = l.say("took it on", "已接手");
        done(now.acknowledged.as_ref(), what.to_owned(), None);
    }
    if now.desk.assigned != was.assigned {
        let what = match &now.desk.assigned {
            Some(to) => l.say(format!("gave it to {to}"), format!("指派给{to}")),
            None => l.say("gave it back", "取消指派").to_owned(),
        };
        done(now.desk.assigned_by.as_ref(), what, None);
    }
    if let Some(note) = now
        .desk
        .note
        .as_ref()
        .filter(|note| was.note.as_ref() != Some(note))
    {
        match (now.reason, note.text.as_str()) {
            (Reason::Settled, "stands") => done(
                Some(&note.by),
                l.say("said that it stands", "确认警报成立").to_owned(),
                None,
            ),
            (Reason::Settled, _) => done(
                Some(&note.by),
                l.say("said that it has ended", "确认警报结束").to_owned(),
                None,
            ),
            _ => done(
                Some(&note.by),
                l.say("wrote", "备注").to_owned(),
                Some(&note.text),
            ),
        }
    }
    if now.desk.silenced != was.silenced {
        match &now.desk.silenced {
            Some(silenced) => {
                let until = desk::near(view, now.updated, silenced.until);
                let what = l.say(
                    format!("silenced it until {until}"),
                    format!("静默至{until}"),
                );
                done(Some(&silenced.by), what, None);
            }
            None => done(
                None,
                l.say("the silence ended", "静默结束").to_owned(),
                None,
            ),
        }
    }
    let told = mem::take(&mut now.desk.escalated_to.clone());
    let new = told.iter().filter(|to| !was.escalated_to.contains(to));
    let new = desk::listed(l, new.map(String::as_str));
    if !new.is_empty() {
        let what = l.say(
            format!("nobody had acknowledged it: told to {new}"),
            format!("无人确认，已上报{new}"),
        );
        done(None, what, None);
    }
    deeds
}
