//! The hours and days of an air index, judged anew from readings: quarter hours become a zone's hours, hours an index.

use std::collections::{BTreeMap, BTreeSet};

use wire::quantity::Group;
use wire::{Milli, Quantity};

use super::Case;
use crate::calendar::{HOUR, Millis, QUARTER, has_hours, pane_start};
use crate::city::NodeIx;
use crate::observation::Observation;
use crate::operators::alerts::islands::Judged;
use crate::operators::panes::summary::Summary;
use crate::operators::zones::{Part, summed};
use crate::rules::{Statistic, Value};
use crate::science::air::forecast::Outlook;
use crate::science::air::{Standard, daily_index, hourly_index};

/// A zone's mean of one hour and how many nodes it rests on.
type Hours = BTreeMap<(Quantity, Millis), (Milli, u32)>;

/// The hours from the alert's onset on, as a rule on the index or its forecast sees them; those before it only look back.
pub(super) fn judged(case: &Case, readings: &[Observation]) -> Vec<Judged> {
    let hours = hours(case, readings);
    let mut starts: Vec<Millis> = hours.keys().map(|(_, start)| *start).collect();
    starts.sort_unstable();
    starts.dedup();
    let judged = starts
        .into_iter()
        .filter(|start| *start >= case.onset)
        .filter_map(|start| {
            let heard = Quantity::all().filter(|quantity| quantity.entry().group == Group::Air);
            let heard = heard.filter_map(|quantity| hours.get(&(quantity, start)));
            Some(Judged {
                start,
                end: start + HOUR,
                value: Some(value(case, &hours, start)?),
                heard: heard.map(|(_, heard)| *heard).max().unwrap_or(0),
                open: false,
                saturated: false,
                alarm: None,
            })
        });
    judged.collect()
}

/// The days from the alert's onset on, as a rule on their index sees them.
pub(super) fn judged_days(
    case: &Case,
    standard: Standard,
    readings: &[Observation],
) -> Vec<Judged> {
    let hours = hours(case, readings);
    let local = &case.calendar.local;
    let days: BTreeSet<Millis> = hours
        .keys()
        .map(|(_, hour)| local.day_start(*hour))
        .collect();
    let judged = days
        .into_iter()
        .filter(|day| *day >= case.onset)
        .filter_map(|day| {
            let end = local.day_end(day);
            let mean = |quantity, k: usize| {
                let at = day + k as Millis * HOUR;
                hours.get(&(quantity, at)).map(|(mean, _)| *mean)
            };
            let index = daily_index(standard, ((end - day) / HOUR) as usize, &mean)?.index;
            let of_day = hours
                .iter()
                .filter(|((_, hour), _)| (day..end).contains(hour));
            Some(Judged {
                start: day,
                end,
                value: Some(Milli::whole(i64::from(index))),
                heard: of_day.map(|(_, (_, heard))| *heard).max().unwrap_or(0),
                open: false,
                saturated: false,
                alarm: None,
            })
        });
    judged.collect()
}

/// What the alert's rule looks at, of one hour.
fn value(case: &Case, hours: &Hours, start: Millis) -> Option<Milli> {
    let back = |quantity, hours_back: usize| {
        let at = start - hours_back as Millis * HOUR;
        hours.get(&(quantity, at)).map(|(mean, _)| *mean)
    };
    let index = match case.condition.value {
        Value::AirIndex(standard) => hourly_index(standard, &back)?.index,
        Value::AirForecast(standard, ahead) => {
            let forecast = Outlook::after(&back)?.index(standard, ahead, &back)?;
            match case.condition.statistic {
                Statistic::Min => forecast.low,
                Statistic::Max => forecast.high,
                Statistic::Mean | Statistic::Last => forecast.index.index,
                Statistic::Count => 1,
            }
        }
        _ => return None,
    };
    Some(Milli::whole(i64::from(index)))
}

fn hours(case: &Case, readings: &[Observation]) -> Hours {
    let mut quarters: BTreeMap<(Quantity, Millis), BTreeMap<(NodeIx, Millis), Summary>> =
        BTreeMap::new();
    for reading in readings {
        let entry = reading.quantity.entry();
        if !has_hours(reading.quantity) {
            continue;
        }
        let quarter = pane_start(reading.sampled_at, QUARTER);
        let hour = pane_start(quarter + case.hour_shift, HOUR) - case.hour_shift;
        let nodes = quarters.entry((reading.quantity, hour)).or_default();
        nodes
            .entry((reading.node, quarter))
            .or_insert_with(|| Summary::new(quarter))
            .add(reading, entry.summing);
    }
    let hours = quarters.into_iter().map(|((quantity, hour), nodes)| {
        let parts = nodes.iter().filter_map(|(&(node, start), summary)| {
            Some(Part {
                node,
                start,
                weight: case.members.get(&node)?.weight,
                pane: summary.node_pane(quantity),
            })
        });
        let zone = summed(quantity, &parts.collect::<Vec<_>>());
        ((quantity, hour), (zone.figures.mean, zone.heard))
    });
    hours.collect()
}
