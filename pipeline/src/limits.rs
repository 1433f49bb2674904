//! Bounds of the pipeline, each with its reason.

use std::time::Duration;

/// Batches a worker's queue holds before the engine's caller waits: enough to keep a worker busy
/// while the next batch is made, few enough that a stalled worker is felt at once.
pub const BATCH_QUEUE_LEN_MAX: usize = 16;

/// Batches whose effects a worker has not finished before it takes no more from its queue.
pub const BATCHES_IN_FLIGHT_MAX: usize = 16;

/// A worker without work sleeps at most so long; it is woken earlier by whoever brings some.
pub const PARK_MAX: Duration = Duration::from_millis(20);

/// Silences in force at once: more than people can keep in mind, few enough to look through at every alert.
pub const SILENCES_MAX: usize = 256;
