//! Sealing: the broker is not trusted, so everything that a node or the gateway says is encrypted and
//! authenticated end to end with ChaCha20-Poly1305.
//!
//! - key: HKDF-SHA256 of the city's secret, bound to node, generation and [`Direction`]; derive it once and
//!   keep it. A node holds its two keys and never the secret, so it can speak only in its own name.
//! - nonce, up: lane, three zeros, boot, sequence; down: epoch, counter. Neither repeats under one key: a boot
//!   number is used once, a frame is sealed once, and the gateway's epoch grows with each of its starts.
//! - associated data: the whole clear header, then `city/node` from the topic, so that bytes heard under
//!   another name do not open.

use core::fmt;

use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit, Nonce, Tag};
use hkdf::Hkdf;
use sha2::Sha256;

use crate::body::{self, BodyError, EncodeBodyError};
use crate::frame::{Frame, Header, HeaderError};
use crate::ident::{CityId, ID_LEN_MAX, NodeId};
use crate::limits::{ACK_HEADER_LEN, FRAME_BODY_LEN_MAX, FRAME_HEADER_LEN, FRAME_LEN_MAX, TAG_LEN};

/// A sealed frame, as it waits in the outbox and travels.
pub type FrameBytes = heapless::Vec<u8, FRAME_LEN_MAX>;

/// Closes `frame` into `sealed`. Call it once a frame: what is sent again is these very bytes.
pub fn seal_frame(
    frame: &Frame,
    key: &Key,
    city: &CityId,
    node: &NodeId,
    sealed: &mut FrameBytes,
) -> Result<(), SealError> {
    sealed.clear();
    let header = frame.header.to_bytes();
    let mut plain = [0; FRAME_BODY_LEN_MAX];
    let len = body::encode(&frame.body, &frame.header, &mut plain)?;
    let plain = &mut plain[..len];
    let tag = encrypt(key, frame_nonce(frame.header), &header, city, node, plain)?;
    for part in [&header[..], plain, &tag] {
        sealed
            .extend_from_slice(part)
            .map_err(|_| SealError::Buffer)?;
    }
    Ok(())
}

/// Length that `frame` will have sealed: lets an outbox make room before the one sealing.
pub fn sealed_len(frame: &Frame) -> Result<usize, SealError> {
    let mut plain = [0; FRAME_BODY_LEN_MAX];
    let len = body::encode(&frame.body, &frame.header, &mut plain)?;
    Ok(FRAME_HEADER_LEN + len + TAG_LEN)
}

/// The frame in `bytes`, if the holder of `key` sealed exactly these for this city and node.
pub fn open_frame(
    bytes: &[u8],
    key: &Key,
    city: &CityId,
    node: &NodeId,
) -> Result<Frame, OpenError> {
    let header = peek_header(bytes)?;
    let mut plain = [0; FRAME_BODY_LEN_MAX];
    let plain = decrypt(
        key,
        frame_nonce(header),
        bytes.split_at(FRAME_HEADER_LEN),
        city,
        node,
        &mut plain,
    )?;
    let body = body::decode(plain, &header).map_err(OpenError::Body)?;
    Ok(Frame { header, body })
}

/// The clear header of a sealed frame: for choosing the key and seeing a duplicate before any cryptography.
pub fn peek_header(bytes: &[u8]) -> Result<Header, OpenError> {
    let header = Header::peek(bytes).map_err(OpenError::Header)?;
    if bytes.len() < FRAME_HEADER_LEN + TAG_LEN {
        return Err(OpenError::Header(HeaderError::Truncated));
    }
    if bytes.len() > FRAME_LEN_MAX {
        return Err(OpenError::TooLong);
    }
    Ok(header)
}

/// The key of one node for one generation and direction.
pub fn derive_key(secret: &CitySecret, node: &NodeId, generation: u8, direction: Direction) -> Key {
    let mut key = Key([0; 32]);
    let info: [&[u8]; 3] = [
        b"citysense/v1/",
        &[generation, direction as u8],
        node.as_str().as_bytes(),
    ];
    // Fails only for outputs above 255 blocks; this is one.
    let expanded = Hkdf::<Sha256>::new(None, &secret.0).expand_multi_info(&info, &mut key.0);
    debug_assert!(expanded.is_ok());
    key
}

/// Up and down have different keys, so that nothing can be sent back to its speaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Direction {
    /// From the node.
    Up = 0,
    /// To the node.
    Down = 1,
}

/// Opens or seals one direction of one node.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl Key {
    /// From a node's provisioning.
    pub const fn from_bytes(bytes: [u8; 32]) -> Key {
        Key(bytes)
    }

    /// For provisioning a node.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What all keys of a city come from; lives in the gateway only.
#[derive(Clone, PartialEq, Eq)]
pub struct CitySecret([u8; 32]);

impl CitySecret {
    pub const fn new(bytes: [u8; 32]) -> CitySecret {
        CitySecret(bytes)
    }

    /// From 64 hexadecimal digits, as the secret's file has them; the caller trims.
    pub fn from_hex(text: &str) -> Result<CitySecret, SecretError> {
        let digits: &[u8; 64] = text.as_bytes().try_into().map_err(|_| SecretError)?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16).ok_or(SecretError);
            *byte = (digit(0)? << 4 | digit(1)?) as u8;
        }
        Ok(CitySecret(bytes))
    }
}

fn frame_nonce(header: Header) -> [u8; 12] {
    let [b0, b1, b2, b3] = header.boot.to_be_bytes();
    let [s0, s1, s2, s3] = header.sequence.to_be_bytes();
    let lane = header.lane.code();
    [lane, 0, 0, 0, b0, b1, b2, b3, s0, s1, s2, s3]
}

pub(crate) fn encrypt(
    key: &Key,
    nonce: [u8; 12],
    header: &[u8],
    city: &CityId,
    node: &NodeId,
    plain: &mut [u8],
) -> Result<[u8; TAG_LEN], SealError> {
    let associated = associated(header, city, node);
    ChaCha20Poly1305::new(&key.0.into())
        .encrypt_inout_detached(&Nonce::from(nonce), &associated, InOutBuf::from(plain))
        .map(Into::into)
        .map_err(|_| SealError::Buffer)
}

/// Opens `sealed` = (clear header, ciphertext and tag) into `plain` and answers the part of it that is filled.
pub(crate) fn decrypt<'a>(
    key: &Key,
    nonce: [u8; 12],
    sealed: (&[u8], &[u8]),
    city: &CityId,
    node: &NodeId,
    plain: &'a mut [u8],
) -> Result<&'a [u8], OpenError> {
    let (header, rest) = sealed;
    let (ciphertext, tag) = rest
        .split_last_chunk::<TAG_LEN>()
        .ok_or(OpenError::Header(HeaderError::Truncated))?;
    let plain = plain
        .get_mut(..ciphertext.len())
        .ok_or(OpenError::TooLong)?;
    plain.copy_from_slice(ciphertext);
    let associated = associated(header, city, node);
    ChaCha20Poly1305::new(&key.0.into())
        .decrypt_inout_detached(
            &Nonce::from(nonce),
            &associated,
            InOutBuf::from(&mut *plain),
            &Tag::from(*tag),
        )
        .map_err(|_| OpenError::Seal)?;
    Ok(plain)
}

const ASSOCIATED_LEN_MAX: usize = ACK_HEADER_LEN + 2 * ID_LEN_MAX + 1;
const _: () = assert!(ACK_HEADER_LEN >= FRAME_HEADER_LEN);

/// Header, city, `/`, node; unambiguous, because ids hold no `/`.
fn associated(
    header: &[u8],
    city: &CityId,
    node: &NodeId,
) -> heapless::Vec<u8, ASSOCIATED_LEN_MAX> {
    let mut data = heapless::Vec::new();
    for part in [
        header,
        city.as_str().as_bytes(),
        b"/",
        node.as_str().as_bytes(),
    ] {
        // Fits by the lengths above.
        let fitted = data.extend_from_slice(part);
        debug_assert!(fitted.is_ok());
    }
    data
}

/// Why something cannot be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    Body(EncodeBodyError),
    Buffer,
}

impl From<EncodeBodyError> for SealError {
    fn from(error: EncodeBodyError) -> SealError {
        SealError::Body(error)
    }
}

/// Why bytes do not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    Header(HeaderError),
    TooLong,
    /// Altered, sealed with another key, or heard under another city's or node's name.
    Seal,
    /// The seal is right and the content is not: the only error that is certainly the node's own.
    Body(BodyError),
}

impl OpenError {
    /// The bytes come from the node itself, so that refusing them settles them.
    pub fn is_authentic(self) -> bool {
        matches!(self, OpenError::Body(_))
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretError;

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SealError::Body(error) => error.fmt(f),
            SealError::Buffer => f.write_str("buffer too short to seal into"),
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Header(error) => error.fmt(f),
            OpenError::TooLong => f.write_str("longer than anything a node or gateway seals"),
            OpenError::Seal => {
                f.write_str("the seal is wrong: altered, another key, or another node's topic")
            }
            OpenError::Body(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a city secret has 64 hexadecimal digits")
    }
}

impl core::error::Error for SealError {}
impl core::error::Error for OpenError {}
impl core::error::Error for SecretError {}

// Secrets stay out of logs.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl fmt::Debug for CitySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CitySecret(…)")
    }
}
