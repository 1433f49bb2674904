//! Every bound of a node in one place, with its reason.

use wire::limits::{BITMAP_LEN, FRAME_LEN_MAX, SAMPLES_MAX};

/// Sensors of one node: the pins of a well-fitted lamp post.
pub const SENSORS_MAX: usize = 16;

/// Frames sent and not yet acknowledged, per lane; what an acknowledgement's bitmap can name.
pub const WINDOW_MAX: usize = BITMAP_LEN as usize;

/// Alarm frames kept: an alarm is a transition, and a sensor that flutters more than this is broken.
pub const ALARM_FRAMES: usize = 32;

/// Bytes for them: an alarm is one reading, sealed some 50 bytes.
pub const ALARM_BYTES: usize = 2048;

/// Frames of [`SmallNode`](crate::node::SmallNode): an hour at one frame a minute, in an 8 KiB ring.
pub const SMALL_FRAMES: usize = 64;
pub const SMALL_BYTES: usize = 8 * 1024;

/// Frames of [`OutageNode`](crate::node::OutageNode): 26 h at one frame a minute is 1560; on average 96 bytes each.
pub const OUTAGE_FRAMES: usize = 1600;
pub const OUTAGE_BYTES: usize = OUTAGE_FRAMES * 96;

/// Longest page that a store erases at once: that of common NOR flashes or half of it; a walk through a store has a
/// buffer of this length on the stack.
pub const STORE_PAGE_LEN_MAX: usize = 2048;

/// Pages of a store's partition that are used; what is remembered of each takes 9 bytes of RAM.
pub const STORE_PAGES_MAX: usize = 32;

/// A sensor is never asked more often than this; keeps a mistaken schedule from starving the link.
pub const PERIOD_MS_MIN: u32 = 1;

const _: () = assert!(
    SENSORS_MAX <= SAMPLES_MAX,
    "one round of sampling fits a frame"
);
const _: () = assert!(ALARM_BYTES >= FRAME_LEN_MAX && SMALL_BYTES >= FRAME_LEN_MAX);
const _: () = assert!(OUTAGE_FRAMES >= 26 * 60);
