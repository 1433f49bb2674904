//! The watchdog: resets the board when the endless loop has stopped going round.

use node_shell::board::{ROUND_MS_MAX, STEP_MS_MAX};

use crate::registers::WATCHDOG;
use crate::time::CYCLES_PER_SECOND;

const LOAD: usize = 0x00;
const CONTROL: usize = 0x08;
const INT_CLEAR: usize = 0x0c;
const LOCK: usize = 0xc00;

const CONTROL_COUNT: u32 = 1 << 0;
const CONTROL_RESET: u32 = 1 << 1;
const UNLOCK: u32 = 0x1acc_e551;

/// The first time-out is only noted, the second resets: a loop that is silent for twice this is dead.
const SECONDS: u32 = 30;
const _: () = assert!(ROUND_MS_MAX + STEP_MS_MAX < SECONDS as u64 * 1000);

pub(crate) fn start() {
    WATCHDOG.write(LOCK, UNLOCK);
    WATCHDOG.write(LOAD, SECONDS * CYCLES_PER_SECOND);
    WATCHDOG.write(CONTROL, CONTROL_COUNT | CONTROL_RESET);
}

/// Clearing the note reloads the counter.
pub(crate) fn feed() {
    WATCHDOG.write(INT_CLEAR, 1);
}
