//! What QARTOD's tests find in a sensor's panes: each pane asked for by itself, from all panes of the sensor, in plain numbers.

use std::rc::Rc;

use pipeline::calendar::{Calendar, Millis};
use pipeline::city::NodeIx;
use pipeline::science::qartod::climatology::When;
use pipeline::science::qartod::pane::FlagRule;
use wire::{Milli, Quantity};

use super::is_sealed;
use super::quality::{Bad, Pane, Sensors};
use super::worlds::World;

/// The numbers that QARTOD gives: 1 is good, 2 not evaluated, 3 suspect, 4 fail.
type Flag = u8;

/// The median of a zone's other nodes: both in the middle of an even number.
pub(super) type Others = Option<(Milli, Milli)>;

/// All panes of a sensor with their worst flags.
pub(super) type Flagged = Vec<(Pane, Flag)>;

impl Sensors {
    /// Whether the pane that starts then is suspect, or fails.
    pub(super) fn suspect(
        &self,
        world: &World,
        (node, quantity): (NodeIx, Quantity),
        start: Millis,
    ) -> bool {
        let flagged = self.flagged(world, node, quantity);
        let place = flagged.binary_search_by_key(&start, |((at, ..), _)| *at);
        place.is_ok_and(|place| flagged[place].1 >= 3)
    }

    pub(super) fn flagged(&self, world: &World, node: NodeIx, quantity: Quantity) -> Rc<Flagged> {
        let key = (world.number, node, quantity);
        let known = self.flagged.borrow().get(&key).cloned();
        known.unwrap_or_else(|| {
            let flagged = Rc::new(self.flag(world, node, quantity));
            self.flagged.borrow_mut().insert(key, flagged.clone());
            flagged
        })
    }

    fn flag(&self, world: &World, node: NodeIx, quantity: Quantity) -> Flagged {
        let rule = world.quality.iter().find(|rule| rule.quantity == quantity);
        let says = |node: &pipeline::city::Node| {
            node.quantities.is_empty() || node.quantities.contains(&quantity)
        };
        let (Some(rule), Some(true)) = (
            rule.and_then(|rule| rule.flags.as_ref()),
            world.node(node).map(says),
        ) else {
            return Vec::new();
        };
        let horizon = self.calendar.span(quantity).horizon;
        let since = world.flagged_since(node, quantity);
        let own = self.panes.get(&(node, quantity)).into_iter().flatten();
        let panes: Vec<Pane> = own
            .filter(|(_, end, _)| !is_sealed(*end + horizon, since))
            .copied()
            .collect();
        let flag = |(place, pane): (usize, &Pane)| {
            let others = self.others(world, node, quantity, pane.0);
            (*pane, worst(rule, &self.calendar, &panes, place, others))
        };
        panes.iter().enumerate().map(flag).collect()
    }

    /// The median of the zone's other nodes in a pane, both in the middle of an even number; of two at least.
    pub(super) fn others(
        &self,
        world: &World,
        node: NodeIx,
        quantity: Quantity,
        start: Millis,
    ) -> Others {
        let zone = world.node(node).and_then(|node| node.zone);
        let mut others: Vec<Milli> = Vec::new();
        for ((other, measured), theirs) in &self.panes {
            let beside = world.node(*other).and_then(|node| node.zone) == zone;
            if *measured == quantity && *other != node && beside && zone.is_some() {
                let same = theirs.binary_search_by_key(&start, |(at, ..)| *at);
                others.extend(same.ok().map(|place| theirs[place].2.figure));
            }
        }
        others.sort();
        let half = others.len() / 2;
        match others.len() {
            0 | 1 => None,
            even if even.is_multiple_of(2) => Some((others[half - 1], others[half])),
            _ => Some((others[half], others[half])),
        }
    }
}

/// The worst flag of a pane, but for the gap before it.
fn worst(
    rule: &FlagRule,
    calendar: &Calendar,
    panes: &[Pane],
    place: usize,
    others: Others,
) -> Flag {
    let (start, _, pane) = panes[place];
    let outside = |limits: Option<(Milli, Milli)>, least: Milli, greatest: Milli| {
        limits.is_some_and(|(low, high)| least < low || greatest > high)
    };
    let mut flags: Vec<Flag> = Vec::new();
    if rule.suspect_range.is_some() || rule.fail_range.is_some() {
        flags.push(match pane.saturated {
            _ if outside(rule.fail_range, pane.min, pane.max) => 4,
            true => 3,
            false if outside(rule.suspect_range, pane.min, pane.max) => 3,
            false => 1,
        });
    }
    if !pane.saturated {
        let month = month_by_counting(start + calendar.local.offset(start));
        for season in &rule.climatology {
            let When::Months(months) = season.when else {
                panic!("only months can be written in a rule");
            };
            if months >> (month - 1) & 1 == 1 {
                flags.push(match () {
                    () if outside(season.fail, pane.figure, pane.figure) => 4,
                    () if outside(season.suspect, pane.figure, pane.figure) => 3,
                    () => 1,
                });
            }
        }
        flags.push(spike(rule, panes, place));
        flags.push(rate(rule, panes, place));
        flags.push(flat(rule, panes, place));
        if let Some((low, high)) = others {
            let off = (pane.figure.0 - high.0).max(low.0 - pane.figure.0);
            flags.push(past(off, rule.neighbour.suspect, rule.neighbour.fail));
        }
    }
    let worst = flags.iter().filter(|flag| **flag != 2).max();
    worst.copied().unwrap_or(2)
}

fn past(measure: i64, suspect: Option<Milli>, fail: Option<Milli>) -> Flag {
    match () {
        () if fail.is_some_and(|limit| measure > limit.0) => 4,
        () if suspect.is_some_and(|limit| measure > limit.0) => 3,
        () => 1,
    }
}

fn is_near(rule: &FlagRule, panes: &[Pane], one: usize, next: usize) -> bool {
    rule.gap
        .is_none_or(|gap| panes[next].0 - panes[one].0 <= gap)
}

fn spike(rule: &FlagRule, panes: &[Pane], place: usize) -> Flag {
    let is_inside = place > 0 && place + 1 < panes.len();
    let beside = |place: usize| {
        let near = is_near(rule, panes, place - 1, place) && is_near(rule, panes, place, place + 1);
        near && !panes[place - 1].2.saturated && !panes[place + 1].2.saturated
    };
    if !is_inside || !beside(place) {
        return 2;
    }
    let figure = |place: usize| panes[place].2.figure.0;
    // Halves of a thousandth count: everything doubled.
    let off = (2 * figure(place) - figure(place - 1) - figure(place + 1)).abs();
    let doubled = |limit: Option<Milli>| limit.map(|limit| Milli(2 * limit.0));
    past(off, doubled(rule.spike.suspect), doubled(rule.spike.fail))
}

fn rate(rule: &FlagRule, panes: &[Pane], place: usize) -> Flag {
    let Some(rates) = rule.rate else { return 2 };
    if place == 0 || !is_near(rule, panes, place - 1, place) {
        return 1;
    }
    let change = (panes[place].2.figure.0 - panes[place - 1].2.figure.0).abs();
    let lasted = panes[place].0 - panes[place - 1].0;
    let in_time = |limit: Option<Milli>| limit.map(|limit| Milli(limit.0 * lasted));
    past(
        change * rates.per,
        in_time(rates.by.suspect),
        in_time(rates.by.fail),
    )
}

fn flat(rule: &FlagRule, panes: &[Pane], place: usize) -> Flag {
    let Some(flat) = rule.flat else { return 2 };
    let longest = flat.suspect.max(flat.fail).unwrap_or(0);
    let is_for = |lasting: Millis| {
        (0..place.saturating_sub(1)).any(|first| {
            let run = &panes[first..=place];
            let least = run.iter().map(|(.., pane)| pane.min).min();
            let greatest = run.iter().map(|(.., pane)| pane.max).max();
            let holds = run
                .windows(2)
                .all(|pair| pair[1].0 - pair[0].0 <= rule.gap.unwrap_or(longest));
            let within = greatest
                .zip(least)
                .is_some_and(|(g, l)| g.0 - l.0 < flat.tolerance.0);
            let whole = run.iter().all(|(.., pane)| !pane.saturated);
            holds && within && whole && panes[place].0 - run[0].0 >= lasting
        })
    };
    match () {
        () if flat.fail.is_some_and(is_for) => 4,
        () if flat.suspect.is_some_and(is_for) => 3,
        () => 1,
    }
}

/// Runs of failing panes that are too many: start, end, and how long after it readings stay withdrawn.
pub(super) fn failing(rule: &FlagRule, recover: Option<Millis>, failing: &[Pane]) -> Vec<Bad> {
    let Some(fails) = rule.fails else {
        return Vec::new();
    };
    failing
        .windows(fails.count as usize)
        .map(|run| (run[0].0, run[run.len() - 1].1))
        .filter(|(from, end)| end - from <= fails.within)
        .map(|(from, end)| (from, end, recover.unwrap_or(fails.within)))
        .collect()
}

/// 1 to 12, counted month by month from 1970.
fn month_by_counting(local: Millis) -> u32 {
    let mut days = local.div_euclid(86_400_000);
    for year in 1970.. {
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let february = 28 + i64::from(is_leap);
        for (length, month) in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            .into_iter()
            .zip(1..)
        {
            if days < length {
                return month;
            }
            days -= length;
        }
    }
    0
}
