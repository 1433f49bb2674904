//! `[open_data]`: on whose word, and on which terms, the city's figures are given to everybody.

use toml::de::DeValue;

use super::document::Section;
use super::value;

/// Longest of these texts in bytes; they stand in many answers.
const TEXT_LEN_MAX: usize = 256;

/// What catalogue, SensorThings and exports say of where the figures come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenDataSettings {
    /// New figures are also told on MQTT topics, as SensorThings asks.
    pub mqtt: bool,
    /// `None`: the city grants nothing, which is said too.
    pub licence: Option<Licence>,
    /// How to name the source.
    pub attribution: String,
    pub publisher: String,
    /// A `mailto:` or web address.
    pub contact: Option<String>,
    /// Under which address the gateway is reached; without one, the one that was asked.
    pub url: Option<String>,
}

/// A licence by its short name and the page that holds its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Licence {
    pub name: String,
    pub url: String,
}

/// Licences that are known by their SPDX names.
const LICENCES: [(&str, &str); 9] = [
    (
        "CC0-1.0",
        "https://creativecommons.org/publicdomain/zero/1.0/",
    ),
    ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),
    (
        "CC-BY-SA-4.0",
        "https://creativecommons.org/licenses/by-sa/4.0/",
    ),
    (
        "CC-BY-NC-4.0",
        "https://creativecommons.org/licenses/by-nc/4.0/",
    ),
    ("ODbL-1.0", "https://opendatacommons.org/licenses/odbl/1-0/"),
    ("ODC-By-1.0", "https://opendatacommons.org/licenses/by/1-0/"),
    ("PDDL-1.0", "https://opendatacommons.org/licenses/pddl/1-0/"),
    ("DL-DE-BY-2.0", "https://www.govdata.de/dl-de/by-2-0"),
    (
        "OGL-UK-3.0",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    ),
];

/// Reads `[open_data]`; who publishes is the city by its `name`, where nothing else is said.
pub(crate) fn resolve(mut section: Section<'_>, name: &str) -> OpenDataSettings {
    let settings = OpenDataSettings {
        mqtt: section.read("mqtt", value::boolean).unwrap_or(false),
        licence: section.read("licence", licence),
        attribution: section
            .read("attribution", text)
            .unwrap_or_else(|| name.to_owned()),
        publisher: section
            .read("publisher", text)
            .unwrap_or_else(|| name.to_owned()),
        contact: section.read("contact", contact),
        url: section.read("url", base),
    };
    section.finish();
    settings
}

fn text(value: &DeValue<'_>) -> Result<String, String> {
    let text = value::text(value)?;
    let text = text.trim();
    match !text.contains(char::is_control) && (1..=TEXT_LEN_MAX).contains(&text.len()) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "1 to {TEXT_LEN_MAX} bytes of plain text on one line are expected"
        )),
    }
}

fn licence(value: &DeValue<'_>) -> Result<Licence, String> {
    let text = text(value)?;
    if let Some((name, url)) = LICENCES.iter().find(|(name, _)| *name == text) {
        return Ok(Licence {
            name: (*name).to_owned(),
            url: (*url).to_owned(),
        });
    }
    match is_web(&text) {
        true => Ok(Licence {
            name: text.clone(),
            url: text,
        }),
        false => {
            let known = LICENCES.map(|(name, _)| name).join(", ");
            Err(format!(
                "no licence has the name `{text}`; known: {known}, or the address of its text"
            ))
        }
    }
}

/// An e-mail address is taken without its `mailto:` too.
fn contact(value: &DeValue<'_>) -> Result<String, String> {
    let text = text(value)?;
    let address = text.strip_prefix("mailto:").unwrap_or(&text);
    if is_web(&text) {
        Ok(text)
    } else if is_plain(address) && address.split('@').filter(|part| !part.is_empty()).count() == 2 {
        Ok(format!("mailto:{address}"))
    } else {
        Err(format!(
            "an e-mail address or a web address is expected, not `{text}`"
        ))
    }
}

fn base(value: &DeValue<'_>) -> Result<String, String> {
    let text = text(value)?;
    match is_web(&text) && !text.contains(['?', '#']) {
        true => Ok(text.trim_end_matches('/').to_owned()),
        false => Err(format!(
            "an address such as \"https://data.city.example\" is expected, not `{text}`"
        )),
    }
}

fn is_web(text: &str) -> bool {
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    is_plain(text) && host.is_some_and(|host| host.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

/// What may stand in an address as it is.
fn is_plain(text: &str) -> bool {
    let odd = |c: char| !c.is_ascii_graphic() || "<>\"{}|\\^`".contains(c);
    !text.is_empty() && !text.contains(odd)
}
