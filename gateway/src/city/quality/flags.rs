//! The part of `[[quality]]` by which panes are flagged: QARTOD's tests, each with a threshold beyond which a pane is
//! suspect and one beyond which it fails.

use pipeline::calendar::Millis;
use pipeline::quality::SPIKES_MAX;
use pipeline::science::qartod::climatology::{Season, When};
use pipeline::science::qartod::pane::{Fails, FlagRule, FlatFor};
use pipeline::science::qartod::rate_of_change::Rates;
use pipeline::science::qartod::{Limits, Thresholds};
use toml::de::DeValue;
use wire::{Milli, Quantity};

use super::{alone, positive, range};
use crate::config::value as read;
use crate::config::{Section, show_duration};

/// Any of them makes flags.
pub(super) const KEYS: [&str; 12] = [
    "suspect_range",
    "fail_range",
    "suspect_spike",
    "fail_spike",
    "suspect_rate",
    "fail_rate",
    "suspect_flat",
    "fail_flat",
    "gap",
    "suspect_neighbours",
    "fail_neighbours",
    "climatology",
];

/// A line is of so many panes.
const FLAT_PANES: Millis = 3;

/// What the section says of flags; `None` where it says nothing.
pub(super) fn resolve(
    section: &mut Section<'_>,
    quantity: Option<Quantity>,
    width: Millis,
) -> Option<FlagRule> {
    let is_any = KEYS.iter().any(|key| section.has(key));
    let fails_at_all = KEYS
        .iter()
        .any(|key| key.starts_with("fail") && section.has(key));
    let lasts = |panes: Millis| move |value: &DeValue<'_>| lasting(value, panes, width);
    let suspect_range = section.read("suspect_range", |value| range(value, quantity));
    let fail_range = section.read("fail_range", |value| range(value, quantity));
    nested(
        section,
        "suspect_range",
        "fail_range",
        (suspect_range, fail_range),
    );
    let spike = thresholds(section, "suspect_spike", "fail_spike");
    let by = thresholds(section, "suspect_rate", "fail_rate");
    let rate = match by == Thresholds::default() {
        true => {
            alone(section, "per", "suspect_rate or fail_rate");
            None
        }
        false => section
            .need("per", read::positive_duration)
            .map(|per| Rates { by, per }),
    };
    let (suspect, fail) = (
        section.read("suspect_flat", lasts(FLAT_PANES)),
        section.read("fail_flat", lasts(FLAT_PANES)),
    );
    ordered(section, "suspect_flat", "fail_flat", (suspect, fail));
    let flat = match suspect.or(fail) {
        None => {
            alone(section, "flat_within", "suspect_flat or fail_flat");
            None
        }
        // Nothing lies within less than nothing: the test would never fire.
        Some(_) => section
            .need("flat_within", positive)
            .map(|tolerance| FlatFor {
                suspect,
                fail,
                tolerance,
            }),
    };
    let gap = section.read("gap", lasts(1));
    let neighbour = thresholds(section, "suspect_neighbours", "fail_neighbours");
    let climatology: Vec<Season> = section
        .sections("climatology")
        .into_iter()
        .filter_map(|part| season(part, quantity))
        .collect();
    let fails_here = fails_at_all || climatology.iter().any(|season| season.fail.is_some());
    let fails = fails(section, fails_here, lasts(1));
    is_any.then_some(FlagRule {
        suspect_range,
        fail_range,
        climatology,
        spike,
        rate,
        flat,
        gap,
        neighbour,
        fails,
    })
}

fn lasting(value: &DeValue<'_>, panes: Millis, width: Millis) -> Result<Millis, String> {
    match read::positive_duration(value)? {
        lasting if lasting < panes * width => Err(format!(
            "must be {} or longer: panes are of {}",
            show_duration(panes * width),
            show_duration(width)
        )),
        lasting => Ok(lasting),
    }
}

fn thresholds(section: &mut Section<'_>, suspect: &'static str, fail: &'static str) -> Thresholds {
    let found = (
        section.read(suspect, positive),
        section.read(fail, positive),
    );
    ordered(section, suspect, fail, found);
    Thresholds {
        suspect: found.0,
        fail: found.1,
    }
}

/// What fails is suspect long before.
fn ordered<T: Ord>(
    section: &Section<'_>,
    suspect: &str,
    fail: &str,
    found: (Option<T>, Option<T>),
) {
    if let (Some(first), Some(second)) = found
        && first >= second
    {
        section.problem(format!("{suspect} must be less than {fail}"));
    }
}

fn nested(
    section: &Section<'_>,
    suspect: &str,
    fail: &str,
    found: (Option<Limits>, Option<Limits>),
) {
    if let (Some((low, high)), Some((least, greatest))) = found
        && (low < least || high > greatest)
    {
        section.problem(format!("{suspect} must lie within {fail}"));
    }
}

fn season(mut part: Section<'_>, quantity: Option<Quantity>) -> Option<Season> {
    let says_nothing = !part.has("suspect") && !part.has("fail");
    let months = part.need("months", months);
    let suspect = part.read("suspect", |value| range(value, quantity));
    let fail = part.read("fail", |value| range(value, quantity));
    nested(&part, "suspect", "fail", (suspect, fail));
    if says_nothing {
        part.problem(
            "suspect or fail is expected: what is usual then, or can be at all".to_owned(),
        );
    }
    part.finish();
    Some(Season {
        when: When::Months(months?),
        suspect,
        fail,
    })
}

fn months(value: &DeValue<'_>) -> Result<u16, String> {
    let month = read::whole(1..=12);
    let months = value
        .as_array()
        .ok_or("months from 1 to 12 are expected, such as [12, 1, 2]")?;
    let bits = months
        .iter()
        .map(|item| Ok::<_, String>(1_u16 << (month(item.get_ref())? - 1)));
    let mut all = 0;
    for bit in bits {
        all |= bit?;
    }
    match all {
        0 => Err("at least one month is expected".to_owned()),
        all => Ok(all),
    }
}

fn fails(
    section: &mut Section<'_>,
    can_fail: bool,
    lasts: impl FnOnce(&DeValue<'_>) -> Result<Millis, String>,
) -> Option<Fails> {
    if !section.has("fails") {
        alone(section, "fails_within", "fails");
        return None;
    }
    if !can_fail {
        section.problem(
            "fails means nothing without a threshold beyond which a pane fails".to_owned(),
        );
    }
    let count = section.need("fails", read::whole(1..=SPIKES_MAX));
    let within = section.need("fails_within", lasts);
    Some(Fails {
        count: count?,
        within: within?,
    })
}

/// What is found of panes, for people: `suspect beyond 0 to 500 ug/m3`.
pub(super) fn describe(rule: &FlagRule, unit: &str, found: &mut Vec<String>) {
    let span = |(low, high): Limits| format!("{low} to {high} {unit}");
    let by = |what: &str, thresholds: &Thresholds| {
        let past = |flag, by: Option<Milli>| by.map(|by| format!("{flag} {what} {by} {unit}"));
        [
            past("suspect", thresholds.suspect),
            past("fail", thresholds.fail),
        ]
    };
    let lasting = |flag: &str, lasting: Option<Millis>, flat: &FlatFor| {
        lasting.map(|lasting| {
            let within = flat.tolerance;
            format!(
                "{flag} within {within} {unit} for {}",
                show_duration(lasting)
            )
        })
    };
    found.extend(
        rule.suspect_range
            .map(|range| format!("suspect outside {}", span(range))),
    );
    found.extend(
        rule.fail_range
            .map(|range| format!("fail outside {}", span(range))),
    );
    let seasons = rule.climatology.len();
    if seasons > 0 {
        let plural = if seasons == 1 { "season" } else { "seasons" };
        found.push(format!("by {seasons} {plural}"));
    }
    found.extend(
        by("off its neighbours in time by", &rule.spike)
            .into_iter()
            .flatten(),
    );
    if let Some(Rates { by: rate, per }) = &rule.rate {
        let per = show_duration(*per);
        let rates = by("changing by", rate).into_iter().flatten();
        found.extend(rates.map(|rate| format!("{rate} in {per}")));
    }
    if let Some(flat) = &rule.flat {
        found.extend(lasting("suspect", flat.suspect, flat));
        found.extend(lasting("fail", flat.fail, flat));
    }
    found.extend(
        rule.gap
            .map(|gap| format!("a gap after {}", show_duration(gap))),
    );
    found.extend(
        by("off the zone's other nodes by", &rule.neighbour)
            .into_iter()
            .flatten(),
    );
}
