//! The engine's last word beside the oracle's: what is missing, what is surplus, what is wrong.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use pipeline::alert::{AlertId, Revision};
use pipeline::calendar::Millis;
use pipeline::city::ZoneIx;
use pipeline::derived::Derived;
use pipeline::input::Input;
use pipeline::output::{Figures, ZoneValue};
use pipeline::rules::{Rule, RuleIx, Value};
use wire::quantity::Summing;
use wire::{Milli, RuleId, ZoneId};

use crate::history::{History, Standing, standing};
use crate::oracle::{Answer, End, ZonePane};

/// What both sides say of an alert that was not cancelled: rule, zone, onset, end, standing.
pub type AlertLine = (String, String, Millis, Option<Millis>, Standing);

/// The last word on every zone pane that still has a figure.
pub type ZoneValues = BTreeMap<(ZoneIx, Value, Millis), ZoneValue>;

/// Rules in zones of which a change may still wait to be told, because too much was told lately.
pub type Held = BTreeSet<(RuleId, ZoneId)>;

/// How the engine's word compares.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Alerts and zone panes that both have, alike.
    pub right: usize,
    /// Rules in zones whose alerts were not compared: of some, the last word waits.
    pub held: usize,
    /// The oracle has it, the engine does not say it.
    pub missing: Vec<String>,
    /// The engine says it, the oracle does not have it.
    pub surplus: Vec<String>,
    /// Both have it, and not alike.
    pub wrong: Vec<String>,
}

impl Verdict {
    pub fn of(
        history: &History,
        answer: &Answer,
        zones: &ZoneValues,
        last: &BTreeMap<AlertId, Revision>,
    ) -> Verdict {
        Verdict::but_for(&Held::new(), history, answer, zones, last)
    }

    /// The same, where some of what is true may not have been told yet.
    pub fn but_for(
        held: &Held,
        history: &History,
        answer: &Answer,
        zones: &ZoneValues,
        last: &BTreeMap<AlertId, Revision>,
    ) -> Verdict {
        let mut verdict = Verdict {
            held: held.len(),
            ..Verdict::default()
        };
        let (mut answer, mut last) = (Cow::Borrowed(answer), Cow::Borrowed(last));
        if !held.is_empty() {
            let (rules, zones) = (rules(history), zone_ids(history));
            let of = |rule: &RuleIx, zone: &ZoneIx| (rules[rule].id, zones[zone]);
            let told = |rule: &RuleIx, zone: &ZoneIx| !held.contains(&of(rule, zone));
            answer
                .to_mut()
                .alerts
                .retain(|(rule, zone), _| told(rule, zone));
            last.to_mut()
                .retain(|_, r| !held.contains(&(r.rule, r.zone)));
        }
        let (answer, last) = (&*answer, &*last);
        verdict.judge_zones(answer, zones);
        verdict.judge_alerts(&alerts_expected(history, answer), &alerts_said(last));
        verdict.judge_peaks(history, answer, last);
        verdict
    }

    pub fn is_clean(&self) -> bool {
        self.missing.is_empty() && self.surplus.is_empty() && self.wrong.is_empty()
    }

    /// Panics with all that differs.
    #[track_caller]
    pub fn assert_clean(&self, what: &str) {
        assert!(self.is_clean(), "{what}: oracle against engine: {self}");
    }

    fn judge_zones(&mut self, answer: &Answer, said: &ZoneValues) {
        for (key, pane) in &answer.zones {
            let right = of_oracle(key.1, pane);
            let Some(row) = said.get(key) else {
                self.missing.push(format!("{key:?} {right:?}"));
                continue;
            };
            let answered = of_engine(row);
            let near = (right.1.0 - answered.1.0).abs() <= tolerance(key.1);
            if near && (right.0, &right.2) == (answered.0, &answered.2) {
                self.right += 1;
            } else {
                let what = format!("{key:?} is {right:?}, the engine says {answered:?}");
                self.wrong.push(what);
            }
        }
        let surplus = said
            .iter()
            .filter(|(key, _)| !answer.zones.contains_key(key));
        self.surplus
            .extend(surplus.map(|(key, row)| format!("{key:?} {:?}", of_engine(row))));
    }

    fn judge_alerts(&mut self, expected: &[AlertLine], said: &[AlertLine]) {
        let key = |line: &AlertLine| (line.0.clone(), line.1.clone(), line.2);
        let mut rest = said.to_vec();
        let mut unmatched = Vec::new();
        for line in expected {
            match rest.iter().position(|other| other == line) {
                Some(place) => {
                    rest.remove(place);
                    self.right += 1;
                }
                None => unmatched.push(line),
            }
        }
        for line in unmatched {
            match rest.iter().position(|other| key(other) == key(line)) {
                Some(place) => {
                    let other = rest.remove(place);
                    self.wrong
                        .push(format!("{line:?}, the engine says {other:?}"));
                }
                None => self.missing.push(format!("{line:?}")),
            }
        }
        self.surplus
            .extend(rest.iter().map(|line| format!("{line:?}")));
    }

    /// A peak is said again when it moves by a step, so it is known that well.
    fn judge_peaks(
        &mut self,
        history: &History,
        answer: &Answer,
        last: &BTreeMap<AlertId, Revision>,
    ) {
        let rules = rules(history);
        for ((ix, zone), islands) in &answer.alerts {
            let (rule, zone) = (rules[ix], format!("zone-{}", zone.0));
            let step = peak_step(rule);
            for island in islands {
                let of_island = |r: &&Revision| {
                    r.rule == rule.id
                        && r.zone.as_str() == zone
                        && r.onset == island.onset
                        && standing(r.state).is_some()
                };
                let Some(r) = last.values().find(of_island) else {
                    continue; // Missing, which is said already.
                };
                // An alert from before its rule changed was said in steps of the threshold of then.
                let was_other = r.threshold != rule.condition.raise_at;
                if !was_other && (r.value.0 - island.peak.0).abs() >= step {
                    self.wrong.push(format!(
                        "{} in {zone} from {} has the peak {}, the engine says {}",
                        rule.id, island.onset, island.peak, r.value
                    ));
                }
            }
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Verdict {
            right,
            held: _,
            missing,
            surplus,
            wrong,
        } = self;
        let (m, s, w) = (missing.len(), surplus.len(), wrong.len());
        write!(f, "{right} right, {m} missing, {s} surplus, {w} wrong")?;
        for (name, lines) in [("missing", missing), ("surplus", surplus), ("wrong", wrong)] {
            for line in lines.iter().take(LINES_MAX) {
                write!(f, "\n  {name}: {line}")?;
            }
        }
        Ok(())
    }
}

/// Of each sort so many are shown: one mistake early on shifts all that follows.
const LINES_MAX: usize = 6;

/// By how much a peak must move to be told again.
pub fn peak_step(rule: &Rule) -> i64 {
    let condition = &rule.condition;
    match condition.peak_step {
        Milli::ZERO => (condition.raise_at.0.abs() / 10).max(1),
        step => step.0,
    }
}

/// Every alert that stands or has been, as the engine said it last.
pub fn alerts_said(last: &BTreeMap<AlertId, Revision>) -> Vec<AlertLine> {
    let line = |r: &Revision| {
        let standing = standing(r.state)?;
        let (rule, zone) = (r.rule.to_string(), r.zone.to_string());
        Some((rule, zone, r.onset, r.end, standing))
    };
    let mut lines: Vec<AlertLine> = last.values().filter_map(line).collect();
    lines.sort();
    lines
}

fn alerts_expected(history: &History, answer: &Answer) -> Vec<AlertLine> {
    let (rules, zones) = (rules(history), zone_ids(history));
    let mut lines = Vec::new();
    for ((rule, zone), islands) in &answer.alerts {
        for island in islands {
            let (end, standing) = match island.end {
                End::Open => (None, Standing::Open),
                End::Unconfirmed => (None, Standing::Unconfirmed),
                End::BackToNormal(at) | End::NoData(at) => (Some(at), Standing::Cleared),
            };
            let (rule, zone) = (rules[rule].id.to_string(), zones[zone].to_string());
            lines.push((rule, zone, island.onset, end, standing));
        }
    }
    lines.sort();
    lines
}

/// The last version of every rule there ever was.
fn rules(history: &History) -> BTreeMap<RuleIx, &Rule> {
    let mut rules = BTreeMap::new();
    for (_, input) in history.inputs() {
        if let Input::Rules(version) = input {
            rules.extend(version.iter().map(|rule| (rule.ix, rule)));
        }
    }
    rules
}

fn zone_ids(history: &History) -> BTreeMap<ZoneIx, ZoneId> {
    let mut zones = BTreeMap::new();
    for (_, input) in history.inputs() {
        if let Input::City(version) = input {
            zones.extend(version.zones.iter().map(|z| (z.ix, z.id)));
        }
    }
    zones
}

type Counted = ((Milli, Milli, Milli), u64, u32);

fn of_oracle(value: Value, pane: &ZonePane) -> (Millis, Milli, Option<Counted>) {
    (
        pane.end,
        pane.figures.mean,
        counted(value, &pane.figures, pane.heard),
    )
}

fn of_engine(row: &ZoneValue) -> (Millis, Milli, Option<Counted>) {
    let figures = row.figures.unwrap_or_default();
    let heard = row.completeness.heard;
    (
        row.pane_end,
        figures.mean,
        counted(row.value, &figures, heard),
    )
}

/// What is compared beside the mean: of what was measured everything, of people the bounds.
fn counted(value: Value, figures: &Figures, heard: u32) -> Option<Counted> {
    let bounds = (figures.min, figures.max, figures.last);
    match value {
        Value::Quantity(_) => Some((bounds, figures.count, heard)),
        Value::CrowdCount | Value::CrowdDensity | Value::Derived(Derived::GateFlow) => {
            Some((bounds, 0, 0))
        }
        _ => None,
    }
}

/// Directions and energies go through floats, whose last digit depends on the order of adding.
fn tolerance(value: Value) -> i64 {
    match value {
        Value::Quantity(quantity) => match quantity.entry().summing {
            Summing::Vector | Summing::Energy => 1,
            Summing::Mean | Summing::Delta | Summing::Level => 0,
        },
        Value::Derived(Derived::NoiseExcess) => 1,
        _ => 0,
    }
}
