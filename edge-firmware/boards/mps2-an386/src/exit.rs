//! How the firmware ends: it says why, and then tells whoever started the emulator, or is reset by the watchdog.

use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, exception};

use crate::uart::log;

/// Exit codes, for the emulator only.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "semihosting"), allow(dead_code))]
#[repr(i32)]
pub(crate) enum Code {
    /// A rehearsal is over.
    #[cfg(feature = "semihosting")]
    Done = 0,
    Panic = 101,
    HardFault = 102,
    /// No page: the node does not know who it is.
    NoPage = 103,
    /// No boot number: what the node says could not be told from what it said before.
    NoBoot = 104,
}

/// Nothing more will happen.
pub(crate) fn end(code: Code) -> ! {
    #[cfg(feature = "semihosting")]
    semihosting::process::exit(code as i32);
    #[cfg(not(feature = "semihosting"))]
    {
        let _ = code;
        cortex_m::interrupt::disable();
        loop {
            // A watchdog that runs resets the board; one that was never started leaves it to the person who
            // forgot to provision it.
            cortex_m::asm::wfi();
        }
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    cortex_m::interrupt::disable();
    log!("{info}");
    end(Code::Panic)
}

// SAFETY: it only logs and ends, without touching what the fault interrupted.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    log!("hard fault at {:#010x}", frame.pc());
    end(Code::HardFault)
}
