//! What happens in the gateway, said once: each event sets its metric and writes its log line here and nowhere else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use wire::NodeId;

use crate::metrics::{Metrics, SettingsOutcome};

/// Something that people or dashboards want to know.
#[derive(Debug)]
pub enum Event<'a> {
    /// Connected to the broker, for the first time or again; `link` is one of [`crate::metrics::LINKS`].
    LinkUp {
        link: &'static str,
    },
    LinkDown {
        link: &'static str,
        cause: &'a str,
    },
    /// A frame was not admitted; `reason` is one of [`crate::metrics::REFUSAL_REASONS`].
    FrameRefused {
        reason: &'static str,
        node: Option<NodeId>,
    },
    /// A node goes by other settings than before, or refuses those it was sent.
    Settings {
        outcome: SettingsOutcome,
        node: NodeId,
    },
    /// A reading of an accepted frame was not admitted.
    ReadingRefused {
        reason: &'static str,
        node: NodeId,
    },
    /// A message was dropped because `queue` was full.
    Dropped {
        queue: &'static str,
    },
    /// A journal write failed: from now on nothing is acknowledged.
    JournalFailed {
        cause: &'a str,
    },
    /// The Alertmanager at `address` took what it was told.
    Pushed {
        address: &'a str,
    },
    /// It did not: it said no, or nobody answered. It is told again.
    PushFailed {
        address: &'a str,
        refused: bool,
        cause: &'a str,
    },
    /// The city's files changed and are in use from now on.
    CityUsed,
    /// The city's files changed and are not used; the version before stays.
    CityRefused {
        cause: &'a str,
    },
}

/// Sets metrics and writes logs; cheap to clone.
#[derive(Clone)]
pub struct Events {
    pub metrics: Arc<Metrics>,
    quiet: Arc<Quiet>,
}

/// When each frequent event was last logged, in seconds since `start`, plus one.
struct Quiet {
    start: Instant,
    refused: AtomicU64,
    dropped: AtomicU64,
    pushes: AtomicU64,
}

/// A frequent event is logged at most once in this time; its counter says how often it happened.
const LOG_EVERY_S: u64 = 10;

impl Events {
    pub fn new(metrics: Arc<Metrics>) -> Events {
        Events {
            metrics,
            quiet: Arc::new(Quiet {
                start: Instant::now(),
                refused: AtomicU64::new(0),
                dropped: AtomicU64::new(0),
                pushes: AtomicU64::new(0),
            }),
        }
    }

    pub fn emit(&self, event: Event<'_>) {
        let metrics = &self.metrics;
        match event {
            Event::LinkUp { link } => {
                metrics.link_up.with_label_values(&[link]).set(1);
                metrics.link_connects.inc();
                tracing::info!(link, "connected to the broker");
            }
            Event::LinkDown { link, cause } => {
                metrics.link_up.with_label_values(&[link]).set(0);
                metrics.link_failures.inc();
                tracing::warn!(link, cause, "no connection to the broker; trying again");
            }
            Event::FrameRefused { reason, node } => {
                metrics.frames.with_label_values(&["refused"]).inc();
                metrics.refusals.with_label_values(&[reason]).inc();
                if self.is_due(&self.quiet.refused) {
                    let node = node.map(tracing::field::display);
                    tracing::warn!(reason, node, "frame refused; /metrics counts how many");
                }
            }
            Event::Settings { outcome, node } => {
                metrics.settings.with_label_values(&[outcome.name()]).inc();
                match outcome {
                    SettingsOutcome::Sent => {}
                    SettingsOutcome::Followed => tracing::info!(%node, "goes by other settings"),
                    SettingsOutcome::Refused => tracing::warn!(
                        %node,
                        "refuses the settings of nodes.csv and rules.toml: has it other sensors than nodes.csv says?"
                    ),
                }
            }
            Event::ReadingRefused { reason, node } => {
                metrics.readings.with_label_values(&["refused"]).inc();
                metrics.refusals.with_label_values(&[reason]).inc();
                if self.is_due(&self.quiet.refused) {
                    tracing::warn!(reason, %node, "reading refused; /metrics counts how many");
                }
            }
            Event::Dropped { queue } => {
                metrics.drops.with_label_values(&[queue]).inc();
                if self.is_due(&self.quiet.dropped) {
                    tracing::warn!(
                        queue,
                        "queue full, message dropped; /metrics counts how many"
                    );
                }
            }
            Event::JournalFailed { cause } => {
                metrics.journal_failed.set(1);
                tracing::error!(
                    cause,
                    "the journal cannot be written: nothing is acknowledged any more, nodes keep their readings; \
                     free the disk and start again"
                );
            }
            Event::Pushed { address } => {
                metrics.pushes.with_label_values(&["delivered"]).inc();
                metrics.alertmanager_up.with_label_values(&[address]).set(1);
            }
            Event::PushFailed {
                address,
                refused,
                cause,
            } => {
                let outcome = if refused { "refused" } else { "failed" };
                metrics.pushes.with_label_values(&[outcome]).inc();
                metrics.alertmanager_up.with_label_values(&[address]).set(0);
                if self.is_due(&self.quiet.pushes) {
                    tracing::warn!(
                        address,
                        cause,
                        "Alertmanager was not told; trying again. Is its address in [alertmanager] right, and does it run?"
                    );
                }
            }
            Event::CityUsed => {
                metrics.city_reloads.with_label_values(&["used"]).inc();
                tracing::info!("the city's files changed and are used from now on");
            }
            Event::CityRefused { cause } => {
                metrics.city_reloads.with_label_values(&["refused"]).inc();
                tracing::warn!(
                    cause,
                    "the city's files changed but are not used; the version before stays"
                );
            }
        }
    }

    fn is_due(&self, last: &AtomicU64) -> bool {
        let now = self.quiet.start.elapsed().as_secs() + 1;
        let then = last.load(Ordering::Relaxed);
        (then == 0 || now >= then + LOG_EVERY_S)
            && last
                .compare_exchange(then, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_counted_in_full_and_logged_once() {
        let events = Events::new(Arc::new(Metrics::new().unwrap()));
        for _ in 0..1_000 {
            events.emit(Event::FrameRefused {
                reason: "seal",
                node: None,
            });
        }
        let metrics = &events.metrics;
        assert_eq!(metrics.frames.with_label_values(&["refused"]).get(), 1_000);
        assert_eq!(metrics.refusals.with_label_values(&["seal"]).get(), 1_000);
        assert!(!events.is_due(&events.quiet.refused));
    }
}
