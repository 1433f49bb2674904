//! The network controller LAN9118, as a driver for the network stack.
//!
//! Frames pass through its two queues word by word. One receive interrupt wakes the stack and turns itself off;
//! the stack turns it on again when it has found the queue empty.

use core::task::Context;

use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_sync::waitqueue::AtomicWaker;

use crate::registers::LAN9118;

const RX_DATA: usize = 0x00;
const TX_DATA: usize = 0x20;
const RX_STATUS: usize = 0x40;
const TX_STATUS: usize = 0x48;
const ID_REV: usize = 0x50;
const IRQ_CFG: usize = 0x54;
const INT_STS: usize = 0x58;
const INT_EN: usize = 0x5c;
const BYTE_TEST: usize = 0x64;
const FIFO_INT: usize = 0x68;
const RX_CFG: usize = 0x6c;
const TX_CFG: usize = 0x70;
const HW_CFG: usize = 0x74;
const RX_FIFO_INF: usize = 0x7c;
const TX_FIFO_INF: usize = 0x80;
const AFC_CFG: usize = 0xac;
const MAC_CSR_CMD: usize = 0xa4;
const MAC_CSR_DATA: usize = 0xa8;

const BYTE_TEST_VALUE: u32 = 0x8765_4321;
const CHIP: u32 = 0x0118;
const HW_CFG_SOFT_RESET: u32 = 1;
/// 5 KiB for sending, whole frames only.
const HW_CFG_VALUE: u32 = 0x0015_0000;
const AFC_CFG_VALUE: u32 = 0x006e_3740;
const IRQ_CFG_ENABLE: u32 = 1 << 8 | 1 << 4 | 1;
/// Sending never interrupts; receiving does for the first frame.
const FIFO_INT_VALUE: u32 = 0xff00_0000;
const TX_CFG_ON: u32 = 1 << 1;
const INT_RECEIVED: u32 = 1 << 3;

const MAC_CR: u32 = 1;
const MAC_ADDRH: u32 = 2;
const MAC_ADDRL: u32 = 3;
const MAC_BUSY: u32 = 1 << 31;
const MAC_READ: u32 = 1 << 30;
/// Full duplex, sender and receiver on.
const MAC_CR_VALUE: u32 = 1 << 20 | 1 << 3 | 1 << 2;

const STATUS_ERROR: u32 = 1 << 15;
/// The frame's checksum, which the controller has looked at.
const CHECKSUM_LEN: usize = 4;

/// An Ethernet frame without its checksum.
const FRAME_LEN_MAX: usize = 1514;
const WORDS_MAX: usize = (FRAME_LEN_MAX + CHECKSUM_LEN).div_ceil(4);
/// Commands and alignment in front of a frame in the queue.
const TX_OVERHEAD: u32 = 16;

static RECEIVED: AtomicWaker = AtomicWaker::new();

/// The controller; there is one.
pub(crate) struct Lan9118 {
    address: [u8; 6],
    frame: [u8; WORDS_MAX * 4],
}

/// Its interrupt.
pub(crate) fn on_interrupt() {
    LAN9118.write(INT_EN, 0);
    LAN9118.write(INT_STS, u32::MAX);
    RECEIVED.wake();
}

impl Lan9118 {
    /// Resets it and starts to listen; `None` when it is not there.
    pub(crate) fn start() -> Option<Lan9118> {
        if LAN9118.read(BYTE_TEST) != BYTE_TEST_VALUE || LAN9118.read(ID_REV) >> 16 != CHIP {
            return None;
        }
        LAN9118.write(HW_CFG, HW_CFG_SOFT_RESET);
        while LAN9118.read(HW_CFG) & HW_CFG_SOFT_RESET != 0 {}
        for (register, value) in [
            (HW_CFG, HW_CFG_VALUE),
            (AFC_CFG, AFC_CFG_VALUE),
            (IRQ_CFG, IRQ_CFG_ENABLE),
            (FIFO_INT, FIFO_INT_VALUE),
            (RX_CFG, 0),
            (TX_CFG, TX_CFG_ON),
        ] {
            LAN9118.write(register, value);
        }
        let [a0, a1, a2, a3] = read_mac(MAC_ADDRL).to_le_bytes();
        let [a4, a5, ..] = read_mac(MAC_ADDRH).to_le_bytes();
        write_mac(MAC_CR, MAC_CR_VALUE);
        LAN9118.write(INT_STS, u32::MAX);
        LAN9118.write(INT_EN, INT_RECEIVED);
        Some(Lan9118 {
            address: [a0, a1, a2, a3, a4, a5],
            frame: [0; WORDS_MAX * 4],
        })
    }

    /// Takes the next good frame out of the queue and answers its length.
    fn take(&mut self) -> Option<usize> {
        while waiting() > 0 {
            let status = LAN9118.read(RX_STATUS);
            let len = (status >> 16 & 0x3fff) as usize;
            for at in 0..len.div_ceil(4) {
                let word = LAN9118.read(RX_DATA).to_le_bytes();
                if let Some(place) = self.frame.get_mut(at * 4..at * 4 + 4) {
                    place.copy_from_slice(&word);
                }
            }
            let is_good = status & STATUS_ERROR == 0 && len <= self.frame.len();
            if let Some(len) = len.checked_sub(CHECKSUM_LEN).filter(|_| is_good) {
                return Some(len);
            }
        }
        None
    }
}

/// Frames that were received and not yet taken.
fn waiting() -> u32 {
    LAN9118.read(RX_FIFO_INF) >> 16 & 0xff
}

impl Driver for Lan9118 {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sender;

    fn receive(&mut self, context: &mut Context<'_>) -> Option<(Received<'_>, Sender)> {
        if waiting() == 0 {
            RECEIVED.register(context.waker());
            LAN9118.write(INT_STS, INT_RECEIVED);
            LAN9118.write(INT_EN, INT_RECEIVED);
            // One that came between the question and the interrupt is taken now.
        }
        let len = self.take()?;
        Some((Received(&mut self.frame[..len]), Sender))
    }

    fn transmit(&mut self, context: &mut Context<'_>) -> Option<Sender> {
        while LAN9118.read(TX_FIFO_INF) >> 16 & 0xff > 0 {
            LAN9118.read(TX_STATUS);
        }
        let free = LAN9118.read(TX_FIFO_INF) & 0xffff;
        if free < FRAME_LEN_MAX as u32 + TX_OVERHEAD {
            // The queue empties at line speed: ask again.
            context.waker().wake_by_ref();
            return None;
        }
        Some(Sender)
    }

    fn link_state(&mut self, _: &mut Context<'_>) -> LinkState {
        LinkState::Up
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = FRAME_LEN_MAX;
        // One frame at a time is in the buffer.
        capabilities.max_burst_size = Some(1);
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet(self.address)
    }
}

/// A frame that was received.
pub(crate) struct Received<'a>(&'a mut [u8]);

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

/// Room for a frame.
pub(crate) struct Sender;

impl TxToken for Sender {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut frame = [0; WORDS_MAX * 4];
        let result = f(&mut frame[..len]);
        let len = len as u32;
        // First and last part of a frame at once, and its length twice.
        LAN9118.write(TX_DATA, 1 << 13 | 1 << 12 | len);
        LAN9118.write(TX_DATA, len);
        for word in frame.chunks_exact(4).take(len.div_ceil(4) as usize) {
            let word = [word[0], word[1], word[2], word[3]];
            LAN9118.write(TX_DATA, u32::from_le_bytes(word));
        }
        result
    }
}

fn read_mac(register: u32) -> u32 {
    mac_command(MAC_READ | register);
    LAN9118.read(MAC_CSR_DATA)
}

fn write_mac(register: u32, value: u32) {
    LAN9118.write(MAC_CSR_DATA, value);
    mac_command(register);
}

fn mac_command(command: u32) {
    LAN9118.write(MAC_CSR_CMD, MAC_BUSY | command);
    while LAN9118.read(MAC_CSR_CMD) & MAC_BUSY != 0 {}
}
