//! Alerts as CAP 1.2 messages (OASIS, 1 July 2010), for alerting systems that know nothing of citysense.
//!
//! A message is a pure function of a revision, the city's face and the names of the messages before it. It has two
//! `info` blocks with the same facts, English and Chinese. In reading order: [`facts`] what CAP's own words mean here ·
//! [`words`] both languages · [`wording`] sentences of them · [`trail`] names of messages, references, renewals · [`area`] polygons · [`xml`] ·
//! [`atom`] the feed.

use pipeline::alert::{AlertId, Revision, Status};
use pipeline::exposure;

use crate::board::picture::alert_value;
use crate::board::{AlertStory, Face};
use crate::config::Scope;
use crate::privacy::Shown;

pub mod area;
pub mod atom;
pub mod facts;
pub(crate) mod trail;
pub mod wording;
pub mod words;
pub mod xml;

pub use facts::End;
pub use trail::{Stamp, Told, Trail};
pub use wording::Wording;
pub use words::Language;
use xml::{Xml, sayable};

pub const NAMESPACE: &str = "urn:oasis:names:tc:emergency:cap:1.2";
/// As registered for CAP in HTTP and Atom.
pub const CONTENT_TYPE: &str = "application/cap+xml";
/// Longest name that stands alone.
const PLACE_LEN_MAX: usize = 200;

/// A revision with all that its message needs.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    revision: &'a Revision,
    face: &'a Face,
    told: &'a Told,
    /// Messages of the same alert that this one supersedes, oldest first.
    before: &'a [Told],
    /// The peak as everyone may see it.
    peak: Shown,
}

impl<'a> Message<'a> {
    /// The message that stands for `revision`; `None` unless it was the last to be told.
    pub fn standing(
        revision: &'a Revision,
        trail: &'a Trail,
        face: &'a Face,
    ) -> Option<Message<'a>> {
        let (told, before) = trail.standing()?;
        (told.revision == revision.revision).then(|| Message {
            revision,
            face,
            told,
            before,
            peak: alert_value(face, revision),
        })
    }

    /// The message of an alert on the board; `None` until its first was sent.
    pub fn of(story: &'a AlertStory, face: &'a Face) -> Option<Message<'a>> {
        // The board may be a revision ahead of what was sent.
        let revisions = story.revisions().iter().rev();
        revisions
            .take(2)
            .find_map(|revision| Message::standing(revision, &story.trail, face))
    }

    pub fn alert_id(&self) -> AlertId {
        self.revision.id
    }

    pub fn is_open(&self) -> bool {
        self.revision.state.is_open()
    }

    pub fn sent(&self) -> Stamp {
        self.told.sent
    }

    pub fn xml(&self) -> Vec<u8> {
        Xml::document("alert", NAMESPACE, |xml| self.alert(xml))
    }

    fn alert(&self, xml: &mut Xml) {
        let Message { revision, told, .. } = *self;
        let id = revision.id;
        xml.text("identifier", &told.identifier(id));
        xml.text("sender", &told.sender);
        xml.text("sent", &told.sent.to_string());
        xml.text("status", facts::status(revision.status));
        let msg_type = facts::message_type(revision.state, self.before.is_empty());
        xml.text("msgType", msg_type);
        match &self.face.cap.scope {
            Scope::Public => xml.text("scope", "Public"),
            Scope::Restricted(to) => {
                xml.text("scope", "Restricted");
                xml.text("restriction", to);
            }
        }
        if let Some(note) = note(revision) {
            xml.text("note", &note);
        }
        if !self.before.is_empty() {
            xml.list(
                "references",
                self.before.iter().map(|told| told.reference(id)),
            );
        }
        if let Some(other) = relative(revision) {
            xml.list("incidents", [id, other].iter().map(AlertId::to_string));
        }
        for language in Language::ALL {
            xml.within("info", &[], |xml| self.info(xml, language));
        }
    }

    fn info(&self, xml: &mut Xml, language: Language) {
        let Message { revision, told, .. } = *self;
        let (kind, end) = (words::kind(revision.kind.as_str()), End::of(revision));
        xml.text("language", language.code());
        for category in kind.categories {
            xml.text("category", category);
        }
        xml.text("event", kind.event.to(language));
        xml.text("responseType", end.response(kind));
        xml.text("urgency", end.urgency(revision));
        xml.text("severity", facts::severity(revision.severity));
        xml.text("certainty", facts::certainty(revision));
        // A cancelled message has no moment from which it holds.
        if end != End::Withdrawn {
            xml.text("effective", &told.sent.to_string());
        }
        xml.text("onset", &self.wording().stamp(revision.onset).to_string());
        xml.text("expires", &told.expires.to_string());
        xml.text("senderName", &city_name(self.face));
        xml.text("headline", &self.headline(language));
        xml.text("description", &self.description(language));
        xml.text("instruction", end.instruction(kind).to(language));
        self.parameters(xml);
        xml.within("area", &[], |xml| self.area(xml));
    }

    /// For machines: the same in both languages.
    fn parameters(&self, xml: &mut Xml) {
        let revision = self.revision;
        let figures = revision.completeness;
        let measure = |figure: &str| format!("{figure} {}", revision.unit);
        for (name, value) in [
            ("kind", revision.kind.to_string()),
            ("zone", revision.zone.to_string()),
            ("rule", revision.rule.to_string()),
            ("revision", revision.revision.to_string()),
            ("state", revision.state.name().to_owned()),
            ("threshold", measure(&revision.threshold.to_string())),
            ("peak", measure(&self.peak.to_string())),
            ("nodesHeard", figures.heard.to_string()),
            ("nodesExpected", figures.expected.to_string()),
            ("provisional", revision.provisional.to_string()),
        ]
        .into_iter()
        .chain(self.wording().exposed_parameter())
        .chain(revision.early.iter().flat_map(|early| {
            let stamp = |at| self.wording().stamp(at).to_string();
            [
                ("leadMinutes", early.lead_minutes.to_string()),
                ("speaksOfStart", stamp(early.speaks_of.start)),
                ("speaksOfEnd", stamp(early.speaks_of.end)),
            ]
        })) {
            xml.within("parameter", &[], |xml| {
                xml.text("valueName", name);
                xml.text("value", &value);
            });
        }
    }

    fn area(&self, xml: &mut Xml) {
        let wording = self.wording();
        if let Some(exposed) = &self.revision.exposed {
            // Where the leak reaches, not where it was measured.
            let mut name = wording.zone_name(PLACE_LEN_MAX);
            for place in &exposed.places {
                name = format!("{name}; {place}");
            }
            xml.text("areaDesc", &name);
            let ring = exposure::closed(&exposed.ring);
            xml.list("polygon", ring.map(area::pair));
            return;
        }
        xml.text("areaDesc", &wording.zone_name(PLACE_LEN_MAX));
        let zone = self
            .face
            .zones
            .iter()
            .find(|zone| zone.id == self.revision.zone);
        // A zone that is gone has a name and no ground.
        for ring in zone
            .map(|zone| area::rings(&zone.outline))
            .unwrap_or_default()
        {
            xml.list("polygon", area::pairs(&ring));
        }
    }

    /// `Simulated: Severe: Dangerous gas in Old quay (new)`.
    pub fn headline(&self, language: Language) -> String {
        self.wording().headline(language)
    }

    /// What was measured, since when, how sure it is, and why this is said now.
    pub fn description(&self, language: Language) -> String {
        self.wording().description(language)
    }

    fn wording(&self) -> Wording<'a> {
        Wording {
            revision: self.revision,
            face: self.face,
            peak: self.peak,
        }
    }
}

/// The city's id where its name has nothing that can be said.
fn city_name(face: &Face) -> String {
    match sayable(&face.name, PLACE_LEN_MAX) {
        name if name.is_empty() => face.city.to_string(),
        name => name,
    }
}

/// The alert that this one became part of, or was part of.
fn relative(revision: &Revision) -> Option<AlertId> {
    revision.merged_into.or(revision.split_from)
}

/// For people at the other systems: what is not real says so, and where a merged alert goes on.
fn note(revision: &Revision) -> Option<String> {
    let mut notes = Vec::new();
    match revision.status {
        Status::Simulated => notes.push(
            "Simulated: an invented event for demonstration, nothing of it is real. 模拟信息，并非真实事件。"
                .to_owned(),
        ),
        Status::Exercise => notes.push("Exercise. 演习。".to_owned()),
        Status::Test => notes.push("Test. 测试。".to_owned()),
        Status::Actual => {}
    }
    if let Some(other) = revision.merged_into {
        notes.push(format!("Goes on as alert {other}. 后续见警报 {other}。"));
    }
    if let Some(other) = revision.split_from {
        notes.push(format!("Was part of alert {other}. 由警报 {other} 分出。"));
    }
    (!notes.is_empty()).then(|| notes.join(" "))
}
