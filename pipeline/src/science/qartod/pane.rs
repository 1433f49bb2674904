//! The tests that the dataflow asks of a sensor, pane by pane.
//!
//! The stream of a sensor is that of its panes: a pane counts as one value, its mean, at its start; gross range and flat
//! line look at its least and greatest reading. A pane without readings is no value and makes no row; two panes with more
//! than `gap` from start to start have something missing between them. A saturated pane says no more than «at least»:
//! it is suspect by gross range and not evaluated by the tests that would take it for a value. A test whose thresholds
//! are not set is not evaluated.

use serde::{Deserialize, Serialize};
use wire::Milli;

use super::climatology::{Season, climatology};
use super::gross_range::gross_range;
use super::neighbour::neighbour;
use super::rate_of_change::{Rates, rate_of_change};
use super::spike::{Method, spike};
use super::time_gap::time_gap;
use super::{Flag, Limits, Point, Thresholds, aggregate};
use crate::calendar::Millis;
use crate::science::quality::Seen;

/// Which test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    GrossRange,
    Climatology,
    Spike,
    RateOfChange,
    FlatLine,
    Gap,
    Neighbour,
}

impl Test {
    pub const ALL: [Test; 7] = [
        Test::GrossRange,
        Test::Climatology,
        Test::Spike,
        Test::RateOfChange,
        Test::FlatLine,
        Test::Gap,
        Test::Neighbour,
    ];

    /// As metrics and API say it.
    pub const fn name(self) -> &'static str {
        match self {
            Test::GrossRange => "gross_range",
            Test::Climatology => "climatology",
            Test::Spike => "spike",
            Test::RateOfChange => "rate_of_change",
            Test::FlatLine => "flat_line",
            Test::Gap => "gap",
            Test::Neighbour => "neighbour",
        }
    }
}

/// The thresholds of a quantity's sensors.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FlagRule {
    pub suspect_range: Option<Limits>,
    pub fail_range: Option<Limits>,
    pub climatology: Vec<Season>,
    /// By the average method.
    pub spike: Thresholds,
    pub rate: Option<Rates>,
    pub flat: Option<FlatFor>,
    /// Longer from pane to pane, and something is missing.
    pub gap: Option<Millis>,
    pub neighbour: Thresholds,
    pub fails: Option<Fails>,
}

/// Flat over at least so much event time, and three panes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FlatFor {
    pub suspect: Option<Millis>,
    pub fail: Option<Millis>,
    pub tolerance: Milli,
}

/// So many failing panes within a time withdraw the sensor's readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fails {
    /// From 1 to [`SPIKES_MAX`](crate::quality::SPIKES_MAX).
    pub count: u32,
    pub within: Millis,
}

impl FlagRule {
    /// How far back a test looks, beside the pane before.
    pub fn looks_back(&self) -> Millis {
        self.flat.map_or(0, |flat| flat.longest())
    }

    /// The longest time that the rule looks back on.
    pub fn window(&self) -> Millis {
        self.looks_back()
            .max(self.fails.map_or(0, |fails| fails.within))
    }

    /// Whether nothing is missing between two panes.
    fn is_near(&self, pane: &Seen, later: &Seen) -> bool {
        let step = later.start.saturating_sub(pane.start);
        self.gap.is_none_or(|gap| step <= gap)
    }
}

impl FlatFor {
    fn longest(&self) -> Millis {
        self.suspect.max(self.fail).unwrap_or(0)
    }
}

/// One flag a test, by [`Test::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Flags(pub [Flag; Test::ALL.len()]);

impl Flags {
    pub fn of(&self, test: Test) -> Flag {
        self.0[test as usize]
    }

    /// The flag of the pane by all tests but the gap before it, which says nothing against what came after.
    pub fn aggregate(&self) -> Flag {
        let others = Test::ALL.into_iter().filter(|test| *test != Test::Gap);
        aggregate(others.map(|test| self.of(test)))
    }

    /// Whether any test found anything.
    pub fn is_news(&self) -> bool {
        self.0.iter().any(|flag| *flag >= Flag::Suspect)
    }
}

/// The flags of a pane. `month` is the local one of its start, 0 is January; `earlier` come newest first; `later` is the
/// next one, if it is known.
pub fn flags<'a>(
    rule: &FlagRule,
    pane: &Seen,
    month: u32,
    earlier: impl Iterator<Item = &'a Seen> + Clone,
    later: Option<&Seen>,
) -> Flags {
    let before = earlier.clone().next();
    let point = |seen: &Seen| Point {
        at: seen.start,
        value: Some(seen.mean),
    };
    let flag = |test: Test| match test {
        Test::GrossRange if rule.suspect_range.or(rule.fail_range).is_some() => {
            let ends = [pane.min, pane.max];
            let ends = ends.map(|end| gross_range(Some(end), rule.suspect_range, rule.fail_range));
            let at_least = [Flag::Good, Flag::Suspect][usize::from(pane.saturated)];
            ends[0].max(ends[1]).max(at_least)
        }
        Test::Gap => match rule.gap {
            Some(gap) => time_gap(before.map(|seen| seen.start), pane.start, gap),
            None => Flag::NotEvaluated,
        },
        Test::Spike => spike_of(rule, before, pane, later),
        _ if pane.saturated => Flag::NotEvaluated,
        Test::Climatology => climatology(point(pane), month, &rule.climatology),
        Test::RateOfChange => match rule.rate {
            Some(rates) => {
                let before = before.filter(|seen| rule.is_near(seen, pane));
                rate_of_change(before.map(point), point(pane), &rates)
            }
            None => Flag::NotEvaluated,
        },
        Test::FlatLine => match rule.flat {
            Some(flat) => flat_line(&flat, rule.gap, pane, earlier.clone()),
            None => Flag::NotEvaluated,
        },
        Test::Neighbour if is_set(&rule.neighbour) => {
            neighbour(Some(pane.mean), pane.others, &rule.neighbour)
        }
        Test::GrossRange | Test::Neighbour => Flag::NotEvaluated,
    };
    Flags(Test::ALL.map(flag))
}

/// The flag of a pane between two others by the spike test; beside a gap, or a saturated pane, it is not evaluated.
pub fn spike_of(rule: &FlagRule, before: Option<&Seen>, pane: &Seen, later: Option<&Seen>) -> Flag {
    if !is_set(&rule.spike) || pane.saturated {
        return Flag::NotEvaluated;
    }
    let before = before.filter(|seen| rule.is_near(seen, pane));
    let later = later.filter(|seen| rule.is_near(pane, seen));
    let mean = |seen: &Seen| (!seen.saturated).then_some(seen.mean);
    let around = [before.and_then(mean), Some(pane.mean), later.and_then(mean)];
    spike(around, Method::Average, &rule.spike)
}

fn is_set(thresholds: &Thresholds) -> bool {
    thresholds.suspect.or(thresholds.fail).is_some()
}

/// Flat as far back as all readings lie within the tolerance; a step that is longer than a gap, or than all that is looked
/// at, begins anew. On a regular stream these are the flags of [`flat_lines`](super::flat_line::flat_lines).
fn flat_line<'a>(
    flat: &FlatFor,
    gap: Option<Millis>,
    pane: &Seen,
    earlier: impl Iterator<Item = &'a Seen>,
) -> Flag {
    let step_max = gap.unwrap_or(flat.longest());
    let (mut min, mut max) = (pane.min, pane.max);
    let is_flat = |min: Milli, max: Milli| {
        i128::from(max.0) - i128::from(min.0) < i128::from(flat.tolerance.0)
    };
    if !is_flat(min, max) {
        return Flag::Good;
    }
    let (mut first, mut panes) = (pane.start, 1_u32);
    for seen in earlier {
        (min, max) = (min.min(seen.min), max.max(seen.max));
        if seen.saturated || first.saturating_sub(seen.start) > step_max || !is_flat(min, max) {
            break;
        }
        (first, panes) = (seen.start, panes.saturating_add(1));
        if panes >= FLAT_PANES && pane.start - first >= flat.longest() {
            break;
        }
    }
    let lasted = pane.start - first;
    let is_for = |lasting: Option<Millis>| {
        panes >= FLAT_PANES && lasting.is_some_and(|lasting| lasted >= lasting)
    };
    match (is_for(flat.fail), is_for(flat.suspect)) {
        (true, _) => Flag::Fail,
        (false, true) => Flag::Suspect,
        (false, false) => Flag::Good,
    }
}

/// Fewer panes are no line.
const FLAT_PANES: u32 = 3;
