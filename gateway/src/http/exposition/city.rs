//! What `/metrics` says of the city as a whole: alerts, nodes, leaks, quality, and whether the gateway is ready.
//!
//! Label values are from closed sets or from the city's own rules and sources. What can be counted is there as 0 too,
//! so that «none» and «not known» are never the same.

use pipeline::names::SILENCE_RULE;
use pipeline::quality::{Cause, Flaw, Withdrawal};
use pipeline::rules::Severity;
use pipeline::science::qartod::Flag;
use pipeline::science::qartod::pane::Test;
use prometheus::Registry;

use super::gauge;
use crate::board::Picture;
use crate::board::picture::Standing;
use crate::http::api::severity_name;

/// `dropped`: zone values and alerts that found no room on the board.
pub(super) fn register(
    registry: &Registry,
    picture: &Picture,
    dropped: (u64, u64),
    is_ready: bool,
) -> prometheus::Result<()> {
    gateway(registry, picture, dropped, is_ready)?;
    alerts(registry, picture)?;
    standings(registry, picture)?;
    nodes(registry, picture)?;
    leaks(registry, picture)
}

fn gateway(
    registry: &Registry,
    picture: &Picture,
    dropped: (u64, u64),
    is_ready: bool,
) -> prometheus::Result<()> {
    let help = "1 while what is shown can be trusted to be what is, as /readyz says";
    let ready = gauge(registry, "ready", help, &[])?;
    let labels: [&str; 0] = [];
    ready
        .with_label_values(&labels)
        .set(f64::from(u8::from(is_ready)));
    let help = "1, with the gateway's version, the city and whether it is a real one";
    let build = gauge(
        registry,
        "gateway_info",
        help,
        &["version", "city", "status"],
    )?;
    let version = env!("CARGO_PKG_VERSION");
    let status = picture.face.status.name();
    build
        .with_label_values(&[version, picture.face.city.as_str(), status])
        .set(1.0);
    let help = "What found no room on the board since the start";
    let gauge = gauge(registry, "board_dropped", help, &["what"])?;
    let (series, alerts) = dropped;
    for (what, count) in [("zone_value", series), ("alert", alerts)] {
        gauge.with_label_values(&[what]).set(count as f64);
    }
    Ok(())
}

fn alerts(registry: &Registry, picture: &Picture) -> prometheus::Result<()> {
    let help = "Alerts that are open or ended within their horizon";
    let labels = ["kind", "severity", "state"];
    let alerts = gauge(registry, "alerts", help, &labels)?;
    let told = picture.face.rules.iter().filter(|rule| !rule.shadow);
    for rule in told {
        let severity = severity_name(rule.severity);
        alerts
            .with_label_values(&[rule.kind.as_str(), severity, "raised"])
            .set(0.0);
    }
    // The rule about silent nodes that stands where nobody wrote one.
    for (_, _, kind) in picture
        .face
        .alerting()
        .filter(|(ix, ..)| *ix == SILENCE_RULE)
    {
        let labels = [kind.as_str(), severity_name(Severity::Minor), "raised"];
        alerts.with_label_values(&labels).set(0.0);
    }
    for alert in &picture.alerts {
        let latest = &alert.latest;
        let (severity, state) = (severity_name(latest.severity), latest.state.name());
        alerts
            .with_label_values(&[latest.kind.as_str(), severity, state])
            .inc();
    }
    let help = "Incidents that are open: alerts of one kind that belong together";
    let incidents = gauge(registry, "incidents_open", help, &[])?;
    let labels: [&str; 0] = [];
    incidents
        .with_label_values(&labels)
        .set(picture.desk.incidents().count() as f64);
    Ok(())
}

/// Names of [`Standing`], calm to worst.
const STANDINGS: [&str; 6] = [
    "normal", "unknown", "minor", "moderate", "severe", "extreme",
];

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Normal => "normal",
        Standing::Unknown => "unknown",
        Standing::Alert(severity) => severity_name(severity),
    }
}

fn standings(registry: &Registry, picture: &Picture) -> prometheus::Result<()> {
    let help =
        "Zones by their worst open alert; unknown: no fresh figure, which is not an all-clear";
    let zones = gauge(registry, "zones", help, &["standing"])?;
    for name in STANDINGS {
        let alike = picture.zones.iter();
        let alike = alike.filter(|zone| standing(zone.standing) == name);
        zones.with_label_values(&[name]).set(alike.count() as f64);
    }
    Ok(())
}

fn nodes(registry: &Registry, picture: &Picture) -> prometheus::Result<()> {
    let help = "Nodes of the registry: heard, silent for longer than their time, or never heard since the start";
    let nodes = gauge(registry, "nodes", help, &["state"])?;
    let state = |node: &crate::board::picture::NodePicture| {
        let record = &node.record;
        match (record.silent_since, record.heard_at) {
            (Some(_), _) => "silent",
            (None, Some(_)) => "heard",
            (None, None) => "unheard",
        }
    };
    for name in ["heard", "silent", "unheard"] {
        let alike = picture.nodes.iter().filter(|node| state(node) == name);
        nodes.with_label_values(&[name]).set(alike.count() as f64);
    }

    let help = "Nodes with readings that do not count now, by who or what withdrew them";
    let quarantined = gauge(registry, "nodes_quarantined", help, &["cause"])?;
    let causes = Flaw::ALL.map(Flaw::name);
    for cause in causes.into_iter().chain(["operator"]) {
        let by_it = |row: &Withdrawal| match &row.cause {
            Cause::Operator(_) => cause == "operator",
            Cause::Flaw(flaw) => cause == flaw.name(),
        };
        let nodes = picture.nodes.iter();
        let nodes = nodes.filter(|node| node.quarantined().any(by_it)).count();
        quarantined.with_label_values(&[cause]).set(nodes as f64);
    }

    let help = "Panes of nodes that may still be corrected in which a quality test finds something, by test and flag";
    let flags = gauge(registry, "quality_flagged_panes", help, &["test", "flag"])?;
    for test in Test::ALL {
        for flag in [Flag::Suspect, Flag::Fail] {
            let findings = picture.nodes.iter().flat_map(|node| &node.findings);
            let same = findings.filter(|((_, by, as_), _)| *by == test && *as_ == flag);
            let panes: u32 = same.map(|(_, panes)| panes).sum();
            flags
                .with_label_values(&[test.name(), flag.name()])
                .set(f64::from(panes));
        }
    }
    Ok(())
}

fn leaks(registry: &Registry, picture: &Picture) -> prometheus::Result<()> {
    let labels = ["source", "quantity", "level"];
    let help = "People where a leak reaches a level now, by a plume model that is right within a factor of two to three";
    let exposed = gauge(registry, "exposed_persons", help, &labels)?;
    let low = gauge(
        registry,
        "exposed_persons_low",
        "The same, at least",
        &labels,
    )?;
    let high = gauge(
        registry,
        "exposed_persons_high",
        "The same, at most",
        &labels,
    )?;
    let help = "How far from its source a leak reaches a level";
    let reach = gauge(registry, "footprint_reach_meters", help, &labels)?;
    for exposure in &picture.exposures {
        let source = exposure.source.as_str();
        for footprint in &exposure.footprints {
            let labels = [source, exposure.quantity.name(), footprint.level.as_str()];
            let shown = picture.face.floor.people(&footprint.people);
            // A figure about few people has no series: it is neither none nor a number.
            for (gauge, figure) in [
                (&exposed, shown.people),
                (&low, shown.low),
                (&high, shown.high),
            ] {
                if let Some(figure) = figure {
                    gauge.with_label_values(&labels).set(figure as f64);
                }
            }
            reach
                .with_label_values(&labels)
                .set(f64::from(footprint.reach));
        }
    }
    Ok(())
}
