//! The watchdog: resets the board when the endless loop has stopped going round, and counts how often it had to.

use node_shell::board::{ROUND_MS_MAX, STEP_MS_MAX};

use core::mem::MaybeUninit;
use core::ptr;

use cortex_m::peripheral::SCB;
use cortex_m_rt::exception;

use crate::registers::WATCHDOG;
use crate::time::CYCLES_PER_SECOND;
use crate::uart::log;

const LOAD: usize = 0x00;
const CONTROL: usize = 0x08;
const INT_CLEAR: usize = 0x0c;
const LOCK: usize = 0xc00;

const CONTROL_COUNT: u32 = 1 << 0;
const CONTROL_RESET: u32 = 1 << 1;
const UNLOCK: u32 = 0x1acc_e551;

/// A loop that is silent for so long is dead. Should nobody be left to say so, the hardware resets after twice the time.
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

/// How often it had to since the power came, as it stands in memory that a reset leaves alone.
#[derive(Clone, Copy)]
#[repr(C)]
struct Resets {
    count: u32,
    /// The count turned round: at power on anything may stand there, and hardly ever both.
    check: u32,
}

#[unsafe(link_section = ".uninit.resets")]
static mut RESETS: MaybeUninit<Resets> = MaybeUninit::uninit();

/// How often the watchdog has reset the board since the power came. Call it before interrupts are allowed.
pub(crate) fn resets() -> u32 {
    // SAFETY: any bits are two numbers, and only the interrupt that ends this life writes there too.
    let found = unsafe { ptr::read_volatile(ptr::addr_of!(RESETS).cast::<Resets>()) };
    match found.count == !found.check {
        true => found.count,
        false => {
            note(0);
            0
        }
    }
}

fn note(count: u32) {
    let resets = Resets {
        count,
        check: !count,
    };
    // SAFETY: as in `resets`; this is the start, or the end with nothing after it.
    unsafe { ptr::write_volatile(ptr::addr_of_mut!(RESETS).cast(), resets) };
}

/// The time is up.
// SAFETY: it only counts, logs and resets, whatever it interrupted.
#[exception]
unsafe fn NonMaskableInt() -> ! {
    note(resets().saturating_add(1));
    log!("the loop has stopped going round: reset");
    SCB::sys_reset()
}
