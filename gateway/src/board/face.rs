//! What the board has to know of the city: names, outlines and who expects what; no secrets, no files.

use std::sync::Arc;

use geo::MultiPolygon;
use jiff::tz::TimeZone;
use pipeline::alert::Status;
use pipeline::calendar::{Calendar, Millis};
use pipeline::city::{City, NodeIx, ZoneIx};
use pipeline::leaks::Source;
use pipeline::names::SILENCE_RULE;
use pipeline::rules::{Danger, Rule, RuleIx, Severity, Value};
use pipeline::science::air::Standard;
use pipeline::science::air::correction::Correction;
use wire::{CityId, KindId, Milli, NodeId, Quantity, RuleId, SourceId, ZoneId};

use crate::city::{Drawn, Landmark, LoadedCity, Post};
use crate::config::{CapSettings, MetricsSettings, OpenDataSettings, PRIVACY_FLOOR};
use crate::privacy::{Floor, Ground};
use crate::rulebook::Rulebook;

/// The city as it is shown; a new one replaces it when the configuration is reloaded.
#[derive(Clone, Debug)]
pub struct Face {
    pub city: CityId,
    /// For people; may be empty, then the id is shown.
    pub name: String,
    pub status: Status,
    /// Times for people are written in this zone, with their offset.
    pub time_zone: TimeZone,
    pub floor: Floor,
    pub cap: CapSettings,
    pub open_data: OpenDataSettings,
    /// What `/metrics` shows of the zones.
    pub metrics: MetricsSettings,
    pub calendar: Calendar,
    pub standards: Vec<Standard>,
    /// Ordered by id, as the page lists them.
    pub zones: Vec<ZoneFace>,
    /// Ordered by id.
    pub nodes: Vec<NodeFace>,
    pub rules: Vec<RuleFace>,
    /// The same whole; which of them and of their zones a reader may see, `rules` says.
    pub book: Rulebook,
    /// From where gas or smoke may leak.
    pub sources: Vec<Arc<Source>>,
    /// Hospitals, schools and others that are named when it reaches them.
    pub places: Vec<Landmark>,
    /// What the map shows beside zones.
    pub overlay: Arc<Vec<Drawn>>,
}

#[derive(Clone, Debug)]
pub struct ZoneFace {
    pub ix: ZoneIx,
    pub id: ZoneId,
    pub name: String,
    pub kind: String,
    /// What figures about its people follow from.
    pub ground: Ground,
    /// Longitude and latitude in degrees.
    pub outline: MultiPolygon<f64>,
}

#[derive(Clone, Debug)]
pub struct NodeFace {
    pub ix: NodeIx,
    pub id: NodeId,
    pub zone: Option<ZoneIx>,
    /// How its fine particles are corrected for humidity.
    pub correction: Option<Correction>,
    /// What it says that it measures; empty: anything.
    pub quantities: Vec<Quantity>,
    pub post: Post,
}

/// What a rule looks at: the unit and privacy of its alerts, how long they stay, the line in a chart.
#[derive(Clone, Debug)]
pub struct RuleFace {
    pub ix: RuleIx,
    pub id: RuleId,
    pub kind: KindId,
    pub value: Value,
    pub direction: Danger,
    pub raise_at: Milli,
    pub severity: Severity,
    pub zones: Vec<ZoneIx>,
    /// Nobody is told of its alerts, and nothing of it is shown as live.
    pub shadow: bool,
}

impl Face {
    pub fn zone(&self, ix: ZoneIx) -> Option<&ZoneFace> {
        self.zones.iter().find(|zone| zone.ix == ix)
    }

    /// The source's id where it is not known any more.
    pub fn source_name(&self, id: SourceId) -> String {
        let source = self.sources.iter().find(|source| source.id == id);
        source.map_or(id.to_string(), |source| source.name.clone())
    }

    pub fn rule(&self, id: RuleId) -> Option<&RuleFace> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Everything that can raise an alert: the rules and, where none is about silent nodes, the one that needs none
    /// written down.
    pub fn alerting(&self) -> impl Iterator<Item = (RuleIx, RuleId, KindId)> {
        let written = self.rules.iter().map(|rule| (rule.ix, rule.id, rule.kind));
        let unwritten = || {
            Some((
                SILENCE_RULE,
                RuleId::new("silence").ok()?,
                KindId::new("silence").ok()?,
            ))
        };
        let has_own = self.rules.iter().any(|rule| rule.value == Value::Silence);
        written.chain((!has_own).then(unwritten).flatten())
    }

    /// How long an alert of `rule` stays after it ended: as long as late readings may still revise it.
    pub fn retention(&self, rule: RuleId) -> Millis {
        match self.rule(rule) {
            Some(rule) => horizon(&self.calendar, rule.value),
            // A rule that is gone cancelled its alerts; they leave with the most patient of the others.
            None => horizon(&self.calendar, Value::AirIndex(Standard::UsEpa2024)),
        }
    }

    /// No alert stays longer after it ended.
    pub fn retention_max(&self) -> Millis {
        let gone = horizon(&self.calendar, Value::AirIndex(Standard::UsEpa2024));
        let rules = self.rules.iter().map(|rule| self.retention(rule.id));
        rules.fold(gone, Millis::max)
    }

    /// The city as a journal knows it, which has neither outlines nor settings.
    pub fn journaled(city: &City, rules: &[Rule], calendar: &Calendar) -> Face {
        let zones = city.zones.iter().map(|zone| ZoneFace {
            ix: zone.ix,
            id: zone.id,
            name: zone.name.clone(),
            kind: zone.kind.clone(),
            ground: Ground::from(zone),
            outline: MultiPolygon::new(Vec::new()),
        });
        Face {
            city: city.id,
            name: city.id.to_string(),
            status: Status::Actual,
            time_zone: TimeZone::UTC,
            floor: Floor(PRIVACY_FLOOR),
            cap: CapSettings::default(),
            open_data: OpenDataSettings::default(),
            metrics: MetricsSettings::default(),
            calendar: calendar.clone(),
            standards: city.standards.clone(),
            zones: zones.collect(),
            nodes: Vec::new(),
            rules: rules.iter().map(RuleFace::from).collect(),
            book: Rulebook::default(),
            sources: city.leaks.sources.clone(),
            places: Vec::new(),
            overlay: Arc::default(),
        }
    }
}

impl From<&Rule> for RuleFace {
    fn from(rule: &Rule) -> RuleFace {
        let condition = &rule.condition;
        RuleFace {
            ix: rule.ix,
            id: rule.id,
            kind: rule.kind,
            value: condition.value,
            direction: condition.direction,
            raise_at: condition.raise_at,
            severity: condition.severity,
            zones: rule.zones.clone(),
            shadow: condition.shadow,
        }
    }
}

/// Horizon of the quantity that `value` is made of.
pub(super) fn horizon(calendar: &Calendar, value: Value) -> Millis {
    match (value.paced_by(), value) {
        (Some(quantity), _) => calendar.span(quantity).horizon,
        (None, Value::AirIndex(_) | Value::AirDay(_) | Value::AirForecast(..)) => {
            calendar.span(wire::Quantity::Pm2_5).horizon
        }
        (None, _) => pipeline::calendar::HORIZON_DEFAULT,
    }
}

impl From<&LoadedCity> for Face {
    fn from(loaded: &LoadedCity) -> Face {
        let (city, settings) = (&loaded.city, &loaded.settings);
        let mut zones: Vec<ZoneFace> = city
            .zones
            .iter()
            .map(|zone| ZoneFace {
                ix: zone.ix,
                id: zone.id,
                name: zone.name.clone(),
                kind: zone.kind.clone(),
                ground: Ground::from(zone),
                outline: match loaded.ground(zone.ix) {
                    Some(ground) => ground.polygon.clone(),
                    None => MultiPolygon::new(Vec::new()),
                },
            })
            .collect();
        zones.sort_by_key(|zone| zone.id);
        let mut nodes: Vec<NodeFace> = city
            .nodes
            .iter()
            .zip(loaded.posts())
            .map(|(node, post)| NodeFace {
                ix: node.ix,
                id: node.id,
                zone: node.zone,
                correction: node.correction,
                quantities: node.quantities.clone(),
                post: post.clone(),
            })
            .collect();
        nodes.sort_by_key(|node| node.id);
        Face {
            city: city.id,
            name: settings.name.clone(),
            status: settings.status,
            time_zone: settings.time_zone.clone(),
            floor: Floor(settings.privacy_floor),
            cap: settings.cap.clone(),
            open_data: settings.open_data.clone(),
            metrics: settings.metrics.clone(),
            calendar: loaded.calendar.clone(),
            standards: city.standards.clone(),
            zones,
            nodes,
            rules: loaded.rules.iter().map(RuleFace::from).collect(),
            book: Rulebook::from(loaded),
            sources: city.leaks.sources.clone(),
            places: loaded.places().to_vec(),
            overlay: loaded.overlay().clone(),
        }
    }
}
