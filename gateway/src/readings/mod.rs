//! Recorded readings: CSV files, plain or gzip, into observations with their ticks; millions of rows a second.
//!
//! In reading order:
//! - [`source`]: where bytes come from; [`rows`]: bytes into cells;
//! - [`time`] and [`units`]: what a cell says; [`row`]: cells into a reading;
//! - [`stream`]: the readings of all files in one order; [`duplicates`]: which of them are new, late, too late;
//! - [`batch`]: observations with their ticks; [`ledger`]: what became of every row.

pub mod batch;
pub mod duplicates;
pub mod ledger;
pub mod row;
pub mod rows;
pub mod source;
pub mod stream;
pub mod time;
pub mod units;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::city::LoadedCity;

pub use batch::{Batch, Batches};
pub use ledger::Ledger;
pub use source::{Place, SourceError};
pub(crate) use time::Moments;

/// Opens readings about `city` at `places`; `progress` counts the bytes that were read.
pub fn open(
    places: &[Place],
    city: &LoadedCity,
    progress: &Arc<AtomicU64>,
) -> Result<Batches, SourceError> {
    let mut ledger = Ledger::default();
    let registry = row::Registry::new(&city.city);
    let stream = stream::Stream::open(places, registry, &mut ledger, progress)?;
    let arrivals = duplicates::Arrivals::new(&city.city, &city.calendar, stream.order());
    Ok(Batches::new(
        stream,
        arrivals,
        city.settings.tick_width,
        ledger,
    ))
}
