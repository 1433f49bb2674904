//! An EEPROM on a bus, for tests: it does not answer while it writes, and wraps within its pages.

extern crate std;

use std::vec;
use std::vec::Vec;

use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};

pub(crate) struct Chip {
    pub(crate) bytes: Vec<u8>,
    place: u16,
    /// How often it is asked in vain after a write.
    busy: u32,
}

pub(crate) struct NoDelay;

impl DelayNs for NoDelay {
    fn delay_ns(&mut self, _: u32) {}
}

impl Chip {
    pub(crate) const ADDRESS: u8 = 0x50;
    const PAGE_LEN: u16 = 64;

    pub(crate) fn new() -> Chip {
        Chip {
            bytes: vec![0xff; 0x1_0000],
            place: 0,
            busy: 0,
        }
    }
}

impl ErrorType for Chip {
    type Error = ErrorKind;
}

impl I2c for Chip {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), ErrorKind> {
        if address != Chip::ADDRESS || self.busy > 0 {
            self.busy = self.busy.saturating_sub(1);
            return Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address));
        }
        let mut written = Vec::new();
        for operation in operations {
            match operation {
                Operation::Write(bytes) => {
                    written.extend_from_slice(bytes);
                    if let Some(place) = written.first_chunk() {
                        self.place = u16::from_be_bytes(*place);
                    }
                }
                Operation::Read(bytes) => {
                    for byte in bytes.iter_mut() {
                        *byte = self.bytes[usize::from(self.place)];
                        self.place = self.place.wrapping_add(1);
                    }
                }
            }
        }
        for &byte in written.iter().skip(2) {
            self.bytes[usize::from(self.place)] = byte;
            let page = self.place / Chip::PAGE_LEN * Chip::PAGE_LEN;
            self.place = page + (self.place + 1) % Chip::PAGE_LEN;
            self.busy = 9;
        }
        Ok(())
    }
}
