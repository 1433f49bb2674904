//! From files to a [`LoadedCity`]: every part is read even when another is wrong, so that all errors come at once.

use std::path::Path;
use std::sync::Arc;

use pipeline::calendar::{Calendar, HOUR, Millis, SECOND, Span};
use pipeline::city::{City, Gate, Zone};
use pipeline::quality::QualityRule;
use pipeline::rules::Rule;
use wire::{Milli, Quantity};

use super::numbers::Numbers;
use super::{
    BadCity, LoadedCity, Sources, gates, leaks, neighbours, nodes, overlay, places, rules,
    sections, zones,
};
use crate::config::{self, CITY_TOML, CityFile, Problems, ScheduledAnchor, nearest};

/// Loads and checks the city directory `dir`. `previous` keeps the numbers of nodes, zones and rules.
pub fn load(dir: &Path, previous: Option<&LoadedCity>) -> Result<LoadedCity, BadCity> {
    load_numbered(
        dir,
        previous
            .map(|city| city.numbers.clone())
            .unwrap_or_default(),
    )
}

/// [`load`] with numbers that were kept elsewhere, such as in a journal.
pub fn load_numbered(dir: &Path, numbers: Numbers) -> Result<LoadedCity, BadCity> {
    let problems = Problems::default();
    let sources = Sources::read(dir, &problems);
    resolve(&sources, numbers, problems)
}

impl LoadedCity {
    /// Checks files that are already in memory.
    pub fn from_sources(
        sources: &Sources,
        previous: Option<&LoadedCity>,
    ) -> Result<LoadedCity, BadCity> {
        let numbers = previous
            .map(|city| city.numbers.clone())
            .unwrap_or_default();
        resolve(sources, numbers, Problems::default())
    }
}

impl Sources {
    /// The files of `dir`; what cannot be read goes to `problems` and counts as empty.
    fn read(dir: &Path, problems: &Problems) -> Sources {
        let optional = |name: &str| match std::fs::read(dir.join(name)) {
            Ok(bytes) => Some(String::from_utf8(bytes).unwrap_or_else(|error| {
                problems.add(name, None, "the file is not UTF-8 text");
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            })),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                problems.add(name, None, format!("the file cannot be read: {error}"));
                None
            }
        };
        let is_there = dir.is_dir();
        if !is_there {
            let name = dir.display().to_string();
            problems.add(&name, None, "there is no such directory");
        }
        let needed = |name: &str| {
            optional(name).unwrap_or_else(|| {
                if !is_there {
                    return String::new();
                }
                problems.add(
                    name,
                    None,
                    format!("there is no such file in {}", dir.display()),
                );
                String::new()
            })
        };
        Sources {
            city_toml: optional(CITY_TOML).unwrap_or_default(),
            zones_geojson: needed("zones.geojson"),
            nodes_csv: needed("nodes.csv"),
            gates_csv: optional("gates.csv"),
            rules_toml: optional("rules.toml"),
            places_geojson: optional("places.geojson"),
            map_geojson: optional(overlay::FILE),
            directory: dir.to_owned(),
        }
    }
}

fn resolve(
    sources: &Sources,
    mut numbers: Numbers,
    problems: Problems,
) -> Result<LoadedCity, BadCity> {
    let CityFile {
        id,
        mut settings,
        access,
        standards,
        silence_after,
        lateness,
        calendar,
        anchors,
        sections,
        water_classes,
        near_m,
        leaking,
    } = config::resolve(&sources.city_toml, &sources.directory, &problems);

    let mut zones = zones::resolve(&sources.zones_geojson, &mut numbers, &problems);
    sections::resolve(&sections, &mut zones, &problems);
    let named = zones.zones.iter().map(|zone| (zone.id, zone.kind.as_str()));
    settings.access = access.within(named, &problems);
    for zone in &mut zones.zones {
        zone.settings.water_classes = water_classes;
    }
    let nodes = nodes::resolve(&sources.nodes_csv, &zones, &mut numbers, &problems);
    let gates = match &sources.gates_csv {
        Some(text) => gates::resolve(text, &nodes, &zones, &problems),
        None => Vec::new(),
    };
    let around = rules::Surroundings {
        zones: &zones,
        calendar: &calendar,
        standards: &standards,
        silence_after,
        is_default: sources.rules_toml.is_none(),
    };
    if around.is_default {
        problems.note(
            "there is no rules.toml: the default rules are in force; `citysense rules` prints them",
        );
    }
    let text = sources.rules_toml.as_deref();
    let text = text.unwrap_or(rules::DEFAULT_RULES);
    let (rules, quality) = rules::resolve(text, &around, &mut numbers, &problems);
    let has_default_rules = around.is_default;
    let defaults = match has_default_rules {
        true => Vec::new(),
        false => defaults(&around, &numbers),
    };
    for anchor in anchors {
        match zones.by_id(&anchor.zone) {
            Some(zone) => settings.anchors.push(ScheduledAnchor {
                zone: zone.ix,
                at_minute: anchor.at_minute,
                count: anchor.count,
            }),
            None => {
                let hint = nearest(&anchor.zone, zones.ids());
                let message = format!(
                    "[[crowd.anchor]] zones.geojson has no zone `{}`{hint}",
                    anchor.zone
                );
                problems.add(CITY_TOML, None, message);
            }
        }
    }

    let places = match &sources.places_geojson {
        Some(text) => places::resolve(text, &problems),
        None => Vec::new(),
    };
    let overlay = match &sources.map_geojson {
        Some(text) => overlay::resolve(text, &problems),
        None => Vec::new(),
    };
    let leaks = leaks::lay_out(leaking, &places, &zones, &nodes.posts, &problems);

    let notes = problems.into_result().map_err(BadCity)?;
    let neighbours = neighbours::within(near_m, &zones.grounds);
    let mut calendar = with_horizons(calendar, |quantity| lateness.of(quantity), &rules, &quality);
    if nodes.nodes.iter().any(|node| node.correction.is_some()) {
        calendar.keep_humidity();
    }
    Ok(LoadedCity {
        city: Arc::new(City {
            id,
            hour_shift: hour_shift(&settings.time_zone),
            zones: with_few(zones.zones, &gates, settings.privacy_floor),
            nodes: nodes.nodes,
            gates,
            neighbours,
            standards,
            leaks,
            silence_after,
        }),
        calendar,
        rules: Arc::new(rules),
        quality: Arc::new(quality),
        has_default_rules,
        defaults: Arc::new(defaults),
        settings,
        notes,
        numbers,
        grounds: zones.grounds,
        posts: nodes.posts,
        places,
        overlay: Arc::new(overlay),
    })
}

/// The default rules that fit the city, for people to look at: they get no lasting numbers.
fn defaults(around: &rules::Surroundings<'_>, numbers: &Numbers) -> Vec<Rule> {
    let around = rules::Surroundings {
        is_default: true,
        ..*around
    };
    let nobody = Problems::default();
    rules::resolve(rules::DEFAULT_RULES, &around, &mut numbers.clone(), &nobody).0
}

/// What the privacy of few people asks of each zone's formulas.
fn with_few(mut zones: Vec<Zone>, gates: &[Gate], floor: u32) -> Vec<Zone> {
    for zone in &mut zones {
        let of_zone = |gate: &&Gate| [gate.from, gate.to].contains(&Some(zone.ix));
        let widths = gates.iter().filter(of_zone).map(|gate| gate.width);
        let narrowest = widths.filter(|width| *width > Milli::ZERO).min();
        zone.settings.fewest_people = Milli::whole(i64::from(floor));
        zone.settings.narrowest_gate = narrowest.unwrap_or(Milli::ZERO);
    }
    zones
}

/// Checks `text`, a `rules.toml`, against a city whose files are not at hand; `in_force` are the rules by whose windows
/// `calendar` has its horizons. Its quality rules are checked and left: what they look at is part of those horizons as
/// lateness. Answers the rules, and the calendar with the horizons that these need.
pub fn judge_rules(
    text: &str,
    city: &City,
    in_force: &[Rule],
    calendar: &Calendar,
    mut numbers: Numbers,
) -> Result<(Vec<Rule>, Calendar), BadCity> {
    let problems = Problems::default();
    let around = rules::Surroundings {
        zones: &zones::Zones::named(&city.zones),
        calendar,
        standards: &city.standards,
        silence_after: city.silence_after,
        is_default: false,
    };
    let (rules, _) = rules::resolve(text, &around, &mut numbers, &problems);
    problems.into_result().map_err(BadCity)?;
    let lateness = |quantity| {
        let horizon = calendar.span(quantity).horizon;
        (horizon - longest_window(quantity, in_force, &[])).max(0)
    };
    let calendar = with_horizons(calendar.clone(), lateness, &rules, &[]);
    Ok((rules, calendar))
}

/// Horizon of a quantity = longest window of a rule that uses it + lateness.
fn with_horizons(
    mut calendar: Calendar,
    lateness: impl Fn(Quantity) -> Millis,
    rules: &[Rule],
    quality: &[QualityRule],
) -> Calendar {
    for quantity in Quantity::all() {
        let span = calendar.span(quantity);
        let horizon = longest_window(quantity, rules, quality) + lateness(quantity);
        calendar.set(quantity, Span { horizon, ..span });
    }
    calendar
}

fn longest_window(quantity: Quantity, rules: &[Rule], quality: &[QualityRule]) -> Millis {
    let window = |rule: &Rule| match rules::sources(rule.condition.value).contains(&quantity) {
        true => rule.condition.raise_after.max(rule.condition.clear_after),
        false => 0,
    };
    let sensors = quality.iter().filter(|rule| rule.quantity == quantity);
    let windows = rules.iter().map(window);
    windows
        .chain(sensors.map(QualityRule::window))
        .max()
        .unwrap_or(0)
}

/// How far the zone's local hours are shifted against UTC hours: Kathmandu's by 45 minutes.
fn hour_shift(zone: &jiff::tz::TimeZone) -> Millis {
    // Any moment of recent years will do: clocks are put forward by whole hours (but on Lord Howe
    // Island, where the standard half of the year counts).
    const MIDYEAR_2026: i64 = 1_782_000_000;
    let offset = jiff::Timestamp::from_second(MIDYEAR_2026)
        .map(|moment| zone.to_offset(moment).seconds())
        .unwrap_or(0);
    (Millis::from(offset) * SECOND).rem_euclid(HOUR)
}
