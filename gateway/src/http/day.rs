//! The alerts of the last day, read from the disk at most once in a while, whoever asks how often.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pipeline::alert::Revision;
use pipeline::calendar::{DAY, Millis, tick_at};
use tokio::sync::Mutex;
use wire::ZoneId;

use super::App;
use crate::board::Picture;
use crate::history::stored::Told;
use crate::history::{self, stored};

/// The board has what is newer.
const KEPT: Duration = Duration::from_secs(5);

/// What was read last.
#[derive(Clone, Default)]
pub(super) struct LastDay(Arc<Mutex<Option<Read>>>);

struct Read {
    at: Instant,
    told: Arc<Vec<Told>>,
}

impl App {
    /// The last word on every alert, published or in shadow, that was going on in the last day; or why not.
    pub(super) async fn last_day(&self) -> Result<Arc<Vec<Told>>, String> {
        // Whoever comes while it is read waits for the same answer.
        let mut kept = self.day.0.lock().await;
        if let Some(read) = &*kept
            && read.at.elapsed() < KEPT
        {
            return Ok(read.told.clone());
        }
        let Some(archive) = self.state.archive.clone() else {
            return Ok(Arc::default());
        };
        let from = self.state.clock.now() - DAY;
        let read = tokio::task::spawn_blocking(move || {
            let history = archive.open()?;
            history.latest(history::begin(from), tick_at(Millis::MAX), |value| {
                stored::span(value).is_some_and(|(_, end)| end > from)
            })
        });
        let told = match read.await {
            Ok(Ok(told)) => Arc::new(told),
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) => return Err("the search of the history failed".to_owned()),
        };
        *kept = Some(Read {
            at: Instant::now(),
            told: told.clone(),
        });
        Ok(told)
    }
}

/// All alerts of the last day: as the board has them, and of the others the last word on disk.
pub(super) fn with_board(picture: &Picture, told: &[Told]) -> Vec<Told> {
    let shown = picture.alerts.iter().map(|alert| Told {
        shadow: false,
        revision: alert.latest.clone(),
    });
    let known = |told: &&Told| {
        !told.shadow
            && picture
                .alerts
                .iter()
                .any(|a| a.latest.id == told.revision.id)
    };
    let left = told.iter().filter(|told| !known(told));
    shown.chain(left.cloned()).collect()
}

/// Alerts of a zone that people were told of: as the board has them, and of the others the last word on disk.
pub(super) fn of_zone(picture: &Picture, zone: ZoneId, told: &[Told]) -> Vec<Revision> {
    let shown = picture.alerts.iter().map(|alert| &alert.latest);
    let shown: Vec<&Revision> = shown.filter(|revision| revision.zone == zone).collect();
    let known = |revision: &Revision| shown.iter().any(|r| r.id == revision.id);
    let left = told
        .iter()
        .filter(|told| !told.shadow)
        .map(|told| &told.revision);
    let left = left.filter(|revision| revision.zone == zone && !known(revision));
    shown.iter().copied().chain(left).cloned().collect()
}
