//! Checked names: `[A-Za-z0-9_-]{1,32}`, so that an id is safe in a topic, a path, a label and a query.

use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Longest id in bytes.
pub const ID_LEN_MAX: usize = 32;

/// Why a text is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdError {
    Empty,
    TooLong,
    /// Byte position of the first character outside `[A-Za-z0-9_-]`.
    Character(usize),
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IdError::Empty => f.write_str("id is empty"),
            IdError::TooLong => write!(f, "id is longer than {ID_LEN_MAX} characters"),
            IdError::Character(at) => {
                write!(
                    f,
                    "id has a character outside A-Z a-z 0-9 _ - at position {}",
                    at + 1
                )
            }
        }
    }
}

impl core::error::Error for IdError {}

/// The bytes behind every id; unused places are zero, so equality and order are those of the text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Text {
    bytes: [u8; ID_LEN_MAX],
    len: u8,
}

impl Text {
    fn new(text: &str) -> Result<Text, IdError> {
        if text.is_empty() {
            return Err(IdError::Empty);
        }
        if let Some(at) = text
            .bytes()
            .position(|b| !(b.is_ascii_alphanumeric() || b == b'_' || b == b'-'))
        {
            return Err(IdError::Character(at));
        }
        if text.len() > ID_LEN_MAX {
            return Err(IdError::TooLong);
        }
        let mut bytes = [0; ID_LEN_MAX];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Text {
            bytes,
            len: text.len() as u8,
        })
    }

    fn as_str(&self) -> &str {
        // Only ASCII gets in through `new`, the only constructor.
        core::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an id of 1 to 32 characters A-Z a-z 0-9 _ -")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
        Text::new(text).map_err(E::custom)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(Text);

        impl $name {
            pub fn new(text: &str) -> Result<$name, IdError> {
                Text::new(text).map($name)
            }

            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<$name, IdError> {
                $name::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.as_str().hash(state)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                deserializer.deserialize_str(IdVisitor).map($name)
            }
        }
    )*};
}

// Names that must not be mixed up; the check is the same for all.
ids! {
    /// The city: first part of every topic.
    CityId;
    /// A sensor node: the name its key is derived from.
    NodeId;
    /// A zone: the place that figures and alerts are about.
    ZoneId;
    /// A rule of `rules.toml`.
    RuleId;
    /// A gateway: the name under which it says that it is alive.
    GatewayId;
    /// A place from which gas or smoke may leak.
    SourceId;
    /// What an alert is about (`crowd`, `gas`, `flood`, …); part of its topic.
    KindId;
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_characters_get_in() {
        assert_eq!(NodeId::new("quay-7_B").unwrap().as_str(), "quay-7_B");
        assert_eq!(NodeId::new(""), Err(IdError::Empty));
        assert_eq!(NodeId::new("a/b"), Err(IdError::Character(1)));
        assert_eq!(NodeId::new("é"), Err(IdError::Character(0)));
        assert_eq!(NodeId::new("+"), Err(IdError::Character(0)));
        assert_eq!(
            NodeId::new("a23456789012345678901234567890123"),
            Err(IdError::TooLong)
        );
        assert!(NodeId::new("a2345678901234567890123456789012").is_ok());
    }

    #[test]
    fn ids_sort_like_their_text() {
        let mut ids = ["b", "a1", "a", "a-"].map(|t| NodeId::new(t).unwrap());
        ids.sort();
        assert_eq!(ids.map(|i| i.0.len), [1, 2, 2, 1]);
        assert_eq!(ids[0].as_str(), "a");
        assert_eq!(ids[1].as_str(), "a-");
    }
}
