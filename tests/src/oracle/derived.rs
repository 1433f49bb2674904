//! Derived values: all of a zone's final figures at once, and each pane asked for by itself.
//!
//! What a formula makes of figures is checked where it is published; here it is whether the pipeline asked again whenever
//! anything that it looks back on had changed.

use std::collections::{BTreeMap, BTreeSet};

use pipeline::calendar::Millis;
use pipeline::city::ZoneIx;
use pipeline::derived::TABLE;
use pipeline::operators::derive::{Series, View, figure};
use pipeline::operators::zones;
use pipeline::rules::Value;

use super::ZonePane;
use super::worlds::Worlds;
use crate::history::History;

type Zones = BTreeMap<(ZoneIx, Value, Millis), ZonePane>;

pub(super) fn figures(history: &History, worlds: &Worlds, known: &Zones) -> Zones {
    let zones: BTreeSet<ZoneIx> = known.keys().map(|(zone, ..)| *zone).collect();
    let mut told = Zones::new();
    for zone in zones {
        let mut series: BTreeMap<Value, Series> = BTreeMap::new();
        for ((_, value, start), pane) in of_zone(known, zone) {
            let pane = zones::ZonePane {
                figures: pane.figures,
                heard: pane.heard,
                suspect: pane.suspect,
            };
            series.entry(*value).or_default().put(*start, pane);
        }
        for entry in &TABLE {
            let span = history.calendar.span(entry.paced_by);
            let of_it =
                of_zone(known, zone).filter(|((_, value, _), _)| entry.needs.contains(value));
            let ends = of_it.map(|(_, pane)| pane.end - 1);
            let starts: BTreeSet<Millis> = ends
                .map(|end| end.div_euclid(span.width) * span.width)
                .collect();
            for start in starts {
                let end = start + span.width;
                let world = worlds.at_sealing(end + span.horizon);
                let city = world.city.as_ref();
                let Some(ground) = city.and_then(|city| city.zones.iter().find(|z| z.ix == zone))
                else {
                    continue;
                };
                let settings = ground.settings.with_danger_of(zone, &world.rules);
                let ground = (ground.area, settings);
                let view = View::new(&history.calendar, &series, ground, (start, end));
                if let Some(pane) = figure(entry, &view) {
                    let pane = ZonePane {
                        start,
                        end,
                        figures: pane.figures,
                        alarms: None,
                        heard: pane.heard,
                        suspect: pane.suspect,
                        declared: 0,
                    };
                    told.insert((zone, Value::Derived(entry.derived), start), pane);
                }
            }
        }
    }
    told
}

fn of_zone(
    known: &Zones,
    zone: ZoneIx,
) -> impl Iterator<Item = (&(ZoneIx, Value, Millis), &ZonePane)> {
    known.iter().filter(move |((of, ..), _)| *of == zone)
}
