//! What the gateway counts: registered once, one struct, label values from closed sets only.
//!
//! Names are part of the interface (prefix `citysense_`, base units, `_total` for counters). Figures about
//! zones and alerts are not here: they are read from the board when somebody scrapes.

use pipeline::output::Flagged;
use pipeline::science::qartod::Flag;
use pipeline::science::qartod::pane::Test;
use prometheus::{
    Gauge, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};

use crate::journal::Forgotten;

/// The gateway's counters, shared by all its parts.
pub struct Metrics {
    registry: Registry,
    /// Every frame that came in, by what became of it: `accepted`, `duplicate`, `refused`.
    pub frames: IntCounterVec,
    /// Every reading of an accepted frame: `admitted`, `refused`.
    pub readings: IntCounterVec,
    /// Refused frames and readings by reason.
    pub refusals: IntCounterVec,
    /// Admitted readings that were `late`, `too_late` or `restamped`; `held` and `timeless` wait for a clock.
    pub readings_marked: IntCounterVec,
    /// Sequence numbers that a node overwrote before they were heard.
    pub frames_lost: IntCounter,
    /// Messages dropped because a queue was full, by queue.
    pub drops: IntCounterVec,
    /// Sealed acknowledgements sent to nodes.
    pub acknowledgements: IntCounter,
    /// Alert messages handed to the broker.
    pub published: IntCounter,
    /// Alert messages of which the disk does not know yet that the broker has them.
    pub publish_pending: IntGauge,
    /// From a reading's admission to its alert's publication, in real seconds.
    pub alert_latency: Histogram,
    /// How far the dataflow is behind the gateway's clock, in city seconds.
    pub frontier_lag: Gauge,
    /// Bytes that the journal has on disk.
    pub journal_bytes: IntGauge,
    /// Bytes that are free where the journal is.
    pub disk_free: Gauge,
    /// One group commit, from first write to synced, in seconds.
    pub journal_commit: Histogram,
    /// 1 once a journal write failed; the gateway acknowledges nothing any more.
    pub journal_failed: IntGauge,
    /// 1 while the gateway is connected to its broker, by link: `readings`, `alarms`.
    pub link_up: IntGaugeVec,
    /// Connections made to the broker.
    pub link_connects: IntCounter,
    /// Connections to the broker that broke or could not be made.
    pub link_failures: IntCounter,
    /// Settings by what became of them: `sent` (until a frame says so), `followed`, `refused`.
    pub settings: IntCounterVec,
    /// Requests to Alertmanager: `delivered`, `refused` (it said no), `failed` (nobody answered).
    pub pushes: IntCounterVec,
    /// 1 while an Alertmanager takes what it is told, by its address; nothing before it was first asked.
    pub alertmanager_up: IntGaugeVec,
    /// Changes of the city's files while the gateway ran: `used`, `refused`.
    pub city_reloads: IntCounterVec,
    /// What was kept long enough and left the disk: `input`, `revision`.
    pub forgotten: IntCounterVec,
    /// By test and flag: a pane that is corrected counts again.
    quality_flags: IntCounterVec,
}

impl Metrics {
    /// Registers everything in a registry of its own.
    pub fn new() -> Result<Metrics, prometheus::Error> {
        let registry = Registry::new();
        let counter = |name: &str, help: &str| -> Result<IntCounter, prometheus::Error> {
            let counter = IntCounter::new(name, help)?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let counters = |name: &str, help: &str, label: &str, values: &[&str]| {
            let counters = IntCounterVec::new(Opts::new(name, help), &[label])?;
            // All series exist from the start, so that a rate is right from the first event on.
            for value in values {
                counters.with_label_values(&[value]);
            }
            registry.register(Box::new(counters.clone()))?;
            Ok::<_, prometheus::Error>(counters)
        };
        let gauge = |name: &str, help: &str| -> Result<IntGauge, prometheus::Error> {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        let histogram = |name: &str, help: &str, buckets: &[f64]| {
            let histogram =
                Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))?;
            registry.register(Box::new(histogram.clone()))?;
            Ok::<_, prometheus::Error>(histogram)
        };
        let frontier_lag = Gauge::new(
            "citysense_frontier_lag_seconds",
            "How far the dataflow is behind the gateway's clock",
        )?;
        registry.register(Box::new(frontier_lag.clone()))?;
        let disk_free = Gauge::new(
            "citysense_disk_free_bytes",
            "Bytes that are free for the gateway on the journal's disk",
        )?;
        registry.register(Box::new(disk_free.clone()))?;
        let quality_flags = IntCounterVec::new(
            Opts::new(
                "citysense_quality_flags_total",
                "Panes of nodes in which a quality test found something, by test and flag",
            ),
            &["test", "flag"],
        )?;
        for test in Test::ALL {
            for flag in [Flag::Suspect, Flag::Fail] {
                quality_flags.with_label_values(&[test.name(), flag.name()]);
            }
        }
        registry.register(Box::new(quality_flags.clone()))?;
        let alertmanager_up = IntGaugeVec::new(
            Opts::new(
                "citysense_alertmanager_up",
                "1 while an Alertmanager took the last request, 0 while it did not; no series before the first",
            ),
            &["address"],
        )?;
        registry.register(Box::new(alertmanager_up.clone()))?;
        let link_up = IntGaugeVec::new(
            Opts::new(
                "citysense_link_up",
                "1 while connected to the broker, by link",
            ),
            &["link"],
        )?;
        for link in LINKS {
            link_up.with_label_values(&[link]);
        }
        registry.register(Box::new(link_up.clone()))?;
        let build = IntGaugeVec::new(
            Opts::new("citysense_build_info", "1; which version runs"),
            &["version"],
        )?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        registry.register(Box::new(build))?;
        Ok(Metrics {
            frames: counters(
                "citysense_frames_total",
                "Frames received, by what became of them",
                "outcome",
                &["accepted", "duplicate", "refused"],
            )?,
            readings: counters(
                "citysense_readings_total",
                "Readings of accepted frames, by what became of them",
                "outcome",
                &["admitted", "fault", "refused"],
            )?,
            refusals: counters(
                "citysense_refusals_total",
                "Refused frames and readings, by reason",
                "reason",
                &REFUSAL_REASONS,
            )?,
            readings_marked: counters(
                "citysense_readings_marked_total",
                "Readings that were late, too late, restamped, held until their node's clock was known, or without any clock",
                "mark",
                &["late", "too_late", "restamped", "held", "timeless"],
            )?,
            frames_lost: counter(
                "citysense_frames_lost_total",
                "Frames that nodes overwrote before they were heard",
            )?,
            drops: counters(
                "citysense_drops_total",
                "Messages dropped because a queue was full, by queue",
                "queue",
                &["acknowledgement", "action", "publish", "silence"],
            )?,
            acknowledgements: counter(
                "citysense_acknowledgements_total",
                "Sealed acknowledgements sent to nodes",
            )?,
            published: counter(
                "citysense_published_total",
                "Alert messages handed to the broker",
            )?,
            publish_pending: gauge(
                "citysense_publish_pending",
                "Messages that the broker has not confirmed, or whose confirmation is not on disk",
            )?,
            alert_latency: histogram(
                "citysense_alert_latency_seconds",
                "From admission to publication of what it changed",
                &[
                    0.005, 0.01, 0.025, 0.05, 0.1, 0.125, 0.15, 0.175, 0.2, 0.25, 0.5, 1.0, 2.5,
                    5.0,
                ],
            )?,
            frontier_lag,
            disk_free,
            journal_bytes: gauge("citysense_journal_bytes", "Bytes of the journal on disk")?,
            journal_commit: histogram(
                "citysense_journal_commit_seconds",
                "One group commit of the journal",
                &[
                    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0,
                ],
            )?,
            journal_failed: gauge(
                "citysense_journal_failed",
                "1 once a journal write failed: nothing is acknowledged any more",
            )?,
            link_up,
            alertmanager_up,
            link_connects: counter(
                "citysense_link_connects_total",
                "Connections made to the broker",
            )?,
            link_failures: counter(
                "citysense_link_failures_total",
                "Connections to the broker that broke or could not be made",
            )?,
            settings: counters(
                "citysense_node_settings_total",
                "Settings sent to nodes, gone by from then on, or refused",
                "outcome",
                &SettingsOutcome::ALL.map(SettingsOutcome::name),
            )?,
            pushes: counters(
                "citysense_alertmanager_pushes_total",
                "Requests to Alertmanager, by what became of them",
                "outcome",
                &["delivered", "refused", "failed"],
            )?,
            city_reloads: counters(
                "citysense_city_reloads_total",
                "Changes of the city's files while the gateway ran, by what became of them",
                "outcome",
                &["used", "refused"],
            )?,
            forgotten: counters(
                "citysense_forgotten_total",
                "Inputs of the journal and revisions of alerts that were kept long enough and left the disk",
                "entry",
                &["input", "revision"],
            )?,
            quality_flags,
            registry,
        })
    }

    /// A quality test found something.
    pub fn flagged(&self, flagged: &Flagged) {
        for test in Test::ALL {
            let flag = flagged.flags.of(test);
            if flag >= Flag::Suspect {
                let labels = [test.name(), flag.name()];
                self.quality_flags.with_label_values(&labels).inc();
            }
        }
    }

    /// A step of forgetting was made.
    pub fn forgot(&self, forgotten: Forgotten) {
        let Forgotten { inputs, revisions } = forgotten;
        for (entry, count) in [("input", inputs), ("revision", revisions)] {
            self.forgotten.with_label_values(&[entry]).inc_by(count);
        }
    }

    /// Where everything is registered, for whoever serves it; clones share it.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Everything in Prometheus' text format.
    pub fn encode(&self) -> String {
        TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .unwrap_or_else(|error| format!("# metrics could not be encoded: {error}\n"))
    }
}

/// The gateway's two connections to its broker, by what comes in over them.
pub const LINKS: [&str; 2] = ["readings", "alarms"];

/// Every reason for which a frame (first six) or a reading is refused.
pub const REFUSAL_REASONS: [&str; 8] = [
    "malformed",
    "version",
    "unknown_node",
    "seal",
    "generation",
    "topic",
    "unknown_quantity",
    "implausible",
];

/// What became of settings that a node was to go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsOutcome {
    Sent,
    Followed,
    Refused,
}

impl SettingsOutcome {
    pub const ALL: [SettingsOutcome; 3] = [
        SettingsOutcome::Sent,
        SettingsOutcome::Followed,
        SettingsOutcome::Refused,
    ];

    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            SettingsOutcome::Sent => "sent",
            SettingsOutcome::Followed => "followed",
            SettingsOutcome::Refused => "refused",
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_series_of_a_closed_set_exists_from_the_start() {
        let text = Metrics::new().unwrap().encode();
        for reason in REFUSAL_REASONS {
            let line = format!("citysense_refusals_total{{reason=\"{reason}\"}} 0");
            assert!(text.contains(&line), "{line}");
        }
        assert!(text.contains("citysense_alert_latency_seconds_count 0"));
    }
}
