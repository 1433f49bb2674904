//! `[[source]]` of `city.toml`: places from which gas or smoke may leak.

use pipeline::leaks::Level;
use pipeline::science::plume::Terrain;
use pipeline::science::plume::levels::aegl_one_hour;
use pipeline::science::plume::stability::Stability;
use toml::de::DeValue;
use wire::{Milli, Quantity, SourceId};

use super::document::Section;
use super::value;

/// What spreads as a plume and is measured.
const GASES: [Quantity; 8] = [
    Quantity::H2s,
    Quantity::Nh3,
    Quantity::Cl2,
    Quantity::Co,
    Quantity::So2,
    Quantity::No2,
    Quantity::Ch4,
    Quantity::Smoke,
];

/// Chimneys are not higher.
const HEIGHT_MAX: Milli = Milli::whole(500);

/// A source whose place in the city is still to be found.
pub(crate) struct RawSource {
    /// Where it stands in `city.toml`.
    pub(crate) line: u32,
    pub(crate) id: SourceId,
    pub(crate) name: String,
    pub(crate) lon: f64,
    pub(crate) lat: f64,
    pub(crate) height: Milli,
    pub(crate) terrain: Terrain,
    pub(crate) stability: Option<Stability>,
    pub(crate) gases: Vec<(Quantity, Vec<Level>)>,
}

/// All of them; what is wrong is said and left out.
pub(super) fn resolve(sections: Vec<Section<'_>>) -> Vec<RawSource> {
    let mut known: Vec<RawSource> = Vec::new();
    for section in sections {
        known.extend(source(section, &known));
    }
    known
}

fn source(mut section: Section<'_>, known: &[RawSource]) -> Option<RawSource> {
    let id: Option<SourceId> = section.need("id", value::parsed);
    if let Some(id) = id {
        section.call(format!("source {id}"));
    }
    let name = section.read("name", value::text);
    let lon = section.need("lon", degrees(180.0));
    let lat = section.need("lat", degrees(90.0));
    let height = section.read("height_m", height).unwrap_or_default();
    let terrain = section.read("terrain", terrain).unwrap_or(Terrain::Urban);
    let stability = section.read("stability", stability).flatten();
    let quantities = section.need("quantities", quantities);
    let own = section.read("levels", levels);
    let gases = quantities.and_then(|quantities| gases(&section, &quantities, own));
    if let Some(id) = id.filter(|id| known.iter().any(|source| source.id == *id)) {
        section.problem(format!("the source `{id}` is there twice"));
        section.finish();
        return None;
    }
    let line = section.line();
    section.finish();
    let id = id?;
    Some(RawSource {
        line,
        id,
        name: name.unwrap_or_else(|| id.to_string()),
        lon: lon?,
        lat: lat?,
        height,
        terrain,
        stability,
        gases: gases?,
    })
}

/// Each gas with its levels: those that are written down, or AEGL for one hour.
fn gases(
    section: &Section<'_>,
    quantities: &[Quantity],
    own: Option<Vec<Milli>>,
) -> Option<Vec<(Quantity, Vec<Level>)>> {
    if own.is_some() && quantities.len() != 1 {
        let message = "levels are those of one quantity; write a [[source]] for each";
        section.problem(message.to_owned());
        return None;
    }
    let mut gases = Vec::new();
    for &quantity in quantities {
        let levels: Vec<Level> = match &own {
            Some(own) => own
                .iter()
                .zip(1..)
                .map(|(from, n)| level("level", n, *from))
                .collect(),
            None => (1..)
                .zip(aegl_one_hour(quantity))
                .filter_map(|(n, from)| Some(level("AEGL", n, from?)))
                .collect(),
        };
        if levels.is_empty() {
            section.problem(format!(
                "there is no AEGL for {quantity}: give it levels, such as levels = [5, 20], in {}",
                quantity.unit()
            ));
            return None;
        }
        gases.push((quantity, levels));
    }
    Some(gases)
}

fn level(of: &str, number: i32, from: Milli) -> Level {
    Level {
        name: format!("{of}-{number}"),
        from,
    }
}

fn degrees(most: f64) -> impl Fn(&DeValue<'_>) -> Result<f64, String> {
    move |value| {
        let number = match value {
            DeValue::Integer(integer) => integer.as_str().parse::<f64>().ok(),
            DeValue::Float(float) => float.as_str().parse().ok(),
            _ => None,
        };
        let inside = number.filter(|number| number.abs() <= most);
        inside.ok_or_else(|| format!("degrees from -{most} to {most} are expected"))
    }
}

fn height(value: &DeValue<'_>) -> Result<Milli, String> {
    let height = value::decimal(value)?;
    match (Milli::ZERO..=HEIGHT_MAX).contains(&height) {
        true => Ok(height),
        false => Err(format!("metres from 0 to {HEIGHT_MAX} are expected")),
    }
}

fn terrain(value: &DeValue<'_>) -> Result<Terrain, String> {
    let name = value::text(value)?;
    Terrain::from_name(&name).ok_or_else(|| format!("urban or rural is expected, not `{name}`"))
}

/// A class, or `auto`.
fn stability(value: &DeValue<'_>) -> Result<Option<Stability>, String> {
    let name = value::text(value)?;
    if name == "auto" {
        return Ok(None);
    }
    let class = Stability::from_name(&name);
    class.map(Some).ok_or_else(|| {
        format!("a class from A to F is expected, or auto (by wind and light), not `{name}`")
    })
}

fn quantities(value: &DeValue<'_>) -> Result<Vec<Quantity>, String> {
    let known = || GASES.map(Quantity::name).join(", ");
    let items = value.as_array().filter(|items| !items.is_empty());
    let items = items.ok_or_else(|| format!("a list of {} is expected", known()))?;
    let mut quantities = Vec::new();
    for item in items.iter() {
        let name = value::text(item.get_ref())?;
        let gas = GASES.into_iter().find(|gas| gas.name() == name);
        let gas = gas.ok_or_else(|| format!("`{name}` does not spread as a plume: {}", known()))?;
        if !quantities.contains(&gas) {
            quantities.push(gas);
        }
    }
    Ok(quantities)
}

/// At least one, rising, above zero.
fn levels(value: &DeValue<'_>) -> Result<Vec<Milli>, String> {
    let expected = || "a list of rising numbers above zero is expected".to_owned();
    let items = value.as_array().ok_or_else(expected)?;
    let levels: Vec<Milli> = items
        .iter()
        .map(|item| value::decimal(item.get_ref()))
        .collect::<Result<_, _>>()?;
    let rises = levels.first().is_some_and(|first| *first > Milli::ZERO)
        && levels.windows(2).all(|pair| pair[0] < pair[1]);
    rises.then_some(levels).ok_or_else(expected)
}
