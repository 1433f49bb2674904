//! Weather, sound, traffic and the bay's water: what an ordinary day looks like, with the squall, the jam and
//! the festival's noise in it.

use pipeline::calendar::MINUTE;
use wire::Quantity;

use super::Scene;
use super::curve::{along, noise, over_the_day};

/// Strength of the squall in thousandths.
const SQUALL: &[(i64, i64)] = &[(86, 0), (92, 1000), (106, 900), (120, 200), (126, 0)];
/// How loud the festival is, in thousandths.
const MUSIC: &[(i64, i64)] = &[(8, 0), (12, 1000), (54, 1000), (60, 300), (95, 0)];
/// How far the traffic is jammed, in thousandths.
const JAM: &[(i64, i64)] = &[(205, 0), (214, 1000), (240, 1000), (252, 0)];

/// Thousandths of the quantity's unit.
pub(super) fn truth(quantity: Quantity, scene: &Scene) -> i64 {
    let squall = along(SQUALL, scene.offset);
    let (day, moved, reach) = match quantity {
        Quantity::Temperature => (
            [
                17_000, 15_600, 16_200, 20_300, 23_900, 24_300, 21_100, 18_600,
            ],
            -3 * squall,
            200,
        ),
        Quantity::RelativeHumidity => (
            [
                78_000, 83_000, 82_000, 66_000, 54_000, 53_000, 65_000, 73_000,
            ],
            24 * squall,
            900,
        ),
        Quantity::Pressure => (
            [
                1_013_000, 1_012_600, 1_013_400, 1_014_000, 1_012_900, 1_012_200, 1_012_800,
                1_013_400,
            ],
            -2 * squall,
            150,
        ),
        Quantity::WindSpeed => (
            [2_100, 1_800, 1_900, 3_200, 4_600, 4_900, 3_600, 2_600],
            12 * squall,
            700,
        ),
        Quantity::WindDirection => (
            [
                150_000, 145_000, 160_000, 190_000, 205_000, 210_000, 190_000, 165_000,
            ],
            60 * squall,
            12_000,
        ),
        Quantity::Rain => return squall * scene.period * 9 / 10 / MINUTE,
        Quantity::Noise => return loudness(scene),
        Quantity::Illuminance => (
            [1, 1, 4_000, 38_000, 62_000, 41_000, 3_000, 30].map(|lux| lux * 1000),
            -15_000 * squall,
            900,
        ),
        Quantity::VehicleCount | Quantity::VehicleSpeed | Quantity::LaneOccupancy => {
            return traffic(quantity, scene);
        }
        Quantity::Ph => ([8_050; 8], -squall / 20, 15),
        Quantity::DissolvedOxygen => (
            [7_100, 6_800, 6_900, 7_500, 8_000, 8_100, 7_700, 7_300],
            squall / 2,
            80,
        ),
        Quantity::Turbidity => ([4_000; 8], 28 * squall, 500),
        Quantity::Conductivity => ([46_500_000; 8], -2_500 * squall, 120_000),
        Quantity::AmmoniaNitrogen => ([90; 8], squall / 4, 8),
        _ => ([3_700; 8], 0, 20),
    };
    over_the_day(day, scene.local) + moved + noise(scene.key, reach)
}

/// Sound level in thousandths of a decibel.
fn loudness(scene: &Scene) -> i64 {
    let day = over_the_day(
        [44, 41, 52, 60, 61, 61, 58, 49].map(|level| level * 1000),
        scene.local,
    );
    let festival = match scene.zone {
        "lantern-square" => 30,
        "kite-quay" => 18,
        "old-town" => 6,
        _ => 0,
    };
    day + festival * along(MUSIC, scene.offset) + noise(scene.key, 2_500)
}

fn traffic(quantity: Quantity, scene: &Scene) -> i64 {
    let jam = match scene.zone {
        "marsh-yard" => along(JAM, scene.offset),
        "beacon-hospital" => along(JAM, scene.offset) / 2,
        _ => 0,
    };
    // Vehicles a minute; twice as many mean about twice the occupancy.
    let flow = over_the_day(
        [3, 2, 12, 17, 13, 15, 18, 8].map(|flow| flow * 1000),
        scene.local,
    );
    match quantity {
        Quantity::VehicleCount => {
            let passed = flow * (1_000 - jam * 6 / 10) / 1_000 * scene.period / MINUTE;
            (passed + noise(scene.key, 3_000)).max(0) / 1000 * 1000
        }
        Quantity::VehicleSpeed => {
            (52_000 - flow * 8 / 10 - 28 * jam + noise(scene.key, 4_000)).max(3_000)
        }
        _ => (flow * 7 / 10 + 42 * jam + noise(scene.key, 1_500)).max(0),
    }
}
