//! Everything that goes into the dataflow, in arrival order, and one run of the engine over it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use pipeline::alert::{AlertId, Revision, State, Status};
use pipeline::calendar::{Calendar, HOUR, Millis, Tick};
use pipeline::city::ZoneIx;
use pipeline::engine::{Engine, EngineConfig};
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
        let said = Arc::new(Mutex::new(Vec::new()));
        let config = EngineConfig {
            workers,
            calendar: self.calendar.clone(),
            status: Status::Test,
        };
        let sink = {
            let said = Arc::clone(&said);
            Box::new(move |output| {
                if let Ok(mut said) = said.lock() {
                    said.push(output);
                }
            })
        };
        let mut engine = Engine::start(config, None, sink);
        self.feed(&mut engine, pace);
        engine.advance(self.until);
        engine.finish();
        let mut said = said.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        std::mem::take(&mut *said)
    }

    /// Neighbouring observations of one tick go in as one batch, as the gateway's frames do.
    fn feed(&self, engine: &mut Engine, pace: Millis) {
        let mut promised: Tick = 0;
        let mut batch: Vec<Observation> = Vec::new();
        let mut batch_tick: Tick = 0;
        for (tick, event) in &self.events {
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
