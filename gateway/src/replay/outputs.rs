//! The files of the output directory: alerts as they come, figures when they are final, the books at the end.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use pipeline::alert::{AlertId, Completeness, Revision, State};
use pipeline::calendar::{Calendar, HOUR, Millis, rfc3339};
use pipeline::city::{City, ZoneIx};
use pipeline::output::{AirDayRow, AirIndex, Figures as Statistics, TickOutput, ZoneValue};
use pipeline::rules::{Severity, Value};
use pipeline::science::air::{Pollutants, Standard};
use serde::Serialize;
use wire::{KindId, Quantity, ZoneId};

use super::figures::Figures;
use super::journal::Sink;
use super::{Books, ReplayError, metrics};
use crate::board::Face;
use crate::city::{LoadedCity, value_sources};
use crate::privacy::{Floor, Ground};
use crate::publish::Public;
use crate::scores::Scores;

/// A figure is taken for final so long after its horizon: corrections at its last tick still count.
const SLACK: Millis = HOUR;

/// How much was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    pub alerts: u64,
    pub revisions: u64,
    pub zone_values: u64,
    pub air_rows: u64,
    pub air_day_rows: u64,
}

/// Takes what the pipeline says and writes it.
pub(super) struct Outputs {
    dir: PathBuf,
    face: Face,
    calendar: Calendar,
    /// Name, and what privacy must know of it, by zone number.
    zones: BTreeMap<ZoneIx, (ZoneId, Ground)>,
    alerts: BufWriter<File>,
    revisions: u64,
    /// Latest state of every alert.
    states: BTreeMap<AlertId, (KindId, Severity, State)>,
    panes: Figures<(ZoneId, ValueName), (), Pane>,
    air: Figures<ZoneId, Standard, AirIndex>,
    air_days: Figures<ZoneId, Standard, Day>,
    floor: Floor,
    scores: Scores,
    /// The first write that failed: the sink cannot say so itself.
    failed: Option<(&'static str, io::Error)>,
}

/// Values are ordered by name, as a reader of the file sees them.
type ValueName = String;

/// One row of `air_days.csv`: the local date, and the index.
type Day = (jiff::civil::Date, AirIndex);

/// One row of `zones.csv`, shown already: privacy needs the zone's area.
struct Pane {
    shown: [crate::privacy::Shown; 3],
    count: u64,
    completeness: Completeness,
}

const ALERTS: &str = "alerts.ndjson";
const ZONES: &str = "zones.csv";
const AIR: &str = "air.csv";
const AIR_DAYS: &str = "air_days.csv";

impl Outputs {
    pub(super) fn create(
        dir: &Path,
        city: &LoadedCity,
        floor: u32,
    ) -> Result<Outputs, ReplayError> {
        let at = |name: &str| dir.join(name);
        let failed = |name: &'static str| move |error| ReplayError::Output(at(name), error);
        fs::create_dir_all(dir).map_err(|error| ReplayError::Output(dir.to_owned(), error))?;
        let zones = city
            .city
            .zones
            .iter()
            .map(|zone| (zone.ix, (zone.id, Ground::from(zone))));
        Ok(Outputs {
            dir: dir.to_owned(),
            face: Face {
                floor: Floor(floor),
                ..Face::from(city)
            },
            calendar: city.calendar.clone(),
            zones: zones.collect(),
            alerts: BufWriter::new(File::create(at(ALERTS)).map_err(failed(ALERTS))?),
            revisions: 0,
            states: BTreeMap::new(),
            panes: Figures::create(&at(".zones.scratch"), pane_line).map_err(failed(ZONES))?,
            air: Figures::create(&at(".air.scratch"), air_line).map_err(failed(AIR))?,
            air_days: Figures::create(&at(".air_days.scratch"), day_line)
                .map_err(failed(AIR_DAYS))?,
            floor: Floor(floor),
            scores: Scores::default(),
            failed: None,
        })
    }
}

impl Sink for Outputs {
    fn city_changed(&mut self, city: &City) {
        let zones = city.zones.iter();
        self.zones
            .extend(zones.map(|zone| (zone.ix, (zone.id, Ground::from(zone)))));
    }

    /// Called on a worker's thread.
    fn take(&mut self, output: TickOutput) {
        self.scores.take(&output);
        let now = output.tick as Millis;
        for row in output.zone_values {
            let outcome = self.pane(row, now);
            self.note(ZONES, outcome);
        }
        for row in output.air {
            let Some((zone, _)) = self.zones.get(&row.zone) else {
                continue;
            };
            let (key, bound) = ((row.hour, row.standard), now - air_lasts(&self.calendar));
            let outcome = self.air.set(*zone, key, row.index, bound);
            self.note(AIR, outcome);
        }
        for row in output.air_days {
            let outcome = self.day(row, now);
            self.note(AIR_DAYS, outcome);
        }
        for revision in output.revisions {
            let outcome = self.revision(&revision);
            self.note(ALERTS, outcome);
        }
    }
}

impl Outputs {
    fn note(&mut self, name: &'static str, outcome: io::Result<()>) {
        if let (Err(error), None) = (outcome, &self.failed) {
            self.failed = Some((name, error));
        }
    }

    fn pane(&mut self, row: ZoneValue, now: Millis) -> io::Result<()> {
        let Some(&(zone, ground)) = self.zones.get(&row.zone) else {
            return Ok(());
        };
        let show = |figures: Statistics| Pane {
            shown: self.floor.shown_all(row.value, &figures, ground),
            count: figures.count,
            completeness: row.completeness,
        };
        let pane = row.figures.map(show);
        let lasts = row.pane_end - row.pane_start + final_after(&self.calendar, row.value);
        let series = (zone, row.value.to_string());
        self.panes
            .set(series, (row.pane_start, ()), pane, now - lasts)
    }

    fn day(&mut self, row: AirDayRow, now: Millis) -> io::Result<()> {
        let Some(&(zone, _)) = self.zones.get(&row.zone) else {
            return Ok(());
        };
        let date = jiff::Timestamp::from_millisecond(row.day)
            .map(|start| start.to_zoned(self.face.time_zone.clone()).date())
            .map_err(io::Error::other)?;
        let bound = now - (row.end - row.day) - air_lasts(&self.calendar);
        let index = row.index.map(|index| (date, index));
        self.air_days
            .set(zone, (row.day, row.standard), index, bound)
    }

    fn revision(&mut self, revision: &Revision) -> io::Result<()> {
        self.revisions += 1;
        let summary = (revision.kind, revision.severity, revision.state);
        self.states.insert(revision.id, summary);
        serde_json::to_writer(&mut self.alerts, &Public::of(revision, &self.face))?;
        self.alerts.write_all(b"\n")
    }

    /// Writes what is left, and the books.
    pub(super) fn finish(&mut self, books: &Books) -> Result<Written, ReplayError> {
        if let Some((name, error)) = self.failed.take() {
            return Err(ReplayError::Output(self.dir.join(name), error));
        }
        let alerts = self.alerts.flush();
        self.done(ALERTS, alerts)?;
        let zones = write_table(
            &self.dir.join(ZONES),
            "zone,quantity,pane_start,mean,min,max,count,heard,expected",
            &mut self.panes,
        );
        self.done(ZONES, zones)?;
        let air = write_table(
            &self.dir.join(AIR),
            "zone,hour,standard,index,category,primary",
            &mut self.air,
        );
        self.done(AIR, air)?;
        let days = write_table(
            &self.dir.join(AIR_DAYS),
            "zone,date,start,standard,index,category,primary",
            &mut self.air_days,
        );
        self.done(AIR_DAYS, days)?;
        let written = Written {
            alerts: self.states.len() as u64,
            revisions: self.revisions,
            zone_values: self.panes.rows,
            air_rows: self.air.rows,
            air_day_rows: self.air_days.rows,
        };
        let ledger = fs::write(self.dir.join("ledger.json"), ledger_json(books, &written));
        self.done("ledger.json", ledger)?;
        let metrics = fs::write(
            self.dir.join("metrics.prom"),
            metrics::exposition(books, self.states.values(), &self.scores),
        );
        self.done("metrics.prom", metrics)?;
        let lost = self.panes.lost + self.air.lost + self.air_days.lost;
        let late = || {
            io::Error::other(format!(
                "{lost} corrections came after their figure was final"
            ))
        };
        self.done(ZONES, (lost == 0).then_some(()).ok_or_else(late))?;
        Ok(written)
    }

    fn done(&self, name: &str, outcome: io::Result<()>) -> Result<(), ReplayError> {
        outcome.map_err(|error| ReplayError::Output(self.dir.join(name), error))
    }
}

/// How long after its end a pane of a value is final.
pub(super) fn final_after(calendar: &Calendar, value: Value) -> Millis {
    let horizons = value_sources(value)
        .into_iter()
        .map(|quantity| calendar.span(quantity).horizon);
    horizons.max().unwrap_or_else(|| air_lasts(calendar)) + SLACK
}

/// How long after its start an hour of an air index may be corrected.
fn air_lasts(calendar: &Calendar) -> Millis {
    let quarters = Quantity::all().map(|quantity| calendar.quarter_span(quantity).horizon);
    quarters.max().unwrap_or(0) + HOUR + SLACK
}

fn write_table<S: Ord + Clone, K: Ord, R>(
    path: &Path,
    header: &str,
    figures: &mut Figures<S, K, R>,
) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "{header}")?;
    figures.finish(&mut file)?;
    file.flush()
}

fn pane_line(
    line: &mut Vec<u8>,
    (zone, value): &(ZoneId, ValueName),
    start: Millis,
    _: &(),
    pane: &Pane,
) {
    let Pane {
        shown: [mean, min, max],
        count,
        completeness: Completeness { heard, expected },
    } = pane;
    let start = rfc3339(start);
    // Writing to memory cannot fail.
    let _ = writeln!(
        line,
        "{zone},{value},{start},{mean},{min},{max},{count},{heard},{expected}"
    );
}

fn air_line(line: &mut Vec<u8>, zone: &ZoneId, hour: Millis, standard: &Standard, air: &AirIndex) {
    let (hour, index) = (rfc3339(hour), air.index);
    let category = standard.category(air.category).name;
    let primary = names(air.primary);
    // Writing to memory cannot fail.
    let _ = writeln!(
        line,
        "{zone},{hour},{standard},{index},{category},{primary}"
    );
}

fn day_line(
    line: &mut Vec<u8>,
    zone: &ZoneId,
    start: Millis,
    standard: &Standard,
    (date, air): &Day,
) {
    let (start, index) = (rfc3339(start), air.index);
    let category = standard.category(air.category).name;
    let primary = names(air.primary);
    // Writing to memory cannot fail.
    let _ = writeln!(
        line,
        "{zone},{date},{start},{standard},{index},{category},{primary}"
    );
}

/// Pollutants as one cell: quoted where there are several.
fn names(primary: Pollutants) -> String {
    match primary.iter().nth(1) {
        Some(_) => format!("\"{primary}\""),
        None => primary.to_string(),
    }
}

#[derive(Serialize)]
struct LedgerFile<'a> {
    #[serde(flatten)]
    books: &'a Books,
    written: &'a Written,
}

fn ledger_json(books: &Books, written: &Written) -> String {
    // Numbers under fixed names: there is nothing that JSON cannot say.
    serde_json::to_string_pretty(&LedgerFile { books, written }).unwrap_or_default() + "\n"
}
