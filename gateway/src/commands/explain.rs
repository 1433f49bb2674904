//! `citysense explain`: why an alert stands, from a data directory that no gateway has open.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use pipeline::alert::{AlertId, Revision, Status};
use pipeline::calendar::{Tick, rfc3339};
use pipeline::engine::EngineConfig;
use pipeline::quality::{Cause, Withdrawal};
use pipeline::rules::Danger;

use crate::config::PRIVACY_FLOOR;
use crate::explain::{Known, PaneWhy, ReadingWhy, RuleWhy, Why};
use crate::feed::Feed;
use crate::journal::{self, Recorded};
use crate::privacy::{Floor, Shown};
use crate::terminal::{self, Measure};

const AFTER: &str = "\
Examples:
  citysense history --data DIR                                      which alerts there are, with their ids
  citysense explain --data DIR 0123456789abcdef0123456789abcdef     why the latest revision was said
  citysense explain --data DIR ID --revision 1 --json               why it was raised, for a program";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// Data directory of the gateway, which must not be running
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// The alert: 32 hexadecimal digits
    #[arg(value_name = "ALERT", value_parser = alert_id)]
    pub alert: AlertId,
    /// One of its revisions [default: the latest]
    #[arg(long, value_name = "N")]
    pub revision: Option<u32>,
    /// JSON, as the API has it
    #[arg(long)]
    pub json: bool,
}

fn alert_id(text: &str) -> Result<AlertId, String> {
    text.parse().map_err(|error| format!("{error}"))
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let recorded = journal::recorded(&args.data)?;
    let why = answer(&recorded, args.alert, args.revision)?;
    match args.json {
        true => terminal::print(&(serde_json::to_string_pretty(&why)? + "\n"))?,
        false => terminal::print(&text(&why))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Why a revision of the alert was said; by default the latest.
pub fn answer(recorded: &Recorded, alert: AlertId, asked: Option<u32>) -> anyhow::Result<Why> {
    let (revisions, withdrawals) = told(recorded, alert)?;
    let latest = revisions.iter().map(|revision| revision.revision).max();
    let latest = latest.with_context(|| match recorded.reach().unwrap_or_default() {
        0 => format!("the journal knows no alert {alert}"),
        from => format!(
            "the journal knows no alert {alert}; what was before {} is not kept",
            rfc3339(from as i64)
        ),
    })?;
    let asked = asked.unwrap_or(latest);
    let mut revisions = revisions.iter();
    let revision = revisions.find(|revision| revision.revision == asked);
    let revision = revision
        .with_context(|| format!("alert {alert} has {latest} revisions, and no {asked}"))?;
    let mut verdicts = BTreeSet::new();
    for (_, row, stands) in withdrawals.iter().filter(|(at, ..)| *at <= revision.tick()) {
        match stands {
            true => verdicts.insert(row.clone()),
            false => verdicts.remove(row),
        };
    }
    why(recorded, revision, verdicts.into_iter().collect())
}

/// Everything that was ever said of one alert, and what quality rules withdrew at which tick, or (`false`) no more.
type Told = (Vec<Revision>, Vec<(Tick, Withdrawal, bool)>);

/// What is told follows from the journal alone.
fn told(recorded: &Recorded, alert: AlertId) -> anyhow::Result<Told> {
    let said: Arc<Mutex<Told>> = Arc::default();
    let config = EngineConfig {
        workers: 1,
        calendar: recorded.calendar.clone(),
        status: Status::Actual,
    };
    let sink = said.clone();
    let mut feed = Feed::start(
        config,
        None,
        Box::new(move |output| {
            let mut said = sink.lock().unwrap_or_else(PoisonError::into_inner);
            let own = output.revisions.into_iter();
            said.0.extend(own.filter(|revision| revision.id == alert));
            let rows = output.withdrawals.into_iter();
            let verdicts = rows.filter(|(row, _)| matches!(row.cause, Cause::Flaw(_)));
            said.1
                .extend(verdicts.map(|(row, stands)| (output.tick, row, stands)));
        }),
    );
    let (first, known_to) = (recorded.first()?, recorded.known_to()?);
    let length = known_to.saturating_sub(first);
    let bar = terminal::progress("the journal, again", Some(length), Measure::Time);
    for entry in recorded.entries() {
        let (tick, record) = entry?;
        bar.set_position(tick.saturating_sub(first));
        feed.promise(tick);
        feed.record(tick, &record);
    }
    bar.finish_and_clear();
    feed.finish();
    Ok(std::mem::take(
        &mut *said.lock().unwrap_or_else(PoisonError::into_inner),
    ))
}

/// What was known at the revision, and what of it mattered.
fn why(recorded: &Recorded, revision: &Revision, verdicts: Vec<Withdrawal>) -> anyhow::Result<Why> {
    let mut known = Known::with(verdicts);
    known.reach = recorded.reach()?;
    for entry in recorded.entries() {
        let (tick, record) = entry?;
        if tick > revision.tick() {
            break;
        }
        known.record(&record, known.since(revision));
    }
    Ok(known.why(revision, &recorded.calendar, Floor(PRIVACY_FLOOR)))
}

fn text(why: &Why) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_text(&mut text, why);
    text
}

fn write_text(text: &mut String, why: &Why) -> std::fmt::Result {
    writeln!(
        text,
        "alert {} revision {}: {} in {} since {}",
        why.alert,
        why.revision,
        why.state.name(),
        why.zone,
        rfc3339(why.onset)
    )?;
    writeln!(text, "  because: {}", word(&why.reason))?;
    if let Some(rule) = &why.rule {
        write_rule(text, rule, why.rule_version)?;
    }
    if let Some(incomplete) = why.incomplete {
        writeln!(text, "  not the whole story: {incomplete}")?;
    }
    if !why.panes.is_empty() {
        writeln!(text, "what the rule saw until it raised the alert:")?;
    }
    for pane in &why.panes {
        write_pane(text, pane)?;
    }
    if !why.readings.is_empty() {
        let spared = match why.minimal {
            true => "none of them can be spared",
            false => "perhaps fewer would do",
        };
        let enough = match why.readings.len() {
            1 => "one reading is enough".to_owned(),
            more => format!("{more} readings are enough"),
        };
        writeln!(text, "{enough}, {spared}:")?;
    }
    for reading in &why.readings {
        write_reading(text, reading)?;
    }
    Ok(())
}

fn write_rule(text: &mut String, rule: &RuleWhy, version: u32) -> std::fmt::Result {
    let side = match rule.direction {
        Danger::Above => "at or above",
        Danger::Below => "at or below",
    };
    writeln!(
        text,
        "  rule {} (version {version}): {} {side} {} {} for {} s",
        rule.id, rule.value, rule.raise_at, rule.unit, rule.for_seconds
    )?;
    match rule.source.as_str() {
        "" => Ok(()),
        source => writeln!(text, "  threshold from: {source}"),
    }
}

fn write_pane(text: &mut String, pane: &PaneWhy) -> std::fmt::Result {
    let past = if pane.past_threshold {
        "past its line"
    } else {
        "not past its line"
    };
    write!(
        text,
        "  {} to {}  {}, {} nodes, {past}",
        rfc3339(pane.start),
        rfc3339(pane.end),
        figure(pane.value),
        pane.heard
    )?;
    match pane.node_alarm {
        Some(alarm) => writeln!(text, "; a node's own alarm at {alarm}"),
        None => writeln!(text),
    }
}

fn write_reading(text: &mut String, reading: &ReadingWhy) -> std::fmt::Result {
    let mark = match (reading.node_alarm, reading.saturated) {
        (true, _) => ", its own alarm",
        (false, true) => ", the end of its range",
        (false, false) => "",
    };
    writeln!(
        text,
        "  {}  {}  {} {} {}{mark}",
        rfc3339(reading.sampled_at),
        reading.node,
        reading.quantity,
        figure(reading.value),
        reading.unit
    )
}

fn figure(shown: Option<Shown>) -> String {
    shown.map_or_else(|| "-".to_owned(), |shown| shown.to_string())
}

/// As JSON says it, without its quotation marks.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
