//! `/metrics`: the gateway's own metrics, and the zones' as they are at this scrape.
//!
//! Zone gauges are made anew each time from the board, so that a zone that no longer hears anything loses
//! its series. Their number is bounded by zones × values.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use pipeline::quality::{Cause, Flaw, Withdrawal};
use pipeline::rules::Value;
use pipeline::science::qartod::Flag;
use pipeline::science::qartod::pane::Test;
use prometheus::{GaugeVec, Opts, Registry, TextEncoder};

use super::App;
use super::api::severity_name;
use crate::access::Asker;
use crate::board::Picture;

pub(super) async fn metrics(State(app): State<App>, asker: Asker) -> Response {
    let picture = app.picture(&asker);
    let dropped = app.board(|board| board.dropped());
    let scores = app.board(|board| board.scores().families());
    let text = zones(&picture, dropped).and_then(|zones| {
        scores
            .iter()
            .try_for_each(|family| family.register(&zones))?;
        let mut families = app.state.metrics.gather();
        families.extend(zones.gather());
        families.sort_by(|a, b| a.name().cmp(b.name()));
        TextEncoder::new().encode_to_string(&families)
    });
    match text {
        Ok(text) => {
            let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
            (kind, text).into_response()
        }
        Err(error) => {
            let message = format!("metrics cannot be written: {error}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
        }
    }
}

/// The zones' and alerts' gauges of one picture.
fn zones(picture: &Picture, dropped: (u64, u64)) -> prometheus::Result<Registry> {
    let registry = Registry::new();
    let gauges = Gauges::register(&registry)?;
    for zone in &picture.zones {
        let id = picture.zone_face(zone).id;
        let id = id.as_str();
        for figure in &zone.figures {
            let name = figure.value.to_string();
            match (figure.value, figure.mean.exact()) {
                (_, None) => {
                    let under = figure.mean.drawn_at().to_f64();
                    gauges.under.with_label_values(&[id, &name]).set(under);
                }
                (Value::CrowdDensity, Some(mean)) => {
                    gauges.density.with_label_values(&[id]).set(mean.to_f64());
                }
                (_, Some(mean)) => {
                    let gauge = gauges.value.with_label_values(&[id, &name]);
                    gauge.set(mean.to_f64());
                }
            }
            let (heard, expected) = (figure.completeness.heard, figure.completeness.expected);
            let ratio = f64::from(heard) / f64::from(expected.max(1));
            gauges
                .completeness
                .with_label_values(&[id, &name])
                .set(ratio);
            let ratio = f64::from(figure.suspect) / f64::from(heard.max(1));
            let gauge = gauges.suspect.with_label_values(&[id, &name]);
            gauge.set(ratio);
            let provisional = f64::from(u8::from(figure.is_provisional()));
            let gauge = gauges.provisional.with_label_values(&[id, &name]);
            gauge.set(provisional);
            let age = figure.age as f64 / 1000.0;
            gauges.age.with_label_values(&[id, &name]).set(age);
        }
        for air in &zone.air {
            let labels = [id, air.standard.name()];
            gauges
                .air
                .with_label_values(&labels)
                .set(f64::from(air.index.index));
        }
        for air in &zone.air_days {
            let gauge = gauges.air_day.with_label_values(&[id, air.standard.name()]);
            gauge.set(f64::from(air.index.index));
        }
    }
    for alert in &picture.alerts {
        let latest = &alert.latest;
        let (severity, state) = (severity_name(latest.severity), latest.state.name());
        gauges
            .alerts
            .with_label_values(&[latest.kind.as_str(), severity, state])
            .inc();
    }
    for exposure in &picture.exposures {
        let source = exposure.source.as_str();
        for footprint in &exposure.footprints {
            let labels = [source, exposure.quantity.name(), footprint.level.as_str()];
            let shown = picture.face.floor.people(&footprint.people);
            // A figure about few people has no series: it is neither none nor a number.
            for (gauge, figure) in [
                (&gauges.exposed, shown.people),
                (&gauges.exposed_low, shown.low),
                (&gauges.exposed_high, shown.high),
            ] {
                if let Some(figure) = figure {
                    gauge.with_label_values(&labels).set(figure as f64);
                }
            }
            let reach = gauges.reach.with_label_values(&labels);
            reach.set(f64::from(footprint.reach));
        }
    }
    let causes = Flaw::ALL.map(Flaw::name);
    for cause in causes.into_iter().chain(["operator"]) {
        let by_it = |row: &Withdrawal| match &row.cause {
            Cause::Operator(_) => cause == "operator",
            Cause::Flaw(flaw) => cause == flaw.name(),
        };
        let nodes = picture.nodes.iter();
        let nodes = nodes.filter(|node| node.quarantined().any(by_it)).count();
        let gauge = gauges.quarantined.with_label_values(&[cause]);
        gauge.set(nodes as f64);
    }
    for test in Test::ALL {
        for flag in [Flag::Suspect, Flag::Fail] {
            let findings = picture.nodes.iter().flat_map(|node| &node.findings);
            let same = findings.filter(|((_, by, as_), _)| *by == test && *as_ == flag);
            let panes: u32 = same.map(|(_, panes)| panes).sum();
            let gauge = gauges.flags.with_label_values(&[test.name(), flag.name()]);
            gauge.set(f64::from(panes));
        }
    }
    let (series, alerts) = dropped;
    for (what, count) in [("zone_value", series), ("alert", alerts)] {
        gauges.dropped.with_label_values(&[what]).set(count as f64);
    }
    Ok(registry)
}

struct Gauges {
    value: GaugeVec,
    under: GaugeVec,
    density: GaugeVec,
    air: GaugeVec,
    air_day: GaugeVec,
    completeness: GaugeVec,
    suspect: GaugeVec,
    provisional: GaugeVec,
    age: GaugeVec,
    alerts: GaugeVec,
    quarantined: GaugeVec,
    flags: GaugeVec,
    dropped: GaugeVec,
    exposed: GaugeVec,
    exposed_low: GaugeVec,
    exposed_high: GaugeVec,
    reach: GaugeVec,
}

impl Gauges {
    fn register(registry: &Registry) -> prometheus::Result<Gauges> {
        let gauge = |name: &str, help: &str, labels: &[&str]| {
            let gauge = GaugeVec::new(Opts::new(format!("citysense_{name}"), help), labels)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok::<_, prometheus::Error>(gauge)
        };
        Ok(Gauges {
            value: gauge(
                "zone_value",
                "Mean of the newest pane of a zone, in the quantity's own unit; air_forecast is about an hour to come",
                &["zone", "quantity"],
            )?,
            under: gauge(
                "zone_value_withheld_under",
                "A figure about few persons: more than nothing and less than this",
                &["zone", "quantity"],
            )?,
            density: gauge(
                "crowd_density_persons_per_square_meter",
                "People per square metre of usable ground",
                &["zone"],
            )?,
            air: gauge(
                "air_index",
                "Hourly air index of a zone by a published standard",
                &["zone", "standard"],
            )?,
            air_day: gauge(
                "air_day_index",
                "Air index of the last local day of a zone by a published standard",
                &["zone", "standard"],
            )?,
            completeness: gauge(
                "zone_completeness_ratio",
                "Nodes heard of nodes expected in the newest pane",
                &["zone", "quantity"],
            )?,
            suspect: gauge(
                "zone_suspect_ratio",
                "Nodes whose readings a quality test finds suspect, of those heard in the newest pane",
                &["zone", "quantity"],
            )?,
            provisional: gauge(
                "zone_provisional",
                "1 while nodes that are expected may still change the newest pane, and for a forecast until its hour has come; 0 when it is final",
                &["zone", "quantity"],
            )?,
            age: gauge(
                "zone_age_seconds",
                "City time since the end of the newest pane",
                &["zone", "quantity"],
            )?,
            alerts: gauge(
                "alerts",
                "Alerts that are open or ended within their horizon",
                &["kind", "severity", "state"],
            )?,
            quarantined: gauge(
                "nodes_quarantined",
                "Nodes with readings that do not count now, by who or what withdrew them",
                &["cause"],
            )?,
            exposed: gauge(
                "exposed_persons",
                "People where a leak reaches a level now, by a plume model that is right within a factor of two to three",
                &["source", "quantity", "level"],
            )?,
            exposed_low: gauge(
                "exposed_persons_low",
                "The same, at least",
                &["source", "quantity", "level"],
            )?,
            exposed_high: gauge(
                "exposed_persons_high",
                "The same, at most",
                &["source", "quantity", "level"],
            )?,
            reach: gauge(
                "footprint_reach_meters",
                "How far from its source a leak reaches a level",
                &["source", "quantity", "level"],
            )?,
            flags: gauge(
                "quality_flagged_panes",
                "Panes of nodes that may still be corrected in which a quality test finds something, by test and flag",
                &["test", "flag"],
            )?,
            dropped: gauge(
                "board_dropped",
                "What found no room on the board since the start",
                &["what"],
            )?,
        })
    }
}
