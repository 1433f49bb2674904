//! `citysense import`: a recorded public data set as a city directory with its readings, for `citysense replay`.

use std::path::PathBuf;
use std::process::ExitCode;

use pipeline::calendar::Millis;

use crate::config::nearest;
use crate::import::{self, Books, READINGS, SETS, Set};
use crate::readings::Moments;

#[derive(Debug, clap::Args)]
#[command(after_help = after())]
pub struct Args {
    /// Which set; they stand below
    #[arg(value_name = "SET", value_parser = set)]
    pub set: &'static Set,
    /// Its files as they were downloaded, plain or gzip, or directories of them; other files there are left alone
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    pub from: Vec<PathBuf>,
    /// City directory to write, with readings.csv and SOURCE.md in it
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// First moment, such as 2015-11-20T00:00:00+08:00 [default: all]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<Millis>,
    /// First moment that is left out
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<Millis>,
}

/// Sets and examples.
fn after() -> String {
    let mut text = String::from("Sets:\n");
    for set in SETS {
        text += &format!(
            "  {:<18} {:<8} {}\n  {:<27} {}\n",
            set.name, set.domain, set.title, "", set.origin
        );
    }
    text + "
Examples:
  citysense import beijing-prsa --from PRSA_Data_20130301-20170228 --out beijing --since 2015-11-20T00:00:00+08:00
  citysense replay --city beijing --readings beijing/readings.csv --out beijing/out
  citysense plot --city beijing --from beijing/out --zone dongsi --value air_index:us-epa-2024 --out smog.svg

Units, clocks and marks of missing values are those that the set is published with; SOURCE.md says which. Rows that
cannot be read are counted and told with file and line. Times are written as UTC."
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
    let span = args.since.unwrap_or(Millis::MIN)..args.until.unwrap_or(Millis::MAX);
    let books = import::import(args.set, &args.from, span, &args.out)?;
    anyhow::ensure!(books.is_balanced(), "the books do not balance: {books:?}");
    report(&books);
    println!("written: {}", args.out.join(READINGS).display());
    Ok(ExitCode::SUCCESS)
}

fn report(books: &Books) {
    for bad in &books.shown {
        eprintln!("{bad}");
    }
    let (bad, shown) = (books.bad_rows + books.bad_cells, books.shown.len() as u64);
    if bad > shown {
        eprintln!("… and {} more that could not be read", bad - shown);
    }
    println!("{books}");
}
