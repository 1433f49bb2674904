//! A frame: what a node says at once. Closed once, sealed once, resent byte for byte.
//!
//! # Bytes
//!
//! | bytes | field | meaning |
//! | --- | --- | --- |
//! | 0 | version | [`VERSION`] |
//! | 1 | key generation | which key of the node sealed it |
//! | 2 | lane | 0 normal, 1 alarm |
//! | 3..7 | boot | u32, big-endian; grows with every start of the node |
//! | 7..11 | sequence | u32, big-endian; per boot and lane, from 0 |
//! | 11..n-16 | body | sealed, see [`Body`] |
//! | n-16..n | tag | Poly1305 over header, city, node and body |
//!
//! All of the header is clear but authenticated: a broker can read it and cannot change it.

use core::fmt;

use crate::limits::{FRAME_HEADER_LEN, SAMPLES_MAX, VERSION};
use crate::milli::Milli;
use crate::quantity::Quantity;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub header: Header,
    pub body: Body,
}

/// What is clear on the way: enough to choose a key and to see a duplicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Header {
    /// Which of the node's keys sealed the frame.
    pub generation: u8,
    pub lane: Lane,
    /// Number of the node's start; never used twice with one key.
    pub boot: u32,
    /// Place of the frame in its boot and lane, from 0.
    pub sequence: u32,
}

/// Alarm frames have their own topic, queue and sequence, so that nothing waits in front of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Lane {
    Normal = 0,
    Alarm = 1,
}

/// What is sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// Oldest frame of this lane that the node still has, of this boot or an earlier one; what is older and was not
    /// heard is lost.
    pub oldest_kept: Kept,
    /// Time since the node's start at which the frame was closed.
    pub uptime_ms: u64,
    /// The same moment in milliseconds since 1970, if the node knows it.
    pub wall_ms: Option<i64>,
    /// What the node goes by; see [`Settings::id`](crate::Settings::id).
    pub settings: u32,
    /// The last settings that it refused since its start; 0: none.
    pub settings_refused: u32,
    /// In order of sampling.
    pub samples: Samples,
}

/// A frame's place among all frames of its lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kept {
    pub boot: u32,
    pub sequence: u32,
}

pub type Samples = heapless::Vec<Sample, SAMPLES_MAX>;

/// One reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Time from sampling to the frame's `uptime_ms`; never grows from one sample to the next.
    pub age_ms: u32,
    /// Wire code of the quantity, below 0x80. A code that the table does not have is carried, not refused:
    /// the readings beside it are still good.
    pub code: u8,
    pub measurement: Measurement,
}

/// What the sensor said: a value, a bound, or the reason why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measurement {
    Value(Milli),
    /// Saturated at the upper end of the sensor's range: the true value is this or more.
    AtLeast(Milli),
    /// Saturated at the lower end: the true value is this or less.
    AtMost(Milli),
    Fault(Fault),
}

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The sensor did not answer in time.
    Timeout,
    /// No sensor there.
    Disconnected,
    /// The sensor says itself that it is broken or not yet warm.
    SelfTest,
    /// It answered something that a working sensor of its kind cannot.
    OutOfRange,
    /// A reason that a newer node knows, by its code.
    Other(u8),
}

impl Lane {
    pub const ALL: [Lane; 2] = [Lane::Normal, Lane::Alarm];

    pub const fn code(self) -> u8 {
        self as u8
    }

    pub const fn from_code(code: u8) -> Option<Lane> {
        match code {
            0 => Some(Lane::Normal),
            1 => Some(Lane::Alarm),
            _ => None,
        }
    }
}

impl Sample {
    pub fn new(age_ms: u32, quantity: Quantity, measurement: Measurement) -> Sample {
        Sample {
            age_ms,
            code: quantity.code(),
            measurement,
        }
    }

    /// `None` for a code that this build's table does not have.
    pub fn quantity(&self) -> Option<Quantity> {
        Quantity::from_code(self.code)
    }
}

impl Measurement {
    /// The number in it, exact or a bound.
    pub fn value(self) -> Option<Milli> {
        match self {
            Measurement::Value(value)
            | Measurement::AtLeast(value)
            | Measurement::AtMost(value) => Some(value),
            Measurement::Fault(_) => None,
        }
    }

    pub fn is_saturated(self) -> bool {
        matches!(self, Measurement::AtLeast(_) | Measurement::AtMost(_))
    }
}

impl Header {
    /// The frame's own place.
    pub const fn place(&self) -> Kept {
        Kept {
            boot: self.boot,
            sequence: self.sequence,
        }
    }

    pub fn to_bytes(self) -> [u8; FRAME_HEADER_LEN] {
        let [b0, b1, b2, b3] = self.boot.to_be_bytes();
        let [s0, s1, s2, s3] = self.sequence.to_be_bytes();
        let lane = self.lane.code();
        [
            VERSION,
            self.generation,
            lane,
            b0,
            b1,
            b2,
            b3,
            s0,
            s1,
            s2,
            s3,
        ]
    }

    /// Reads the clear header in front of `bytes`; nothing in it is proven until the seal is opened.
    pub fn peek(bytes: &[u8]) -> Result<Header, HeaderError> {
        let (&version, rest) = bytes.split_first().ok_or(HeaderError::Truncated)?;
        if version != VERSION {
            return Err(HeaderError::Version(version));
        }
        let &[generation, lane, b0, b1, b2, b3, s0, s1, s2, s3] =
            rest.first_chunk().ok_or(HeaderError::Truncated)?;
        Ok(Header {
            generation,
            lane: Lane::from_code(lane).ok_or(HeaderError::Lane(lane))?,
            boot: u32::from_be_bytes([b0, b1, b2, b3]),
            sequence: u32::from_be_bytes([s0, s1, s2, s3]),
        })
    }
}

/// Why bytes do not begin like a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderError {
    Truncated,
    /// Another format, perhaps a newer one; a refusal of its own.
    Version(u8),
    Lane(u8),
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeaderError::Truncated => write!(f, "shorter than the {FRAME_HEADER_LEN}-byte header"),
            HeaderError::Version(version) => {
                write!(f, "format version {version}, this build reads {VERSION}")
            }
            HeaderError::Lane(lane) => write!(f, "unknown lane {lane}"),
        }
    }
}

impl core::error::Error for HeaderError {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Timeout => f.write_str("timeout"),
            Fault::Disconnected => f.write_str("disconnected"),
            Fault::SelfTest => f.write_str("self_test"),
            Fault::OutOfRange => f.write_str("out_of_range"),
            Fault::Other(code) => write!(f, "fault_{code}"),
        }
    }
}
