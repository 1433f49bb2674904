//! From readings to a sealed frame in its outbox.

use wire::frame::{Body, Frame, Header, Samples};
use wire::seal::{FrameBytes, seal_frame, sealed_len};
use wire::{Lane, Sample};

use crate::config::Config;
use crate::node::Node;
use crate::outbox::Outbox;
use crate::store::Store;

impl<const FRAMES: usize, const BYTES: usize, S: Store> Node<FRAMES, BYTES, S> {
    /// Closes the open frame, if it says anything.
    pub(crate) fn report(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let now_ms = self.now_ms;
        let samples = self.open.iter().map(|&(sampled_ms, sample)| Sample {
            age_ms: u32::try_from(now_ms - sampled_ms).unwrap_or(u32::MAX),
            ..sample
        });
        let samples = samples.collect();
        self.open.clear();
        self.close(Lane::Normal, &samples);
    }

    /// Closed once, sealed once.
    pub(crate) fn close(&mut self, lane: Lane, samples: &Samples) {
        let now = Moment {
            uptime_ms: self.now_ms,
            wall_ms: self.clock.wall_ms(self.now_ms),
            settings: self.settings.id(),
            settings_refused: self.settings_refused,
        };
        let (store, config) = (&mut self.store, &self.config);
        let kept = match lane {
            Lane::Normal => close_into(&mut self.normal, store, config, lane, now, samples),
            Lane::Alarm => close_into(&mut self.alarm, store, config, lane, now, samples),
        };
        if !kept {
            self.health.frames_failed += 1;
        }
    }
}

#[derive(Clone, Copy)]
struct Moment {
    uptime_ms: u64,
    wall_ms: Option<i64>,
    settings: u32,
    settings_refused: u32,
}

/// The oldest frame kept, which is not the same any more when room was made, takes at most so much more.
const OLDEST_KEPT_LEN_MAX: usize = 8;

/// Makes room first, so that the frame tells truly what is still kept beside it.
fn close_into<const FRAMES: usize, const BYTES: usize>(
    outbox: &mut Outbox<FRAMES, BYTES>,
    store: &mut impl Store,
    config: &Config,
    lane: Lane,
    now: Moment,
    samples: &Samples,
) -> bool {
    let mut frame = Frame {
        header: Header {
            generation: config.generation,
            lane,
            boot: config.boot,
            sequence: outbox.next_sequence(),
        },
        body: Body {
            oldest_kept: outbox.oldest_kept(config.boot),
            settings: now.settings,
            settings_refused: now.settings_refused,
            uptime_ms: now.uptime_ms,
            // A time before 1970 or far beyond is no time.
            wall_ms: now
                .wall_ms
                .filter(|ms| (0..wire::limits::WALL_MS_END).contains(ms)),
            samples: samples.clone(),
        },
    };
    let Ok(len) = sealed_len(&frame) else {
        return false;
    };
    outbox.make_room(store, len + OLDEST_KEPT_LEN_MAX);
    frame.body.oldest_kept = outbox.oldest_kept(config.boot);
    let mut sealed = FrameBytes::new();
    seal_frame(&frame, &config.up, &config.city, &config.node, &mut sealed).is_ok()
        && outbox.push(store, &sealed)
}
