//! People: an ordinary day, the festival that grows past danger and is relieved, and an evening market.

use pipeline::calendar::{MINUTE, Millis};
use wire::Quantity;

use super::Scene;
use super::curve::{along, noise, over_the_day};

/// People on Lantern Square (6,000 m²) for the festival: 24,000 are 4 a square metre.
const FESTIVAL: &[(i64, i64)] = &[
    (5, 0),
    (18, 11_000),
    (30, 24_000),
    (36, 28_500),
    (44, 33_000),
    (54, 33_600),
    (60, 29_000),
    (70, 16_000),
    (90, 4_000),
    (105, 0),
];
/// Those who leave over Kite Quay (7,500 m²): many, but never dangerously many.
const RELIEF: &[(i64, i64)] = &[(54, 0), (66, 21_000), (78, 14_000), (100, 0)];
/// People on Herring Market (5,200 m²) in the evening.
const EVENING_MARKET: &[(i64, i64)] = &[
    (165, 0),
    (178, 20_500),
    (182, 22_600),
    (188, 21_000),
    (198, 5_000),
    (206, 0),
];

/// Thousandths of the quantity's unit.
pub(super) fn truth(quantity: Quantity, scene: &Scene) -> i64 {
    match quantity {
        Quantity::PersonCount => part_of_the_crowd(scene),
        Quantity::PersonsIn => through_the_gate(scene, Way::In),
        Quantity::PersonsOut => through_the_gate(scene, Way::Out),
        _ => walking_speed(scene),
    }
}

/// Whole people in the part of the zone that this counter sees.
fn part_of_the_crowd(scene: &Scene) -> i64 {
    let all = people(scene.zone, scene.offset, scene.local);
    let share =
        all * (scene.seat.number + 1) / scene.seat.of - all * scene.seat.number / scene.seat.of;
    (share + noise(scene.key, share / 40)).max(0) * 1000
}

enum Way {
    In,
    Out,
}

/// Whole people through this gate since the reading before: what the zone behind it gained or lost, and the
/// usual coming and going.
fn through_the_gate(scene: &Scene, way: Way) -> i64 {
    let usual = over_the_day([1, 0, 4, 9, 12, 11, 14, 6], scene.local) * scene.period / MINUTE;
    let (zone, offset, local) = (scene.zone, scene.offset, scene.local);
    let gained =
        people(zone, offset, local) - people(zone, offset - scene.period, local - scene.period);
    let moved = match way {
        Way::In => gained.max(0),
        Way::Out => (-gained).max(0),
    };
    // A zone has some three gates.
    (usual + moved / 3 + noise(scene.key, 2)).max(0) * 1000
}

/// People walk slower the denser they stand (Weidmann 1993), down to a shuffle.
fn walking_speed(scene: &Scene) -> i64 {
    let density = people(scene.zone, scene.offset, scene.local) * 1000 / ground_m2(scene.zone);
    (1_340 - density * 230 / 1000 + noise(scene.key, 60)).max(60)
}

/// Everybody in the zone.
fn people(zone: &str, offset: Millis, local: Millis) -> i64 {
    let event = match zone {
        "lantern-square" => along(FESTIVAL, offset),
        "kite-quay" => along(RELIEF, offset),
        "herring-market" => along(EVENING_MARKET, offset),
        _ => 0,
    };
    let usual = match zone {
        "lantern-square" => [120, 20, 160, 700, 1_100, 900, 1_400, 600],
        "kite-quay" => [60, 10, 90, 300, 520, 560, 800, 300],
        "ferry-quay" => [40, 10, 420, 520, 380, 480, 620, 160],
        "herring-market" => [20, 160, 1_300, 1_900, 1_500, 900, 500, 80],
        "harbour-station" => [150, 60, 2_100, 1_300, 1_100, 1_900, 2_400, 700],
        "willow-park" => [20, 10, 220, 620, 900, 1_050, 700, 120],
        "compass-school" => [0, 0, 150, 2_300, 2_200, 1_200, 60, 10],
        "rope-underpass" => [6, 2, 60, 70, 60, 75, 80, 30],
        "old-town" => [200, 60, 500, 1_100, 1_500, 1_400, 1_700, 800],
        _ => [4, 1, 10, 20, 25, 22, 20, 10],
    };
    event + over_the_day(usual, local)
}

/// Usable ground as in `zones.geojson`.
fn ground_m2(zone: &str) -> i64 {
    match zone {
        "lantern-square" => 6_000,
        "kite-quay" => 7_500,
        "herring-market" => 5_200,
        "rope-underpass" => 1_400,
        _ => 10_000,
    }
}
