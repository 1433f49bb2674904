//! The names under which one node speaks and listens, built once.

use wire::topic::{Channel, TopicText};
use wire::{CityId, NodeId, Topic};

#[derive(Debug)]
pub(crate) struct Topics {
    pub(crate) up: TopicText,
    pub(crate) alarm: TopicText,
    pub(crate) down: TopicText,
    pub(crate) status: TopicText,
}

impl Topics {
    pub(crate) fn new(city: CityId, node: NodeId) -> Topics {
        let text = |channel| {
            Topic::Node {
                city,
                node,
                channel,
            }
            .text()
        };
        Topics {
            up: text(Channel::Up),
            alarm: text(Channel::Alarm),
            down: text(Channel::Down),
            status: text(Channel::Status),
        }
    }
}
