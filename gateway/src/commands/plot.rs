//! `citysense plot`: what a replay found, as a drawing.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use pipeline::calendar::Millis;
use pipeline::rules::Value;
use wire::ZoneId;

use crate::city;
use crate::commands::import::moment;
use crate::config::nearest;
use crate::import::SOURCE;
use crate::plot::{Plot, plot};
use crate::terminal;

const AFTER: &str = "\
A panel for each value: its mean, the range over the pane's nodes where there is one, thresholds of the rules that
watch it; below it when their alerts stood, by severity. Where figures are missing the line is broken.

Examples:
  citysense plot --city beijing --from beijing/out --out smog.svg        the worst alert there was
  citysense plot --city fires --from fires/out --zone sdc02-e --value smoke heat co --out fire.svg";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// City directory of the replay
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
    /// Output directory of the replay
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// File to write, as SVG; - is standard output
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Id of the zone [default: that of the worst alert]
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<ZoneId>,
    /// Values, by their names in rules.toml [default: what the zone's worst alert is about]
    #[arg(long, value_name = "NAME", num_args = 1.., value_parser = value)]
    pub value: Vec<Value>,
    /// First moment, such as 2015-11-20T00:00:00+08:00 [default: all]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<Millis>,
    /// First moment that is left out
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<Millis>,
    /// [default: zone and values]
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Where the data is from [default: the first line of SOURCE.md in the city directory]
    #[arg(long, value_name = "TEXT")]
    pub source: Option<String>,
}

fn value(name: &str) -> Result<Value, String> {
    Value::from_name(name).ok_or_else(|| {
        let names: Vec<String> = Value::all().map(|value| value.to_string()).collect();
        let hint = nearest(name, names.iter().map(String::as_str));
        format!("no zone has a value of this name{hint}")
    })
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let city = city::load(&args.city, None)?;
    let written = || {
        let text = std::fs::read_to_string(args.city.join(SOURCE)).ok()?;
        text.lines().next().map(str::to_owned)
    };
    let wanted = Plot {
        zone: args.zone,
        values: args.value,
        span: args.since.unwrap_or(Millis::MIN)..args.until.unwrap_or(Millis::MAX),
        title: args.title,
        source: args.source.or_else(written),
    };
    anyhow::ensure!(
        args.from.join("alerts.ndjson").is_file(),
        "{}: no output of a replay is there (it would hold alerts.ndjson); make it with `citysense replay --out`",
        args.from.display()
    );
    let svg = plot(&city, &args.from, &wanted).context("plot")?;
    let out = &args.out;
    if out.as_os_str() == "-" {
        terminal::print(&svg)?;
        return Ok(ExitCode::SUCCESS);
    }
    std::fs::write(out, svg).with_context(|| out.display().to_string())?;
    terminal::tell(&format!("written: {}", out.display()))?;
    Ok(ExitCode::SUCCESS)
}
