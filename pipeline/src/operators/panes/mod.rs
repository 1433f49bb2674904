//! Panes: the hot path, and the only operator that sees every reading.
//!
//! Observations come in packets of one tick each; out go differences of node-panes, once a tick.
//! A pane enters the dataflow when its end and grace have passed, is corrected by later arrivals,
//! and leaves when it is sealed off at its horizon. Silence of nodes is noticed here too, because
//! nothing behind this operator knows when a node was last heard.

pub mod lane;
pub mod saved;
pub mod silence;
pub mod state;
pub mod summary;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use differential_dataflow::operators::arrange::{Arranged, TraceAgent};
use differential_dataflow::trace::implementations::ValSpine;
use differential_dataflow::{AsCollection, VecCollection};
use serde::{Deserialize, Serialize};
use timely::container::CapacityContainerBuilder;
use timely::dataflow::Stream;
use timely::dataflow::channels::pact::Pipeline;
use timely::dataflow::operators::generic::operator::Operator;

pub use state::{Change, Grain, Notice, PaneKey};
pub use summary::NodePane;

use crate::calendar::Tick;
use crate::city::NodeIx;
use crate::observation::Observation;
use crate::outlet::Settle;
use state::Panes;

/// Node-panes, arranged once for all that meet them by node.
pub type NodePanes<'scope> =
    Arranged<'scope, TraceAgent<ValSpine<NodeIx, (PaneKey, NodePane), Tick, isize>>>;

/// Everything one worker is told at one tick.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Packet {
    pub tick: Tick,
    /// Heard before the observations of the same tick.
    pub notices: Arc<Vec<Notice>>,
    pub observations: Vec<Observation>,
}

/// Sums observations into node-panes. Packets reach the worker that holds their nodes already.
pub fn panes<'scope>(
    packets: Stream<'scope, Tick, Vec<Packet>>,
    kept: Rc<RefCell<Panes>>,
    settle: Settle,
) -> VecCollection<'scope, Tick, Change, isize> {
    packets
        .unary_frontier::<CapacityContainerBuilder<Vec<(Change, Tick, isize)>>, _, _, _>(
            Pipeline,
            "panes",
            move |capability, _info| {
                let mut capability = Some(capability);
                let mut stash: Vec<Packet> = Vec::new();
                move |(input, frontier), output| {
                    input.for_each(|_, packets| stash.append(packets));
                    let Some(cap) = capability.as_mut() else {
                        return;
                    };
                    let Some(&open) = frontier.frontier().first() else {
                        capability = None;
                        return;
                    };
                    let panes = &mut *kept.borrow_mut();
                    let mut session = output.session(cap);
                    if let Some((tick, saved)) = panes.restored.take() {
                        panes.restore(tick, &saved, &mut |c, diff| session.give((c, tick, diff)));
                    }
                    let ready = stash
                        .iter()
                        .position(|p| p.tick >= open)
                        .unwrap_or(stash.len());
                    for packet in stash.drain(..ready) {
                        let tick = packet.tick;
                        // Deadlines up to a tick fire before anything admitted at it.
                        while let Some(due) = panes.next_due().filter(|due| *due <= tick) {
                            let may_silence = settle.is_live(due);
                            panes.fire(due, may_silence, &mut |c, diff| {
                                session.give((c, due, diff))
                            });
                        }
                        let mut emit = |change, diff| session.give((change, tick, diff));
                        for notice in packet.notices.iter() {
                            panes.notice(tick, notice, &mut emit);
                        }
                        for observation in &packet.observations {
                            panes.observe(tick, observation, &mut emit);
                        }
                        panes.flush(&mut emit);
                    }
                    while let Some(due) = panes.next_due().filter(|due| *due < open) {
                        let may_silence = settle.is_live(due);
                        panes.fire(due, may_silence, &mut |c, diff| {
                            session.give((c, due, diff))
                        });
                    }
                    drop(session);
                    cap.downgrade(&open);
                }
            },
        )
        .as_collection()
}
