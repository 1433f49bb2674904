//! What readers of the board get: one moment, with ages counted, stale figures left out, privacy applied.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use pipeline::alert::{Completeness, Revision};
use pipeline::calendar::{HOUR, Millis};
use pipeline::city::ZoneIx;
use pipeline::derived::Derived;
use pipeline::exposure::Exposure;
use pipeline::output::AirIndex;
use pipeline::quality::Withdrawal;
use pipeline::rules::{Severity, Value};
use pipeline::science::air::Standard;
use wire::{NodeId, ZoneId};

use super::air::AirSeries;
use super::desk::Desk;
use super::figures::figures;
use super::nodes::{Finding, NodeBook, NodeRecord};
use super::past::When;
use super::trend::Trend;
use super::{AlertStory, Board, Face, Health, NodeFace, ZoneFace};
use crate::admission::Account;
use crate::privacy::{Ground, Shown};

/// A node in whose name something was refused in this time is not well.
pub const REFUSED_LATELY: Millis = HOUR;

/// The city at a moment.
#[derive(Clone, Debug)]
pub struct Picture {
    /// City time at which it was taken.
    pub now: Millis,
    pub face: Arc<Face>,
    pub health: Health,
    /// In the order of the face.
    pub zones: Vec<ZonePicture>,
    /// Open ones first, worst first, newest first.
    pub alerts: Vec<AlertPicture>,
    /// Silences in force and open incidents.
    pub desk: Desk,
    /// Leaks that reach people now.
    pub exposures: Vec<Exposure>,
    /// In the order of the face.
    pub nodes: Vec<NodePicture>,
    /// What came in no node's name.
    pub nobody: Account,
}

/// A zone at a moment.
#[derive(Clone, Debug)]
pub struct ZonePicture {
    /// Place in the face's zones.
    pub place: usize,
    pub standing: Standing,
    /// Fresh figures only, ordered by value.
    pub figures: Vec<Figure>,
    /// Fresh indices of the hour only, ordered by standard.
    pub air: Vec<Air>,
    /// Of the last local day.
    pub air_days: Vec<Air>,
    /// Of its density.
    pub crowd_trend: Option<Trend>,
    pub nodes: u32,
    pub nodes_silent: u32,
}

/// What a zone's colour and mark say, from calm to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Fresh figures and no open alert.
    Normal,
    /// No fresh figure: not an all-clear.
    Unknown,
    /// An alert is open.
    Alert(Severity),
}

/// A fresh figure.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    pub value: Value,
    pub mean: Shown,
    pub min: Shown,
    pub max: Shown,
    pub last: Shown,
    pub count: u64,
    /// The true value is at least this.
    pub saturated: bool,
    pub pane_start: Millis,
    pub pane_end: Millis,
    /// Since the end of its pane.
    pub age: Millis,
    pub completeness: Completeness,
    /// Nodes heard whose readings a quality test finds suspect.
    pub suspect: u32,
    /// The expected node that was last heard longest ago of those that may still change it; `None`: it is final.
    pub waits_for: Option<NodeId>,
    /// End of the hour that it speaks of, while that has not come.
    pub until: Option<Millis>,
}

impl Figure {
    /// It may still change, or what it speaks of has not come.
    pub fn is_provisional(&self) -> bool {
        self.waits_for.is_some() || self.until.is_some()
    }
}

/// A fresh air index.
#[derive(Clone, Copy, Debug)]
pub struct Air {
    pub standard: Standard,
    pub index: AirIndex,
    /// End of its hour or day.
    pub until: Millis,
    /// Since then.
    pub age: Millis,
    /// Not all whom it rests on have spoken for all of it.
    pub provisional: bool,
    /// Against the spell before.
    pub trend: Option<Trend>,
}

/// An alert as it stands.
#[derive(Clone, Debug)]
pub struct AlertPicture {
    /// As it was said, but for whether it is provisional and for whom it waits: that is how it is at the moment.
    pub latest: Revision,
    /// The peak as it may be shown.
    pub value: Shown,
    /// When its CAP message expired, if it did and the alert is still open: who goes by it hears nothing any more.
    pub expired: Option<Millis>,
}

/// A node at a moment.
#[derive(Clone, Debug)]
pub struct NodePicture {
    /// Place in the face's nodes.
    pub place: usize,
    pub record: NodeRecord,
    pub book: Arc<NodeBook>,
    /// Since its last accepted frame, and since anything in its name was refused.
    pub age: Option<Millis>,
    pub refused_age: Option<Millis>,
    /// What of its readings does not count, those that last first; ended ones stay as long as panes of theirs do.
    pub quarantine: Vec<Withdrawal>,
    /// What quality tests find in its panes that may still be corrected, with their number.
    pub findings: Vec<(Finding, u32)>,
}

impl Picture {
    pub fn zone_face(&self, zone: &ZonePicture) -> &ZoneFace {
        &self.face.zones[zone.place]
    }

    pub fn node_face(&self, node: &NodePicture) -> &NodeFace {
        &self.face.nodes[node.place]
    }

    pub fn alerts_open(&self) -> impl Iterator<Item = &AlertPicture> {
        self.alerts
            .iter()
            .filter(|alert| alert.latest.state.is_open())
    }

    /// How far the board is behind the clock.
    pub fn lag(&self) -> Millis {
        (self.now - self.health.frontier as Millis).max(0)
    }
}

impl NodePicture {
    /// It speaks, nothing of it is withdrawn, and nothing in its name was refused lately.
    pub fn is_well(&self) -> bool {
        let refused = self.refused_age.is_some_and(|age| age < REFUSED_LATELY);
        let speaks = self.record.silent_since.is_none() && self.record.heard_at.is_some();
        speaks && self.quarantined().next().is_none() && !refused
    }

    /// What of its readings does not count now.
    pub fn quarantined(&self) -> impl Iterator<Item = &Withdrawal> {
        self.quarantine.iter().filter(|row| row.until.is_none())
    }
}

impl ZonePicture {
    pub fn figure(&self, value: Value) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.value == value)
    }

    /// The least complete of its figures; nothing when it has none.
    pub fn completeness(&self) -> Option<Completeness> {
        self.figures
            .iter()
            .map(|figure| figure.completeness)
            .min_by(|a, b| {
                // heard/expected compared crosswise: no division, no zero to divide by.
                let (a, b) = (
                    u64::from(a.heard) * u64::from(b.expected),
                    u64::from(b.heard) * u64::from(a.expected),
                );
                a.cmp(&b)
            })
    }

    /// The most suspect nodes of any of its figures.
    pub fn suspect(&self) -> u32 {
        let suspects = self.figures.iter().map(|figure| figure.suspect);
        suspects.max().unwrap_or(0)
    }

    /// Age of its freshest figure.
    pub fn age(&self) -> Option<Millis> {
        self.figures.iter().map(|figure| figure.age).min()
    }
}

/// The peak of `revision` as it may be shown.
pub fn alert_value(face: &Face, revision: &Revision) -> Shown {
    let zone = face.zones.iter().find(|zone| zone.id == revision.zone);
    let ground = zone.map_or(Ground::default(), |zone| zone.ground);
    let rule = face.rule(revision.rule).map(|rule| rule.value);
    // Where the rule is gone its unit still tells whether it is about people.
    let value = rule.or_else(|| {
        let of_people = [
            Value::CrowdCount,
            Value::CrowdDensity,
            Value::Derived(Derived::GateFlow),
        ];
        let mut alike = of_people.into_iter();
        alike.find(|value| value.unit() == revision.unit)
    });
    match value {
        Some(value) => face.floor.shown(value, revision.value, ground),
        None => Shown::Exact(revision.value),
    }
}

pub(super) fn take(board: &Board, now: Millis) -> Picture {
    let nodes = board.face.nodes.iter().enumerate();
    let nodes = nodes.map(|(place, node)| {
        let (record, book) = (board.nodes.record(node.ix), board.nodes.book(node.ix));
        let since = |at: Option<Millis>| at.map(|at| (now - at).max(0));
        NodePicture {
            place,
            record,
            age: since(record.heard_at),
            refused_age: since(book.account.refused_at),
            book,
            quarantine: board.nodes.quarantine(node.ix),
            findings: board.nodes.findings(node.ix),
        }
    });
    Picture {
        desk: board.desk.clone(),
        exposures: board.exposures.live(now),
        ..assembled(board, When::Now(now), alerts(board, now), nodes.collect())
    }
}

/// The city at a moment, without what people do and how far leaks reach.
pub(super) fn assembled(
    board: &Board,
    when: When,
    alerts: Vec<AlertPicture>,
    nodes: Vec<NodePicture>,
) -> Picture {
    let (face, now) = (board.face.clone(), when.moment());
    // One pass each over alerts and nodes, whatever the number of zones.
    let mut worst: BTreeMap<ZoneId, Severity> = BTreeMap::new();
    for alert in alerts.iter().filter(|a| a.latest.state.is_open()) {
        let severity = worst.entry(alert.latest.zone).or_insert(Severity::Minor);
        *severity = alert.latest.severity.max(*severity);
    }
    let mut spoken: BTreeMap<ZoneIx, (u32, u32)> = BTreeMap::new();
    for node in &nodes {
        if let Some(zone) = face.nodes[node.place].zone {
            let (count, silent) = spoken.entry(zone).or_default();
            *count += 1;
            *silent += u32::from(node.record.silent_since.is_some());
        }
    }
    let zones = face
        .zones
        .iter()
        .enumerate()
        .map(|(place, zone)| {
            let figures = figures(board, zone, when);
            let air = |series, value| air(board, series, (zone.ix, value), when);
            let air_days = air(&board.air_days, Value::AirDay);
            let air = air(&board.air, Value::AirIndex);
            let standing = match worst.get(&zone.id) {
                Some(severity) => Standing::Alert(*severity),
                // The air index of the last full hour says nothing about now.
                None if figures.is_empty() => Standing::Unknown,
                None => Standing::Normal,
            };
            let (count, silent) = spoken.get(&zone.ix).copied().unwrap_or_default();
            ZonePicture {
                place,
                standing,
                figures,
                air,
                air_days,
                crowd_trend: crowd_trend(board, zone, now),
                nodes: count,
                nodes_silent: silent,
            }
        })
        .collect();
    Picture {
        now,
        health: board.health.clone(),
        zones,
        alerts,
        desk: Desk::default(),
        exposures: Vec::new(),
        nodes,
        nobody: board.nodes.nobody().clone(),
        face,
    }
}

fn crowd_trend(board: &Board, zone: &ZoneFace, now: Millis) -> Option<Trend> {
    let series = board.series(zone.ix, Value::CrowdDensity)?;
    let floor = board.face.floor;
    let shown = |mean| floor.shown(Value::CrowdDensity, mean, zone.ground);
    Trend::of_density(series, now, shown)
}

/// One alert at a moment.
fn alert(board: &Board, story: &AlertStory, now: Millis) -> AlertPicture {
    let (face, latest) = (&board.face, story.latest());
    let zone = face.zones.iter().find(|zone| zone.id == latest.zone);
    let waits_for = zone.zip(face.rule(latest.rule)).and_then(|(zone, rule)| {
        let node = board.waits_for(zone.ix, rule.value, latest.window.end, now)?;
        Some(node.id)
    });
    let to_come = latest.early.is_some_and(|early| early.speaks_of.end > now);
    AlertPicture {
        value: alert_value(face, latest),
        expired: story.expired(now),
        latest: Revision {
            provisional: waits_for.is_some() || latest.node_alarm || to_come,
            oldest_unheard: waits_for,
            ..latest.clone()
        },
    }
}

fn alerts(board: &Board, now: Millis) -> Vec<AlertPicture> {
    let mut alerts: Vec<AlertPicture> = board
        .alerts
        .stories()
        .filter(|story| story.leaves_at.is_none_or(|at| at > now))
        .map(|story| alert(board, story, now))
        .collect();
    alerts.sort_by_key(|alert| list_order(&alert.latest));
    alerts
}

/// Order of every list of alerts: open ones first, of these the worst, of ended ones the latest.
pub fn list_order(latest: &Revision) -> impl Ord + use<> {
    let open = latest.state.is_open();
    let severity = open.then_some(latest.severity);
    (Reverse((open, severity, latest.updated)), latest.id)
}

/// Indices of a zone that stand, and as which value rules know them.
fn air(
    board: &Board,
    indices: &BTreeMap<(ZoneIx, Standard), AirSeries>,
    (zone, value): (ZoneIx, fn(Standard) -> Value),
    when: When,
) -> Vec<Air> {
    let now = when.moment();
    indices
        .range((zone, Standard::ALL[0])..)
        .take_while(|((ix, _), _)| *ix == zone)
        .filter_map(|((_, standard), series)| {
            let (until, index) = when.air(series)?;
            let waits_for = board.waits_for(zone, value(*standard), until, now);
            Some(Air {
                standard: *standard,
                index,
                until,
                age: (now - until).max(0),
                provisional: waits_for.is_some(),
                trend: series
                    .before(until)
                    .map(|before| Trend::of_index(before.index, index.index)),
            })
        })
        .collect()
}
