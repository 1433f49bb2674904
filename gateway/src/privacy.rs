//! The one way out for figures about people: a number so small that it points at persons is shown as a range.
//!
//! Everything that leaves the gateway or a replay (page, API, metrics, topics, files) asks here first. A
//! withheld figure is never shown as zero, and never added into another output.

use std::fmt;

use pipeline::calendar::MINUTE;
use pipeline::city::Zone;
use pipeline::derived::Derived;
use pipeline::exposure::People;
use pipeline::output::Figures;
use pipeline::rules::Value;
use pipeline::science::crowd::LevelOfService;
use pipeline::science::crowd::gate::specific_flow;
use pipeline::science::crowd::level::Scheme;
use serde::Serialize;
use wire::milli::divide_rounded;
use wire::{Milli, Quantity};

/// Fewest persons that are shown as a number; 0 and 1 withhold nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Floor(pub u32);

/// What of a zone a figure about people follows from, beside them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ground {
    /// Usable, in thousandths of a square metre; 0 when unknown.
    pub area: Milli,
    /// In thousandths of a metre; 0 when unknown.
    pub narrowest_gate: Milli,
    pub levels: Scheme,
}

impl From<&Zone> for Ground {
    fn from(zone: &Zone) -> Ground {
        Ground {
            area: zone.area,
            narrowest_gate: zone.settings.narrowest_gate,
            levels: zone.settings.crowd_levels,
        }
    }
}

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

    /// What may be shown of `figure`, a figure of `value` in a zone that is so built.
    pub fn shown(self, value: Value, figure: Milli, ground: Ground) -> Shown {
        match self.limit(value, ground) {
            Some(limit) if figure > Milli::ZERO && figure < limit => Shown::Under(limit),
            _ => Shown::Exact(figure),
        }
    }

    /// A pane's mean, least and greatest as they may be shown: where the mean is withheld its bounds are too, because
    /// they follow from it.
    pub fn shown_all(self, value: Value, figures: &Figures, ground: Ground) -> [Shown; 3] {
        let mean = self.shown(value, figures.mean, ground);
        match mean {
            Shown::Under(_) => [mean; 3],
            Shown::Exact(_) => [
                mean,
                self.shown(value, figures.min, ground),
                self.shown(value, figures.max, ground),
            ],
        }
    }

    /// Below this a figure of `value` is about so few persons that it is withheld.
    ///
    /// A crowd's pressure, speeds and time to danger need none: they are told of many people only, and of no fewer
    /// than the floor (`ZoneSettings::fewest_people`).
    fn limit(self, value: Value, ground: Ground) -> Option<Milli> {
        let persons = Milli::whole(i64::from(self.0));
        if self.0 <= 1 {
            return None;
        }
        let Ground {
            area,
            narrowest_gate,
            levels,
        } = ground;
        let of_area = || {
            let limit = divide_rounded(i128::from(persons.0) * 1000, i128::from(area.0));
            Milli(i64::try_from(limit).unwrap_or(i64::MAX))
        };
        match value {
            Value::CrowdCount
            | Value::Quantity(Quantity::PersonCount | Quantity::PersonsIn | Quantity::PersonsOut) => {
                Some(persons)
            }
            Value::CrowdDensity if area > Milli::ZERO => Some(of_area()),
            // On little ground a level tells how few there are; the freest says nothing of anybody.
            Value::Derived(Derived::CrowdLevel) if area > Milli::ZERO => {
                let full = levels.level(of_area());
                (full > LevelOfService::A).then(|| Milli::whole(i64::from(full.number()) + 1))
            }
            // So few through the narrowest gate in the minute that it is told of.
            Value::Derived(Derived::GateFlow) if narrowest_gate > Milli::ZERO => {
                specific_flow(persons, narrowest_gate, MINUTE)
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
        let area = |metres| Ground {
            area: Milli::whole(metres),
            narrowest_gate: Milli(2_000),
            levels: Scheme::FruinWalkway,
        };
        let derived = Value::Derived;
        for (value, figure, metres, text) in [
            (Value::CrowdCount, Milli::ZERO, 100, "0"),
            (Value::CrowdCount, Milli(1), 100, "<5"),
            (Value::CrowdCount, Milli::whole(4), 100, "<5"),
            (Value::CrowdCount, Milli::whole(5), 100, "5"),
            (Value::Quantity(Quantity::PersonsOut), Milli::ONE, 100, "<5"),
            (Value::CrowdDensity, Milli(49), 100, "<0.05"),
            (Value::CrowdDensity, Milli(50), 100, "0.05"),
            // Five on ten square metres are 0.5 a square metre, level C: A, B and C may be fewer.
            (derived(Derived::CrowdLevel), Milli::whole(1), 10, "<4"),
            (derived(Derived::CrowdLevel), Milli::whole(3), 10, "<4"),
            (derived(Derived::CrowdLevel), Milli::whole(4), 10, "4"),
            (derived(Derived::CrowdLevel), Milli::whole(1), 100, "1"),
            // Five in a minute through two metres.
            (derived(Derived::GateFlow), Milli(2_499), 100, "<2.5"),
            (derived(Derived::GateFlow), Milli(2_500), 100, "2.5"),
            (derived(Derived::GateFlow), Milli::ZERO, 100, "0"),
            (Value::Quantity(Quantity::Pm2_5), Milli::ONE, 100, "1"),
        ] {
            assert_eq!(
                floor.shown(value, figure, area(metres)).to_string(),
                text,
                "{value} {figure}"
            );
        }
    }

    /// A count of 4 with a tenth more at most would tell itself by 4.4, and a count of 4.8 by 5.28.
    #[test]
    fn bounds_of_a_withheld_figure_are_withheld() {
        let figures = Figures {
            mean: Milli(4_800),
            min: Milli(4_320),
            max: Milli(5_280),
            ..Figures::default()
        };
        let all = Floor(5).shown_all(Value::CrowdCount, &figures, Ground::default());
        assert_eq!(all.map(|shown| shown.to_string()), ["<5"; 3]);
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
        let ground = Ground::default();
        let shown = Floor(0).shown(Value::CrowdCount, Milli::ONE, ground);
        assert_eq!(shown, Shown::Exact(Milli::ONE));
        // Without an area there is no density to withhold, and no division by nothing.
        let shown = Floor(9).shown(Value::CrowdDensity, Milli::ONE, ground);
        assert_eq!(shown.drawn_at(), Milli::ONE);
    }
}
