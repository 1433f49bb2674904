//! Plays a story through the engine and writes down what it said.

use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use pipeline::alert::{AlertId, Desk, Revision, Status};
use pipeline::calendar::{HOUR, MINUTE, Millis, SECOND, tick_at};
use pipeline::engine::{Engine, EngineConfig};
use pipeline::incident::{Incident, IncidentId};
use pipeline::input::Input;
use pipeline::output::{TickOutput, ZoneValue};
use pipeline::quality::{Cause, Withdrawal};

use super::parse::{Deed, Plot};
use crate::city::BEGIN;

/// Every line that the story's people are told, in order.
pub fn play(plot: &Plot, workers: usize) -> String {
    written(plot, &outputs(plot, workers))
}

/// Every revision of the story's alerts, in order.
pub fn revisions(plot: &Plot) -> Vec<Revision> {
    let outputs = outputs(plot, 1).into_iter();
    outputs.flat_map(|output| output.revisions).collect()
}

/// Everything that leaves the dataflow, tick by tick.
pub fn outputs(plot: &Plot, workers: usize) -> Vec<TickOutput> {
    let said: Arc<Mutex<Vec<TickOutput>>> = Arc::default();
    let config = EngineConfig {
        workers,
        calendar: plot.calendar.clone(),
        status: Status::Test,
    };
    let sink = {
        let said = Arc::clone(&said);
        let hear = move |output| {
            said.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(output)
        };
        Box::new(hear)
    };
    let mut engine = Engine::start(config, None, sink);
    engine.input(tick_at(BEGIN), Input::City(plot.city.clone()));
    engine.input(tick_at(BEGIN), Input::Rules(plot.rules.clone()));
    engine.input(tick_at(BEGIN), Input::Quality(plot.quality.clone()));
    for (at, deed) in &plot.deeds {
        let tick = tick_at(*at);
        match deed {
            Deed::Observe(observation) => engine.observe(tick, &[*observation]),
            Deed::Input(input) => engine.input(tick, input.clone()),
            Deed::Act(act) => {
                engine.advance(tick);
                engine.settle();
                let known = ids(&said.lock().unwrap_or_else(PoisonError::into_inner));
                let Some(&alert) = known.get(act.alert - 1) else {
                    panic!("nobody has heard of alert {} at {}", act.alert, time(*at));
                };
                engine.input(tick, Input::Action(act.on(alert)));
            }
        }
    }
    engine.advance(tick_at(plot.until));
    engine.finish();
    let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut said)
}

fn written(plot: &Plot, said: &[TickOutput]) -> String {
    let ids = ids(said);
    let mut incidents: Vec<IncidentId> = Vec::new();
    for incident in said.iter().flat_map(|output| &output.incidents) {
        if !incidents.contains(&incident.id) {
            incidents.push(incident.id);
        }
    }
    let mut lines = String::new();
    for output in said {
        if plot.shows_withdrawals {
            let rows = output.withdrawals.iter();
            rows.for_each(|row| lines += &withdrawal_line(plot, output.tick as Millis, row));
        }
        for value in output
            .zone_values
            .iter()
            .filter(|row| plot.shown.contains(&row.value))
        {
            lines += &zone_line(plot, output.tick as Millis, value);
        }
        for revision in &output.revisions {
            lines += &line(&ids, revision);
        }
        for revision in &output.shadow {
            lines += &format!("in shadow: {}", line(&ids, revision));
        }
        for incident in output.incidents.iter().filter(|_| plot.shows_incidents) {
            lines += &incident_line(&ids, &incidents, incident);
        }
        if let Some(silences) = &output.silences {
            // Writing to a string cannot fail.
            let _ = writeln!(
                lines,
                "{} silences in force: {}",
                time(output.tick as Millis),
                silences.len()
            );
        }
    }
    lines
}

/// Alerts in the order in which they were first spoken of.
fn ids(said: &[TickOutput]) -> Vec<AlertId> {
    let mut ids = Vec::new();
    let all = said
        .iter()
        .flat_map(|output| output.revisions.iter().chain(&output.shadow));
    for revision in all {
        if !ids.contains(&revision.id) {
            ids.push(revision.id);
        }
    }
    ids
}

fn line(ids: &[AlertId], r: &Revision) -> String {
    let place = |id: AlertId| {
        ids.iter()
            .position(|known| *known == id)
            .map_or(0, |at| at + 1)
    };
    let state = format!("{:?}", r.state).to_lowercase();
    let mut line = format!(
        "{} alert {}.{} {state} {:?}: {} in {}",
        time(r.updated),
        place(r.id),
        r.revision,
        r.reason,
        r.rule,
        r.zone
    );
    // Writing to a string cannot fail.
    let _ = match r.node {
        Some(node) => write!(line, " of {node}"),
        None => write!(line, ", {} {}", r.value, r.unit),
    };
    let _ = write!(line, ", from {}", time(r.onset));
    if let Some(end) = r.end {
        let _ = write!(line, " to {}", time(end));
    }
    if let Some(early) = r.early {
        let (from, to) = (early.speaks_of.start, early.speaks_of.end);
        let (lead, sure) = (early.lead_minutes, early.certainty.name().to_lowercase());
        let _ = write!(
            line,
            ", {sure} for {} to {} in {lead} min",
            time(from),
            time(to)
        );
        if r.provisional {
            line += ", provisional";
        }
    }
    if let Some(id) = r.merged_into {
        let _ = write!(line, ", merged into {}", place(id));
    }
    if let Some(id) = r.split_from {
        let _ = write!(line, ", split from {}", place(id));
    }
    if let Some(by) = &r.acknowledged {
        let _ = write!(line, ", seen by {by}");
    }
    line + &desk(&r.desk) + "\n"
}

fn desk(desk: &Desk) -> String {
    let mut parts = Vec::new();
    parts.extend(desk.assigned.as_ref().map(|to| format!("work of {to}")));
    let proposed = desk
        .proposed
        .map(|state| format!("{state:?}").to_lowercase());
    parts.extend(proposed.map(|state| format!("proposed {state}")));
    let silenced = desk.silenced.as_ref();
    parts.extend(silenced.map(|s| format!("silenced until {} by {}", time(s.until), s.by)));
    if !desk.escalated_to.is_empty() {
        parts.push(format!("told to {}", desk.escalated_to.join(" and ")));
    }
    let note = desk.note.as_ref();
    parts.extend(note.map(|note| format!("{}: «{}»", note.by, note.text)));
    parts.iter().map(|part| format!(", {part}")).collect()
}

fn incident_line(alerts: &[AlertId], incidents: &[IncidentId], i: &Incident) -> String {
    let place = |id: IncidentId| incidents.iter().position(|known| *known == id);
    let place = |id: IncidentId| place(id).map_or(0, |at| at + 1);
    let of_alert = |id: &AlertId| alerts.iter().position(|known| known == id);
    let members = i
        .alerts
        .iter()
        .map(|id| of_alert(id).map_or(0, |at| at + 1).to_string());
    let zones = i.zones.iter().map(ToString::to_string);
    let mut line = format!(
        "{} incident {}.{} {}: {} in {}, alerts {}, {}, since {}",
        time(i.updated),
        place(i.id),
        i.revision,
        format!("{:?}", i.state).to_lowercase(),
        i.kind,
        zones.collect::<Vec<_>>().join(" and "),
        members.collect::<Vec<_>>().join(" and "),
        format!("{:?}", i.severity).to_lowercase(),
        time(i.since),
    );
    if let Some(id) = i.merged_into {
        line += &format!(", merged into {}", place(id));
    }
    if let Some(id) = i.split_from {
        line += &format!(", split from {}", place(id));
    }
    line + "\n"
}

fn withdrawal_line(plot: &Plot, tick: Millis, (row, stands): &(Withdrawal, bool)) -> String {
    let mut nodes = plot.city.nodes.iter();
    let node = nodes.find(|node| node.ix == row.node);
    let node = node.map_or("?", |node| node.id.as_str());
    let word = if *stands { "withdrawn" } else { "no more" };
    let quantity = row.quantity.map_or("all", |quantity| quantity.name());
    let until = row
        .until
        .map_or(String::new(), |until| format!(" to {}", time(until)));
    let cause = match &row.cause {
        Cause::Operator(by) => format!("by {by}"),
        Cause::Flaw(flaw) => flaw.to_string(),
    };
    let (at, from) = (time(tick), time(row.from));
    format!("{at} {word} {node} {quantity} from {from}{until}: {cause}\n")
}

fn zone_line(plot: &Plot, tick: Millis, row: &ZoneValue) -> String {
    let zones = &plot.city.zones;
    let zone = zones
        .iter()
        .find(|zone| zone.ix == row.zone)
        .map_or("?", |zone| zone.id.as_str());
    let at = format!(
        "{} {zone} {} of {}",
        time(tick),
        row.value,
        time(row.pane_start)
    );
    match row.figures {
        None => format!("{at}: withdrawn\n"),
        Some(figures) => {
            let node = |ix| plot.city.nodes.iter().find(|node| node.ix == ix);
            let waits = match row.waits_for {
                Some(ix) => node(ix).map_or("?", |node| node.id.as_str()),
                None => "nobody",
            };
            let (heard, expected) = (row.completeness.heard, row.completeness.expected);
            let mean = figures.mean;
            format!("{at}: {mean} ({heard} of {expected} heard, waits for {waits})\n")
        }
    }
}

/// Since the beginning, as a story writes it.
fn time(moment: Millis) -> String {
    let since = moment - BEGIN;
    let (hours, minutes) = (since / HOUR, since / MINUTE % 60);
    let (seconds, millis) = (since / SECOND % 60, since % SECOND);
    let mut text = match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    };
    if millis != 0 {
        let _ = write!(text, ".{millis:03}");
    }
    text
}
