//! One minute: from readings, wind and crowd to footprints and the people in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wire::{Milli, Quantity, SourceId};

use super::{Count, Measured, STALE, Surroundings};
use crate::calendar::{MINUTE, Millis};
use crate::city::{NodeIx, ZoneIx};
use crate::exposure::{Exposure, Footprint, People, PlumeFacts, WIDTH};
use crate::leaks::{Level, Point, Source};
use crate::science::plume::assess::{self, Leak, Scene, leak};
use crate::science::plume::footprint::Plume;
use crate::science::plume::levels::to_mixing;
use crate::science::plume::stability::Sky;
use crate::science::plume::wind::{Vane, wind};

/// Wind that was measured longer ago keeps its direction with the wider bounds.
const FRESH: Millis = 5 * MINUTE;

/// A point of the ground.
struct Spot {
    /// Metres from the source.
    east: f64,
    north: f64,
    dilution: f64,
}

/// What a station read in the minute: the mean of its panes.
struct Station {
    zone: Option<ZoneIx>,
    seen: assess::Station,
}

impl Surroundings {
    /// The exposure of a minute; `None` while no station reads the lowest level, or it reaches nowhere.
    pub(super) fn minute(
        &self,
        id: SourceId,
        (quantity, start): (Quantity, Millis),
    ) -> Option<Exposure> {
        let source = self.source.as_ref()?;
        let (_, levels) = source.gases.iter().find(|(gas, _)| *gas == quantity)?;
        let lowest = to_mixing(quantity, levels.first()?.from);
        let stations = self.stations(source, quantity, start);
        // Mostly nothing leaks: then nothing else is looked at.
        if !stations
            .iter()
            .any(|station| station.seen.reading >= lowest)
        {
            return None;
        }
        let scene = self.scene(source, start);
        let seen: Vec<assess::Station> = stations.iter().map(|station| station.seen).collect();
        let found = leak(&scene, &seen, lowest)?;
        let reading = stations
            .iter()
            .filter(|station| station.seen.reading >= lowest);
        let zones: BTreeSet<ZoneIx> = reading
            .filter_map(|station| station.zone)
            .chain(source.zone)
            .collect();
        let footprints: Vec<Footprint> = self.footprints(source, quantity, levels, &found, start);
        (!footprints.is_empty()).then(|| Exposure {
            source: id,
            quantity,
            start,
            zones: zones.into_iter().collect(),
            plume: facts(&scene, &found),
            footprints,
        })
    }

    fn stations(&self, source: &Source, quantity: Quantity, start: Millis) -> Vec<Station> {
        let mut by_node: BTreeMap<NodeIx, Vec<&super::Station>> = BTreeMap::new();
        for ((node, _), station) in self.gas.get(&(quantity, start)).into_iter().flatten() {
            by_node.entry(*node).or_default().push(station);
        }
        let mean = |panes: Vec<&super::Station>| {
            let first = panes.first()?;
            let sum: i64 = panes.iter().map(|pane| pane.reading.0).sum();
            let reading = Milli(sum / panes.len() as i64);
            let (east, north) = first.at.metres_from(source.at);
            Some(Station {
                zone: first.zone,
                seen: assess::Station {
                    east,
                    north,
                    reading: to_mixing(quantity, reading),
                    saturated: panes.iter().any(|pane| pane.saturated),
                },
            })
        };
        by_node.into_values().filter_map(mean).collect()
    }

    /// The latest pane of each node that is not stale: when it began, and what was measured.
    fn latest(
        &self,
        quantity: Quantity,
        start: Millis,
    ) -> impl Iterator<Item = (NodeIx, Millis, Measured)> {
        let from = (quantity, NodeIx(0));
        let to = (quantity, NodeIx(u32::MAX));
        self.weather
            .range(from..=to)
            .filter_map(move |((_, node), panes)| {
                let mut lately = panes.range(start - STALE..start + WIDTH);
                let (at, measured) = lately.next_back()?;
                Some((*node, *at, *measured))
            })
    }

    fn scene(&self, source: &Source, start: Millis) -> Scene {
        let distance = |at: Point| {
            let (east, north) = at.metres_from(source.at);
            east.hypot(north)
        };
        let directions: BTreeMap<NodeIx, (Millis, Measured)> = self
            .latest(Quantity::WindDirection, start)
            .map(|(node, at, measured)| (node, (at, measured)))
            .collect();
        let mut vanes: Vec<(Millis, Vane)> = Vec::new();
        for (node, at, speed) in self.latest(Quantity::WindSpeed, start) {
            let Some((turned_at, from)) = directions.get(&node) else {
                continue;
            };
            let vane = Vane {
                distance: distance(speed.at),
                speed: speed.value.to_f64(),
                from: from.value.to_f64(),
            };
            vanes.push((at.min(*turned_at), vane));
        }
        // As long as there is fresh wind, older wind is not asked.
        let is_fresh = |at: Millis| at >= start - FRESH;
        let wind_is_fresh = vanes.iter().any(|(at, _)| is_fresh(*at));
        vanes.retain(|(at, _)| is_fresh(*at) || !wind_is_fresh);
        let vanes: Vec<Vane> = vanes.into_iter().map(|(_, vane)| vane).collect();
        let light = self.latest(Quantity::Illuminance, start);
        let nearest = light.min_by(|a, b| distance(a.2.at).total_cmp(&distance(b.2.at)));
        Scene {
            terrain: source.terrain,
            height: source.height.to_f64(),
            stability: source.stability,
            sky: nearest.map(|(_, _, lux)| Sky::of_illuminance(lux.value.to_f64())),
            wind: wind(&vanes),
            wind_is_fresh,
        }
    }

    fn footprints(
        &self,
        source: &Source,
        quantity: Quantity,
        levels: &[Level],
        found: &Leak,
        start: Millis,
    ) -> Vec<Footprint> {
        let strength = found.strength;
        let diluted = self.diluted(source, found);
        let mut told = Vec::new();
        for level in levels {
            let from = to_mixing(quantity, level.from);
            let least = from / strength.value;
            let (Some((_, reach)), Some(corners)) =
                (found.plume.stretch(least), found.plume.outline(least))
            else {
                break;
            };
            let bounds = [least, from / strength.low, from / strength.high];
            let (people, uncounted) = self.people(&found.plume, &diluted, start, bounds);
            let inside = |at: Point| {
                let (east, north) = at.metres_from(source.at);
                found.plume.dilution(east, north) >= least
            };
            let places = self.places.iter().filter(|place| inside(place.at));
            let degrees = corners.into_iter().map(|corner| source.degrees_at(corner));
            told.push(Footprint {
                level: level.name.clone(),
                from: level.from,
                ring: Arc::new(degrees.collect()),
                reach: reach.round() as u32,
                people,
                uncounted,
                places: places.map(|place| place.name.clone()).collect(),
            });
        }
        told
    }

    /// Every point of every zone that the plume can reach: metres from the source, and the dilution there.
    fn diluted(&self, source: &Source, found: &Leak) -> Vec<(ZoneIx, Vec<Spot>)> {
        let spot = |point: &Point| {
            let (east, north) = point.metres_from(source.at);
            let dilution = found.plume.dilution(east, north);
            Spot {
                east,
                north,
                dilution,
            }
        };
        let zones = self.grounds.iter();
        let zones = zones.map(|(zone, ground)| (*zone, ground.iter().map(spot).collect()));
        let is_near = |(_, ground): &(_, Vec<Spot>)| ground.iter().any(|spot| spot.dilution > 0.0);
        zones.filter(is_near).collect()
    }

    /// People where the plume is diluted no more than `bounds` say (the middle, for the low strength, for the high one), and the
    /// zones there that nobody counts people in. Within a zone they stand evenly. Of a plume that may go anywhere the middle is
    /// what is to be expected, the low bound that it misses everybody, the high one that it goes all around.
    fn people(
        &self,
        plume: &Plume,
        diluted: &[(ZoneIx, Vec<Spot>)],
        start: Millis,
        [middle, low, high]: [f64; 3],
    ) -> (People, u32) {
        let mut sums = [0i128; 3];
        let mut uncounted = 0;
        for (zone, ground) in diluted {
            // Thousandths of points.
            let reached = |bound: f64| {
                let inside = ground.iter().filter(|spot| spot.dilution >= bound);
                inside.count() as i128 * 1_000
            };
            // The high bound reaches furthest.
            if reached(high) == 0 {
                continue;
            }
            let expected = |spot: &Spot| {
                let part = plume.likelihood(spot.east, spot.north, spot.dilution, middle);
                (part * 1_000.0).round() as i128
            };
            let Some(count) = self.counted(*zone, start) else {
                uncounted += u32::from(reached(middle) > 0);
                continue;
            };
            let least = match plume.toward() {
                Some(_) => reached(low),
                None => 0,
            };
            let inside = [ground.iter().map(expected).sum(), least, reached(high)];
            let counts = [count.people, count.low, count.high];
            for (sum, (of, inside)) in sums.iter_mut().zip(counts.into_iter().zip(inside)) {
                // Thousandths of thousandths, so that rounding stays at the end.
                *sum += i128::from(of.0.max(0)) * inside / ground.len() as i128;
            }
        }
        const PERSON: i128 = 1_000_000;
        let [people, low, high] = sums;
        let people = People {
            people: ((people + PERSON / 2) / PERSON) as i64,
            low: (low / PERSON) as i64,
            high: ((high + PERSON - 1) / PERSON) as i64,
        };
        (people, uncounted)
    }

    /// People in a zone, as last counted.
    fn counted(&self, zone: ZoneIx, start: Millis) -> Option<Count> {
        let panes = self.crowd.get(&zone)?;
        let mut lately = panes.range(start - STALE..start + WIDTH);
        lately.next_back().map(|(_, count)| *count)
    }
}

fn facts(scene: &Scene, found: &Leak) -> PlumeFacts {
    let milli = |value: f64| Milli::from_f64(value).unwrap_or(Milli(i64::MAX));
    let from = found.plume.toward().map(|(east, north)| {
        let degrees = (-east).atan2(-north).to_degrees();
        Milli(milli(degrees).0.rem_euclid(360_000))
    });
    PlumeFacts {
        stability: found.plume.stability,
        wind: scene.wind.map(|wind| milli(wind.speed)),
        from,
        strength: milli(found.strength.value),
        factor: milli(found.strength.high / found.strength.value),
    }
}
