//! `citysense import`: a recorded public data set as a city directory with its readings, for `citysense replay`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use pipeline::calendar::Millis;
use serde_json::json;

use crate::config::nearest;
use crate::import::{self, Books, READINGS, SETS, Set};
use crate::readings::Moments;
use crate::terminal;

#[derive(Debug, clap::Args)]
#[command(after_help = after())]
pub struct Args {
    /// Which set; they stand below
    #[arg(value_name = "SET", value_parser = set, required_unless_present = "list")]
    pub set: Option<&'static Set>,
    /// Its files as they were downloaded, plain or gzip, or directories of them; other files there are left alone
    #[arg(long, value_name = "PATH", num_args = 1.., required_unless_present = "list")]
    pub from: Vec<PathBuf>,
    /// City directory to write, with readings.csv and SOURCE.md in it
    #[arg(long, value_name = "DIR", required_unless_present = "list")]
    pub out: Option<PathBuf>,
    /// First moment, such as 2015-11-20T00:00:00+08:00 [default: all]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<Millis>,
    /// First moment that is left out
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<Millis>,
    /// List the sets and import nothing
    #[arg(long, conflicts_with_all = ["set", "from", "out"])]
    pub list: bool,
    /// JSON: the summary, or the list
    #[arg(long)]
    pub json: bool,
}

/// Sets and examples.
fn after() -> String {
    "Sets:\n".to_owned()
        + &list()
        + "
Examples:
  citysense import --list --json | jq -r '.sets[].name'
  citysense import beijing-prsa --from PRSA_Data_20130301-20170228 --out beijing --since 2015-11-20T00:00:00+08:00
  citysense replay --city beijing --readings beijing/readings.csv --out beijing/out
  citysense plot --city beijing --from beijing/out --zone dongsi --value air_index:us-epa-2024 --out smog.svg

Units, clocks and marks of missing values are those that the set is published with; SOURCE.md says which. Rows that
cannot be read are counted and told with file and line. Times are written as UTC."
}

fn list() -> String {
    let line = |set: &&Set| {
        format!(
            "  {:<18} {:<8} {}\n  {:<27} {}\n",
            set.name, set.domain, set.title, "", set.origin
        )
    };
    SETS.iter().map(line).collect()
}

fn list_json() -> serde_json::Value {
    let sets = SETS.map(|set| {
        json!({
            "name": set.name,
            "domain": set.domain,
            "title": set.title,
            "origin": set.origin,
            "terms": set.terms,
        })
    });
    json!({ "sets": sets })
}

fn set(name: &str) -> Result<&'static Set, String> {
    Set::named(name).ok_or_else(|| {
        let hint = nearest(name, SETS.map(|set| set.name));
        format!("no such set{hint}; `citysense import --help` lists them")
    })
}

pub(super) fn moment(text: &str) -> Result<Millis, String> {
    Moments::default()
        .parse(text.as_bytes())
        .map_err(|error| error.to_string())
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let (Some(set), Some(out)) = (args.set, &args.out) else {
        let said = match args.json {
            true => serde_json::to_string_pretty(&list_json())? + "\n",
            false => list(),
        };
        terminal::print(&said)?;
        return Ok(ExitCode::SUCCESS);
    };
    let span = args.since.unwrap_or(Millis::MIN)..args.until.unwrap_or(Millis::MAX);
    let books = import::import(set, &args.from, span, out)?;
    anyhow::ensure!(books.is_balanced(), "the books do not balance: {books:?}");
    tell_bad(&books);
    if args.json {
        terminal::print(&(serde_json::to_string_pretty(&books_json(&books, out))? + "\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    terminal::tell(&books.to_string())?;
    terminal::tell(&format!("written: {}", out.join(READINGS).display()))?;
    Ok(ExitCode::SUCCESS)
}

fn tell_bad(books: &Books) {
    for bad in &books.shown {
        eprintln!("{bad}");
    }
    let (bad, shown) = (books.bad_rows + books.bad_cells, books.shown.len() as u64);
    if bad > shown {
        eprintln!("… and {} more that could not be read", bad - shown);
    }
}

fn books_json(books: &Books, out: &Path) -> serde_json::Value {
    json!({
        "rows": books.rows,
        "taken": books.taken,
        "outside": books.outside,
        "bad_rows": books.bad_rows,
        "cells": books.cells,
        "readings": books.readings,
        "missing": books.missing,
        "bad_cells": books.bad_cells,
        "written": out.join(READINGS),
    })
}
