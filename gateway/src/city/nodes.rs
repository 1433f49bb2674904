//! `nodes.csv`: who is expected to speak, and where they stand.

use std::collections::HashMap;

use pipeline::calendar::{HOUR, Millis, SECOND};
use pipeline::city::Node;
use pipeline::science::air::correction::Correction;
use wire::settings::{PERIOD_MS_MAX, SAMPLE_MS_MIN};
use wire::{Milli, NodeId, Quantity};

use super::Post;
use super::numbers::Numbers;
use super::table::{Row, rows};
use super::zones::{Zones, is_place};
use crate::config::{Problems, nearest, parse_duration};

const FILE: &str = "nodes.csv";
const COLUMNS: [&str; 11] = [
    "node",
    "lon",
    "lat",
    "zone",
    "quantities",
    "weight",
    "period",
    "owner",
    "sample",
    "generation",
    "correction",
];
// Places in `COLUMNS`.
const NODE: usize = 0;
const LON: usize = 1;
const LAT: usize = 2;
const ZONE: usize = 3;
const QUANTITIES: usize = 4;
const WEIGHT: usize = 5;
const PERIOD: usize = 6;
const OWNER: usize = 7;
const SAMPLE: usize = 8;
const GENERATION: usize = 9;
const CORRECTION: usize = 10;

/// A node is silent once it has missed this many of its periods: one lost frame is no silence.
const PERIODS_MISSED: Millis = 3;

pub(crate) struct Nodes {
    pub(crate) nodes: Vec<Node>,
    /// In the order of `nodes`.
    pub(crate) posts: Vec<Post>,
    by_id: HashMap<NodeId, usize>,
}

impl Nodes {
    pub(crate) fn by_id(&self, id: &str) -> Option<&Node> {
        let id = NodeId::new(id).ok()?;
        self.by_id.get(&id).map(|&place| &self.nodes[place])
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().map(|node| node.id.as_str())
    }
}

/// Reads `nodes.csv`; what is wrong goes to `problems`.
pub(crate) fn resolve(
    text: &str,
    zones: &Zones,
    numbers: &mut Numbers,
    problems: &Problems,
) -> Nodes {
    let mut nodes = Nodes {
        nodes: Vec::new(),
        posts: Vec::new(),
        by_id: HashMap::new(),
    };
    if !problems.none_in(FILE) {
        return nodes;
    }
    let mut lines = Vec::new();
    for row in rows(FILE, text, &COLUMNS, problems) {
        let complain = |message: String| problems.add(FILE, Some(row.line), message);
        let id = match NodeId::new(row.cell(NODE)) {
            Ok(id) => id,
            Err(error) => {
                complain(format!("node `{}`: {error}", row.cell(NODE)));
                continue;
            }
        };
        if let Some(&earlier) = nodes.by_id.get(&id) {
            let earlier: u32 = lines[earlier];
            complain(format!(
                "node `{id}` is there twice; first in line {earlier}"
            ));
            continue;
        }
        let position = position(&row, &complain);
        let (sample, period) = periods(&row, &complain);
        let ix = numbers.node(id);
        let node = Node {
            ix,
            id,
            zone: zone(&row, position, zones, problems),
            quantities: quantities(&row, &complain),
            weight: weight(&row, &complain),
            silent_after: period.map(|period| period * PERIODS_MISSED),
            correction: correction(&row, &complain),
        };
        nodes.by_id.insert(id, nodes.nodes.len());
        nodes.nodes.push(node);
        let owner = row.cell(OWNER).to_owned();
        nodes.posts.push(Post {
            node: ix,
            position,
            owner,
            generation: generation(&row, &complain),
            sample,
            period,
        });
        lines.push(row.line);
    }
    if nodes.nodes.is_empty() && problems.none_in(FILE) {
        problems.add(FILE, None, "there is no node; a city needs at least one");
    }
    note_strays(&nodes, zones, problems);
    nodes
}

fn position(row: &Row, complain: &impl Fn(String)) -> Option<(f64, f64)> {
    let (lon, lat) = (row.cell(LON), row.cell(LAT));
    if lon.is_empty() && lat.is_empty() {
        return None;
    }
    match (lon.parse(), lat.parse()) {
        (Ok(lon), Ok(lat)) if is_place(lon, lat) => Some((lon, lat)),
        _ => {
            complain(format!(
                "`{lon},{lat}` is no longitude and latitude in degrees"
            ));
            None
        }
    }
}

/// The zone that is named, or else the one whose outline holds the node.
fn zone(
    row: &Row,
    position: Option<(f64, f64)>,
    zones: &Zones,
    problems: &Problems,
) -> Option<pipeline::city::ZoneIx> {
    let name = row.cell(ZONE);
    if name.is_empty() {
        return position
            .and_then(|place| zones.around(place))
            .map(|zone| zone.ix);
    }
    let Some(zone) = zones.by_id(name) else {
        let hint = nearest(name, zones.ids());
        problems.add(
            FILE,
            Some(row.line),
            format!("zones.geojson has no zone `{name}`{hint}"),
        );
        return None;
    };
    // A gate's counter stands where its zones meet.
    let at_gate = row.cell(QUANTITIES).split_whitespace().any(|name| {
        [Quantity::PersonsIn, Quantity::PersonsOut]
            .map(Quantity::name)
            .contains(&name)
    });
    if !at_gate && position.is_some_and(|place| !zones.holds(zone.id, place)) {
        problems.note(format!(
            "{FILE}:{}: node `{}` stands outside its zone `{name}`",
            row.line,
            row.cell(NODE)
        ));
    }
    Some(zone.ix)
}

fn quantities(row: &Row, complain: &impl Fn(String)) -> Vec<Quantity> {
    let mut quantities: Vec<Quantity> = Vec::new();
    for name in row.cell(QUANTITIES).split_whitespace() {
        match name.parse() {
            Ok(quantity) => quantities.push(quantity),
            Err(_) => {
                let hint = nearest(name, Quantity::all().map(Quantity::name));
                complain(format!("no quantity has the name `{name}`{hint}"));
            }
        }
    }
    quantities.sort();
    quantities.dedup();
    quantities
}

fn weight(row: &Row, complain: &impl Fn(String)) -> Milli {
    match row.cell(WEIGHT) {
        "" => Milli::ONE,
        text => match text.parse::<Milli>() {
            Ok(weight) if weight > Milli::ZERO && weight <= Milli::whole(1_000_000) => weight,
            _ => {
                complain(format!(
                    "weight must be a number of at least 0.001, not `{text}`"
                ));
                Milli::ONE
            }
        },
    }
}

/// Which of the node's keys are the oldest that count.
fn generation(row: &Row, complain: &impl Fn(String)) -> Option<u8> {
    let text = row.cell(GENERATION);
    if text.is_empty() {
        return None;
    }
    let number = text.parse().ok().filter(|&number: &u8| number > 0);
    if number.is_none() {
        complain(format!("generation must be 1 to 255, not `{text}`"));
    }
    number
}

/// How the node's fine particles are corrected for humidity.
fn correction(row: &Row, complain: &impl Fn(String)) -> Option<Correction> {
    let text = row.cell(CORRECTION);
    if text.is_empty() || text == "none" {
        return None;
    }
    let correction = Correction::from_name(text);
    if correction.is_none() {
        let known = Correction::ALL.map(Correction::name);
        let hint = nearest(text, known);
        complain(format!(
            "no correction has the name `{text}`{hint}; known: none, {}",
            known.join(", ")
        ));
    }
    correction
}

/// How often the node measures, and how often it speaks.
fn periods(row: &Row, complain: &impl Fn(String)) -> (Option<Millis>, Option<Millis>) {
    let [sample, period] = [SAMPLE, PERIOD].map(|column| time(row, column, complain));
    for (column, time) in [(SAMPLE, sample), (PERIOD, period)] {
        let (least, most) = (Millis::from(SAMPLE_MS_MIN), Millis::from(PERIOD_MS_MAX));
        if time.is_some_and(|time| !(least..=most).contains(&time)) {
            complain(format!(
                "{} must be {least} ms to {} h",
                COLUMNS[column],
                most / HOUR
            ));
        }
    }
    if let (Some(sample), Some(period)) = (sample, period)
        && period < sample
    {
        complain("a period shorter than sample: there would be frames without readings".to_owned());
    }
    (sample, period)
}

/// `60s`, or a bare number of seconds.
fn time(row: &Row, column: usize, complain: &impl Fn(String)) -> Option<Millis> {
    let (name, text) = (COLUMNS[column], row.cell(column));
    if text.is_empty() {
        return None;
    }
    let seconds = text
        .parse::<u32>()
        .map(|seconds| Millis::from(seconds) * SECOND);
    match seconds.or_else(|_| parse_duration(text)) {
        Ok(period) if period > 0 => Some(period),
        Ok(_) => {
            complain(format!("{name} must be longer than nothing"));
            None
        }
        Err(message) => {
            complain(format!("{name}: {message}"));
            None
        }
    }
}

/// Nodes that no zone hears, and zones that hear no node.
fn note_strays(nodes: &Nodes, zones: &Zones, problems: &Problems) {
    let strays: Vec<&str> = nodes
        .nodes
        .iter()
        .filter(|node| node.zone.is_none())
        .map(|node| node.id.as_str())
        .collect();
    if let [first, ..] = strays.as_slice() {
        problems.note(format!(
            "{} in no zone, such as `{first}`: no figure uses what they say",
            count(strays.len(), "node stands", "nodes stand")
        ));
    }
    let heard: std::collections::HashSet<_> =
        nodes.nodes.iter().filter_map(|node| node.zone).collect();
    let deaf: Vec<&str> = zones
        .zones
        .iter()
        .filter(|zone| !heard.contains(&zone.ix))
        .map(|zone| zone.id.as_str())
        .collect();
    if let [first, ..] = deaf.as_slice() {
        problems.note(format!(
            "{} no node, such as `{first}`",
            count(deaf.len(), "zone has", "zones have")
        ));
    }
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
