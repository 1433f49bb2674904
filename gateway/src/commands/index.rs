//! `citysense index`: air quality index, row by row.

mod complaints;
mod heads;
mod rows;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use pipeline::science::air::Standard;

use complaints::Complaints;
use rows::{IndexError, add_index};

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// The published index: us-epa-2024, us-epa-2012, cn-hj633-2026, cn-hj633-2012 or eaqi-2025
    #[arg(long, value_name = "NAME", value_parser = standard)]
    standard: Standard,
    /// CSV with a header; `-` is standard input
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
}

const AFTER: &str = "\
Columns are <quantity>_<averaging>, such as pm2_5_24h, o3_8h or co_1h, in the unit of the standard's own table
unless the head says another: o3_8h[ppb] (ug/m3, mg/m3, ppm, ppb; at 25 Cel, for eaqi-2025 at
20). Other columns pass through.
Added are index, category and primary, the pollutants that reach the index with commas between. A row without a defined index has them empty; what could not be read is
said on standard error with its line, and leaves its row without an index.

Examples:
  citysense index --standard us-epa-2024 --input days.csv > days-with-index.csv
  zcat hours.csv.gz | citysense index --standard cn-hj633-2026 --input - | head";

/// The table with its index goes to standard output, complaints to standard error.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let input: Box<dyn Read> = if args.input.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        let file = File::open(&args.input)
            .with_context(|| format!("cannot open {}", args.input.display()))?;
        Box::new(BufReader::new(file))
    };
    let mut complaints = Complaints::to(io::stderr().lock());
    let output = BufWriter::new(io::stdout().lock());
    match add_index(args.standard, input, output, &mut complaints) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        // Whoever reads us has seen enough, as `head` does.
        Err(IndexError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Err(error).with_context(|| match args.input.as_os_str() {
            dash if dash == "-" => "standard input".to_owned(),
            _ => args.input.display().to_string(),
        }),
    }
}

fn standard(name: &str) -> Result<Standard, String> {
    Standard::from_name(name).ok_or_else(|| {
        let known = Standard::ALL.map(Standard::name).join(", ");
        format!("unknown standard; known are {known}")
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn an_unknown_standard_names_the_known() {
        let line = ["index", "--standard", "us-epa-1999", "--input", "-"];
        let message = Line::try_parse_from(line).unwrap_err().to_string();
        assert!(message.contains("us-epa-2024, cn-hj633-2026"), "{message}");
    }
}
