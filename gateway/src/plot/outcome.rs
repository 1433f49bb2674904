//! What is drawn, out of a replay's `zones.csv` and `alerts.ndjson`; read line by line, as they are long.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use pipeline::alert::State;
use pipeline::calendar::{HOUR, Millis};
use pipeline::rules::{Severity, Value};
use serde::Deserialize;
use wire::{RuleId, ZoneId};

use super::{Plot, PlotError};
use crate::city::LoadedCity;
use crate::readings::Moments;

/// One zone's values and alerts.
#[derive(Debug)]
pub(super) struct Outcome {
    pub zone: ZoneId,
    /// One panel each.
    pub series: Vec<(Value, Vec<Point>)>,
    /// By onset.
    pub alerts: Vec<Span>,
    /// Alerts that turned out never to have been true; they are not drawn.
    pub cancelled: usize,
}

/// A pane's figures, at its middle: an alert's onset is the beginning of a pane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub at: Millis,
    pub mean: f64,
    pub min: f64,
    pub max: f64,
}

/// How long an alert stood.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub rule: RuleId,
    pub severity: Severity,
    pub from: Millis,
    /// `None`: it still stands.
    pub to: Option<Millis>,
}

/// What is read of a revision.
#[derive(Deserialize)]
struct Line<'a> {
    id: &'a str,
    state: State,
    rule: RuleId,
    zone: ZoneId,
    severity: Severity,
    onset: &'a str,
    end: Option<&'a str>,
}

/// An alert as it was told last.
struct Latest {
    zone: ZoneId,
    span: Span,
    state: State,
}

impl Outcome {
    pub(super) fn read(city: &LoadedCity, from: &Path, plot: &Plot) -> Result<Outcome, PlotError> {
        let zone_exists = |zone: &ZoneId| city.city.zones.iter().any(|known| known.id == *zone);
        if let Some(zone) = plot.zone.filter(|zone| !zone_exists(zone)) {
            return Err(PlotError::NoZone(zone));
        }
        let mut latest = alerts(&from.join("alerts.ndjson"))?;
        latest.retain(|_, alert| {
            let to = alert.span.to.unwrap_or(Millis::MAX);
            alert.span.from < plot.span.end && to > plot.span.start
        });
        let zone_of_worst = || worst(&latest, |_| true).map(|alert| alert.zone);
        let zone = plot.zone.or_else(zone_of_worst).ok_or(PlotError::Nothing)?;
        let mut values = plot.values.clone();
        if values.is_empty() {
            let alert = worst(&latest, |alert| alert.zone == zone).ok_or(PlotError::Nothing)?;
            let rule = city.rules.iter().find(|rule| rule.id == alert.span.rule);
            values.extend(rule.map(|rule| rule.condition.value));
        }
        let mut series: Vec<(Value, Vec<Point>)> = values
            .into_iter()
            .map(|value| (value, Vec::new()))
            .collect();
        zones(city, &from.join("zones.csv"), zone, plot, &mut series)?;
        for (value, points) in &mut series {
            points.sort_by_key(|point| point.at);
            if points.is_empty() {
                return Err(PlotError::NoFigures {
                    zone,
                    value: *value,
                });
            }
        }
        let here = || latest.values().filter(|alert| alert.zone == zone);
        let stood = here().filter(|alert| alert.state != State::Cancelled);
        let mut alerts: Vec<Span> = stood.map(|alert| alert.span).collect();
        alerts.sort_by_key(|span| (span.from, span.rule));
        let cancelled = here()
            .filter(|alert| alert.state == State::Cancelled)
            .count();
        Ok(Outcome {
            zone,
            series,
            alerts,
            cancelled,
        })
    }
}

/// The worst of the alerts that stood, and of those the longest.
fn worst(alerts: &BTreeMap<String, Latest>, is_one: impl Fn(&Latest) -> bool) -> Option<&Latest> {
    let stood = alerts
        .values()
        .filter(|alert| alert.state != State::Cancelled && is_one(alert));
    stood.max_by_key(|alert| {
        (
            alert.span.severity,
            alert.span.to.unwrap_or(Millis::MAX) - alert.span.from,
        )
    })
}

/// The last word on every alert, by id.
fn alerts(path: &Path) -> Result<BTreeMap<String, Latest>, PlotError> {
    let failed = |error| PlotError::Read(path.to_owned(), error);
    let mut moments = Moments::default();
    let mut latest = BTreeMap::new();
    for (number, line) in BufReader::new(File::open(path).map_err(failed)?)
        .lines()
        .enumerate()
    {
        let line = line.map_err(failed)?;
        let bad = |why: String| PlotError::Line {
            path: path.to_owned(),
            line: number as u64 + 1,
            why,
        };
        let read: Line<'_> = serde_json::from_str(&line).map_err(|error| bad(error.to_string()))?;
        let mut moment = |text: &str| {
            moments
                .parse(text.as_bytes())
                .map_err(|error| bad(error.to_string()))
        };
        let span = Span {
            rule: read.rule,
            severity: read.severity,
            from: moment(read.onset)?,
            to: read.end.map(&mut moment).transpose()?,
        };
        latest.insert(
            read.id.to_owned(),
            Latest {
                zone: read.zone,
                span,
                state: read.state,
            },
        );
    }
    Ok(latest)
}

/// Figures of the values in `series`, out of `zones.csv`.
fn zones(
    city: &LoadedCity,
    path: &Path,
    zone: ZoneId,
    plot: &Plot,
    series: &mut [(Value, Vec<Point>)],
) -> Result<(), PlotError> {
    let names: Vec<String> = series.iter().map(|(value, _)| value.to_string()).collect();
    rows(path, |cell| {
        if cell(0) != zone.as_str() {
            return Some(());
        }
        let Some(place) = names.iter().position(|name| *name == cell(1)) else {
            return Some(());
        };
        let (value, points) = &mut series[place];
        let width = value
            .paced_by()
            .map_or(HOUR, |quantity| city.calendar.span(quantity).width);
        let start = Moments::default().parse(cell(2).as_bytes()).ok()?;
        // A figure about few people is drawn as large as it can be.
        let figure = |place| cell(place).trim_start_matches('<').parse::<f64>().ok();
        let point = Point {
            at: start + width / 2,
            mean: figure(3)?,
            min: figure(4)?,
            max: figure(5)?,
        };
        points.extend(plot.span.contains(&start).then_some(point));
        Some(())
    })
}

/// Hands every row's cells to `take`, which answers nothing for a row that no replay writes.
fn rows(
    path: &Path,
    mut take: impl FnMut(&dyn Fn(usize) -> String) -> Option<()>,
) -> Result<(), PlotError> {
    let failed = |error: csv::Error| PlotError::Read(path.to_owned(), error.into());
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.flexible(true).from_path(path).map_err(failed)?;
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(failed)? {
        let cell = |place: usize| {
            String::from_utf8_lossy(record.get(place).unwrap_or_default()).into_owned()
        };
        if take(&cell).is_none() {
            let line = record.position().map_or(0, csv::Position::line);
            let why = "this is not a row that a replay writes".to_owned();
            return Err(PlotError::Line {
                path: path.to_owned(),
                line,
                why,
            });
        }
    }
    Ok(())
}
