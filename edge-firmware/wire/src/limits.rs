//! Every bound of the wire in one place, with its reason.

use crate::ident::ID_LEN_MAX;

/// First byte of everything sealed; a decoder that meets another says so instead of guessing.
pub const VERSION: u8 = 2;

/// Readings in one frame: enough for a minute of a busy node, small enough for a microcontroller's stack.
pub const SAMPLES_MAX: usize = 64;

/// Clear bytes in front of a sealed frame.
pub const FRAME_HEADER_LEN: usize = 11;

/// Clear bytes in front of a sealed acknowledgement.
pub const ACK_HEADER_LEN: usize = 14;

/// The Poly1305 tag at the end of everything sealed.
pub const TAG_LEN: usize = 16;

/// Longest frame body: oldest kept 10, uptime 9, count 1, wall time 6, settings 9, then per sample age 5, code 1,
/// qualifier 1, value 9; one step of all may need 9.
pub const FRAME_BODY_LEN_MAX: usize =
    2 * 5 + 9 + 1 + WALL_LEN + (4 + 5) + SAMPLES_MAX * (5 + 1 + 1 + 9) + 4;

/// Longest sealed frame; longer bytes are refused before any of them is looked at.
pub const FRAME_LEN_MAX: usize = FRAME_HEADER_LEN + FRAME_BODY_LEN_MAX + TAG_LEN;

/// (boot, lane) pairs in one acknowledgement: both lanes of the running boot and of the one before.
pub const SETTLED_MAX: usize = 4;

/// Thresholds in one message of settings: one for each sensor of a well-fitted node.
pub const ALARMS_MAX: usize = 16;

/// Longest settings: two periods of 5, count 1, then per threshold code 1, two values of 9 and two durations of 5.
pub const SETTINGS_LEN_MAX: usize = 2 * 5 + 1 + ALARMS_MAX * (1 + 2 * 9 + 2 * 5);

/// Longest acknowledgement body: time 6, count 1, then per pair lane 1, boot 5, settled from 5, below 5, bitmap 9; then settings.
pub const ACK_BODY_LEN_MAX: usize =
    WALL_LEN + 1 + SETTLED_MAX * (1 + 5 + 5 + 5 + 9) + SETTINGS_LEN_MAX;

/// Longest sealed acknowledgement.
pub const ACK_LEN_MAX: usize = ACK_HEADER_LEN + ACK_BODY_LEN_MAX + TAG_LEN;

/// Sequences that the bitmap of an acknowledgement covers; a node keeps no more frames in flight than this.
pub const BITMAP_LEN: u32 = u64::BITS;

/// Bytes of a time: milliseconds since 1970 as 48 bits, good until the year 10889.
pub const WALL_LEN: usize = 6;

/// First time that does not fit [`WALL_LEN`].
pub const WALL_MS_END: i64 = 1 << (8 * WALL_LEN);

/// Longest topic: that of an alert.
pub const TOPIC_LEN_MAX: usize = "city/v1/".len() + "/alert/".len() + 2 + 3 * ID_LEN_MAX + 32;

const _: () = assert!(SAMPLES_MAX < 0x80, "the count shares its byte with a flag");
const _: () = assert!(
    FRAME_LEN_MAX <= 1100,
    "a frame fits one Ethernet packet with MQTT and TCP around it"
);
const _: () = assert!(
    ACK_LEN_MAX <= 640,
    "a node's receive buffer holds it with MQTT around it"
);
const _: () = assert!(TOPIC_LEN_MAX <= 160);
