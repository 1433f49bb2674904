//! How far each node has been heard, and what that makes of a figure: how complete it is, and whether it is final.
//!
//! A node has passed a moment of event time when its next reading is due after it: then nothing of before is to be
//! expected of it any more. A figure is *provisional* until all nodes that are expected to say its quantity have
//! passed the end of its pane, or the pane's horizon has. Nodes send strictly oldest first, so the latest reading tells
//! how far a node is; its own alarms do not, because they are sent ahead of everything else. A frame that was lost on
//! its way and is yet to be sent again is not seen by this: until it comes, its pane may be called final.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use wire::Quantity;
use wire::quantity::{Group, TABLE};

use crate::alert::Completeness;
use crate::calendar::Millis;
use crate::city::{NodeIx, ZoneIx};
use crate::observation::Observation;
use crate::rules::Value;

/// A node was heard up to a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Heard {
    pub node: NodeIx,
    /// Event time of its latest reading.
    pub at: Millis,
    /// Time between its readings; 0 while unknown.
    pub step: Millis,
}

/// A node is, or is not any more, expected to say a quantity in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expectation {
    pub zone: ZoneIx,
    pub quantity: Quantity,
    pub node: NodeIx,
    pub holds: bool,
}

/// What is known of all nodes.
#[derive(Clone, Debug, Default)]
pub struct Hearing {
    /// By node number.
    nodes: Vec<Option<Heard>>,
    /// Who was heard since it was last asked, each once.
    changed: Vec<NodeIx>,
    /// By node number: is among them.
    is_changed: Vec<bool>,
    expected: BTreeMap<(ZoneIx, Quantity), BTreeSet<NodeIx>>,
}

impl Hearing {
    pub fn hear(&mut self, heard: Heard) {
        let place = heard.node.0 as usize;
        if place >= self.nodes.len() {
            self.nodes.resize(place + 1, None);
            self.is_changed.resize(place + 1, false);
        }
        if !std::mem::replace(&mut self.is_changed[place], true) {
            self.changed.push(heard.node);
        }
        let known = &mut self.nodes[place];
        match known {
            // Nothing new, but perhaps a period that was not known.
            Some(before) if heard.at <= before.at => {
                if before.step == 0 && heard.at == before.at {
                    before.step = heard.step;
                }
            }
            Some(before) => {
                let step = match heard.step {
                    0 => heard.at - before.at,
                    step => step,
                };
                // After an outage the distance says nothing of the period, so it is believed bit by bit.
                let believed = match before.step {
                    0 => step,
                    old => step.min(2 * old),
                };
                *before = Heard {
                    step: believed,
                    ..heard
                };
            }
            None => *known = Some(heard),
        }
    }

    pub fn expect(&mut self, expectation: Expectation) {
        let Expectation {
            zone,
            quantity,
            node,
            holds,
        } = expectation;
        let nodes = self.expected.entry((zone, quantity)).or_default();
        match holds {
            true => nodes.insert(node),
            false => nodes.remove(&node),
        };
        if nodes.is_empty() {
            self.expected.remove(&(zone, quantity));
        }
    }

    /// How far those are now that were heard since it was last asked.
    pub fn take_changed(&mut self) -> Vec<Heard> {
        let changed = std::mem::take(&mut self.changed);
        let now = changed.into_iter().filter_map(|node| {
            let place = node.0 as usize;
            self.is_changed[place] = false;
            self.nodes[place]
        });
        now.collect()
    }

    /// All that were ever heard, for a snapshot.
    pub fn frontiers(&self) -> impl Iterator<Item = Heard> {
        self.nodes.iter().flatten().copied()
    }

    /// Nodes that are expected to say what the value is made of.
    pub fn nodes(&self, zone: ZoneIx, value: Value) -> impl Iterator<Item = NodeIx> {
        let sources = self.sources(zone, value).into_iter();
        sources.flat_map(move |quantity| {
            self.expected
                .get(&(zone, quantity))
                .into_iter()
                .flatten()
                .copied()
        })
    }

    /// Whether the node is expected to say anything in the zone.
    pub fn is_of(&self, zone: ZoneIx, node: NodeIx) -> bool {
        let of_zone = self.expected.range((zone, TABLE[0].quantity)..);
        of_zone
            .take_while(|((ix, _), _)| *ix == zone)
            .any(|(_, nodes)| nodes.contains(&node))
    }

    /// So many nodes were heard in a pane, of those that are expected.
    pub fn completeness(&self, zone: ZoneIx, value: Value, heard: u32) -> Completeness {
        let count = |quantity: Quantity| {
            self.expected
                .get(&(zone, quantity))
                .map_or(0, BTreeSet::len)
        };
        let expected = match value {
            Value::Silence => 1,
            value => {
                let sources = self.sources(zone, value).into_iter();
                sources.map(count).max().unwrap_or(0)
            }
        };
        Completeness {
            heard,
            expected: (expected as u32).max(heard),
        }
    }

    /// Of the expected nodes that have not passed `end`, the one that was last heard longest ago; `None`: the figure of
    /// a pane that ends there is final.
    pub fn waits_for(&self, zone: ZoneIx, value: Value, end: Millis) -> Option<NodeIx> {
        let behind = self.nodes(zone, value).filter_map(|node| {
            let heard = self.nodes.get(node.0 as usize).copied().flatten();
            match heard {
                Some(heard)
                    if heard.at >= end || heard.step > 0 && heard.at + heard.step >= end =>
                {
                    None
                }
                heard => Some((heard.map(|heard| heard.at), node)),
            }
        });
        behind.min().map(|(_, node)| node)
    }

    fn sources(&self, zone: ZoneIx, value: Value) -> Vec<Quantity> {
        match value {
            Value::Quantity(quantity) => vec![quantity],
            Value::CrowdCount | Value::CrowdDensity => {
                let counted = self.expected.contains_key(&(zone, Quantity::PersonCount));
                vec![if counted {
                    Quantity::PersonCount
                } else {
                    Quantity::PersonsIn
                }]
            }
            Value::AirIndex(_) | Value::AirDay(_) | Value::AirForecast(..) => {
                let air = TABLE.iter().filter(|entry| entry.group == Group::Air);
                air.map(|entry| entry.quantity).collect()
            }
            Value::Derived(derived) => {
                let mut quantities: Vec<Quantity> = derived.quantities().collect();
                quantities.sort_unstable();
                quantities.dedup();
                quantities
            }
            Value::Silence => Vec::new(),
        }
    }
}

/// Gathers from observations, in the order of their frames, how far each node was heard.
#[derive(Debug, Default)]
pub struct Listener {
    current: Option<Heard>,
}

impl Listener {
    /// Takes the next observation; answers what is known of the node before it, when that is another one.
    #[inline]
    pub fn take(&mut self, observation: &Observation) -> Option<Heard> {
        if observation.alarm {
            return None;
        }
        let at = observation.sampled_at;
        match &mut self.current {
            Some(heard) if heard.node == observation.node => {
                let ahead = at - heard.at;
                if ahead > 0 {
                    heard.at = at;
                    heard.step = if heard.step == 0 {
                        ahead
                    } else {
                        heard.step.min(ahead)
                    };
                }
                None
            }
            current => current.replace(Heard {
                node: observation.node,
                at,
                step: 0,
            }),
        }
    }

    /// The last node, when no more comes.
    pub fn end(&mut self) -> Option<Heard> {
        self.current.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::SECOND;
    use wire::Milli;

    const ZONE: ZoneIx = ZoneIx(3);
    const VALUE: Value = Value::Quantity(Quantity::Temperature);

    fn reading(node: u32, at: Millis) -> Observation {
        Observation {
            node: NodeIx(node),
            quantity: Quantity::Temperature,
            saturated: false,
            index: 0,
            sampled_at: at,
            value: Milli::ONE,
            alarm: false,
            sequence: 0,
        }
    }

    fn hearing(nodes: u32) -> Hearing {
        let mut hearing = Hearing::default();
        for node in (0..nodes).map(NodeIx) {
            hearing.expect(Expectation {
                zone: ZONE,
                quantity: Quantity::Temperature,
                node,
                holds: true,
            });
        }
        hearing
    }

    fn listen(hearing: &mut Hearing, readings: &[Observation]) {
        let mut listener = Listener::default();
        for reading in readings {
            listener
                .take(reading)
                .into_iter()
                .for_each(|heard| hearing.hear(heard));
        }
        listener
            .end()
            .into_iter()
            .for_each(|heard| hearing.hear(heard));
    }

    #[test]
    fn a_figure_is_final_when_every_nodes_next_reading_is_due_after_it() {
        let mut hearing = hearing(2);
        let end = 60 * SECOND;
        assert_eq!(
            hearing.waits_for(ZONE, VALUE, end),
            Some(NodeIx(0)),
            "nobody was heard yet"
        );
        listen(
            &mut hearing,
            &[reading(0, 35 * SECOND), reading(1, 58 * SECOND)],
        );
        assert_eq!(
            hearing.waits_for(ZONE, VALUE, end),
            Some(NodeIx(0)),
            "no period is known yet"
        );
        listen(&mut hearing, &[reading(0, 45 * SECOND)]);
        assert_eq!(
            hearing.waits_for(ZONE, VALUE, end),
            Some(NodeIx(0)),
            "one at 55 is due"
        );
        listen(&mut hearing, &[reading(0, 55 * SECOND)]);
        assert_eq!(
            hearing.waits_for(ZONE, VALUE, end),
            Some(NodeIx(1)),
            "the next of 0 is due at 65"
        );
        listen(&mut hearing, &[reading(1, 61 * SECOND)]);
        assert_eq!(hearing.waits_for(ZONE, VALUE, end), None);
    }

    #[test]
    fn a_frame_of_many_readings_tells_their_period_and_not_its_own() {
        let mut hearing = hearing(1);
        let frame = |from: i64| {
            (from..from + 10)
                .map(|s| reading(0, s * SECOND))
                .collect::<Vec<_>>()
        };
        listen(&mut hearing, &frame(0));
        listen(&mut hearing, &frame(10));
        assert_eq!(hearing.waits_for(ZONE, VALUE, 20 * SECOND), None);
        assert_eq!(hearing.waits_for(ZONE, VALUE, 21 * SECOND), Some(NodeIx(0)));
    }

    #[test]
    fn neither_an_outage_nor_an_alarm_nor_a_late_reading_makes_a_node_look_further_than_it_is() {
        let mut hearing = hearing(1);
        for at in [0, 10, 20, 600] {
            listen(&mut hearing, &[reading(0, at * SECOND)]);
        }
        assert_eq!(
            hearing.waits_for(ZONE, VALUE, 630 * SECOND),
            Some(NodeIx(0))
        );
        listen(&mut hearing, &[reading(0, 300 * SECOND)]);
        let alarm = Observation {
            alarm: true,
            ..reading(0, 900 * SECOND)
        };
        listen(&mut hearing, &[alarm]);
        assert_eq!(
            hearing.waits_for(ZONE, VALUE, 630 * SECOND),
            Some(NodeIx(0))
        );
        assert_eq!(hearing.waits_for(ZONE, VALUE, 600 * SECOND), None);
    }

    #[test]
    fn completeness_counts_those_that_are_expected_or_heard() {
        let hearing = hearing(3);
        let complete = |heard, expected| Completeness { heard, expected };
        assert_eq!(hearing.completeness(ZONE, VALUE, 2), complete(2, 3));
        assert_eq!(hearing.completeness(ZONE, VALUE, 4), complete(4, 4));
        assert_eq!(hearing.completeness(ZoneIx(9), VALUE, 0), complete(0, 0));
        assert!(hearing.is_of(ZONE, NodeIx(1)) && !hearing.is_of(ZoneIx(2), NodeIx(1)));
    }
}
