//! One worker's thread: takes batches, feeds the dataflow, steps it. The only loop in the pipeline.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use differential_dataflow::input::InputSession;
use timely::dataflow::operators::probe::Handle;
use timely::dataflow::operators::vec::Input as _;
use timely::worker::Worker;

use crate::alert::Status;
use crate::calendar::{Calendar, Tick};
use crate::dataflow::{Sources, build};
use crate::hearing::Heard;
use crate::input::Action;
use crate::limits::{BATCHES_IN_FLIGHT_MAX, PARK_MAX};
use crate::operators::panes::Packet;
use crate::outlet::{Outlet, Settle, Shared, lock};
use crate::registry::Row;
use crate::snapshot::{Keep, Snapshot};

/// What a worker is told next; nothing at ticks below `until` comes after it.
#[derive(Debug, Default)]
pub struct Batch {
    pub packets: Vec<Packet>,
    pub rows: Vec<(Row, Tick, isize)>,
    /// What people did about alerts.
    pub acted: Vec<(Action, Tick)>,
    /// How far nodes were heard, for worker 0.
    pub heard: Vec<(Tick, Heard)>,
    pub until: Tick,
    /// Add this worker's state at `until` to the snapshot, and say when it is done.
    pub save: Option<Save>,
}

/// Where workers put their parts of a snapshot.
#[derive(Clone, Debug)]
pub struct Save {
    pub into: Arc<Mutex<Snapshot>>,
    pub done: SyncSender<()>,
}

/// What does not change while a dataflow lives.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    pub workers: usize,
    pub calendar: Calendar,
    /// Written on every alert.
    pub status: Status,
}

/// Runs one worker until its batches end.
pub fn run(
    worker: &mut Worker,
    config: &EngineConfig,
    from: Option<&Snapshot>,
    settle: &Settle,
    shared: &Arc<Shared>,
    batches: &Receiver<Batch>,
) {
    let outlet = Outlet::of(worker.index(), shared);
    let EngineConfig {
        calendar, status, ..
    } = config;
    let keep = Keep::new(from, calendar, *status, worker.index(), worker.peers());
    let probe = Handle::new();
    let mut registry = InputSession::<Tick, Row, isize>::new();
    let mut acted = InputSession::<Tick, Action, isize>::new();
    let (mut packets, mut heard) = worker.dataflow::<Tick, _, _>(|scope| {
        let (packets, stream) = scope.new_input();
        let (heard, heard_stream) = scope.new_input();
        let sources = Sources {
            packets: stream,
            heard: heard_stream,
            registry: registry.to_collection(scope),
            acted: acted.to_collection(scope),
        };
        build(sources, calendar, &keep, settle, outlet, &probe);
        (packets, heard)
    });

    let mut in_flight = VecDeque::new();
    loop {
        while in_flight
            .front()
            .is_some_and(|until| !probe.less_than(until))
        {
            in_flight.pop_front();
        }
        if in_flight.len() >= BATCHES_IN_FLIGHT_MAX {
            worker.step_or_park(Some(PARK_MAX));
            continue;
        }
        match batches.try_recv() {
            Ok(mut batch) => {
                packets.send_batch(&mut batch.packets);
                heard.send_batch(&mut batch.heard);
                for (row, tick, diff) in batch.rows {
                    registry.update_at(row, tick, diff);
                }
                for (action, tick) in batch.acted {
                    acted.update_at(action, tick, 1);
                }
                packets.advance_to(batch.until);
                heard.advance_to(batch.until);
                registry.advance_to(batch.until);
                acted.advance_to(batch.until);
                registry.flush();
                acted.flush();
                in_flight.push_back(batch.until);
                worker.step();
                if let Some(save) = batch.save {
                    worker.step_or_park_while(Some(PARK_MAX), || probe.less_than(&batch.until));
                    keep.save(worker.index() == 0, &mut lock(&save.into));
                    // The engine waits for every worker's word.
                    let _ = save.done.send(());
                }
            }
            // Parks until the engine has more or another worker sends something here.
            Err(TryRecvError::Empty) => drop(worker.step_or_park(Some(PARK_MAX))),
            Err(TryRecvError::Disconnected) => break,
        }
    }
    while in_flight.back().is_some_and(|until| probe.less_than(until)) {
        worker.step_or_park(Some(Duration::from_millis(1)));
    }
}
