//! `[[quality]]` in `rules.toml`: what a sensor of a quantity must not do, or its readings are withdrawn; and by what they
//! are flagged.

mod flags;

use std::collections::BTreeSet;
use std::sync::Arc;

use pipeline::calendar::{Calendar, Millis};
use pipeline::quality::{DetectorLimits, Neighbours, QualityRule, SPIKES_MAX, Spike};
use pipeline::science::qartod::Thresholds;
use toml::de::DeValue;
use wire::quantity::Summing;
use wire::{Milli, Quantity};

use crate::config::value as read;
use crate::config::{Section, nearest, show_duration};

/// A stuck sensor has said the same in so many panes.
const STUCK_PANES: Millis = 3;

/// Reads the sections; what is wrong goes to their document's problems.
pub(super) fn resolve(sections: Vec<Section<'_>>, calendar: &Calendar) -> Vec<QualityRule> {
    let mut seen = BTreeSet::new();
    let rules = sections.into_iter();
    rules
        .filter_map(|section| rule(section, &mut seen, calendar))
        .collect()
}

fn rule(
    mut section: Section<'_>,
    seen: &mut BTreeSet<Quantity>,
    calendar: &Calendar,
) -> Option<QualityRule> {
    let quantity = section.need("quantity", quantity);
    if let Some(quantity) = quantity {
        section.call(format!("quality {quantity}"));
        if !seen.insert(quantity) {
            section.problem("a second section for this quantity; one says all".to_owned());
        }
    }
    let width = quantity.map_or(0, |quantity| calendar.span(quantity).width);
    let lasts = move |panes: Millis| {
        move |value: &DeValue<'_>| match read::positive_duration(value)? {
            lasting if lasting < panes * width => Err(format!(
                "must be {} or longer: panes are of {}",
                show_duration(panes * width),
                show_duration(width)
            )),
            lasting => Ok(lasting),
        }
    };
    let is_any = ["stuck", "spike", "range", "neighbours", "detector"];
    let mut is_any = is_any.iter().chain(&flags::KEYS);
    let is_any = is_any.any(|key| section.has(key));
    if !is_any {
        let message = "nothing to judge by; one of stuck, spike, range, neighbours, detector or a threshold for flags is expected";
        section.problem(message.to_owned());
    }
    let stuck = section.read("stuck", lasts(STUCK_PANES));
    let spike = spike(&mut section, lasts(1));
    let range = section.read("range", |value| range(value, quantity));
    let neighbours = neighbours(&mut section, lasts(1));
    let detector = detector(&mut section, quantity);
    let recover = section.read("recover", read::duration);
    let flags = flags::resolve(&mut section, quantity, width);
    let flags_jumps = flags.as_ref().is_some_and(|flags| {
        let jumps = [&flags.spike, &flags.neighbour];
        let is_set = |by: &&Thresholds| **by != Thresholds::default();
        flags.rate.is_some() || jumps.iter().any(is_set)
    });
    let goes_round = quantity.is_some_and(|q| q.entry().summing == Summing::Vector);
    if goes_round && (spike.is_some() || neighbours.is_some() || flags_jumps) {
        section.problem(
            "spike, rate and neighbours mean nothing for a direction, which goes round".to_owned(),
        );
    }
    section.finish();
    Some(QualityRule {
        quantity: quantity.filter(|_| is_any)?,
        stuck,
        spike,
        range,
        neighbours,
        detector,
        recover,
        flags: flags.map(Arc::new),
    })
}

fn spike(
    section: &mut Section<'_>,
    lasts: impl FnOnce(&DeValue<'_>) -> Result<Millis, String>,
) -> Option<Spike> {
    if !section.has("spike") {
        alone(section, "spikes", "spike");
        alone(section, "within", "spike");
        return None;
    }
    let by = section.read("spike", positive);
    let count = section.need("spikes", read::whole(1..=SPIKES_MAX));
    let within = section.need("within", lasts);
    Some(Spike {
        by: by?,
        count: count?,
        within: within?,
    })
}

fn neighbours(
    section: &mut Section<'_>,
    lasts: impl FnOnce(&DeValue<'_>) -> Result<Millis, String>,
) -> Option<Neighbours> {
    if !section.has("neighbours") {
        alone(section, "for", "neighbours");
        return None;
    }
    let by = section.read("neighbours", positive);
    let lasting = section.need("for", lasts);
    Some(Neighbours {
        by: by?,
        lasting: lasting?,
    })
}

/// `detector = true`: the failures of loop detectors on a main road, each of which may be looked for otherwise, or not.
fn detector(section: &mut Section<'_>, quantity: Option<Quantity>) -> Option<DetectorLimits> {
    const KEYS: [&str; 5] = [
        "no_hits",
        "chatter",
        "locked_on",
        "no_change",
        "occupancy_spikes",
    ];
    let is_detector = section.has("detector") && section.read("detector", read::boolean)?;
    let mut limits = DetectorLimits::main_road(quantity?);
    if !is_detector {
        for key in KEYS {
            alone(section, key, "detector = true");
        }
        return None;
    }
    let Some(limits) = &mut limits else {
        let message = "detector = true is for vehicle_count and lane_occupancy";
        section.problem(message.to_owned());
        for key in KEYS {
            section.read(key, |_| Ok(()));
        }
        return None;
    };
    let at_most = |value: &DeValue<'_>| match value.as_str() {
        Some("off") => Ok(None),
        _ => read::positive_duration(value).map(Some),
    };
    if quantity == Some(Quantity::VehicleCount) {
        let vehicles = |value: &DeValue<'_>| match value.as_str() {
            Some("off") => Ok(None),
            _ => positive(value).map(Some),
        };
        limits.no_hits = section.read("no_hits", at_most).unwrap_or(limits.no_hits);
        limits.chatter = section.read("chatter", vehicles).unwrap_or(limits.chatter);
    } else {
        limits.locked_on = section
            .read("locked_on", at_most)
            .unwrap_or(limits.locked_on);
        limits.no_change = section
            .read("no_change", at_most)
            .unwrap_or(limits.no_change);
        let spikes = section.read("occupancy_spikes", at_most);
        limits.occupancy_spikes = spikes.unwrap_or(limits.occupancy_spikes);
    }
    Some(*limits)
}

/// A key that means nothing without another.
fn alone(section: &mut Section<'_>, key: &'static str, other: &str) {
    if section.has(key) {
        section.problem(format!("{key} means nothing without {other}"));
        section.read(key, |_| Ok(()));
    }
}

fn quantity(value: &DeValue<'_>) -> Result<Quantity, String> {
    let name = read::text(value)?;
    name.parse().map_err(|_| {
        let hint = nearest(&name, Quantity::all().map(Quantity::name));
        format!("`{name}` is no quantity{hint}")
    })
}

fn positive(value: &DeValue<'_>) -> Result<Milli, String> {
    match read::decimal(value)? {
        by if by > Milli::ZERO => Ok(by),
        by => Err(format!("more than 0 is expected, not {by}")),
    }
}

/// `[least, greatest]`, both of which the sensor can say.
fn range(value: &DeValue<'_>, quantity: Option<Quantity>) -> Result<(Milli, Milli), String> {
    let mut items = value.as_array().into_iter().flatten();
    let (Some(low), Some(high), None) = (items.next(), items.next(), items.next()) else {
        return Err("two numbers are expected, such as [0, 500]".to_owned());
    };
    let (low, high) = (
        read::decimal(low.get_ref())?,
        read::decimal(high.get_ref())?,
    );
    if low >= high {
        return Err(format!(
            "the first must be less than the second, not [{low}, {high}]"
        ));
    }
    if let Some(quantity) = quantity {
        let (least, greatest) = quantity.entry().plausible;
        if low <= least && high >= greatest {
            return Err(format!(
                "never left: {quantity} beyond {least} to {greatest} {} is refused at the door",
                quantity.unit()
            ));
        }
    }
    Ok((low, high))
}

/// One line a rule for people: `water_level: the same for 20m; withdrawn until 5m after`.
pub fn describe(rule: &QualityRule) -> String {
    let unit = rule.quantity.unit();
    let mut bad = Vec::new();
    if let Some(lasting) = rule.stuck {
        bad.push(format!("the same for {}", show_duration(lasting)));
    }
    if let Some(Spike { by, count, within }) = rule.spike {
        let within = show_duration(within);
        bad.push(format!("{count} jumps by {by} {unit} within {within}"));
    }
    if let Some((low, high)) = rule.range {
        bad.push(format!("outside {low} to {high} {unit}"));
    }
    if let Some(Neighbours { by, lasting }) = rule.neighbours {
        let lasting = show_duration(lasting);
        bad.push(format!("{by} {unit} from its neighbours for {lasting}"));
    }
    if let Some(limits) = rule.detector {
        describe_detector(&limits, &mut bad);
    }
    let recover = match rule.recover {
        Some(recover) => format!("until {} after", show_duration(recover)),
        None if rule.detector.is_some() => "until it is good again".to_owned(),
        None => "until as long after".to_owned(),
    };
    let mut found = Vec::new();
    if let Some(flags) = &rule.flags {
        flags::describe(flags, unit, &mut found);
        if let Some(fails) = flags.fails {
            let within = show_duration(fails.within);
            bad.push(format!("{} failing panes within {within}", fails.count));
        }
    }
    let mut text = format!("{}:", rule.quantity);
    if !bad.is_empty() {
        text += &format!(" {}; withdrawn {recover}", bad.join(", or "));
    }
    if !found.is_empty() {
        let end = if bad.is_empty() { "" } else { ";" };
        text += &format!("{end} flagged: {}", found.join(", "));
    }
    text
}

fn describe_detector(limits: &DetectorLimits, bad: &mut Vec<String>) {
    let lasting = |what: &str, limit: Option<Millis>| {
        limit.map(|limit| format!("{what} {}", show_duration(limit)))
    };
    let chatter = limits.chatter;
    bad.extend(lasting("no vehicle for", limits.no_hits));
    bad.extend(chatter.map(|vehicles| format!("{vehicles} vehicles in 30s")));
    bad.extend(lasting("occupied for", limits.locked_on));
    bad.extend(lasting("one occupancy for", limits.no_change));
    let spikes = limits.occupancy_spikes;
    bad.extend(lasting("occupancy jumps for more than", spikes));
}
