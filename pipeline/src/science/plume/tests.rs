//! Known sources found again, and footprints against a brute search.

use super::Terrain;
use super::assess::{Leak, Scene, Station, leak};
use super::footprint::Plume;
use super::stability::Stability;
use super::wind::{Vane, Wind, wind};

/// A small generator, so that every seed says the same everywhere.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
}

fn blowing(speed: f64, from: f64) -> Option<Wind> {
    wind(&[Vane {
        distance: 300.0,
        speed,
        from,
    }])
}

fn scene(wind: Option<Wind>) -> Scene {
    Scene {
        terrain: Terrain::Urban,
        height: 0.0,
        stability: Some(Stability::D),
        sky: None,
        wind,
        wind_is_fresh: true,
    }
}

/// Stations on a grid around the source that read what the model says, up to a factor.
fn readings(plume: &Plume, strength: f64, mut factor: impl FnMut() -> f64) -> Vec<Station> {
    let steps = (-12..=12).map(|n| f64::from(n) * 40.0);
    let places = steps
        .clone()
        .flat_map(|east| steps.clone().map(move |north| (east, north)));
    places
        .filter(|(east, north)| east.hypot(*north) > 1.0)
        .map(|(east, north)| Station {
            east,
            north,
            reading: strength * plume.dilution(east, north) * factor(),
            saturated: false,
        })
        .collect()
}

#[test]
fn a_known_source_is_found_within_its_bounds_over_winds_and_noise() {
    let mut within_two = 0;
    for seed in 0..300 {
        let mut dice = Dice(seed);
        let direction = dice.between(0.0, 360.0);
        let speed = dice.between(1.2, 12.0);
        let class = Stability::ALL[(dice.unit() * 6.0) as usize];
        let true_wind = blowing(speed, direction);
        let plume = Plume::new(Terrain::Urban, class, 0.0, true_wind);
        let strength = dice.between(20_000.0, 500_000.0);
        // Every station is off by up to a factor of 1.8, and the vane by ten degrees.
        let stations = readings(&plume, strength, || {
            dice.between(-1.0, 1.0).exp2().powf(0.85)
        });
        let seen = Scene {
            stability: Some(class),
            ..scene(blowing(speed, direction + dice.between(-10.0, 10.0)))
        };
        let Some(found) = leak(&seen, &stations, 0.5) else {
            panic!("seed {seed}: nothing found of {strength}");
        };
        let found = found.strength;
        assert!(
            found.low <= strength && strength <= found.high,
            "seed {seed}: {strength} is not in {found:?}"
        );
        within_two += i32::from((found.value / strength).ln().abs() <= 2f64.ln());
    }
    assert!(
        within_two >= 240,
        "{within_two} of 300 within a factor of two"
    );
}

#[test]
fn without_noise_the_source_is_found_exactly() {
    let west = blowing(4.0, 270.0);
    let plume = Plume::new(Terrain::Urban, Stability::D, 0.0, west);
    let stations = readings(&plume, 5_000.0, || 1.0);
    let in_plume: Vec<Station> = stations.into_iter().filter(|s| s.reading > 0.1).collect();
    let Leak { strength, .. } = leak(&scene(west), &in_plume, 0.5).unwrap();
    assert!((strength.value / 5_000.0 - 1.0).abs() < 1e-12);
    assert!((strength.high / strength.value - 2.0).abs() < 1e-12);
}

#[test]
fn gas_where_the_wind_does_not_carry_it_makes_a_circle_with_wider_bounds() {
    let station = |east: f64, reading| Station {
        east,
        north: 0.0,
        reading,
        saturated: false,
    };
    let reads = |wind, stations: &[Station]| leak(&scene(wind), stations, 0.5);
    let upwind = reads(blowing(4.0, 90.0), &[station(100.0, 20.0)]).unwrap();
    let calm = reads(blowing(0.4, 90.0), &[station(100.0, 20.0)]).unwrap();
    let unknown = reads(None, &[station(100.0, 20.0)]).unwrap();
    for found in [upwind, calm, unknown] {
        assert_eq!(found.plume.toward(), None);
        assert!((found.strength.high / found.strength.value - 3.0).abs() < 1e-12);
        let least = 1.0 / found.strength.value;
        let corners = found.plume.outline(least).unwrap();
        let far = |(east, north): &(f64, f64)| east.hypot(*north);
        let reach = far(&corners[0]);
        assert!(reach > 100.0 && corners.iter().all(|c| (far(c) - reach).abs() < 1e-6));
    }
    let quiet = [station(100.0, 0.4), station(50.0, 0.0)];
    assert!(
        reads(blowing(4.0, 270.0), &quiet).is_none(),
        "below the trigger"
    );
    let old = Scene {
        wind_is_fresh: false,
        ..scene(blowing(4.0, 270.0))
    };
    let found = leak(&old, &[station(100.0, 20.0), station(200.0, 5.0)], 0.5).unwrap();
    assert!(found.plume.toward().is_some());
    assert!(found.strength.high / found.strength.value > 2.99);
}

/// Whether a point lies in a polygon, by counting crossings.
fn holds(corners: &[(f64, f64)], (x, y): (f64, f64)) -> bool {
    let sides = corners.iter().zip(corners.iter().cycle().skip(1));
    let crossed = sides.filter(|((ax, ay), (bx, by))| {
        (*ay > y) != (*by > y) && x < ax + (y - ay) / (by - ay) * (bx - ax)
    });
    crossed.count() % 2 == 1
}

#[test]
fn an_outline_holds_the_ground_where_the_level_is_reached_and_no_other() {
    for (class, height, speed, from) in [
        (Stability::D, 0.0, 4.0, 250.0),
        (Stability::A, 0.0, 1.5, 10.0),
        (Stability::F, 20.0, 2.0, 135.0),
        (Stability::C, 40.0, 6.0, 0.0),
    ] {
        let plume = Plume::new(Terrain::Rural, class, height, blowing(speed, from));
        let (_, peak) = (1..5_000)
            .map(|x| {
                let (e, n) = plume.toward().unwrap();
                (x, plume.dilution(f64::from(x) * e, f64::from(x) * n))
            })
            .filter(|(x, _)| *x >= 200)
            .fold(
                (0, 0.0f64),
                |best, now| if now.1 > best.1 { now } else { best },
            );
        let least = peak / 2.0;
        let corners = plume.outline(least).unwrap();
        let reach = corners
            .iter()
            .fold(0.0f64, |r, c| r.max(c.0.abs()).max(c.1.abs()))
            * 1.2;
        let steps = 160;
        let (mut inside, mut differ) = (0, 0);
        for i in 0..steps {
            for j in 0..steps {
                let at = |n: i32| reach * (2.0 * (f64::from(n) + 0.5) / f64::from(steps) - 1.0);
                let point = (at(i), at(j));
                let reached = plume.dilution(point.0, point.1) >= least;
                inside += i32::from(reached);
                differ += i32::from(reached != holds(&corners, point));
            }
        }
        assert!(inside > 50, "{class} {height}: only {inside}");
        assert!(
            differ * 25 <= inside,
            "{class} {height}: {differ} of {inside} differ"
        );
        let turn = |n: usize| {
            let at = |k: usize| corners[(n + k) % corners.len()];
            let ((ax, ay), (bx, by), (cx, cy)) = (at(0), at(1), at(2));
            (bx - ax) * (cy - by) - (by - ay) * (cx - bx)
        };
        let left = (0..corners.len()).filter(|n| turn(*n) >= -1.0).count();
        assert!(
            left * 10 >= corners.len() * 8,
            "the outline goes round to the left"
        );
    }
}

#[test]
fn more_gas_reaches_further_and_a_whiff_nowhere() {
    let plume = Plume::new(Terrain::Urban, Stability::D, 0.0, blowing(3.0, 200.0));
    let reach = |least: f64| plume.stretch(least).map(|(_, to)| to);
    let reaches: Vec<_> = [1e-2, 1e-3, 1e-4, 1e-5]
        .map(reach)
        .into_iter()
        .flatten()
        .collect();
    assert!(reaches.len() >= 3 && reaches.is_sorted());
    assert_eq!(reach(1e3), None);
    assert_eq!(reach(1e-12), Some(super::footprint::REACH_MAX_M));
    let cut = plume.outline(1e-12).unwrap();
    assert_eq!(cut.len(), 37, "blunt where the model ends");
}
