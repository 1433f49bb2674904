//! The only way to the hardware: blocks of 32-bit registers at the board's addresses.

use core::ptr;

/// A block of registers. There are no others than the constants below.
#[derive(Clone, Copy)]
pub(crate) struct Block {
    start: usize,
}

pub(crate) const TIMER0: Block = Block { start: 0x4000_0000 };
pub(crate) const TIMER1: Block = Block { start: 0x4000_1000 };
pub(crate) const UART0: Block = Block { start: 0x4000_4000 };
pub(crate) const WATCHDOG: Block = Block { start: 0x4000_8000 };
/// The bus that the emulator puts its I2C devices on.
pub(crate) const I2C: Block = Block { start: 0x4002_a000 };
pub(crate) const LAN9118: Block = Block { start: 0x4020_0000 };

const BLOCK_LEN: usize = 0x1000;

impl Block {
    pub(crate) fn read(self, offset: usize) -> u32 {
        // SAFETY: `register` is an aligned device register of this board, so it can be read at any time; that it
        // is volatile keeps the order of accesses, and no Rust object lives there.
        unsafe { ptr::read_volatile(self.register(offset)) }
    }

    pub(crate) fn write(self, offset: usize, value: u32) {
        // SAFETY: as for `read`; none of these blocks makes the hardware write to memory by itself.
        unsafe { ptr::write_volatile(self.register(offset), value) }
    }

    /// Register at `offset` bytes into the block.
    fn register(self, offset: usize) -> *mut u32 {
        assert!(offset < BLOCK_LEN && offset.is_multiple_of(4));
        (self.start + offset) as *mut u32
    }
}
