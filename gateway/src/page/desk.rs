//! How an alert stands for people: whose work it is, what it proposes, who is told and who is not. In words; colour
//! only helps.

use maud::{Markup, html};
use pipeline::alert::{AlertId, Reason, Revision};
use pipeline::calendar::{DAY, Millis};
use pipeline::incident::Incident;

use super::{View, words};
use crate::board::Face;
use crate::board::picture::AlertPicture;

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
        notes.push(("partial", format!("CAP message expired {at}, not renewed")));
    }
    if let Some(to) = &desk.assigned {
        notes.push(("assigned", format!("assigned to {to}")));
    }
    // An alert that ended under a silence keeps its word of it.
    if let Some(silenced) = desk.silenced.as_ref().filter(|_| latest.state.is_open()) {
        let until = moment(view, silenced.until);
        notes.push((
            "silenced",
            format!("silenced until {until} by {}", silenced.by),
        ));
    }
    if !desk.escalated_to.is_empty() {
        let to = listed(desk.escalated_to.iter().map(String::as_str));
        notes.push(("escalated", format!("escalated to {to}")));
    }
    if let Some(incident) = incident(view, latest.id) {
        notes.push(("incident", incident));
    }
    notes
}

/// What else belongs to it: an incident of one alert is that alert.
fn incident(view: &View, alert: AlertId) -> Option<String> {
    let picture = &view.picture;
    let incident = picture.desk.incident_of(alert)?;
    (incident.alerts.len() > 1).then(|| {
        let zones = zones(&picture.face, incident);
        format!("one of {} in an incident: {zones}", incident.alerts.len())
    })
}

fn zones(face: &Face, incident: &Incident) -> String {
    let name = |id: &wire::ZoneId| {
        let zone = face.zones.iter().find(|zone| zone.id == *id);
        zone.map_or_else(|| id.to_string(), |zone| zone.name.clone())
    };
    let names: Vec<String> = incident.zones.iter().map(name).collect();
    listed(names.iter().map(String::as_str))
}

fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.len().checked_sub(NAMES_MAX) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..NAMES_MAX].join(", ")),
    }
}

/// The same as facts, for the alert's own page: name and text.
pub(super) fn facts(
    view: &View,
    latest: &Revision,
    expired: Option<Millis>,
) -> Vec<(&'static str, String)> {
    let desk = &latest.desk;
    let mut facts = Vec::new();
    if let Some(note) = &desk.note {
        facts.push(("Last word", format!("{}: {}", note.by, note.text)));
    }
    for (class, text) in notes(view, latest, expired) {
        let name = match class {
            "assigned" => "Work",
            "silenced" => "Silence",
            "escalated" => "Escalation",
            "incident" => "Incident",
            _ => "To do",
        };
        facts.push((name, text));
    }
    facts
}

/// Who is behind a revision, where it is somebody.
pub(super) fn who(view: &View, revision: &Revision) -> Option<String> {
    let desk = &revision.desk;
    match revision.reason {
        Reason::Acknowledged => revision.acknowledged.clone(),
        Reason::Commented | Reason::Settled => desk
            .note
            .as_ref()
            .map(|note| format!("{}: {}", note.by, note.text)),
        Reason::Assigned => Some(match &desk.assigned {
            Some(to) => format!("work of {to}"),
            None => "nobody's work".to_owned(),
        }),
        Reason::Silenced => desk.silenced.as_ref().map(|silenced| {
            let until = near(view, revision.updated, silenced.until);
            format!("{}, until {until}", silenced.by)
        }),
        Reason::Escalated => Some(format!(
            "to {}",
            listed(desk.escalated_to.iter().map(String::as_str))
        )),
        _ => None,
    }
}

/// `09:42`, with the day when that is not within one.
pub(super) fn moment(view: &View, at: Millis) -> String {
    near(view, view.picture.now, at)
}

/// The same as it was said at `then`.
fn near(view: &View, then: Millis, at: Millis) -> String {
    let (l, face) = (view.language(), &view.picture.face);
    match (at - then).abs() < DAY {
        true => words::minute(face, at),
        false => format!("{} {}", words::date(l, face, at), words::minute(face, at)),
    }
}
