//! One worker's thread: takes batches, feeds the dataflow, steps it. The only loop in the pipeline.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use differential_dataflow::input::InputSession;
use timely::dataflow::operators::probe::Handle;
use timely::dataflow::operators::vec::Input as _;
use timely::worker::Worker;

use crate::alert::AlertId;
use crate::calendar::Tick;
use crate::dataflow::{Sources, build};
use crate::engine::{EngineConfig, Sink};
use crate::input::Input;
use crate::limits::{BATCHES_IN_FLIGHT_MAX, PARK_MAX};
use crate::operators::panes::Packet;
use crate::output::TickOutput;
use crate::registry::{Names, Row};
use crate::snapshot::{Keep, Snapshot};

/// What a worker is told next; nothing at ticks below `until` comes after it.
#[derive(Debug, Default)]
pub struct Batch {
    pub packets: Vec<Packet>,
    pub rows: Vec<(Row, Tick, isize)>,
    pub acknowledged: Vec<((AlertId, String), Tick)>,
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

/// Until when deadlines that speak of absence may fire: at the end of input nobody is silent.
#[derive(Clone, Debug)]
pub struct Settle(Arc<AtomicU64>);

impl Default for Settle {
    fn default() -> Settle {
        Settle(Arc::new(AtomicU64::new(Tick::MAX)))
    }
}

impl Settle {
    /// Input ends at `tick`: set before any worker is promised a later tick.
    pub fn end_at(&self, tick: Tick) {
        self.0.store(tick, Ordering::SeqCst);
    }

    pub fn is_live(&self, tick: Tick) -> bool {
        tick <= self.0.load(Ordering::SeqCst)
    }

    pub fn clamp(&self, tick: Tick) -> Tick {
        tick.min(self.0.load(Ordering::SeqCst))
    }
}

/// How far the outlet has delivered; the engine waits on it.
#[derive(Default)]
pub struct Progress {
    reached: Mutex<Tick>,
    moved: Condvar,
}

impl Progress {
    pub fn reached(&self) -> Tick {
        *lock(&self.reached)
    }

    pub fn wait_for(&self, tick: Tick) {
        let mut reached = lock(&self.reached);
        while *reached < tick {
            reached = self
                .moved
                .wait(reached)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn reach(&self, tick: Tick) {
        let mut reached = lock(&self.reached);
        if tick > *reached {
            *reached = tick;
            self.moved.notify_all();
        }
    }
}

/// A poisoned lock means that a sink panicked; the data behind it is still whole.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the book delivers; only worker 0's does anything.
#[derive(Clone)]
pub struct Outlet {
    shared: Option<Arc<Shared>>,
}

/// What the engine and worker 0 share.
pub struct Shared {
    pub sink: Mutex<Sink>,
    pub progress: Progress,
    /// Versions whose names the book has not learned yet, with their ticks.
    pub versions: Mutex<VecDeque<(Tick, Input)>>,
}

impl Outlet {
    pub fn learn(&self, tick: Tick, names: &mut Names) {
        let Some(shared) = &self.shared else { return };
        let mut versions = lock(&shared.versions);
        while let Some((_, input)) = versions.pop_front_if(|(at, _)| *at <= tick) {
            names.learn(&input);
        }
    }

    pub fn deliver(&self, output: TickOutput) {
        if let Some(shared) = &self.shared {
            lock(&shared.sink)(output);
        }
    }

    pub fn reach(&self, tick: Tick) {
        if let Some(shared) = &self.shared {
            shared.progress.reach(tick);
        }
    }
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
    let outlet = Outlet {
        shared: (worker.index() == 0).then(|| shared.clone()),
    };
    let EngineConfig {
        calendar, status, ..
    } = config;
    let keep = Keep::new(from, calendar, *status, worker.index(), worker.peers());
    let probe = Handle::new();
    let mut registry = InputSession::<Tick, Row, isize>::new();
    let mut acknowledged = InputSession::<Tick, (AlertId, String), isize>::new();
    let mut packets = worker.dataflow::<Tick, _, _>(|scope| {
        let (packets, stream) = scope.new_input();
        let sources = Sources {
            packets: stream,
            registry: registry.to_collection(scope),
            acknowledged: acknowledged.to_collection(scope),
        };
        build(sources, calendar, &keep, settle, outlet, &probe);
        packets
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
                for (row, tick, diff) in batch.rows {
                    registry.update_at(row, tick, diff);
                }
                for (acknowledgement, tick) in batch.acknowledged {
                    acknowledged.update_at(acknowledgement, tick, 1);
                }
                packets.advance_to(batch.until);
                registry.advance_to(batch.until);
                acknowledged.advance_to(batch.until);
                registry.flush();
                acknowledged.flush();
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
