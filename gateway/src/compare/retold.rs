//! A journal told once more, as it was or by other rules: everything but the rules stays what it was.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use pipeline::alert::{AlertId, Revision, Status};
use pipeline::calendar::{Calendar, Tick};
use pipeline::engine::EngineConfig;
use pipeline::input::Input;
use pipeline::rules::Rule;

use crate::feed::Feed;
use crate::journal::{ReadError, Record, Recorded};

/// How a journal is told.
pub struct Retelling<'a> {
    pub recorded: &'a Recorded,
    /// Its horizons hold the windows of all rules.
    pub calendar: Calendar,
    /// Nothing after this tick is told.
    pub to: Tick,
    /// What stands in the place of a version of the rules.
    pub rules: &'a dyn Fn(&[Rule]) -> Vec<Rule>,
}

/// The last revision of every alert that people would have been told of. `watch` sees the ticks go by.
pub fn retell(
    told: Retelling<'_>,
    mut watch: impl FnMut(Tick),
) -> Result<Vec<Revision>, ReadError> {
    let last: Arc<Mutex<BTreeMap<AlertId, Revision>>> = Arc::default();
    let config = EngineConfig {
        workers: 1,
        calendar: told.calendar,
        status: Status::Actual,
    };
    let sink = last.clone();
    let mut feed = Feed::start(
        config,
        None,
        Box::new(move |output| {
            let mut last = sink.lock().unwrap_or_else(PoisonError::into_inner);
            let published = output.revisions.into_iter();
            last.extend(published.map(|revision| (revision.id, revision)));
        }),
    );
    for entry in told.recorded.entries() {
        let (tick, mut record) = entry?;
        if tick > told.to {
            break;
        }
        if let Record::Input(Input::Rules(rules)) = &mut record {
            *rules = Arc::new((told.rules)(rules));
        }
        feed.promise(tick);
        feed.record(tick, &record);
        watch(tick);
    }
    // Up to here, and no further: what would settle only by the end of all input has not been said.
    feed.promise(told.to.saturating_add(1));
    feed.settle();
    drop(feed);
    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut *last).into_values().collect())
}
