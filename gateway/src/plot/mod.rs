//! Figures of a replay as a drawing: what a zone's values were over time, beside the thresholds of the rules that
//! watch them, and when there were alerts.
//!
//! - [`outcome`]: the files that a replay wrote;
//! - [`sheet`]: the drawing; [`panel`]: one value of it.

mod outcome;
mod panel;
mod sheet;

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use pipeline::calendar::Millis;
use pipeline::rules::Value;
use wire::ZoneId;

use crate::city::LoadedCity;
use outcome::Outcome;

/// What to draw.
#[derive(Clone, Debug)]
pub struct Plot {
    /// Default: the zone of the worst alert.
    pub zone: Option<ZoneId>,
    /// One panel each; default: what the worst alert of the zone is about.
    pub values: Vec<Value>,
    /// What lies outside is left out.
    pub span: Range<Millis>,
    /// Default: the zone and the values.
    pub title: Option<String>,
    /// Where the readings come from.
    pub source: Option<String>,
}

/// Why there is no drawing.
#[derive(Debug)]
pub enum PlotError {
    Read(PathBuf, io::Error),
    /// A line of an output file that no replay writes.
    Line {
        path: PathBuf,
        line: u64,
        why: String,
    },
    NoZone(ZoneId),
    /// No alert, and nobody said what to draw.
    Nothing,
    /// The zone has no such figure in that time.
    NoFigures {
        zone: ZoneId,
        value: Value,
    },
}

impl fmt::Display for PlotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlotError::Read(path, error) => write!(f, "{}: {error}", path.display()),
            PlotError::Line { path, line, why } => write!(f, "{}:{line}: {why}", path.display()),
            PlotError::NoZone(zone) => write!(f, "zones.geojson has no zone `{zone}`"),
            PlotError::Nothing => {
                f.write_str("there is no alert: say with --zone and --value what to draw")
            }
            PlotError::NoFigures { zone, value } => {
                write!(f, "zone `{zone}` has no figure of {value} in that time")
            }
        }
    }
}

impl std::error::Error for PlotError {}

/// The drawing of a replay's output directory, as SVG.
pub fn plot(city: &LoadedCity, from: &Path, plot: &Plot) -> Result<String, PlotError> {
    let outcome = Outcome::read(city, from, plot)?;
    Ok(sheet::draw(city, &outcome, plot))
}
