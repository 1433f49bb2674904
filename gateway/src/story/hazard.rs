//! Dangers: two gas leaks, a kitchen fire, a squall that floods the underpass and lifts the harbour.

use pipeline::calendar::{HOUR, Millis};
use wire::Quantity;

use super::curve::{along, noise};
use super::{STUCK, Scene};

/// Hydrogen sulphide at the leaking valve, thousandths of ppm.
const LEAK: &[(i64, i64)] = &[
    (70, 0),
    (73, 14_000),
    (77, 64_000),
    (82, 58_000),
    (84, 48_000),
    (87, 9_000),
    (90, 0),
];
/// Ammonia at the cooling plant, thousandths of ppm.
const COOLING: &[(i64, i64)] = &[
    (255, 0),
    (260, 42_000),
    (270, 48_000),
    (276, 8_000),
    (280, 0),
];
/// Smoke in the kitchen, thousandths of %/m.
const KITCHEN_SMOKE: &[(i64, i64)] = &[
    (50, 0),
    (52, 16_000),
    (56, 38_000),
    (63, 30_000),
    (68, 1_000),
    (70, 0),
];
/// What the kitchen is warmer than the rest, thousandths of a degree.
const KITCHEN_HEAT: &[(i64, i64)] = &[(50, 0), (54, 38_000), (60, 52_000), (66, 20_000), (74, 0)];
/// Water over the road in the underpass, millimetres.
const UNDERPASS: &[(i64, i64)] = &[
    (94, 0),
    (99, 160),
    (105, 340),
    (114, 370),
    (121, 200),
    (126, 40),
    (132, 0),
];
/// The storm surge, millimetres above the tide.
const SURGE: &[(i64, i64)] = &[(88, 0), (100, 900), (112, 910), (124, 200), (140, 0)];

/// Thousandths of the quantity's unit.
pub(super) fn truth(quantity: Quantity, scene: &Scene) -> i64 {
    let quiet = |reach| noise(scene.key, reach).abs();
    match quantity {
        Quantity::H2s => quiet(120) + near(scene, "gull-terminal", 3, LEAK),
        Quantity::Nh3 => quiet(900) + near(scene, "cinder-works", 5, COOLING),
        Quantity::Cl2 => quiet(20),
        Quantity::Ch4 => quiet(400),
        Quantity::Smoke => quiet(150) + near(scene, "tern-hill", 0, KITCHEN_SMOKE),
        Quantity::Heat => {
            21_000 + noise(scene.key, 400) + near(scene, "tern-hill", 0, KITCHEN_HEAT)
        }
        Quantity::Flame => 0,
        Quantity::WaterLevel => water_level(scene),
        Quantity::Tilt => 80 + noise(scene.key, 15),
        Quantity::Acceleration => noise(scene.key, 12),
        _ => 90 + quiet(20),
    }
}

/// What arrives at a detector from a source beside detector number `source` of `zone`: less with every
/// neighbour in between.
fn near(scene: &Scene, zone: &str, source: i64, line: &[(i64, i64)]) -> i64 {
    const BY_DISTANCE: [i64; 4] = [1_000, 550, 220, 60];
    let distance = (scene.seat.number - source).unsigned_abs() as usize;
    match (scene.zone == zone, BY_DISTANCE.get(distance)) {
        (true, Some(share)) => along(line, scene.offset) * share / 1000,
        _ => 0,
    }
}

/// Over the road in the underpass, over the gauges' datum in the harbour.
fn water_level(scene: &Scene) -> i64 {
    match scene.zone {
        "rope-underpass" => (along(UNDERPASS, scene.offset) + noise(scene.key, 4)).max(0),
        // The stuck gauge's value is part of the headline, so it has no noise.
        _ if scene.seat.node.as_str() == STUCK.0 => tide(scene.offset) + along(SURGE, scene.offset),
        _ => tide(scene.offset) + along(SURGE, scene.offset) + noise(scene.key, 25),
    }
}

/// Invented tide: one high water a story, 1.4 m above datum, as the squall comes; two parabolas instead of a sine.
fn tide(offset: Millis) -> i64 {
    let hour_milli = (offset * 1000 / HOUR + 5_733) % 6_000;
    let (half, sign) = match hour_milli < 3_000 {
        true => (hour_milli, 1),
        false => (hour_milli - 3_000, -1),
    };
    900 + sign * 500 * half * (3_000 - half) / 2_250_000
}
