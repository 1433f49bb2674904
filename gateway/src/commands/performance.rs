//! `citysense performance`: how well sensors agree with a reference that stood beside them.

mod report;
mod series;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use pipeline::calendar::{DAY, HOUR, MINUTE, Millis};
use pipeline::science::performance::targets::Targets;
use pipeline::science::performance::{Fit, Means, Precision, fit, lag, precision};
use wire::Quantity;

use crate::terminal;
use series::{Named, Reading};

const AFTER: &str = "\
Both are CSV with a header, plain or gzip, or - for standard input (in one place): `time` (RFC 3339 with offset, or integer milliseconds) and `value`; `node` names
several sensors of one file (else the file does), of `quantity` other ones are passed over, other columns mean nothing.
A reference of one name stands beside all sensors; of several, each beside the sensor of its name. Values must be in the
unit of the targets: ug/m3 for particles, ppb for O3, NO2 and SO2, ppm for CO. Negative values count as they are; empty
cells, NA, NaN and what --missing names are no values.

Means need more than 75 % of the values that an hour or day should have; the statistics are those of EPA's sensortoolkit.

Examples:
  citysense performance --quantity pm2_5 --sensor one.csv two.csv --reference station.csv
  citysense performance --quantity no2 --sensor s.csv --reference r.csv --average 1h --missing=-200 --json";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// What both measured; says which targets there are
    #[arg(long, value_name = "NAME", value_parser = quantity)]
    pub quantity: Quantity,
    /// What the sensors said
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub sensor: Vec<PathBuf>,
    /// What the reference instrument said
    #[arg(long, value_name = "FILE")]
    pub reference: PathBuf,
    /// 1h or 24h; both by default
    #[arg(long, value_name = "SPAN", value_parser = average)]
    pub average: Option<Millis>,
    /// A number that stands for no value
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub missing: Option<f64>,
    /// Days begin at midnight of this offset from UTC, such as +08:00
    #[arg(long, value_name = "OFFSET", default_value = "+00:00", allow_hyphen_values = true, value_parser = offset)]
    pub utc_offset: Millis,
    /// JSON
    #[arg(long)]
    pub json: bool,
}

/// All that is found for one length of means.
pub struct Findings {
    pub average: Millis,
    pub sensors: Vec<Finding>,
    /// Of sensors that share a reference.
    pub precision: Option<Precision>,
}

pub struct Finding {
    pub name: String,
    /// `None`: fewer than three intervals in common.
    pub fit: Option<Fit>,
    /// Its clock, or the reference's, seems to be off.
    pub lag: Option<lag::Lag>,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let (text, complaints) = answer(&args)?;
    for complaint in complaints {
        eprintln!("citysense: {complaint}");
    }
    terminal::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// What the command says, and what was wrong with the files.
pub fn answer(args: &Args) -> anyhow::Result<(String, Vec<String>)> {
    let reading = Reading {
        quantity: args.quantity,
        missing: args.missing,
    };
    let mut complaints = Vec::new();
    let mut read = |path: &Path| {
        let file = series::read(path, &reading).with_context(|| path.display().to_string())?;
        complaints.extend(
            file.complaints
                .iter()
                .map(|what| format!("{}: {what}", path.display())),
        );
        anyhow::Ok(file.series)
    };
    let references = read(&args.reference)?;
    let mut sensors: Vec<Named> = Vec::new();
    for path in &args.sensor {
        for sensor in read(path)? {
            if sensors.iter().any(|known| known.name == sensor.name) {
                bail!(
                    "two sensors are called `{}`: name them in a column `node`",
                    sensor.name
                );
            }
            sensors.push(sensor);
        }
    }
    let averages = args
        .average
        .map_or(vec![HOUR, DAY], |average| vec![average]);
    let found = averages.into_iter().map(|average| {
        let findings = find(&sensors, &references, average, args.utc_offset)?;
        anyhow::Ok(findings)
    });
    let found: Vec<Findings> = found.collect::<Result<_, _>>()?;
    let targets = Targets::of(args.quantity);
    let text = match args.json {
        true => report::json(args.quantity, targets, &found)?,
        false => report::text(args.quantity, targets, &found),
    };
    Ok((text, complaints))
}

fn find(
    sensors: &[Named],
    references: &[Named],
    average: Millis,
    offset: Millis,
) -> anyhow::Result<Findings> {
    let beside = |sensor: &Named| {
        let named = references
            .iter()
            .find(|reference| reference.name == sensor.name);
        let only = || references.first().filter(|_| references.len() == 1);
        let of = || format!("no reference is called `{}`", sensor.name);
        named.or_else(only).with_context(of)
    };
    let mut found = Vec::new();
    let mut means: Vec<Means> = Vec::new();
    for sensor in sensors {
        let reference = beside(sensor)?;
        let of_sensor = sensor.series.means(average, offset);
        let fit = fit(&of_sensor, &reference.series.means(average, offset));
        let hourly = |named: &Named| named.series.means(HOUR, 0);
        found.push(Finding {
            name: sensor.name.clone(),
            fit,
            lag: lag::best_lag(&hourly(sensor), &hourly(reference)),
        });
        means.push(of_sensor);
    }
    let precision = match references {
        [_] => precision(&means.iter().collect::<Vec<_>>()),
        _ => None,
    };
    Ok(Findings {
        average,
        sensors: found,
        precision,
    })
}

fn quantity(name: &str) -> Result<Quantity, String> {
    let hint = || crate::config::nearest(name, Quantity::all().map(Quantity::name));
    name.parse()
        .map_err(|_| format!("`{name}` is no quantity{}", hint()))
}

fn average(text: &str) -> Result<Millis, String> {
    match text {
        "1h" => Ok(HOUR),
        "24h" => Ok(DAY),
        _ => Err("1h or 24h is expected".to_owned()),
    }
}

fn offset(text: &str) -> Result<Millis, String> {
    let offset = || {
        let (sign, rest) = match text.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-", rest) => (-1, rest),
            _ => return None,
        };
        let (hours, minutes) = rest.split_once(':')?;
        let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
        let span = Millis::from(hours) * HOUR + Millis::from(minutes) * MINUTE;
        (hours <= 14 && minutes < 60).then_some(sign * span)
    };
    offset().ok_or_else(|| "an offset such as +08:00 is expected".to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_spans_are_read_and_others_refused() {
        assert_eq!(offset("+08:00"), Ok(8 * HOUR));
        assert_eq!(offset("-03:30"), Ok(-(3 * HOUR + 30 * MINUTE)));
        for bad in ["", "8", "+8", "+99:00", "+08:60", "é1:00"] {
            assert!(offset(bad).is_err(), "{bad}");
        }
        assert_eq!(average("24h"), Ok(DAY));
        assert!(average("8h").is_err());
        assert!(
            quantity("pm25")
                .unwrap_err()
                .contains("did you mean `pm2_5`?")
        );
    }
}
