//! A cursor that puts and takes one field at a time in bincode's standard configuration.
//!
//! Whole numbers take 1, 3, 5 or 9 bytes by size (signed ones zigzag), `u8` and arrays of it stand as they are.

use bincode::config::{self, Configuration};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::limits::{WALL_LEN, WALL_MS_END};

const CONFIG: Configuration = config::standard();

/// The buffer is full, or the bytes end early or mean nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended;

pub(crate) struct Put<'a> {
    buffer: &'a mut [u8],
    len: usize,
}

impl<'a> Put<'a> {
    pub(crate) fn new(buffer: &'a mut [u8]) -> Put<'a> {
        Put { buffer, len: 0 }
    }

    pub(crate) fn put<T: Serialize>(&mut self, field: T) -> Result<(), Ended> {
        let rest = self.buffer.get_mut(self.len..).ok_or(Ended)?;
        self.len += bincode::serde::encode_into_slice(field, rest, CONFIG).map_err(|_| Ended)?;
        Ok(())
    }

    /// Milliseconds since 1970 in 48 bits; a time outside `0..WALL_MS_END` does not fit.
    pub(crate) fn put_time(&mut self, time_ms: i64) -> Result<(), Ended> {
        if !(0..WALL_MS_END).contains(&time_ms) {
            return Err(Ended);
        }
        let [_, _, bytes @ ..] = time_ms.to_be_bytes();
        self.put(bytes)
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

pub(crate) struct Take<'a> {
    rest: &'a [u8],
}

impl<'a> Take<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Take<'a> {
        Take { rest: bytes }
    }

    pub(crate) fn take<T: DeserializeOwned>(&mut self) -> Result<T, Ended> {
        let (field, len) =
            bincode::serde::decode_from_slice(self.rest, CONFIG).map_err(|_| Ended)?;
        self.rest = self.rest.get(len..).ok_or(Ended)?;
        Ok(field)
    }

    pub(crate) fn take_time(&mut self) -> Result<i64, Ended> {
        let bytes: [u8; WALL_LEN] = self.take()?;
        Ok(bytes
            .iter()
            .fold(0, |time_ms, &byte| (time_ms << 8) | i64::from(byte)))
    }

    /// Nothing may follow the last field.
    pub(crate) fn end(self) -> Result<(), Ended> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Ended)
        }
    }
}
