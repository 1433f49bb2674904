//! The executor: runs what is ready, and sleeps by WFI until an interrupt makes something ready.
//!
//! Not embassy's own for Cortex-M: it sleeps by WFE, which the emulator treats as a busy wait.

use core::sync::atomic::{AtomicBool, Ordering};

use embassy_executor::Spawner;
use embassy_executor::raw::Executor;
use static_cell::StaticCell;

static EXECUTOR: StaticCell<Executor> = StaticCell::new();
/// Set by anything that makes a task ready, in an interrupt or not.
static READY: AtomicBool = AtomicBool::new(true);

/// Starts the tasks that `init` spawns and runs them for ever.
pub(crate) fn run(init: impl FnOnce(Spawner)) -> ! {
    let executor = EXECUTOR.init_with(|| Executor::new(core::ptr::null_mut()));
    let executor: &'static Executor = executor;
    init(executor.spawner());
    loop {
        if READY.swap(false, Ordering::AcqRel) {
            // SAFETY: this is the only call, and it is not made from within itself.
            unsafe { executor.poll() };
        }
        // With interrupts held back, one that comes between the question and the sleep still ends the sleep, and
        // is served as soon as they are let through.
        cortex_m::interrupt::free(|_| {
            if !READY.load(Ordering::Acquire) {
                cortex_m::asm::wfi();
            }
        });
    }
}

// SAFETY: embassy declares this name and signature, and nothing else defines it.
#[unsafe(export_name = "__pender")]
fn pender(_: *mut ()) {
    READY.store(true, Ordering::Release);
}
