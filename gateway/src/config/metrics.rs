//! `[metrics]`: how many series `/metrics` may have, and which values of the zones are among them.

use pipeline::rules::Value;
use toml::de::DeValue;

use super::document::Section;
use super::hint::nearest;
use super::value;

/// What the gateway says of itself and of the city as a whole needs most of it.
const SERIES_MIN: u32 = 500;
/// More than that is not for one scrape.
const SERIES_MAX: u32 = 100_000;
const SERIES_DEFAULT: u32 = 2_000;

/// What of the zones' figures `/metrics` shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricsSettings {
    /// Most series of one scrape, the gateway's own included.
    pub series: usize,
    /// These values and no others, the first one first; `None`: all, by how much depends on them.
    pub values: Option<Vec<Value>>,
}

impl Default for MetricsSettings {
    fn default() -> MetricsSettings {
        MetricsSettings {
            series: SERIES_DEFAULT as usize,
            values: None,
        }
    }
}

/// Reads `[metrics]`.
pub(crate) fn resolve(mut section: Section<'_>) -> MetricsSettings {
    let default = MetricsSettings::default();
    let series = section.read("series", value::whole(SERIES_MIN..=SERIES_MAX));
    let values = section.read("values", values);
    section.finish();
    MetricsSettings {
        series: series.map_or(default.series, |series| series as usize),
        values: values.or(default.values),
    }
}

fn values(value: &DeValue<'_>) -> Result<Vec<Value>, String> {
    let items = value.as_array().ok_or("a list of values is expected")?;
    let mut values = Vec::new();
    for item in items {
        let name = value::text(item.get_ref())?;
        let shown = Value::from_name(&name).filter(|value| *value != Value::Silence);
        let Some(shown) = shown else {
            let names: Vec<String> = Value::all().map(|value| value.to_string()).collect();
            let hint = nearest(&name, names.iter().map(String::as_str));
            return Err(format!("no zone has a value `{name}`{hint}"));
        };
        if !values.contains(&shown) {
            values.push(shown);
        }
    }
    Ok(values)
}
