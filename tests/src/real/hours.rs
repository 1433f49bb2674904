//! A station's hours as a forecast sees them: means of pollutants and weather, newest first from any hour back.

use std::collections::HashMap;

use wire::{Milli, Quantity};

use super::open;

/// Hourly means of one station by place in [`Quantity`]'s table; a missing hour is `None`.
#[derive(Clone, Debug, Default)]
pub struct Station {
    means: HashMap<Quantity, Vec<Option<Milli>>>,
}

/// Whether a forecast is shown the weather.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    Measured,
    Unknown,
}

impl Station {
    /// One of the Beijing stations: pollutants, temperature, pressure, wind, and humidity from the dew point.
    pub fn of_beijing(name: &str) -> Station {
        let path = format!("data/aq_beijing_prsa/PRSA_Data_{name}_20130301-20170228.csv.gz");
        let mut reader = csv::Reader::from_reader(open(&path));
        let header = reader.headers().expect("a header").clone();
        let place = |name: &str| {
            let found = header.iter().position(|column| column == name);
            found.unwrap_or_else(|| panic!("no column {name}"))
        };
        // Carbon monoxide is in ug/m3 there.
        let columns = [
            (Quantity::Pm2_5, place("PM2.5"), 1000.0),
            (Quantity::Pm10, place("PM10"), 1000.0),
            (Quantity::So2, place("SO2"), 1000.0),
            (Quantity::No2, place("NO2"), 1000.0),
            (Quantity::Co, place("CO"), 1.0),
            (Quantity::O3, place("O3"), 1000.0),
            (Quantity::Temperature, place("TEMP"), 1000.0),
            (Quantity::Pressure, place("PRES"), 1000.0),
            (Quantity::WindSpeed, place("WSPM"), 1000.0),
        ];
        let dew_point = place("DEWP");
        let mut station = Station::default();
        for row in reader.records() {
            let row = row.expect("a row");
            let number = |place: usize| row[place].parse::<f64>().ok();
            for (quantity, place, scale) in columns {
                let mean = number(place).map(|value| Milli((value * scale).round() as i64));
                station.means.entry(quantity).or_default().push(mean);
            }
            let humidity = number(place("TEMP"))
                .zip(number(dew_point))
                .map(|(warm, dew)| 100.0 * vapour(dew) / vapour(warm));
            let humidity = humidity.map(|percent| Milli((percent * 1000.0).round() as i64));
            let series = station.means.entry(Quantity::RelativeHumidity);
            series.or_default().push(humidity);
        }
        station
    }

    /// A station that measures one quantity.
    pub fn of_one(quantity: Quantity, means: Vec<Option<Milli>>) -> Station {
        Station {
            means: HashMap::from([(quantity, means)]),
        }
    }

    pub fn len(&self) -> usize {
        self.means.values().map(Vec::len).max().unwrap_or(0)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The mean of an hour; outside the record nothing was heard.
    pub fn at(&self, quantity: Quantity, hour: usize) -> Option<Milli> {
        *self.means.get(&quantity)?.get(hour)?
    }

    /// What a look back from `hour` finds.
    pub fn back(&self, hour: usize, weather: Weather) -> impl Fn(Quantity, usize) -> Option<Milli> {
        move |quantity, back| {
            let is_weather = quantity.entry().group == wire::quantity::Group::Weather;
            let shown = weather == Weather::Measured || !is_weather;
            self.at(quantity, hour.checked_sub(back)?).filter(|_| shown)
        }
    }
}

/// Saturation vapour pressure over water, up to a factor (Magnus).
fn vapour(celsius: f64) -> f64 {
    (17.625 * celsius / (243.04 + celsius)).exp()
}
