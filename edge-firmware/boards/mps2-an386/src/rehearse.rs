//! For tests in the emulator: plays a script that was loaded into memory to the core, says what came of it, and ends.

use core::fmt;
use core::hint::black_box;

use edge_firmware::rehearsal::{self, Outcome};
use embassy_time::Instant;
use wire::frame::{Body, Frame, Header, Lane, Measurement, Sample};
use wire::seal::{FrameBytes, seal_frame};
use wire::{CityId, Key, Milli, NodeId, Quantity};

use crate::exit::{self, Code};
use crate::uart::log;

/// Memory that the image does not use; the emulator's loader puts a script there.
const SCRIPT_AT: *const u8 = 0x2100_0000 as *const u8;
const MAGIC: [u8; 8] = *b"REHEARSE";
const SCRIPT_LEN_MAX: usize = 1 << 20;

/// Frames that are sealed to measure one.
const SEALED: u32 = 1_000;

/// Does nothing on a board that nobody gave a script.
pub(crate) fn if_asked() {
    let Some(script) = script() else { return };
    log!("rules {}", Hex(rehearsal::rules(script)));
    log!("node {}", Hex(rehearsal::node(script)));
    let started = Instant::now();
    let sealed = (0..SEALED).filter(|&sequence| seal(sequence)).count();
    let micros = started.elapsed().as_micros();
    // With one virtual nanosecond an instruction this is what a frame takes, in thousands of them.
    log!("sealed {sealed} frames of 16 readings in {micros} us");
    exit::end(Code::Done);
}

/// Behind its magic stand its length, 4 bytes little-endian, and its bytes.
fn script() -> Option<&'static [u8]> {
    // SAFETY: this is readable memory outside the image, the stack and all else, and nothing writes to it while the
    // firmware runs; any bytes are good.
    let head = unsafe { core::slice::from_raw_parts(SCRIPT_AT, MAGIC.len() + 4) };
    let len = head.strip_prefix(&MAGIC)?.try_into().ok()?;
    let len = (u32::from_le_bytes(len) as usize).min(SCRIPT_LEN_MAX);
    // SAFETY: as above; there are 16 MiB of it.
    Some(unsafe { core::slice::from_raw_parts(SCRIPT_AT.add(MAGIC.len() + 4), len) })
}

/// A frame of the everyday: sixteen readings, a second apart.
fn seal(sequence: u32) -> bool {
    let (Ok(city), Ok(node)) = (CityId::new("harbour"), NodeId::new("quay-7")) else {
        return false;
    };
    let sample = |place: u32| {
        let value = Milli(21_500 + i64::from(place % 5) * 62);
        Sample::new(
            (15 - place) * 1_000,
            Quantity::Temperature,
            Measurement::Value(value),
        )
    };
    let frame = Frame {
        header: Header {
            generation: 1,
            lane: Lane::Normal,
            boot: 1,
            sequence,
        },
        body: Body {
            uptime_ms: 3_600_000,
            wall_ms: Some(1_795_312_800_000),
            samples: (0..16).map(sample).collect(),
            ..Body::default()
        },
    };
    let mut sealed = FrameBytes::new();
    seal_frame(
        black_box(&frame),
        &Key::from_bytes([1; 32]),
        &city,
        &node,
        &mut sealed,
    )
    .is_ok()
        && !black_box(&sealed).is_empty()
}

struct Hex(Outcome);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
