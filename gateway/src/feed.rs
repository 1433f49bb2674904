//! From the journal to the dataflow: the one place where a record becomes what the engine takes.
//!
//! Live operation, a restart and `replay --journal` all come through here, so that the alerts are a function of
//! the journal and of nothing else.

use pipeline::calendar::Tick;
use pipeline::engine::{Engine, EngineConfig, Sink};
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
    pub fn start(config: EngineConfig, sink: Sink) -> Feed {
        Feed {
            engine: Engine::start(config, None, sink),
            promised: 0,
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

    /// The end of a recording: open panes close and rules settle.
    pub fn finish(self) {
        self.engine.finish();
    }
}
