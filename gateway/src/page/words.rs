//! Figures, units, times and states as people read them.

use pipeline::alert::{Completeness, Reason, Revision, State};
use pipeline::calendar::{DAY, HOUR, MINUTE, Millis, SECOND};
use pipeline::derived::Derived;
use pipeline::exposure::{Exposed, Exposure, Footprint};
use pipeline::rules::{Severity, Value};
use pipeline::science::air::Category;
use pipeline::science::air::forecast::Ahead;
use wire::{Milli, NodeId, Quantity};

use crate::axes;
use crate::board::Face;
use crate::board::picture::Standing;
use crate::privacy::Shown;

/// `09:42:05` in the city.
pub(super) fn time(face: &Face, at: Millis) -> String {
    written(face, at, "%H:%M:%S")
}

/// `09:42` in the city.
pub(super) fn minute(face: &Face, at: Millis) -> String {
    written(face, at, "%H:%M")
}

/// `Sun 22 Nov 2026` in the city.
pub(super) fn date(face: &Face, at: Millis) -> String {
    written(face, at, "%a %-d %b %Y")
}

/// `+08:00`: how far the city's clock is ahead of UTC.
pub(super) fn offset(face: &Face, at: Millis) -> String {
    written(face, at, "%:z")
}

fn written(face: &Face, at: Millis, format: &str) -> String {
    axes::written(at, format, &face.time_zone)
}

/// `4 s`, `11 min`, `3 h 12 min`, `2 d 5 h`.
pub(super) fn age(span: Millis) -> String {
    match span.max(0) {
        span if span < MINUTE => format!("{} s", span / SECOND),
        span if span < HOUR => format!("{} min", span / MINUTE),
        span if span < DAY => format!("{} h {} min", span / HOUR, span % HOUR / MINUTE),
        span => format!("{} d {} h", span / DAY, span % DAY / HOUR),
    }
}

/// `7 of 8`.
pub(super) fn heard(completeness: Completeness) -> String {
    format!("{} of {}", completeness.heard, completeness.expected)
}

/// `7 of 8 nodes`, or `7 of 8 nodes, 1 suspect`.
pub(super) fn nodes(completeness: Completeness, suspect: u32) -> String {
    match suspect {
        0 => format!("{} nodes", heard(completeness)),
        _ => format!("{} nodes, {suspect} suspect", heard(completeness)),
    }
}

/// Three significant digits or the whole number, whichever is longer: `0.042`, `4.21`, `38.5`, `1204`.
pub(crate) fn number(shown: Shown) -> String {
    match shown {
        Shown::Exact(figure) => rounded(figure),
        Shown::Under(limit) => format!("< {}", rounded(limit)),
    }
}

pub(crate) fn rounded(figure: Milli) -> String {
    let step = match figure.0.unsigned_abs() {
        0..1_000 => 1,
        1_000..10_000 => 10,
        10_000..100_000 => 100,
        _ => 1_000,
    };
    let units = wire::milli::divide_rounded(i128::from(figure.0), step) * step;
    Milli(i64::try_from(units).unwrap_or(figure.0)).to_string()
}

/// A unit without the curly braces and codes of UCUM.
pub(super) fn unit(value: Value) -> &'static str {
    unit_of_code(value.unit())
}

pub(crate) fn unit_of_code(code: &'static str) -> &'static str {
    match code {
        "1" => "",
        "{person}" => "people",
        "{person}/m2" => "people/m²",
        "{person}/m/min" => "people/m/min",
        "/s2" => "1/s²",
        "{veh}" => "vehicles",
        "{veh}/h" => "vehicles/h",
        "{veh}/km" => "vehicles/km and lane",
        "ug/m3" => "µg/m³",
        "mg/m3" => "mg/m³",
        "Cel" => "°C",
        "Cel/min" => "°C/min",
        "deg" => "°",
        "deg/h" => "°/h",
        "dB[SPL]{A}" => "dB(A)",
        "%{LEL}" => "% LEL",
        "[ppm]" => "ppm",
        "m/s2" => "m/s²",
        "cm2/s2" => "cm²/s²",
        "uSv/h" => "µSv/h",
        "[pH]" => "pH",
        "[NTU]" => "NTU",
        "uS/cm" => "µS/cm",
        other => other,
    }
}

pub(crate) fn value_name(value: Value) -> &'static str {
    match value {
        Value::Quantity(quantity) => quantity_name(quantity),
        Value::CrowdCount => "People",
        Value::CrowdDensity => "Crowd density",
        Value::AirIndex(_) => "Air index",
        Value::AirDay(_) => "Air index of the day",
        Value::AirForecast(_, Ahead::OneHour) => "Air index forecast for 1 h",
        Value::AirForecast(_, Ahead::ThreeHours) => "Air index forecast for 3 h",
        Value::AirForecast(_, Ahead::SixHours) => "Air index forecast for 6 h",
        Value::AirForecast(_, Ahead::Day) => "Air index forecast for 24 h",
        Value::Derived(derived) => derived_name(derived),
        Value::Silence => "Silent node",
    }
}

fn derived_name(derived: Derived) -> &'static str {
    use Derived::*;
    match derived {
        HeatIndex => "Heat index",
        Wbgt => "Wet-bulb globe temperature",
        NoiseExcess => "Noise beyond the limit",
        RainExcess => "Rain beyond the landslide threshold",
        AeglH2s => "Exposure to hydrogen sulphide",
        AeglNh3 => "Exposure to ammonia",
        AeglCl2 => "Exposure to chlorine",
        AeglCo => "Exposure to carbon monoxide",
        AeglSo2 => "Exposure to sulphur dioxide",
        AeglNo2 => "Exposure to nitrogen dioxide",
        CoAlarm => "Carbon monoxide dose",
        Fire => "Fire",
        HeatRise => "Rise of heat",
        WaterRise => "Rise of water",
        TiltRate => "Rate of tilt",
        PeakAcceleration => "Peak ground acceleration",
        WaterClass => "Water class",
        CrowdLevel => "Crowd level of service",
        CrowdPressure => "Crowd pressure",
        WalkingSpeedExpected => "Usual walking speed",
        WalkingSpeedRatio => "Walking speed over the usual",
        GateFlow => "Flow at gates",
        TimeToDanger => "Time to danger",
        TrafficFlow => "Traffic flow",
        TrafficDensity => "Traffic density",
        TrafficSpeed => "Traffic speed",
        TrafficLevel => "Traffic level of service",
        TrafficIncident => "Traffic incident",
    }
}

pub(crate) fn quantity_name(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Pm2_5 => "PM2.5",
        Quantity::Pm10 => "PM10",
        Quantity::O3 => "Ozone",
        Quantity::No2 => "Nitrogen dioxide",
        Quantity::So2 => "Sulphur dioxide",
        Quantity::Co => "Carbon monoxide",
        Quantity::No => "Nitrogen monoxide",
        Quantity::Temperature => "Temperature",
        Quantity::RelativeHumidity => "Humidity",
        Quantity::Pressure => "Air pressure",
        Quantity::WindSpeed => "Wind speed",
        Quantity::WindDirection => "Wind from",
        Quantity::Rain => "Rain",
        Quantity::Noise => "Noise",
        Quantity::Illuminance => "Illuminance",
        Quantity::VehicleCount => "Vehicles",
        Quantity::VehicleSpeed => "Vehicle speed",
        Quantity::LaneOccupancy => "Lane occupancy",
        Quantity::PersonCount => "People counted",
        Quantity::PersonsIn => "People in",
        Quantity::PersonsOut => "People out",
        Quantity::WalkingSpeed => "Walking speed",
        Quantity::VelocityVariance => "Unevenness of walking",
        Quantity::Ch4 => "Methane",
        Quantity::H2s => "Hydrogen sulphide",
        Quantity::Nh3 => "Ammonia",
        Quantity::Cl2 => "Chlorine",
        Quantity::Smoke => "Smoke",
        Quantity::Flame => "Flame",
        Quantity::Heat => "Heat",
        Quantity::WaterLevel => "Water level",
        Quantity::Tilt => "Tilt",
        Quantity::Acceleration => "Acceleration",
        Quantity::Radiation => "Radiation",
        Quantity::Ph => "Acidity",
        Quantity::DissolvedOxygen => "Dissolved oxygen",
        Quantity::Turbidity => "Turbidity",
        Quantity::Conductivity => "Conductivity",
        Quantity::AmmoniaNitrogen => "Ammonia nitrogen",
        Quantity::BatteryVoltage => "Battery",
    }
}

/// A class of air in two words.
pub(super) fn category(category: &Category) -> &'static str {
    match category.english {
        "Unhealthy for Sensitive Groups" => "Sensitive groups",
        short => short,
    }
}

pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Minor => "Minor",
        Severity::Moderate => "Moderate",
        Severity::Severe => "Severe",
        Severity::Extreme => "Extreme",
    }
}

pub(super) fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Normal => "Normal",
        Standing::Unknown => "No fresh data",
        Standing::Alert(worst) => severity(worst),
    }
}

pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Raised => "Raised",
        State::Updated => "Updated",
        State::Unconfirmed => "Unconfirmed",
        State::Cleared => "Cleared",
        State::Cancelled => "Cancelled",
    }
}

/// Whether a figure may still change, and for want of whom.
pub(super) fn finality(waits_for: Option<NodeId>) -> String {
    match waits_for {
        Some(node) => format!("provisional: {node} is not heard past it"),
        None => "final".to_owned(),
    }
}

/// What an alert that is somebody's work would have become.
pub(super) fn proposal(state: State) -> &'static str {
    match state {
        State::Cancelled => "proposes that it was never true, a person is to confirm",
        _ => "proposes its end, a person is to confirm",
    }
}

/// Why a person's word is asked for.
pub(super) fn to_settle(latest: &Revision) -> String {
    match latest.desk.proposed {
        Some(state) => format!("It {}.", proposal(state)),
        None => "It is unconfirmed: does it stand?".to_owned(),
    }
}

/// What a form asked for, by its verb.
pub(super) fn recorded(verb: &str) -> Option<&'static str> {
    Some(match verb {
        "acknowledge" => "taken on",
        "comment" => "your comment",
        "assign" => "whose work it is",
        "settle" => "your word on it",
        "silence" => "the silence",
        "quarantine" => "the quarantine",
        "release" => "the release",
        _ => return None,
    })
}

/// A footprint in a line: whom it reaches, by what, and how far that may be off.
pub(super) fn footprint(face: &Face, exposure: &Exposure, footprint: &Footprint) -> String {
    let people = face.floor.people(&footprint.people);
    let mut text = format!(
        "{} from {}: {} ({} {}) or more reaches {} m and {people} people",
        quantity_name(exposure.quantity),
        face.source_name(exposure.source),
        footprint.level,
        footprint.from,
        unit_of_code(exposure.quantity.unit()),
        footprint.reach,
    );
    match exposure.plume.from {
        Some(from) => text += &format!(", wind from {:.0}°", from.to_f64()),
        None => text += ", in any direction: no wind says which",
    }
    if !footprint.places.is_empty() {
        text += &format!("; in it: {}", footprint.places.join(", "));
    }
    if footprint.uncounted > 0 {
        text += &format!("; zones that nobody counts: {}", footprint.uncounted);
    }
    text + ". By a plume model, right within a factor of two to three."
}

/// Whom a leak reaches, with its doubts.
pub(super) fn exposed(face: &Face, exposed: &Exposed) -> String {
    let people = face.floor.people(&exposed.people);
    let mut text = format!(
        "{people} people at {} or more from {}, right within a factor of two to three",
        exposed.level,
        face.source_name(exposed.source)
    );
    if !exposed.places.is_empty() {
        text += &format!("; in it: {}", exposed.places.join(", "));
    }
    if exposed.uncounted > 0 {
        text += &format!("; zones that nobody counts: {}", exposed.uncounted);
    }
    text
}

/// Why, as the end of a sentence that begins with the state.
pub(super) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Threshold => "past its threshold",
        Reason::NodeAlarm => "a single node's own alarm, to be confirmed or refuted by its zone",
        Reason::Confirmed => "confirmed by the zone's own values",
        Reason::Refuted => "a node's alarm that its zone's values do not bear out",
        Reason::BackToNormal => "back to normal",
        Reason::NoData => "no data, which is not an all-clear",
        Reason::Correction => "corrected by late or withdrawn readings",
        Reason::RuleChange => "the rules changed",
        Reason::Registry => "the city's nodes or zones changed",
        Reason::Quarantine => "a node's readings were withdrawn, or came back",
        Reason::Commented => "somebody wrote about it",
        Reason::Assigned => "somebody's work now, or nobody's",
        Reason::Proposed => "would have ended, a person is to confirm",
        Reason::Settled => "settled by a named person",
        Reason::Silenced => "silenced, or no longer",
        Reason::Escalated => "nobody acknowledged it in time",
        Reason::Acknowledged => "acknowledged",
        Reason::Silence => "a node fell silent or spoke again",
        Reason::Exposure => "the leak reaches others than before",
        Reason::Merged => "merged with another alert",
        Reason::Split => "split from another alert",
        Reason::DidNotCome => "not forecast any more, and none of it had come",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::board::sample::{NOON, face};

    #[test]
    fn times_are_the_citys_own() {
        let face = face();
        assert_eq!(time(&face, NOON), "09:00:00");
        assert_eq!(date(&face, NOON), "Sun 22 Nov 2026");
        assert_eq!(offset(&face, NOON), "+08:00");
        assert_eq!(time(&face, i64::MAX), "?");
    }

    #[test]
    fn ages_and_numbers_are_short() {
        let ages = [999, 59_000, 60_000, 11_520_000, 190_800_000].map(age);
        assert_eq!(ages, ["0 s", "59 s", "1 min", "3 h 12 min", "2 d 5 h"]);
        let numbers = [42, 4_213, 38_549, 1_204_400, -4_999].map(|n| rounded(Milli(n)));
        assert_eq!(numbers, ["0.042", "4.21", "38.5", "1204", "-5"]);
        assert_eq!(number(Shown::Under(Milli(5000))), "< 5");
    }
}
