//! Time: TIMER0 counts, TIMER1 wakes.

use core::cell::{Cell, RefCell};
use core::task::Waker;

use critical_section::{CriticalSection, Mutex};
use embassy_time_driver::Driver;
use embassy_time_queue_utils::Queue;

use crate::registers::{Block, TIMER0, TIMER1};

/// The clock of both timers.
pub(crate) const CYCLES_PER_SECOND: u32 = 25_000_000;
const CYCLES_PER_TICK: u64 = CYCLES_PER_SECOND as u64 / embassy_time_driver::TICK_HZ;

const CTRL: usize = 0x0;
const VALUE: usize = 0x4;
const RELOAD: usize = 0x8;
/// Reads as status, and a one written clears it.
const INT: usize = 0xc;

const CTRL_ENABLE: u32 = 1 << 0;
const CTRL_INTERRUPT: u32 = 1 << 3;

struct Timers {
    /// How often TIMER0 has run out: the upper half of the count.
    rounds: Mutex<Cell<u32>>,
    queue: Mutex<RefCell<Queue>>,
}

embassy_time_driver::time_driver_impl!(static TIMERS: Timers = Timers {
    rounds: Mutex::new(Cell::new(0)),
    queue: Mutex::new(RefCell::new(Queue::new())),
});

/// Starts to count; time before it is zero.
pub(crate) fn init() {
    start(TIMER0, u32::MAX);
}

/// TIMER0 has run out.
pub(crate) fn on_round() {
    critical_section::with(|token| {
        TIMER0.write(INT, 1);
        let rounds = TIMERS.rounds.borrow(token);
        rounds.set(rounds.get().wrapping_add(1));
    });
}

/// TIMER1 has run out: somebody is to be woken.
pub(crate) fn on_alarm() {
    critical_section::with(|token| {
        TIMER1.write(CTRL, 0);
        TIMER1.write(INT, 1);
        TIMERS.wake_due(token);
    });
}

impl Driver for Timers {
    fn now(&self) -> u64 {
        critical_section::with(|token| self.cycles(token)) / CYCLES_PER_TICK
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        critical_section::with(|token| {
            let sooner = self.queue.borrow_ref_mut(token).schedule_wake(at, waker);
            if sooner {
                self.wake_due(token);
            }
        });
    }
}

impl Timers {
    fn cycles(&self, token: CriticalSection<'_>) -> u64 {
        let rounds = u64::from(self.rounds.borrow(token).get());
        if TIMER0.read(CTRL) & CTRL_ENABLE == 0 {
            return 0;
        }
        loop {
            let ran_out = TIMER0.read(INT) & 1;
            let left = TIMER0.read(VALUE);
            // At zero the note that it ran out is there, and the new round is not; it lasts one cycle.
            if left != 0 && TIMER0.read(INT) & 1 == ran_out {
                return ((rounds + u64::from(ran_out)) << 32) + u64::from(u32::MAX - left);
            }
        }
    }

    /// Wakes everybody whose time has come and sets the alarm for the next.
    fn wake_due(&self, token: CriticalSection<'_>) {
        let mut queue = self.queue.borrow_ref_mut(token);
        loop {
            let now = self.cycles(token) / CYCLES_PER_TICK;
            let next = queue.next_expiration(now);
            if next == u64::MAX {
                TIMER1.write(CTRL, 0);
                return;
            }
            if next > now {
                // One that is further away than the timer reaches is set again on the way.
                let cycles = (next - now).saturating_mul(CYCLES_PER_TICK);
                start(TIMER1, u32::try_from(cycles).unwrap_or(u32::MAX));
                return;
            }
        }
    }
}

/// Counts down from `cycles`, with an interrupt at the end.
fn start(timer: Block, cycles: u32) {
    timer.write(CTRL, 0);
    timer.write(INT, 1);
    timer.write(RELOAD, cycles);
    timer.write(VALUE, cycles);
    timer.write(CTRL, CTRL_ENABLE | CTRL_INTERRUPT);
}
