//! The one way out for figures about people: a number so small that it points at persons is shown as a range.
//!
//! Everything that leaves the gateway or a replay (page, API, metrics, topics, files) asks here first. A
//! withheld figure is never shown as zero, and never added into another output.

use std::fmt;

use pipeline::rules::Value;
use serde::Serialize;
use wire::milli::divide_rounded;
use wire::{Milli, Quantity};

/// Fewest persons that are shown as a number; 0 and 1 withhold nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Floor(pub u32);

/// A figure as it may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Shown {
    Exact(Milli),
    /// More than nothing and less than this.
    Under(Milli),
}

impl Floor {
    /// What may be shown of `figure`, a figure of `value` in a zone of `area` (thousandths of a square
    /// metre, 0 when unknown).
    pub fn shown(self, value: Value, figure: Milli, area: Milli) -> Shown {
        match self.limit(value, area) {
            Some(limit) if figure > Milli::ZERO && figure < limit => Shown::Under(limit),
            _ => Shown::Exact(figure),
        }
    }

    /// Below this a figure of `value` is about so few persons that it is withheld.
    fn limit(self, value: Value, area: Milli) -> Option<Milli> {
        let persons = Milli::whole(i64::from(self.0));
        match value {
            Value::CrowdCount
            | Value::Quantity(Quantity::PersonCount | Quantity::PersonsIn | Quantity::PersonsOut) => {
                Some(persons)
            }
            Value::CrowdDensity if area > Milli::ZERO => {
                let limit = divide_rounded(i128::from(persons.0) * 1000, i128::from(area.0));
                Some(Milli(i64::try_from(limit).unwrap_or(i64::MAX)))
            }
            _ => None,
        }
    }
}

impl Shown {
    /// The number, unless it is withheld.
    pub fn exact(self) -> Option<Milli> {
        match self {
            Shown::Exact(figure) => Some(figure),
            Shown::Under(_) => None,
        }
    }

    /// Where to draw it: a withheld figure stands at the upper end of its range, which says nothing more.
    pub fn drawn_at(self) -> Milli {
        match self {
            Shown::Exact(figure) | Shown::Under(figure) => figure,
        }
    }
}

/// `3.5`, or `<5` for a withheld one.
impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shown::Exact(figure) => write!(f, "{figure}"),
            Shown::Under(limit) => write!(f, "<{limit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_persons_are_a_range_and_none_are_none() {
        let floor = Floor(5);
        let area = Milli::whole(100);
        for (value, figure, text) in [
            (Value::CrowdCount, Milli::ZERO, "0"),
            (Value::CrowdCount, Milli(1), "<5"),
            (Value::CrowdCount, Milli::whole(4), "<5"),
            (Value::CrowdCount, Milli::whole(5), "5"),
            (Value::Quantity(Quantity::PersonsOut), Milli::ONE, "<5"),
            (Value::CrowdDensity, Milli(49), "<0.05"),
            (Value::CrowdDensity, Milli(50), "0.05"),
            (Value::Quantity(Quantity::Pm2_5), Milli::ONE, "1"),
        ] {
            assert_eq!(
                floor.shown(value, figure, area).to_string(),
                text,
                "{value} {figure}"
            );
        }
    }

    #[test]
    fn without_a_floor_nothing_is_withheld() {
        let shown = Floor(0).shown(Value::CrowdCount, Milli::ONE, Milli::ZERO);
        assert_eq!(shown, Shown::Exact(Milli::ONE));
        // Without an area there is no density to withhold, and no division by nothing.
        let shown = Floor(9).shown(Value::CrowdDensity, Milli::ONE, Milli::ZERO);
        assert_eq!(shown.drawn_at(), Milli::ONE);
    }
}
