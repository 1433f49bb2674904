//! What became of all that came in a node's name, for programs.

use pipeline::calendar::{Millis, rfc3339};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::admission::{Account, Battery, NodeClock, Readings, Refusal};
use crate::board::NodeFace;
use crate::board::nodes::{Followed, NodeBook};

/// Beside the short counts of a node.
#[derive(Serialize, ToSchema)]
pub(super) struct Book {
    /// Longitude and latitude in degrees.
    #[schema(value_type = Option<Vec<f64>>)]
    position: Option<(f64, f64)>,
    owner: String,
    quantities: Vec<&'static str>,
    /// Between two of its frames, where the city's files say it.
    period_seconds: Option<f64>,
    ledger: Ledger,
    boot: Option<Boot>,
    /// `own`, `mapped` (from its uptime), `absurd` (its readings are restamped) or `unknown`.
    clock: &'static str,
    /// Of its keys.
    generation: u8,
    /// `followed`, `sent` (not followed yet), `refused`, `none` (the city asks for none) or `unknown`.
    settings: &'static str,
    battery: Option<BatteryJson>,
}

/// Each frame and each reading is in one place.
#[derive(Serialize, ToSchema)]
pub(super) struct Ledger {
    /// From when on this counts.
    since: Option<String>,
    frames: Frames,
    readings: Marked,
}

#[derive(Serialize, ToSchema)]
struct Frames {
    /// Accepted, duplicate and refused together.
    received: u64,
    accepted: u64,
    duplicate: u64,
    /// By reason.
    refused: BTreeMap<&'static str, u64>,
    /// Holes in its sequences.
    missing: u64,
    /// Overwritten by the node before they were heard.
    lost: u64,
}

#[derive(Serialize, ToSchema)]
struct Marked {
    all: u64,
    admitted: u64,
    faults: u64,
    unknown_quantity: u64,
    implausible: u64,
    /// Not admitted, for a reason that a restart has lost.
    untold: u64,
    late: u64,
    too_late: u64,
    restamped: u64,
    held: u64,
    timeless: u64,
}

#[derive(Serialize, ToSchema)]
struct Boot {
    number: u32,
    heard_at: String,
    /// Where its clock is known.
    started: Option<String>,
    /// Starts that were heard of.
    heard: u64,
}

#[derive(Serialize, ToSchema)]
struct BatteryJson {
    volts: f64,
    at: String,
    /// Within a day at most.
    change_volts: Option<f64>,
    change_seconds: Option<f64>,
}

impl Book {
    pub(super) fn of(face: &NodeFace, book: &NodeBook) -> Book {
        let account = &book.account;
        Book {
            position: face.post.position,
            owner: face.post.owner.clone(),
            quantities: face.quantities.iter().map(|q| q.name()).collect(),
            period_seconds: face.post.period.map(seconds),
            ledger: Ledger::of(account, book.missing),
            boot: account.boot.map(|boot| Boot {
                number: boot.number,
                heard_at: rfc3339(boot.heard_at),
                started: book.started.map(rfc3339),
                heard: account.boots,
            }),
            clock: match account.clock {
                NodeClock::Own => "own",
                NodeClock::Mapped => "mapped",
                NodeClock::Absurd => "absurd",
                NodeClock::Unknown => "unknown",
            },
            generation: book.generation,
            settings: match book.settings {
                Followed::All => "followed",
                Followed::Sent => "sent",
                Followed::Refused => "refused",
                Followed::Nothing => "none",
                Followed::Unknown => "unknown",
            },
            battery: account.battery.as_ref().map(battery),
        }
    }
}

impl Ledger {
    pub(super) fn of(account: &Account, missing: u64) -> Ledger {
        let refused = Refusal::ALL.into_iter();
        let Readings {
            all,
            admitted,
            faults,
            unknown_quantity,
            implausible,
            untold,
            late,
            too_late,
            restamped,
            held,
            timeless,
        } = account.readings;
        Ledger {
            since: account.since.map(rfc3339),
            frames: Frames {
                received: account.received(),
                accepted: account.accepted,
                duplicate: account.duplicate,
                refused: refused
                    .map(|reason| (reason.name(), account.refused[reason as usize]))
                    .collect(),
                missing,
                lost: account.lost,
            },
            readings: Marked {
                all,
                admitted,
                faults,
                unknown_quantity,
                implausible,
                untold,
                late,
                too_late,
                restamped,
                held,
                timeless,
            },
        }
    }
}

fn battery(battery: &Battery) -> BatteryJson {
    let trend = battery.trend();
    BatteryJson {
        volts: battery.volts.to_f64(),
        at: rfc3339(battery.at),
        change_volts: trend.map(|(change, _)| change.to_f64()),
        change_seconds: trend.map(|(_, span)| seconds(span)),
    }
}

fn seconds(span: Millis) -> f64 {
    span as f64 / 1000.0
}
