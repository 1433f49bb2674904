//! What outlives a life: the configuration page in the flash; boots, frames and settings in the EEPROM.
//!
//! | bytes of the EEPROM | hold |
//! | --- | --- |
//! | 0x0000..0x0100 | the boot counter |
//! | 0x0800..0x1800 | the settings gone by |
//! | 0x1800..0x4000 | alarm frames |
//! | 0x4000..0x10000 | normal frames |

use core::cell::RefCell;

use edge_firmware::FlashStore;
use edge_firmware::flash_store::Partitions;
use edge_firmware::page::{self, PAGE_LEN_MAX, Page, PageError};
use embedded_hal::delay::DelayNs;
use embedded_hal_bus::i2c::RefCellDevice;
use node_shell::boots;
use node_shell::eeprom::Eeprom;

use crate::i2c::Bus;
use crate::time::CYCLES_PER_SECOND;

/// Where provisioning writes the page; `memory.x` leaves its sector out.
const PAGE_AT: usize = 0x7_f000;

/// A 24C512: 64 KiB.
const EEPROM: u8 = 0x50;

/// A part of the EEPROM.
pub(crate) type Memory = Eeprom<RefCellDevice<'static, Bus>, Pause>;

pub(crate) fn page() -> Result<Page, PageError> {
    // SAFETY: this is readable memory outside the image and outside the RAM, and nothing writes to it while the
    // firmware runs; any bytes are good.
    let flash = unsafe { core::slice::from_raw_parts(PAGE_AT as *const u8, PAGE_LEN_MAX) };
    page::decode(flash)
}

/// The number of this life, once it is written where the next one finds it.
pub(crate) fn boot(bus: &'static RefCell<Bus>, boots_from: u32) -> Option<u32> {
    boots::start(&mut part(bus, 0, boots::LEN), boots_from)
}

/// Where frames and settings outlive the node's power.
pub(crate) fn store(bus: &'static RefCell<Bus>) -> Option<FlashStore<Memory>> {
    FlashStore::new(Partitions {
        settings: part(bus, 0x0800, 0x1000),
        alarm: part(bus, 0x1800, 0x2800),
        normal: part(bus, 0x4000, 0xc000),
    })
}

fn part(bus: &'static RefCell<Bus>, start: u16, len: usize) -> Memory {
    Eeprom::new(RefCellDevice::new(bus), Pause, EEPROM, start, len)
}

/// Waits by counting cycles.
pub(crate) struct Pause;

impl DelayNs for Pause {
    fn delay_ns(&mut self, ns: u32) {
        let cycles = u64::from(ns) * u64::from(CYCLES_PER_SECOND) / 1_000_000_000;
        // Below 2^32 by far: the clock is slower than a gigahertz.
        cortex_m::asm::delay(cycles as u32 + 1);
    }
}
