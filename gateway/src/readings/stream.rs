//! The readings of one or more files in the order in which they are admitted.
//!
//! Files that say when their rows arrived are read one after the other. All others are merged by time;
//! a file that is itself not in order of time (or standard input, which cannot be looked at twice) is
//! read whole and sorted first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use pipeline::calendar::Millis;

use super::duplicates::Order;
use super::ledger::{Ledger, Refusal};
use super::row::{Reading, Registry, RowReader};
use super::rows::Unsplittable;
use super::source::{Opened, Place, SourceCause, SourceError};
use super::time::Moments;

/// Readings in order; refused rows go to the ledger on the way.
pub struct Stream {
    registry: Registry,
    files: Vec<Lane>,
    order: Order,
    /// Next reading of each file by (time, file): the merge. Unused in order of arrival.
    heads: BinaryHeap<Reverse<(Millis, usize)>>,
    /// The file that is read now, and up to which time it may go on without asking the others.
    current: Option<(usize, Millis)>,
}

/// One file with the reading that comes next.
struct Lane {
    rest: Rest,
    head: Option<Reading>,
}

enum Rest {
    File(Box<OpenFile>),
    Sorted(std::vec::IntoIter<Reading>),
}

struct OpenFile {
    place: Place,
    opened: Opened,
    reader: RowReader,
}

impl Stream {
    /// Opens all places and looks at their order; nothing is read into the ledger but what had to be sorted.
    pub fn open(
        places: &[Place],
        registry: Registry,
        ledger: &mut Ledger,
        progress: &Arc<AtomicU64>,
    ) -> Result<Stream, SourceError> {
        let mut opened = Vec::with_capacity(places.len());
        for place in places {
            opened.push(place.open(progress)?);
        }
        let with_received = opened
            .iter()
            .filter(|file| file.columns.has_received())
            .count();
        if with_received != 0 && with_received != opened.len() {
            let differs = opened[0].columns.has_received();
            let odd = opened
                .iter()
                .position(|file| file.columns.has_received() != differs);
            return Err(places[odd.unwrap_or(0)].error(SourceCause::MixedReceived));
        }
        let order = match with_received {
            0 => Order::BySampling,
            _ => Order::ByArrival,
        };

        let mut stream = Stream {
            registry,
            files: Vec::new(),
            order,
            heads: BinaryHeap::new(),
            current: None,
        };
        for (place, opened) in places.iter().zip(opened) {
            let reader = RowReader::new(opened.columns);
            let mut rest = Rest::File(Box::new(OpenFile {
                place: place.clone(),
                opened,
                reader,
            }));
            if order == Order::BySampling && !is_in_order(place)? {
                rest = Rest::Sorted(sorted(rest, &stream.registry, ledger)?);
            }
            stream.files.push(Lane { rest, head: None });
        }
        Ok(stream)
    }

    pub fn order(&self) -> Order {
        self.order
    }

    /// The next reading; `None` at the end of all files.
    pub fn next(&mut self, ledger: &mut Ledger) -> Result<Option<Reading>, SourceError> {
        match self.order {
            Order::ByArrival => self.next_by_arrival(ledger),
            Order::BySampling => self.next_by_sampling(ledger),
        }
    }

    fn next_by_arrival(&mut self, ledger: &mut Ledger) -> Result<Option<Reading>, SourceError> {
        let mut at = self.current.map_or(0, |(at, _)| at);
        while let Some(lane) = self.files.get_mut(at) {
            if let Some(reading) = lane.rest.next(&self.registry, ledger)? {
                self.current = Some((at, Millis::MAX));
                return Ok(Some(reading));
            }
            at += 1;
            self.current = Some((at, Millis::MAX));
        }
        Ok(None)
    }

    fn next_by_sampling(&mut self, ledger: &mut Ledger) -> Result<Option<Reading>, SourceError> {
        let (at, until) = match self.current {
            Some(current) => current,
            None if self.heads.is_empty() => {
                for (at, lane) in self.files.iter_mut().enumerate() {
                    lane.head = lane.rest.next(&self.registry, ledger)?;
                    self.heads
                        .extend(lane.head.map(|head| Reverse((head.sampled_at, at))));
                }
                match self.earliest() {
                    Some(current) => current,
                    None => return Ok(None),
                }
            }
            None => return Ok(None),
        };
        let lane = &mut self.files[at];
        let reading = lane.head.take();
        lane.head = lane.rest.next(&self.registry, ledger)?;
        self.current = match lane.head {
            Some(head) if head.sampled_at < until => Some((at, until)),
            head => {
                self.heads
                    .extend(head.map(|head| Reverse((head.sampled_at, at))));
                self.earliest()
            }
        };
        Ok(reading)
    }

    /// Takes the file with the earliest reading, and the time at which another file's turn comes.
    fn earliest(&mut self) -> Option<(usize, Millis)> {
        let Reverse((_, at)) = self.heads.pop()?;
        let until = self
            .heads
            .peek()
            .map_or(Millis::MAX, |Reverse((time, _))| *time);
        Some((at, until))
    }
}

impl Rest {
    /// The next row that can be read; the others go to the ledger.
    fn next(
        &mut self,
        registry: &Registry,
        ledger: &mut Ledger,
    ) -> Result<Option<Reading>, SourceError> {
        let OpenFile {
            place,
            opened,
            reader,
        } = match self {
            Rest::Sorted(readings) => return Ok(readings.next()),
            Rest::File(file) => file.as_mut(),
        };
        loop {
            let row = opened
                .rows
                .next()
                .map_err(|error| place.error(SourceCause::Io(error)))?;
            let read = match row {
                None => return Ok(None),
                Some(Ok(cells)) => reader.read(&cells, registry),
                Some(Err(Unsplittable)) => Err(Refusal::Columns),
            };
            ledger.rows += 1;
            match read {
                Ok(reading) => return Ok(Some(reading)),
                Err(refusal) => ledger.refuse(&place.name(), opened.rows.line(), refusal),
            }
        }
    }
}

/// Whether no row of a place is earlier than the row before it; read once more for this alone.
fn is_in_order(place: &Place) -> Result<bool, SourceError> {
    if *place == Place::StandardInput {
        return Ok(false);
    }
    let Opened { mut rows, columns } = place.open(&Arc::default())?;
    let mut moments = Moments::default();
    let mut latest = Millis::MIN;
    loop {
        match rows
            .next()
            .map_err(|error| place.error(SourceCause::Io(error)))?
        {
            None => return Ok(true),
            Some(Err(Unsplittable)) => {}
            Some(Ok(cells)) => {
                if let Ok(moment) = moments.parse(cells.get(columns.time)) {
                    if moment < latest {
                        return Ok(false);
                    }
                    latest = moment;
                }
            }
        }
    }
}

/// All readings of a file in order of time; rows of one moment stay in the file's order.
fn sorted(
    mut rest: Rest,
    registry: &Registry,
    ledger: &mut Ledger,
) -> Result<std::vec::IntoIter<Reading>, SourceError> {
    let mut readings = Vec::new();
    while let Some(reading) = rest.next(registry, ledger)? {
        readings.push(reading);
    }
    readings.sort_by_key(|reading| reading.sampled_at);
    Ok(readings.into_iter())
}
