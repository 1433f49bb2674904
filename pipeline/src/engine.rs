//! The dataflow's only door: inputs with their ticks go in, the changes of each tick come out.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::Thread;

use timely::communication::WorkerGuards;

use crate::calendar::{HOUR, Millis, QUARTER, Tick, tick_at};
use crate::hearing::Listener;
use crate::input::Input;
use crate::limits::BATCH_QUEUE_LEN_MAX;
use crate::observation::Observation;
use crate::operators::panes::{Notice, Packet};
pub use crate::outlet::Sink;
use crate::outlet::{Progress, Settle, Shared, lock};
use crate::registry::{Delta, Registry};
pub use crate::snapshot::Snapshot;
pub use crate::worker::EngineConfig;
use crate::worker::{Batch, Save, run};

/// The running dataflow: one thread a worker.
pub struct Engine {
    workers: Vec<Door>,
    guards: Option<WorkerGuards<()>>,
    registry: Registry,
    shared: Arc<Shared>,
    settle: Settle,
    none: Arc<Vec<Notice>>,
    /// Latest tick used, and latest promise.
    tick: Tick,
    promised: Tick,
    latest_sample: Millis,
}

/// The engine's side of one worker's queue.
struct Door {
    sender: SyncSender<Batch>,
    thread: Thread,
    batch: Batch,
}

impl Engine {
    /// Starts the workers, empty or from a snapshot.
    pub fn start(config: EngineConfig, from: Option<Snapshot>, sink: Sink) -> Engine {
        let workers = config.workers.max(1);
        let mut registry = match &from {
            Some(snapshot) => snapshot.registry.clone(),
            None => Registry::new(config.calendar.clone()),
        };
        let restored = from
            .as_ref()
            .map(|snapshot| (snapshot.tick, registry.restore()));
        let shared = Arc::new(Shared {
            sink: Mutex::new(sink),
            progress: Progress::default(),
            versions: Mutex::default(),
        });
        let settle = Settle::default();
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..workers)
            .map(|_| sync_channel(BATCH_QUEUE_LEN_MAX))
            .unzip();
        let receivers: Vec<Mutex<Option<Receiver<Batch>>>> = receivers
            .into_iter()
            .map(|receiver| Mutex::new(Some(receiver)))
            .collect();
        let (hello, threads) = sync_channel(workers);
        let guards = timely::execute(timely::Config::process(workers), {
            let (shared, settle) = (shared.clone(), settle.clone());
            move |worker| {
                let receiver = lock(&receivers[worker.index()]).take();
                // Sent once by each worker while the engine waits below; it cannot be gone.
                let _ = hello.send((worker.index(), std::thread::current()));
                if let Some(batches) = receiver {
                    run(worker, &config, from.as_ref(), &settle, &shared, &batches);
                }
            }
        });
        let mut threads: Vec<(usize, Thread)> = threads.iter().take(workers).collect();
        threads.sort_by_key(|(index, _)| *index);
        let door = |(sender, (_, thread))| Door {
            sender,
            thread,
            batch: Batch::default(),
        };
        let mut engine = Engine {
            workers: senders.into_iter().zip(threads).map(door).collect(),
            guards: guards.ok(),
            registry,
            shared,
            settle,
            none: Arc::new(Vec::new()),
            tick: 0,
            promised: 0,
            latest_sample: Millis::MIN,
        };
        if let Some((tick, delta)) = restored {
            engine.change(tick, delta);
            engine.tick = tick;
            engine.advance(tick + 1);
        }
        engine
    }

    /// Adds observations at `tick`, which must not be below an earlier call's tick or promise.
    pub fn observe(&mut self, tick: Tick, observations: &[Observation]) {
        let tick = self.take_tick(tick);
        let peers = self.workers.len();
        let share = observations.len().div_ceil(peers);
        let mut listener = Listener::default();
        for observation in observations {
            let heard = listener.take(observation);
            self.workers[0]
                .batch
                .heard
                .extend(heard.map(|heard| (tick, heard)));
            self.latest_sample = self.latest_sample.max(observation.sampled_at);
            let packets = &mut self.workers[observation.node.0 as usize % peers]
                .batch
                .packets;
            match packets.last_mut() {
                Some(packet) if packet.tick == tick => packet.observations.push(*observation),
                _ => {
                    let mut observations = Vec::with_capacity(share);
                    observations.push(*observation);
                    packets.push(Packet {
                        tick,
                        notices: self.none.clone(),
                        observations,
                    });
                }
            }
        }
        let heard = listener.end();
        self.workers[0]
            .batch
            .heard
            .extend(heard.map(|heard| (tick, heard)));
    }

    /// Adds any other input at `tick`, under the same rule.
    pub fn input(&mut self, tick: Tick, input: Input) {
        let tick = self.take_tick(tick);
        if let Input::Action(action) = &input
            && action.is_about_alerts()
        {
            self.workers[0].batch.acted.push((action.clone(), tick));
        }
        let delta = self.registry.apply(tick, &input);
        self.change(tick, delta);
        lock(&self.shared.versions).push_back((tick, input));
    }

    fn change(&mut self, tick: Tick, Delta { rows, notices }: Delta) {
        let rows = rows.into_iter().map(|(row, diff)| (row, tick, diff));
        self.workers[0].batch.rows.extend(rows);
        if !notices.is_empty() {
            let notices = Arc::new(notices);
            for door in &mut self.workers {
                let observations = Vec::new();
                door.batch.packets.push(Packet {
                    tick,
                    notices: notices.clone(),
                    observations,
                });
            }
        }
    }

    /// Promises that nothing more comes at ticks below `tick`; deadlines below it fire. Hands over
    /// what was added since; blocks while the workers are far behind: backpressure.
    pub fn advance(&mut self, tick: Tick) {
        let until = self.promised.max(tick).max(self.tick);
        self.promised = until;
        for door in &mut self.workers {
            let batch = std::mem::replace(
                &mut door.batch,
                Batch {
                    until,
                    ..Batch::default()
                },
            );
            // A worker's queue closes only when its thread has ended; `join` reports that.
            let _ = door.sender.send(Batch { until, ..batch });
            door.thread.unpark();
        }
    }

    /// Every change at ticks below this has been given to the sink.
    pub fn frontier(&self) -> Tick {
        self.shared.progress.reached()
    }

    /// Waits until every change below the last promise has been given to the sink.
    pub fn settle(&mut self) {
        self.advance(self.promised);
        self.shared.progress.wait_for(self.promised);
    }

    /// Waits until everything below the last promise has been given to the sink, then takes a snapshot.
    pub fn snapshot(&mut self) -> Snapshot {
        let until = self.promised.max(self.tick + 1);
        let into = Arc::new(Mutex::new(Snapshot::new(until - 1, self.registry.clone())));
        let (done, finished) = sync_channel(self.workers.len());
        for door in &mut self.workers {
            door.batch.save = Some(Save {
                into: into.clone(),
                done: done.clone(),
            });
        }
        drop(done);
        self.advance(until);
        finished.iter().take(self.workers.len()).for_each(drop);
        lock(&into).clone()
    }

    /// End of input: open panes close, rules settle, silence does not fire; returns when the sink has all.
    pub fn finish(mut self) {
        // Deadlines below the promise still fire, whether or not the workers have come so far.
        self.settle
            .end_at(self.tick.max(self.promised.saturating_sub(1)));
        self.advance(self.promised);
        if self.latest_sample > Millis::MIN {
            let told = self.tick + tick_at(self.longest_hold());
            let judged = tick_at(self.latest_sample + self.longest_pane());
            self.advance(told.max(judged).max(self.day_over()) + 1);
        }
        self.shared.progress.wait_for(self.promised);
        self.stop();
    }

    /// Longest time from a reading to the judgement of its pane.
    fn longest_pane(&self) -> Millis {
        let calendar = &self.registry.calendar;
        let wait = |quantity| {
            let span = calendar.span(quantity);
            span.width.max(QUARTER) + span.grace
        };
        wire::Quantity::all().map(wait).max().unwrap_or(QUARTER)
    }

    /// Where the last hour of a local day was heard, the day is over: its air index is said.
    fn day_over(&self) -> Tick {
        let end = self.registry.calendar.local.day_end(self.latest_sample);
        match end - self.latest_sample <= HOUR {
            true => tick_at(end),
            false => 0,
        }
    }

    /// Longest time that a revision may wait.
    fn longest_hold(&self) -> Millis {
        let holds = self.registry.rules.iter().map(|rule| rule.condition.hold);
        holds.max().unwrap_or(0)
    }

    fn take_tick(&mut self, tick: Tick) -> Tick {
        debug_assert!(
            tick >= self.tick && tick >= self.promised,
            "ticks go forward"
        );
        self.tick = tick.max(self.tick).max(self.promised);
        self.tick
    }

    fn stop(&mut self) {
        for door in std::mem::take(&mut self.workers) {
            drop(door.sender);
            door.thread.unpark();
        }
        drop(self.guards.take());
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}
