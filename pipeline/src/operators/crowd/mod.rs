//! People in a zone: what area counters see and what gates let through, as one number; and the flow at the gates.
//!
//! Both are items of their zone, with its ground and its head counts. [`occupancy`] walks over them in event time.

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use wire::{Milli, Quantity};

pub use occupancy::{Crowd, Occupancy, SealedCrowd};

use super::fold::{Kept, fold};
use super::panes::{Grain, NodePane, PaneKey};
use super::placed::Placed;
use super::zones::{Cut, ZoneKey, ZonePane};
use crate::calendar::{Calendar, Millis, Tick};
use crate::city::{NodeIx, ZoneIx};
use crate::rules::Value;

mod occupancy;
mod said;

/// Where a gate's people go: the zones on its two sides, and how wide it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sides {
    pub from: Option<ZoneIx>,
    pub to: Option<ZoneIx>,
    /// Metres in thousandths; 0: unknown.
    pub width: Milli,
}

/// What occupancy of a zone is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Item {
    /// Usable ground; 0: unknown, no density.
    Area(Milli),
    /// Area counters that the zone should have.
    Counters(u32),
    /// What the zone's area counters see in a pane.
    Count { start: Millis, pane: ZonePane },
    /// People that a gate let in, less those it let out, in a pane.
    Flow {
        start: Millis,
        node: NodeIx,
        inwards: bool,
        net: Milli,
        width: Milli,
    },
    /// A head count by a person or a schedule.
    Anchor { at: Millis, count: Milli },
}

/// One derived figure: people, people per square metre, or the flow at the zone's gates.
pub type Derived = ((ZoneIx, Value), (Millis, ZonePane));

/// Gate panes as flows of the zones on both sides.
pub fn flows<'scope>(
    node_panes: VecCollection<'scope, Tick, (NodeIx, (PaneKey, NodePane)), isize>,
    placed: VecCollection<'scope, Tick, (NodeIx, Placed), isize>,
    calendar: &Calendar,
) -> VecCollection<'scope, Tick, (ZoneIx, Item), isize> {
    let calendar = calendar.clone();
    let counted = |quantity| matches!(quantity, Quantity::PersonsIn | Quantity::PersonsOut);
    node_panes
        .filter(move |(_, (key, _))| key.grain == Grain::Fine && counted(key.quantity))
        .arrange_by_key_named("gate panes")
        .join_core(
            placed
                .filter(|(_, placed)| !placed.gates.is_empty())
                .arrange_by_key_named("gates"),
            move |node, (key, pane), placed| {
                let end = key.start + calendar.span(key.quantity).width;
                let stands = !placed.withdraws(key.quantity, key.start, end);
                let inwards = key.quantity == Quantity::PersonsIn;
                let net = if inwards {
                    pane.figure()
                } else {
                    Milli(-pane.figure().0)
                };
                let (start, node) = (key.start, *node);
                let flow = move |zone: ZoneIx, net, width| {
                    let flow = Item::Flow {
                        start,
                        node,
                        inwards,
                        net,
                        width,
                    };
                    (zone, flow)
                };
                let gates: Vec<Sides> = match stands {
                    true => placed.gates.clone(),
                    false => Vec::new(),
                };
                gates.into_iter().flat_map(move |sides| {
                    let to = sides.to.map(|zone| flow(zone, net, sides.width));
                    let from = sides
                        .from
                        .map(|zone| flow(zone, Milli(-net.0), sides.width));
                    to.into_iter().chain(from)
                })
            },
        )
}

/// The area counters' zone values as items of their zone.
pub fn counts<'scope>(
    zone_values: VecCollection<'scope, Tick, (ZoneKey, ZonePane), isize>,
) -> VecCollection<'scope, Tick, (ZoneIx, Item), isize> {
    zone_values.flat_map(|(key, pane)| {
        let counted = key.quantity == Quantity::PersonCount && key.cut == Cut::Fine;
        counted.then_some((
            key.zone,
            Item::Count {
                start: key.start,
                pane,
            },
        ))
    })
}

/// People, density and flow at gates per pane of every zone that can be counted.
pub fn crowd<'scope>(
    items: VecCollection<'scope, Tick, (ZoneIx, Item), isize>,
    calendar: &Calendar,
    kept: Kept<Crowd>,
    restored_at: Tick,
) -> VecCollection<'scope, Tick, Derived, isize> {
    let span = calendar.span(Quantity::PersonCount);
    fold(items, "crowd", Crowd { span }, kept, restored_at)
}
