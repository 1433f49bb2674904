//! **The** table of domain constants: what can be measured, in which unit, how it is summed.
//!
//! Units are UCUM codes. A plausible range is what a working sensor of this kind can say at all, not what
//! is usual: a value outside is refused at admission. Nothing else in the project repeats these facts.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::milli::Milli;

/// A measured quantity; the discriminant is its code on the wire and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
#[repr(u8)]
pub enum Quantity {
    /// Fine particles, diameter up to 2.5 µm.
    Pm2_5 = 0x01,
    /// Particles up to 10 µm.
    Pm10 = 0x02,
    /// Ozone.
    O3 = 0x03,
    /// Nitrogen dioxide.
    No2 = 0x04,
    /// Sulphur dioxide.
    So2 = 0x05,
    /// Carbon monoxide.
    Co = 0x06,
    /// Nitrogen monoxide.
    No = 0x07,
    /// Air temperature.
    Temperature = 0x10,
    /// Relative humidity.
    RelativeHumidity = 0x11,
    /// Air pressure at the station.
    Pressure = 0x12,
    /// Wind speed.
    WindSpeed = 0x13,
    /// Direction the wind comes from, clockwise from north.
    WindDirection = 0x14,
    /// Rain fallen since the previous reading.
    Rain = 0x15,
    /// A-weighted sound level.
    Noise = 0x16,
    /// Illuminance.
    Illuminance = 0x17,
    /// Vehicles since the previous reading.
    VehicleCount = 0x20,
    /// Mean speed of the vehicles seen.
    VehicleSpeed = 0x21,
    /// Share of time in which a vehicle stands over the loop.
    LaneOccupancy = 0x22,
    /// People in the part of the zone that the counter sees.
    PersonCount = 0x30,
    /// People through the gate inwards since the previous reading.
    PersonsIn = 0x31,
    /// People through the gate outwards since the previous reading.
    PersonsOut = 0x32,
    /// Mean walking speed.
    WalkingSpeed = 0x33,
    /// Mean squared distance of the walkers' velocities (as vectors) from their mean, as a camera sees it.
    ///
    /// In square centimetres, because crowds turn dangerous at some 30 cm²/s² (0.02 /s² at 7 persons a square metre),
    /// which thousandths of a square metre could hardly tell apart.
    VelocityVariance = 0x34,
    /// Methane, share of the lower explosive limit.
    Ch4 = 0x40,
    /// Hydrogen sulphide.
    H2s = 0x41,
    /// Ammonia.
    Nh3 = 0x42,
    /// Chlorine.
    Cl2 = 0x43,
    /// Smoke obscuration.
    Smoke = 0x44,
    /// Flame detector: 1 sees a flame, 0 does not.
    Flame = 0x45,
    /// Temperature at a heat detector.
    Heat = 0x46,
    /// Water level above the gauge's datum or the road.
    WaterLevel = 0x47,
    /// Tilt from the installed position.
    Tilt = 0x48,
    /// Ground acceleration.
    Acceleration = 0x49,
    /// Ambient dose rate.
    Radiation = 0x4a,
    /// Acidity of water.
    Ph = 0x50,
    /// Oxygen dissolved in water.
    DissolvedOxygen = 0x51,
    /// Turbidity of water.
    Turbidity = 0x52,
    /// Electrical conductivity of water.
    Conductivity = 0x53,
    /// Ammonia nitrogen in water.
    AmmoniaNitrogen = 0x54,
    /// The node's own battery.
    BatteryVoltage = 0x60,
}

/// Which team looks at a quantity, and which lateness it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    Air,
    Weather,
    Traffic,
    Crowd,
    Hazard,
    Water,
    /// The node's own health.
    Node,
}

/// How the readings of a pane become one figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Summing {
    /// Arithmetic mean.
    Mean,
    /// Mean of unit vectors: for directions.
    Vector,
    /// Mean of the energies behind a level in decibel (equivalent continuous level).
    Energy,
    /// Each reading is an increase since the one before; they are added up.
    Delta,
    /// A state: the last reading stands; a tie in time goes to the higher sequence, then index.
    Level,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub quantity: Quantity,
    /// Name in files, topics, metrics and labels.
    pub name: &'static str,
    /// UCUM code of the unit whose thousandths a [`Milli`] counts.
    pub unit: &'static str,
    /// Least and greatest plausible value, both included.
    pub plausible: (Milli, Milli),
    /// Default pane width.
    pub pane_width_s: u32,
    pub group: Group,
    pub summing: Summing,
    /// For these, silence or implausibility never clears an alert.
    pub safety: bool,
}

const fn row(
    quantity: Quantity,
    name: &'static str,
    unit: &'static str,
    range: (i64, i64),
    pane_width_s: u32,
    how: (Group, Summing, Safety),
) -> Entry {
    let plausible = (Milli::whole(range.0), Milli::whole(range.1));
    let (group, summing, safety) = how;
    Entry {
        quantity,
        name,
        unit,
        plausible,
        pane_width_s,
        group,
        summing,
        safety: matches!(safety, Safety::Yes),
    }
}

/// Reads better in the table than a bare boolean.
enum Safety {
    Yes,
    No,
}

/// All quantities, ordered by wire code.
#[rustfmt::skip] // one quantity, one line
pub static TABLE: [Entry; 40] = {
    use Group::*;
    use Quantity as Q;
    use Safety::*;
    use Summing::*;
    [
        row(Q::Pm2_5,            "pm2_5",             "ug/m3",      (0, 1500),     60,  (Air, Mean, No)),
        row(Q::Pm10,             "pm10",              "ug/m3",      (0, 5000),     60,  (Air, Mean, No)),
        row(Q::O3,               "o3",                "ug/m3",      (0, 2000),     60,  (Air, Mean, No)),
        row(Q::No2,              "no2",               "ug/m3",      (0, 5000),     60,  (Air, Mean, No)),
        row(Q::So2,              "so2",               "ug/m3",      (0, 6000),     60,  (Air, Mean, No)),
        row(Q::Co,               "co",                "mg/m3",      (0, 2000),     60,  (Air, Mean, Yes)),
        row(Q::No,               "no",                "ug/m3",      (0, 5000),     60,  (Air, Mean, No)),
        row(Q::Temperature,      "temperature",       "Cel",        (-60, 70),     60,  (Weather, Mean, No)),
        row(Q::RelativeHumidity, "relative_humidity", "%",          (0, 100),      60,  (Weather, Mean, No)),
        row(Q::Pressure,         "pressure",          "hPa",        (300, 1100),   60,  (Weather, Mean, No)),
        row(Q::WindSpeed,        "wind_speed",        "m/s",        (0, 90),       60,  (Weather, Mean, No)),
        row(Q::WindDirection,    "wind_direction",    "deg",        (0, 360),      60,  (Weather, Vector, No)),
        row(Q::Rain,             "rain",              "mm",         (0, 100),      60,  (Weather, Delta, No)),
        row(Q::Noise,            "noise",             "dB[SPL]{A}", (0, 160),      60,  (Weather, Energy, No)),
        row(Q::Illuminance,      "illuminance",       "lx",         (0, 200000),   60,  (Weather, Mean, No)),
        row(Q::VehicleCount,     "vehicle_count",     "{veh}",      (0, 10000),    60,  (Traffic, Delta, No)),
        row(Q::VehicleSpeed,     "vehicle_speed",     "km/h",       (0, 300),      60,  (Traffic, Mean, No)),
        row(Q::LaneOccupancy,    "lane_occupancy",    "%",          (0, 100),      60,  (Traffic, Mean, No)),
        row(Q::PersonCount,      "person_count",      "{person}",   (0, 100000),   10,  (Crowd, Mean, No)),
        row(Q::PersonsIn,        "persons_in",        "{person}",   (0, 10000),    10,  (Crowd, Delta, No)),
        row(Q::PersonsOut,       "persons_out",       "{person}",   (0, 10000),    10,  (Crowd, Delta, No)),
        row(Q::WalkingSpeed,     "walking_speed",     "m/s",        (0, 10),       10,  (Crowd, Mean, No)),
        row(Q::VelocityVariance, "velocity_variance", "cm2/s2",     (0, 100000),   10,  (Crowd, Mean, No)),
        row(Q::Ch4,              "ch4",               "%{LEL}",     (0, 100),      10,  (Hazard, Mean, Yes)),
        row(Q::H2s,              "h2s",               "[ppm]",      (0, 1000),     10,  (Hazard, Mean, Yes)),
        row(Q::Nh3,              "nh3",               "[ppm]",      (0, 5000),     10,  (Hazard, Mean, Yes)),
        row(Q::Cl2,              "cl2",               "[ppm]",      (0, 100),      10,  (Hazard, Mean, Yes)),
        row(Q::Smoke,            "smoke",             "%/m",        (0, 100),      10,  (Hazard, Mean, Yes)),
        row(Q::Flame,            "flame",             "1",          (0, 1),        10,  (Hazard, Mean, Yes)),
        row(Q::Heat,             "heat",              "Cel",        (-40, 1200),   10,  (Hazard, Mean, Yes)),
        row(Q::WaterLevel,       "water_level",       "m",          (-20, 100),    60,  (Hazard, Level, Yes)),
        row(Q::Tilt,             "tilt",              "deg",        (-180, 180),   60,  (Hazard, Level, Yes)),
        row(Q::Acceleration,     "acceleration",      "m/s2",       (-100, 100),   10,  (Hazard, Mean, Yes)),
        row(Q::Radiation,        "radiation",         "uSv/h",      (0, 10000000), 60,  (Hazard, Mean, Yes)),
        row(Q::Ph,               "ph",                "[pH]",       (0, 14),       60,  (Water, Mean, No)),
        row(Q::DissolvedOxygen,  "dissolved_oxygen",  "mg/L",       (0, 30),       60,  (Water, Mean, No)),
        row(Q::Turbidity,        "turbidity",         "[NTU]",      (0, 4000),     60,  (Water, Mean, No)),
        row(Q::Conductivity,     "conductivity",      "uS/cm",      (0, 200000),   60,  (Water, Mean, No)),
        row(Q::AmmoniaNitrogen,  "ammonia_nitrogen",  "mg/L",       (0, 1000),     60,  (Water, Mean, No)),
        row(Q::BatteryVoltage,   "battery_voltage",   "V",          (0, 60),       300, (Node, Mean, No)),
    ]
};

/// Place in [`TABLE`] by wire code; 0xff where the code is unassigned.
static INDEX: [u8; 256] = {
    let mut index = [0xff; 256];
    let mut place = 0;
    while place < TABLE.len() {
        index[TABLE[place].quantity as usize] = place as u8;
        place += 1;
    }
    index
};

impl Quantity {
    /// The quantity with this wire code.
    pub fn from_code(code: u8) -> Option<Quantity> {
        TABLE
            .get(usize::from(INDEX[usize::from(code)]))
            .map(|entry| entry.quantity)
    }

    pub const fn code(self) -> u8 {
        self as u8
    }

    /// This quantity's row.
    pub fn entry(self) -> &'static Entry {
        &TABLE[self.place()]
    }

    /// Dense number, `0..TABLE.len()`: for tables by quantity.
    pub fn place(self) -> usize {
        usize::from(INDEX[self as usize])
    }

    pub fn name(self) -> &'static str {
        self.entry().name
    }

    pub fn unit(self) -> &'static str {
        self.entry().unit
    }

    pub fn is_plausible(self, value: Milli) -> bool {
        let (low, high) = self.entry().plausible;
        low <= value && value <= high
    }

    pub fn all() -> impl Iterator<Item = Quantity> {
        TABLE.iter().map(|entry| entry.quantity)
    }
}

/// The text or code names no quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownQuantity;

impl fmt::Display for UnknownQuantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown quantity")
    }
}

impl core::error::Error for UnknownQuantity {}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Quantity {
    type Err = UnknownQuantity;
    fn from_str(name: &str) -> Result<Quantity, UnknownQuantity> {
        TABLE
            .iter()
            .find(|entry| entry.name == name)
            .map(|entry| entry.quantity)
            .ok_or(UnknownQuantity)
    }
}

impl From<Quantity> for u8 {
    fn from(quantity: Quantity) -> u8 {
        quantity.code()
    }
}

impl TryFrom<u8> for Quantity {
    type Error = UnknownQuantity;
    fn try_from(code: u8) -> Result<Quantity, UnknownQuantity> {
        Quantity::from_code(code).ok_or(UnknownQuantity)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_lead_back_to_their_row() {
        for (place, entry) in TABLE.iter().enumerate() {
            assert!(entry.quantity.code() < 0x80, "a frame keeps the top bit");
            assert_eq!(entry.quantity.place(), place);
            assert_eq!(
                Quantity::from_code(entry.quantity.code()),
                Some(entry.quantity)
            );
            assert_eq!(entry.name.parse(), Ok(entry.quantity));
            assert!(entry.plausible.0 < entry.plausible.1, "{}", entry.name);
            assert!(place == 0 || TABLE[place - 1].quantity.code() < entry.quantity.code());
        }
        let assigned = (0..=255)
            .filter(|&code| Quantity::from_code(code).is_some())
            .count();
        assert_eq!(assigned, TABLE.len());
    }

    #[test]
    fn quarter_hours_are_whole_panes() {
        for entry in &TABLE {
            assert_eq!(
                900 % entry.pane_width_s,
                0,
                "{} must divide a quarter hour",
                entry.name
            );
        }
    }
}
