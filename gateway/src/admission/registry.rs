//! Who may speak, and with which keys.

use pipeline::calendar::{Calendar, Millis};
use pipeline::city::{City, NodeIx};
use rustc_hash::FxHashMap;
use wire::seal::derive_key;
use wire::topic::TopicError;
use wire::{CityId, CitySecret, Direction, Key, Lane, NodeId, Topic};

use super::{Outcome, Refusal, Spoken};
use crate::city::Post;

/// Who may speak, and with which keys. Replaced whole when the city's files change.
pub struct Registry {
    pub(super) city: CityId,
    secret: CitySecret,
    nodes: FxHashMap<NodeId, NodeIx>,
    ids: FxHashMap<NodeIx, NodeId>,
    /// Where keys were retired by hand: the least generation that counts.
    generations: FxHashMap<NodeIx, u8>,
    pub(crate) calendar: Calendar,
}

impl Registry {
    pub fn new(city: &City, posts: &[Post], secret: CitySecret, calendar: Calendar) -> Registry {
        let mut registry = Registry {
            city: city.id,
            secret,
            nodes: FxHashMap::default(),
            ids: FxHashMap::default(),
            generations: FxHashMap::default(),
            calendar,
        };
        registry.city_changed(city, posts);
        registry
    }

    /// Another version of the city; keys stay, because the secret does.
    pub fn city_changed(&mut self, city: &City, posts: &[Post]) {
        self.nodes = city.nodes.iter().map(|node| (node.id, node.ix)).collect();
        self.ids = city.nodes.iter().map(|node| (node.ix, node.id)).collect();
        let retired = posts
            .iter()
            .filter_map(|post| Some((post.node, post.generation?)));
        self.generations = retired.collect();
    }

    /// The least generation of the node's keys that counts.
    pub(super) fn least_generation(&self, node: NodeIx) -> u8 {
        self.generations.get(&node).copied().unwrap_or(0)
    }

    pub fn city(&self) -> CityId {
        self.city
    }

    pub fn id(&self, node: NodeIx) -> Option<NodeId> {
        self.ids.get(&node).copied()
    }

    pub fn key(&self, node: &NodeId, generation: u8, direction: Direction) -> Key {
        derive_key(&self.secret, node, generation, direction)
    }

    /// A message as [`super::admit`] asks for it, if a known node may speak on its topic.
    pub fn spoken<'a>(
        &self,
        topic: &str,
        bytes: &'a [u8],
        received: Millis,
    ) -> Result<Spoken<'a>, Outcome> {
        match self.speaker(topic) {
            Ok((node, id, lane)) => Ok(Spoken {
                bytes,
                node,
                id,
                lane,
                received,
            }),
            Err(reason) => Err(Outcome::Refused {
                reason,
                node: None,
                settled: None,
            }),
        }
    }

    /// The node and lane that a topic speaks for.
    fn speaker(&self, topic: &str) -> Result<(NodeIx, NodeId, Lane), Refusal> {
        let (city, node, channel) = match Topic::parse(topic) {
            Ok(Topic::Node {
                city,
                node,
                channel,
            }) => (city, node, channel),
            // A name that cannot be a node's is a node that nobody knows.
            Err(TopicError::Id(_)) => return Err(Refusal::UnknownNode),
            Ok(_) | Err(_) => return Err(Refusal::Topic),
        };
        let lane = channel.lane().ok_or(Refusal::Topic)?;
        if city != self.city {
            return Err(Refusal::Topic);
        }
        let ix = self.nodes.get(&node).ok_or(Refusal::UnknownNode)?;
        Ok((*ix, node, lane))
    }
}
