//! Which registry, rules and quarantines judged a pane: those that stood when it was sealed off, or at the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use pipeline::calendar::{Millis, Tick};
use pipeline::city::{City, Node, NodeIx, ZoneIx};
use pipeline::input::{Action, Input};
use pipeline::rules::{Condition, Rule, RuleIx};

use crate::history::History;

/// All that people and files had said by some tick.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub(super) city: Option<Arc<City>>,
    pub(super) rules: Arc<Vec<Rule>>,
    /// Nodes whose readings sampled from this time on are withdrawn.
    pub(super) quarantine: BTreeMap<NodeIx, Millis>,
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

    fn apply(&mut self, input: &Input) {
        match input {
            Input::City(city) => self.city = Some(Arc::clone(city)),
            Input::Rules(rules) => self.rules = Arc::clone(rules),
            Input::Action(Action::Quarantine { node, from, .. }) => {
                self.quarantine.insert(*node, *from);
            }
            Input::Action(Action::Release { node, .. }) => {
                self.quarantine.remove(node);
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
            world.apply(input);
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
