//! What the dataflow's last operator and the engine share: where changes go, how far they have come, and the end.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::calendar::Tick;
use crate::input::Input;
use crate::names::Names;
use crate::operators::book::Causes;
use crate::output::TickOutput;

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

/// Receives every tick that changed something, in order, on a worker's thread: hand it on, do not block.
pub type Sink = Box<dyn FnMut(TickOutput) + Send>;

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
    /// The outlet of the worker with this index.
    pub fn of(index: usize, shared: &Arc<Shared>) -> Outlet {
        Outlet {
            shared: (index == 0).then(|| shared.clone()),
        }
    }

    /// Tick of the earliest version that the book has not learned yet. At it steps of an escalation may
    /// turn out to be due, whether or not anything else happens.
    pub fn next_version(&self) -> Option<Tick> {
        let shared = self.shared.as_ref()?;
        let versions = lock(&shared.versions);
        versions.front().map(|(tick, _)| *tick)
    }

    /// Learns the names of all versions up to `tick`; answers what people changed at just this tick.
    pub fn learn(&self, tick: Tick, names: &mut Names) -> Causes {
        let mut causes = Causes::default();
        let Some(shared) = &self.shared else {
            return causes;
        };
        let mut versions = lock(&shared.versions);
        while let Some((at, input)) = versions.pop_front_if(|(at, _)| *at <= tick) {
            causes.is_news = true;
            names.learn(&input);
            if at == tick {
                causes.note(&input);
            }
        }
        causes
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
