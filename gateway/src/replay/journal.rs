//! A journal instead of readings: every input of the dataflow with its tick, byte for byte what was live.

use std::path::Path;
use std::sync::{Arc, Mutex};

use pipeline::city::City;
use pipeline::engine::EngineConfig;
use pipeline::input::Input;
use pipeline::output::TickOutput;
use serde::Serialize;

use super::{ReplayError, lock};
use crate::feed::Feed;
use crate::journal::{self, Record};
use crate::terminal::{self, Measure};

/// What the journal held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JournalBooks {
    pub frames: u64,
    /// Admitted readings of those frames.
    pub readings: u64,
    /// Readings that waited for their node's clock; those it came for are among the readings too.
    pub held: u64,
    /// Readings refused for their content, and faults.
    pub refused: u64,
    /// Observations that came by no frame.
    pub history: u64,
    /// Versions of city and rules, people's actions, link up and down.
    pub inputs: u64,
}

impl JournalBooks {
    fn count(&mut self, record: &Record) {
        match record {
            Record::Frames(frames) => {
                self.frames += frames.len() as u64;
                for frame in frames {
                    self.readings += frame.readings.len() as u64;
                    self.held += frame.held.len() as u64;
                    self.refused += u64::from(frame.refused);
                }
            }
            Record::History(observations) => self.history += observations.len() as u64,
            Record::Input(_) => self.inputs += 1,
            Record::Deadline => {}
        }
    }
}

/// Takes what the dataflow makes of a journal.
pub(super) trait Sink: Send + 'static {
    /// Another version of the city; numbers keep their meaning.
    fn city_changed(&mut self, city: &City);
    /// The changes of one tick, in order.
    fn take(&mut self, output: TickOutput);
}

/// Feeds the whole journal of the data directory `dir` to a new dataflow.
pub(super) fn feed(
    dir: &Path,
    config: EngineConfig,
    outputs: &Arc<Mutex<impl Sink>>,
    ([first, last], records): (
        [u64; 2],
        impl Iterator<Item = Result<(u64, Record), journal::ReadError>>,
    ),
) -> Result<JournalBooks, ReplayError> {
    let mut books = JournalBooks::default();
    let sink = outputs.clone();
    let mut feed = Feed::start(
        config,
        None,
        Box::new(move |output| lock(&sink).take(output)),
    );
    let length = Some(last.saturating_sub(first));
    let bar = terminal::progress("replay", length, Measure::Time);
    for entry in records {
        let (tick, record) =
            entry.map_err(|error| ReplayError::Journal(dir.to_owned(), error.to_string()))?;
        books.count(&record);
        bar.set_position(tick.saturating_sub(first));
        if let Record::Input(Input::City(city)) = &record {
            lock(outputs).city_changed(city);
        }
        feed.promise(tick);
        feed.record(tick, &record);
    }
    feed.finish();
    bar.finish_and_clear();
    Ok(books)
}
