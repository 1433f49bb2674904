//! The air index of a local day once more, slowly: from the printed tables, in floats, with no code in common.

use super::air_by_hand::{POLLUTANTS, Tables, named, ppb, worst};

/// Hourly means of a day by quantity, first hour first, in the unit of readings; `None`: not heard.
pub type Day<'a> = dyn Fn(&str) -> Vec<Option<f64>> + 'a;

/// The day's index by one of [`super::air_by_hand::STANDARDS`], and the pollutants named with it.
pub fn index(tables: &Tables, standard: &str, day: &Day<'_>) -> Option<(u32, String)> {
    let mut subs = Vec::new();
    for (pollutant, quantity) in POLLUTANTS {
        let hours = day(quantity);
        let sub = match standard {
            "us-epa-2024" => us(tables, pollutant, &hours),
            "cn-hj633-2012" | "cn-hj633-2026" => china(tables, standard, pollutant, &hours),
            _ => return None,
        };
        subs.push((quantity, sub));
    }
    let complete = subs.iter().all(|(_, sub)| sub.is_some());
    let (index, names) = worst(&subs)?;
    match (standard, index, complete) {
        ("cn-hj633-2026", ..=100, false) => None,
        ("us-epa-2024", ..) => Some((index, named(standard, &names))),
        (_, ..=50, _) => Some((index, String::new())),
        _ => Some((index, named(standard, &names))),
    }
}

fn us(tables: &Tables, pollutant: &str, hours: &[Option<f64>]) -> Option<u32> {
    let needed = |of: usize| (of as f64 * 0.75).ceil() as usize;
    let runs = running(hours);
    let mean = mean(hours, needed(hours.len()));
    let highest = highest(hours, needed(hours.len()));
    let run = self::highest(&runs, needed(runs.len()));
    let at = |averaging, concentration| tables.us_band(pollutant, averaging, concentration);
    let parts = |mass: Option<f64>| mass.map(|mass| ppb(pollutant, mass));
    match pollutant {
        "PM2.5" | "PM10" => at("24h", mean),
        "O3" => {
            let ppm = |mass: Option<f64>| parts(mass).map(|ppb| ppb / 1000.0);
            let long = at("8h", ppm(run)).or(run.map(|_| 300));
            long.max(at("1h", ppm(highest)))
        }
        // mg/m3 give parts per million by the same formula.
        "CO" => at("8h", parts(run)),
        "NO2" => at("1h", parts(highest)),
        _ => {
            let short = at("1h", parts(highest)).or(highest.map(|_| 200));
            short.max(at("24h", parts(mean)))
        }
    }
}

fn china(tables: &Tables, standard: &str, pollutant: &str, hours: &[Option<f64>]) -> Option<u32> {
    let at = |averaging, mean| tables.china_points(standard, pollutant, averaging, mean);
    if pollutant != "O3" {
        return at("24h", mean(hours, 20));
    }
    let run = highest(&running(hours), 14)?;
    match (standard, run > 800.0) {
        ("cn-hj633-2012", true) => at("1h", highest(hours, 1)).max(Some(300)),
        _ => at("8h", Some(run)),
    }
}

/// Means of all eight hours in a row, where six are there.
fn running(hours: &[Option<f64>]) -> Vec<Option<f64>> {
    hours.windows(8).map(|eight| mean(eight, 6)).collect()
}

fn mean(hours: &[Option<f64>], needed: usize) -> Option<f64> {
    let there: Vec<f64> = hours.iter().flatten().copied().collect();
    (there.len() >= needed.max(1)).then(|| there.iter().sum::<f64>() / there.len() as f64)
}

fn highest(hours: &[Option<f64>], needed: usize) -> Option<f64> {
    let there: Vec<f64> = hours.iter().flatten().copied().collect();
    let highest = there.iter().copied().reduce(f64::max);
    highest.filter(|_| there.len() >= needed)
}
