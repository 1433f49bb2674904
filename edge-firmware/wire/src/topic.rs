//! Topics: built and parsed here and nowhere else.
//!
//! | topic | says | payload |
//! | --- | --- | --- |
//! | `city/v1/<city>/node/<node>/up` | node | sealed frames of the normal lane |
//! | `city/v1/<city>/node/<node>/alarm` | node | sealed frames of the alarm lane |
//! | `city/v1/<city>/node/<node>/down` | gateway | sealed acknowledgements |
//! | `city/v1/<city>/node/<node>/status` | node, or the broker by its will | [`Presence`], retained |
//! | `city/v1/<city>/alert/<kind>/<zone>/<alert>` | gateway | JSON, retained |
//! | `city/v1/<city>/cap/<kind>/<zone>/<alert>` | gateway | CAP 1.2 XML, retained |
//! | `city/v1/<city>/sensorthings/<zone>/v1.1/Datastreams('<zone>:<value>')/Observations` | gateway | JSON |
//! | `city/v1/<city>/gateway/<gateway>` | gateway, or the broker by its will | JSON, retained, a heartbeat |

use core::fmt::{self, Write};
use core::str::FromStr;

use crate::frame::Lane;
use crate::ident::{CityId, GatewayId, IdError, KindId, NodeId, ZoneId};
use crate::limits::TOPIC_LEN_MAX;

/// A topic as text, without allocation.
pub type TopicText = heapless::String<TOPIC_LEN_MAX>;

/// Everything that is published in a city.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    Node {
        city: CityId,
        node: NodeId,
        channel: Channel,
    },
    Alert {
        city: CityId,
        kind: KindId,
        zone: ZoneId,
        /// The alert's 128-bit id; 32 hexadecimal digits in the topic.
        alert: u128,
    },
    Cap {
        city: CityId,
        kind: KindId,
        zone: ZoneId,
        alert: u128,
    },
    Gateway {
        city: CityId,
        gateway: GatewayId,
    },
}

/// The four ends of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    Up,
    Alarm,
    Down,
    Status,
}

/// What the status topic says. Written by the node at its birth and by the broker as its will; the broker is
/// not trusted, so this is a hint and never evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Online,
    Offline,
}

/// Where new Observations of a zone's value are told: SensorThings' own topic, below a prefix for city and zone, so that
/// who may read a zone can be said by one filter. Only gateways say it: it is no [`Topic`], which nodes carry too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observations<'a> {
    pub city: CityId,
    pub zone: ZoneId,
    /// The value's name: `[a-z0-9_:.-]{1,48}`.
    pub value: &'a str,
}

pub(crate) const SENSORTHINGS: &str = "sensorthings";
const VALUE_LEN_MAX: usize = 48;

/// Subscription to one channel of every node of a city.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllNodes {
    pub city: CityId,
    pub channel: Channel,
}

impl Topic {
    pub fn text(&self) -> TopicText {
        text(self)
    }

    pub fn parse(text: &str) -> Result<Topic, TopicError> {
        let mut levels = text.splitn(9, '/');
        let mut next = || levels.next().ok_or(TopicError::Levels);
        if (next()?, next()?) != ("city", "v1") {
            return Err(TopicError::Prefix);
        }
        let city = CityId::new(next()?)?;
        let topic = match next()? {
            "node" => Topic::Node {
                city,
                node: NodeId::new(next()?)?,
                channel: Channel::from_name(next()?).ok_or(TopicError::Channel)?,
            },
            "alert" => Topic::Alert {
                city,
                kind: KindId::new(next()?)?,
                zone: ZoneId::new(next()?)?,
                alert: parse_alert(next()?)?,
            },
            "cap" => Topic::Cap {
                city,
                kind: KindId::new(next()?)?,
                zone: ZoneId::new(next()?)?,
                alert: parse_alert(next()?)?,
            },
            "gateway" => Topic::Gateway {
                city,
                gateway: GatewayId::new(next()?)?,
            },
            _ => return Err(TopicError::Room),
        };
        match levels.next() {
            None => Ok(topic),
            Some(_) => Err(TopicError::Levels),
        }
    }
}

/// Lower case only, so that one alert has one topic.
fn parse_alert(text: &str) -> Result<u128, TopicError> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 32 || !text.bytes().all(is_digit) {
        return Err(TopicError::Alert);
    }
    u128::from_str_radix(text, 16).map_err(|_| TopicError::Alert)
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Topic::Node {
                city,
                node,
                channel,
            } => write!(f, "city/v1/{city}/node/{node}/{}", channel.name()),
            Topic::Alert {
                city,
                kind,
                zone,
                alert,
            } => write!(f, "city/v1/{city}/alert/{kind}/{zone}/{alert:032x}"),
            Topic::Cap {
                city,
                kind,
                zone,
                alert,
            } => write!(f, "city/v1/{city}/cap/{kind}/{zone}/{alert:032x}"),
            Topic::Gateway { city, gateway } => write!(f, "city/v1/{city}/gateway/{gateway}"),
        }
    }
}

impl FromStr for Topic {
    type Err = TopicError;
    fn from_str(text: &str) -> Result<Topic, TopicError> {
        Topic::parse(text)
    }
}

impl Channel {
    pub const fn name(self) -> &'static str {
        match self {
            Channel::Up => "up",
            Channel::Alarm => "alarm",
            Channel::Down => "down",
            Channel::Status => "status",
        }
    }

    fn from_name(name: &str) -> Option<Channel> {
        [Channel::Up, Channel::Alarm, Channel::Down, Channel::Status]
            .into_iter()
            .find(|channel| channel.name() == name)
    }

    /// The lane whose frames belong on this channel; others there are refused.
    pub const fn lane(self) -> Option<Lane> {
        match self {
            Channel::Up => Some(Lane::Normal),
            Channel::Alarm => Some(Lane::Alarm),
            Channel::Down | Channel::Status => None,
        }
    }
}

impl From<Lane> for Channel {
    fn from(lane: Lane) -> Channel {
        match lane {
            Lane::Normal => Channel::Up,
            Lane::Alarm => Channel::Alarm,
        }
    }
}

impl Presence {
    pub const fn payload(self) -> &'static [u8] {
        match self {
            Presence::Online => b"online",
            Presence::Offline => b"offline",
        }
    }

    pub fn parse(payload: &[u8]) -> Option<Presence> {
        [Presence::Online, Presence::Offline]
            .into_iter()
            .find(|presence| presence.payload() == payload)
    }
}

impl AllNodes {
    pub fn text(&self) -> TopicText {
        text(self)
    }
}

impl<'a> Observations<'a> {
    pub fn parse(text: &'a str) -> Result<Observations<'a>, TopicError> {
        let mut levels = text.splitn(9, '/');
        let mut next = || levels.next().ok_or(TopicError::Levels);
        if (next()?, next()?) != ("city", "v1") {
            return Err(TopicError::Prefix);
        }
        let city = CityId::new(next()?)?;
        if next()? != SENSORTHINGS {
            return Err(TopicError::Room);
        }
        let zone = ZoneId::new(next()?)?;
        let (version, stream, last) = (next()?, next()?, next()?);
        let id = stream.strip_prefix("Datastreams('");
        let id = id.and_then(|id| id.strip_suffix("')"));
        let (of, value) = id.and_then(|id| id.split_once(':')).unwrap_or_default();
        let is_part = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_:.-".contains(&b);
        let is_value = (1..=VALUE_LEN_MAX).contains(&value.len()) && value.bytes().all(is_part);
        if (version, last) != ("v1.1", "Observations") || of != zone.as_str() || !is_value {
            return Err(TopicError::Stream);
        }
        match levels.next() {
            None => Ok(Observations { city, zone, value }),
            Some(_) => Err(TopicError::Levels),
        }
    }
}

impl fmt::Display for Observations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Observations { city, zone, value } = self;
        write!(
            f,
            "city/v1/{city}/{SENSORTHINGS}/{zone}/v1.1/Datastreams('{zone}:{value}')/Observations"
        )
    }
}

impl fmt::Display for AllNodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "city/v1/{}/node/+/{}", self.city, self.channel.name())
    }
}

fn text(topic: &impl fmt::Display) -> TopicText {
    let mut text = TopicText::new();
    // Fits: `TOPIC_LEN_MAX` is the longest topic there is.
    let fitted = write!(text, "{topic}");
    debug_assert!(fitted.is_ok());
    text
}

/// Why a text is none of our topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicError {
    Prefix,
    Levels,
    Room,
    Channel,
    Alert,
    Stream,
    Id(IdError),
}

impl From<IdError> for TopicError {
    fn from(error: IdError) -> TopicError {
        TopicError::Id(error)
    }
}

impl fmt::Display for TopicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TopicError::Prefix => f.write_str("topic does not begin with city/v1"),
            TopicError::Levels => f.write_str("topic has too few or too many levels"),
            TopicError::Room => {
                f.write_str("topic's fourth level is not node, alert, cap or gateway")
            }
            TopicError::Channel => {
                f.write_str("node topic does not end in up, alarm, down or status")
            }
            TopicError::Alert => {
                f.write_str("alert topic does not end in 32 lower-case hexadecimal digits")
            }
            TopicError::Stream => f.write_str(
                "topic does not end in v1.1/Datastreams('<zone>:<value>')/Observations of its zone",
            ),
            TopicError::Id(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for TopicError {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    extern crate std;

    use std::string::ToString;

    use super::*;

    #[test]
    fn observations_have_a_topic_of_their_datastream() {
        let topic = Observations {
            city: "harbour".parse().unwrap(),
            zone: "quay".parse().unwrap(),
            value: "air_forecast:us-epa-2024:3h",
        };
        let text = topic.to_string();
        assert_eq!(
            text,
            "city/v1/harbour/sensorthings/quay/v1.1/Datastreams('quay:air_forecast:us-epa-2024:3h')/Observations"
        );
        assert_eq!(Observations::parse(&text), Ok(topic));
        assert_eq!(Topic::parse(&text), Err(TopicError::Room));
        for wrong in [
            text.replace("quay:", "mole:"),
            text.replace("v1.1", "v1.0"),
            text.replace("3h", "+"),
            text.replace("')", ""),
            text.clone() + "/x",
        ] {
            assert!(Observations::parse(&wrong).is_err(), "{wrong}");
        }
    }
}
