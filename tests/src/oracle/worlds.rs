//! Which registry, rules and quarantines judged a pane: those that stood when it was sealed off, or at the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use pipeline::calendar::{Millis, Tick};
use pipeline::city::{City, Node, NodeIx, ZoneIx};
use pipeline::input::{Action, Input};
use pipeline::quality::QualityRule;
use pipeline::rules::{Condition, Rule, RuleIx};

use wire::Quantity;

use crate::history::History;

/// All that people and files had said by some tick.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub(super) city: Option<Arc<City>>,
    pub(super) rules: Arc<Vec<Rule>>,
    pub(super) quality: Arc<Vec<QualityRule>>,
    /// Place among the worlds of its history.
    pub(super) number: usize,
    /// Readings of these, sampled from then on, were set aside by hand.
    aside: BTreeMap<(NodeIx, Quantity), Millis>,
    /// The same of whole nodes, which may have been released of one quantity since.
    aside_whole: BTreeMap<NodeIx, (Millis, Vec<Quantity>)>,
    released: Vec<(Tick, NodeIx, Option<Quantity>)>,
    quality_since: BTreeMap<Quantity, Tick>,
    flags_since: BTreeMap<Quantity, Tick>,
}

impl World {
    pub(super) fn node(&self, ix: NodeIx) -> Option<&Node> {
        self.city.as_ref()?.nodes.iter().find(|node| node.ix == ix)
    }

    /// The condition of a rule, if it watches the zone.
    pub(super) fn condition(&self, rule: RuleIx, zone: ZoneIx) -> Option<Condition> {
        let rule = self.rules.iter().find(|candidate| candidate.ix == rule)?;
        rule.zones.contains(&zone).then_some(rule.condition)
    }

    /// By hand.
    pub(super) fn set_aside(&self, node: NodeIx, quantity: Quantity, end: Millis) -> bool {
        let own = self.aside.get(&(node, quantity));
        let whole = self.aside_whole.get(&node);
        let whole = whole.filter(|(_, but)| !but.contains(&quantity));
        own.is_some_and(|from| end > *from) || whole.is_some_and(|(from, _)| end > *from)
    }

    /// Panes that start before are no evidence.
    pub(super) fn trusted_until(&self, node: NodeIx, quantity: Quantity) -> Millis {
        let released = self.released.iter().filter(|(_, whose, what)| {
            *whose == node && what.is_none_or(|released| released == quantity)
        });
        released
            .map(|(tick, ..)| *tick as Millis)
            .max()
            .unwrap_or(Millis::MIN)
    }

    /// Tick at which the judgement of the sensor began anew.
    pub(super) fn judged_since(&self, node: NodeIx, quantity: Quantity) -> Tick {
        let ruled = self.quality_since.get(&quantity).copied().unwrap_or(0);
        ruled.max(self.trusted_until(node, quantity).max(0) as Tick)
    }

    /// The same of its flags.
    pub(super) fn flagged_since(&self, node: NodeIx, quantity: Quantity) -> Tick {
        let ruled = self.flags_since.get(&quantity).copied().unwrap_or(0);
        ruled.max(self.trusted_until(node, quantity).max(0) as Tick)
    }

    fn apply(&mut self, tick: Tick, input: &Input) {
        match input {
            Input::City(city) => self.city = Some(Arc::clone(city)),
            Input::Rules(rules) => self.rules = Arc::clone(rules),
            Input::Quality(rules) => {
                let of = |rules: &[QualityRule], quantity| {
                    let rule = rules.iter().find(|rule| rule.quantity == quantity).cloned();
                    let flags = rule.as_ref().map(|rule| (rule.flags.clone(), rule.recover));
                    let rule = rule.map(|rule| QualityRule {
                        flags: None,
                        ..rule
                    });
                    (rule, flags)
                };
                for quantity in Quantity::all() {
                    let (before, now) = (of(&self.quality, quantity), of(rules, quantity));
                    if before.0 != now.0 {
                        self.quality_since.insert(quantity, tick);
                    }
                    if before.1 != now.1 {
                        self.flags_since.insert(quantity, tick);
                    }
                }
                self.quality = Arc::clone(rules);
            }
            Input::Action(Action::Quarantine {
                node,
                quantity,
                from,
                ..
            }) => match quantity {
                Some(quantity) => drop(self.aside.insert((*node, *quantity), *from)),
                None => drop(self.aside_whole.insert(*node, (*from, Vec::new()))),
            },
            Input::Action(Action::Release { node, quantity, .. }) => {
                self.released.push((tick, *node, *quantity));
                self.aside.retain(|(whose, what), _| {
                    whose != node || quantity.is_some_and(|released| released != *what)
                });
                match (quantity, self.aside_whole.get_mut(node)) {
                    (Some(quantity), Some((_, but))) => but.push(*quantity),
                    _ => drop(self.aside_whole.remove(node)),
                }
            }
            Input::Action(_) | Input::Link { .. } => {}
        }
    }
}

/// The worlds of a history, each from its tick on.
pub(super) struct Worlds {
    since: Vec<(Tick, World)>,
}

impl Worlds {
    pub(super) fn new(history: &History) -> Worlds {
        let mut since = vec![(0, World::default())];
        let mut world = World::default();
        for (tick, input) in history.inputs() {
            world.apply(tick, input);
            world.number += 1;
            // Of several inputs at one tick only what they come to together was ever true.
            since.pop_if(|(at, _)| *at == tick);
            since.push((tick, world.clone()));
        }
        Worlds { since }
    }

    /// The world just before `deadline`: what comes at the deadline's own tick comes too late.
    pub(super) fn at_sealing(&self, deadline: Millis) -> &World {
        let before = |(tick, _): &(Tick, World)| i128::from(*tick) < i128::from(deadline);
        let place = self.since.partition_point(before);
        &self.since[place.saturating_sub(1)].1
    }

    /// The stretches of time in which a rule watched a zone; the last one may be without end.
    pub(super) fn watches(&self, rule: RuleIx, zone: ZoneIx) -> Vec<(Tick, Option<Tick>)> {
        let mut watches: Vec<(Tick, Option<Tick>)> = Vec::new();
        let mut watched = false;
        for (tick, world) in &self.since {
            let now = world.condition(rule, zone).is_some();
            match (watched, now) {
                (false, true) => watches.push((*tick, None)),
                (true, false) => watches.iter_mut().for_each(|(_, end)| {
                    end.get_or_insert(*tick);
                }),
                _ => {}
            }
            watched = now;
        }
        watches
    }

    pub(super) fn last(&self) -> &World {
        &self.since[self.since.len() - 1].1
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &World> {
        self.since.iter().map(|(_, world)| world)
    }
}
