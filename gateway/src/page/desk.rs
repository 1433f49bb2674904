//! How an alert stands for people: whose work it is, what it proposes, who is told and who is not. In words; colour
//! only helps.

use maud::{Markup, html};
use pipeline::alert::{AlertId, Revision};
use pipeline::calendar::{DAY, Millis};
use pipeline::incident::Incident;

use super::{View, words};
use crate::board::Face;
use crate::board::picture::AlertPicture;
use crate::language::Language;

/// Most names that are listed in one line.
const NAMES_MAX: usize = 6;

/// What the list says of an alert beside its figures; nothing when nobody did anything.
pub(super) fn line(view: &View, alert: &AlertPicture) -> Markup {
    let said = notes(view, &alert.latest, alert.expired);
    html! {
        @if !said.is_empty() {
            p.desk { @for (place, (class, text)) in said.iter().enumerate() {
                @if place > 0 { " · " }
                span class=(class) { (text) }
            } }
        }
    }
}

/// Class and text of everything that stands for people, what is to be done first.
fn notes(view: &View, latest: &Revision, expired: Option<Millis>) -> Vec<(&'static str, String)> {
    let l = view.language();
    let desk = &latest.desk;
    let mut notes = Vec::new();
    if let Some(state) = desk.proposed {
        notes.push(("partial", words::proposal(l, state).to_owned()));
    }
    if let Some(at) = expired {
        let at = moment(view, at);
        let text = l.say(
            format!("CAP message expired {at}, not renewed"),
            format!("CAP消息已于{at}失效，未续发"),
        );
        notes.push(("partial", text));
    }
    if let Some(to) = &desk.assigned {
        let text = match &desk.assigned_by {
            Some(by) => l.say(
                format!("assigned to {to} by {by}"),
                format!("{by}已指派给{to}"),
            ),
            None => l.say(format!("assigned to {to}"), format!("已指派给{to}")),
        };
        notes.push(("assigned", text));
    }
    // An alert that ended under a silence keeps its word of it.
    if let Some(silenced) = desk.silenced.as_ref().filter(|_| latest.state.is_open()) {
        let (by, until) = (&silenced.by, moment(view, silenced.until));
        let text = l.say(
            format!("silenced until {until} by {by}"),
            format!("{by}已设静默至{until}"),
        );
        notes.push(("silenced", text));
    }
    if !desk.escalated_to.is_empty() {
        let to = listed(l, desk.escalated_to.iter().map(String::as_str));
        notes.push((
            "escalated",
            l.say(format!("escalated to {to}"), format!("已上报{to}")),
        ));
    }
    if let Some(incident) = incident(view, latest.id) {
        notes.push(("incident", incident));
    }
    notes
}

/// What else belongs to it: an incident of one alert is that alert.
fn incident(view: &View, alert: AlertId) -> Option<String> {
    let (l, picture) = (view.language(), &view.picture);
    let incident = picture.desk.incident_of(alert)?;
    let count = incident.alerts.len();
    (count > 1).then(|| {
        let zones = zones(l, &picture.face, incident);
        l.say(
            format!("one of {count} in an incident: {zones}"),
            format!("同一事件共{count}个警报：{zones}"),
        )
    })
}

/// Names of the zones that an incident is in.
pub(super) fn zones(l: Language, face: &Face, incident: &Incident) -> String {
    let name = |id: &wire::ZoneId| {
        let zone = face.zones.iter().find(|zone| zone.id == *id);
        zone.map_or_else(|| id.to_string(), |zone| zone.name.clone())
    };
    let names: Vec<String> = incident.zones.iter().map(name).collect();
    listed(l, names.iter().map(String::as_str))
}

/// Names in a line, not too many.
pub(super) fn listed<'n>(l: Language, names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    let comma = l.say(", ", "、");
    match names.len().checked_sub(NAMES_MAX) {
        None | Some(0) => names.join(comma),
        Some(more) => {
            let first = names[..NAMES_MAX].join(comma);
            l.say(
                format!("{first} and {more} more"),
                format!("{first}等{}个", names.len()),
            )
        }
    }
}

/// The same as facts, for the alert's own page: name and text.
pub(super) fn facts(
    view: &View,
    latest: &Revision,
    expired: Option<Millis>,
) -> Vec<(&'static str, String)> {
    let l = view.language();
    let desk = &latest.desk;
    let mut facts = Vec::new();
    if let Some(note) = &desk.note {
        let (by, text) = (&note.by, &note.text);
        facts.push((
            l.say("Last word", "最新备注"),
            l.say(format!("{by}: {text}"), format!("{by}：{text}")),
        ));
    }
    for (class, text) in notes(view, latest, expired) {
        let name = match class {
            "assigned" => l.say("Work", "负责人"),
            "silenced" => l.say("Silence", "静默"),
            "escalated" => l.say("Escalation", "上报"),
            "incident" => l.say("Incident", "事件"),
            _ => l.say("To do", "待办"),
        };
        facts.push((name, text));
    }
    facts
}

/// `09:42`, with the day when that is not within one.
pub(super) fn moment(view: &View, at: Millis) -> String {
    near(view, view.picture.now, at)
}

/// The same as it was said at `then`.
pub(super) fn near(view: &View, then: Millis, at: Millis) -> String {
    let (l, face) = (view.language(), &view.picture.face);
    match (at - then).abs() < DAY {
        true => words::minute(face, at),
        false => format!("{} {}", words::date(l, face, at), words::minute(face, at)),
    }
}
