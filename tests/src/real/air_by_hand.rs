//! The hourly air index once more, slowly: from the printed tables, in floats, with no code in common.
//!
//! Floats are nudged by a billionth before they are cut, which is far below the data's own steps and far
//! above what doubles lose; a value that came this close to a step without being on it would be found by the
//! comparison.

use std::collections::HashMap;

use super::shared;

/// Hourly means by quantity, newest first, in the unit of readings (ug/m3, carbon monoxide mg/m3).
pub type Hours = HashMap<&'static str, [Option<f64>; 24]>;

const NUDGE: f64 = 1e-9;

pub(super) const POLLUTANTS: [(&str, &str); 6] = [
    ("PM2.5", "pm2_5"),
    ("PM10", "pm10"),
    ("O3", "o3"),
    ("NO2", "no2"),
    ("SO2", "so2"),
    ("CO", "co"),
];

/// In this order China names pollutants that tie.
const ORDER: [&str; 6] = ["so2", "no2", "pm10", "co", "o3", "pm2_5"];

/// The standards whose whole tables are printed in the domain files.
pub const STANDARDS: [&str; 4] = ["us-epa-2024", "cn-hj633-2026", "cn-hj633-2012", "eaqi-2025"];

/// A `city.toml` with those standards.
pub fn standards_of(city_toml: &str) -> String {
    let names = STANDARDS.map(|name| format!("\"{name}\"")).join(", ");
    format!("{city_toml}[air]\nstandards = [{names}]\n")
}

/// The tables, as the domain files print them.
pub struct Tables {
    us: Vec<csv::StringRecord>,
    china_2026: Vec<csv::StringRecord>,
    china_2012: Vec<csv::StringRecord>,
    europe: Vec<csv::StringRecord>,
}

impl Tables {
    pub fn read() -> Tables {
        let rows = |file: &str| {
            let mut reader = csv::Reader::from_path(shared(file)).expect("a domain file");
            reader.records().map(|row| row.expect("a row")).collect()
        };
        Tables {
            us: rows("domain/aqi_us_epa_2024.csv"),
            china_2026: rows("domain/aqi_hj633_2026.csv"),
            china_2012: rows("domain/aqi_hj633_2012.csv"),
            europe: rows("domain/eaqi.csv"),
        }
    }

    /// The hour's index by one of [`STANDARDS`], and the pollutants that are named with it, comma between.
    pub fn index(&self, standard: &str, hours: &Hours) -> Option<(u32, String)> {
        let (index, names) = match standard {
            "us-epa-2024" => self.us(hours),
            "cn-hj633-2026" => self.china_of_2026(hours),
            "cn-hj633-2012" => self.china_of_2012(hours),
            _ => self.europe(hours),
        }?;
        Some((index, named(standard, &names)))
    }

    fn us(&self, hours: &Hours) -> Option<(u32, Vec<&'static str>)> {
        let mut subs = Vec::new();
        for (pollutant, quantity) in POLLUTANTS {
            let means = hours.get(quantity).copied().unwrap_or([None; 24]);
            let ppb = |mass| ppb(pollutant, mass);
            let now = mean_of(&means[..1], 1);
            let eight = mean_of(&means[..8], 6);
            let day = mean_of(&means, 18);
            match pollutant {
                "PM2.5" | "PM10" => {
                    subs.push((
                        quantity,
                        self.us_band(pollutant, "24h", nowcast(&means[..12])),
                    ));
                }
                "O3" => {
                    let long = eight.map(|mass| ppb(mass) / 1000.0);
                    let index = self.us_band(pollutant, "8h", long);
                    // Past its column the long mean says no more than that it is past.
                    let index = index.or(long.filter(|ppm| *ppm >= 0.201 - NUDGE).map(|_| 300));
                    let short = now.map(|mass| ppb(mass) / 1000.0);
                    subs.push((quantity, index.max(self.us_band(pollutant, "1h", short))));
                }
                "CO" => {
                    // mg/m3 give parts per million by the same formula.
                    let ppm = eight.map(ppb);
                    subs.push((quantity, self.us_band(pollutant, "8h", ppm)));
                }
                _ => {
                    let short = now.map(ppb);
                    let index = self.us_band(pollutant, "1h", short);
                    let index = match pollutant {
                        "SO2" => index.or(short.filter(|ppb| *ppb >= 305.0 - NUDGE).map(|_| 200)),
                        _ => index,
                    };
                    let long = self.us_band(pollutant, "24h", day.map(ppb));
                    subs.push((quantity, index.max(long)));
                }
            }
        }
        worst(&subs).filter(|_| heard_now(hours))
    }

    fn china_of_2026(&self, hours: &Hours) -> Option<(u32, Vec<&'static str>)> {
        let mut subs = Vec::new();
        for (pollutant, quantity) in POLLUTANTS {
            let now = hours.get(quantity).and_then(|means| means[0]);
            let index = self.china_points("cn-hj633-2026", pollutant, "1h", now);
            subs.push((quantity, index));
        }
        let missing = subs.iter().any(|(_, index)| index.is_none());
        let (index, names) = worst(&subs)?;
        match (index, missing) {
            (..=100, true) => None,
            (..=50, _) => Some((index, Vec::new())),
            _ => Some((index, names)),
        }
    }

    fn china_of_2012(&self, hours: &Hours) -> Option<(u32, Vec<&'static str>)> {
        let mut subs = Vec::new();
        for (pollutant, quantity) in POLLUTANTS {
            let means = hours.get(quantity).copied().unwrap_or([None; 24]);
            // The table has no column of one hour for particles: the network takes that of the day.
            let averaging = match pollutant {
                "PM2.5" | "PM10" => "24h",
                _ => "1h",
            };
            let mut index = points(&self.china_2012, pollutant, averaging, means[0]);
            if pollutant == "SO2" && means[0].is_some_and(|mean| mean > 800.0 + NUDGE) {
                let day = points(&self.china_2012, pollutant, "24h", mean_of(&means, 20));
                index = index.max(day);
            }
            subs.push((quantity, index));
        }
        let (index, names) = worst(&subs)?;
        Some((index, if index <= 50 { Vec::new() } else { names }))
    }

    fn europe(&self, hours: &Hours) -> Option<(u32, Vec<&'static str>)> {
        let mut subs = Vec::new();
        for (pollutant, quantity) in POLLUTANTS {
            let now = hours.get(quantity).and_then(|means| means[0]);
            let bands = self
                .europe
                .iter()
                .filter(|row| &row[0] == "eaqi-2025" && &row[1] == pollutant);
            let index = now.and_then(|mean| {
                let past = |row: &&csv::StringRecord| mean.max(0.0) > number(&row[6]) + NUDGE;
                let bands: Vec<_> = bands.collect();
                // Nothing at all is past no bound, and in the first band.
                let count = bands.iter().copied().filter(past).count().max(1) as u32;
                (!bands.is_empty()).then_some(count)
            });
            subs.push((quantity, index));
        }
        worst(&subs)
    }

    /// A column of a Chinese standard, with its own rounding of concentrations.
    pub(super) fn china_points(
        &self,
        standard: &str,
        pollutant: &str,
        averaging: &str,
        mean: Option<f64>,
    ) -> Option<u32> {
        if standard == "cn-hj633-2012" {
            return points(&self.china_2012, pollutant, averaging, mean);
        }
        // To whole units, or tenths of mg/m3, ties to even.
        let steps_per_unit = if pollutant == "CO" { 10.0 } else { 1.0 };
        let rounded = mean.map(|mean| rounded_half_even(mean * steps_per_unit) / steps_per_unit);
        points(&self.china_2026, pollutant, averaging, rounded)
    }

    pub(super) fn us_band(
        &self,
        pollutant: &str,
        averaging: &str,
        concentration: Option<f64>,
    ) -> Option<u32> {
        let rows = || {
            self.us
                .iter()
                .filter(|row| &row[0] == pollutant && &row[1] == averaging)
        };
        let last = rows().next_back()?;
        let step = 0.1_f64.powi(last[3].parse().expect("decimals"));
        let cut = (concentration?.max(0.0) / step + NUDGE).floor() * step;
        // Only these two stop at the end of their table; see the standard's notes.
        let ends = matches!((pollutant, averaging), ("O3", "8h") | ("SO2", "1h"));
        let row = rows()
            .find(|row| cut <= number(&row[5]) + step / 2.0)
            .or((!ends).then_some(last))?;
        let (low, high) = (number(&row[4]), number(&row[5]));
        if cut < low - step / 2.0 {
            return None;
        }
        let (index_low, index_high) = (number(&row[6]), number(&row[7]));
        let index = (index_high - index_low) / (high - low) * (cut - low) + index_low;
        Some((index + 0.5 + NUDGE).floor() as u32)
    }
}

/// The pollutants that the standard names of those that reach the index, comma between.
pub(super) fn named(standard: &str, reaching: &[&'static str]) -> String {
    if standard == "us-epa-2024" {
        return reaching[0].to_owned();
    }
    let named = ORDER.into_iter().filter(|name| reaching.contains(name));
    named.collect::<Vec<_>>().join(",")
}

/// Parts per billion from ug/m3 at 25 Celsius.
pub(super) fn ppb(pollutant: &str, mass: f64) -> f64 {
    let molar_mass = match pollutant {
        "O3" => 47.997,
        "NO2" => 46.005,
        "SO2" => 64.058,
        "CO" => 28.010,
        particles => panic!("{particles} have no mixing ratio"),
    };
    mass * 8.314462618 * 298.15 * 1000.0 / (molar_mass * 101_325.0)
}

fn rounded_half_even(scaled: f64) -> f64 {
    let whole = scaled.floor();
    let rest = scaled - whole;
    let up = rest > 0.5 + NUDGE || (rest > 0.5 - NUDGE && whole % 2.0 != 0.0);
    whole + f64::from(u8::from(up))
}

/// A Chinese table: straight lines between its points, rounded up; past the last one its index.
fn points(
    table: &[csv::StringRecord],
    pollutant: &str,
    averaging: &str,
    mean: Option<f64>,
) -> Option<u32> {
    let row = table
        .iter()
        .find(|row| &row[0] == pollutant && &row[1] == averaging)?;
    let mean = mean?.max(0.0);
    let levels = [0.0, 50.0, 100.0, 150.0, 200.0, 300.0, 400.0, 500.0];
    let points: Vec<f64> = (3..11)
        .map(|place| &row[place])
        .take_while(|cell| !cell.is_empty())
        .map(number)
        .collect();
    for place in 1..points.len() {
        if mean <= points[place] + NUDGE {
            let share = (mean - points[place - 1]) / (points[place] - points[place - 1]);
            let index = levels[place - 1] + share * (levels[place] - levels[place - 1]);
            return Some((index - NUDGE).ceil() as u32);
        }
    }
    Some(levels[points.len() - 1] as u32)
}

fn heard_now(hours: &Hours) -> bool {
    POLLUTANTS
        .iter()
        .any(|(_, quantity)| hours.get(quantity).is_some_and(|means| means[0].is_some()))
}

pub(super) fn worst(subs: &[(&'static str, Option<u32>)]) -> Option<(u32, Vec<&'static str>)> {
    let index = subs.iter().filter_map(|(_, index)| *index).max()?;
    let reaching = subs.iter().filter(|(_, sub)| *sub == Some(index));
    Some((index, reaching.map(|(quantity, _)| *quantity).collect()))
}

fn mean_of(means: &[Option<f64>], needed: usize) -> Option<f64> {
    let there: Vec<f64> = means.iter().filter_map(|mean| *mean).collect();
    (there.len() >= needed).then(|| there.iter().sum::<f64>() / there.len() as f64)
}

fn nowcast(newest_first: &[Option<f64>]) -> Option<f64> {
    if newest_first[..3].iter().flatten().count() < 2 {
        return None;
    }
    let there = || newest_first.iter().flatten().copied();
    let least = there().fold(f64::INFINITY, f64::min);
    let greatest = there().fold(0.0, f64::max);
    let weight = match greatest {
        0.0 => 1.0,
        _ => (least / greatest).max(0.5),
    };
    let (mut weighted, mut weights) = (0.0, 0.0);
    for (age, mean) in newest_first.iter().enumerate() {
        if let Some(mean) = mean {
            weighted += weight.powi(age as i32) * mean;
            weights += weight.powi(age as i32);
        }
    }
    // A NowCast keeps three decimals before the table cuts it further; the nudge covers them.
    Some(weighted / weights)
}

fn number(cell: &str) -> f64 {
    cell.parse().expect("a number in a domain file")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use pipeline::science::air::{Standard, hourly_index};
    use rand::{Rng, SeedableRng, rngs::SmallRng};
    use wire::{Milli, Quantity};

    /// Random hours with gaps, from clean air to far past every table, against the pipeline's integers.
    #[test]
    fn floats_by_hand_and_integers_agree() {
        let tables = Tables::read();
        let mut indexed = 0;
        for seed in 0..4_000_u64 {
            let mut random = SmallRng::seed_from_u64(seed);
            let severity = [0.02, 0.1, 0.3, 1.0][random.random_range(0..4)];
            let missing = random.random_range(0.0..0.5);
            let mut millis: HashMap<&'static str, [Option<i64>; 24]> = HashMap::new();
            for (_, quantity) in POLLUTANTS {
                let top = if quantity == "co" {
                    80_000.0
                } else {
                    2_000_000.0
                } * severity;
                let hours = std::array::from_fn(|_| {
                    let there = random.random_bool(1.0 - missing);
                    // Whole tenths are common in data, and are where ties live.
                    there.then(|| (random.random_range(0.0..top) as i64) / 100 * 100)
                });
                millis.insert(quantity, hours);
            }
            let floats: Hours = millis
                .iter()
                .map(|(quantity, hours)| {
                    (
                        *quantity,
                        hours.map(|mean| mean.map(|mean| mean as f64 / 1000.0)),
                    )
                })
                .collect();
            let lookup = |quantity: Quantity, k: usize| millis[quantity.name()][k].map(Milli);
            for name in STANDARDS {
                let standard = Standard::from_name(name).unwrap();
                let got =
                    hourly_index(standard, &lookup).map(|got| (got.index, got.primary.to_string()));
                assert_eq!(got, tables.index(name, &floats), "seed {seed}, {name}");
                indexed += usize::from(got.is_some());
            }
        }
        assert!(indexed > 12_000, "only {indexed} hours had an index");
    }
}
