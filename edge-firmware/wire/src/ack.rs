//! The acknowledgement: how far the gateway's journal reaches, what time it is, and what the node shall go by.
//!
//! Only this lets a node forget. *Settled* is what is on disk, what is authentic and was refused for its
//! content, and what the node itself no longer keeps.
//!
//! # Bytes
//!
//! | bytes | field | meaning |
//! | --- | --- | --- |
//! | 0 | version | [`VERSION`] |
//! | 1 | key generation | which down key sealed it |
//! | 2..6 | epoch | u32, big-endian |
//! | 6..14 | counter | u64, big-endian |
//! | 14..20 | gateway time | sealed from here on: milliseconds since 1970, 48 bits, big-endian |
//! | 20 | count | bits 0-6 number of entries (0-4), bit 7: settings follow them |
//! | 21.. | entries | lane 1 byte, boot 1-5, settled from 1-5, below 1-5, bitmap 1-9 bytes each, as in bincode's standard configuration |
//! | ..n-16 | settings | nothing, or as in [`settings`](crate::settings) |
//! | n-16..n | tag | Poly1305 over header, city, node and body |

use crate::body::BodyError;
use crate::bytes::{Put, Take};
use crate::frame::{HeaderError, Lane};
use crate::ident::{CityId, NodeId};
use crate::limits::{
    ACK_BODY_LEN_MAX, ACK_HEADER_LEN, ACK_LEN_MAX, BITMAP_LEN, SETTLED_MAX, TAG_LEN, VERSION,
};
use crate::seal::{Key, OpenError, SealError, decrypt, encrypt};
use crate::settings::Settings;

const SETTINGS_FLAG: u8 = 0x80;

/// A sealed acknowledgement.
pub type AckBytes = heapless::Vec<u8, ACK_LEN_MAX>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    /// Which of the node's down keys seals it.
    pub generation: u8,
    /// Number of the gateway's start, stored by it, always growing; the larger of the stored one plus one and
    /// the seconds since 1970 also outlives a lost data directory.
    pub epoch: u32,
    /// Number of the acknowledgement in its epoch. (epoch, counter) is the nonce: never the same for two
    /// acknowledgements to one node.
    pub counter: u64,
    /// The gateway's clock when it sealed this, milliseconds since 1970.
    pub gateway_ms: i64,
    pub settled: heapless::Vec<Settled, SETTLED_MAX>,
    /// For a node that goes by others.
    pub settings: Option<Settings>,
}

/// How far one boot and lane is settled, around what was heard last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Settled {
    pub boot: u32,
    pub lane: Lane,
    /// Every sequence from here on and below `below` is settled; 0 but for frames beyond a wide hole.
    pub from: u32,
    pub below: u32,
    /// Bit i says that sequence `below` + i is settled too.
    pub bitmap: u64,
}

impl Settled {
    pub fn covers(&self, sequence: u32) -> bool {
        match sequence.checked_sub(self.below) {
            None => self.from <= sequence,
            Some(ahead) => ahead < BITMAP_LEN && self.bitmap >> ahead & 1 == 1,
        }
    }
}

/// Seals `ack` for one node.
pub fn seal_ack(
    ack: &Ack,
    key: &Key,
    city: &CityId,
    node: &NodeId,
    sealed: &mut AckBytes,
) -> Result<(), SealError> {
    sealed.clear();
    let header = header_bytes(ack);
    let mut plain = [0; ACK_BODY_LEN_MAX];
    let len = encode(ack, &mut plain)?;
    let plain = &mut plain[..len];
    let nonce = nonce(ack.epoch, ack.counter);
    let tag = encrypt(key, nonce, &header, city, node, plain)?;
    for part in [&header[..], plain, &tag] {
        sealed
            .extend_from_slice(part)
            .map_err(|_| SealError::Buffer)?;
    }
    Ok(())
}

/// The acknowledgement in `bytes`, if the gateway sealed exactly these for this node.
///
/// An old one opens too: the receiver remembers the greatest (epoch, counter) and leaves the rest.
pub fn open_ack(bytes: &[u8], key: &Key, city: &CityId, node: &NodeId) -> Result<Ack, OpenError> {
    let (generation, epoch, counter) = peek(bytes).map_err(OpenError::Header)?;
    if bytes.len() > ACK_LEN_MAX {
        return Err(OpenError::TooLong);
    }
    let mut plain = [0; ACK_BODY_LEN_MAX];
    let plain = decrypt(
        key,
        nonce(epoch, counter),
        bytes.split_at(ACK_HEADER_LEN),
        city,
        node,
        &mut plain,
    )?;
    let mut take = Take::new(plain);
    let (gateway_ms, settled, settings) = decode(&mut take).map_err(OpenError::Body)?;
    take.end().map_err(|_| OpenError::Body(BodyError::Bytes))?;
    Ok(Ack {
        generation,
        epoch,
        counter,
        gateway_ms,
        settled,
        settings,
    })
}

fn header_bytes(ack: &Ack) -> [u8; ACK_HEADER_LEN] {
    let mut header = [0; ACK_HEADER_LEN];
    header[0] = VERSION;
    header[1] = ack.generation;
    header[2..6].copy_from_slice(&ack.epoch.to_be_bytes());
    header[6..].copy_from_slice(&ack.counter.to_be_bytes());
    header
}

fn peek(bytes: &[u8]) -> Result<(u8, u32, u64), HeaderError> {
    let (&version, rest) = bytes.split_first().ok_or(HeaderError::Truncated)?;
    if version != VERSION {
        return Err(HeaderError::Version(version));
    }
    if bytes.len() < ACK_HEADER_LEN + TAG_LEN {
        return Err(HeaderError::Truncated);
    }
    let &[generation, e0, e1, e2, e3, ref counter @ ..] = rest
        .first_chunk::<{ ACK_HEADER_LEN - 1 }>()
        .ok_or(HeaderError::Truncated)?;
    Ok((
        generation,
        u32::from_be_bytes([e0, e1, e2, e3]),
        u64::from_be_bytes(*counter),
    ))
}

fn nonce(epoch: u32, counter: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[..4].copy_from_slice(&epoch.to_be_bytes());
    nonce[4..].copy_from_slice(&counter.to_be_bytes());
    nonce
}

fn encode(ack: &Ack, buffer: &mut [u8]) -> Result<usize, crate::body::EncodeBodyError> {
    let mut put = Put::new(buffer);
    put.put_time(ack.gateway_ms)
        .map_err(|_| crate::body::EncodeBodyError::Wall)?;
    // Never more than SETTLED_MAX, by the type.
    let count = ack.settled.len() as u8;
    put.put(match ack.settings {
        Some(_) => count | SETTINGS_FLAG,
        None => count,
    })?;
    for settled in &ack.settled {
        put.put(settled.lane.code())?;
        put.put(settled.boot)?;
        put.put(settled.from)?;
        put.put(settled.below)?;
        put.put(settled.bitmap)?;
    }
    if let Some(settings) = &ack.settings {
        settings.put(&mut put)?;
    }
    Ok(put.len())
}

type Content = (i64, heapless::Vec<Settled, SETTLED_MAX>, Option<Settings>);

fn decode(take: &mut Take) -> Result<Content, BodyError> {
    let gateway_ms = take.take_time()?;
    let count: u8 = take.take()?;
    let mut entries = heapless::Vec::new();
    for _ in 0..count & !SETTINGS_FLAG {
        let lane = Lane::from_code(take.take()?).ok_or(BodyError::Bytes)?;
        let settled = Settled {
            lane,
            boot: take.take()?,
            from: take.take()?,
            below: take.take()?,
            bitmap: take.take()?,
        };
        entries.push(settled).map_err(|_| BodyError::Count)?;
    }
    let settings = match count & SETTINGS_FLAG {
        0 => None,
        _ => Some(Settings::take(take)?),
    };
    Ok((gateway_ms, entries, settings))
}
