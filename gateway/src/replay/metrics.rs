//! `metrics.prom`: the books and the alerts as they stand at the end, for Prometheus.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use pipeline::alert::State;
use pipeline::rules::Severity;
use wire::KindId;

use super::Books;
use crate::scores::Scores;

/// Exposition text.
pub(super) fn exposition<'a>(
    books: &Books,
    alerts: impl Iterator<Item = &'a (KindId, Severity, State)>,
    scores: &Scores,
) -> String {
    let mut text = Text::default();
    match books {
        Books::Rows(ledger) => {
            text.counter("readings", "Readings admitted.", ledger.admitted);
            let help = "Readings that corrected a judged pane.";
            text.counter("readings_late", help, ledger.late);
            let help = "Readings of sealed-off panes.";
            text.counter("readings_too_late", help, ledger.too_late);
            text.counter(
                "readings_duplicate",
                "Repeated readings.",
                ledger.duplicates,
            );
            text.refusals(ledger.refused_by_reason());
        }
        Books::Journal(books) => {
            text.counter("frames", "Frames in the journal.", books.frames);
            text.counter(
                "readings",
                "Readings admitted.",
                books.readings + books.history,
            );
            text.refusals([("content", books.refused)]);
        }
    }
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (kind, severity, state) in alerts {
        let word = |word: &dyn Debug| format!("{word:?}").to_lowercase();
        let (severity, state) = (word(severity), word(state));
        let labels = format!("{{kind=\"{kind}\",severity=\"{severity}\",state=\"{state}\"}}");
        *counts.entry(labels).or_default() += 1;
    }
    text.family(
        "citysense_alerts",
        "gauge",
        "Alerts by their last state.",
        counts,
    );
    for family in scores.families() {
        let kind = if family.counter { "counter" } else { "gauge" };
        let samples = family.samples.iter();
        let samples = samples.map(|(values, sample)| (family.label_text(values), *sample));
        text.family(family.name, kind, family.help, samples);
    }
    text.0
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn family(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        samples: impl IntoIterator<Item = (String, impl Display)>,
    ) {
        self.0 += &format!("# HELP {name} {help}\n# TYPE {name} {kind}\n");
        for (labels, value) in samples {
            self.0 += &format!("{name}{labels} {value}\n");
        }
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        let name = format!("citysense_{name}_total");
        self.family(&name, "counter", help, [(String::new(), value)]);
    }

    fn refusals(&mut self, reasons: impl IntoIterator<Item = (&'static str, u64)>) {
        let sample = |(reason, count)| (format!("{{reason=\"{reason}\"}}"), count);
        let samples = reasons.into_iter().map(sample);
        let help = "Rows or readings not admitted.";
        self.family("citysense_refusals_total", "counter", help, samples);
    }
}
