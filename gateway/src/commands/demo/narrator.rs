//! What the demo's terminal says: the story's headlines, and every alert as its topic told it.
//!
//! It reads the alert topics like anybody else, so that a line here is proof of a message there.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use pipeline::calendar::Millis;
use serde::Deserialize;

/// An alert's message, as far as a line tells of it.
#[derive(Debug, Deserialize)]
struct Told {
    id: String,
    state: String,
    rule: String,
    kind: String,
    zone_name: String,
    severity: String,
    /// `None`: withheld for privacy.
    value: Option<f64>,
    unit: String,
    threshold: f64,
    onset: Moment,
    updated: Moment,
    end: Option<Moment>,
}

/// An RFC 3339 time.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Moment(Timestamp);

impl TryFrom<String> for Moment {
    type Error = jiff::Error;
    fn try_from(text: String) -> Result<Moment, jiff::Error> {
        text.parse().map(Moment)
    }
}

/// Whether a message came as it was sent, or stood on the broker when we subscribed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Live,
    Retained,
}

/// Turns messages into lines; remembers what it said of each open alert.
pub(super) struct Narrator {
    time_zone: TimeZone,
    start: Timestamp,
    /// State and severity last said, by alert.
    said: BTreeMap<String, (String, String)>,
    /// Alerts about silent nodes come by the dozen: counted by (state, zone) and said in one line.
    silent: BTreeMap<(String, String), (u32, Moment)>,
}

impl Narrator {
    /// Of alerts that were over at `start` it says nothing.
    pub(super) fn new(time_zone: TimeZone, start: Millis) -> Narrator {
        Narrator {
            time_zone,
            start: Timestamp::from_millisecond(start).unwrap_or(Timestamp::UNIX_EPOCH),
            said: BTreeMap::new(),
            silent: BTreeMap::new(),
        }
    }

    /// A line of the story.
    pub(super) fn headline(&self, moment: Millis, headline: &str) -> String {
        let moment = Timestamp::from_millisecond(moment).unwrap_or(Timestamp::UNIX_EPOCH);
        format!("{}  story        {headline}", self.clock(Moment(moment)))
    }

    /// The line for an alert's message, if it says something new. Updates that change neither state nor
    /// severity are on the page, not here.
    pub(super) fn alert(&mut self, payload: &[u8], heard: Heard) -> Option<String> {
        // An empty payload removes an old alert from its topic.
        let mut told: Told = serde_json::from_slice(payload).ok()?;
        let is_open = !matches!(told.state.as_str(), "cleared" | "cancelled");
        if !is_open && (heard == Heard::Retained || told.updated.0 < self.start) {
            // Over before anybody listened.
            return None;
        }
        let before = self.said.get(&told.id);
        if told.state == "updated" && before.is_none() {
            "raised".clone_into(&mut told.state);
        }
        let news = (told.state.clone(), told.severity.clone());
        let is_known = before == Some(&news)
            || told.state == "updated"
                && before.is_some_and(|(_, severity)| *severity == told.severity);
        if is_known {
            return None;
        }
        match is_open {
            true => self.said.insert(told.id.clone(), news),
            false => self.said.remove(&told.id),
        };
        if told.kind == "silence" {
            let entry = self.silent.entry((told.state, told.zone_name));
            entry.or_insert((0, told.updated)).0 += 1;
            return None;
        }
        Some(self.line(&told))
    }

    /// What was counted since the last call, a line each.
    pub(super) fn silences(&mut self) -> Vec<String> {
        let silent = std::mem::take(&mut self.silent);
        silent
            .into_iter()
            .map(|((state, zone), (nodes, updated))| {
                let plural = if nodes == 1 { "" } else { "s" };
                format!(
                    "{}  {state:<12} {:<9} {zone}: {nodes} silent node{plural}",
                    self.clock(updated),
                    "minor"
                )
            })
            .collect()
    }

    fn line(&self, told: &Told) -> String {
        let Told {
            state,
            rule,
            zone_name,
            severity,
            unit,
            threshold,
            ..
        } = told;
        let value = match told.value {
            Some(value) => format!("{}{}", (value * 100.0).round() / 100.0, spoken(unit)),
            None => "few people".to_owned(),
        };
        let detail = match told.end {
            None => format!(
                "{value} (limit {threshold}) since {}",
                self.clock(told.onset)
            ),
            Some(end) => format!(
                "peak {value}, {} to {}",
                self.clock(told.onset),
                self.clock(end)
            ),
        };
        format!(
            "{}  {state:<12} {severity:<9} {zone_name}: {rule}, {detail}",
            self.clock(told.updated)
        )
    }

    /// City time as people read it.
    fn clock(&self, Moment(moment): Moment) -> String {
        moment
            .to_zoned(self.time_zone.clone())
            .strftime("%H:%M")
            .to_string()
    }
}

/// UCUM codes as people read them, with the space before; an index has no unit.
fn spoken(unit: &str) -> &str {
    match unit {
        "1" => "",
        "{person}/m2" => " people/m²",
        "ug/m3" => " µg/m³",
        "[ppm]" => " ppm",
        "Cel" => " °C",
        "m" => " m",
        "%/m" => " %/m",
        other => other,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn message(state: &str, kind: &str, end: &str) -> Vec<u8> {
        format!(
            r#"{{"id":"00","revision":1,"state":"{state}","reason":"threshold","rule":"crowd-danger","kind":"{kind}",
            "zone":"square","zone_name":"Lantern Square","severity":"severe","value":4.13,"unit":"{{person}}/m2",
            "threshold":4.0,"onset":"2026-11-22T04:30:10.000Z","updated":"2026-11-22T04:31:00.000Z"{end}}}"#
        )
        .into_bytes()
    }

    #[test]
    fn an_alert_is_said_when_raised_and_when_over_and_not_in_between() {
        let mut narrator = Narrator::new(TimeZone::get("Asia/Shanghai").unwrap(), 0);
        assert_eq!(
            narrator
                .alert(&message("raised", "crowd", ""), Heard::Live)
                .unwrap(),
            "12:31  raised       severe    Lantern Square: crowd-danger, 4.13 people/m² (limit 4) since 12:30"
        );
        assert_eq!(
            narrator.alert(&message("updated", "crowd", ""), Heard::Live),
            None
        );
        let end = r#","end":"2026-11-22T04:40:00.000Z""#;
        assert_eq!(
            narrator
                .alert(&message("cleared", "crowd", end), Heard::Live)
                .unwrap(),
            "12:31  cleared      severe    Lantern Square: crowd-danger, peak 4.13 people/m², 12:30 to 12:40"
        );
        assert_eq!(
            narrator.alert(&message("cleared", "crowd", end), Heard::Retained),
            None
        );
        assert_eq!(narrator.alert(b"", Heard::Live), None);
        assert_eq!(narrator.alert(b"\xff{", Heard::Live), None);
    }

    #[test]
    fn silent_nodes_are_counted_into_one_line() {
        let mut narrator = Narrator::new(TimeZone::UTC, 0);
        for id in 10..14 {
            let text = String::from_utf8(message("raised", "silence", "")).unwrap();
            let other = text.replace("\"00\"", &format!("\"{id}\""));
            assert_eq!(narrator.alert(other.as_bytes(), Heard::Live), None);
        }
        assert_eq!(
            narrator.silences(),
            ["04:31  raised       minor     Lantern Square: 4 silent nodes"]
        );
        assert_eq!(narrator.silences(), Vec::<String>::new());
    }
}
