//! A wall with made-up figures: the harbour city's board, filled by hand, served on a port of its own.
//!
//! For tests of the page, and for those who work on it: no broker, no nodes, no dataflow.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use gateway::access::{Door, Hashed, Policy, Reach, Role, Spans, User};
use gateway::board::{Board, Face};
use gateway::city::LoadedCity;
use gateway::clock::{Clock, ScaledClock};
use gateway::http::{HttpState, serve};
use gateway::metrics::Metrics;
use pipeline::alert::{AlertId, Completeness, Desk, Reason, Revision, Span, State};
use pipeline::calendar::{HOUR, MINUTE, Millis, SECOND};
use pipeline::input::Action;
use pipeline::output::{AirIndex, AirRow, Figures, TickOutput, ZoneValue};
use pipeline::rules::Value;
use pipeline::science::air::Pollutants;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use wire::{Milli, Quantity};

pub mod stories;

/// 2026-11-22T12:00:00Z: evening in the harbour.
pub const EVENING: Millis = 1_795_348_800_000;

/// Width of the crowd's panes.
const PANE: Millis = 10 * SECOND;

/// Who acts on the wall, and the password.
pub const OPERATOR: &str = "Ada";
pub const PASSWORD: &str = "correct horse battery";
/// Of that password, made by another implementation (argon2-cffi 25.1) with the least that is accepted.
pub const HASH: &str = "$argon2id$v=19$m=7168,t=1,p=1$Y2l0eXNlbnNlLXRlc3RzIQ$/LHLRlg80kbqwf9s7fX43l+mPBVzZcakmqLUu16jMTs";

/// Everybody reads, Ada acts.
fn policy() -> Policy {
    Policy {
        is_declared: true,
        users: vec![User {
            name: OPERATOR.to_owned(),
            role: Role::Operator,
            reach: Reach::default(),
            password: Hashed(HASH.to_owned()),
        }],
        ..Policy::default()
    }
}

/// A served board.
pub struct Wall {
    pub address: SocketAddr,
    pub board: Arc<RwLock<Board>>,
    /// What people do on the page.
    pub actions: mpsc::Receiver<Action>,
    loaded: LoadedCity,
    clock: Arc<ScaledClock>,
    shutdown: CancellationToken,
}

impl Drop for Wall {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Wall {
    /// Serves the harbour city on `listener` with six hours of figures and several alerts.
    pub fn serve(listener: TcpListener) -> Result<Wall, String> {
        let loaded = gateway::harbour::load().map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let board = Arc::new(RwLock::new(Board::new(Face::from(&loaded))));
        let clock = Arc::new(ScaledClock::starting_at(EVENING, 1));
        let (sender, actions) = mpsc::channel(16);
        let shutdown = CancellationToken::new();
        let metrics = Metrics::new().map_err(|error| error.to_string())?;
        let state = HttpState {
            board: board.clone(),
            metrics: metrics.registry().clone(),
            actions: sender,
            explainer: None,
            archive: None,
            clock: clock.clone(),
            door: Door::new(policy(), Spans::default(), metrics.registry()),
            certificate: None,
        };
        tokio::spawn(serve(listener, state, shutdown.clone()));
        let wall = Wall {
            address,
            board,
            actions,
            loaded,
            clock,
            shutdown,
        };
        wall.fill();
        Ok(wall)
    }

    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// The city as it is shown.
    pub fn face(&self) -> Arc<Face> {
        let board = self.board.read().unwrap_or_else(PoisonError::into_inner);
        board.face().clone()
    }

    /// Puts the changes of one tick on the board.
    pub fn apply(&self, output: &TickOutput) {
        let mut board = self.board.write().unwrap_or_else(PoisonError::into_inner);
        board.apply(output);
        board.frontier_reached(output.tick);
    }

    /// A revision of the harbour's rule `rule` in `zone`, made now.
    pub fn revision(&self, id: u128, state: State, rule: &str, zone: &str, value: i64) -> Revision {
        let rules = &self.loaded.rules;
        let rule = rules.iter().find(|r| r.id.as_str() == rule);
        let zone = self
            .loaded
            .city
            .zones
            .iter()
            .find(|z| z.id.as_str() == zone);
        let (rule, zone) = match (rule, zone) {
            (Some(rule), Some(zone)) => (rule, zone),
            // A mistake in the test that asks.
            _ => panic!("the harbour has no such rule or zone"),
        };
        let now = self.now();
        Revision {
            id: AlertId(id),
            revision: 1,
            state,
            reason: Reason::Threshold,
            rule: rule.id,
            rule_version: 1,
            kind: rule.kind,
            zone: zone.id,
            zone_name: zone.name.clone(),
            node: None,
            severity: rule.condition.severity,
            value: Milli(value),
            unit: rule.condition.value.unit(),
            threshold: rule.condition.raise_at,
            onset: now - (11 + id as i64 * 7) * MINUTE,
            updated: now - id as i64 * MINUTE,
            end: (!state.is_open()).then_some(now - 4 * MINUTE),
            window: Span {
                start: now - 20 * SECOND,
                end: now - 10 * SECOND,
            },
            early: None,
            completeness: Completeness {
                heard: 5,
                expected: 6,
            },
            suspect: 0,
            provisional: id % 2 == 1,
            oldest_unheard: None,
            node_alarm: false,
            merged_into: None,
            split_from: None,
            acknowledged: None,
            desk: Desk::default(),
            exposed: None,
            status: self.loaded.settings.status,
        }
    }

    /// The panes of every zone that ended last, as the dataflow would say them now.
    pub fn tick(&self) {
        let now = self.now();
        let start = (now / PANE - 1) * PANE;
        self.apply(&self.panes(start / MINUTE * MINUTE - MINUTE, 6));
        self.apply(&self.panes(start, 1));
    }

    fn fill(&self) {
        let now = self.now();
        let mut at = now - 6 * HOUR;
        while at < now {
            self.apply(&self.panes(at / MINUTE * MINUTE, 6));
            at += MINUTE;
        }
        self.tick();
        self.apply(&TickOutput {
            tick: now as u64,
            air: self.air(now),
            revisions: self.alerts(),
            silence: self.silent_nodes(now),
            ..TickOutput::default()
        });
        let mut board = self.board.write().unwrap_or_else(PoisonError::into_inner);
        board.link_changed(true);
        for (place, node) in self.loaded.city.nodes.iter().enumerate() {
            if place % 41 != 7 {
                board.node_heard(node.ix, now - (place as i64 % 9) * SECOND, 300);
            }
            if place % 67 == 3 {
                board.node_refused(node.ix, 2 + place as u32 % 5);
            }
        }
    }

    /// Smooth made-up figures of the panes from `start` on, up to so many tens of seconds wide; the breakwater
    /// says nothing.
    fn panes(&self, start: Millis, widest: i64) -> TickOutput {
        let hours = start as f64 / HOUR as f64;
        let mut zone_values = Vec::new();
        for zone in &self.loaded.city.zones {
            if zone.id.as_str() == "breakwater" {
                continue;
            }
            let seed = f64::from(zone.ix.0);
            let wave = (hours * (0.9 + seed * 0.07) + seed).sin();
            let crowd = if zone.id.as_str() == "ferry-quay" {
                4.6
            } else {
                0.5 + seed * 0.11
            };
            let mut figures = vec![
                (
                    Value::Quantity(Quantity::Pm2_5),
                    38.0 + 3.0 * seed + 14.0 * wave,
                ),
                (Value::Quantity(Quantity::Temperature), 14.0 + wave),
                (Value::Quantity(Quantity::Noise), 58.0 + seed + 4.0 * wave),
            ];
            if zone.area > Milli::ZERO {
                let density = (crowd * (1.0 + 0.25 * wave)).max(0.0);
                let area = zone.area.to_f64();
                figures.push((Value::CrowdDensity, density));
                figures.push((Value::CrowdCount, (density * area).round()));
            }
            if zone.kind == "industrial" {
                figures.push((Value::Quantity(Quantity::H2s), 3.0 + seed + 2.0 * wave));
            }
            if zone.kind == "underpass" {
                figures.push((Value::Quantity(Quantity::WaterLevel), 0.31 + 0.1 * wave));
            }
            for (value, mean) in figures {
                let milli = |value: f64| Milli::from_f64(value).unwrap_or_default();
                let expected = 3 + zone.ix.0 % 4;
                let missing = u32::from((start / (20 * MINUTE) + i64::from(zone.ix.0)) % 7 == 0);
                let width = match value {
                    Value::CrowdDensity | Value::CrowdCount => PANE,
                    _ => MINUTE,
                };
                if width > widest * PANE {
                    continue;
                }
                zone_values.push(ZoneValue {
                    zone: zone.ix,
                    value,
                    pane_start: start,
                    pane_end: start + width,
                    figures: Some(Figures {
                        mean: milli(mean),
                        min: milli(mean * 0.9),
                        max: milli(mean * 1.12),
                        last: milli(mean),
                        count: 12,
                        saturated: false,
                    }),
                    completeness: Completeness {
                        heard: expected - missing,
                        expected,
                    },
                    suspect: 0,
                    waits_for: None,
                });
            }
        }
        TickOutput {
            tick: (start + widest * PANE) as u64,
            zone_values,
            ..TickOutput::default()
        }
    }

    fn air(&self, now: Millis) -> Vec<AirRow> {
        let city = &self.loaded.city;
        let zones = city.zones.iter().filter(|z| z.id.as_str() != "breakwater");
        let rows = zones.flat_map(|zone| {
            city.standards.iter().map(move |&standard| {
                let index = 42 + zone.ix.0 * 11 % 140;
                AirRow {
                    zone: zone.ix,
                    hour: (now / HOUR - 1) * HOUR,
                    standard,
                    index: Some(AirIndex {
                        index,
                        category: standard.category_number(index),
                        primary: Pollutants::only(Quantity::Pm2_5),
                    }),
                }
            })
        });
        rows.collect()
    }

    fn alerts(&self) -> Vec<Revision> {
        let mut acknowledged =
            self.revision(3, State::Updated, "underpass-closed", "rope-underpass", 420);
        acknowledged.acknowledged = Some("M. Okafor".to_owned());
        let mut cleared = self.revision(5, State::Cleared, "congestion", "marsh-yard", 71_000);
        cleared.reason = Reason::BackToNormal;
        let mut cancelled = self.revision(6, State::Cancelled, "smog-now", "tern-hill", 180_000);
        cancelled.reason = Reason::Correction;
        let mut unconfirmed =
            self.revision(2, State::Unconfirmed, "h2s-ceiling", "cinder-works", 14_200);
        unconfirmed.reason = Reason::NoData;
        let mut silent = self.revision(7, State::Raised, "silent-node", "mill-town", 720_000);
        silent.node = self.loaded.city.nodes.get(7).map(|node| node.id);
        vec![
            self.revision(1, State::Updated, "crowd-extreme", "ferry-quay", 5_730),
            unconfirmed,
            acknowledged,
            self.revision(4, State::Raised, "air-unhealthy", "old-town", 163_000),
            cleared,
            cancelled,
            silent,
        ]
    }

    fn silent_nodes(&self, now: Millis) -> Vec<(pipeline::city::NodeIx, Option<Millis>)> {
        let nodes = self.loaded.city.nodes.iter().enumerate();
        nodes
            .filter(|(place, _)| place % 41 == 7)
            .map(|(place, node)| (node.ix, Some(now - (12 + place as i64 / 3) * MINUTE)))
            .collect()
    }
}
