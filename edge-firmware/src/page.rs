//! The configuration page: what provisioning writes into a node's flash, and how a board reads it.
//!
//! The gateway's side and every board share this file, so that they cannot disagree. Any bytes may be in the
//! flash; what is not exactly a page is no page, and a node without one does not speak.
//!
//! # Bytes
//!
//! | bytes | field | meaning |
//! | --- | --- | --- |
//! | 0..8 | magic | [`MAGIC`] |
//! | 8..10 | version | u16, big-endian: [`VERSION`] |
//! | 10..12 | length | u16, big-endian: bytes of the body |
//! | 12..12+n | body | [`Page`] in bincode's standard configuration, fields in their order |
//! | 12+n..20+n | check | the first bytes of SHA-256 over everything before |
//!
//! What follows (the rest of an erased sector) means nothing.

use core::fmt;

use bincode::config::{Configuration, standard};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wire::limits::ALARMS_MAX;
use wire::settings::SettingsError;
use wire::{CityId, Key, NodeId, Quantity, Settings};

use crate::config::{Config, Keys};
use crate::limits::{PERIOD_MS_MIN, SENSORS_MAX};
use crate::sampling::{Scale, Sensor};
use crate::schedule::report_after_ms;

pub const MAGIC: [u8; 8] = *b"CITYNODE";
pub const VERSION: u16 = 2;

/// Longest page: what [`encode`] needs and [`decode`] looks at.
pub const PAGE_LEN_MAX: usize = HEADER_LEN + BODY_LEN_MAX + CHECK_LEN;

const HEADER_LEN: usize = MAGIC.len() + 2 + 2;
const CHECK_LEN: usize = 8;
/// Ids 33 each, broker 4 + 3, keys 65, boots 5, count 1 and a byte a quantity; settings: two periods of 5, count 1, then
/// per threshold quantity 1, danger 1, two values of 9 and two durations of 5.
const BODY_LEN_MAX: usize =
    2 * 33 + 7 + 65 + 5 + 1 + SENSORS_MAX + 2 * 5 + 1 + ALARMS_MAX * (1 + 1 + 2 * 9 + 2 * 5);
/// A page as it stands in the flash.
pub type PageBytes = heapless::Vec<u8, PAGE_LEN_MAX>;

/// All that a node is told before its first start.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    pub city: CityId,
    pub node: NodeId,
    pub broker: Broker,
    /// Which of the node's keys these are.
    pub generation: u8,
    /// Seals frames.
    pub up: [u8; 32],
    /// Opens acknowledgements.
    pub down: [u8; 32],
    /// Lowest boot number that may be used with these keys: a board whose counter was replaced starts here, so
    /// that no nonce is used twice.
    pub boots_from: u32,
    pub quantities: heapless::Vec<Quantity, SENSORS_MAX>,
    /// What it goes by until the gateway says something else.
    pub settings: Settings,
}

/// Without its keys.
impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("city", &self.city)
            .field("node", &self.node)
            .field("broker", &self.broker)
            .field("generation", &self.generation)
            .field("boots_from", &self.boots_from)
            .field("quantities", &self.quantities)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Where the broker listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broker {
    pub address: [u8; 4],
    pub port: u16,
}

/// Why bytes are no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageError {
    /// Nobody has written a page here.
    Blank,
    /// Written for another firmware.
    Version(u16),
    /// Longer than any page, or than these bytes.
    Length,
    /// Damaged: the check does not fit.
    Check,
    /// Whole, and yet not what a page says.
    Content,
    /// A page whose settings nobody can go by.
    Settings(SettingsError),
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PageError::Blank => f.write_str("no configuration page"),
            PageError::Version(version) => write!(f, "a configuration page of version {version}"),
            PageError::Length => f.write_str("a configuration page of impossible length"),
            PageError::Check => f.write_str("a damaged configuration page"),
            PageError::Content => f.write_str("a configuration page that makes no sense"),
            PageError::Settings(error) => write!(f, "a configuration page that asks for {error}"),
        }
    }
}

impl core::error::Error for PageError {}

/// The page in the first bytes of `flash`.
pub fn decode(flash: &[u8]) -> Result<Page, PageError> {
    let (header, rest) = flash
        .split_first_chunk::<HEADER_LEN>()
        .ok_or(PageError::Blank)?;
    let &[ref magic @ .., v0, v1, n0, n1] = header;
    if *magic != MAGIC {
        return Err(PageError::Blank);
    }
    let version = u16::from_be_bytes([v0, v1]);
    if version != VERSION {
        return Err(PageError::Version(version));
    }
    let len = usize::from(u16::from_be_bytes([n0, n1]));
    if len > BODY_LEN_MAX {
        return Err(PageError::Length);
    }
    let (body, rest) = rest.split_at_checked(len).ok_or(PageError::Length)?;
    let found = rest.first_chunk().ok_or(PageError::Length)?;
    if *found != check(header, body) {
        return Err(PageError::Check);
    }
    let (page, used): (Page, usize) =
        bincode::serde::borrow_decode_from_slice(body, CODING).map_err(|_| PageError::Content)?;
    if used != len {
        return Err(PageError::Content);
    }
    page.settings.check().map_err(PageError::Settings)?;
    Ok(page)
}

/// The bytes that [`decode`] takes back.
pub fn encode(page: &Page) -> PageBytes {
    let mut body = [0; BODY_LEN_MAX];
    // Every page fits, by the sum above.
    let len = bincode::serde::encode_into_slice(page, &mut body, CODING).unwrap_or_default();
    let body = &body[..len];
    let mut header = [0; HEADER_LEN];
    header[..MAGIC.len()].copy_from_slice(&MAGIC);
    header[MAGIC.len()..][..2].copy_from_slice(&VERSION.to_be_bytes());
    header[MAGIC.len() + 2..].copy_from_slice(&(len as u16).to_be_bytes());
    let parts = [&header[..], body, &check(&header, body)];
    parts.into_iter().flatten().copied().collect()
}

impl Page {
    /// How the node behaves in its `boot`-th life.
    pub fn config(&self, boot: u32) -> Config {
        let keys = Keys {
            generation: self.generation,
            up: Key::from_bytes(self.up),
            down: Key::from_bytes(self.down),
        };
        let after_ms = report_after_ms(self.settings.sample_period_ms);
        Config {
            report_phase_ms: self.phase_ms().saturating_add(after_ms),
            first_round_ms: Some((self.seed(boot) % u64::from(FIRST_ROUND_MS_MAX)) as u32),
            seed: self.seed(boot),
            ..Config::new(self.city, self.node, keys, boot)
        }
    }

    /// Its sensors; `scale` says how the board's driver of a quantity is read.
    pub fn sensors(&self, scale: impl Fn(Quantity) -> Scale) -> heapless::Vec<Sensor, SENSORS_MAX> {
        let sensor = |&quantity: &Quantity| Sensor {
            quantity,
            phase_ms: self.phase_ms(),
            scale: scale(quantity),
        };
        self.quantities.iter().map(sensor).collect()
    }

    /// A number that differs for every node and boot and that nobody without the node's key can foretell: for
    /// jitter, and for the ports and sequences of a network stack.
    pub fn seed(&self, boot: u32) -> u64 {
        let hash = Sha256::new()
            .chain_update(b"citysense/seed")
            .chain_update(self.up)
            .chain_update(boot.to_be_bytes())
            .finalize();
        hash.iter()
            .take(8)
            .fold(0, |seed, &byte| seed << 8 | u64::from(byte))
    }

    /// Spreads a fleet over the period; the same at every boot.
    fn phase_ms(&self) -> u32 {
        (self.seed(0) % u64::from(self.settings.sample_period_ms.max(PERIOD_MS_MIN))) as u32
    }
}

/// A district that gets its power back does not speak in one moment.
const FIRST_ROUND_MS_MAX: u32 = 100;

const CODING: Configuration = standard();

fn check(header: &[u8], body: &[u8]) -> [u8; CHECK_LEN] {
    let hash = Sha256::new()
        .chain_update(header)
        .chain_update(body)
        .finalize();
    core::array::from_fn(|at| hash[at])
}

const _: () = assert!(PAGE_LEN_MAX <= 4096, "a page fits the smallest sector");

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use wire::Milli;
    use wire::rule::{Danger, Threshold};
    use wire::settings::{Alarm, PERIOD_MS_MAX, SAMPLE_MS_MIN};

    fn page() -> impl Strategy<Value = Page> {
        let id = "[A-Za-z0-9_-]{1,32}";
        let quantities: std::vec::Vec<Quantity> = (0..=255)
            .filter_map(|code| Quantity::try_from(code).ok())
            .collect();
        let alarms = proptest::sample::subsequence(quantities.clone(), 0..=ALARMS_MAX);
        let quantities =
            proptest::collection::vec(proptest::sample::select(quantities), 0..=SENSORS_MAX);
        let after = any::<(u32, u32)>();
        let keys = (any::<u8>(), any::<[u8; 32]>(), any::<[u8; 32]>());
        let times = (
            SAMPLE_MS_MIN..1_000_000,
            1_000_000..=PERIOD_MS_MAX,
            any::<u32>(),
        );
        let numbers = (any::<([u8; 4], u16)>(), times, keys);
        (id, id, numbers, quantities, alarms, after).prop_map(
            |(city, node, ((address, port), times, keys), quantities, alarms, after)| Page {
                city: CityId::new(&city).unwrap(),
                node: NodeId::new(&node).unwrap(),
                broker: Broker { address, port },
                generation: keys.0,
                up: keys.1,
                down: keys.2,
                boots_from: times.2,
                quantities: quantities.into_iter().collect(),
                settings: Settings {
                    sample_period_ms: times.0,
                    report_period_ms: times.1,
                    alarms: alarms
                        .into_iter()
                        .map(|quantity| alarm(quantity, after))
                        .collect(),
                },
            },
        )
    }

    fn alarm(quantity: Quantity, after: (u32, u32)) -> Alarm {
        let (clear_at, raise_at) = quantity.entry().plausible;
        Alarm {
            quantity,
            threshold: Threshold {
                danger: Danger::Above,
                raise_at,
                clear_at,
                raise_after_ms: after.0,
                clear_after_ms: after.1,
            },
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(page in page(), rest in any::<[u8; 16]>()) {
            let mut flash = encode(&page).to_vec();
            flash.extend(rest);
            prop_assert!(decode(&flash) == Ok(page));
        }

        #[test]
        fn a_changed_bit_is_no_page(page in page(), at in any::<proptest::sample::Index>(), bit in 0_u32..8) {
            let mut flash = encode(&page);
            let at = at.index(flash.len());
            flash[at] ^= 1_u8 << bit;
            prop_assert!(decode(&flash).is_err());
        }

        #[test]
        fn a_part_of_a_page_is_no_page(page in page(), at in any::<proptest::sample::Index>()) {
            let flash = encode(&page);
            prop_assert!(decode(&flash[..at.index(flash.len())]).is_err());
        }

        #[test]
        fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            prop_assert!(decode(&bytes).is_err());
        }

        /// Past the check, that is: the body is anything.
        #[test]
        fn no_body_does_harm(body in proptest::collection::vec(any::<u8>(), 0..BODY_LEN_MAX)) {
            let mut flash = [&MAGIC[..], &VERSION.to_be_bytes(), &(body.len() as u16).to_be_bytes()].concat();
            let check = check(&flash, &body);
            flash.extend(&body[..]);
            flash.extend(check);
            if let Ok(page) = decode(&flash) {
                let _ = (page.config(1), page.sensors(|_| Scale::EXACT));
            }
        }
    }

    #[test]
    fn the_largest_page_fits() {
        let name = "a2345678901234567890123456789012";
        let mut widest = alarm(Quantity::Tilt, (u32::MAX, u32::MAX));
        (widest.threshold.raise_at, widest.threshold.clear_at) = (Milli(i64::MIN), Milli(i64::MIN));
        let page = Page {
            city: CityId::new(name).unwrap(),
            node: NodeId::new(name).unwrap(),
            broker: Broker {
                address: [255; 4],
                port: u16::MAX,
            },
            generation: u8::MAX,
            up: [255; 32],
            down: [255; 32],
            boots_from: u32::MAX,
            quantities: core::iter::repeat_n(Quantity::Tilt, SENSORS_MAX).collect(),
            settings: Settings {
                sample_period_ms: u32::MAX,
                report_period_ms: u32::MAX,
                alarms: core::iter::repeat_n(widest, ALARMS_MAX).collect(),
            },
        };
        let bytes = encode(&page);
        assert_eq!(bytes.len(), PAGE_LEN_MAX);
        // Whole, and nothing to go by.
        let error = SettingsError::Period(u32::MAX);
        assert!(decode(&bytes) == Err(PageError::Settings(error)));
    }

    #[test]
    fn an_erased_sector_says_so() {
        for byte in [0x00, 0xff] {
            assert!(decode(&[byte; 4096]) == Err(PageError::Blank));
        }
    }
}
