//! The I2C bus: two pins, moved by hand.

use embedded_hal::i2c::{
    Error, ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation, SevenBitAddress,
};

use crate::registers::I2C;

/// Read: the pins. Write: ones let these pins go up.
const SET: usize = 0x0;
/// Ones pull these pins down.
const CLEAR: usize = 0x4;
const SCL: u32 = 1 << 0;
const SDA: u32 = 1 << 1;
/// A quarter of a bit: some 100 kbit/s at 25 MHz.
const QUARTER_CYCLES: u32 = 60;

/// The bus; there is one.
pub(crate) struct Bus(());

/// Nobody pulled the line down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoAnswer(NoAcknowledgeSource);

impl Error for NoAnswer {
    fn kind(&self) -> ErrorKind {
        ErrorKind::NoAcknowledge(self.0)
    }
}

impl ErrorType for Bus {
    type Error = NoAnswer;
}

impl I2c for Bus {
    fn transaction(
        &mut self,
        address: SevenBitAddress,
        operations: &mut [Operation<'_>],
    ) -> Result<(), NoAnswer> {
        let mut before = None;
        let done = operations.iter_mut().try_for_each(|operation| {
            let direction = matches!(operation, Operation::Read(_));
            // Two of a kind are one message.
            if before.replace(direction) != Some(direction) {
                self.start();
                self.put(
                    address << 1 | u8::from(direction),
                    NoAcknowledgeSource::Address,
                )?;
            }
            self.one(operation)
        });
        self.stop();
        done
    }
}

impl Bus {
    /// Call it once.
    pub(crate) fn new() -> Bus {
        up(SDA);
        up(SCL);
        Bus(())
    }

    fn one(&mut self, operation: &mut Operation<'_>) -> Result<(), NoAnswer> {
        match operation {
            Operation::Write(bytes) => bytes
                .iter()
                .try_for_each(|&byte| self.put(byte, NoAcknowledgeSource::Data)),
            Operation::Read(bytes) => {
                let last = bytes.len().saturating_sub(1);
                for (at, byte) in bytes.iter_mut().enumerate() {
                    *byte = self.take();
                    // The last byte is refused, so that the device lets the line go.
                    self.clock(at == last);
                }
                Ok(())
            }
        }
    }

    /// Also between two operations of a transaction.
    fn start(&mut self) {
        up(SDA);
        up(SCL);
        down(SDA);
        down(SCL);
    }

    fn stop(&mut self) {
        down(SDA);
        up(SCL);
        up(SDA);
    }

    fn put(&mut self, byte: u8, whose: NoAcknowledgeSource) -> Result<(), NoAnswer> {
        for bit in (0..8).rev() {
            self.clock(byte >> bit & 1 == 1);
        }
        match self.clock(true) {
            true => Err(NoAnswer(whose)),
            false => Ok(()),
        }
    }

    fn take(&mut self) -> u8 {
        (0..8).fold(0, |byte, _| byte << 1 | u8::from(self.clock(true)))
    }

    /// One bit out, and what the line showed.
    fn clock(&mut self, bit: bool) -> bool {
        if bit {
            up(SDA)
        } else {
            down(SDA)
        }
        up(SCL);
        let shown = I2C.read(SET) & SDA != 0;
        down(SCL);
        shown
    }
}

fn up(pin: u32) {
    I2C.write(SET, pin);
    cortex_m::asm::delay(QUARTER_CYCLES);
}

fn down(pin: u32) {
    I2C.write(CLEAR, pin);
    cortex_m::asm::delay(QUARTER_CYCLES);
}
