//! What happens on the wall: an alert with a long history, and a leak that reaches people.

use std::sync::{Arc, PoisonError};

use gateway::cap::Trail;
use pipeline::alert::{AlertId, Note, Reason, Revision, Silenced, State};
use pipeline::calendar::{HOUR, MINUTE, SECOND};
use pipeline::exposure::{Exposure, Footprint, People, PlumeFacts};
use pipeline::incident::{Incident, IncidentId, IncidentState};
use pipeline::output::TickOutput;
use pipeline::science::plume::stability::Stability;
use wire::{Milli, Quantity};

use super::Wall;

/// The crowd that stands from the beginning.
pub const CROWD: AlertId = AlertId(1);
/// The gas that stands, unconfirmed, from the beginning.
pub const GAS: AlertId = AlertId(2);

impl Wall {
    /// Puts a revision on the board.
    pub fn say(&self, revision: Revision) {
        self.apply(&TickOutput {
            tick: self.now() as u64,
            revisions: vec![revision],
            ..TickOutput::default()
        });
    }

    /// Twenty revisions of the crowd's alert, with everything that people can do about one, its CAP messages, another
    /// alert that became part of it, and one of the same incident.
    pub fn long_story(&self) {
        let first = self.revision(
            CROWD.0,
            State::Updated,
            "crowd-extreme",
            "ferry-quay",
            5_730,
        );
        let start = self.now() - 18 * MINUTE;
        let mut now = first.clone();
        let mut trail = Trail::default();
        let mut said = Vec::new();
        for number in 2..=20_u32 {
            now.revision = number;
            now.updated = start + i64::from(number) * 45 * SECOND;
            now.reason = Reason::Threshold;
            now.window.end = now.updated;
            now.window.start = now.updated - 10 * SECOND;
            happen(&mut now, number);
            if number % 4 == 0 {
                trail.tell(&now, self.face().as_ref());
            }
            said.push(now.clone());
        }
        trail.tell(&now, self.face().as_ref());
        let mut part = self.revision(8, State::Cancelled, "crowd-extreme", "kite-quay", 4_100);
        part.reason = Reason::Merged;
        part.merged_into = Some(CROWD);
        let beside = self.revision(9, State::Raised, "crowd-extreme", "kite-quay", 4_400);
        said.extend([part, beside.clone()]);
        let incident = Incident {
            id: IncidentId(77),
            revision: 2,
            state: IncidentState::Open,
            kind: first.kind,
            zones: vec![first.zone, beside.zone],
            alerts: vec![CROWD, beside.id],
            severity: first.severity,
            since: first.onset,
            updated: self.now(),
            merged_into: None,
            split_from: None,
            status: first.status,
        };
        self.apply(&TickOutput {
            tick: self.now() as u64,
            revisions: said,
            incidents: vec![incident],
            ..TickOutput::default()
        });
        let mut board = self.board.write().unwrap_or_else(PoisonError::into_inner);
        board.told(CROWD, trail);
    }

    /// The gas of the works reaches two levels, people and a school.
    pub fn leak(&self) {
        let face = self.face();
        let Some(source) = face.sources.first() else {
            panic!("the harbour has no source");
        };
        let (lon, lat) = source.degrees;
        let ring = |reach: i32| {
            let corners = [
                (0, 0),
                (reach, reach / 3),
                (reach * 5 / 4, 0),
                (reach, -reach / 3),
            ];
            Arc::new(corners.map(|(x, y)| (lon + x, lat + y)).to_vec())
        };
        let footprint = |level: &str, from, reach: i32, people| Footprint {
            level: level.to_owned(),
            from: Milli(from),
            ring: ring(reach),
            reach: (reach / 9) as u32,
            people,
            uncounted: 1,
            places: vec!["Tide Lane School".to_owned()],
        };
        let people = |people, low, high| People { people, low, high };
        let exposure = Exposure {
            source: source.id,
            quantity: Quantity::H2s,
            start: self.now() - MINUTE,
            zones: Vec::new(),
            plume: PlumeFacts {
                stability: Stability::D,
                wind: Some(Milli(4_100)),
                from: Some(Milli(270_000)),
                strength: Milli::whole(40_000),
                factor: Milli::whole(2),
            },
            footprints: vec![
                footprint("AEGL-1", 510, 9_000, people(240, 2, 900)),
                footprint("AEGL-2", 27_000, 3_500, people(40, 12, 130)),
            ],
        };
        let mut told = self.revision(
            GAS.0,
            State::Unconfirmed,
            "h2s-ceiling",
            "cinder-works",
            14_200,
        );
        told.revision = 2;
        told.reason = Reason::Exposure;
        told.exposed = exposure.exposed();
        self.apply(&TickOutput {
            tick: self.now() as u64,
            exposures: vec![(exposure, true)],
            revisions: vec![told],
            ..TickOutput::default()
        });
    }
}

/// What the revision of this number changes.
fn happen(now: &mut Revision, number: u32) {
    let note = |by: &str, text: &str| {
        Some(Note {
            by: by.to_owned(),
            text: text.to_owned(),
        })
    };
    match number {
        3 => now.completeness.heard = 6,
        4 => {
            now.reason = Reason::Escalated;
            now.desk.escalated_to = vec!["duty-officer".to_owned()];
        }
        5 => {
            now.reason = Reason::Acknowledged;
            now.acknowledged = Some("Ines <b>Duarte</b>".to_owned());
        }
        7 => {
            now.reason = Reason::Assigned;
            now.desk.assigned = Some("M. Okafor".to_owned());
            now.desk.assigned_by = Some("Ines <b>Duarte</b>".to_owned());
        }
        9 => {
            now.reason = Reason::Commented;
            now.desk.note = note("M. Okafor", "<script>alert(1)</script> north gate is open");
        }
        12 => {
            now.reason = Reason::Correction;
            now.onset -= 2 * MINUTE;
        }
        14 => {
            now.reason = Reason::Commented;
            now.desk.note = note("王芳", "已疏导人群，正在复核");
        }
        16 => {
            now.reason = Reason::Silenced;
            let (until, by) = (now.updated + 2 * HOUR, "M. Okafor".to_owned());
            now.desk.silenced = Some(Silenced { until, by });
        }
        18 => {
            now.reason = Reason::Proposed;
            now.desk.proposed = Some(State::Cleared);
        }
        _ => now.value = Milli(now.value.0 + 140),
    }
}
