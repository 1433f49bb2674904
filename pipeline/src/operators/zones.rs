//! Zone values: node-panes meet the registry and become one figure per zone and pane.
//!
//! The meeting is a join, so that a moved boundary or a withdrawn sensor revises. The summing is a fold and not a `reduce`: that would keep
//! every node's part with its history in an arrangement of its own, to be merged again and again.

use std::collections::BTreeSet;

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use wire::milli::divide_rounded;
use wire::quantity::Summing;
use wire::{Milli, Quantity};

use super::correct;
use super::fold::{Cells, Fold, fold};
use super::panes::summary::{direction, unit_vector};
use super::panes::{Grain, NodePane, NodePanes, PaneKey};
use super::placed::Placed;
use super::quality::flags::Flagged;
use crate::calendar::{Calendar, HOUR, Millis, Tick, pane_start};
use crate::city::{NodeIx, ZoneIx};
use crate::output::Figures;
use crate::science::air::correction::Correction;
use crate::science::qartod::Flag;

/// A node's membership of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Member {
    pub zone: ZoneIx,
    pub weight: Milli,
    /// How far the city's local hours are shifted against UTC hours.
    pub hour_shift: Millis,
    /// How its fine particles are corrected for humidity.
    pub correction: Option<Correction>,
    /// A node of the zone is corrected: humidity matters.
    pub moist: bool,
}

/// How long a pane of a zone is, and whether it is still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cut {
    Fine,
    Open,
    Hour,
    /// What turned nodes' own alarms in a pane.
    Alarm,
}

/// Which figure of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ZoneKey {
    pub zone: ZoneIx,
    pub quantity: Quantity,
    pub cut: Cut,
    pub start: Millis,
}

/// A zone's figure for one pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ZonePane {
    pub figures: Figures,
    /// Nodes that have readings in the pane.
    pub heard: u32,
    /// Those of them whose readings a quality test finds suspect.
    pub suspect: u32,
}

/// What a zone's pane is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Item {
    Part(Part),
    Suspect(NodeIx),
}

/// One node's part of a zone's pane; ordered by node so that an hour's quarters lie together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) node: NodeIx,
    pub(crate) start: Millis,
    pub(crate) weight: Milli,
    pub(crate) pane: NodePane,
}

/// Joins node-panes with their zone and sums each zone's pane to its figures.
pub fn zones<'scope>(
    node_panes: NodePanes<'scope>,
    placed: VecCollection<'scope, Tick, (NodeIx, Placed), isize>,
    flagged: VecCollection<'scope, Tick, Flagged, isize>,
    calendar: Calendar,
) -> VecCollection<'scope, Tick, (ZoneKey, ZonePane), isize> {
    let widths = calendar.clone();
    let parts = node_panes.clone().join_core(
        placed.clone().arrange_by_key_named("placed"),
        move |node, (key, pane), placed| part(&widths, *node, *key, *pane, placed),
    );
    let corrected = correct::corrected(node_panes, placed, &calendar);
    let parts = parts.concat(corrected);
    let parts = parts.map(|(key, part)| (key, Item::Part(part)));
    let suspects = flagged.flat_map(|flagged| {
        let is_suspect = flagged.flags.aggregate() >= Flag::Suspect;
        let key = ZoneKey {
            zone: flagged.zone?,
            quantity: flagged.quantity,
            cut: Cut::Fine,
            start: flagged.start,
        };
        is_suspect.then_some((key, Item::Suspect(flagged.node)))
    });
    // After a restart the panes say all their parts again, so nothing is kept in a snapshot.
    fold(
        parts.concat(suspects),
        "zone values",
        Zones,
        Cells::empty(),
        0,
    )
}

struct Zones;

/// One zone's pane: its nodes' parts in order, and the figures last said.
#[derive(Default)]
struct Parts {
    parts: Vec<Part>,
    /// Whether or not they count.
    suspects: BTreeSet<NodeIx>,
    said: Option<ZonePane>,
}

impl Fold for Zones {
    type Key = ZoneKey;
    type Item = Item;
    type Out = (ZoneKey, ZonePane);
    type State = Parts;

    fn step(
        &mut self,
        _tick: Tick,
        key: &ZoneKey,
        state: &mut Parts,
        changes: &[(Item, isize)],
        emit: &mut dyn FnMut((ZoneKey, ZonePane), isize),
    ) -> Option<Tick> {
        for (item, diff) in changes {
            let part = match item {
                Item::Part(part) => part,
                // Another finding about the same node is the same row.
                Item::Suspect(node) => {
                    match *diff > 0 {
                        true => state.suspects.insert(*node),
                        false => state.suspects.remove(node),
                    };
                    continue;
                }
            };
            match (state.parts.binary_search(part), *diff > 0) {
                (Err(at), true) => state.parts.insert(at, *part),
                (Ok(at), false) => drop(state.parts.remove(at)),
                // A collection of node-panes says nothing twice and takes nothing back that it did not say.
                (Ok(_), true) | (Err(_), false) => {}
            }
        }
        let figures = (!state.parts.is_empty()).then(|| {
            let suspect = |part: &&Part| state.suspects.contains(&part.node);
            ZonePane {
                suspect: state.parts.iter().filter(suspect).count() as u32,
                ..summed(key.quantity, &state.parts)
            }
        });
        if figures != state.said {
            if let Some(said) = std::mem::replace(&mut state.said, figures) {
                emit((*key, said), -1);
            }
            if let Some(figures) = figures {
                emit((*key, figures), 1);
            }
        }
        None
    }

    fn is_idle(state: &Parts) -> bool {
        state.parts.is_empty() && state.suspects.is_empty()
    }
}

/// A node-pane's part in its zone; `None` when it is withdrawn, or to be corrected first.
fn part(
    calendar: &Calendar,
    node: NodeIx,
    key: PaneKey,
    pane: NodePane,
    placed: &Placed,
) -> Option<(ZoneKey, Part)> {
    let member = placed.member?;
    let width = match key.grain {
        Grain::Quarter => calendar.quarter_span(key.quantity).width,
        Grain::Fine | Grain::Open | Grain::Alarm => calendar.span(key.quantity).width,
    };
    let corrected = key.quantity == Quantity::Pm2_5 && member.correction.is_some();
    if corrected || placed.withdraws(key.quantity, key.start, key.start + width) {
        return None;
    }
    Some((
        place(&member, key),
        Part {
            node,
            start: key.start,
            weight: member.weight,
            pane,
        },
    ))
}

/// The zone's pane in which a node's pane has a part.
pub(crate) fn place(member: &Member, key: PaneKey) -> ZoneKey {
    let (cut, start) = match key.grain {
        Grain::Fine => (Cut::Fine, key.start),
        Grain::Open => (Cut::Open, key.start),
        Grain::Alarm => (Cut::Alarm, key.start),
        Grain::Quarter => {
            let shift = member.hour_shift;
            (Cut::Hour, pane_start(key.start + shift, HOUR) - shift)
        }
    };
    ZoneKey {
        zone: member.zone,
        quantity: key.quantity,
        cut,
        start,
    }
}

/// Counts of people and vehicles see different parts of a zone: they are added, not averaged.
fn adds_over_nodes(quantity: Quantity) -> bool {
    use Quantity::*;
    matches!(
        quantity,
        PersonCount | PersonsIn | PersonsOut | VehicleCount
    )
}

/// The figures of one pane over the parts of a zone's nodes, which come ordered by node.
pub(crate) fn summed(quantity: Quantity, parts: &[Part]) -> ZonePane {
    let mut sum = Sum::new(quantity);
    let mut node: Option<(NodeIx, Milli, i128, i128)> = None;
    let mut first = true;
    let mut figures = Figures::default();
    let mut last = None;
    for part in parts {
        let (total, parts_of_node) = (i128::from(part.pane.total), i128::from(part.pane.parts));
        match &mut node {
            Some((ix, _, sum_total, sum_parts)) if *ix == part.node => {
                *sum_total += total;
                *sum_parts += parts_of_node;
            }
            _ => {
                sum.node(node.take());
                node = Some((part.node, part.weight, total, parts_of_node));
            }
        }
        figures.min = if first {
            part.pane.min
        } else {
            figures.min.min(part.pane.min)
        };
        figures.max = if first {
            part.pane.max
        } else {
            figures.max.max(part.pane.max)
        };
        figures.count += u64::from(part.pane.count);
        figures.saturated |= part.pane.saturated;
        last = last.max(Some((part.pane.last, part.node)));
        first = false;
    }
    sum.node(node);
    figures.mean = sum.mean();
    figures.last = last.map_or(Milli::ZERO, |(last, _)| last.value);
    ZonePane {
        figures,
        heard: sum.nodes,
        suspect: 0,
    }
}

/// The weighted sum over nodes, as the quantity asks.
struct Sum {
    quantity: Quantity,
    weighted: i128,
    /// North parts, for directions.
    north: i128,
    weights: i128,
    nodes: u32,
}

impl Sum {
    fn new(quantity: Quantity) -> Sum {
        Sum {
            quantity,
            weighted: 0,
            north: 0,
            weights: 0,
            nodes: 0,
        }
    }

    /// Adds one node: (node, weight, total, parts).
    fn node(&mut self, node: Option<(NodeIx, Milli, i128, i128)>) {
        let Some((_, weight, total, parts)) = node else {
            return;
        };
        let figure = divide_rounded(total, parts);
        let weight = i128::from(weight.0);
        self.nodes += 1;
        self.weights += weight;
        match self.quantity.entry().summing {
            Summing::Vector => {
                let (east, north) = unit_vector(Milli(figure as i64));
                self.weighted += weight * i128::from(east);
                self.north += weight * i128::from(north);
            }
            _ if adds_over_nodes(self.quantity) => self.weighted += figure,
            _ => self.weighted += weight * figure,
        }
    }

    fn mean(&self) -> Milli {
        if self.quantity.entry().summing == Summing::Vector {
            return direction(self.weighted as i64, self.north as i64);
        }
        if adds_over_nodes(self.quantity) {
            return Milli(self.weighted as i64);
        }
        Milli(divide_rounded(self.weighted, self.weights) as i64)
    }
}
