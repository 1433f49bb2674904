//! Derived values, judged anew from readings: zone panes become series, series figures.

use std::collections::{BTreeMap, BTreeSet};

use wire::{Milli, Quantity};

use super::Case;
use crate::calendar::pane_start;
use crate::derived::Derived;
use crate::observation::Observation;
use crate::operators::alerts::islands::Judged;
use crate::operators::derive::{Series, View, figure};
use crate::operators::judge::statistic_of;
use crate::operators::zones::ZonePane;
use crate::output::Figures;
use crate::rules::Value;
use crate::science::crowd::area::Count;
use crate::science::crowd::density;

/// The panes from the alert's onset on, as a rule on the value sees them; those before it only look back.
pub(super) fn judged(case: &Case, derived: Derived, readings: &[Observation]) -> Vec<Judged> {
    let entry = derived.entry();
    let width = case.calendar.span(entry.paced_by).width;
    let (mut series, mut starts) = (BTreeMap::new(), BTreeSet::new());
    for &need in entry.needs {
        let known: &mut Series = series.entry(need).or_default();
        for (start, pane) in panes(case, need, readings) {
            known.put(start, pane);
            let paced_by = need.paced_by().unwrap_or(entry.paced_by);
            let end = start + case.calendar.span(paced_by).width;
            starts.insert(pane_start(end - 1, width));
        }
    }
    let judged = starts
        .into_iter()
        .filter(|start| *start >= case.onset)
        .filter_map(|start| {
            let ground = (case.area, case.settings);
            let view = View::new(case.calendar, &series, ground, (start, start + width));
            let pane = figure(entry, &view)?;
            Some(Judged {
                start,
                end: view.end,
                value: Some(statistic_of(&pane.figures, case.condition.statistic)),
                heard: pane.heard,
                open: false,
                saturated: pane.figures.saturated,
                alarm: None,
            })
        });
    judged.collect()
}

/// The zone's panes of one needed value. People are what area counters see, as everywhere in explanations.
fn panes(case: &Case, need: Value, readings: &[Observation]) -> Vec<(i64, ZonePane)> {
    let of = |quantity| {
        case.zone_panes(quantity, readings)
            .map(|(start, pane, _)| (start, pane))
    };
    match need {
        Value::Quantity(quantity) => of(quantity).collect(),
        Value::CrowdCount => of(Quantity::PersonCount)
            .map(|(start, pane)| (start, counted(pane)))
            .collect(),
        Value::CrowdDensity if case.area > Milli::ZERO => of(Quantity::PersonCount)
            .map(|(start, pane)| {
                let people = counted(pane);
                let on_ground = |people| density(people, case.area);
                let figures = Figures {
                    mean: on_ground(people.figures.mean),
                    min: on_ground(people.figures.min),
                    max: on_ground(people.figures.max),
                    last: on_ground(people.figures.last),
                    ..people.figures
                };
                (start, ZonePane { figures, ..people })
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What area counters saw, with its bounds.
fn counted(pane: ZonePane) -> ZonePane {
    let count = Count {
        people: pane.figures.mean,
        heard: pane.heard,
        expected: pane.heard,
        at_least: pane.figures.saturated,
    };
    let people = count.alone();
    let figures = Figures {
        mean: people.value,
        min: people.low,
        max: people.high,
        last: people.value,
        ..pane.figures
    };
    ZonePane { figures, ..pane }
}
