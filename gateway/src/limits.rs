//! Every bound of the gateway, with its reason. Nothing that comes from outside grows without one of these.

use std::time::Duration;

/// Largest MQTT packet that the gateway takes: a frame is below 2 KiB; the rest is room for retained alerts.
pub const PACKET_LEN_MAX: usize = 64 * 1024;
/// Frames waiting for admission; when full the link stops reading and the nodes' outboxes keep.
pub const INBOX_NORMAL_LEN_MAX: usize = 16_384;
/// Alarm frames waiting for admission: their own place, so that no flood of readings delays them.
pub const INBOX_ALARM_LEN_MAX: usize = 4_096;
/// People's actions and other rare inputs waiting for the journal.
pub const INBOX_CONTROL_LEN_MAX: usize = 1_024;
/// Frames admitted and committed in one go.
pub const COMMIT_FRAMES_MAX: usize = 4_096;
/// Longest time a frame waits for companions before its commit.
pub const COMMIT_DELAY_MAX: Duration = Duration::from_millis(20);

/// Sealed acknowledgements waiting to leave; a lost one is repeated with the node's next frame.
pub const OUTGOING_LEN_MAX: usize = 32_768;
/// Alert messages that the broker has not confirmed; beyond this publishing waits.
pub const UNCONFIRMED_LEN_MAX: usize = 65_536;
/// Confirmed-publish window towards the broker. Small: rumqttc wants confirmations in order.
pub const INFLIGHT_MAX: u16 = 64;
/// Requests queued inside the MQTT client.
pub const REQUESTS_LEN_MAX: usize = 256;
/// First and greatest pause before connecting again; each has random jitter of up to its half.
pub const BACKOFF_MIN: Duration = Duration::from_millis(200);
pub const BACKOFF_MAX: Duration = Duration::from_secs(30);
/// No word from the broker for this long is a broken link.
pub const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// The broker owes confirmations and gives none: the connection is made anew.
pub const CONFIRM_STALL_MAX: Duration = Duration::from_secs(30);
/// The retained gateway status is repeated this often.
pub const HEARTBEAT: Duration = Duration::from_secs(10);

/// Clients of the embedded broker.
pub const BROKER_CLIENTS_MAX: usize = 50_000;
/// Messages that the embedded broker keeps for one client; the gateway's own queue is the one that fills.
pub const BROKER_QUEUE_LEN_MAX: usize = 100_000;
pub const BROKER_QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;
pub const BROKER_RETAINED_MAX: usize = 100_000;
/// Frames that the embedded broker has on their way to the gateway at one time. Each is confirmed only once it is
/// on disk, so this window over the duration of a commit is the highest rate; a window much larger than that needs
/// makes the broker itself slower (64: 5 k frames/s; 512: 33 k; 4,096: 23 k).
pub const BROKER_WINDOW: u16 = 512;

/// Frames journaled since the last snapshot before the next is taken: what a restart has to take up again.
pub const SNAPSHOT_FRAMES: u64 = 250_000;
/// A snapshot is taken so often in real time, if anything was journaled since.
pub const SNAPSHOT_EVERY: Duration = Duration::from_secs(300);

/// Ticks with output that nobody has taken yet; beyond this the feed waits.
pub const OUTPUT_LEN_MAX: usize = 1_024;

const _: () = assert!(COMMIT_FRAMES_MAX <= INBOX_NORMAL_LEN_MAX);
const _: () = assert!(BACKOFF_MIN.as_millis() < BACKOFF_MAX.as_millis());
// The broker must not give up on the gateway before the gateway would.
const _: () = assert!(BROKER_QUEUE_LEN_MAX > INBOX_NORMAL_LEN_MAX);
