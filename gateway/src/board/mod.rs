//! The live picture of the city: everything that page, API, metrics and event stream show is read here.
//!
//! The gateway writes it ([`Board::apply`] and the small methods below); readers take a [`Picture`] of a
//! moment, in which ages are counted, stale figures are left out and privacy is applied. Readers never see
//! anything else, so nothing can be shown past those three.
//!
//! In reading order: [`face`] the city as it is shown · [`series`] figures and [`history`] for charts · [`air`] indices ·
//! [`alerts`] · [`desk`] silences and incidents · [`nodes`] · [`picture`] what readers get, [`figures`] the figures in it, `area` of their part of the city.

use std::collections::BTreeMap;
use std::sync::Arc;

use pipeline::alert::{AlertId, Revision};
use pipeline::calendar::{HOUR, MINUTE, Millis, Tick};
use pipeline::city::{NodeIx, ZoneIx};
use pipeline::hearing::Hearing;
use pipeline::output::TickOutput;
use pipeline::quality::Withdrawal;
use pipeline::rules::Value;
use pipeline::science::air::Standard;
use tokio::sync::broadcast;

pub mod air;
pub mod alerts;
mod area;
pub mod desk;
mod exposures;
pub(crate) mod face;
pub mod figures;
pub mod history;
pub mod nodes;
mod past;
pub mod picture;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod sample;
pub mod series;
pub mod trend;

pub use alerts::AlertStory;
pub use face::{Face, NodeFace, RuleFace, ZoneFace};
pub use picture::Picture;

use crate::admission::{Account, Refusal};
use crate::cap::trail::Trail;
use crate::scores::Scores;
use air::AirSeries;
use alerts::AlertBook;
use desk::Desk;
use exposures::Exposures;
use nodes::{NodeBook, NodeLedger};
use series::Series;

/// Revisions that a slow reader of the stream may lag behind before it is dropped.
pub const STREAM_LAG_MAX: usize = 1_024;
/// Most zone values with a history; further ones are not shown, and counted.
pub const SERIES_MAX: usize = 50_000;

/// The live picture; one a gateway, behind a lock.
#[derive(Debug)]
pub struct Board {
    face: Arc<Face>,
    series: BTreeMap<(ZoneIx, Value), Series>,
    air: BTreeMap<(ZoneIx, Standard), AirSeries>,
    air_days: BTreeMap<(ZoneIx, Standard), AirSeries>,
    alerts: AlertBook,
    desk: Desk,
    exposures: Exposures,
    nodes: NodeLedger,
    hearing: Hearing,
    scores: Scores,
    health: Health,
    /// Grows with every change; lets the stream tell readers only when there is something to look at.
    version: u64,
    /// Tick at which old things were last forgotten.
    swept_at: Millis,
    series_refused: u64,
    revisions: broadcast::Sender<Arc<Revision>>,
}

/// How the gateway itself is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// The link to the broker is up.
    pub link_up: bool,
    /// Why the journal does not take anything, if so.
    pub journal_error: Option<String>,
    /// Every change below this tick is on the board.
    pub frontier: Tick,
}

impl Board {
    pub fn new(face: Face) -> Board {
        Board {
            face: Arc::new(face),
            series: BTreeMap::new(),
            air: BTreeMap::new(),
            air_days: BTreeMap::new(),
            alerts: AlertBook::default(),
            desk: Desk::default(),
            exposures: Exposures::default(),
            nodes: NodeLedger::default(),
            hearing: Hearing::default(),
            scores: Scores::default(),
            health: Health::default(),
            version: 0,
            swept_at: 0,
            series_refused: 0,
            revisions: broadcast::Sender::new(STREAM_LAG_MAX),
        }
    }

    /// Takes the changes of one tick.
    pub fn apply(&mut self, output: &TickOutput) {
        self.version += 1;
        for expectation in &output.expected {
            self.hearing.expect(*expectation);
        }
        for heard in &output.heard {
            self.hearing.hear(*heard);
        }
        for value in &output.zone_values {
            let key = (value.zone, value.value);
            if self.series.len() >= SERIES_MAX && !self.series.contains_key(&key) {
                self.series_refused += 1;
                continue;
            }
            self.series.entry(key).or_default().apply(value);
        }
        for row in &output.air {
            let series = self.air.entry((row.zone, row.standard)).or_default();
            series.apply((row.hour, row.hour + HOUR), row.index);
        }
        for row in &output.air_days {
            let series = self.air_days.entry((row.zone, row.standard)).or_default();
            series.apply((row.day, row.end), row.index);
        }
        for revision in &output.revisions {
            let retention = self.face.retention(revision.rule);
            if self.alerts.apply(revision, retention) {
                // Nobody listening is no error.
                let _ = self.revisions.send(Arc::new(revision.clone()));
            }
        }
        self.scores.take(output);
        self.desk.apply(output);
        for (exposure, stands) in &output.exposures {
            let is_over = exposure.is_sealed(&self.face.calendar, output.tick);
            self.exposures.apply(exposure, *stands, is_over);
        }
        for (node, since) in &output.silence {
            self.nodes.silence(*node, *since);
        }
        for (flagged, stand) in &output.flags {
            self.nodes.flagged(flagged, *stand);
        }
        for (withdrawal, stands) in &output.withdrawals {
            self.nodes.withdrawn(withdrawal, *stands);
        }
        self.sweep(output.tick as Millis);
    }

    /// Shows another version of the city; zones and nodes that are gone leave with their figures.
    pub fn city_changed(&mut self, face: Face) {
        self.version += 1;
        self.face = Arc::new(face);
        let face = &self.face;
        self.series
            .retain(|(zone, _), _| face.zone(*zone).is_some());
        self.air.retain(|(zone, _), _| face.zone(*zone).is_some());
        self.air_days
            .retain(|(zone, _), _| face.zone(*zone).is_some());
        let known: std::collections::BTreeSet<NodeIx> =
            face.nodes.iter().map(|node| node.ix).collect();
        self.nodes.keep_only(|node| known.contains(&node));
    }

    /// What is known of some nodes from now on, and what came in no node's name.
    pub fn nodes_told(
        &mut self,
        books: impl IntoIterator<Item = (NodeIx, NodeBook)>,
        nobody: &Account,
    ) {
        self.version += 1;
        self.nodes.nobody_told(nobody);
        for (node, book) in books {
            self.nodes.told(node, book);
        }
    }

    /// A frame of `node` with so many admitted readings was accepted at `at`; of a board that is filled by hand.
    pub fn node_heard(&mut self, node: NodeIx, at: Millis, readings: u32) {
        let mut book = NodeBook::clone(&self.nodes.book(node));
        book.account.by_hand(at, readings);
        self.nodes.told(node, book);
        self.version += 1;
    }

    /// So many frames in the name of `node` were refused; of a board that is filled by hand.
    pub fn node_refused(&mut self, node: NodeIx, count: u32) {
        let mut book = NodeBook::clone(&self.nodes.book(node));
        for _ in 0..count {
            book.account
                .refuse(Refusal::Seal, self.health.frontier as Millis);
        }
        self.nodes.told(node, book);
        self.version += 1;
    }

    /// CAP messages of an alert were sent under these names.
    pub fn told(&mut self, alert: AlertId, trail: Trail) {
        self.version += 1;
        self.alerts.told(alert, trail);
    }

    /// The Alertmanager at `address` took these alerts, each as of its revision, at `at`; `None`: it took none of them.
    /// What is drawn for all does not show it.
    pub fn pushed(&mut self, address: &str, said: &[(AlertId, Option<u32>)], at: Option<Millis>) {
        for (alert, revision) in said {
            if let Some(revision) = *revision {
                let pushed = at.map(|at| alerts::Pushed { revision, at });
                self.alerts.pushed(*alert, address, pushed);
            }
        }
    }

    /// The link to the broker came up or went down.
    pub fn link_changed(&mut self, up: bool) {
        self.version += 1;
        self.health.link_up = up;
    }

    /// The journal failed with this message, or (`None`) takes inputs again.
    pub fn journal_changed(&mut self, error: Option<String>) {
        self.version += 1;
        self.health.journal_error = error;
    }

    /// Every change below `tick` has been applied.
    pub fn frontier_reached(&mut self, tick: Tick) {
        self.health.frontier = self.health.frontier.max(tick);
    }

    /// Everything that may be shown at `now`.
    pub fn picture(&self, now: Millis) -> Picture {
        picture::take(self, now)
    }

    pub fn face(&self) -> &Arc<Face> {
        &self.face
    }

    pub fn health(&self) -> &Health {
        &self.health
    }

    /// The figures of one zone value, for its chart.
    pub fn series(&self, zone: ZoneIx, value: Value) -> Option<&Series> {
        self.series.get(&(zone, value))
    }

    /// What quality rules have withdrawn, of all nodes.
    pub fn verdicts(&self) -> Vec<Withdrawal> {
        self.nodes.verdicts().cloned().collect()
    }

    /// One alert with its history, unless it left the board.
    pub fn alert(&self, id: AlertId, now: Millis) -> Option<&AlertStory> {
        let story = self.alerts.get(id)?;
        story.leaves_at.is_none_or(|at| at > now).then_some(story)
    }

    /// All alerts that have not left the board.
    pub fn stories(&self, now: Millis) -> impl Iterator<Item = &AlertStory> {
        let stories = self.alerts.stories();
        stories.filter(move |story| story.leaves_at.is_none_or(|at| at > now))
    }

    /// Silences and incidents.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// How good predictions turned out to be.
    pub fn scores(&self) -> &Scores {
        &self.scores
    }

    /// Revisions from now on; a reader that lags more than [`STREAM_LAG_MAX`] behind is told so.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Revision>> {
        self.revisions.subscribe()
    }

    /// Who keeps a figure of a pane that ends then from being final at `now`: the expected node that was last heard
    /// longest ago of those that have not passed it. `None`: it is final.
    pub fn waits_for(
        &self,
        zone: ZoneIx,
        value: Value,
        end: Millis,
        now: Millis,
    ) -> Option<&NodeFace> {
        let horizon = face::horizon(&self.face.calendar, value);
        let waits = now < end.saturating_add(horizon);
        let node = waits.then(|| self.hearing.waits_for(zone, value, end))??;
        self.face.nodes.iter().find(|face| face.ix == node)
    }

    pub fn version(&self) -> u64 {
        self.version
    }

    /// Zone values that found no room, and alerts that had to leave early.
    pub fn dropped(&self) -> (u64, u64) {
        (self.series_refused, self.alerts.pushed_out)
    }

    /// Forgets once a minute what nobody can see any more.
    fn sweep(&mut self, now: Millis) {
        if now < self.swept_at.saturating_add(MINUTE) {
            return;
        }
        self.swept_at = now;
        self.alerts.expire(now);
        self.exposures.expire(now);
        self.series.retain(|_, series| {
            series.expire(now);
            !series.is_empty()
        });
        for air in [&mut self.air, &mut self.air_days] {
            air.retain(|_, series| {
                series.expire(now);
                !series.is_empty()
            });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
