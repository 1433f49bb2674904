//! Incidents against plain union-find: random openings and endings in random graphs of zones.
//!
//! After every tick the open incidents must be the connected components of the open alerts, computed from scratch,
//! and each must go on where the oldest of its alerts that is still open is. Borders move meanwhile. The same life on
//! two workers, and restarted from a snapshot, says the same. A failure names its seed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pipeline::alert::{AlertId, Revision};
use pipeline::calendar::{MINUTE, Millis, SECOND, Tick, tick_at};
use pipeline::city::{City, Node, NodeIx, Zone, ZoneIx};
use pipeline::incident::{Incident, IncidentId, IncidentState};
use pipeline::input::Input;
use pipeline::observation::Observation;
use pipeline::output::TickOutput;
use pipeline::rules::{Condition, Danger, Rule, RuleIx, Severity, Statistic, Value};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tests::city::{BEGIN, calendar, id};
use tests::history::{Event, History};
use wire::{KindId, Milli, Quantity, ZoneId};

const SEEDS: std::ops::Range<u64> = 0..12;
const PANE: Millis = 10 * SECOND;
const PANES: i64 = 90;

#[test]
fn incidents_are_the_connected_components_of_open_alerts_at_every_tick() {
    let mut seen = Seen::default();
    for seed in SEEDS {
        let (history, cities) = life(seed);
        let outputs = history.run(1);
        Oracle::default().follow(seed, &cities, &outputs, &mut seen);
        let said = lines(&outputs);
        assert_eq!(
            said,
            lines(&history.run_paced(2, 70 * SECOND)),
            "seed {seed}: two workers"
        );
        for minute in [3, 8, 12] {
            let cut = tick_at(BEGIN + minute * MINUTE + 1_300);
            match history.run_restarted(cut, [2, 1]) {
                Ok(outputs) => assert_eq!(said, lines(&outputs), "seed {seed}: cut at {minute}"),
                Err(error) => panic!("seed {seed}: the snapshot does not come back: {error}"),
            }
        }
    }
    let Seen {
        merges,
        splits,
        closings,
        largest,
    } = seen;
    assert!(
        merges > 20 && splits > 20 && closings > 20 && largest > 5,
        "too quiet: {merges} merges, {splits} splits, {closings} closings, {largest} alerts at most"
    );
}

/// How much happened: a test of nothing proves nothing.
#[derive(Default)]
struct Seen {
    merges: usize,
    splits: usize,
    closings: usize,
    largest: usize,
}

/// Zones with a meter each, two rules of two kinds, values that jump, borders that move once.
fn life(seed: u64) -> (History, Vec<(Tick, Arc<City>)>) {
    let mut rng = StdRng::seed_from_u64(seed);
    let zones = rng.random_range(3..11);
    let density = rng.random_range(0.1..0.5);
    let mut cities = Vec::new();
    for at in [0, PANES / 2] {
        let city = Arc::new(city(&mut rng, zones, density));
        cities.push((tick_at(BEGIN + at * PANE + 700), city));
    }
    let rules = vec![
        rule(0, "high", "crowd", 4, Severity::Severe),
        rule(1, "higher", "crowd", 8, Severity::Extreme),
        rule(2, "low", "calm", 2, Severity::Minor),
    ];
    let mut events: Vec<(Tick, Event)> = Vec::new();
    let mut levels = vec![0; zones as usize];
    for pane in 0..PANES {
        for (zone, level) in levels.iter_mut().enumerate() {
            if rng.random_bool(0.12) {
                *level = [0, 0, 3, 5, 5, 9][rng.random_range(0..6)];
            }
            let at = BEGIN + pane * PANE + 1_000 + zone as Millis * 10;
            // Some come late and correct what was said.
            let late = if rng.random_bool(0.1) {
                rng.random_range(1..5) * PANE
            } else {
                0
            };
            let observation = Observation {
                node: NodeIx(zone as u32),
                quantity: Quantity::Temperature,
                saturated: false,
                alarm: false,
                index: 0,
                sampled_at: at,
                value: Milli::whole(*level),
                sequence: pane as u64,
            };
            events.push((tick_at(at + late), Event::Observe(observation)));
        }
    }
    for (tick, city) in &cities {
        events.push((*tick, Event::Input(Input::City(Arc::clone(city)))));
    }
    events.push((cities[0].0, Event::Input(Input::Rules(Arc::new(rules)))));
    events.sort_by_key(|(tick, _)| *tick);
    let mut calendar = calendar(20 * MINUTE);
    let span = calendar.span(Quantity::Temperature);
    calendar.set(
        Quantity::Temperature,
        pipeline::calendar::Span {
            width: PANE,
            ..span
        },
    );
    let until = tick_at(BEGIN + (PANES + 90) * PANE);
    (
        History {
            calendar,
            events,
            until,
        },
        cities,
    )
}

fn city(rng: &mut StdRng, zones: u32, density: f64) -> City {
    let mut neighbours = Vec::new();
    for one in 0..zones {
        for other in one + 1..zones {
            if rng.random_bool(density) {
                neighbours.push((ZoneIx(one), ZoneIx(other)));
            }
        }
    }
    let zone = |ix: u32| Zone {
        ix: ZoneIx(ix),
        id: id(&format!("zone-{ix}")),
        name: format!("zone {ix}"),
        kind: String::new(),
        area: Milli::ZERO,
        settings: Default::default(),
    };
    let node = |ix: u32| Node {
        ix: NodeIx(ix),
        id: id(&format!("node-{ix}")),
        zone: Some(ZoneIx(ix)),
        quantities: vec![Quantity::Temperature],
        weight: Milli::ONE,
        silent_after: None,
        correction: None,
    };
    City {
        id: id("graph"),
        hour_shift: 0,
        zones: (0..zones).map(zone).collect(),
        nodes: (0..zones).map(node).collect(),
        gates: Vec::new(),
        neighbours,
        standards: Vec::new(),
        leaks: Default::default(),
        silence_after: None,
    }
}

fn rule(ix: u32, name: &str, kind: &str, raise_at: i64, severity: Severity) -> Rule {
    Rule {
        ix: RuleIx(ix),
        id: id(name),
        kind: id(kind),
        condition: Condition {
            value: Value::Quantity(Quantity::Temperature),
            statistic: Statistic::Mean,
            direction: Danger::Above,
            raise_at: Milli::whole(raise_at),
            clear_at: Milli::whole(raise_at),
            raise_after: 0,
            clear_after: 0,
            gap_max: 10 * MINUTE,
            severity,
            peak_step: Milli::ZERO,
            hold: 0,
            shadow: false,
        },
        zones: (0..12).map(ZoneIx).collect(),
        escalation: Vec::new(),
        source: String::new(),
    }
}

/// What stands open, followed tick by tick.
#[derive(Default)]
struct Oracle {
    alerts: BTreeMap<AlertId, Revision>,
    incidents: BTreeMap<IncidentId, Incident>,
    begun: BTreeMap<IncidentId, Millis>,
}

impl Oracle {
    fn follow(
        &mut self,
        seed: u64,
        cities: &[(Tick, Arc<City>)],
        outputs: &[TickOutput],
        seen: &mut Seen,
    ) {
        for output in outputs {
            let before = self.incidents.clone();
            for revision in &output.revisions {
                self.alerts.insert(revision.id, revision.clone());
            }
            let mut told = BTreeSet::new();
            for incident in &output.incidents {
                let what = format!("seed {seed}: {incident:?}");
                assert!(told.insert(incident.id), "{what}: told twice in a tick");
                let last = self.incidents.get(&incident.id).map_or(0, |i| i.revision);
                assert_eq!(incident.revision, last + 1, "{what}");
                assert_eq!(tick_at(incident.updated), output.tick, "{what}");
                self.incidents.insert(incident.id, incident.clone());
                self.begun.entry(incident.id).or_insert(incident.updated);
            }
            let city = cities.iter().rev().find(|(tick, _)| *tick <= output.tick);
            let Some((_, city)) = city else { continue };
            let what = format!("seed {seed}, tick {}", output.tick);
            self.check_partition(city, &what);
            self.check_lineage(&before, output, &what, seen);
        }
        let open = self.open().count();
        assert_eq!(
            open, 0,
            "seed {seed}: nothing is heard any more, yet {open} incidents are open"
        );
    }

    fn open(&self) -> impl Iterator<Item = &Incident> {
        let incidents = self.incidents.values();
        incidents.filter(|incident| incident.state == IncidentState::Open)
    }

    fn check_partition(&self, city: &City, what: &str) {
        let open: Vec<&Revision> = self.alerts.values().filter(|r| r.state.is_open()).collect();
        let mut said: Vec<Vec<AlertId>> = Vec::new();
        for incident in self.open() {
            let of = |id: &AlertId| &self.alerts[id];
            let zones: BTreeSet<ZoneId> = incident.alerts.iter().map(|id| of(id).zone).collect();
            let told: BTreeSet<ZoneId> = incident.zones.iter().copied().collect();
            assert_eq!(told, zones, "{what}: zones of {incident:?}");
            let worst = incident.alerts.iter().map(|id| of(id).severity).max();
            assert_eq!(
                Some(incident.severity),
                worst,
                "{what}: severity of {incident:?}"
            );
            let mut alerts = incident.alerts.clone();
            alerts.sort();
            said.push(alerts);
        }
        said.sort();
        assert_eq!(
            components(city, &open),
            said,
            "{what}: union-find against incidents"
        );
    }

    fn check_lineage(
        &self,
        before: &BTreeMap<IncidentId, Incident>,
        output: &TickOutput,
        what: &str,
        seen: &mut Seen,
    ) {
        let holder = |id: &AlertId| self.open().find(|incident| incident.alerts.contains(id));
        let was_open = |incident: &&Incident| incident.state == IncidentState::Open;
        for old in before.values().filter(was_open) {
            let new = &self.incidents[&old.id];
            seen.largest = seen.largest.max(new.alerts.len());
            // Incidents say their alerts oldest first.
            match old.alerts.iter().find_map(holder) {
                Some(heir) if heir.id == old.id => {
                    assert_eq!(new.state, IncidentState::Open, "{what}: {new:?}");
                }
                Some(heir) => {
                    seen.merges += 1;
                    assert_eq!(new.state, IncidentState::Merged, "{what}: {new:?}");
                    assert_eq!(new.merged_into, Some(heir.id), "{what}: {new:?}");
                    let (heir, own) = (self.begun[&heir.id], self.begun[&old.id]);
                    assert!(heir <= own, "{what}: merged into a younger one: {new:?}");
                }
                None => {
                    seen.closings += 1;
                    assert_eq!(new.state, IncidentState::Closed, "{what}: {new:?}");
                }
            }
        }
        for new in output
            .incidents
            .iter()
            .filter(|incident| incident.revision == 1)
        {
            let parents: Vec<IncidentId> = before
                .values()
                .filter(was_open)
                .filter(|old| old.alerts.iter().any(|id| new.alerts.contains(id)))
                .map(|old| old.id)
                .collect();
            match new.split_from {
                Some(parent) => {
                    seen.splits += 1;
                    assert!(
                        parents.contains(&parent),
                        "{what}: {new:?} is no part of {parent}"
                    );
                }
                None => assert!(
                    parents.is_empty(),
                    "{what}: {new:?} is a part of {parents:?}"
                ),
            }
        }
    }
}

/// The plain way: everything is compared with everything.
fn components(city: &City, open: &[&Revision]) -> Vec<Vec<AlertId>> {
    let number = |zone: &ZoneId| city.zones.iter().find(|z| z.id == *zone).map(|z| z.ix);
    let places: Vec<(KindId, Option<ZoneIx>)> =
        open.iter().map(|r| (r.kind, number(&r.zone))).collect();
    let touch = |a: Option<ZoneIx>, b: Option<ZoneIx>| {
        let pair = (a.min(b), a.max(b));
        let is_pair = |&(one, other): &(ZoneIx, ZoneIx)| (Some(one), Some(other)) == pair;
        a == b || city.neighbours.iter().any(is_pair)
    };
    let mut parents: Vec<usize> = (0..open.len()).collect();
    fn root(parents: &[usize], mut at: usize) -> usize {
        while parents[at] != at {
            at = parents[at];
        }
        at
    }
    for one in 0..open.len() {
        for other in 0..one {
            let ((kind, zone), (other_kind, other_zone)) = (places[one], places[other]);
            if kind == other_kind && touch(zone, other_zone) {
                let (a, b) = (root(&parents, one), root(&parents, other));
                parents[a] = b;
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<AlertId>> = BTreeMap::new();
    for (place, revision) in open.iter().enumerate() {
        groups
            .entry(root(&parents, place))
            .or_default()
            .push(revision.id);
    }
    let mut groups: Vec<Vec<AlertId>> = groups.into_values().collect();
    groups.iter_mut().for_each(|group| group.sort());
    groups.sort();
    groups
}

/// Every revision of an incident as its public JSON line, once.
fn lines(outputs: &[TickOutput]) -> Vec<String> {
    let mut known = BTreeSet::new();
    let incidents = outputs.iter().flat_map(|output| &output.incidents);
    incidents
        .filter(|incident| known.insert((incident.id, incident.revision)))
        .map(|incident| serde_json::to_string(incident).unwrap_or_else(|e| e.to_string()))
        .collect()
}
