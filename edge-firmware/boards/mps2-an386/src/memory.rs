//! What outlives a life: the configuration page in the flash, and the boot counter in the EEPROM.

use edge_firmware::boot_count::{self, SLOT_LEN};
use edge_firmware::page::{self, PAGE_LEN_MAX, Page, PageError};
use embedded_hal::i2c::I2c;

/// Where provisioning writes the page; `memory.x` leaves its sector out.
const PAGE_AT: usize = 0x7_f000;

/// An EEPROM of the 24C family with two bytes of address.
const EEPROM: u8 = 0x50;
/// In different pages of it, so that no torn write touches both.
const SLOTS_AT: [u16; 2] = [0, 0x80];
/// A write takes at most 5 ms, in which the EEPROM does not answer.
const WRITE_TRIES: u32 = 20;
const WRITE_TRY_CYCLES: u32 = crate::time::CYCLES_PER_SECOND / 2000;

pub(crate) fn page() -> Result<Page, PageError> {
    // SAFETY: this is readable memory outside the image and outside the RAM, and nothing writes to it while the
    // firmware runs; any bytes are good.
    let flash = unsafe { core::slice::from_raw_parts(PAGE_AT as *const u8, PAGE_LEN_MAX) };
    page::decode(flash)
}

/// The number of this life, once it is written where the next one finds it.
pub(crate) fn boot(bus: &mut impl I2c, boots_from: u32) -> Option<u32> {
    let mut slots = [[0; SLOT_LEN]; 2];
    for (slot, at) in slots.iter_mut().zip(SLOTS_AT) {
        bus.write_read(EEPROM, &at.to_be_bytes(), slot).ok()?;
    }
    let started = boot_count::start(slots, boots_from)?;
    let [high, low] = SLOTS_AT[started.slot].to_be_bytes();
    let mut message = [high, low, 0, 0, 0, 0, 0, 0, 0, 0];
    message[2..].copy_from_slice(&started.bytes);
    bus.write(EEPROM, &message).ok()?;
    let mut written = [0; SLOT_LEN];
    for _ in 0..WRITE_TRIES {
        if bus.write_read(EEPROM, &[high, low], &mut written).is_ok() {
            break;
        }
        cortex_m::asm::delay(WRITE_TRY_CYCLES);
    }
    (written == started.bytes).then_some(started.boot)
}
