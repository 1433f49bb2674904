//! The one way out for figures about people: a number so small that it points at persons is shown as a range.
//!
//! Everything that leaves the gateway or a replay (page, API, metrics, topics, files) asks here first. A
//! withheld figure is never shown as zero, and never added into another output.

use std::fmt;

use pipeline::exposure::People;
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

/// People exposed to something, as it may be shown: `null` is more than nobody and fewer than `under`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ShownPeople {
    pub people: Option<i64>,
    pub low: Option<i64>,
    pub high: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under: Option<u32>,
}

/// `about 120 (40 to 300)`, with ranges for what is withheld.
impl fmt::Display for ShownPeople {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let under = self.under.unwrap_or_default();
        let text = |figure: Option<i64>| match figure {
            Some(figure) => figure.to_string(),
            None => format!("<{under}"),
        };
        let (people, low, high) = (text(self.people), text(self.low), text(self.high));
        write!(f, "{people} ({low} to {high})")
    }
}

impl Floor {
    /// What may be shown of people exposed: each figure by itself.
    pub fn people(self, people: &People) -> ShownPeople {
        let shown = |figure: i64| (figure == 0 || figure >= i64::from(self.0)).then_some(figure);
        let People { people, low, high } = *people;
        let [people, low, high] = [people, low, high].map(shown);
        let is_withheld = [people, low, high].contains(&None);
        ShownPeople {
            people,
            low,
            high,
            under: is_withheld.then_some(self.0),
        }
    }

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
    fn few_people_exposed_are_a_range_and_many_are_not() {
        let people = |people, low, high| Floor(5).people(&People { people, low, high });
        assert_eq!(people(12, 3, 40).to_string(), "12 (<5 to 40)");
        assert_eq!(people(0, 0, 7).under, None);
        assert_eq!(people(4, 0, 4).to_string(), "<5 (0 to <5)");
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
