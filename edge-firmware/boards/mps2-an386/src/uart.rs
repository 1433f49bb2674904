//! The log: lines of text on UART0.

use core::fmt;

use crate::registers::UART0;

const DATA: usize = 0x00;
const STATE: usize = 0x04;
const CTRL: usize = 0x08;
const BAUDDIV: usize = 0x10;

const STATE_TX_FULL: u32 = 1;
const CTRL_TX_ENABLE: u32 = 1;
/// The smallest that the hardware takes: as fast as it goes.
const BAUDDIV_MIN: u32 = 16;

/// One line of the log, with the uptime in front.
macro_rules! log {
    ($($arg:tt)*) => { $crate::uart::line(format_args!($($arg)*)) };
}
pub(crate) use log;

pub(crate) fn init() {
    UART0.write(BAUDDIV, BAUDDIV_MIN);
    UART0.write(CTRL, CTRL_TX_ENABLE);
}

pub(crate) fn line(text: fmt::Arguments<'_>) {
    let now_ms = embassy_time::Instant::now().as_millis();
    // Writing to the UART does not fail.
    let _ = fmt::write(&mut Uart, format_args!("[{now_ms:>7}] {text}\n"));
}

struct Uart;

impl fmt::Write for Uart {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            while UART0.read(STATE) & STATE_TX_FULL != 0 {}
            UART0.write(DATA, u32::from(byte));
        }
        Ok(())
    }
}
