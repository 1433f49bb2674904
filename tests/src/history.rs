//! Everything that goes into the dataflow, in arrival order, and one run of the engine over it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use pipeline::alert::{AlertId, Revision, State, Status};
use pipeline::calendar::{Calendar, HOUR, Millis, Tick};
use pipeline::city::ZoneIx;
use pipeline::engine::{Engine, EngineConfig, Sink};
use pipeline::input::Input;
use pipeline::observation::Observation;
use pipeline::output::{TickOutput, ZoneValue};
use pipeline::rules::Value;

/// One thing that went in.
#[derive(Clone, Debug)]
pub enum Event {
    Observe(Observation),
    Input(Input),
}

/// All inputs of a dataflow's life.
#[derive(Clone, Debug)]
pub struct History {
    pub calendar: Calendar,
    /// In arrival order; ticks never fall.
    pub events: Vec<(Tick, Event)>,
    /// The last promise: nothing comes below it, and deadlines below it have fired.
    pub until: Tick,
}

impl History {
    /// Every input that is not an observation, with its tick.
    pub fn inputs(&self) -> impl Iterator<Item = (Tick, &Input)> {
        self.events.iter().filter_map(|(tick, event)| match event {
            Event::Input(input) => Some((*tick, input)),
            Event::Observe(_) => None,
        })
    }

    pub fn observations(&self) -> impl Iterator<Item = (Tick, &Observation)> {
        self.events.iter().filter_map(|(tick, event)| match event {
            Event::Observe(observation) => Some((*tick, observation)),
            Event::Input(_) => None,
        })
    }

    /// Feeds the engine and collects what it says until its end of input.
    pub fn run(&self, workers: usize) -> Vec<TickOutput> {
        self.run_paced(workers, HOUR)
    }

    /// The same, promising the engine time every `pace`; how often must change nothing.
    pub fn run_paced(&self, workers: usize, pace: Millis) -> Vec<TickOutput> {
        let said = Said::default();
        let mut engine = Engine::start(self.config(workers), None, said.sink());
        feed(&mut engine, &self.events, pace);
        engine.advance(self.until);
        engine.finish();
        said.take()
    }

    /// The same life with a restart in it, from a snapshot's bytes and on another number of workers,
    /// before the first event at `cut` or later.
    pub fn run_restarted(
        &self,
        cut: Tick,
        workers: [usize; 2],
    ) -> serde_json::Result<Vec<TickOutput>> {
        let place = self.events.partition_point(|(tick, _)| *tick < cut);
        let said = Said::default();
        let mut engine = Engine::start(self.config(workers[0]), None, said.sink());
        feed(&mut engine, &self.events[..place], HOUR);
        engine.advance(cut);
        let bytes = serde_json::to_vec(&engine.snapshot())?;
        drop(engine);
        let snapshot = serde_json::from_slice(&bytes)?;
        let mut engine = Engine::start(self.config(workers[1]), Some(snapshot), said.sink());
        feed(&mut engine, &self.events[place..], HOUR);
        engine.advance(self.until);
        engine.finish();
        let mut outputs = said.take();
        // What stood at the snapshot is said again under its old number; who publishes knows it by that.
        let mut known = BTreeSet::new();
        for output in &mut outputs {
            output
                .revisions
                .retain(|revision| known.insert((revision.id, revision.revision)));
        }
        Ok(outputs)
    }

    fn config(&self, workers: usize) -> EngineConfig {
        EngineConfig {
            workers,
            calendar: self.calendar.clone(),
            status: Status::Test,
        }
    }
}

/// Collects what an engine says.
#[derive(Default)]
pub struct Said(Arc<Mutex<Vec<TickOutput>>>);

impl Said {
    pub fn sink(&self) -> Sink {
        let said = Arc::clone(&self.0);
        Box::new(move |output| {
            said.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(output)
        })
    }

    /// Hands out what was said since it was last asked.
    pub fn take(&self) -> Vec<TickOutput> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Neighbouring observations of one tick go in as one batch, as the gateway's frames do.
fn feed(engine: &mut Engine, events: &[(Tick, Event)], pace: Millis) {
    let mut promised: Tick = events.first().map_or(0, |(tick, _)| *tick);
    let mut batch: Vec<Observation> = Vec::new();
    let mut batch_tick: Tick = 0;
    for (tick, event) in events {
        if !batch.is_empty() && (*tick != batch_tick || matches!(event, Event::Input(_))) {
            engine.observe(batch_tick, &batch);
            batch.clear();
        }
        if *tick - promised >= pace as Tick && batch.is_empty() {
            promised = *tick;
            engine.advance(promised);
        }
        match event {
            Event::Observe(observation) => {
                batch_tick = *tick;
                batch.push(*observation);
            }
            Event::Input(input) => engine.input(*tick, input.clone()),
        }
    }
    if !batch.is_empty() {
        engine.observe(batch_tick, &batch);
    }
}

/// Every revision as its public JSON line: what must be byte-identical for any number of workers.
pub fn revision_lines(outputs: &[TickOutput]) -> Vec<String> {
    outputs
        .iter()
        .flat_map(|output| &output.revisions)
        .map(|revision| serde_json::to_string(revision).unwrap_or_else(|e| e.to_string()))
        .collect()
}

/// The last word on every zone pane; panes that were withdrawn are left out.
pub fn last_zone_values(outputs: &[TickOutput]) -> BTreeMap<(ZoneIx, Value, Millis), ZoneValue> {
    let mut last = BTreeMap::new();
    for row in outputs.iter().flat_map(|output| &output.zone_values) {
        last.insert((row.zone, row.value, row.pane_start), *row);
    }
    last.retain(|_, row| row.figures.is_some());
    last
}

/// The last revision of every alert.
pub fn last_revisions(outputs: &[TickOutput]) -> BTreeMap<AlertId, Revision> {
    let mut last = BTreeMap::new();
    for revision in outputs.iter().flat_map(|output| &output.revisions) {
        last.insert(revision.id, revision.clone());
    }
    last
}

/// How an alert stands at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Open,
    Unconfirmed,
    Cleared,
}

/// `None` for a cancelled alert: it was never true.
pub fn standing(state: State) -> Option<Standing> {
    match state {
        State::Raised | State::Updated => Some(Standing::Open),
        State::Unconfirmed => Some(Standing::Unconfirmed),
        State::Cleared => Some(Standing::Cleared),
        State::Cancelled => None,
    }
}
