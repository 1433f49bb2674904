//! Quality: when a node's readings are withdrawn, by an operator or by a rule about what a sensor can say.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wire::{Milli, Quantity};

use crate::calendar::{HOUR, MINUTE, Millis, SECOND};
use crate::city::NodeIx;
use crate::science::qartod::pane::FlagRule;

/// What a sensor of one quantity must not do; at most one rule a quantity.
///
/// A node that does it has its readings of the quantity withdrawn from the first bad pane until it has been good for
/// a while. What each flaw means stands in [`crate::science::quality`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct QualityRule {
    pub quantity: Quantity,
    /// The same value for so long.
    pub stuck: Option<Millis>,
    pub spike: Option<Spike>,
    /// Least and greatest value that the sensor can say.
    pub range: Option<(Milli, Milli)>,
    pub neighbours: Option<Neighbours>,
    /// For a loop detector's counts or occupancy: by what it shows that it has failed.
    pub detector: Option<DetectorLimits>,
    /// How long after the last bad pane readings stay withdrawn; `None`: as long as the rule looked.
    pub recover: Option<Millis>,
    /// The thresholds of QARTOD's tests, by which panes are flagged; too many that fail are a flaw too.
    pub flags: Option<Arc<FlagRule>>,
}

/// So many panes within a time jump by so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Spike {
    pub by: Milli,
    /// At most [`SPIKES_MAX`].
    pub count: u32,
    pub within: Millis,
}

/// Further than `by` from the other nodes of the zone for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Neighbours {
    pub by: Milli,
    pub lasting: Millis,
}

/// By what a loop detector shows that it has failed ([`crate::science::traffic::detector`]): nothing of the traffic that
/// it reports counts then. Counts are judged by the first two, occupancy by the others; `None`: not judged.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct DetectorLimits {
    /// Not a vehicle for so long.
    pub no_hits: Option<Millis>,
    /// So many vehicles in 30 s.
    pub chatter: Option<Milli>,
    /// Occupied all the time for so long.
    pub locked_on: Option<Millis>,
    /// The same occupancy for so long.
    pub no_change: Option<Millis>,
    /// The timer of wild changes stands above this.
    pub occupancy_spikes: Option<Millis>,
}

/// How long a detector that failed stays withdrawn after its last bad pane, unless its rule says otherwise (IRIS: primary).
/// One that had no hits or did not change counts again at once.
pub const DETECTOR_RECOVERS_AFTER: Millis = 24 * HOUR;

impl DetectorLimits {
    /// What the rule looks at for detectors on a main road (IRIS, `docs/vehicle_detection.md`); `None` for quantities
    /// that show no such failure.
    pub fn main_road(quantity: Quantity) -> Option<DetectorLimits> {
        let nothing = DetectorLimits::default();
        match quantity {
            Quantity::VehicleCount => Some(DetectorLimits {
                no_hits: Some(4 * HOUR),
                chatter: Some(Milli::whole(38)),
                ..nothing
            }),
            Quantity::LaneOccupancy => Some(DetectorLimits {
                locked_on: Some(2 * MINUTE),
                no_change: Some(24 * HOUR),
                occupancy_spikes: Some(60 * SECOND),
                ..nothing
            }),
            _ => None,
        }
    }

    fn window(&self, recover: Option<Millis>) -> Millis {
        let holds =
            self.chatter.is_some() || self.locked_on.is_some() || self.occupancy_spikes.is_some();
        let held = holds.then(|| recover.unwrap_or(DETECTOR_RECOVERS_AFTER));
        let windows = [self.no_hits, self.locked_on, self.no_change, held];
        windows.into_iter().flatten().max().unwrap_or(0)
    }
}

/// Most spikes that a rule may count: they are remembered one by one.
pub const SPIKES_MAX: u32 = 100;

impl QualityRule {
    /// The longest time that the rule looks back on; its quantity's panes must be corrected for longer.
    pub fn window(&self) -> Millis {
        let spike = self.spike.map(|spike| spike.within);
        let beside = self.neighbours.map(|neighbours| neighbours.lasting);
        let recover = self.recover;
        let detector = self.detector.map(|limits| limits.window(recover));
        let flags = self.flags.as_ref().map(|flags| flags.window());
        let windows = [self.stuck, spike, beside, detector, recover, flags];
        windows.into_iter().flatten().max().unwrap_or(0)
    }

    /// Whether it looks for flaws, beside flagging panes.
    pub fn judges(&self) -> bool {
        let QualityRule {
            stuck,
            spike,
            range,
            neighbours,
            detector,
            ..
        } = self;
        let pairs = range.is_some() || neighbours.is_some() || detector.is_some();
        stuck.is_some() || spike.is_some() || pairs
    }
}

/// What is wrong with a sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    Stuck,
    Spiking,
    OutOfRange,
    Disagreeing,
    NoHits,
    Chatter,
    LockedOn,
    NoChange,
    OccupancySpikes,
    /// Too many of its panes fail QARTOD's tests.
    Failing,
}

impl Flaw {
    pub const ALL: [Flaw; 10] = [
        Flaw::Stuck,
        Flaw::Spiking,
        Flaw::OutOfRange,
        Flaw::Disagreeing,
        Flaw::NoHits,
        Flaw::Chatter,
        Flaw::LockedOn,
        Flaw::NoChange,
        Flaw::OccupancySpikes,
        Flaw::Failing,
    ];

    /// Whether it is a loop detector's, which loses all that it says about traffic.
    pub fn is_of_detector(self) -> bool {
        use Flaw::*;
        matches!(
            self,
            NoHits | Chatter | LockedOn | NoChange | OccupancySpikes
        )
    }

    /// The quantities whose readings are withdrawn when it is found in those of `quantity`.
    pub fn withdraws(self, quantity: Quantity) -> Vec<Quantity> {
        match self.is_of_detector() {
            true => vec![
                Quantity::VehicleCount,
                Quantity::VehicleSpeed,
                Quantity::LaneOccupancy,
            ],
            false => vec![quantity],
        }
    }

    /// As metrics and API say it.
    pub fn name(self) -> &'static str {
        match self {
            Flaw::Stuck => "stuck",
            Flaw::Spiking => "spiking",
            Flaw::OutOfRange => "out_of_range",
            Flaw::Disagreeing => "disagreeing",
            Flaw::NoHits => "no_hits",
            Flaw::Chatter => "chatter",
            Flaw::LockedOn => "locked_on",
            Flaw::NoChange => "no_change",
            Flaw::OccupancySpikes => "occupancy_spikes",
            Flaw::Failing => "failing",
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Who or what withdrew readings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cause {
    /// A person, by name.
    Operator(String),
    Flaw(Flaw),
}

/// Readings of a node that do not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Withdrawal {
    pub node: NodeIx,
    /// `None`: all that it says.
    pub quantity: Option<Quantity>,
    /// Event time; a pane that holds any of it is withdrawn whole.
    pub from: Millis,
    /// `None` while it lasts.
    pub until: Option<Millis>,
    pub cause: Cause,
}

impl Withdrawal {
    /// The part of it that panes are compared with.
    pub fn stretch(&self) -> Stretch {
        let Withdrawal {
            quantity,
            from,
            until,
            ..
        } = *self;
        Stretch {
            quantity,
            from,
            until,
        }
    }
}

/// Withdrawn event time of some node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stretch {
    pub quantity: Option<Quantity>,
    pub from: Millis,
    pub until: Option<Millis>,
}

impl Stretch {
    /// Whether a pane of `quantity` holds any of it.
    pub fn covers(&self, quantity: Quantity, start: Millis, end: Millis) -> bool {
        self.quantity.is_none_or(|own| own == quantity)
            && self.from < end
            && self.until.is_none_or(|until| start < until)
    }
}
