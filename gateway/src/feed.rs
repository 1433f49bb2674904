//! From the journal to the dataflow: the one place where a record becomes what the engine takes.
//!
//! Live operation, a restart and `replay --journal` all come through here, so that the alerts are a function of
//! the journal and of nothing else.

use pipeline::calendar::Tick;
use pipeline::engine::{Engine, EngineConfig, Sink, Snapshot};
use pipeline::observation::Observation;

use crate::journal::Record;

/// The engine and what was promised to it.
pub struct Feed {
    engine: Engine,
    promised: Tick,
    /// Kept for its memory.
    observations: Vec<Observation>,
}

impl Feed {
    /// Empty, or from a snapshot: then records up to its tick must not come again.
    pub fn start(config: EngineConfig, from: Option<Snapshot>, sink: Sink) -> Feed {
        let promised = from.as_ref().map_or(0, |snapshot| snapshot.tick + 1);
        Feed {
            engine: Engine::start(config, from, sink),
            promised,
            observations: Vec::new(),
        }
    }

    /// Hands on a record that is on disk. Waits while the workers are far behind.
    pub fn record(&mut self, tick: Tick, record: &Record) {
        match record {
            Record::Frames(frames) => {
                self.observations.clear();
                for frame in frames {
                    frame.observations(&mut self.observations);
                }
                self.engine.observe(tick, &self.observations);
            }
            Record::History(observations) => self.engine.observe(tick, observations),
            Record::Input(input) => self.engine.input(tick, input.clone()),
            Record::Deadline => self.promise(tick + 1),
        }
    }

    /// Nothing more comes below `tick`: what falls due before it fires.
    pub fn promise(&mut self, tick: Tick) {
        if tick > self.promised {
            self.promised = tick;
            self.engine.advance(tick);
        }
    }

    /// No record may have a tick below this.
    pub fn promised(&self) -> Tick {
        self.promised
    }

    /// Every change below this has left the engine.
    pub fn frontier(&self) -> Tick {
        self.engine.frontier()
    }

    /// Waits until every change below the promise has left the engine.
    pub fn settle(&mut self) {
        self.engine.settle();
    }

    /// All state of the dataflow; every record so far is in it.
    pub fn snapshot(&mut self) -> Snapshot {
        let snapshot = self.engine.snapshot();
        self.promised = self.promised.max(snapshot.tick + 1);
        snapshot
    }

    /// The end of a recording: open panes close and rules settle.
    pub fn finish(self) {
        self.engine.finish();
    }
}
