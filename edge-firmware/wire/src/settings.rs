//! What a node goes by and the gateway may change: how often it measures and reports, and what alarms it.
//!
//! Settings are whole or not at all: a node that finds one of them impossible keeps all it had and says so in its frames.
//!
//! # Bytes
//!
//! | field | coding | meaning |
//! | --- | --- | --- |
//! | sample period | u32, 1-5 bytes | milliseconds between two readings of a sensor |
//! | report period | u32, 1-5 bytes | milliseconds between two frames |
//! | count | 1 byte | number of thresholds, 0-16 |
//!
//! then per threshold:
//!
//! | field | coding | meaning |
//! | --- | --- | --- |
//! | code | 1 byte | bits 0-6 the quantity, bit 7: danger is below |
//! | raise at, clear at | i64, 1-9 bytes each | thousandths |
//! | raise after, clear after | u32, 1-5 bytes each | milliseconds |

use core::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::body::{BodyError, EncodeBodyError};
use crate::bytes::{Put, Take};
use crate::limits::{ALARMS_MAX, SETTINGS_LEN_MAX};
use crate::milli::Milli;
use crate::quantity::Quantity;
use crate::rule::{Danger, Threshold};

const BELOW_FLAG: u8 = 0x80;

/// Shortest time between two readings: faster than any sensor of the table answers.
pub const SAMPLE_MS_MIN: u32 = 20;
/// Longest time between two readings or frames: a day.
pub const PERIOD_MS_MAX: u32 = 24 * 3_600_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Time between two readings of each sensor.
    pub sample_period_ms: u32,
    /// A frame is closed this often.
    pub report_period_ms: u32,
    /// Past these the node speaks at once; at most one for a quantity.
    pub alarms: heapless::Vec<Alarm, ALARMS_MAX>,
}

/// What alarms a node of one quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    pub quantity: Quantity,
    pub threshold: Threshold,
}

/// Why settings cannot be gone by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsError {
    /// A period is shorter than [`SAMPLE_MS_MIN`] or longer than [`PERIOD_MS_MAX`].
    Period(u32),
    /// Frames would be closed more often than there is something to say.
    Report,
    /// A threshold outside what is plausible of its quantity: it would alarm always or never.
    Range(Quantity),
    /// The value that ends an alarm lies beyond the one that raises it.
    Hysteresis(Quantity),
    /// Two thresholds for one quantity.
    Twice(Quantity),
}

impl Settings {
    /// A number for exactly these settings, the same on nodes and in the gateway: the first bytes of the SHA-256 of
    /// their coding; never 0.
    pub fn id(&self) -> u32 {
        let mut buffer = [0; SETTINGS_LEN_MAX];
        let mut put = Put::new(&mut buffer);
        // Fits by the sum of its fields.
        let fitted = self.put(&mut put);
        debug_assert!(fitted.is_ok());
        let len = put.len();
        let hash = Sha256::digest(&buffer[..len]);
        let first = hash
            .iter()
            .take(4)
            .fold(0, |id, &byte| id << 8 | u32::from(byte));
        first.max(1)
    }

    /// Whether a node can go by them at all; that it has the sensors is for the node to say.
    pub fn check(&self) -> Result<(), SettingsError> {
        for period_ms in [self.sample_period_ms, self.report_period_ms] {
            if !(SAMPLE_MS_MIN..=PERIOD_MS_MAX).contains(&period_ms) {
                return Err(SettingsError::Period(period_ms));
            }
        }
        if self.report_period_ms < self.sample_period_ms {
            return Err(SettingsError::Report);
        }
        for (
            place,
            &Alarm {
                quantity,
                threshold,
            },
        ) in self.alarms.iter().enumerate()
        {
            let (least, greatest) = quantity.entry().plausible;
            if [threshold.raise_at, threshold.clear_at]
                .iter()
                .any(|value| !(least..=greatest).contains(value))
            {
                return Err(SettingsError::Range(quantity));
            }
            if !threshold.is_ordered() {
                return Err(SettingsError::Hysteresis(quantity));
            }
            if self.alarms[..place]
                .iter()
                .any(|alarm| alarm.quantity == quantity)
            {
                return Err(SettingsError::Twice(quantity));
            }
        }
        Ok(())
    }

    /// The coding of the table above, for a node's memory.
    pub fn encode<'a>(&self, buffer: &'a mut [u8; SETTINGS_LEN_MAX]) -> &'a [u8] {
        let mut put = Put::new(buffer);
        // Fits by the sum of its fields.
        let fitted = self.put(&mut put);
        debug_assert!(fitted.is_ok());
        let len = put.len();
        &buffer[..len]
    }

    /// What [`Settings::encode`] wrote, and nothing else; unchecked.
    pub fn decode(bytes: &[u8]) -> Result<Settings, BodyError> {
        let mut take = Take::new(bytes);
        let settings = Settings::take(&mut take)?;
        take.end()?;
        Ok(settings)
    }

    pub(crate) fn put(&self, put: &mut Put) -> Result<(), EncodeBodyError> {
        put.put(self.sample_period_ms)?;
        put.put(self.report_period_ms)?;
        // Never more than ALARMS_MAX, by the type.
        put.put(self.alarms.len() as u8)?;
        for Alarm {
            quantity,
            threshold,
        } in &self.alarms
        {
            let code = quantity.code();
            put.put(match threshold.danger {
                Danger::Above => code,
                Danger::Below => code | BELOW_FLAG,
            })?;
            put.put(threshold.raise_at.0)?;
            put.put(threshold.clear_at.0)?;
            put.put(threshold.raise_after_ms)?;
            put.put(threshold.clear_after_ms)?;
        }
        Ok(())
    }

    pub(crate) fn take(take: &mut Take) -> Result<Settings, BodyError> {
        let (sample_period_ms, report_period_ms) = (take.take()?, take.take()?);
        let count: u8 = take.take()?;
        let mut alarms = heapless::Vec::new();
        for _ in 0..count {
            let code: u8 = take.take()?;
            let quantity = Quantity::from_code(code & !BELOW_FLAG).ok_or(BodyError::Bytes)?;
            let threshold = Threshold {
                danger: match code & BELOW_FLAG {
                    0 => Danger::Above,
                    _ => Danger::Below,
                },
                raise_at: Milli(take.take()?),
                clear_at: Milli(take.take()?),
                raise_after_ms: take.take()?,
                clear_after_ms: take.take()?,
            };
            let alarm = Alarm {
                quantity,
                threshold,
            };
            alarms.push(alarm).map_err(|_| BodyError::Count)?;
        }
        Ok(Settings {
            sample_period_ms,
            report_period_ms,
            alarms,
        })
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingsError::Period(ms) => write!(
                f,
                "a period of {ms} ms; it must be {SAMPLE_MS_MIN} to {PERIOD_MS_MAX}"
            ),
            SettingsError::Report => f.write_str("reports more often than it measures"),
            SettingsError::Range(quantity) => {
                write!(f, "a threshold of {quantity} outside its plausible range")
            }
            SettingsError::Hysteresis(quantity) => write!(
                f,
                "an alarm of {quantity} that would end beyond where it is raised"
            ),
            SettingsError::Twice(quantity) => write!(f, "two thresholds of {quantity}"),
        }
    }
}

impl core::error::Error for SettingsError {}
