//! `citysense compare`: which alerts other rules would have added, removed or moved, from a journal that no gateway
//! has open.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use pipeline::alert::Revision;
use pipeline::calendar::{Calendar, Millis, Tick, rfc3339, tick_at};
use pipeline::city::City;
use pipeline::input::Input;
use pipeline::rules::Rule;

use super::history::line;
use crate::board::Face;
use crate::city;
use crate::compare::{Differences, Report, Retelling, differences, overlaps, promoted, retell};
use crate::history;
use crate::journal::{self, Recorded};
use crate::terminal::{self, Measure};

const AFTER: &str = "\
The journal is told twice: by the rules that it has, and by the candidates. These are, without --rules or --city, its
own rules with those in shadow in force, each in the place of the rules of its kind, value and direction in its zones
(of those with its severity, if there are any). Alerts of the same kind and zone whose times overlap are one that moved.

Examples:
  citysense compare --data DIR                             what promoting the rules in shadow would change
  citysense compare --data DIR --rules new-rules.toml      what other rules would have said
  citysense compare --data DIR --from 2026-11-20T00:00:00Z --to 2026-11-22T00:00:00Z";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// Data directory of the gateway, which must not be running
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Candidate rules, a rules.toml for the journal's city, or - for standard input; its quality rules are not tried
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// City directory whose rules are the candidates
    #[arg(long, value_name = "DIR", conflicts_with = "rules")]
    pub city: Option<PathBuf>,
    /// Only alerts that went on after this moment (RFC 3339) [default: the journal's beginning]
    #[arg(long, value_name = "TIME", value_parser = history::moment)]
    pub from: Option<Millis>,
    /// Only what was known and began before this moment (RFC 3339) [default: the journal's end]
    #[arg(long, value_name = "TIME", value_parser = history::moment)]
    pub to: Option<Millis>,
    /// JSON
    #[arg(long)]
    pub json: bool,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    terminal::print(&answer(&args)?)?;
    Ok(ExitCode::SUCCESS)
}

/// The rules that the journal's are compared with.
enum Candidates {
    /// The journal's own, with those in shadow in force.
    Promoted,
    Given(Vec<Rule>),
}

/// What the command says.
pub fn answer(args: &Args) -> anyhow::Result<String> {
    let recorded = journal::recorded(&args.data)?;
    let (first, end) = stretch(args, &recorded)?;
    let (city, in_force) = configuration(&recorded)?;
    let (candidates, calendar) = candidates(args, &recorded, &city, &in_force)?;

    let tell = |what, calendar: &Calendar, rules: &dyn Fn(&[Rule]) -> Vec<Rule>| {
        let length = end.saturating_sub(tick_at(first));
        let bar = terminal::progress(what, Some(length), Measure::Time);
        let told = Retelling {
            recorded: &recorded,
            calendar: calendar.clone(),
            to: end,
            rules,
        };
        let alerts = retell(told, |tick| {
            bar.set_position(tick.saturating_sub(tick_at(first)));
        });
        bar.finish_and_clear();
        alerts
    };
    let (from, to) = (args.from.unwrap_or(first), args.to.unwrap_or(Millis::MAX));
    let within = |alerts: Vec<Revision>| {
        let alerts = alerts.into_iter();
        alerts.filter(move |alert| overlaps(alert, from, to))
    };
    let was = tell("as it was", &recorded.calendar, &<[Rule]>::to_vec)?;
    let by_candidates = |rules: &[Rule]| match &candidates {
        Candidates::Promoted => promoted(rules),
        Candidates::Given(given) => given.clone(),
    };
    let would_be = tell("with the candidates", &calendar, &by_candidates)?;
    let found = differences(within(was), within(would_be));

    let before = Face::journaled(&city, &in_force, &recorded.calendar);
    let after = Face::journaled(&city, &by_candidates(&in_force), &calendar);
    let shown_to = args.to.unwrap_or(end as Millis);
    let report = Report::of(&found, [&before, &after], (from, shown_to), usize::MAX);
    Ok(match args.json {
        true => serde_json::to_string_pretty(&report)? + "\n",
        false => text(&found, &report, [&before, &after]),
    })
}

/// The city and the rules that the journal ends with.
pub(super) fn configuration(recorded: &Recorded) -> anyhow::Result<(Arc<City>, Arc<Vec<Rule>>)> {
    let (mut city, mut rules) = (None, Arc::default());
    for input in recorded.configuration()? {
        match input {
            Input::City(known) => city = Some(known),
            Input::Rules(known) => rules = known,
            Input::Quality(_) | Input::Action(_) | Input::Link { .. } => {}
        }
    }
    Ok((city.context("the journal knows no city yet")?, rules))
}

fn candidates(
    args: &Args,
    recorded: &Recorded,
    city: &City,
    in_force: &[Rule],
) -> anyhow::Result<(Candidates, Calendar)> {
    let numbers = recorded.numbers()?.unwrap_or_default();
    if let Some(dir) = &args.city {
        let loaded = city::load_numbered(dir, numbers)?;
        return Ok((Candidates::Given(loaded.rules.to_vec()), loaded.calendar));
    }
    if let Some(file) = &args.rules {
        let text = super::read_text(file)?;
        let (rules, calendar) =
            city::judge_rules(&text, city, in_force, &recorded.calendar, numbers)?;
        return Ok((Candidates::Given(rules), calendar));
    }
    let tried = in_force.iter().any(|rule| rule.condition.shadow);
    anyhow::ensure!(
        tried,
        "no rule of the journal runs in shadow: name candidates with --rules or --city, or let one run with \
         `shadow = true` in rules.toml"
    );
    Ok((Candidates::Promoted, recorded.calendar.clone()))
}

/// Where the journal begins, and the last tick that is told.
fn stretch(args: &Args, recorded: &Recorded) -> anyhow::Result<(Millis, Tick)> {
    let reach = recorded.reach()?;
    if let Some(from) = args.from.filter(|from| tick_at(*from) < reach) {
        anyhow::bail!(
            "{} is before what is kept: the journal begins at {}",
            rfc3339(from),
            rfc3339(reach as Millis)
        );
    }
    let known_to = recorded.known_to()?;
    let to = args.to.map_or(known_to, |to| tick_at(to).min(known_to));
    let first = match reach {
        0 => recorded.first()?,
        reach => reach,
    };
    let from = args.from.unwrap_or(first as Millis);
    let until = args.to.unwrap_or(known_to as Millis + 1);
    anyhow::ensure!(
        from < until,
        "nothing lies between {} and {}: --from must be before --to",
        rfc3339(from),
        rfc3339(until)
    );
    Ok((first as Millis, to))
}

fn text(found: &Differences, report: &Report<'_>, [before, after]: [&Face; 2]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "alerts from {} to {}",
        rfc3339(report.from),
        rfc3339(report.to)
    );
    for alert in &found.added {
        let _ = writeln!(text, "added    {}", line(alert, after));
    }
    for alert in &found.removed {
        let _ = writeln!(text, "removed  {}", line(alert, before));
    }
    for (was, would_be) in &found.moved {
        let _ = writeln!(text, "moved    {}", line(was, before));
        let _ = writeln!(text, "      to {}", line(would_be, after));
    }
    for (rule, counts) in &report.rules {
        let _ = writeln!(
            text,
            "rule {rule}: {} alerts, would be {}",
            counts.was, counts.would_be
        );
    }
    let _ = writeln!(text, "{}", report.verdict);
    text
}
