//! Quality: when a node's readings are withdrawn, by an operator or by a rule about what a sensor can say.

use std::fmt;

use serde::{Deserialize, Serialize};
use wire::{Milli, Quantity};

use crate::calendar::Millis;
use crate::city::NodeIx;

/// What a sensor of one quantity must not do; at most one rule a quantity.
///
/// A node that does it has its readings of the quantity withdrawn from the first bad pane until it has been good for
/// a while. What each flaw means stands in [`crate::science::quality`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct QualityRule {
    pub quantity: Quantity,
    /// The same value for so long.
    pub stuck: Option<Millis>,
    pub spike: Option<Spike>,
    /// Least and greatest value that the sensor can say.
    pub range: Option<(Milli, Milli)>,
    pub neighbours: Option<Neighbours>,
    /// How long after the last bad pane readings stay withdrawn; `None`: as long as the rule looked.
    pub recover: Option<Millis>,
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

/// Most spikes that a rule may count: they are remembered one by one.
pub const SPIKES_MAX: u32 = 100;

impl QualityRule {
    /// The longest time that the rule looks back on; its quantity's panes must be corrected for longer.
    pub fn window(&self) -> Millis {
        let spike = self.spike.map(|spike| spike.within);
        let beside = self.neighbours.map(|neighbours| neighbours.lasting);
        let windows = [self.stuck, spike, beside, self.recover];
        windows.into_iter().flatten().max().unwrap_or(0)
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
}

impl Flaw {
    pub const ALL: [Flaw; 4] = [
        Flaw::Stuck,
        Flaw::Spiking,
        Flaw::OutOfRange,
        Flaw::Disagreeing,
    ];

    /// As metrics and API say it.
    pub fn name(self) -> &'static str {
        match self {
            Flaw::Stuck => "stuck",
            Flaw::Spiking => "spiking",
            Flaw::OutOfRange => "out_of_range",
            Flaw::Disagreeing => "disagreeing",
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
