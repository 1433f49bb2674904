//! **The** table of derived values: what follows from a zone's own figures, in which unit, and from what.
//!
//! A derived value is a figure of a zone like a measured one: rules watch it, the page and the metrics show
//! it, and it is corrected when anything that it was made of is. How it is computed is in
//! [`crate::recipes`], by the formulas of [`crate::science`]. People and air indices are no part of this
//! table: they remember more than figures.

use serde::{Deserialize, Serialize};
use wire::Quantity;

use crate::calendar::{DAY, HOUR, MINUTE, Millis};
use crate::rules::Value;
use crate::science::crowd::danger;

/// A value that is computed from the figures of one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Derived {
    /// What the air feels like in the shade.
    HeatIndex,
    /// Wet-bulb globe temperature, simplified.
    Wbgt,
    /// Sound level beyond the limit of the zone's class at this hour.
    NoiseExcess,
    /// Rain of three days beyond the threshold that the fifteen days before it leave.
    RainExcess,
    /// Level of exposure to hydrogen sulphide.
    AeglH2s,
    /// Level of exposure to ammonia.
    AeglNh3,
    /// Level of exposure to chlorine.
    AeglCl2,
    /// Level of exposure to carbon monoxide.
    AeglCo,
    /// Level of exposure to sulphur dioxide.
    AeglSo2,
    /// Level of exposure to nitrogen dioxide.
    AeglNo2,
    /// Share of the dose of carbon monoxide at which a domestic detector alarms.
    CoAlarm,
    /// How much speaks for a fire, by several criteria.
    Fire,
    /// How fast a heat detector warms.
    HeatRise,
    /// How fast water rises.
    WaterRise,
    /// How fast the ground tilts.
    TiltRate,
    /// Greatest ground acceleration, either way.
    PeakAcceleration,
    /// Class of surface water.
    WaterClass,
    /// Level of service of the crowd, 1 (A) to 6 (F).
    CrowdLevel,
    /// Density times variance of velocities.
    CrowdPressure,
    /// Walking speed that is usual at this density.
    WalkingSpeedExpected,
    /// Walking speed measured over the one that is usual.
    WalkingSpeedRatio,
    /// People through the zone's gates by metre and minute.
    GateFlow,
    /// Minutes until the zone is dangerously full.
    TimeToDanger,
    /// Vehicles by hour.
    TrafficFlow,
    /// Vehicles by kilometre and lane.
    TrafficDensity,
    /// Speed of the traffic, measured or from a single loop.
    TrafficSpeed,
    /// Level of service of the road, 1 (A) to 6 (F).
    TrafficLevel,
    /// State of incident detection.
    TrafficIncident,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub derived: Derived,
    /// Name in files, topics, metrics and labels.
    pub name: &'static str,
    /// UCUM code of its unit.
    pub unit: &'static str,
    /// For these, silence or implausibility never clears an alert.
    pub safety: bool,
    /// The quantity whose panes are this value's panes: width, grace and horizon.
    pub paced_by: Quantity,
    /// The figures that it is made of; where none of them is, the value is not.
    pub needs: &'static [Value],
    /// How far before its pane figures still matter to it.
    pub looks_back: Millis,
}

/// Reads better in the table than a bare boolean.
enum Safety {
    Guarded,
    Plain,
}

const fn row(
    derived: Derived,
    name: &'static str,
    unit: &'static str,
    safety: Safety,
    paced_by: Quantity,
    needs: &'static [Value],
    looks_back: Millis,
) -> Entry {
    Entry {
        derived,
        name,
        unit,
        safety: matches!(safety, Safety::Guarded),
        paced_by,
        needs,
        looks_back,
    }
}

const fn of(quantity: Quantity) -> Value {
    Value::Quantity(quantity)
}

/// All derived values, in the order of [`Derived`].
#[rustfmt::skip] // one value, one line
pub static TABLE: [Entry; 28] = {
    use Derived as D;
    use Quantity::*;
    use Safety::*;
    use Value::{CrowdCount, CrowdDensity};
    [
        row(D::HeatIndex,        "heat_index",        "Cel",     Plain,  Temperature,   &[of(Temperature), of(RelativeHumidity)], 10 * MINUTE),
        row(D::Wbgt,             "wbgt",              "Cel",     Plain,  Temperature,   &[of(Temperature), of(RelativeHumidity)], 10 * MINUTE),
        row(D::NoiseExcess,      "noise_excess",      "dB",      Plain,  Noise,         &[of(Noise)],                             HOUR),
        row(D::RainExcess,       "rain_excess",       "mm",      Plain,  Rain,          &[of(Rain)],                              18 * DAY),
        row(D::AeglH2s,          "aegl_h2s",          "1",       Guarded, H2s,           &[of(H2s)],                               9 * HOUR),
        row(D::AeglNh3,          "aegl_nh3",          "1",       Guarded, Nh3,           &[of(Nh3)],                               9 * HOUR),
        row(D::AeglCl2,          "aegl_cl2",          "1",       Guarded, Cl2,           &[of(Cl2)],                               9 * HOUR),
        row(D::AeglCo,           "aegl_co",           "1",       Guarded, Co,            &[of(Co)],                                9 * HOUR),
        row(D::AeglSo2,          "aegl_so2",          "1",       Guarded, So2,           &[of(So2)],                               9 * HOUR),
        row(D::AeglNo2,          "aegl_no2",          "1",       Guarded, No2,           &[of(No2)],                               9 * HOUR),
        row(D::CoAlarm,          "co_alarm",          "1",       Guarded, Co,            &[of(Co)],                                4 * HOUR),
        row(D::Fire,             "fire",              "1",       Guarded, Heat,          &[of(Heat), of(Smoke), of(Co), of(Flame)], HOUR),
        row(D::HeatRise,         "heat_rise",         "Cel/min", Guarded, Heat,          &[of(Heat)],                              5 * MINUTE),
        row(D::WaterRise,        "water_rise",        "m/h",     Guarded, WaterLevel,    &[of(WaterLevel)],                        HOUR),
        row(D::TiltRate,         "tilt_rate",         "deg/h",   Guarded, Tilt,          &[of(Tilt)],                              3 * HOUR),
        row(D::PeakAcceleration, "peak_acceleration", "m/s2",    Guarded, Acceleration,  &[of(Acceleration)],                      10 * MINUTE),
        row(D::WaterClass,       "water_class",       "1",       Plain,  DissolvedOxygen, &[of(DissolvedOxygen), of(Ph), of(AmmoniaNitrogen), of(Turbidity), of(Conductivity)], 15 * MINUTE),
        row(D::CrowdLevel,       "crowd_level",       "1",       Plain,  PersonCount,   &[CrowdDensity],                          0),
        row(D::CrowdPressure,    "crowd_pressure",    "/s2",     Plain,  PersonCount,   &[CrowdDensity, of(VelocityVariance)],    0),
        row(D::WalkingSpeedExpected, "walking_speed_expected", "m/s", Plain, PersonCount, &[CrowdDensity, of(WalkingSpeed)],    0),
        row(D::WalkingSpeedRatio, "walking_speed_ratio", "1",    Plain,  PersonCount,   &[CrowdDensity, of(WalkingSpeed)],        0),
        row(D::GateFlow,         "gate_flow",         "{person}/m/min", Plain, PersonCount, &[of(PersonsIn), of(PersonsOut)],      MINUTE),
        row(D::TimeToDanger,     "time_to_danger",    "min",     Plain,  PersonCount,   &[CrowdCount],                            danger::TREND_MS),
        row(D::TrafficFlow,      "traffic_flow",      "{veh}/h", Plain,  VehicleCount,  &[of(VehicleCount)],                      0),
        row(D::TrafficDensity,   "traffic_density",   "{veh}/km", Plain, VehicleCount,  &[of(VehicleCount), of(LaneOccupancy), of(VehicleSpeed)], 0),
        row(D::TrafficSpeed,     "traffic_speed",     "km/h",    Plain,  VehicleCount,  &[of(VehicleCount), of(LaneOccupancy), of(VehicleSpeed)], 0),
        row(D::TrafficLevel,     "traffic_level",     "1",       Plain,  VehicleCount,  &[of(VehicleCount), of(LaneOccupancy), of(VehicleSpeed)], 0),
        row(D::TrafficIncident,  "traffic_incident",  "1",       Plain,  LaneOccupancy, &[],                                      30 * MINUTE),
    ]
};

impl Derived {
    /// This value's row.
    pub fn entry(self) -> &'static Entry {
        &TABLE[self as usize]
    }

    pub fn from_name(name: &str) -> Option<Derived> {
        let found = TABLE.iter().find(|entry| entry.name == name);
        found.map(|entry| entry.derived)
    }

    pub fn all() -> impl Iterator<Item = Derived> {
        TABLE.iter().map(|entry| entry.derived)
    }

    /// The measured quantities behind it, those of other derived figures included.
    pub fn quantities(self) -> impl Iterator<Item = Quantity> {
        // Its stations' occupancies meet in a fold of their own.
        let own = (self == Derived::TrafficIncident).then_some(Quantity::LaneOccupancy);
        let needs = self.entry().needs.iter();
        let needed = needs.flat_map(|need| match need {
            Value::Quantity(quantity) => vec![*quantity],
            Value::CrowdCount | Value::CrowdDensity => vec![
                Quantity::PersonCount,
                Quantity::PersonsIn,
                Quantity::PersonsOut,
            ],
            _ => Vec::new(),
        });
        own.into_iter().chain(needed)
    }
}

/// How far back any value that needs `value` looks.
pub fn looked_back_on(value: Value) -> Millis {
    let needing = TABLE.iter().filter(|entry| entry.needs.contains(&value));
    needing.map(|entry| entry.looks_back).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_names_nothing_twice() {
        for (place, entry) in TABLE.iter().enumerate() {
            assert_eq!(entry.derived as usize, place, "{}", entry.name);
            let namesake = TABLE.iter().filter(|other| other.name == entry.name);
            assert_eq!(namesake.count(), 1, "{}", entry.name);
            assert!(entry.name.parse::<Quantity>().is_err(), "{}", entry.name);
        }
    }
}
