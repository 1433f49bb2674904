//! `[cap]`: who speaks in CAP messages, to whom, and for how long.

use pipeline::calendar::{DAY, HOUR, MINUTE, Millis};
use toml::de::DeValue;
use wire::CityId;

use super::document::Section;
use super::value;

/// Longest sender and restriction in bytes; each stands in every message, the sender in every reference too.
const TEXT_LEN_MAX: usize = 128;
/// A shorter life would need a renewal every few seconds, a longer one outlives what anybody still believes.
const LIFETIME_MIN: Millis = MINUTE;
const LIFETIME_MAX: Millis = 31 * DAY;

/// What CAP messages say of themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapSettings {
    /// CAP's `sender`: unique in the world by whoever assigns it; no spaces, commas, `<` or `&`.
    pub sender: String,
    pub scope: Scope,
    /// How long after it was sent a message expires, in milliseconds; an open alert is renewed before.
    pub lifetime: Millis,
}

/// For whom a message is meant. CAP's `Private` needs a list of addresses, which topics do not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    Public,
    /// Only for those whom the text names.
    Restricted(String),
}

impl Default for CapSettings {
    fn default() -> CapSettings {
        CapSettings {
            sender: "citysense".to_owned(),
            scope: Scope::Public,
            lifetime: 6 * HOUR,
        }
    }
}

/// Reads `[cap]` of the city `id`.
pub(crate) fn resolve(mut section: Section<'_>, id: CityId) -> CapSettings {
    let default = CapSettings::default();
    let sender = section.read("sender", sender);
    let is_restricted = section.read("scope", is_restricted).unwrap_or(false);
    let restriction = section.read("restriction", restriction);
    let lifetime = section.read("expires", lifetime);
    let scope = match (is_restricted, restriction) {
        (false, None) => Scope::Public,
        (true, Some(restriction)) => Scope::Restricted(restriction),
        (is_restricted, _) => {
            section.problem(
                "scope = \"restricted\" and restriction belong together; one is missing".to_owned(),
            );
            // Never wider than somebody may have meant.
            match is_restricted {
                true => Scope::Restricted(String::new()),
                false => Scope::Public,
            }
        }
    };
    section.finish();
    CapSettings {
        sender: sender.unwrap_or_else(|| format!("{}-{id}", default.sender)),
        scope,
        lifetime: lifetime.unwrap_or(default.lifetime),
    }
}

fn sender(value: &DeValue<'_>) -> Result<String, String> {
    let sender = value::text(value)?;
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, ',' | '<' | '&');
    match sender.chars().all(is_plain) && (1..=TEXT_LEN_MAX).contains(&sender.len()) {
        true => Ok(sender),
        false => Err(format!(
            "1 to {TEXT_LEN_MAX} plain characters without spaces, commas, < and & are expected, \
             such as \"alerts@city.example\", not `{sender}`"
        )),
    }
}

fn is_restricted(value: &DeValue<'_>) -> Result<bool, String> {
    match value::text(value)?.as_str() {
        "public" => Ok(false),
        "restricted" => Ok(true),
        other => Err(format!("public or restricted is expected, not `{other}`")),
    }
}

fn restriction(value: &DeValue<'_>) -> Result<String, String> {
    let text = value::text(value)?;
    let text = text.trim();
    let is_plain = !text.contains(char::is_control);
    match is_plain && (1..=TEXT_LEN_MAX).contains(&text.len()) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "1 to {TEXT_LEN_MAX} bytes of plain text are expected"
        )),
    }
}

fn lifetime(value: &DeValue<'_>) -> Result<Millis, String> {
    match value::duration(value)? {
        lifetime if (LIFETIME_MIN..=LIFETIME_MAX).contains(&lifetime) => Ok(lifetime),
        _ => Err("must be at least 1m and at most 31d".to_owned()),
    }
}
