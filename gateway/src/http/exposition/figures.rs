//! The zones' figures in `/metrics`: as many as there is room for, those first that most depends on.
//!
//! A figure is there with its age and its completeness or not at all. What an open alert stands on comes first; then
//! the values in the order of `[metrics] values`, or else crowds, the city's first air index and what is measured for
//! safety, other indices and what safety is derived from, what is measured, what is derived, and days and hours to
//! come. All zones have a value before any has the next one, so that they can be compared.

use std::collections::BTreeSet;

use pipeline::rules::Value;
use prometheus::{GaugeVec, Registry};
use wire::ZoneId;

use super::gauge;
use crate::board::Picture;
use crate::board::picture::{Air, Figure, Standing};
use crate::privacy::Shown;

/// Why a figure is not there.
pub(super) const LEFT_OUT: [&str; 2] = ["no_room", "not_chosen"];

/// Something that is there whole or not at all.
enum Block<'p> {
    Figure(&'p Figure),
    Hour(&'p Air),
    Day(&'p Air),
}

impl Block<'_> {
    fn value(&self) -> Value {
        match self {
            Block::Figure(figure) => figure.value,
            Block::Hour(air) => Value::AirIndex(air.standard),
            Block::Day(air) => Value::AirDay(air.standard),
        }
    }

    /// Series that it needs.
    fn len(&self) -> usize {
        match self {
            Block::Hour(_) | Block::Day(_) => 1,
            Block::Figure(figure) => {
                // The index itself is a block of its own.
                let value = usize::from(!matches!(figure.value, Value::AirIndex(_)));
                value + 2 + usize::from(figure.suspect > 0) + usize::from(figure.is_provisional())
            }
        }
    }
}

/// Fills `room` with the figures of `picture`, and says how many found none.
pub(super) fn register(
    registry: &Registry,
    picture: &Picture,
    room: usize,
) -> prometheus::Result<()> {
    let gauges = Gauges::register(registry)?;
    let mut room = room;
    for zone in &picture.zones {
        let severity = match zone.standing {
            // What is not known is no series: it is not calm.
            Standing::Unknown => continue,
            Standing::Normal => 0.0,
            Standing::Alert(severity) => 1.0 + f64::from(severity as u8),
        };
        if room > 0 {
            room -= 1;
            let id = picture.zone_face(zone).id;
            gauges
                .severity
                .with_label_values(&[id.as_str()])
                .set(severity);
        }
    }
    let (blocks, not_chosen) = ordered(picture);
    let mut no_room = 0;
    for (zone, block) in blocks {
        match room.checked_sub(block.len()) {
            Some(left) => {
                room = left;
                gauges.set(zone, &block);
            }
            None => {
                // Nothing that matters less takes the place of what did not fit.
                room = 0;
                no_room += 1;
            }
        }
    }
    for (reason, count) in LEFT_OUT.into_iter().zip([no_room, not_chosen]) {
        gauges
            .left_out
            .with_label_values(&[reason])
            .set(count as f64);
    }
    Ok(())
}

/// What is to be shown, what matters most first, and how many were not asked for.
fn ordered(picture: &Picture) -> (Vec<(ZoneId, Block<'_>)>, usize) {
    let face = &picture.face;
    let alerting: BTreeSet<(ZoneId, Value)> = picture
        .alerts_open()
        .filter_map(|alert| {
            let rule = face.rule(alert.latest.rule)?;
            Some((alert.latest.zone, rule.value))
        })
        .collect();
    let rank = |value: Value| match &face.metrics.values {
        Some(chosen) => chosen.iter().position(|of| *of == value),
        None => Some(rank(
            value,
            Some(value) == face.standards.first().map(|s| Value::AirIndex(*s)),
        )),
    };
    let mut blocks = Vec::new();
    let mut not_chosen = 0;
    for zone in &picture.zones {
        let id = picture.zone_face(zone).id;
        let figures = zone.figures.iter().map(Block::Figure);
        let hours = zone.air.iter().map(Block::Hour);
        let days = zone.air_days.iter().map(Block::Day);
        for block in figures.chain(hours).chain(days) {
            let value = block.value();
            match rank(value) {
                Some(rank) => {
                    let key = (!alerting.contains(&(id, value)), rank, value, id);
                    blocks.push((key, block));
                }
                None => not_chosen += 1,
            }
        }
    }
    blocks.sort_by_key(|(key, _)| *key);
    let blocks = blocks.into_iter().map(|((.., zone), block)| (zone, block));
    (blocks.collect(), not_chosen)
}

/// How early a value comes where nobody chose.
fn rank(value: Value, is_first_index: bool) -> usize {
    match value {
        Value::CrowdDensity => 0,
        Value::AirIndex(_) if is_first_index => 0,
        Value::Quantity(_) if value.is_safety() => 1,
        Value::AirIndex(_) => 2,
        Value::Derived(_) if value.is_safety() => 2,
        Value::Quantity(_) | Value::CrowdCount => 3,
        Value::Derived(_) | Value::Silence => 4,
        Value::AirDay(_) | Value::AirForecast(..) => 5,
    }
}

struct Gauges {
    severity: GaugeVec,
    value: GaugeVec,
    under: GaugeVec,
    density: GaugeVec,
    air: GaugeVec,
    air_day: GaugeVec,
    completeness: GaugeVec,
    suspect: GaugeVec,
    provisional: GaugeVec,
    age: GaugeVec,
    left_out: GaugeVec,
}

impl Gauges {
    fn register(registry: &Registry) -> prometheus::Result<Gauges> {
        let zone = |name: &str, help: &str| gauge(registry, name, help, &["zone"]);
        let figure = |name: &str, help: &str| gauge(registry, name, help, &["zone", "quantity"]);
        let index = |name: &str, help: &str| gauge(registry, name, help, &["zone", "standard"]);
        Ok(Gauges {
            severity: zone(
                "zone_severity",
                "Worst open alert of a zone: 0 none, 1 minor, 2 moderate, 3 severe, 4 extreme; no series: nothing is known",
            )?,
            value: figure(
                "zone_value",
                "Mean of the newest pane of a zone, in the quantity's own unit; air_forecast is about an hour to come",
            )?,
            under: figure(
                "zone_value_withheld_under",
                "A figure about few persons: more than nothing and less than this",
            )?,
            density: zone(
                "crowd_density_persons_per_square_meter",
                "People per square metre of usable ground",
            )?,
            air: index(
                "air_index",
                "Hourly air index of a zone by a published standard",
            )?,
            air_day: index(
                "air_day_index",
                "Air index of the last local day of a zone by a published standard",
            )?,
            completeness: figure(
                "zone_completeness_ratio",
                "Nodes heard of nodes expected in the newest pane",
            )?,
            suspect: figure(
                "zone_suspect_ratio",
                "Nodes whose readings a quality test finds suspect, of those heard in the newest pane; no series: none",
            )?,
            provisional: figure(
                "zone_provisional",
                "1 while nodes that are expected may still change the newest pane, and for a forecast until its hour has come; no series: final",
            )?,
            age: figure(
                "zone_age_seconds",
                "City time since the end of the newest pane",
            )?,
            left_out: gauge(
                registry,
                "metrics_left_out",
                "Fresh figures of zones that this scrape does not have: they found no room within [metrics] series, or are not among [metrics] values",
                &["reason"],
            )?,
        })
    }

    fn set(&self, zone: ZoneId, block: &Block<'_>) {
        let id = zone.as_str();
        match block {
            Block::Figure(figure) => self.figure(id, figure),
            Block::Hour(air) | Block::Day(air) => {
                let gauge = match block {
                    Block::Day(_) => &self.air_day,
                    _ => &self.air,
                };
                gauge
                    .with_label_values(&[id, air.standard.name()])
                    .set(f64::from(air.index.index));
            }
        }
    }

    fn figure(&self, zone: &str, figure: &Figure) {
        let name = figure.value.to_string();
        let labels = [zone, name.as_str()];
        let set = |gauge: &GaugeVec, value: f64| gauge.with_label_values(&labels).set(value);
        match (figure.value, figure.mean) {
            (_, Shown::Under(_)) => set(&self.under, figure.mean.drawn_at().to_f64()),
            (Value::CrowdDensity, Shown::Exact(mean)) => {
                self.density.with_label_values(&[zone]).set(mean.to_f64());
            }
            (Value::AirIndex(_), Shown::Exact(_)) => {}
            (_, Shown::Exact(mean)) => set(&self.value, mean.to_f64()),
        }
        let (heard, expected) = (figure.completeness.heard, figure.completeness.expected);
        set(
            &self.completeness,
            f64::from(heard) / f64::from(expected.max(1)),
        );
        set(&self.age, figure.age as f64 / 1000.0);
        if figure.suspect > 0 {
            let ratio = f64::from(figure.suspect) / f64::from(heard.max(1));
            set(&self.suspect, ratio);
        }
        if figure.is_provisional() {
            set(&self.provisional, 1.0);
        }
    }
}
