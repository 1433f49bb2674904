//! A city directory, loaded and checked as a whole: all errors at once, each with file and line.
//!
//! What passes here is valid by construction: the pipeline gets dense numbers, the page gets polygons and
//! names, the gateway gets settings with units in their types.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use geo::MultiPolygon;
use pipeline::calendar::Calendar;
use pipeline::city::{City, NodeIx, ZoneIx};
use pipeline::quality::QualityRule;
use pipeline::rules::Rule;
use wire::Quantity;

use crate::config::show_duration;

mod escalation;
mod features;
mod gates;
mod leaks;
mod load;
mod neighbours;
mod nodes;
mod numbers;
mod overlay;
mod places;
mod quality;
mod rules;
mod secret;
mod sections;
mod table;
mod watch;
mod zones;

pub use crate::config::{ConfigError, Settings};
pub use load::{judge_rules, load, load_numbered};
pub use numbers::Numbers;
pub use overlay::Drawn;
pub use places::Landmark;
pub use quality::describe as describe_quality;
pub use rules::{DEFAULT_RULES, describe as describe_rule, sources as value_sources};
pub use secret::{SECRET_LEN, SecretError, secret, write_private};
pub use watch::{Reload, Watch};

/// A checked city directory.
#[derive(Clone, Debug)]
pub struct LoadedCity {
    /// What the dataflow knows of the city.
    pub city: Arc<City>,
    /// Ordered as in `rules.toml`.
    pub rules: Arc<Vec<Rule>>,
    /// What sensors must not do, ordered as in `rules.toml`.
    pub quality: Arc<Vec<QualityRule>>,
    /// Widths and lifetimes of panes; a running dataflow cannot change them.
    pub calendar: Calendar,
    pub settings: Settings,
    /// There is no `rules.toml`: the default rules are in force.
    pub has_default_rules: bool,
    /// Default rules that fit the city where it has rules of its own.
    pub defaults: Arc<Vec<Rule>>,
    /// What people should know but nothing stops at, such as a city without rules.
    pub notes: Vec<String>,
    /// Which name has which number, for all names that ever were.
    numbers: Numbers,
    /// By place in `city.zones`.
    grounds: Vec<Ground>,
    /// By place in `city.nodes`.
    posts: Vec<Post>,
    places: Vec<Landmark>,
    overlay: Arc<Vec<Drawn>>,
}

/// A zone as a map shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ground {
    pub zone: ZoneIx,
    /// Longitude and latitude in degrees, WGS 84.
    pub polygon: MultiPolygon<f64>,
    /// How many people the zone is made for, where somebody said so.
    pub capacity: Option<u32>,
}

/// A node as a map and the people who care for it know it.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    pub node: NodeIx,
    /// Longitude and latitude in degrees, WGS 84.
    pub position: Option<(f64, f64)>,
    /// Who looks after it; free text, may be empty.
    pub owner: String,
    /// Least generation of keys that may speak for it; older ones are shut out.
    pub generation: Option<u8>,
    /// Time between two of its readings, and between two of its frames, where `nodes.csv` says it.
    pub sample: Option<pipeline::calendar::Millis>,
    pub period: Option<pipeline::calendar::Millis>,
}

/// The files of a city directory as text; demo and tests make them in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    pub city_toml: String,
    pub zones_geojson: String,
    pub nodes_csv: String,
    /// `None`: the city has no in/out counters.
    pub gates_csv: Option<String>,
    /// `None`: the default rules are in force.
    pub rules_toml: Option<String>,
    /// `None`: no place is named when something reaches it.
    pub places_geojson: Option<String>,
    /// `None`: the map shows zones only.
    pub map_geojson: Option<String>,
    /// The directory that relative paths in `city.toml` start from.
    pub directory: PathBuf,
}

/// A city directory with mistakes, as one error for the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCity(pub Vec<ConfigError>);

impl fmt::Display for BadCity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = &self.0;
        let plural = if errors.len() == 1 { "" } else { "s" };
        write!(f, "{} error{plural} in the city directory", errors.len())?;
        errors.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

impl std::error::Error for BadCity {}

impl LoadedCity {
    /// The zone's outline and capacity.
    pub fn ground(&self, zone: ZoneIx) -> Option<&Ground> {
        self.grounds.iter().find(|ground| ground.zone == zone)
    }

    /// The node's position and owner.
    pub fn post(&self, node: NodeIx) -> Option<&Post> {
        self.posts.iter().find(|post| post.node == node)
    }

    pub fn grounds(&self) -> &[Ground] {
        &self.grounds
    }

    pub fn time_zone_name(&self) -> &str {
        self.settings.time_zone.iana_name().unwrap_or("UTC")
    }

    /// Pane width and horizon of the quantities that nodes declare, one line for all that are alike.
    pub fn horizons(&self) -> Vec<String> {
        let declared = |quantity: &Quantity| {
            self.city
                .nodes
                .iter()
                .any(|node| node.quantities.contains(quantity))
        };
        let mut alike: Vec<(pipeline::calendar::Span, Vec<&str>)> = Vec::new();
        for quantity in Quantity::all().filter(declared) {
            let span = self.calendar.span(quantity);
            match alike.iter_mut().find(|(known, _)| *known == span) {
                Some((_, names)) => names.push(quantity.name()),
                None => alike.push((span, vec![quantity.name()])),
            }
        }
        let line = |(span, names): (pipeline::calendar::Span, Vec<&str>)| {
            let (width, horizon) = (show_duration(span.width), show_duration(span.horizon));
            format!(
                "panes of {width}, corrected for {horizon}: {}",
                names.join(" ")
            )
        };
        alike.into_iter().map(line).collect()
    }

    pub fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    pub fn posts(&self) -> &[Post] {
        &self.posts
    }

    /// Hospitals, schools and other places that are named when something reaches them.
    pub fn places(&self) -> &[Landmark] {
        &self.places
    }

    /// Streets, water and what else the map shows beside zones.
    pub fn overlay(&self) -> &Arc<Vec<Drawn>> {
        &self.overlay
    }
}
