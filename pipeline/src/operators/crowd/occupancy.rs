//! One zone's people in event time: a plain walk from pane to pane, begun again where anything has changed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use wire::Milli;

use super::said::{Said, Told};
use super::{Derived, Item};
use crate::calendar::{MINUTE, Millis, Span, Tick};
use crate::city::{NodeIx, ZoneIx};
use crate::operators::fold::Fold;
use crate::operators::zones::ZonePane;
use crate::science::crowd::area::Count;
use crate::science::crowd::balance::{Through, step};
use crate::science::crowd::fusion::fuse;
use crate::science::crowd::gate::specific_flow;
use crate::science::crowd::{Estimate, clamp};

/// Flow at gates is told of the time up to the end of a pane: ten seconds alone would be a handful of people.
const FLOW_OVER: Millis = MINUTE;

/// Where no gate has been heard for so long, the balance is not known any more and area counters stand alone.
const GATES_FRESH: Millis = 5 * MINUTE;

pub struct Crowd {
    pub(super) span: Span,
}

/// What is sealed off, as it goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedCrowd {
    known: Known,
    /// End of the last pane in it; anchors before are in it too.
    end: Option<Millis>,
    /// Of gates, what is still looked back on.
    recent: Vec<Recent>,
}

/// What one pane knows of the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    /// `None`: never anchored.
    people: Option<Estimate>,
    /// Start of the last pane in which a gate was heard.
    gates_at: Option<Millis>,
}

/// What the gates let through in a pane, by gate and direction.
type Flows = BTreeMap<(NodeIx, bool), Flow>;

/// One of them, with the start of its pane.
type Recent = (Millis, (NodeIx, bool), Flow);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Flow {
    net: Milli,
    width: Milli,
}

/// One zone's occupancy within the horizon.
#[derive(Default)]
pub struct Occupancy {
    area: Milli,
    counters: u32,
    counts: BTreeMap<Millis, ZonePane>,
    flows: BTreeMap<Millis, Flows>,
    anchors: BTreeMap<Millis, Milli>,
    known: Known,
    end: Option<Millis>,
    said: BTreeMap<Millis, (Said, Known)>,
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
            match *item {
                // Only taken back because it is sealed off: it stands.
                Item::Count { start, .. } | Item::Flow { start, .. }
                    if self.span.sealed_at(start) <= tick =>
                {
                    sealed_to = sealed_to.max(Some(start));
                    continue;
                }
                Item::Count { start, .. } | Item::Flow { start, .. } => from = from.min(start),
                // The pane that holds it is the first that ends after it.
                Item::Anchor { at, .. } => {
                    from = from.min(at.saturating_sub(width).saturating_add(1));
                }
                Item::Area(_) | Item::Counters(_) => from = Millis::MIN,
            }
            state.apply(*item, *diff);
        }
        if let Some(start) = sealed_to {
            state.seal(zone, start, width, emit);
        }
        let from = from.max(state.end.unwrap_or(Millis::MIN));
        let now = state.recompute(from, width);
        let said = state.said.split_off(&from);
        for (start, (old, _)) in &said {
            if now.get(start).is_none_or(|(new, _)| new != old) {
                old.emit(*zone, *start, -1, emit);
            }
        }
        for (start, (new, _)) in &now {
            if said.get(start).is_none_or(|(old, _)| new != old) {
                new.emit(*zone, *start, 1, emit);
            }
        }
        state.said.extend(now);
        None
    }

    fn is_idle(state: &Occupancy) -> bool {
        state.area == Milli::ZERO
            && state.counters == 0
            && state.said.is_empty()
            && state.carried() == SealedCrowd::default()
    }
}

impl Occupancy {
    /// A zone of a snapshot: what is sealed off. The rest comes again from panes and the registry.
    pub fn restored(carried: SealedCrowd) -> Occupancy {
        let mut flows: BTreeMap<Millis, Flows> = BTreeMap::new();
        for (start, gate, flow) in carried.recent {
            flows.entry(start).or_default().insert(gate, flow);
        }
        Occupancy {
            known: carried.known,
            end: carried.end,
            flows,
            ..Occupancy::default()
        }
    }

    pub fn carried(&self) -> SealedCrowd {
        let recent = self.flows.range(..self.end.unwrap_or(Millis::MIN));
        let recent = recent.flat_map(|(start, flows)| {
            let of_pane = flows.iter();
            of_pane.map(|(gate, flow)| (*start, *gate, *flow))
        });
        SealedCrowd {
            known: self.known,
            end: self.end,
            recent: recent.collect(),
        }
    }

    fn apply(&mut self, item: Item, diff: isize) {
        let is_sealed = |moment: Millis| self.end.is_some_and(|end| moment < end);
        match item {
            Item::Area(area) => put(&mut self.area, area, diff),
            Item::Counters(counters) => put(&mut self.counters, counters, diff),
            // The registry keeps the last anchor before the horizon; what is sealed off has its effect.
            Item::Count { start: at, .. }
            | Item::Flow { start: at, .. }
            | Item::Anchor { at, .. }
                if is_sealed(at) => {}
            Item::Count { start, pane } => put_at(&mut self.counts, start, pane, diff),
            Item::Anchor { at, count } => put_at(&mut self.anchors, at, count, diff),
            Item::Flow {
                start,
                node,
                inwards,
                net,
                width,
            } => {
                let flows = self.flows.entry(start).or_default();
                put_at(flows, (node, inwards), Flow { net, width }, diff);
                if flows.is_empty() {
                    self.flows.remove(&start);
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
            let (start, (said, known)) = first.remove_entry();
            self.known = known;
            said.emit(*zone, start, -1, emit);
        }
        let end = self.end.max(Some(to + width)).unwrap_or(to + width);
        self.end = Some(end);
        self.counts = self.counts.split_off(&end);
        // A pane that is wider than what is looked back on needs nothing from before it.
        let looked_back = (FLOW_OVER - width).max(0);
        self.flows = self.flows.split_off(&(end - looked_back));
        self.anchors.retain(|at, _| *at >= end);
    }

    /// The plain walk over the horizon from the pane that starts at `from`: people go on from the last known number by
    /// what the gates let through, and meet what area counters see.
    fn recompute(&self, from: Millis, width: Millis) -> BTreeMap<Millis, (Said, Known)> {
        // What was said of the pane before has every earlier anchor in it.
        let before = self.said.range(..from).next_back();
        let (mut known, heeded) = match before {
            Some((start, (_, known))) => (*known, start + width),
            None => (self.known, Millis::MIN),
        };
        let mut anchors = self.anchors.range(heeded..).peekable();
        let counts = self.counts.range(from..).map(|(start, _)| *start);
        let flows = self.flows.range(from..).map(|(start, _)| *start);
        let starts: BTreeSet<Millis> = counts.chain(flows).collect();
        let mut now = BTreeMap::new();
        for start in starts {
            while let Some((_, count)) = anchors.next_if(|(at, _)| **at < start + width) {
                known.people = Some(Estimate::exact(*count));
            }
            if self.flows.contains_key(&start) {
                known.gates_at = Some(start);
            }
            known.people = self.people(start, known);
            let people = known.people.map(|estimate| self.told(start, estimate));
            let said = Said {
                people,
                area: self.area,
                gate_flow: self.gate_flow(start, width),
            };
            now.insert(start, (said, known));
        }
        now
    }

    /// The people of a pane from those before it.
    fn people(&self, start: Millis, before: Known) -> Option<Estimate> {
        let flows = self.flows.get(&start);
        let balance = before
            .people
            .map(|people| flows.map_or(people, |flows| step(people, through(flows))));
        let Some(pane) = self.counts.get(&start) else {
            return balance;
        };
        let count = Count {
            people: pane.figures.mean,
            heard: pane.heard,
            expected: self.counters.max(pane.heard),
            at_least: pane.figures.saturated,
        };
        let is_fresh = before.gates_at.is_some_and(|at| start - at < GATES_FRESH);
        match balance.filter(|_| is_fresh) {
            Some(balance) => Some(fuse(balance, count)),
            None => Some(count.alone()),
        }
    }

    /// A pane counts as heard by those whom completeness asks: area counters where the zone has some.
    fn told(&self, start: Millis, estimate: Estimate) -> Told {
        let flows = self.flows.get(&start);
        let area = self.counts.get(&start);
        let heard = match area {
            Some(area) => area.heard,
            None if self.counters > 0 => 0,
            None => flows.map_or(0, gates),
        };
        let passed = flows.map_or(0, |flows| flows.len() as u64);
        Told {
            estimate,
            count: passed + area.map_or(0, |area| area.figures.count),
            heard,
            saturated: area.is_some_and(|area| area.figures.saturated),
            suspect: area.map_or(0, |area| area.suspect),
        }
    }

    /// Of the gates whose width is known: all together, the emptiest and the fullest, per metre and minute.
    fn gate_flow(&self, start: Millis, width: Millis) -> Option<Told> {
        self.flows.get(&start)?;
        let end = start + width;
        // Passages and width of each gate, and readings.
        let mut by_gate: BTreeMap<NodeIx, (i128, Milli)> = BTreeMap::new();
        let mut count = 0;
        for flows in self.flows.range(end - FLOW_OVER.max(width)..end) {
            for ((node, _), flow) in flows.1.iter().filter(|(_, flow)| flow.width > Milli::ZERO) {
                let (passages, gate_width) = by_gate.entry(*node).or_default();
                *passages += i128::from(flow.net.0.unsigned_abs());
                *gate_width = flow.width;
                count += 1;
            }
        }
        let span = FLOW_OVER.max(width);
        let flow = |passages: i128, width| specific_flow(clamp(passages), width, span);
        let each = by_gate
            .values()
            .filter_map(|(passages, width)| flow(*passages, *width));
        let (low, high) = each.fold(None, |ends: Option<(Milli, Milli)>, flow| match ends {
            Some((low, high)) => Some((low.min(flow), high.max(flow))),
            None => Some((flow, flow)),
        })?;
        let passages = by_gate.values().map(|(passages, _)| passages).sum();
        let metres = by_gate.values().map(|(_, width)| i128::from(width.0)).sum();
        Some(Told {
            estimate: Estimate {
                value: flow(passages, clamp(metres))?,
                low,
                high,
            },
            count,
            heard: by_gate.len() as u32,
            saturated: false,
            suspect: 0,
        })
    }
}

/// What all gates of a pane let through together.
fn through(flows: &Flows) -> Through {
    let net = flows.values().map(|flow| i128::from(flow.net.0)).sum();
    let each = flows
        .values()
        .map(|flow| i128::from(flow.net.0.unsigned_abs()));
    Through {
        net: clamp(net),
        passages: clamp(each.sum()),
    }
}

fn gates(flows: &Flows) -> u32 {
    let nodes: BTreeSet<NodeIx> = flows.keys().map(|(node, _)| *node).collect();
    nodes.len() as u32
}

/// Of a pair that replaces each other at one tick the one that comes stands, in whichever order they are told.
fn put<T: Default + PartialEq>(place: &mut T, value: T, diff: isize) {
    if diff > 0 {
        *place = value;
    } else if *place == value {
        *place = T::default();
    }
}

fn put_at<K: Ord, V: PartialEq>(map: &mut BTreeMap<K, V>, key: K, value: V, diff: isize) {
    if diff > 0 {
        map.insert(key, value);
    } else if map.get(&key) == Some(&value) {
        map.remove(&key);
    }
}
