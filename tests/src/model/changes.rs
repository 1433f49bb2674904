//! What people and files change of the model's city.
//!
//! Nodes that measure a safety quantity are never withdrawn or taken out here: an alert whose evidence was withdrawn
//! becomes unconfirmed and stays so, by design, whatever the oracle would make of the rest. Moved to another zone they are.

use std::sync::Arc;

use pipeline::calendar::{MINUTE, SECOND};
use pipeline::city::{City, Node, NodeIx, ZoneIx};
use pipeline::input::{Action, Input};
use pipeline::rules::{Danger, Rule, Severity};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedMutRandom, IndexedRandom, SliceRandom};
use wire::{Milli, Quantity};

use super::act::Kind;
use crate::city::{self, MEASURED, id};

/// The versions that stand, and what was taken out of them.
pub(super) struct Files {
    pub(super) city: City,
    pub(super) rules: Vec<Rule>,
    gone_nodes: Vec<Node>,
    gone_rules: Vec<Rule>,
    next_node: u32,
    next_rule: u32,
    withdrawn: Vec<NodeIx>,
}

const RULES_MAX: usize = 10;
const NODES_MAX: usize = 14;
const BY: &str = "operator";

impl Files {
    pub(super) fn new(city: &City, rules: &[Rule]) -> Files {
        Files {
            next_node: city.nodes.len() as u32,
            next_rule: rules.len() as u32,
            city: city.clone(),
            rules: rules.to_vec(),
            gone_nodes: Vec::new(),
            gone_rules: Vec::new(),
            withdrawn: Vec::new(),
        }
    }

    /// The input that an action of this kind makes; `None` where there is nothing to do it with.
    pub(super) fn change(&mut self, kind: Kind, rng: &mut StdRng, now: i64) -> Option<Input> {
        match kind {
            Kind::AddRule => self.add_rule(rng),
            Kind::ChangeRule => self.change_rule(rng),
            Kind::RemoveRule => self.remove_rule(rng),
            Kind::MoveNode => self.move_node(rng),
            Kind::Weigh => {
                let node = self.city.nodes.choose_mut(rng)?;
                node.weight = Milli(rng.random_range(500..3_000));
                Some(self.city_version())
            }
            Kind::Resize => {
                let zone = self.city.zones.choose_mut(rng)?;
                zone.area = Milli::whole(rng.random_range(0..60));
                Some(self.city_version())
            }
            Kind::RemoveNode => self.remove_node(rng),
            Kind::AddNode => self.add_node(rng),
            Kind::Quarantine => {
                let node = self.harmless(rng)?;
                self.withdrawn.push(node);
                let back = rng.random_range(0..15) * MINUTE + rng.random_range(0..60) * SECOND;
                Some(Input::Action(Action::Quarantine {
                    node,
                    quantity: None,
                    from: now - back,
                    by: BY.to_owned(),
                }))
            }
            Kind::Release => {
                self.withdrawn.shuffle(rng);
                let node = self.withdrawn.pop()?;
                self.withdrawn.retain(|other| *other != node);
                Some(Input::Action(Action::Release {
                    node,
                    quantity: None,
                    by: BY.to_owned(),
                }))
            }
            Kind::Count => {
                let zone = self.any_zone(rng)?;
                let at = (now - rng.random_range(0..90) * SECOND).div_euclid(MINUTE) * MINUTE;
                let count = Milli::whole(rng.random_range(0..80));
                Some(Input::Action(Action::Anchor { zone, at, count }))
            }
            _ => None,
        }
    }

    pub(super) fn city_version(&self) -> Input {
        Input::City(Arc::new(self.city.clone()))
    }

    pub(super) fn rules_version(&self) -> Input {
        Input::Rules(Arc::new(self.rules.clone()))
    }

    fn any_zone(&self, rng: &mut StdRng) -> Option<ZoneIx> {
        self.city.zones.choose(rng).map(|zone| zone.ix)
    }

    /// A node none of whose quantities is about safety.
    fn harmless(&self, rng: &mut StdRng) -> Option<NodeIx> {
        let nodes = self.city.nodes.iter();
        let nodes: Vec<&Node> = nodes.filter(|node| is_harmless(node)).collect();
        nodes.choose(rng).map(|node| node.ix)
    }

    fn add_rule(&mut self, rng: &mut StdRng) -> Option<Input> {
        if self.rules.len() >= RULES_MAX {
            return None;
        }
        let back = rng
            .random_bool(0.5)
            .then(|| self.gone_rules.pop())
            .flatten();
        let rule = back.unwrap_or_else(|| {
            self.next_rule += 1;
            city::rule(rng, self.next_rule - 1)
        });
        self.rules.push(rule);
        Some(self.rules_version())
    }

    fn remove_rule(&mut self, rng: &mut StdRng) -> Option<Input> {
        if self.rules.len() <= 3 {
            return None;
        }
        let place = rng.random_range(0..self.rules.len());
        self.gone_rules.push(self.rules.remove(place));
        self.gone_rules.shuffle(rng);
        Some(self.rules_version())
    }

    fn change_rule(&mut self, rng: &mut StdRng) -> Option<Input> {
        let zones: Vec<ZoneIx> = self.city.zones.iter().map(|zone| zone.ix).collect();
        let rule = self.rules.choose_mut(rng)?;
        let condition = &mut rule.condition;
        let slack = (condition.raise_at.0 - condition.clear_at.0).abs();
        let away = |from: i64, by: i64| match condition.direction {
            Danger::Above => from - by,
            Danger::Below => from + by,
        };
        match rng.random_range(0..7) {
            0 => {
                let by = condition.raise_at.0 * rng.random_range(-15..=15) / 100;
                condition.raise_at.0 += by;
                condition.clear_at.0 += by;
            }
            1 => {
                let slack = (slack / 2).max(1_000) * rng.random_range(0..=3);
                condition.clear_at = Milli(away(condition.raise_at.0, slack));
            }
            2 => condition.raise_after = SECOND * rng.random_range(0..=15) * 10,
            3 => condition.clear_after = SECOND * rng.random_range(0..=12) * 10,
            4 => condition.gap_max = SECOND * rng.random_range(45..=600),
            5 => {
                let count = rng.random_range(1..=zones.len());
                rule.zones = zones.choose_multiple(rng, count).copied().collect();
                rule.zones.sort_unstable();
            }
            _ => {
                condition.severity = match condition.severity {
                    Severity::Minor => Severity::Severe,
                    _ => Severity::Minor,
                }
            }
        }
        Some(self.rules_version())
    }

    fn move_node(&mut self, rng: &mut StdRng) -> Option<Input> {
        let zone = self.any_zone(rng)?;
        let node = self.city.nodes.choose_mut(rng)?;
        let is_harmless = is_harmless(node);
        node.zone = Some(zone).filter(|_| !is_harmless || rng.random_range(0..8) != 0);
        Some(self.city_version())
    }

    fn remove_node(&mut self, rng: &mut StdRng) -> Option<Input> {
        let ix = self.harmless(rng)?;
        let place = self.city.nodes.iter().position(|node| node.ix == ix)?;
        self.gone_nodes.push(self.city.nodes.remove(place));
        Some(self.city_version())
    }

    /// One that was taken out comes back, or a new one is put up.
    fn add_node(&mut self, rng: &mut StdRng) -> Option<Input> {
        let back = rng
            .random_bool(0.7)
            .then(|| self.gone_nodes.pop())
            .flatten();
        if back.is_none() && self.city.nodes.len() >= NODES_MAX {
            return None;
        }
        let zone = self.any_zone(rng);
        let node = back.unwrap_or_else(|| {
            let number = self.next_node;
            self.next_node += 1;
            let count = rng.random_range(1..=3);
            Node {
                ix: NodeIx(number),
                id: id(&format!("node-{number}")),
                zone,
                quantities: MEASURED
                    .choose_multiple(rng, count)
                    .copied()
                    .collect::<Vec<Quantity>>(),
                weight: Milli(rng.random_range(500..3_000)),
                silent_after: None,
                correction: None,
            }
        });
        self.city.nodes.push(node);
        self.city.nodes.sort_by_key(|node| node.ix);
        Some(self.city_version())
    }
}

fn is_harmless(node: &Node) -> bool {
    node.quantities.iter().all(|q| !q.entry().safety)
}
