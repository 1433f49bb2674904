//! The story of the simulated city: the true value of every quantity at every node and moment, as a pure
//! function of the seed. It repeats every [`CYCLE`], so that whoever looks sees everything within minutes.
//!
//! The truth is not an alert: alerts must come of it through nodes, broker, gateway and pipeline.

mod acts;
mod air;
mod crowd;
mod curve;
mod hazard;
mod history;
mod town;

pub use acts::{
    ACTS, Act, CYCLE, EXPECTED, Expected, OUTAGE, OUTAGE_ZONE, STUCK, cycle_start, headlines,
    in_cycle,
};

pub use history::{Diary, HISTORY};

use pipeline::calendar::{HOUR, MINUTE, Millis};
use pipeline::city::City;
use wire::quantity::Group;
use wire::{Milli, NodeId, Quantity, ZoneId};

/// The harbour city's offset from UTC; the story has days and nights.
const LOCAL: Millis = 8 * HOUR;

/// Everything true about the city, told by a seed.
#[derive(Clone, Copy, Debug)]
pub struct Story {
    seed: u64,
}

/// Where a node sits in the story.
#[derive(Clone, Debug)]
pub struct Seat {
    pub node: NodeId,
    /// `None` for a node without a zone: it has ordinary surroundings.
    pub zone: Option<ZoneId>,
    /// Its number among the nodes of its zone that measure the same, from 0, and how many they are.
    number: i64,
    of: i64,
    /// Tells its noise from every other node's.
    salt: u64,
}

/// The span of time that a reading is about: since the reading before, up to the moment it is taken.
#[derive(Clone, Copy, Debug)]
pub struct Sampling {
    pub at: Millis,
    /// Time since the reading before; positive.
    pub period: Millis,
}

/// The moment and place that a quantity's function works with.
struct Scene<'a> {
    seat: &'a Seat,
    /// Zone id, or nothing for a node without a zone.
    zone: &'a str,
    /// Into the story, milliseconds.
    offset: Millis,
    /// Local time, for days and nights.
    local: Millis,
    period: Millis,
    /// Different for every seed, node, quantity and moment.
    key: u64,
}

impl Story {
    pub fn new(seed: u64) -> Story {
        Story { seed }
    }

    /// What a perfect sensor at `seat` reads, inside the quantity's plausible range.
    pub fn truth(&self, seat: &Seat, quantity: Quantity, sampling: Sampling) -> Milli {
        let scene = self.scene(seat, quantity, sampling);
        let value = match quantity.entry().group {
            Group::Air => air::truth(quantity, &scene),
            Group::Crowd => crowd::truth(quantity, &scene),
            Group::Hazard => hazard::truth(quantity, &scene),
            Group::Weather | Group::Traffic | Group::Water | Group::Node => {
                town::truth(quantity, &scene)
            }
        };
        let (low, high) = quantity.entry().plausible;
        Milli(value).clamp(low, high)
    }

    /// Whether the node's uplink is dead at `at`. It goes on measuring.
    pub fn is_cut_off(&self, seat: &Seat, at: Millis) -> bool {
        let offset = in_cycle(at);
        seat.zone.is_some_and(|zone| zone.as_str() == OUTAGE_ZONE)
            && (OUTAGE.0 * MINUTE..OUTAGE.1 * MINUTE).contains(&offset)
    }

    fn scene<'a>(&self, seat: &'a Seat, quantity: Quantity, sampling: Sampling) -> Scene<'a> {
        let at = match seat.node.as_str() == STUCK.0 {
            true => stuck_at(sampling.at),
            false => sampling.at,
        };
        Scene {
            seat,
            zone: seat.zone.as_ref().map_or("", ZoneId::as_str),
            offset: in_cycle(at),
            local: at + LOCAL,
            period: sampling.period.max(1),
            key: curve::lot(self.seed ^ seat.salt ^ u64::from(quantity.code())) ^ at.unsigned_abs(),
        }
    }
}

/// A stuck sensor repeats, digit by digit, what it read when it stuck.
fn stuck_at(at: Millis) -> Millis {
    let (_, from, until) = STUCK;
    let offset = in_cycle(at);
    match (from * MINUTE..until * MINUTE).contains(&offset) {
        true => at - offset + from * MINUTE,
        false => at,
    }
}

/// The seats of all nodes of a city, in its order. The story knows the harbour city's zones by name; nodes
/// elsewhere have ordinary surroundings.
pub fn seats(city: &City) -> Vec<Seat> {
    let mut seats: Vec<Seat> = Vec::with_capacity(city.nodes.len());
    for node in &city.nodes {
        let alike = city
            .nodes
            .iter()
            .filter(|other| other.zone == node.zone && other.quantities == node.quantities);
        let number = alike.clone().position(|other| other.ix == node.ix);
        seats.push(Seat {
            node: node.id,
            zone: node
                .zone
                .and_then(|ix| city.zones.iter().find(|zone| zone.ix == ix))
                .map(|zone| zone.id),
            number: number.unwrap_or(0) as i64,
            of: alike.count().max(1) as i64,
            salt: node
                .id
                .as_str()
                .bytes()
                .fold(0, |salt, byte| curve::lot(salt ^ u64::from(byte))),
        });
    }
    seats
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod told;
