//! The dense state behind `panes`: what each node said, pane by pane, and what falls due when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wire::quantity::TABLE;
use wire::{Milli, Quantity};

use super::lane::{Lane, Place, Shown, Slot};
use super::saved::Saved;
use super::silence::Silence;
use super::summary::NodePane;
use crate::calendar::{Calendar, Millis, Tick, has_hours, pane_start, tick_at};
use crate::city::NodeIx;
use crate::observation::Observation;

/// How a pane is cut and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grain {
    /// The quantity's own panes.
    Fine,
    /// Quarter hours of air quantities, on which hours are built.
    Quarter,
    /// A fine pane that is still open, shown early because it is past a threshold.
    Open,
    /// What of a fine pane turned the node's own alarm; shown at once.
    Alarm,
}

/// Which pane of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PaneKey {
    pub quantity: Quantity,
    pub grain: Grain,
    pub start: Millis,
}

/// One change of what `panes` says, without its tick.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Change {
    Pane(NodeIx, PaneKey, NodePane),
    /// The node has panes of the quantity within the horizon.
    Heard(NodeIx, Quantity),
    /// The node has not been heard since the moment.
    Silent(NodeIx, Millis),
}

/// Thresholds past which an open pane is shown early, by [`Quantity::place`].
pub type Early = [Option<Milli>; TABLE.len()];

/// What a worker's `panes` is told beside observations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Notice {
    /// Quantities and the least threshold that may raise on an open pane.
    Early(Vec<(Quantity, Milli)>),
    /// How long after its last frame each node counts as silent.
    SilentAfter(Vec<(NodeIx, Option<Millis>)>),
    Link {
        up: bool,
    },
}

pub(super) struct Series {
    pub(super) quantity: Quantity,
    pub(super) fine: Lane,
    /// Only for air quantities.
    pub(super) quarter: Option<Box<Lane>>,
    /// Only where the node has ever raised its own alarm.
    pub(super) alarm: Option<Box<Lane>>,
}

/// Which of a series' lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Which {
    Fine,
    Quarter,
    Alarm,
}

impl Series {
    #[inline]
    fn lane(&mut self, which: Which) -> &mut Lane {
        let lane = match which {
            Which::Fine => None,
            Which::Quarter => self.quarter.as_deref_mut(),
            Which::Alarm => self.alarm.as_deref_mut(),
        };
        lane.unwrap_or(&mut self.fine)
    }
}

/// A slot by where it lives.
#[derive(Clone, Copy, Debug)]
pub(super) struct SlotRef {
    pub(super) node: u32,
    pub(super) series: u16,
    pub(super) which: Which,
    pub(super) start: Millis,
}

pub struct Panes {
    calendar: Calendar,
    /// This worker holds the nodes whose number leaves its index when divided by the workers.
    pub(super) index: u32,
    pub(super) peers: u32,
    /// Each node's series, by local number.
    pub(super) nodes: Vec<Vec<Series>>,
    early: Early,
    /// Slots to be shown, and to be sealed off, by tick.
    pub(super) enter: BTreeMap<Tick, Vec<SlotRef>>,
    pub(super) seal: BTreeMap<Tick, Vec<SlotRef>>,
    pub(super) silence: Silence,
    dirty: Vec<SlotRef>,
    /// A snapshot that has not been taken in yet, with its tick.
    pub restored: Option<(Tick, Saved)>,
}

impl Panes {
    pub fn new(calendar: Calendar, index: usize, peers: usize) -> Panes {
        Panes {
            calendar,
            index: index as u32,
            peers: peers as u32,
            nodes: Vec::new(),
            early: [None; TABLE.len()],
            enter: BTreeMap::new(),
            seal: BTreeMap::new(),
            silence: Silence::new(),
            dirty: Vec::new(),
            restored: None,
        }
    }

    /// The earliest tick at which something falls due by itself.
    pub fn next_due(&self) -> Option<Tick> {
        [&self.enter, &self.seal]
            .into_iter()
            .filter_map(|queue| queue.keys().next())
            .copied()
            .chain(self.silence.next_due())
            .min()
    }

    /// What falls due at `tick`: panes enter, panes are sealed off, silent nodes are named.
    pub fn fire(&mut self, tick: Tick, may_silence: bool, emit: &mut impl FnMut(Change, isize)) {
        for slot in self.enter.remove(&tick).unwrap_or_default() {
            self.show(slot, emit);
        }
        for slot in self.seal.remove(&tick).unwrap_or_default() {
            self.seal_off(slot, emit);
        }
        let name = self.namer();
        self.silence
            .fire(tick, may_silence, &mut |local, since, diff| {
                emit(Change::Silent(name(local), since), diff);
            });
    }

    /// One observation of this worker's nodes.
    #[inline]
    pub fn observe(
        &mut self,
        tick: Tick,
        observation: &Observation,
        emit: &mut impl FnMut(Change, isize),
    ) {
        let local = observation.node.0 / self.peers;
        let name = self.namer();
        self.silence.hear(tick, local, &mut |local, since, diff| {
            emit(Change::Silent(name(local), since), diff);
        });
        let series = self.series_of(local, observation.quantity);
        let span = self.calendar.span(observation.quantity);
        // The reading is older than its pane's end, so the first test spares nearly all of them a division.
        if tick_at(observation.sampled_at + span.horizon) <= tick
            && span.sealed_at(pane_start(observation.sampled_at, span.width)) <= tick
        {
            return; // Too late: admission has counted it.
        }
        self.add(tick, local, series, Which::Fine, observation, emit);
        if self.nodes[local as usize][series].quarter.is_some() {
            self.add(tick, local, series, Which::Quarter, observation, emit);
        }
        if observation.alarm {
            self.alarm_lane(local, series);
            self.add(tick, local, series, Which::Alarm, observation, emit);
        }
    }

    /// End of the observations of a tick: what changed in it is said once.
    pub fn flush(&mut self, emit: &mut impl FnMut(Change, isize)) {
        let mut dirty = std::mem::take(&mut self.dirty);
        for at in dirty.drain(..) {
            let (node, quantity) = self.name(at);
            if let Some(slot) = self.slot(at) {
                slot.dirty = false;
                if let Some(change) = shown(node, quantity, at.which, slot) {
                    emit(change, 1);
                }
            }
        }
        self.dirty = dirty;
    }

    pub fn notice(&mut self, tick: Tick, notice: &Notice, emit: &mut impl FnMut(Change, isize)) {
        match notice {
            Notice::Early(thresholds) => {
                self.early = [None; TABLE.len()];
                for (quantity, threshold) in thresholds {
                    self.early[quantity.place()] = Some(*threshold);
                }
            }
            Notice::SilentAfter(nodes) => {
                let (index, peers) = (self.index, self.peers);
                let name = self.namer();
                for (node, after) in nodes.iter().filter(|(n, _)| n.0 % peers == index) {
                    self.silence
                        .allow(tick, node.0 / peers, *after, &mut |local, since, diff| {
                            emit(Change::Silent(name(local), since), diff);
                        });
                }
            }
            Notice::Link { up } => self.silence.link(tick, *up),
        }
    }

    pub(super) fn node_ix(&self, local: u32) -> NodeIx {
        self.namer()(local)
    }

    /// From a local number to the node's own.
    pub(super) fn namer(&self) -> impl Fn(u32) -> NodeIx + Copy + use<> {
        let (index, peers) = (self.index, self.peers);
        move |local| NodeIx(local * peers + index)
    }

    #[inline]
    pub(super) fn series_of(&mut self, local: u32, quantity: Quantity) -> usize {
        if local as usize >= self.nodes.len() {
            self.nodes.resize_with(local as usize + 1, Vec::new);
        }
        let node = &mut self.nodes[local as usize];
        if let Some(at) = node.iter().position(|series| series.quantity == quantity) {
            return at;
        }
        let quarter =
            has_hours(quantity).then(|| Box::new(Lane::new(self.calendar.quarter_span(quantity))));
        let fine = Lane::new(self.calendar.span(quantity));
        node.push(Series {
            quantity,
            fine,
            quarter,
            alarm: None,
        });
        node.len() - 1
    }

    /// Makes the lane of a series' alarms, if it is its first.
    pub(super) fn alarm_lane(&mut self, local: u32, series: usize) {
        let series = &mut self.nodes[local as usize][series];
        let span = series.fine.span;
        series
            .alarm
            .get_or_insert_with(|| Box::new(Lane::new(span)));
    }

    #[inline]
    fn add(
        &mut self,
        tick: Tick,
        local: u32,
        series: usize,
        which: Which,
        observation: &Observation,
        emit: &mut impl FnMut(Change, isize),
    ) {
        let quantity = observation.quantity;
        let entry = quantity.entry();
        let threshold = match which {
            Which::Fine => self.early[quantity.place()],
            Which::Quarter | Which::Alarm => None,
        };
        let node = NodeIx(local * self.peers + self.index);
        let state = &mut self.nodes[local as usize][series];
        let lane = state.lane(which);
        let was_empty = lane.is_empty();
        let span = lane.span;
        let (at, is_new) = match lane.place(observation.sampled_at) {
            Place::Existing(at) => (at, false),
            Place::New(at) => (at, true),
        };
        let Some(slot) = lane.slot(at) else { return };
        if !slot.dirty
            && let Some(before) = shown(node, quantity, which, slot)
        {
            emit(before, -1);
        }
        slot.add(observation, entry.summing);
        let start = slot.summary.start;
        let entered_at = match which {
            Which::Alarm => 0,
            Which::Fine | Which::Quarter => tick_at(start + span.width + span.grace),
        };
        let here = SlotRef {
            node: local,
            series: series as u16,
            which,
            start,
        };
        if is_new && entered_at <= tick {
            slot.shown = Shown::Entered;
            let sealed_at = span.sealed_at(start);
            self.seal.entry(sealed_at).or_default().push(here);
        } else if is_new {
            self.enter.entry(entered_at).or_default().push(here);
        }
        if slot.shown == Shown::No && slot.is_early(threshold) {
            slot.shown = Shown::Open;
        }
        if slot.shown != Shown::No && !slot.dirty {
            slot.dirty = true;
            self.dirty.push(here);
        }
        if was_empty && which == Which::Fine {
            emit(Change::Heard(node, quantity), 1);
        }
    }

    /// The pane's end and grace have passed: it is judged from now on.
    fn show(&mut self, at: SlotRef, emit: &mut impl FnMut(Change, isize)) {
        let (node, quantity) = self.name(at);
        let lane = self.lane(at);
        let span = lane.span;
        let Some(slot) = lane.find(at.start) else {
            return;
        };
        if let Some(open) = shown(node, quantity, at.which, slot) {
            emit(open, -1);
        }
        slot.shown = Shown::Entered;
        if let Some(entered) = shown(node, quantity, at.which, slot) {
            emit(entered, 1);
        }
        let sealed_at = span.sealed_at(at.start);
        self.seal.entry(sealed_at).or_default().push(at);
    }

    /// The pane can no longer change: its rows leave, the folds keep its effect.
    fn seal_off(&mut self, at: SlotRef, emit: &mut impl FnMut(Change, isize)) {
        let (node, quantity) = self.name(at);
        let lane = self.lane(at);
        if let Some(slot) = lane.remove(at.start)
            && let Some(change) = shown(node, quantity, at.which, &slot)
        {
            emit(change, -1);
        }
        if lane.is_empty() && at.which == Which::Fine {
            emit(Change::Heard(node, quantity), -1);
        }
    }

    fn name(&self, at: SlotRef) -> (NodeIx, Quantity) {
        let quantity = self.nodes[at.node as usize][usize::from(at.series)].quantity;
        (self.node_ix(at.node), quantity)
    }

    pub(super) fn lane(&mut self, at: SlotRef) -> &mut Lane {
        self.nodes[at.node as usize][usize::from(at.series)].lane(at.which)
    }

    fn slot(&mut self, at: SlotRef) -> Option<&mut Slot> {
        self.lane(at).find(at.start)
    }
}

/// A slot as the dataflow sees it now; `None` while it is not shown.
#[inline]
pub(super) fn shown(node: NodeIx, quantity: Quantity, which: Which, slot: &Slot) -> Option<Change> {
    let grain = match (slot.shown, which) {
        (Shown::No, _) => return None,
        (Shown::Open, _) => Grain::Open,
        (Shown::Entered, Which::Fine) => Grain::Fine,
        (Shown::Entered, Which::Quarter) => Grain::Quarter,
        (Shown::Entered, Which::Alarm) => Grain::Alarm,
    };
    let key = PaneKey {
        quantity,
        grain,
        start: slot.summary.start,
    };
    Some(Change::Pane(node, key, slot.summary.node_pane(quantity)))
}
