//! A node's board, simulated: does what the firmware core asks for, with sensors that read a world.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use edge_firmware::{Action, Event, Node, Sensor};
use pipeline::calendar::Millis;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use wire::Lane;

use super::plan::Plan;
use super::uplink::{Call, Heard, Uplink};
use super::{FleetOptions, Tally, World};
use crate::clock::Clock;
use crate::story::{Sampling, Seat};

/// An outbox of 512 frames: the story's outage several times over, and small enough for thousands of nodes.
type FleetNode = Node<512, { 512 * 96 }>;

/// Acknowledgements that wait for the node; more than the node can have frames on their way.
const HEARD_LEN_MAX: usize = 64;
/// A wait is broken up at this length, so that a cut-off that the story begins is seen.
const WAIT_MAX: Duration = Duration::from_secs(1);

pub(super) struct Shell {
    node: Box<FleetNode>,
    sensors: Vec<Sensor>,
    seat: Seat,
    world: Arc<dyn World>,
    clock: Arc<dyn Clock>,
    booted_at: Millis,
    host: String,
    port: u16,
    login: Option<(String, String)>,
    tally: Arc<Tally>,
    told: Told,
}

/// What this node has added to the tally so far.
#[derive(Default)]
struct Told {
    connected: u64,
    acknowledged: u64,
    kept: u64,
    overwritten: u64,
}

/// What the core asked for, without its borrowed bytes, as far as it takes time.
enum Next {
    Now(Moved),
    Wait { until_ms: u64 },
}

enum Moved {
    Wake,
    Sampled { sensor: usize },
    Unreachable,
}

impl Shell {
    pub(super) fn new(
        plan: Plan,
        options: &FleetOptions,
        clock: Arc<dyn Clock>,
        tally: Arc<Tally>,
    ) -> Shell {
        Shell {
            node: Box::new(FleetNode::new(plan.config, &plan.sensors, plan.settings)),
            sensors: plan.sensors,
            seat: plan.seat,
            world: options.world.clone(),
            booted_at: clock.now(),
            clock,
            host: options.host.clone(),
            port: options.port,
            login: options.login.clone(),
            tally,
            told: Told::default(),
        }
    }

    pub(super) async fn run(mut self, shutdown: CancellationToken) {
        let (sender, mut heard) = mpsc::channel(HEARD_LEN_MAX);
        let mut uplink: Option<Uplink> = None;
        let mut connections = 0;
        let mut next = self.step(Event::Wake, &mut uplink, &sender, &mut connections);
        while !shutdown.is_cancelled() {
            if uplink.is_some() && self.is_cut_off() {
                uplink = None;
                next = self.step(Event::Disconnected, &mut uplink, &sender, &mut connections);
                continue;
            }
            let payload;
            let event = match next {
                Next::Now(Moved::Wake) => Event::Wake,
                Next::Now(Moved::Unreachable) => Event::Disconnected,
                Next::Now(Moved::Sampled { sensor }) => self.sample(sensor),
                Next::Wait { until_ms } => {
                    self.tell();
                    let message = tokio::select! {
                        message = heard.recv() => message,
                        () = tokio::time::sleep(self.until(until_ms)) => None,
                        () = shutdown.cancelled() => break,
                    };
                    let current = uplink.as_ref().map(Uplink::number);
                    match message {
                        Some(Heard::Connected(number)) if Some(number) == current => {
                            Event::Connected
                        }
                        Some(Heard::Gone(number)) if Some(number) == current => {
                            uplink = None;
                            Event::Disconnected
                        }
                        Some(Heard::Payload(number, bytes)) if Some(number) == current => {
                            payload = bytes;
                            Event::Received(&payload)
                        }
                        _ => Event::Wake,
                    }
                }
            };
            next = self.step(event, &mut uplink, &sender, &mut connections);
        }
    }

    /// One step of the core, and what it asks for done.
    fn step(
        &mut self,
        event: Event<'_>,
        uplink: &mut Option<Uplink>,
        heard: &mpsc::Sender<Heard>,
        connections: &mut u64,
    ) -> Next {
        let is_cut_off = self.is_cut_off();
        let now_ms = self.uptime_ms();
        match self.node.step(now_ms, event) {
            Action::Sample { sensor } => return Next::Now(Moved::Sampled { sensor }),
            Action::Connect { .. } if is_cut_off => return Next::Now(Moved::Unreachable),
            Action::Connect {
                client_id,
                will_topic,
                will,
            } => {
                let call = Call {
                    host: &self.host,
                    port: self.port,
                    login: self.login.as_ref(),
                    client_id,
                    will_topic,
                    will,
                };
                *connections += 1;
                *uplink = Some(Uplink::open(&call, *connections, heard.clone()));
            }
            Action::Disconnect => *uplink = None,
            Action::Subscribe { topic } => {
                if let Some(uplink) = uplink {
                    uplink.subscribe(topic);
                }
            }
            Action::Publish {
                topic,
                payload,
                retain,
            } => {
                if let Some(uplink) = uplink {
                    uplink.publish(topic, payload, retain);
                }
            }
            Action::Wait { until_ms } => return Next::Wait { until_ms },
        }
        Next::Now(Moved::Wake)
    }

    fn sample(&self, sensor: usize) -> Event<'static> {
        let fitted = &self.sensors[sensor];
        let sampling = Sampling {
            at: self.clock.now(),
            period: Millis::from(self.node.settings().sample_period_ms),
        };
        let word = self.world.word(&self.seat, fitted.quantity, sampling);
        Event::Sampled { sensor, word }
    }

    fn is_cut_off(&self) -> bool {
        self.world.is_cut_off(&self.seat, self.clock.now())
    }

    fn uptime_ms(&self) -> u64 {
        (self.clock.now() - self.booted_at).max(0).unsigned_abs()
    }

    /// Real time until an uptime.
    fn until(&self, until_ms: u64) -> Duration {
        let left_ms = until_ms.saturating_sub(self.uptime_ms());
        // A millisecond more, so that rounding never wakes the node just before its time.
        let real = self
            .clock
            .real_duration(Millis::try_from(left_ms).unwrap_or(Millis::MAX / 2_000));
        (real + Duration::from_millis(1)).min(WAIT_MAX)
    }

    fn tell(&mut self) {
        let lanes = Lane::ALL.map(|lane| (self.node.counters(lane), self.node.kept(lane)));
        let now = Told {
            connected: u64::from(self.node.is_connected()),
            acknowledged: lanes.iter().map(|(counters, _)| counters.settled).sum(),
            kept: lanes.iter().map(|(_, kept)| kept).sum(),
            overwritten: lanes.iter().map(|(counters, _)| counters.overwritten).sum(),
        };
        let Tally {
            connected,
            acknowledged,
            kept,
            overwritten,
        } = &*self.tally;
        for (counter, before, after) in [
            (connected, self.told.connected, now.connected),
            (acknowledged, self.told.acknowledged, now.acknowledged),
            (kept, self.told.kept, now.kept),
            (overwritten, self.told.overwritten, now.overwritten),
        ] {
            add(counter, before, after);
        }
        self.told = now;
    }
}

fn add(counter: &AtomicU64, before: u64, after: u64) {
    // Wrapping, so that a figure can fall too: `kept` and `connected` do.
    counter.fetch_add(after.wrapping_sub(before), Ordering::Relaxed);
}
