//! The node as a pure state machine: one event in, one action out; no hardware, no waiting, no allocation.

use wire::limits::SAMPLES_MAX;
use wire::seal::open_frame;
use wire::topic::Presence;
use wire::{Lane, Sample, Settings};

use crate::action::{Action, Event};
use crate::clock::WallClock;
use crate::config::Config;
use crate::fitted::{Fitted, alarm_of, can_follow};
use crate::limits::{
    ALARM_BYTES, ALARM_FRAMES, OUTAGE_BYTES, OUTAGE_FRAMES, SENSORS_MAX, SMALL_BYTES, SMALL_FRAMES,
};
use crate::local_alarm::{Change, LocalAlarm};
use crate::outbox::{Counters, Outbox, Place};
use crate::sampling::{Sensor, Word};
use crate::schedule::Schedule;
use crate::session::{Greeting, Session, Wish};
use crate::store::{NoStore, Provision, Store};
use crate::topics::Topics;

/// For tests and tight boards.
pub type SmallNode = Node<SMALL_FRAMES, SMALL_BYTES>;

/// Keeps 26 h of a frame a minute; about 180 KiB, so put it in a `static` or a `Box`.
pub type OutageNode = Node<OUTAGE_FRAMES, OUTAGE_BYTES>;

/// A node whose normal lane has `FRAMES` frames in `BYTES` bytes of RAM: all that it keeps, unless it has a store.
#[derive(Debug)]
pub struct Node<const FRAMES: usize, const BYTES: usize, S = NoStore> {
    pub(crate) config: Config,
    topics: Topics,
    pub(crate) sensors: heapless::Vec<Fitted, SENSORS_MAX>,
    pub(crate) settings: Settings,
    /// What its page told it.
    pub(crate) provision: Provision,
    /// Number of the settings that were refused last; 0: none.
    pub(crate) settings_refused: u32,
    pub(crate) reports: Schedule,
    /// Readings of the frame that is still open, by uptime.
    pub(crate) open: heapless::Vec<(u64, Sample), SAMPLES_MAX>,
    pub(crate) store: S,
    is_restored: bool,
    pub(crate) normal: Outbox<FRAMES, BYTES>,
    pub(crate) alarm: Outbox<ALARM_FRAMES, ALARM_BYTES>,
    pub(crate) session: Session,
    pub(crate) clock: WallClock,
    /// Greatest (epoch, counter) heard; time is learnt only from newer acknowledgements.
    pub(crate) last_ack: Option<(u32, u64)>,
    /// Uptime never runs back, whatever the shell says.
    pub(crate) now_ms: u64,
    pub(crate) health: Health,
}

/// What went wrong here, for the board's log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Moments of sampling that were slept through.
    pub samples_missed: u64,
    /// Payloads on `down` that do not open: damaged, cut short, or for another node.
    pub acks_refused: u64,
    /// Settings from the gateway that this node cannot go by.
    pub settings_refused: u64,
    /// Frames that could not be sealed or kept: a mistake in the node itself, or sequences ran out.
    pub frames_failed: u64,
    /// Frames that should have been between those that the store had at the start: damaged, or never written.
    pub frames_damaged: u64,
    /// What the store had at the start that is no frame of this node and key, and was dropped.
    pub frames_foreign: u64,
    /// Times that the store could not be read or written; what could not be read was erased.
    pub store_failures: u64,
}

/// An action without its borrowed bytes.
enum Decision {
    Sample(usize),
    Connect,
    Disconnect,
    Greet(Greeting),
    Send(Lane, Place),
    Wait(u64),
}

impl<const FRAMES: usize, const BYTES: usize> Node<FRAMES, BYTES> {
    /// A node that keeps nothing over a loss of power; see [`Node::with_store`].
    pub fn new(config: Config, sensors: &[Sensor], settings: Settings) -> Self {
        Node::with_store(config, sensors, settings, NoStore)
    }
}

impl<const FRAMES: usize, const BYTES: usize, S: Store> Node<FRAMES, BYTES, S> {
    /// A node at uptime 0; sensors beyond [`SENSORS_MAX`] are left out.
    ///
    /// It goes by the page's `settings` as they are, or by those that the gateway gave it since it got that page.
    /// Frames of earlier lives that `store` has are sent before all others, byte for byte. The first step reads the
    /// store, when the node is where it stays: nothing of it is on the stack twice.
    pub fn with_store(config: Config, sensors: &[Sensor], settings: Settings, store: S) -> Self {
        let fitted = sensors.iter().take(SENSORS_MAX).map(|sensor| Fitted {
            sensor: *sensor,
            schedule: ahead(
                Schedule::new(settings.sample_period_ms, sensor.phase_ms),
                config.first_round_ms,
                0,
            ),
            alarm: LocalAlarm::default(),
        });
        Node {
            topics: Topics::new(config.city, config.node),
            sensors: fitted.collect(),
            reports: ahead(
                Schedule::new(settings.report_period_ms, config.report_phase_ms),
                config.first_round_ms,
                FIRST_REPORT_AFTER_MS,
            ),
            provision: Provision::new(&config.up, &settings),
            settings,
            settings_refused: 0,
            open: heapless::Vec::new(),
            store,
            normal: Outbox::new(Lane::Normal),
            alarm: Outbox::new(Lane::Alarm),
            session: Session::new(config.timing, config.seed),
            clock: WallClock::default(),
            last_ack: None,
            now_ms: 0,
            health: Health::default(),
            is_restored: false,
            config,
        }
    }

    /// Takes over what earlier lives left behind, as far as it is this node's own. The first step does it, if nobody
    /// did before.
    #[inline(never)]
    pub fn restore(&mut self) {
        if self.is_restored {
            return;
        }
        self.is_restored = true;
        let config = &self.config;
        let ours = |bytes: &[u8]| {
            open_frame(bytes, &config.up, &config.city, &config.node).is_ok_and(|frame| {
                let header = frame.header;
                header.generation == config.generation && header.boot < config.boot
            })
        };
        self.normal.restore(&mut self.store, ours);
        self.alarm.restore(&mut self.store, ours);
        match self.store.settings() {
            Ok(record) => {
                let settings = record.and_then(|record| self.provision.open(&record));
                let settings = settings.filter(|settings| can_follow(settings, &self.sensors));
                if let Some(settings) = settings {
                    self.go_by(settings);
                }
            }
            Err(_) => self.health.store_failures += 1,
        }
    }

    /// Takes in `event` at uptime `now_ms` and says what to do next. Call it with [`Event::Wake`] after every
    /// action that has no event of its own, until it says [`Action::Wait`].
    pub fn step(&mut self, now_ms: u64, event: Event<'_>) -> Action<'_> {
        self.now_ms = self.now_ms.max(now_ms);
        self.restore();
        match event {
            Event::Wake => {}
            Event::Sampled { sensor, word } => self.sampled(sensor, word),
            Event::Connected => {
                if self.session.connected() {
                    self.normal.reconnected();
                    self.alarm.reconnected();
                }
            }
            Event::Disconnected => self.session.disconnected(self.now_ms),
            Event::Received(bytes) => self.received(bytes),
        }
        let decision = self.decide();
        self.action(decision)
    }

    /// What became of the frames of `lane`.
    pub fn counters(&self, lane: Lane) -> Counters {
        match lane {
            Lane::Normal => self.normal.counters(),
            Lane::Alarm => self.alarm.counters(),
        }
    }

    /// Frames of `lane` that wait for their acknowledgement.
    pub fn kept(&self, lane: Lane) -> u64 {
        match lane {
            Lane::Normal => self.normal.kept(),
            Lane::Alarm => self.alarm.kept(),
        }
    }

    pub fn health(&self) -> Health {
        let lanes = [self.normal.troubles(), self.alarm.troubles()];
        lanes.iter().fold(self.health, |health, lane| Health {
            frames_damaged: health.frames_damaged + lane.damaged,
            frames_foreign: health.frames_foreign + lane.foreign,
            store_failures: health.store_failures + lane.failures,
            ..health
        })
    }

    /// What the node goes by.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub fn is_connected(&self) -> bool {
        self.session.is_up()
    }

    /// Wall time at the last step, if an acknowledgement has told it.
    pub fn wall_ms(&self) -> Option<i64> {
        self.clock.wall_ms(self.now_ms)
    }

    /// Sampling comes before the link: a measurement missed is lost, a frame waits.
    fn decide(&mut self) -> Decision {
        let now_ms = self.now_ms;
        for (place, fitted) in self.sensors.iter_mut().enumerate() {
            if fitted.schedule.is_due(now_ms) {
                self.health.samples_missed += fitted.schedule.advance(now_ms);
                return Decision::Sample(place);
            }
        }
        if self.reports.is_due(now_ms) {
            self.reports.advance(now_ms);
            self.report();
        }
        let until_ms = match self.session.wish(now_ms) {
            Wish::Connect => return Decision::Connect,
            Wish::Disconnect => return Decision::Disconnect,
            Wish::Greet(greeting) => return Decision::Greet(greeting),
            Wish::Wait { until_ms } => until_ms,
            Wish::Speak => {
                let (window, patience) = (self.config.window, self.config.patience);
                if let Some(place) = self.alarm.take_due(now_ms, window, patience) {
                    return Decision::Send(Lane::Alarm, place);
                }
                if let Some(place) = self.normal.take_due(now_ms, window, patience) {
                    return Decision::Send(Lane::Normal, place);
                }
                let lanes = [
                    self.alarm.next_due_ms(window),
                    self.normal.next_due_ms(window),
                ];
                lanes.into_iter().flatten().min().unwrap_or(u64::MAX)
            }
        };
        let sensors = self.sensors.iter().map(|fitted| fitted.schedule.next_ms());
        let own_ms = sensors.fold(self.reports.next_ms(), u64::min);
        Decision::Wait(until_ms.min(own_ms))
    }

    fn action(&self, decision: Decision) -> Action<'_> {
        match decision {
            Decision::Sample(sensor) => Action::Sample { sensor },
            Decision::Connect => Action::Connect {
                client_id: self.config.node.as_str(),
                will_topic: &self.topics.status,
                will: Presence::Offline.payload(),
            },
            Decision::Disconnect => Action::Disconnect,
            Decision::Greet(Greeting::Subscribe) => Action::Subscribe {
                topic: &self.topics.down,
            },
            Decision::Greet(Greeting::Birth) => Action::Publish {
                topic: &self.topics.status,
                payload: Presence::Online.payload(),
                retain: true,
            },
            Decision::Send(Lane::Normal, place) => Action::Publish {
                topic: &self.topics.up,
                payload: self.normal.frame(place),
                retain: false,
            },
            Decision::Send(Lane::Alarm, place) => Action::Publish {
                topic: &self.topics.alarm,
                payload: self.alarm.frame(place),
                retain: false,
            },
            Decision::Wait(until_ms) => Action::Wait { until_ms },
        }
    }

    /// Each reading leaves once: one that turns an alarm at once in the alarm lane, all others with the next report.
    fn sampled(&mut self, place: usize, word: Word) {
        let Some(fitted) = self.sensors.get_mut(place) else {
            return;
        };
        let measurement = fitted.sensor.scale.measure(word);
        let sample = Sample::new(0, fitted.sensor.quantity, measurement);
        let threshold = alarm_of(&self.settings, fitted.sensor.quantity);
        let change = match threshold {
            Some(threshold) => fitted.alarm.judge(threshold, self.now_ms, measurement),
            None => Change::None,
        };
        if change == Change::Turned {
            self.close(Lane::Alarm, &[sample].into_iter().collect());
            return;
        }
        if self.open.is_full() {
            self.report();
        }
        // Not full any more.
        let _ = self.open.push((self.now_ms, sample));
    }
}

/// So long a round of readings takes at most that nobody waits for.
const FIRST_REPORT_AFTER_MS: u64 = 20;

fn ahead(schedule: Schedule, first_round_ms: Option<u32>, after_ms: u64) -> Schedule {
    match first_round_ms {
        Some(first_ms) => schedule.and_first_at(u64::from(first_ms) + after_ms),
        None => schedule,
    }
}
