//! The node on the emulated Cortex-M4F board mps2-an386: pins, interrupts, time, network, and an endless loop.
//!
//! What the node does is decided in `edge-firmware`, and `node-shell` does it on any board; this crate is what they need
//! of this one. In reading order:
//! - `board`: the start, and the vector table;
//! - `link`: a TCP connection to the broker;
//! - `memory`: the configuration page, and the parts of the EEPROM;
//! - `sensors`: what measures, and on which scale; `i2c`: the bus that it is on;
//! - `lan9118`: the network controller;
//! - `executor`, `time`: sleeping, and being woken;
//! - `uart`, `watchdog`, `exit`: how it is heard, and how it ends;
//! - `rehearse`: for tests in the emulator, the core alone;
//! - `registers`: the only way to the hardware.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod board;
#[cfg(target_os = "none")]
mod executor;
#[cfg(target_os = "none")]
mod exit;
#[cfg(target_os = "none")]
mod i2c;
#[cfg(target_os = "none")]
mod lan9118;
#[cfg(target_os = "none")]
mod link;
#[cfg(target_os = "none")]
mod memory;
#[cfg(target_os = "none")]
mod registers;
#[cfg(all(target_os = "none", feature = "semihosting"))]
mod rehearse;
#[cfg(target_os = "none")]
mod sensors;
#[cfg(target_os = "none")]
mod time;
#[cfg(target_os = "none")]
mod uart;
#[cfg(target_os = "none")]
mod watchdog;

/// On the host there is no board; the package builds there so that the workspace does.
#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("this is firmware: build it with --target thumbv7em-none-eabihf --profile firmware");
}
