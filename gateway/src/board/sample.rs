//! A small hand-made city for the unit tests of board, topics and page.

use std::sync::Arc;

use geo::{MultiPolygon, polygon};
use jiff::tz::TimeZone;
use pipeline::alert::{AlertId, Completeness, Desk, Reason, Revision, Span, State, Status};
use pipeline::calendar::{Calendar, MINUTE, Millis};
use pipeline::city::{NodeIx, ZoneIx};
use pipeline::exposure::{Exposed, People};
use pipeline::hearing::Expectation;
use pipeline::output::{Figures, ZoneValue};
use pipeline::rules::{Danger, RuleIx, Severity, Value};
use pipeline::science::air::Standard;
use wire::{CityId, KindId, Milli, NodeId, Quantity, RuleId, ZoneId};

use super::{Face, NodeFace, RuleFace, ZoneFace};
use crate::city::Post;
use crate::config::{CapSettings, MetricsSettings, OpenDataSettings};
use crate::privacy::{Floor, Ground};
use crate::rulebook::Rulebook;

/// 2026-11-22T01:00:00Z.
pub(crate) const NOON: Millis = 1_795_309_200_000;

/// Two zones, `quay` and `mole`, with a node each.
pub(crate) fn face() -> Face {
    let square = |west: f64| {
        MultiPolygon::new(vec![polygon![
            (x: west, y: 31.0), (x: west + 0.01, y: 31.0),
            (x: west + 0.01, y: 31.01), (x: west, y: 31.01),
        ]])
    };
    let zone = |ix: u32, id: &str, name: &str, west| ZoneFace {
        ix: ZoneIx(ix),
        id: ZoneId::new(id).unwrap(),
        name: name.to_owned(),
        kind: "square".to_owned(),
        ground: Ground {
            area: Milli::whole(100),
            ..Ground::default()
        },
        outline: square(west),
    };
    let node = |ix: u32, id: &str| NodeFace {
        ix: NodeIx(ix),
        id: NodeId::new(id).unwrap(),
        zone: Some(ZoneIx(ix)),
        correction: None,
        quantities: Vec::new(),
        post: Post {
            node: NodeIx(ix),
            position: None,
            owner: String::new(),
            generation: None,
            sample: None,
            period: None,
        },
    };
    Face {
        city: CityId::new("harbour").unwrap(),
        name: "Harbour".to_owned(),
        status: Status::Simulated,
        time_zone: TimeZone::get("Asia/Shanghai").unwrap(),
        floor: Floor(5),
        cap: CapSettings::default(),
        open_data: OpenDataSettings::default(),
        metrics: MetricsSettings::default(),
        calendar: Calendar::default(),
        standards: vec![Standard::UsEpa2024],
        zones: vec![
            zone(1, "mole", "Mole & <light>", 121.02),
            zone(0, "quay", "Old quay", 121.0),
        ],
        nodes: vec![node(1, "mole-1"), node(0, "quay-1")],
        rules: vec![RuleFace {
            ix: RuleIx(0),
            id: RuleId::new("crowd-danger").unwrap(),
            kind: KindId::new("crowd").unwrap(),
            value: Value::CrowdDensity,
            direction: Danger::Above,
            raise_at: Milli(4000),
            severity: Severity::Severe,
            zones: vec![ZoneIx(0), ZoneIx(1)],
            shadow: false,
        }],
        book: Rulebook::default(),
        sources: Vec::new(),
        places: Vec::new(),
        overlay: Arc::default(),
    }
}

/// The quay's camera is expected to count people, and has not been heard.
pub(crate) fn expected() -> Vec<Expectation> {
    vec![Expectation {
        zone: ZoneIx(0),
        quantity: Quantity::PersonCount,
        node: NodeIx(0),
        holds: true,
    }]
}

/// A minute's pane that ended at `end`.
pub(crate) fn zone_value(zone: u32, value: Value, end: Millis, mean: i64) -> ZoneValue {
    let mean = Milli(mean);
    ZoneValue {
        zone: ZoneIx(zone),
        value,
        pane_start: end - MINUTE,
        pane_end: end,
        figures: Some(Figures {
            mean,
            min: mean,
            max: mean,
            last: mean,
            count: 6,
            saturated: false,
        }),
        completeness: Completeness {
            heard: 1,
            expected: 2,
        },
        suspect: 0,
        waits_for: None,
    }
}

/// A crowd alert at the quay.
pub(crate) fn revision(id: u128, number: u32, state: State, updated: Millis) -> Revision {
    Revision {
        id: AlertId(id),
        revision: number,
        state,
        reason: Reason::Threshold,
        rule: RuleId::new("crowd-danger").unwrap(),
        rule_version: 1,
        kind: KindId::new("crowd").unwrap(),
        zone: ZoneId::new("quay").unwrap(),
        zone_name: "Old quay".to_owned(),
        node: None,
        severity: Severity::Severe,
        value: Milli(4200),
        unit: "{person}/m2",
        threshold: Milli(4000),
        onset: updated - MINUTE,
        updated,
        end: None,
        window: Span {
            start: updated - MINUTE,
            end: updated,
        },
        early: None,
        completeness: Completeness {
            heard: 1,
            expected: 2,
        },
        suspect: 0,
        provisional: true,
        oldest_unheard: None,
        node_alarm: false,
        merged_into: None,
        split_from: None,
        acknowledged: None,
        desk: Desk::default(),
        exposed: None,
        status: Status::Simulated,
    }
}

/// People in the way of a leak: a triangle east of the quay, a school in it.
pub(crate) fn exposed() -> Exposed {
    Exposed {
        people: People {
            people: 240,
            low: 3,
            high: 900,
        },
        uncounted: 1,
        source: "valve".parse().unwrap(),
        level: "AEGL-1".to_owned(),
        at: NOON,
        from: Some(Milli::whole(270)),
        places: vec!["Quay School".to_owned()],
        ring: Arc::new(vec![
            (121_000_000, 31_005_000),
            (121_008_000, 31_003_000),
            (121_008_000, 31_007_000),
        ]),
    }
}
