//! Air: a daily rhythm of traffic and sun, and the smog that settles over the city when the air stands still.

use wire::Quantity;

use super::Scene;
use super::curve::{along, noise, over_the_day};

/// How much of the smog is there, in thousandths, by minutes of the story.
const SMOG: &[(i64, i64)] = &[(0, 0), (18, 1000), (105, 1000), (145, 0)];

/// Thousandths of the quantity's unit.
pub(super) fn truth(quantity: Quantity, scene: &Scene) -> i64 {
    // Eight values over the day, what full smog adds, and the noise, all in thousandths of the unit.
    let (day, smog, reach) = match quantity {
        Quantity::Pm2_5 => ([14, 13, 17, 21, 18, 17, 20, 17], 135, 2_500),
        Quantity::Pm10 => ([30, 27, 36, 44, 40, 38, 42, 35], 170, 4_000),
        Quantity::O3 => ([38, 30, 34, 62, 92, 104, 70, 46], 70, 4_000),
        Quantity::No2 => ([24, 20, 34, 44, 33, 35, 46, 32], 60, 3_000),
        Quantity::So2 => ([7, 6, 8, 10, 9, 9, 10, 8], 22, 1_000),
        Quantity::No => ([6, 5, 14, 18, 9, 10, 16, 8], 24, 2_000),
        _ => return carbon_monoxide(scene),
    };
    let day = over_the_day(day.map(|value| value * 1000), scene.local);
    let smog = smog * along(SMOG, scene.offset);
    ((day + smog) * exposure(scene.zone) / 1000 + noise(scene.key, reach)).max(0)
}

fn carbon_monoxide(scene: &Scene) -> i64 {
    let day = over_the_day([350, 300, 480, 620, 500, 520, 640, 450], scene.local);
    let smog = 1_100 * along(SMOG, scene.offset) / 1000;
    ((day + smog) * exposure(scene.zone) / 1000 + noise(scene.key, 60)).max(0)
}

/// Works and yards have dirtier air than the hill and the sea, in thousandths of the city's mean.
fn exposure(zone: &str) -> i64 {
    match zone {
        "cinder-works" | "marsh-yard" => 1_180,
        "gull-terminal" | "mill-town" => 1_100,
        "tern-hill" | "willow-park" => 960,
        "breakwater" => 820,
        _ => 1_000,
    }
}
