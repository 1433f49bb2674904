//! A city lived through by random actions, judged by the oracle again and again.
//!
//! Frames ([`frames`]) are sealed by nodes ([`node`]), go through the gateway's own admission ([`door`]), are journaled and fed as
//! in the gateway ([`life`]); people and files change rules, zones and nodes ([`changes`]); the gateway dies and comes
//! back on another number of workers. After every few actions the engine stands still at a tick and must say exactly
//! what the oracle makes of all that was accepted; every revision must have had the right to be said ([`trace`]).
//! An action carries its own chance ([`act`]), so that a failure can be made shorter ([`shrink`]).
//!
//! Withdrawals concern nodes of quantities that are not about safety, see [`changes`]. Silence, air indices and what
//! else people do about alerts have tests of their own.

pub mod act;
mod changes;
mod door;
mod frames;
mod life;
mod node;
pub mod shrink;
mod trace;

use std::collections::BTreeMap;
use std::fmt;

use gateway::journal::Record;
use pipeline::alert::AlertId;
use pipeline::calendar::{MINUTE, Millis, SECOND, Tick, tick_at};
use pipeline::city::NodeIx;
use pipeline::input::{Action, Input};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use wire::CitySecret;

use crate::city::{self, BEGIN, Plan};
use crate::history::{Event, History};
use crate::oracle;
use crate::verdict::Verdict;
use act::{Act, Kind};
use changes::Files;
use door::Door;
use life::Life;
use node::{KEPT_MAX, Node};

/// Ticks are multiples of it.
const TICK_WIDTH: Millis = 100;

/// How a run is judged.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    /// Of the city.
    pub seed: u64,
    /// Actions between two questions to the oracle.
    pub every: usize,
}

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub actions: usize,
    pub by_kind: BTreeMap<Kind, usize>,
    pub readings: usize,
    pub too_late: u64,
    pub duplicates: usize,
    pub records: usize,
    pub revisions: usize,
    pub restarts: usize,
    /// Times that the oracle was asked, and all that it found right.
    pub checks: usize,
    pub right: usize,
    /// Rules in zones that were left out of a check because a revision may have been held back.
    pub held: usize,
}

/// Where a run went wrong.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Actions done before it was seen.
    pub after: usize,
    pub what: String,
    /// The last things that happened, in words.
    pub story: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.story {
            writeln!(f, "  {line}")?;
        }
        write!(f, "after {} actions: {}", self.after, self.what)
    }
}

/// Lives through the actions; `progress` is told after every question to the oracle.
pub fn run(
    judge: Judge,
    acts: &[Act],
    mut progress: impl FnMut(&Report),
) -> Result<Report, Box<Failure>> {
    let mut model = Model::new(judge.seed).map_err(|what| Model::failure(0, what, &[]))?;
    for (place, act) in acts.iter().enumerate() {
        let failed = |what, model: &Model| Model::failure(place + 1, what, &model.story);
        model.act(act).map_err(|what| failed(what, &model))?;
        if (place + 1) % judge.every == 0 || place + 1 == acts.len() {
            model.check().map_err(|what| failed(what, &model))?;
            progress(&model.report);
        }
    }
    let failed = |what| Model::failure(acts.len(), what, &model.story);
    model.agree_on_any_workers().map_err(failed)?;
    Ok(model.report)
}

struct Model {
    files: Files,
    nodes: Vec<Node>,
    door: Door,
    life: Life,
    /// What the oracle is told: not from the engine or the door, but as the nodes and people did it.
    history: History,
    now: Millis,
    pace: Millis,
    /// When the last pane that anything was said of is judged.
    judged_at: Millis,
    /// Alerts that had been told of when the oracle was last asked: what comes later depends on the workers' pace.
    known: Vec<AlertId>,
    story: Vec<String>,
    report: Report,
}

impl Model {
    fn new(seed: u64) -> Result<Model, String> {
        let Plan {
            city,
            rules,
            calendar,
        } = city::plan(seed);
        let nodes = city.nodes.iter();
        let mut model = Model {
            nodes: nodes
                .map(|n| Node::new(n, city.id, &secret(), BEGIN))
                .collect(),
            door: Door::new(&city, secret(), calendar.clone()),
            life: Life::new(calendar.clone(), 1),
            files: Files::new(&city, &rules),
            history: History {
                calendar,
                events: Vec::new(),
                until: 0,
            },
            now: BEGIN,
            pace: SECOND,
            judged_at: BEGIN,
            known: Vec::new(),
            story: Vec::new(),
            report: Report::default(),
        };
        model.input(model.files.city_version())?;
        model.input(model.files.rules_version())?;
        Ok(model)
    }

    fn failure(after: usize, what: String, story: &[String]) -> Box<Failure> {
        Box::new(Failure {
            after,
            what,
            story: story.to_vec(),
        })
    }

    fn tick(&self) -> Tick {
        tick_at(self.now.div_euclid(TICK_WIDTH) * TICK_WIDTH)
    }

    fn act(&mut self, act: &Act) -> Result<(), String> {
        let mut rng = StdRng::seed_from_u64(act.seed);
        self.now += rng.random_range(0..8_000);
        self.report.actions += 1;
        *self.report.by_kind.entry(act.kind).or_default() += 1;
        let rng = &mut rng;
        match act.kind {
            Kind::Report => self.report(rng)?,
            Kind::Keep => {
                let now = self.now;
                if let Some(node) = self.any_node(rng)
                    && node.kept.len() < KEPT_MAX
                {
                    let frame = node.report(rng, now);
                    node.kept.push_back(frame);
                    let what = format!("{} keeps a frame", node.id);
                    self.tell(what);
                }
            }
            Kind::Deliver => self.deliver(rng)?,
            Kind::Alarm => {
                let now = self.now;
                if let Some(node) = self.any_node(rng) {
                    let (ix, frame) = (node.ix, node.alarm(rng, now));
                    self.hear(vec![(ix, frame)])?;
                }
            }
            Kind::Storm => self.storm(rng)?,
            Kind::Garbage => self.garbage(rng)?,
            Kind::Wait => {
                // Now and then longer than any pane can still be corrected.
                let longest = *[MINUTE, 4 * MINUTE, 15 * MINUTE]
                    .choose(rng)
                    .unwrap_or(&MINUTE);
                self.now += rng.random_range(0..longest);
                self.tell("nothing happens for a while".to_owned());
            }
            Kind::Reboot => {
                let now = self.now;
                if let Some(node) = self.any_node(rng) {
                    node.reboot(now);
                }
            }
            Kind::Pace => {
                let paces = [TICK_WIDTH, SECOND, 20 * SECOND, 2 * MINUTE];
                self.pace = *paces.choose(rng).unwrap_or(&SECOND);
            }
            Kind::Save => {
                self.tell("a snapshot goes to disk".to_owned());
                self.life.save(&self.door.sessions)?;
            }
            Kind::Crash => self.restart(rng, true)?,
            Kind::Replay => self.restart(rng, false)?,
            Kind::Acknowledge => {
                if let Some(alert) = self.known.choose(rng).copied() {
                    let by = ["ann", "bo"][rng.random_range(0..2)].to_owned();
                    self.input(Input::Action(Action::Acknowledge { alert, by }))?;
                }
            }
            kind => {
                if let Some(input) = self.files.change(kind, rng, self.now) {
                    self.input(input)?;
                }
            }
        }
        let tick = self.tick();
        if tick.saturating_sub(self.life.promised()) >= self.pace as Tick {
            self.life.promise(tick);
        }
        Ok(())
    }

    fn any_node(&mut self, rng: &mut StdRng) -> Option<&mut Node> {
        let place = rng.random_range(0..self.nodes.len().max(1));
        self.nodes.get_mut(place)
    }

    fn input(&mut self, input: Input) -> Result<(), String> {
        self.tell(in_words(&input));
        if let Input::City(city) = &input {
            self.door.city_changed(city);
            for node in &city.nodes[..] {
                if node.ix.0 as usize >= self.nodes.len() {
                    let new = Node::new(node, city.id, &secret(), self.now);
                    self.nodes.push(new);
                }
            }
        }
        let tick = self
            .life
            .commit(self.tick(), &Record::Input(input.clone()))?;
        self.history.events.push((tick, Event::Input(input)));
        Ok(())
    }

    fn restart(&mut self, rng: &mut StdRng, from_snapshot: bool) -> Result<(), String> {
        self.report.restarts += 1;
        let workers = *[1, 2, 4].choose(rng).unwrap_or(&1);
        self.tell(format!(
            "the gateway dies and comes back on {workers} workers, {}",
            if from_snapshot {
                "from its snapshot"
            } else {
                "from the journal alone"
            }
        ));
        let sessions = self.life.restart(workers, from_snapshot)?;
        let lived = self.door.sessions.iter();
        let lived = lived.filter(|(_, session)| **session != Default::default());
        if !sessions.iter().eq(lived) {
            return Err("the nodes' sessions came back otherwise than they were".to_owned());
        }
        self.door.sessions = sessions;
        // Nobody listened meanwhile.
        self.input(Input::Link { up: false })?;
        self.input(Input::Link { up: true })
    }

    fn knows(&self, ix: NodeIx) -> bool {
        self.files.city.nodes.iter().any(|node| node.ix == ix)
    }

    /// Stands still once every pane that was spoken of is judged, and asks the oracle.
    fn check(&mut self) -> Result<(), String> {
        self.now = self.now.max(self.judged_at) + TICK_WIDTH;
        let tick = self.tick().max(self.life.promised());
        self.life.promise(tick);
        self.life.settle()?;
        self.history.until = tick;
        let answer = oracle::answer(&self.history);
        let trace = &self.life.trace;
        let rules = self.history.inputs().filter_map(|(_, input)| match input {
            Input::Rules(rules) => Some(rules),
            _ => None,
        });
        let holds = rules.flat_map(|r| r.iter().map(|rule| (rule.id, rule.condition.hold)));
        let held = trace.held(tick, &holds.collect());
        let (zones, last) = (&trace.zones, trace.last());
        let verdict = Verdict::but_for(&held, &self.history, &answer, zones, &last);
        self.tell(format!("the engine stands still at tick {tick}"));
        self.known = last.keys().copied().collect();
        self.report.checks += 1;
        self.report.right += verdict.right;
        self.report.held += verdict.held;
        self.report.too_late = answer.too_late;
        self.report.records = self.life.journaled();
        self.report.revisions = self.life.trace.lines.len();
        match verdict.is_clean() {
            true => Ok(()),
            false => {
                let lines = &self.life.trace.lines;
                let last = &lines[lines.len().saturating_sub(STORY_MAX)..];
                Err(format!("{verdict}\n{}", last.join("\n")))
            }
        }
    }

    /// The whole journal says the same bytes on any number of workers, whatever lives there were.
    fn agree_on_any_workers(&self) -> Result<(), String> {
        for workers in [1, 2, 4] {
            let lines = self.life.replayed(workers)?;
            let pairs = lines.iter().zip(&self.life.trace.lines);
            if let Some((replayed, lived)) = pairs.into_iter().find(|(a, b)| a != b) {
                return Err(format!(
                    "on {workers} workers the journal says\n  {replayed}\n  and was said\n  {lived}"
                ));
            }
            let (replayed, lived) = (lines.len(), self.life.trace.lines.len());
            if replayed != lived {
                return Err(format!(
                    "on {workers} workers the journal makes {replayed} revisions, not {lived}"
                ));
            }
        }
        Ok(())
    }

    fn tell(&mut self, what: String) {
        if self.story.len() >= STORY_MAX {
            self.story.remove(0);
        }
        self.story.push(format!("{} {what}", self.tick()));
    }
}

const STORY_MAX: usize = 120;

fn secret() -> CitySecret {
    CitySecret::new([7; 32])
}

fn in_words(input: &Input) -> String {
    match input {
        Input::City(city) => {
            let node = |n: &pipeline::city::Node| {
                let zone = n.zone.map(|zone| zone.0);
                format!("{}@{zone:?}×{}", n.ix.0, n.weight)
            };
            let nodes: Vec<String> = city.nodes.iter().map(node).collect();
            let areas: Vec<String> = city.zones.iter().map(|z| z.area.to_string()).collect();
            format!("city: nodes {} areas {}", nodes.join(" "), areas.join(" "))
        }
        Input::Rules(rules) => {
            let rule = |r: &pipeline::rules::Rule| {
                let zones: Vec<u32> = r.zones.iter().map(|zone| zone.0).collect();
                format!("{} {zones:?} {:?}", r.id, r.condition)
            };
            let rules: Vec<String> = rules.iter().map(rule).collect();
            format!("rules:\n    {}", rules.join("\n    "))
        }
        other => format!("{other:?}"),
    }
}
