//! The number of this life, counted in an EEPROM: [`edge_firmware::boot_count`] says what to write.

use edge_firmware::boot_count::{self, SLOT_LEN};
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::I2c;
use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};

use crate::eeprom::Eeprom;

/// In different pages of the EEPROM, so that no torn write touches both.
const SLOTS_AT: [u32; 2] = [0, 0x80];

/// Bytes that the counter takes.
pub const LEN: usize = 0x100;

/// The number of this life, once it is written where the next one finds it; `None`: the node must not speak.
pub fn start<B: I2c, D: DelayNs>(memory: &mut Eeprom<B, D>, boots_from: u32) -> Option<u32> {
    let mut slots = [[0; SLOT_LEN]; 2];
    for (slot, at) in slots.iter_mut().zip(SLOTS_AT) {
        memory.read(at, slot).ok()?;
    }
    let started = boot_count::start(slots, boots_from)?;
    let at = SLOTS_AT[started.slot];
    memory.write(at, &started.bytes).ok()?;
    let mut written = [0; SLOT_LEN];
    memory.read(at, &mut written).ok()?;
    (written == started.bytes).then_some(started.boot)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fake_i2c::{Chip, NoDelay};

    #[test]
    fn every_life_has_its_own_number() {
        let mut chip = Chip::new();
        for life in 5..9 {
            let mut memory = Eeprom::new(&mut chip, NoDelay, Chip::ADDRESS, 0, LEN);
            assert_eq!(start(&mut memory, 5), Some(life));
        }
        let mut nobody = Eeprom::new(&mut chip, NoDelay, 0x11, 0, LEN);
        assert_eq!(start(&mut nobody, 5), None);
    }
}
