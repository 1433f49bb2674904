//! Who a node is and how it behaves: what provisioning and the board give it.

use wire::{CityId, Key, NodeId};

use crate::outbox::Patience;
use crate::session::Timing;

/// Who the node is and how it behaves; everything in it comes from provisioning and the board.
#[derive(Clone, Debug)]
pub struct Config {
    pub city: CityId,
    pub node: NodeId,
    /// Which of the node's keys these are.
    pub generation: u8,
    /// Seals frames.
    pub up: Key,
    /// Opens acknowledgements.
    pub down: Key,
    /// One more than at the last start; the board stores it before the node speaks.
    pub boot: u32,
    /// Uptime at which a frame is first closed, if there is something to say.
    pub report_phase_ms: u32,
    /// Uptime of a round of readings ahead of the schedule, and of a frame of them at once: whoever starts a node sees it,
    /// and it learns the time. `None`: the schedule alone.
    pub first_round_ms: Option<u32>,
    /// Goes by the settings that the gateway sends; a node that is there to make load does not.
    pub follows: bool,
    /// Different for every node and boot; only spreads connection attempts.
    pub seed: u64,
    pub timing: Timing,
    /// Wait for an acknowledgement before a frame is sent again.
    pub patience: Patience,
    /// Oldest frames on their way at once, per lane; 1 to
    /// [`WINDOW_MAX`](crate::limits::WINDOW_MAX).
    pub window: usize,
}

impl Config {
    /// Defaults for everything that is not identity: a first frame after a minute, a window of 16.
    pub fn new(city: CityId, node: NodeId, keys: Keys, boot: u32) -> Config {
        Config {
            city,
            node,
            generation: keys.generation,
            up: keys.up,
            down: keys.down,
            boot,
            report_phase_ms: 60_000,
            first_round_ms: None,
            follows: true,
            seed: u64::from(boot),
            timing: Timing::default(),
            patience: Patience {
                ms_min: 5_000,
                ms_max: 60_000,
            },
            window: 16,
        }
    }

    /// For a clock that runs `speed` times too fast: brokers and networks do not, so waiting for them takes
    /// longer by it. Schedules stay as they are.
    pub fn on_scaled_clock(mut self, speed: u32) -> Config {
        let Timing {
            connect_ms_max,
            backoff_ms_min,
            backoff_ms_max,
        } = &mut self.timing;
        let Patience { ms_min, ms_max } = &mut self.patience;
        for wait_ms in [
            connect_ms_max,
            backoff_ms_min,
            backoff_ms_max,
            ms_min,
            ms_max,
        ] {
            *wait_ms = wait_ms.saturating_mul(speed);
        }
        self
    }
}

/// What provisioning gives a node instead of the city's secret.
#[derive(Clone, Debug)]
pub struct Keys {
    pub generation: u8,
    pub up: Key,
    pub down: Key,
}
