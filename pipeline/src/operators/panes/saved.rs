//! Panes in and out of a snapshot.

use serde::{Deserialize, Serialize};
use wire::Quantity;

use super::lane::Shown;
use super::silence::Voice;
use super::state::{Change, Panes, SlotRef, Which, shown};
use super::summary::Summary;
use crate::calendar::{Tick, tick_at};
use crate::city::NodeIx;

/// The state of all workers' `panes` at a tick.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    link_up_since: Option<Tick>,
    voices: Vec<(NodeIx, Voice)>,
    panes: Vec<SavedPane>,
}

/// One pane within its horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SavedPane {
    node: NodeIx,
    quantity: Quantity,
    which: Which,
    shown: Shown,
    summary: Summary,
}

impl Panes {
    /// Everything of this worker that a snapshot holds.
    pub fn save(&self, into: &mut Saved) {
        into.link_up_since = self.silence.link_up_since();
        let voices = self.silence.voices().iter().enumerate();
        into.voices
            .extend(voices.map(|(local, voice)| (self.node_ix(local as u32), *voice)));
        for (local, series) in self.nodes.iter().enumerate() {
            let node = self.node_ix(local as u32);
            for series in series {
                let lanes = [
                    (Which::Fine, Some(&series.fine)),
                    (Which::Quarter, series.quarter.as_deref()),
                    (Which::Alarm, series.alarm.as_deref()),
                ];
                for (which, lane) in lanes {
                    let slots = lane.into_iter().flat_map(|lane| lane.slots());
                    into.panes.extend(slots.map(|slot| SavedPane {
                        node,
                        quantity: series.quantity,
                        which,
                        shown: slot.shown,
                        summary: slot.summary,
                    }));
                }
            }
        }
    }

    /// Takes in what a snapshot holds of this worker's nodes and says it again at `tick`.
    pub fn restore(&mut self, tick: Tick, saved: &Saved, emit: &mut impl FnMut(Change, isize)) {
        let (index, peers, name) = (self.index, self.peers, self.namer());
        self.silence.restore_link(saved.link_up_since);
        for (node, voice) in saved
            .voices
            .iter()
            .filter(|(node, _)| node.0 % peers == index)
        {
            self.silence
                .restore(tick, node.0 / peers, *voice, &mut |local, since, diff| {
                    emit(Change::Silent(name(local), since), diff);
                });
        }
        for pane in saved
            .panes
            .iter()
            .filter(|pane| pane.node.0 % peers == index)
        {
            let local = pane.node.0 / peers;
            let series = self.series_of(local, pane.quantity);
            let at = SlotRef {
                node: local,
                series: series as u16,
                which: pane.which,
                start: pane.summary.start,
            };
            if pane.which == Which::Alarm {
                self.alarm_lane(local, series);
            }
            let lane = self.lane(at);
            let span = lane.span;
            if lane.is_empty() && pane.which == Which::Fine {
                emit(Change::Heard(pane.node, pane.quantity), 1);
            }
            lane.put(pane.summary, pane.shown);
            let slot = lane.find(at.start);
            if let Some(change) =
                slot.and_then(|slot| shown(pane.node, pane.quantity, pane.which, slot))
            {
                emit(change, 1);
            }
            let wait = if pane.shown == Shown::Entered {
                span.horizon
            } else {
                span.grace
            };
            let due = tick_at(at.start + span.width + wait);
            let queue = if pane.shown == Shown::Entered {
                &mut self.seal
            } else {
                &mut self.enter
            };
            queue.entry(due).or_default().push(at);
        }
    }
}
