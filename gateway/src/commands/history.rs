//! `citysense history`: what was known when, and what was true when, from a data directory that no gateway has open.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use pipeline::alert::{AlertId, Revision};
use pipeline::calendar::{Millis, rfc3339};
use serde_json::json;

use crate::board::Face;
use crate::history::{self, Answer, LIMIT_DEFAULT, LIMIT_MAX, Question};
use crate::journal::{self, Recorded};
use crate::privacy::Shown;
use crate::publish::Public;
use crate::terminal;

const AFTER: &str = "\
Examples:
  citysense history --data DIR                                     the alerts that are known now
  citysense history --data DIR --known-at 2026-11-22T09:30:00+08:00   as they were known then
  citysense history --data DIR --true-at 2026-11-22T09:30:00+08:00    what was going on then, by what is known now
  citysense history --data DIR --known-at T1 --true-at T2          what was known at T1 to have been true at T2
  citysense history --data DIR --alert ID                          every revision of one alert";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// Data directory of the gateway, which must not be running
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Alerts as they were known at this moment (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = history::moment)]
    pub known_at: Option<Millis>,
    /// Alerts that were true at this moment, whether or not anybody knew (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = history::moment)]
    pub true_at: Option<Millis>,
    /// One alert with all its revisions: 32 hexadecimal digits
    #[arg(long, value_name = "ID", value_parser = alert_id, conflicts_with_all = ["known_at", "true_at"])]
    pub alert: Option<AlertId>,
    /// Most alerts that are shown
    #[arg(long, value_name = "N", default_value_t = LIMIT_DEFAULT, value_parser = limit)]
    pub limit: usize,
    /// JSON, as the API has it
    #[arg(long)]
    pub json: bool,
}

fn alert_id(text: &str) -> Result<AlertId, String> {
    text.parse().map_err(|error| format!("{error}"))
}

fn limit(text: &str) -> Result<usize, String> {
    let number = text.parse().ok();
    let number = number.filter(|number| (1..=LIMIT_MAX).contains(number));
    number.ok_or_else(|| format!("a number from 1 to {LIMIT_MAX} is expected"))
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    terminal::print(&answer(&args)?)?;
    Ok(ExitCode::SUCCESS)
}

/// What the command says.
pub fn answer(args: &Args) -> anyhow::Result<String> {
    let recorded = journal::recorded(&args.data)?;
    let face = face(&recorded)?;
    let alerts = recorded.alerts();
    if let Some(id) = args.alert {
        let story = history::story(&alerts, id)?;
        let story = story.with_context(|| format!("the history has no alert {id}"))?;
        return Ok(match args.json {
            true => story_json(&story, &face)?,
            false => story_text(&story, &face),
        });
    }
    let question = Question {
        known_at: args.known_at,
        true_at: args.true_at,
    };
    let frontier = recorded.known_to()? + 1;
    let answer = history::answer(&alerts, &face, question, frontier, args.limit)?;
    match args.json {
        true => answer_json(&answer, question, &face),
        false => Ok(answer_text(&answer, question, &face)),
    }
}

/// The city as the journal has it.
fn face(recorded: &Recorded) -> anyhow::Result<Face> {
    let (city, rules) = super::compare::configuration(recorded)?;
    Ok(Face::journaled(&city, &rules, &recorded.calendar))
}

fn answer_json(answer: &Answer, question: Question, face: &Face) -> anyhow::Result<String> {
    let public = |revision| Public::of(revision, face);
    let alerts: Vec<Public<'_>> = answer.alerts.iter().map(public).collect();
    let mut json = json!({ "city": face.city, "alerts": alerts });
    let asked = [
        ("known_at", question.known_at),
        ("true_at", question.true_at),
    ];
    for (name, at) in asked {
        if let Some(at) = at {
            json[name] = rfc3339(at).into();
        }
    }
    if answer.total > alerts.len() {
        json["cut"] = (answer.total - alerts.len()).into();
    }
    Ok(serde_json::to_string_pretty(&json)? + "\n")
}

fn answer_text(answer: &Answer, question: Question, face: &Face) -> String {
    let mut text = match answer.total {
        1 => "1 alert".to_owned(),
        more => format!("{more} alerts"),
    };
    if let Some(at) = question.true_at {
        text += &format!(", true at {}", rfc3339(at));
    }
    text += &match question.known_at {
        Some(at) => format!(", as known at {}\n", rfc3339(at)),
        None => ", as known at the journal's end\n".to_owned(),
    };
    for revision in &answer.alerts {
        text += &format!("  {}\n", line(revision, face));
    }
    let left_out = answer.total - answer.alerts.len();
    if left_out > 0 {
        text += &format!("  … and {left_out} more: ask with a greater --limit\n");
    }
    text
}

fn story_json(story: &history::Story, face: &Face) -> anyhow::Result<String> {
    let public = |revision| Public::of(revision, face);
    let revisions: Vec<Public<'_>> = story.revisions.iter().map(public).collect();
    let json = json!({
        "alert": revisions.last(),
        "history": revisions,
        "dropped": story.dropped,
    });
    Ok(serde_json::to_string_pretty(&json)? + "\n")
}

fn story_text(story: &history::Story, face: &Face) -> String {
    let mut text = String::new();
    for revision in &story.revisions {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}  {}",
            rfc3339(revision.updated),
            line(revision, face)
        );
    }
    if story.dropped > 0 {
        let _ = writeln!(text, "{} revisions are not kept", story.dropped);
    }
    text
}

/// One revision for people, on one line.
pub(crate) fn line(revision: &Revision, face: &Face) -> String {
    let mut line = format!(
        "{} {} in {}: {} by {}, from {}",
        severity(revision),
        revision.kind,
        revision.zone,
        revision.state.name(),
        revision.rule,
        rfc3339(revision.onset),
    );
    if let Some(end) = revision.end {
        line += &format!(" to {}", rfc3339(end));
    }
    match revision.node {
        Some(node) => line += &format!(", node {node}"),
        None => line += &format!(", peak {} {}", peak(revision, face), revision.unit),
    }
    line + &format!("  [{} revision {}]", revision.id, revision.revision)
}

fn peak(revision: &Revision, face: &Face) -> Shown {
    Public::of(revision, face).value
}

fn severity(revision: &Revision) -> &'static str {
    crate::http::api::severity_name(revision.severity)
}
