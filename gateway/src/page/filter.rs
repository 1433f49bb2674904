//! Which alerts a reader wants to see: from a severity up, of a kind, of a zone, with certain words. The address of the
//! page says it, so that it outlives every refresh and works without script.

use maud::{Markup, html};
use pipeline::rules::Severity;
use serde::Deserialize;

use super::summary::SEVERITIES;
use super::{View, words};
use crate::board::picture::AlertPicture;
use crate::language::{Language, kinds};

/// As the address says it; what makes no sense filters nothing, and is not repeated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// From this one up.
    pub severity: String,
    pub kind: String,
    /// A zone's id.
    #[serde(rename = "in")]
    pub zone: String,
    pub words: String,
    /// Of a long list; the first is 1.
    pub page: String,
}

/// Longest text that is looked for.
const WORDS_MAX: usize = 100;

impl Filter {
    pub fn is_on(&self) -> bool {
        !self.query().is_empty()
    }

    /// The first page is 1, whatever was asked.
    pub fn page(&self) -> usize {
        self.page.parse().unwrap_or(1).max(1)
    }

    fn severity(&self) -> Option<Severity> {
        SEVERITIES
            .into_iter()
            .find(|severity| named(*severity) == self.severity)
    }

    fn words(&self) -> String {
        let words: String = self.words.trim().chars().take(WORDS_MAX).collect();
        words.to_lowercase()
    }

    pub(super) fn matches(&self, l: Language, alert: &AlertPicture) -> bool {
        let latest = &alert.latest;
        let is_bad = self.severity().is_none_or(|least| latest.severity >= least);
        let kind = latest.kind.as_str();
        let is_kind = self.kind.is_empty() || kind == self.kind;
        let is_here = self.zone.is_empty() || latest.zone.as_str() == self.zone;
        if !(is_bad && is_kind && is_here) {
            return false;
        }
        let words = self.words();
        if words.is_empty() {
            return true;
        }
        let node = latest.node.map(|node| node.to_string());
        let id = latest.id.to_string();
        let texts = [
            latest.zone_name.as_str(),
            latest.zone.as_str(),
            kind,
            kinds::alert(kind, l),
            latest.rule.as_str(),
            words::severity(l, latest.severity),
            words::state(l, latest.state),
            node.as_deref().unwrap_or_default(),
            latest.desk.assigned.as_deref().unwrap_or_default(),
            latest.acknowledged.as_deref().unwrap_or_default(),
            &id,
        ];
        let text = texts.join(" ").to_lowercase();
        words.split_whitespace().all(|word| text.contains(word))
    }

    /// What of it is on, as an address repeats it; without its page.
    pub fn query(&self) -> String {
        let severity = self.severity().map_or("", named);
        let parts = [
            ("severity", severity),
            ("kind", &self.kind),
            ("in", &self.zone),
            ("words", self.words.trim()),
        ];
        let said = parts.iter().filter(|(_, value)| !value.is_empty());
        let said: Vec<String> = said
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        said.join("&")
    }

    /// The form; `path` is the page that it filters, `kept` what else its address says.
    pub(super) fn form(&self, view: &View, path: &str, kept: &[(&str, &str)]) -> Markup {
        let (l, picture) = (view.language(), &view.picture);
        let mut known: Vec<&str> = picture
            .alerts
            .iter()
            .map(|a| a.latest.kind.as_str())
            .collect();
        known.extend(Some(self.kind.as_str()).filter(|kind| !kind.is_empty()));
        known.sort_unstable();
        known.dedup();
        let mut zones: Vec<(&str, &str)> = picture
            .alerts
            .iter()
            .map(|alert| (alert.latest.zone_name.as_str(), alert.latest.zone.as_str()))
            .collect();
        if !self.zone.is_empty() && zones.iter().all(|(_, id)| *id != self.zone) {
            let named = picture
                .face
                .zones
                .iter()
                .find(|zone| zone.id.as_str() == self.zone);
            zones.push((named.map_or(&self.zone, |zone| &zone.name), &self.zone));
        }
        zones.sort_unstable();
        zones.dedup();
        let any = l.say("all", "全部");
        html! {
            form.filter action=(path) role="search" data-follow aria-label=(l.say("Filter the alerts", "筛选警报")) {
                @for (name, value) in kept.iter().filter(|(_, value)| !value.is_empty()) {
                    input type="hidden" name=(name) value=(value);
                }
                label { (l.say("Severity", "级别")) " "
                    select #by-severity name="severity" {
                        option value="" { (any) }
                        @for severity in SEVERITIES {
                            option value=(named(severity)) selected[self.severity() == Some(severity)] {
                                (match severity {
                                    Severity::Extreme => words::severity(l, severity).to_owned(),
                                    _ => l.say(format!("{} and worse", words::severity(l, severity)), format!("{}及以上", words::severity(l, severity))),
                                })
                            }
                        }
                    }
                }
                label { (l.say("Kind", "类别")) " "
                    select #by-kind name="kind" {
                        option value="" { (any) }
                        @for kind in known { option value=(kind) selected[kind == self.kind] { (kinds::alert(kind, l)) } }
                    }
                }
                label { (l.say("Zone", "区域")) " "
                    select #by-zone name="in" {
                        option value="" { (any) }
                        @for (name, id) in zones { option value=(id) selected[id == self.zone] { (name) } }
                    }
                }
                label { (l.say("Words", "关键词")) " "
                    input #by-words type="search" name="words" value=(self.words) maxlength=(WORDS_MAX) autocomplete="off";
                }
                button.second { (l.say("Filter", "筛选")) }
                @if self.is_on() { a.reset href=(path) { (l.say("Show all", "显示全部")) } }
            }
        }
    }
}

/// A severity as the address says it.
fn named(severity: Severity) -> &'static str {
    match severity {
        Severity::Minor => "minor",
        Severity::Moderate => "moderate",
        Severity::Severe => "severe",
        Severity::Extreme => "extreme",
    }
}

/// A text as a part of an address.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::board::Board;
    use crate::board::sample::{NOON, face, revision};
    use pipeline::alert::State;
    use pipeline::output::TickOutput;

    #[test]
    fn alerts_are_found_by_severity_kind_zone_and_words() {
        let mut board = Board::new(face());
        board.apply(&TickOutput {
            tick: NOON as u64,
            revisions: vec![revision(1, 1, State::Raised, NOON)],
            ..TickOutput::default()
        });
        let picture = board.picture(NOON);
        let alert = &picture.alerts[0];
        let filter = |severity: &str, kind: &str, zone: &str, words: &str| Filter {
            severity: severity.to_owned(),
            kind: kind.to_owned(),
            zone: zone.to_owned(),
            words: words.to_owned(),
            page: String::new(),
        };
        for (asked, found) in [
            (filter("", "", "", ""), true),
            (filter("severe", "crowd", "quay", "OLD  danger"), true),
            (filter("minor", "", "", ""), true),
            (filter("extreme", "", "", ""), false),
            (filter("nonsense", "", "", ""), true),
            (filter("", "gas", "", ""), false),
            (filter("", "", "mole", ""), false),
            (filter("", "", "", "old mole"), false),
        ] {
            assert_eq!(asked.matches(Language::English, alert), found, "{asked:?}");
        }
        assert!(filter("", "", "", "人群").matches(Language::Chinese, alert));
        let query = filter("severe", "", "", "a&b 人").query();
        assert_eq!(query, "severity=severe&words=a%26b%20%E4%BA%BA");
    }
}
