//! A frame's body as bytes, coded by differences.
//!
//! Whole numbers are those of bincode's standard configuration: up to 250 one byte; else 0xfb, 0xfc or 0xfd and
//! 2, 4 or 8 bytes, little-endian; signed ones zigzag first.
//!
//! # Bytes
//!
//! | field | coding | meaning |
//! | --- | --- | --- |
//! | boots | u32, 1-5 bytes | boot − boot of the oldest frame kept |
//! | kept | u32, 1-5 bytes | same boot: sequence − oldest kept; an earlier one: the sequence of the oldest kept |
//! | uptime | u64, 1-9 bytes | milliseconds since the start of the node |
//! | count | 1 byte | bits 0-6 number of samples (0-64), bit 7: a wall time follows |
//! | wall | 0 or 6 bytes | milliseconds since 1970, big-endian |
//! | settings | 4 bytes | id of the settings in force, big-endian |
//! | refused | u32, 1-5 bytes | id of the settings refused last; 0: none |
//!
//! then per sample:
//!
//! | field | coding | meaning |
//! | --- | --- | --- |
//! | age | u64, 1-9 bytes | first sample: age; later ones by the step, the time since the sample before: 0 none, 1 the last step that was not 0 once more, else the step + 2 |
//! | code | 1 byte | bits 0-6 the quantity, bit 7: a qualifier follows |
//! | qualifier | 0 or 1 byte | 0 at least, 1 at most, 2 timeout, 3 disconnected, 4 self test, 5 out of range, 6-255 other faults |
//! | value | 0 or 1-9 bytes, signed | not for faults: thousandths, minus those of the frame's last sample of this quantity with a value |

use core::fmt;

use crate::bytes::{Ended, Put, Take};
use crate::frame::{Body, Fault, Header, Kept, Measurement, Sample, Samples};
use crate::limits::SAMPLES_MAX;
use crate::milli::Milli;

const WALL_FLAG: u8 = 0x80;
const QUALIFIER_FLAG: u8 = 0x80;

const AT_LEAST: u8 = 0;
const AT_MOST: u8 = 1;

/// Writes `body` of the frame with this `header`; answers the number of bytes.
pub(crate) fn encode(
    body: &Body,
    header: &Header,
    buffer: &mut [u8],
) -> Result<usize, EncodeBodyError> {
    let oldest = body.oldest_kept;
    if oldest > header.place() {
        return Err(EncodeBodyError::OldestKept);
    }
    let boots = header.boot - oldest.boot;
    let mut put = Put::new(buffer);
    put.put(boots)?;
    put.put(match boots {
        0 => header.sequence - oldest.sequence,
        _ => oldest.sequence,
    })?;
    put.put(body.uptime_ms)?;
    // Never more than SAMPLES_MAX, by the type.
    let count = body.samples.len() as u8;
    match body.wall_ms {
        Some(wall_ms) => {
            put.put(count | WALL_FLAG)?;
            put.put_time(wall_ms).map_err(|_| EncodeBodyError::Wall)?;
        }
        None => put.put(count)?,
    }
    put.put(body.settings.to_be_bytes())?;
    put.put(body.settings_refused)?;
    for (place, sample) in body.samples.iter().enumerate() {
        let before = &body.samples[..place];
        let age = match before.last() {
            Some(last) => {
                let step = last.age_ms.checked_sub(sample.age_ms);
                step_code(step.ok_or(EncodeBodyError::Order)?, last_step(before))
            }
            None => u64::from(sample.age_ms),
        };
        put.put(age)?;
        put_measurement(&mut put, sample, last_value(before, sample.code))?;
    }
    Ok(put.len())
}

fn put_measurement(put: &mut Put, sample: &Sample, last: Milli) -> Result<(), EncodeBodyError> {
    if sample.code & QUALIFIER_FLAG != 0 {
        return Err(EncodeBodyError::Code);
    }
    let qualifier = match sample.measurement {
        Measurement::Value(_) => None,
        Measurement::AtLeast(_) => Some(AT_LEAST),
        Measurement::AtMost(_) => Some(AT_MOST),
        Measurement::Fault(fault) => Some(fault_code(fault)),
    };
    match qualifier {
        Some(qualifier) => put.put([sample.code | QUALIFIER_FLAG, qualifier])?,
        None => put.put(sample.code)?,
    }
    if let Some(value) = sample.measurement.value() {
        // Wraps on both sides, so that every pair of values comes through.
        put.put(value.0.wrapping_sub(last.0))?;
    }
    Ok(())
}

/// Reads what [`encode`] wrote, and refuses everything else.
pub(crate) fn decode(bytes: &[u8], header: &Header) -> Result<Body, BodyError> {
    let mut take = Take::new(bytes);
    let (boots, kept): (u32, u32) = (take.take()?, take.take()?);
    let oldest_kept = Kept {
        boot: header
            .boot
            .checked_sub(boots)
            .ok_or(BodyError::OldestKept)?,
        sequence: match boots {
            0 => header.sequence.checked_sub(kept),
            _ => Some(kept),
        }
        .ok_or(BodyError::OldestKept)?,
    };
    let uptime_ms = take.take()?;
    let count: u8 = take.take()?;
    let wall_ms = if count & WALL_FLAG != 0 {
        Some(take.take_time()?)
    } else {
        None
    };
    let settings = u32::from_be_bytes(take.take()?);
    let settings_refused = take.take()?;
    let count = usize::from(count & !WALL_FLAG);
    if count > SAMPLES_MAX {
        return Err(BodyError::Count);
    }
    let mut samples = Samples::new();
    for _ in 0..count {
        let sample = take_sample(&mut take, &samples)?;
        samples.push(sample).map_err(|_| BodyError::Count)?;
    }
    take.end()?;
    Ok(Body {
        oldest_kept,
        uptime_ms,
        wall_ms,
        settings,
        settings_refused,
        samples,
    })
}

fn take_sample(take: &mut Take, before: &[Sample]) -> Result<Sample, BodyError> {
    let code: u64 = take.take()?;
    let age_ms = match before.last() {
        Some(last) => {
            let step = step_of(code, last_step(before)).ok_or(BodyError::Order)?;
            last.age_ms.checked_sub(step).ok_or(BodyError::Order)?
        }
        None => u32::try_from(code).map_err(|_| BodyError::Bytes)?,
    };
    let code: u8 = take.take()?;
    let qualifier = if code & QUALIFIER_FLAG != 0 {
        Some(take.take::<u8>()?)
    } else {
        None
    };
    let code = code & !QUALIFIER_FLAG;
    let mut value = || -> Result<Milli, BodyError> {
        let difference: i64 = take.take()?;
        Ok(Milli(last_value(before, code).0.wrapping_add(difference)))
    };
    let measurement = match qualifier {
        None => Measurement::Value(value()?),
        Some(AT_LEAST) => Measurement::AtLeast(value()?),
        Some(AT_MOST) => Measurement::AtMost(value()?),
        Some(fault) => Measurement::Fault(fault_from_code(fault)),
    };
    Ok(Sample {
        age_ms,
        code,
        measurement,
    })
}

/// Sensors are read in rounds, so a step is mostly none or that of the round before: one byte then.
fn step_code(step: u32, last: Option<u32>) -> u64 {
    match step {
        0 => 0,
        _ if last == Some(step) => 1,
        _ => u64::from(step) + 2,
    }
}

/// What [`step_code`] wrote, and nothing else for the same step.
fn step_of(code: u64, last: Option<u32>) -> Option<u32> {
    match code {
        0 => Some(0),
        1 => last,
        _ => u32::try_from(code - 2)
            .ok()
            .filter(|&step| step > 0 && last != Some(step)),
    }
}

/// The latest time between two of these samples that was not 0.
fn last_step(before: &[Sample]) -> Option<u32> {
    let mut pairs = before.windows(2).rev();
    pairs.find_map(|pair| {
        let step = pair[0].age_ms - pair[1].age_ms;
        (step > 0).then_some(step)
    })
}

/// The value that the next sample of this quantity is a difference from; zero at first.
fn last_value(before: &[Sample], code: u8) -> Milli {
    before
        .iter()
        .rev()
        .filter(|sample| sample.code == code)
        .find_map(|sample| sample.measurement.value())
        .unwrap_or(Milli::ZERO)
}

fn fault_code(fault: Fault) -> u8 {
    match fault {
        Fault::Timeout => 2,
        Fault::Disconnected => 3,
        Fault::SelfTest => 4,
        Fault::OutOfRange => 5,
        // The codes below 6 have names of their own.
        Fault::Other(code) => code.max(6),
    }
}

fn fault_from_code(code: u8) -> Fault {
    match code {
        2 => Fault::Timeout,
        3 => Fault::Disconnected,
        4 => Fault::SelfTest,
        5 => Fault::OutOfRange,
        other => Fault::Other(other),
    }
}

/// Why a body cannot be written: a mistake of the node, not of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeBodyError {
    /// The oldest frame kept is newer than this one.
    OldestKept,
    /// The wall time does not fit 48 bits.
    Wall,
    /// A sample is older than the one before it.
    Order,
    /// A quantity code above 0x7f.
    Code,
    /// The buffer is shorter than the stated maximum.
    Buffer,
}

/// Why an authentic body means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// Ends early, goes on after its end, or holds a number out of its type's range.
    Bytes,
    OldestKept,
    Count,
    Order,
}

impl From<Ended> for EncodeBodyError {
    fn from(_: Ended) -> EncodeBodyError {
        EncodeBodyError::Buffer
    }
}

impl From<Ended> for BodyError {
    fn from(_: Ended) -> BodyError {
        BodyError::Bytes
    }
}

impl fmt::Display for EncodeBodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EncodeBodyError::OldestKept => "oldest kept is newer than the frame itself",
            EncodeBodyError::Wall => "wall time does not fit 48 bits",
            EncodeBodyError::Order => "samples are not in order of time",
            EncodeBodyError::Code => "quantity code above 0x7f",
            EncodeBodyError::Buffer => "buffer too short for the body",
        })
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BodyError::Bytes => "body ends early, late, or holds a number out of range",
            BodyError::OldestKept => "body keeps frames from before the first there is",
            BodyError::Count => "body says it has more samples than a frame can hold",
            BodyError::Order => "body has a sample from after its frame was closed",
        })
    }
}

impl core::error::Error for EncodeBodyError {}
impl core::error::Error for BodyError {}
