//! Readings into observations with their ticks, in batches big enough to hand to another thread.

use pipeline::calendar::{Millis, Tick, tick_at};
use pipeline::observation::Observation;

use super::duplicates::{Arrival, Arrivals};
use super::ledger::Ledger;
use super::source::SourceError;
use super::stream::Stream;

/// Observations of a batch; more than one tick may be in it, and a tick may go on in the next.
pub const BATCH_LEN: usize = 16 * 1024;

/// Admitted observations, ordered by tick.
#[derive(Debug, Default)]
pub struct Batch {
    observations: Vec<Observation>,
    /// Tick and where its observations end.
    parts: Vec<(Tick, usize)>,
}

impl Batch {
    /// The observations of each tick.
    pub fn ticks(&self) -> impl Iterator<Item = (Tick, &[Observation])> {
        let mut start = 0;
        self.parts.iter().map(move |&(tick, end)| {
            let part = &self.observations[start..end];
            start = end;
            (tick, part)
        })
    }

    pub fn last_tick(&self) -> Option<Tick> {
        self.parts.last().map(|(tick, _)| *tick)
    }

    pub fn len(&self) -> usize {
        self.observations.len()
    }

    pub fn is_empty(&self) -> bool {
        self.observations.is_empty()
    }

    fn push(&mut self, tick: Tick, observation: Observation) {
        self.observations.push(observation);
        let end = self.observations.len();
        match self.parts.last_mut() {
            Some((last, last_end)) if *last == tick => *last_end = end,
            _ => self.parts.push((tick, end)),
        }
    }
}

/// Gives every reading its tick and sorts out duplicates.
pub struct Batches {
    stream: Stream,
    arrivals: Arrivals,
    tick_width: Millis,
    /// Ticks never go back.
    tick: Tick,
    /// Stands for the frame sequence, which decides ties of time.
    sequence: u64,
    pub ledger: Ledger,
}

impl Batches {
    pub fn new(stream: Stream, arrivals: Arrivals, tick_width: Millis, ledger: Ledger) -> Batches {
        Batches {
            stream,
            arrivals,
            tick_width,
            tick: 0,
            sequence: 0,
            ledger,
        }
    }

    /// The next batch; `None` at the end.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, SourceError> {
        let mut batch = Batch {
            observations: Vec::with_capacity(BATCH_LEN),
            parts: Vec::new(),
        };
        while batch.len() < BATCH_LEN {
            let Some(reading) = self.stream.next(&mut self.ledger)? else {
                break;
            };
            let received = tick_at(reading.received.div_euclid(self.tick_width) * self.tick_width);
            self.tick = self.tick.max(received);
            match self.arrivals.classify(&reading, self.tick) {
                Arrival::OnTime => {}
                Arrival::Late => self.ledger.late += 1,
                Arrival::TooLate => self.ledger.too_late += 1,
                Arrival::Duplicate => {
                    self.ledger.duplicates += 1;
                    continue;
                }
            }
            self.ledger.admitted += 1;
            let observation = Observation {
                node: reading.node,
                quantity: reading.quantity,
                saturated: false,
                alarm: false,
                index: 0,
                sampled_at: reading.sampled_at,
                value: reading.value,
                sequence: self.sequence,
            };
            self.sequence += 1;
            batch.push(self.tick, observation);
        }
        Ok((!batch.is_empty()).then_some(batch))
    }
}
