//! An alert in sentences, English or Chinese: for CAP messages, and for whoever else tells people about it.

use pipeline::alert::Revision;
use pipeline::calendar::Millis;

use super::words::{self, Language};
use super::{Stamp, xml::sayable};
use crate::board::Face;
use crate::board::picture::alert_value;
use crate::page::words::{number, rounded};
use crate::privacy::Shown;

/// Longest name within a sentence, in characters; a headline should stay below 160.
const NAME_LEN_MAX: usize = 60;

/// A revision that is to be put in words.
#[derive(Clone, Copy)]
pub struct Wording<'a> {
    pub(super) revision: &'a Revision,
    pub(super) face: &'a Face,
    /// The peak as everyone may see it.
    pub(super) peak: Shown,
}

impl<'a> Wording<'a> {
    pub fn of(revision: &'a Revision, face: &'a Face) -> Wording<'a> {
        Wording {
            revision,
            face,
            peak: alert_value(face, revision),
        }
    }

    /// `Simulated: Severe: Dangerous gas in Old quay (new)`.
    pub fn headline(&self, language: Language) -> String {
        let revision = self.revision;
        let unreal = words::unreal(revision.status).map(|word| word.to(language));
        let severity = words::severity(revision.severity).to(language);
        let event = words::kind(revision.kind.as_str()).event.to(language);
        let state = words::state(revision.state, revision.reason).to(language);
        let zone = self.zone_name(NAME_LEN_MAX);
        match language {
            Language::English => {
                let unreal = unreal.map(|word| format!("{word}: ")).unwrap_or_default();
                format!("{unreal}{severity}: {event} in {zone} ({state})")
            }
            Language::Chinese => {
                let unreal = unreal.map(|word| format!("【{word}】")).unwrap_or_default();
                format!("{unreal}{zone}：{event}，{severity}（{state}）")
            }
        }
    }

    /// What was measured, since when, how sure it is, and why this is said now.
    pub fn description(&self, language: Language) -> String {
        let revision = self.revision;
        let mut sentences = vec![match revision.node {
            Some(node) => self.silence(node.as_str(), language),
            None => self.measurement(language),
        }];
        sentences.push(words::reason(revision.reason).to(language).to_owned());
        sentences.extend(self.exposed(language));
        if revision.provisional {
            sentences.push(words::PROVISIONAL.to(language).to_owned());
        }
        match language {
            Language::English => sentences.join(" "),
            Language::Chinese => sentences.concat(),
        }
    }

    fn silence(&self, node: &str, language: Language) -> String {
        let (zone, since) = (self.zone_name(NAME_LEN_MAX), self.since());
        match language {
            Language::English => {
                format!("Sensor node {node} in {zone} was not heard since {since}.")
            }
            Language::Chinese => format!("{zone}的传感器节点 {node} 自 {since} 起无信号。"),
        }
    }

    fn measurement(&self, language: Language) -> String {
        let revision = self.revision;
        let (zone, since) = (self.zone_name(NAME_LEN_MAX), self.since());
        let value = match self.face.rule(revision.rule) {
            Some(rule) => words::value(rule.value),
            // The rule is gone; its numbers and their unit are still in the revision.
            None => words::MEASURED,
        };
        let (value, unit) = (value.to(language), words::unit(revision.unit, language));
        let (peak, threshold) = (number(self.peak), rounded(revision.threshold));
        let (heard, expected) = (revision.completeness.heard, revision.completeness.expected);
        if let Some(early) = &revision.early {
            let [from, to] = [early.speaks_of.start, early.speaks_of.end]
                .map(|at| self.stamp(at).local().to_string());
            return match language {
                Language::English => format!(
                    "{zone}, expected from {from} to {to}: {value} {peak}{unit} at worst, threshold {threshold}{unit}; \
                     {heard} of {expected} sensor nodes heard."
                ),
                Language::Chinese => format!(
                    "预计{zone}自 {from} 至 {to}：{value}最高 {peak}{unit}，警戒值 {threshold}{unit}；\
                     {expected} 个传感器节点中 {heard} 个有数据。"
                ),
            };
        }
        match language {
            Language::English => format!(
                "{zone}, since {since}: {value} {peak}{unit} at worst, threshold {threshold}{unit}; \
                 {heard} of {expected} sensor nodes heard."
            ),
            Language::Chinese => format!(
                "{zone}自 {since} 起：{value}最严重时为 {peak}{unit}，警戒值 {threshold}{unit}；\
                 {expected} 个传感器节点中 {heard} 个有数据。"
            ),
        }
    }

    /// Whom a leak reaches, by a model, and how far that may be off.
    fn exposed(&self, language: Language) -> Option<String> {
        let exposed = self.revision.exposed.as_ref()?;
        let people = self.face.floor.people(&exposed.people);
        let source = sayable(&self.face.source_name(exposed.source), NAME_LEN_MAX);
        let level = &exposed.level;
        let places = exposed.places.join(", ");
        let mut text = match language {
            Language::English => format!(
                "From {source}, {level} may be reached by {people} people, \
                 by a plume model that is right within a factor of two to three."
            ),
            Language::Chinese => format!(
                "{source}泄漏，按扩散模型估算（误差可达两到三倍），{level}范围内约有 {people} 人。"
            ),
        };
        if !places.is_empty() {
            text += &match language {
                Language::English => format!(" In it: {places}."),
                Language::Chinese => format!("范围内有：{places}。"),
            };
        }
        if exposed.uncounted > 0 {
            let zones = exposed.uncounted;
            text += &match language {
                Language::English => format!(" Zones there where nobody counts people: {zones}."),
                Language::Chinese => format!("其中 {zones} 个区域没有人数统计。"),
            };
        }
        Some(text)
    }

    /// The same for machines.
    pub(super) fn exposed_parameter(&self) -> Option<(&'static str, String)> {
        let exposed = self.revision.exposed.as_ref()?;
        let people = self.face.floor.people(&exposed.people);
        Some(("exposed", people.to_string()))
    }

    fn since(&self) -> String {
        self.stamp(self.revision.onset).local().to_string()
    }

    pub(super) fn stamp(&self, at: Millis) -> Stamp {
        Stamp::new(at, &self.face.time_zone)
    }

    /// The zone's id where its name has nothing that can be said.
    pub(super) fn zone_name(&self, len_max: usize) -> String {
        match sayable(&self.revision.zone_name, len_max) {
            name if name.is_empty() => self.revision.zone.to_string(),
            name => name,
        }
    }
}
