//! What a zone can have at a pane, and what a rule can therefore look at.

use std::fmt;

use serde::{Deserialize, Serialize};
use wire::Quantity;

use crate::calendar::{HOUR, Millis};
use crate::derived::Derived;
use crate::science::air::Standard;
use crate::science::air::forecast::Ahead;

/// Something a zone has at a pane: a measured quantity or a figure derived from several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Value {
    Quantity(Quantity),
    /// People in the zone, fused from area counters and gates.
    CrowdCount,
    /// People per square metre of usable ground.
    CrowdDensity,
    /// Hourly air index by a standard.
    AirIndex(Standard),
    /// Air index of a local day by a standard that has one.
    AirDay(Standard),
    /// The air index so far after the hour in which it is said.
    AirForecast(Standard, Ahead),
    /// What follows from a zone's own figures by a published formula.
    Derived(Derived),
    /// Not a zone value: a node of the zone that was not heard for its time.
    Silence,
}

impl Value {
    /// UCUM code of the value's unit.
    pub fn unit(self) -> &'static str {
        match self {
            Value::Quantity(quantity) => quantity.unit(),
            Value::CrowdCount => "{person}",
            Value::CrowdDensity => "{person}/m2",
            Value::AirIndex(_) | Value::AirDay(_) | Value::AirForecast(..) => "1",
            Value::Derived(derived) => derived.entry().unit,
            Value::Silence => "s",
        }
    }

    /// Silence, saturation or quarantine never clear an alert on these.
    pub fn is_safety(self) -> bool {
        match self {
            Value::Quantity(quantity) => quantity.entry().safety,
            Value::Derived(derived) => derived.entry().safety,
            _ => false,
        }
    }

    /// The quantity whose panes are this value's panes; `None` for hours and days and for silence.
    pub fn paced_by(self) -> Option<Quantity> {
        match self {
            Value::Quantity(quantity) => Some(quantity),
            Value::CrowdCount | Value::CrowdDensity => Some(Quantity::PersonCount),
            Value::Derived(derived) => Some(derived.entry().paced_by),
            Value::AirIndex(_) | Value::AirDay(_) | Value::AirForecast(..) | Value::Silence => None,
        }
    }

    /// How long after its pane's end the hour ends that it speaks of; zero for what was measured.
    pub fn ahead(self) -> Millis {
        match self {
            Value::AirForecast(_, ahead) => ahead.hours() as Millis * HOUR,
            _ => 0,
        }
    }

    /// Whether nodes that measure `quantity` have a part in it.
    pub fn rests_on(self, quantity: Quantity) -> bool {
        match self {
            Value::Derived(derived) => derived.quantities().any(|needed| needed == quantity),
            value => value == Value::Quantity(quantity),
        }
    }

    /// From its name in `rules.toml`: a quantity's name, `crowd_count`, `crowd_density`,
    /// `air_index:<standard>`, `air_day:<standard>`, `air_forecast:<standard>:<1h|3h|6h|24h>`, `silence` or the name of a [`Derived`].
    pub fn from_name(name: &str) -> Option<Value> {
        match name {
            "crowd_count" => Some(Value::CrowdCount),
            "crowd_density" => Some(Value::CrowdDensity),
            "silence" => Some(Value::Silence),
            _ => match name.split_once(':') {
                Some(("air_index", standard)) => Standard::from_name(standard).map(Value::AirIndex),
                Some(("air_day", standard)) => Standard::from_name(standard)
                    .filter(|standard| standard.has_days())
                    .map(Value::AirDay),
                Some(("air_forecast", what)) => {
                    let (standard, ahead) = what.rsplit_once(':')?;
                    let standard = Standard::from_name(standard)?;
                    Ahead::from_name(ahead).map(|ahead| Value::AirForecast(standard, ahead))
                }
                Some(_) => None,
                None => Derived::from_name(name)
                    .map(Value::Derived)
                    .or_else(|| name.parse().ok().map(Value::Quantity)),
            },
        }
    }

    /// Every value there can be.
    pub fn all() -> impl Iterator<Item = Value> {
        Quantity::all()
            .map(Value::Quantity)
            .chain([Value::CrowdCount, Value::CrowdDensity, Value::Silence])
            .chain(Standard::ALL.map(Value::AirIndex))
            .chain(
                Standard::ALL
                    .into_iter()
                    .filter(|s| s.has_days())
                    .map(Value::AirDay),
            )
            .chain(
                Standard::ALL.into_iter().flat_map(|standard| {
                    Ahead::ALL.map(|ahead| Value::AirForecast(standard, ahead))
                }),
            )
            .chain(Derived::all().map(Value::Derived))
    }
}

/// The name that [`Value::from_name`] reads.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Quantity(quantity) => f.pad(quantity.name()),
            Value::CrowdCount => f.pad("crowd_count"),
            Value::CrowdDensity => f.pad("crowd_density"),
            Value::AirIndex(standard) => write!(f, "air_index:{standard}"),
            Value::AirDay(standard) => write!(f, "air_day:{standard}"),
            Value::AirForecast(standard, ahead) => write!(f, "air_forecast:{standard}:{ahead}"),
            Value::Derived(derived) => f.pad(derived.entry().name),
            Value::Silence => f.pad("silence"),
        }
    }
}

impl From<Quantity> for Value {
    fn from(quantity: Quantity) -> Value {
        Value::Quantity(quantity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_value() {
        for value in Value::all() {
            assert_eq!(Value::from_name(&value.to_string()), Some(value));
        }
    }
}
