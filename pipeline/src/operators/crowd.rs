//! People in a zone: area counters where there are some, in/out counters from an anchor elsewhere.

use std::collections::BTreeMap;

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use wire::{Milli, Quantity};

use super::fold::{Fold, Kept, fold};
use super::panes::{Grain, NodePane, PaneKey};
use super::placed::Placed;
use super::zones::{Cut, ZoneKey, ZonePane};
use crate::calendar::{Calendar, Millis, Span, Tick, tick_at};
use crate::city::{NodeIx, ZoneIx};
use crate::output::Figures;
use crate::rules::Value;
use crate::science::crowd::density;

/// Where a gate's people go: the zones on its two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sides {
    pub from: Option<ZoneIx>,
    pub to: Option<ZoneIx>,
}

/// What occupancy of a zone is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Item {
    /// Usable ground; 0: unknown, no density.
    Area(Milli),
    /// What the zone's area counters see in a pane.
    Count { start: Millis, pane: ZonePane },
    /// People that a gate let in, less those it let out, in a pane.
    Flow {
        start: Millis,
        node: NodeIx,
        inwards: bool,
        net: Milli,
    },
    /// A head count by a person or a schedule.
    Anchor { at: Millis, count: Milli },
}

/// One derived figure: people or people per square metre.
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
                let flow = move |zone: ZoneIx, net| {
                    let flow = Item::Flow {
                        start,
                        node,
                        inwards,
                        net,
                    };
                    (zone, flow)
                };
                let gates: Vec<Sides> = match stands {
                    true => placed.gates.clone(),
                    false => Vec::new(),
                };
                gates.into_iter().flat_map(move |sides| {
                    let to = sides.to.map(|zone| flow(zone, net));
                    let from = sides.from.map(|zone| flow(zone, Milli(-net.0)));
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

/// People and density per pane of every zone that can be counted.
pub fn crowd<'scope>(
    items: VecCollection<'scope, Tick, (ZoneIx, Item), isize>,
    calendar: &Calendar,
    kept: Kept<Crowd>,
    restored_at: Tick,
) -> VecCollection<'scope, Tick, Derived, isize> {
    let span = calendar.span(Quantity::PersonCount);
    fold(items, "crowd", Crowd { span }, kept, restored_at)
}

pub struct Crowd {
    span: Span,
}

/// What is sealed off, as it goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedCrowd {
    /// `None`: never anchored.
    people: Option<Milli>,
    /// End of the last pane in it; anchors before are in it too.
    end: Option<Millis>,
}

/// One zone's occupancy within the horizon.
#[derive(Default)]
pub struct Occupancy {
    area: Milli,
    counts: BTreeMap<Millis, ZonePane>,
    /// Net flow and gates heard, by pane.
    flows: BTreeMap<Millis, BTreeMap<(NodeIx, bool), Milli>>,
    anchors: BTreeMap<Millis, Milli>,
    carried: SealedCrowd,
    said: BTreeMap<Millis, (ZonePane, Option<ZonePane>)>,
}

impl Fold for Crowd {
    type Key = ZoneIx;
    type Item = Item;
    type Out = Derived;
    type State = Occupancy;

    fn step(
        &mut self,
        tick: Tick,
        zone: &ZoneIx,
        state: &mut Occupancy,
        changes: &[(Item, isize)],
        emit: &mut dyn FnMut(Derived, isize),
    ) -> Option<Tick> {
        let width = self.span.width;
        let mut sealed_to = None;
        // Start of the first pane whose figure may be another now.
        let mut from = Millis::MAX;
        for (item, diff) in changes {
            from = from.min(match *item {
                Item::Count { start, .. } | Item::Flow { start, .. }
                    if tick_at(start + width + self.span.horizon) <= tick =>
                {
                    sealed_to = sealed_to.max(Some(start));
                    Millis::MAX
                }
                Item::Count { start, .. } | Item::Flow { start, .. } => start,
                // The pane that holds it is the first that ends after it.
                Item::Anchor { at, .. } => at.saturating_sub(width).saturating_add(1),
                Item::Area(_) => Millis::MIN,
            });
            state.apply(*item, *diff);
        }
        if let Some(start) = sealed_to {
            state.seal(zone, start, width, emit);
        }
        let now = state.recompute(from, width);
        let said = state.said.split_off(&from);
        for (start, old) in &said {
            if now.get(start) != Some(old) {
                say(*zone, *start, *old, -1, emit);
            }
        }
        for (start, new) in &now {
            if said.get(start) != Some(new) {
                say(*zone, *start, *new, 1, emit);
            }
        }
        state.said.extend(now);
        None
    }

    fn is_idle(state: &Occupancy) -> bool {
        state.area == Milli::ZERO
            && state.said.is_empty()
            && state.carried == SealedCrowd::default()
    }
}

fn say(
    zone: ZoneIx,
    start: Millis,
    (count, density): (ZonePane, Option<ZonePane>),
    diff: isize,
    emit: &mut dyn FnMut(Derived, isize),
) {
    emit(((zone, Value::CrowdCount), (start, count)), diff);
    if let Some(density) = density {
        emit(((zone, Value::CrowdDensity), (start, density)), diff);
    }
}

impl Occupancy {
    /// A zone of a snapshot: what is sealed off. The rest comes again from panes and the registry.
    pub fn restored(carried: SealedCrowd) -> Occupancy {
        Occupancy {
            carried,
            ..Occupancy::default()
        }
    }

    pub fn carried(&self) -> SealedCrowd {
        self.carried
    }

    fn apply(&mut self, item: Item, diff: isize) {
        match item {
            Item::Area(area) if diff > 0 => self.area = area,
            Item::Area(area) if self.area == area => self.area = Milli::ZERO,
            Item::Area(_) => {}
            Item::Count { start, pane } if diff > 0 => drop(self.counts.insert(start, pane)),
            Item::Count { start, pane } => {
                if self.counts.get(&start) == Some(&pane) {
                    self.counts.remove(&start);
                }
            }
            Item::Flow {
                start,
                node,
                inwards,
                net,
            } => {
                let flows = self.flows.entry(start).or_default();
                if diff > 0 {
                    flows.insert((node, inwards), net);
                } else if flows.get(&(node, inwards)) == Some(&net) {
                    flows.remove(&(node, inwards));
                }
                if flows.is_empty() {
                    self.flows.remove(&start);
                }
            }
            // The registry keeps the last anchor before the horizon; what is sealed off has its effect.
            Item::Anchor { at, .. } if self.carried.end.is_some_and(|end| at < end) => {}
            Item::Anchor { at, count } if diff > 0 => drop(self.anchors.insert(at, count)),
            Item::Anchor { at, count } => {
                if self.anchors.get(&at) == Some(&count) {
                    self.anchors.remove(&at);
                }
            }
        }
    }

    /// What can no longer change goes on as one number.
    fn seal(
        &mut self,
        zone: &ZoneIx,
        to: Millis,
        width: Millis,
        emit: &mut dyn FnMut(Derived, isize),
    ) {
        while let Some(first) = self.said.first_entry().filter(|entry| *entry.key() <= to) {
            let (start, said) = first.remove_entry();
            self.carried.people = Some(said.0.figures.mean);
            self.counts.remove(&start);
            self.flows.remove(&start);
            say(*zone, start, said, -1, emit);
        }
        self.counts = self.counts.split_off(&(to + 1));
        self.flows = self.flows.split_off(&(to + 1));
        self.carried.end = self.carried.end.max(Some(to + width));
        self.anchors.retain(|at, _| *at >= to + width);
    }

    /// The plain walk over the horizon from the pane that starts at `from`: an area count stands; else people go on
    /// from the last known number by what the gates let through, never below zero.
    fn recompute(
        &self,
        from: Millis,
        width: Millis,
    ) -> BTreeMap<Millis, (ZonePane, Option<ZonePane>)> {
        // What was said of the pane before has every earlier anchor in it.
        let before = self.said.range(..from).next_back();
        let (mut people, heeded) = match before {
            Some((start, (count, _))) => (Some(count.figures.mean), start + width),
            None => (self.carried.people, Millis::MIN),
        };
        let mut anchors = self.anchors.range(heeded..).peekable();
        let counts = self.counts.range(from..).map(|(start, _)| *start);
        let flows = self.flows.range(from..).map(|(start, _)| *start);
        let mut starts: Vec<Millis> = counts.chain(flows).collect();
        starts.sort_unstable();
        starts.dedup();
        let mut now = BTreeMap::new();
        for start in starts {
            while let Some((_, count)) = anchors.next_if(|(at, _)| **at < start + width) {
                people = Some(*count);
            }
            let flows = self.flows.get(&start);
            let pane = match self.counts.get(&start) {
                Some(count) => *count,
                None => {
                    let (Some(before), Some(flows)) = (people, flows) else {
                        continue;
                    };
                    let net: i64 = flows.values().map(|net| net.0).sum();
                    let mut nodes: Vec<NodeIx> = flows.keys().map(|(node, _)| *node).collect();
                    nodes.dedup();
                    flat(
                        Milli((before.0 + net).max(0)),
                        flows.len() as u64,
                        nodes.len() as u32,
                    )
                }
            };
            people = Some(pane.figures.mean);
            let pane = flat_of(pane);
            let density = (self.area > Milli::ZERO).then(|| {
                let figures = pane.figures;
                let mean = density(figures.mean, self.area);
                ZonePane {
                    figures: Figures {
                        mean,
                        min: mean,
                        max: mean,
                        last: mean,
                        ..figures
                    },
                    ..pane
                }
            });
            now.insert(start, (pane, density));
        }
        now
    }
}

fn flat(people: Milli, count: u64, heard: u32) -> ZonePane {
    let figures = Figures {
        mean: people,
        min: people,
        max: people,
        last: people,
        count,
        saturated: false,
    };
    ZonePane { figures, heard }
}

/// A head count has one figure per pane: the zone's sum.
fn flat_of(pane: ZonePane) -> ZonePane {
    let saturated = pane.figures.saturated;
    let flat = flat(pane.figures.mean, pane.figures.count, pane.heard);
    ZonePane {
        figures: Figures {
            saturated,
            ..flat.figures
        },
        ..flat
    }
}
