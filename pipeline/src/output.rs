//! What leaves the dataflow: all changes of one tick, in one fixed order for any number of workers.

use crate::alert::{Completeness, Revision};
use crate::calendar::{Millis, Tick};
use crate::city::{NodeIx, ZoneIx};
use crate::exposure::Exposure;
use crate::hearing::{Expectation, Heard};
use crate::incident::Incident;
pub use crate::operators::book::Silence;
pub use crate::operators::quality::flags::Flagged;
use crate::quality::Withdrawal;
use crate::rules::Value;
use crate::science::air::{Pollutants, Standard};
use wire::Milli;

/// The changes of one tick.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TickOutput {
    pub tick: Tick,
    /// Ordered by (zone, value, pane start).
    pub zone_values: Vec<ZoneValue>,
    /// Ordered by (zone, hour, standard).
    pub air: Vec<AirRow>,
    /// Ordered by (zone, day, standard).
    pub air_days: Vec<AirDayRow>,
    /// Minutes of leaks that stand no more (`false`; these come first), and new ones, ordered by source, gas and time. One
    /// that is sealed off leaves too.
    pub exposures: Vec<(Exposure, bool)>,
    /// Ordered as `alerts.ndjson`. The first tick after a snapshot says the last revision of every
    /// remembered alert again, under its old number and time.
    pub revisions: Vec<Revision>,
    /// The same of rules in shadow: not to be published.
    pub shadow: Vec<Revision>,
    /// How far nodes were heard since the output before.
    pub heard: Vec<Heard>,
    /// Who is, or is not any more, expected to say what.
    pub expected: Vec<Expectation>,
    /// Revisions of incidents, ordered by (time, kind, id, revision). The first tick after a snapshot
    /// says the last one of every remembered incident again, under its old number and time.
    pub incidents: Vec<Incident>,
    /// All silences in force, ordered by scope: whenever they change, and at the first tick after a snapshot.
    pub silences: Option<Vec<Silence>>,
    /// Silences that had to go at this tick because there were too many (`limits::SILENCES_MAX`).
    pub silences_dropped: u64,
    /// Nodes that fell silent (`Some`: last heard at) or spoke again (`None`), ordered by node.
    pub silence: Vec<(NodeIx, Option<Millis>)>,
    /// Readings that do not count from this tick on (`true`), and withdrawals that stand no more (`false`; these come
    /// first). One that only ends leaves and comes back with its end; one whose panes are all sealed off leaves.
    pub withdrawals: Vec<(Withdrawal, bool)>,
    /// Panes in which a quality test finds something from this tick on (`true`), and panes in which it finds that no
    /// more, or that are sealed off (`false`; these come first).
    pub flags: Vec<(Flagged, bool)>,
}

impl TickOutput {
    /// Whether there is anything in it.
    pub fn says_something(&self) -> bool {
        let empty = TickOutput {
            tick: self.tick,
            ..TickOutput::default()
        };
        *self != empty
    }
}

/// A zone's figure for one pane: new, or corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneValue {
    pub zone: ZoneIx,
    pub value: Value,
    pub pane_start: Millis,
    pub pane_end: Millis,
    /// `None`: all readings of the pane were withdrawn.
    pub figures: Option<Figures>,
    pub completeness: Completeness,
    /// Nodes heard whose readings a quality test finds suspect.
    pub suspect: u32,
    /// The expected node that was last heard longest ago of those that have not passed the pane; `None`: it is final.
    pub waits_for: Option<NodeIx>,
}

/// A pane's statistics over a zone's nodes.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Figures {
    pub mean: Milli,
    pub min: Milli,
    pub max: Milli,
    /// Value of the latest reading.
    pub last: Milli,
    /// Readings summed.
    pub count: u64,
    /// A node's sensor was at the end of its range: the true value is at least this.
    pub saturated: bool,
}

/// A zone's hourly air index: new, or corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AirRow {
    pub zone: ZoneIx,
    /// Start of the hour.
    pub hour: Millis,
    pub standard: Standard,
    /// `None`: withdrawn, the hour has no valid index any more.
    pub index: Option<AirIndex>,
}

/// A zone's air index of a local day: new, or corrected. It is said when the day is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AirDayRow {
    pub zone: ZoneIx,
    /// Start of the day by the city's clock.
    pub day: Millis,
    pub end: Millis,
    pub standard: Standard,
    /// `None`: withdrawn, the day has no valid index any more.
    pub index: Option<AirIndex>,
}

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct AirIndex {
    pub index: u32,
    /// 1 for the best category of the standard.
    pub category: u8,
    /// Whose index it is; none where the standard names none.
    pub primary: Pollutants,
}
