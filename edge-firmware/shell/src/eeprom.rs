//! An EEPROM of the 24C family with two bytes of address, on any I2C bus, in the guise of a NOR flash.
//!
//! It can write any byte at any time, so erasing is writing ones, and a byte is written as often as it takes. What a
//! write takes: up to 5 ms for a page of the EEPROM, in which it does not answer.

use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{I2c, Operation};
use embedded_storage::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
    check_erase, check_read, check_write,
};

/// The smallest page of a 24C256 or 24C512; a write must not go past the end of one.
const WRITE_LEN_MAX: usize = 64;
/// Erased at once by the store: what it takes for a page.
pub const ERASE_LEN: usize = 2048;

const WRITE_TRIES: u32 = 20;
const WRITE_TRY_US: u32 = 500;

/// A part of an EEPROM.
#[derive(Debug)]
pub struct Eeprom<B, D> {
    bus: B,
    delay: D,
    address: u8,
    start: u16,
    len: usize,
}

/// Why it was not read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EepromError {
    /// It does not answer, also after the time that a write takes.
    Silent,
    /// Not within this part.
    Place(NorFlashErrorKind),
}

impl NorFlashError for EepromError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            EepromError::Silent => NorFlashErrorKind::Other,
            EepromError::Place(kind) => *kind,
        }
    }
}

impl<B: I2c, D: DelayNs> Eeprom<B, D> {
    /// The bytes from `start` on, `len` of them, of the EEPROM with this address on `bus`.
    pub fn new(bus: B, delay: D, address: u8, start: u16, len: usize) -> Eeprom<B, D> {
        Eeprom {
            bus,
            delay,
            address,
            start,
            len: len.min(usize::from(u16::MAX) + 1 - usize::from(start)),
        }
    }

    /// Within this part, so it does not pass the last address.
    fn place(&self, offset: u32) -> u16 {
        self.start.wrapping_add(offset as u16)
    }

    /// Writes within one page of the EEPROM, and waits until it stands there.
    fn put(&mut self, place: u16, bytes: &[u8]) -> Result<(), EepromError> {
        let place = place.to_be_bytes();
        let mut message = [Operation::Write(&place), Operation::Write(bytes)];
        self.bus
            .transaction(self.address, &mut message)
            .map_err(|_| EepromError::Silent)?;
        for _ in 0..WRITE_TRIES {
            if self.bus.write(self.address, &place).is_ok() {
                return Ok(());
            }
            self.delay.delay_us(WRITE_TRY_US);
        }
        Err(EepromError::Silent)
    }
}

impl<B: I2c, D: DelayNs> ErrorType for Eeprom<B, D> {
    type Error = EepromError;
}

impl<B: I2c, D: DelayNs> ReadNorFlash for Eeprom<B, D> {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), EepromError> {
        check_read(self, offset, bytes.len()).map_err(EepromError::Place)?;
        let place = self.place(offset).to_be_bytes();
        self.bus
            .write_read(self.address, &place, bytes)
            .map_err(|_| EepromError::Silent)
    }

    fn capacity(&self) -> usize {
        self.len
    }
}

impl<B: I2c, D: DelayNs> NorFlash for Eeprom<B, D> {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = ERASE_LEN;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), EepromError> {
        check_erase(self, from, to).map_err(EepromError::Place)?;
        for at in (from..to).step_by(WRITE_LEN_MAX) {
            self.put(self.place(at), &[0xff; WRITE_LEN_MAX])?;
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), EepromError> {
        check_write(self, offset, bytes.len()).map_err(EepromError::Place)?;
        let (mut place, mut rest) = (self.place(offset), bytes);
        while !rest.is_empty() {
            let room = WRITE_LEN_MAX - usize::from(place) % WRITE_LEN_MAX;
            let (part, after) = rest.split_at(room.min(rest.len()));
            self.put(place, part)?;
            place = place.wrapping_add(part.len() as u16);
            rest = after;
        }
        Ok(())
    }
}

/// It can do more: ones come back too.
impl<B: I2c, D: DelayNs> MultiwriteNorFlash for Eeprom<B, D> {}

const _: () = assert!(ERASE_LEN.is_multiple_of(WRITE_LEN_MAX));

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    extern crate std;

    use super::*;
    use crate::fake_i2c::{Chip, NoDelay};

    #[test]
    fn writes_do_not_pass_the_end_of_a_page_and_wait_for_each() {
        let mut chip = Chip::new();
        let bytes: std::vec::Vec<u8> = (0..=255).collect();
        let mut eeprom = Eeprom::new(&mut chip, NoDelay, Chip::ADDRESS, 4096, 8192);
        eeprom.write(1000, &bytes).unwrap();
        let mut found = [0; 256];
        eeprom.read(1000, &mut found).unwrap();
        assert_eq!(found[..], bytes);
        eeprom.erase(0, 2048).unwrap();
        eeprom.read(1000, &mut found).unwrap();
        assert_eq!(found, [0xff; 256]);
        assert_eq!(chip.bytes[4096 + 1000], 0xff);
    }

    #[test]
    fn nothing_beyond_a_part_is_touched_and_silence_is_an_error() {
        let mut chip = Chip::new();
        let mut eeprom = Eeprom::new(&mut chip, NoDelay, Chip::ADDRESS, 0xf000, 8192);
        assert_eq!(eeprom.capacity(), 4096);
        let beyond = EepromError::Place(NorFlashErrorKind::OutOfBounds);
        assert_eq!(eeprom.write(4095, &[1, 2]), Err(beyond));
        assert_eq!(eeprom.read(4096, &mut [0]), Err(beyond));
        let mut nobody = Eeprom::new(&mut chip, NoDelay, 0x11, 0, 8192);
        assert_eq!(nobody.write(0, &[1]), Err(EepromError::Silent));
    }
}
