//! The dataflow's only door: inputs with their ticks go in, the changes of each tick come out.

use serde::{Deserialize, Serialize};

use crate::alert::Status;
use crate::calendar::{Calendar, Tick};
use crate::input::Input;
use crate::observation::Observation;
use crate::output::TickOutput;

/// What does not change while a dataflow lives.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    pub workers: usize,
    pub calendar: Calendar,
    /// Written on every alert.
    pub status: Status,
}

/// Receives every tick that changed something, in order, on a worker's thread: hand it on, do not block.
pub type Sink = Box<dyn FnMut(TickOutput) + Send>;

/// All state of the dataflow at a tick; with the journal after that tick it restores the engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// Inputs up to and including this tick are in it.
    pub tick: Tick,
}

/// The running dataflow: one thread a worker.
pub struct Engine {
    _config: EngineConfig,
}

impl Engine {
    /// Starts the workers, empty or from a snapshot.
    pub fn start(config: EngineConfig, _from: Option<Snapshot>, _sink: Sink) -> Engine {
        Engine { _config: config }
    }

    /// Adds observations at `tick`, which must not be below an earlier call's tick or promise.
    /// Blocks while the workers are far behind: backpressure.
    pub fn observe(&mut self, _tick: Tick, _observations: &[Observation]) {}

    /// Adds any other input at `tick`, under the same rule.
    pub fn input(&mut self, _tick: Tick, _input: Input) {}

    /// Promises that nothing more comes at ticks below `tick`; deadlines below it fire.
    pub fn advance(&mut self, _tick: Tick) {}

    /// Every change at ticks below this has been given to the sink.
    pub fn frontier(&self) -> Tick {
        0
    }

    /// Waits until everything below the last promise has been given to the sink, then takes a snapshot.
    pub fn snapshot(&mut self) -> Snapshot {
        Snapshot { tick: 0 }
    }

    /// Waits until every change below the last promise has been given to the sink.
    pub fn settle(&mut self) {}

    /// End of input: open panes close, rules settle, silence does not fire; returns when the sink has all.
    pub fn finish(self) {}
}
