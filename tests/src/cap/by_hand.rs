//! A face and revisions by hand, for messages that no gateway sent.

use gateway::board::{Face, RuleFace, ZoneFace};
use gateway::config::{CapSettings, MetricsSettings, OpenDataSettings};
use gateway::privacy::{Floor, Ground};
use gateway::rulebook::Rulebook;
use geo::{MultiPolygon, polygon};
use jiff::tz::TimeZone;
use pipeline::alert::{AlertId, Completeness, Desk, Reason, Revision, Span, State, Status};
use pipeline::calendar::Calendar;
use pipeline::city::{City, Zone, ZoneIx};
use pipeline::rules::{Danger, Rule, RuleIx, Severity, Value};
use wire::{CityId, KindId, Milli, Quantity, RuleId, ZoneId};

/// A face of `city` with a square of ground for every zone.
#[allow(clippy::unwrap_used)]
pub fn face(city: &City, rules: &[Rule]) -> Face {
    let square = |west: f64| {
        MultiPolygon::new(vec![polygon![
            (x: west, y: 31.0), (x: west + 0.01, y: 31.0), (x: west + 0.01, y: 31.01),
        ]])
    };
    Face {
        city: city.id,
        name: "Lantern Bay".to_owned(),
        status: Status::Test,
        time_zone: TimeZone::get("Asia/Shanghai").unwrap(),
        floor: Floor(5),
        cap: CapSettings::default(),
        open_data: OpenDataSettings::default(),
        metrics: MetricsSettings::default(),
        calendar: Calendar::default(),
        standards: Vec::new(),
        book: Rulebook::default(),
        sources: Vec::new(),
        places: Vec::new(),
        overlay: std::sync::Arc::default(),
        zones: city
            .zones
            .iter()
            .map(|zone| ZoneFace {
                ix: zone.ix,
                id: zone.id,
                name: zone.name.clone(),
                kind: zone.kind.clone(),
                ground: Ground::from(zone),
                outline: square(121.0 + f64::from(zone.ix.0) / 100.0),
            })
            .collect(),
        nodes: Vec::new(),
        rules: rules.iter().map(RuleFace::from).collect(),
    }
}

/// The first revision of a methane alert at the quay.
#[allow(clippy::unwrap_used)]
pub fn sample(state: State, reason: Reason) -> Revision {
    Revision {
        id: AlertId(7),
        revision: 1,
        state,
        reason,
        rule: RuleId::new("gas").unwrap(),
        rule_version: 1,
        kind: KindId::new("gas").unwrap(),
        zone: ZoneId::new("quay").unwrap(),
        zone_name: "Quay".to_owned(),
        node: None,
        severity: Severity::Severe,
        value: Milli::whole(35),
        unit: "%{LEL}",
        threshold: Milli::whole(20),
        onset: 1_795_309_200_000,
        updated: 1_795_309_260_000,
        end: None,
        window: Span { start: 0, end: 1 },
        early: None,
        completeness: Completeness {
            heard: 2,
            expected: 2,
        },
        suspect: 0,
        provisional: false,
        oldest_unheard: None,
        node_alarm: false,
        merged_into: None,
        split_from: None,
        acknowledged: None,
        desk: Desk::default(),
        exposed: None,
        status: Status::Actual,
    }
}

/// A city of one zone, the quay, and one rule, `gas`.
#[allow(clippy::unwrap_used)]
pub fn harbour() -> Face {
    let city = City {
        id: CityId::new("harbour").unwrap(),
        hour_shift: 0,
        zones: vec![Zone {
            ix: ZoneIx(0),
            id: ZoneId::new("quay").unwrap(),
            name: "Quay".to_owned(),
            kind: String::new(),
            area: Milli::whole(100),
            settings: Default::default(),
        }],
        nodes: Vec::new(),
        gates: Vec::new(),
        neighbours: Vec::new(),
        standards: Vec::new(),
        leaks: Default::default(),
        silence_after: None,
    };
    let mut face = face(&city, &[]);
    face.rules = vec![RuleFace {
        ix: RuleIx(0),
        id: RuleId::new("gas").unwrap(),
        kind: KindId::new("gas").unwrap(),
        value: Value::Quantity(Quantity::Ch4),
        direction: Danger::Above,
        raise_at: Milli::whole(20),
        severity: Severity::Severe,
        zones: vec![ZoneIx(0)],
        shadow: false,
    }];
    face
}
