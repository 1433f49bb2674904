//! `[alertmanager]`: where open alerts are pushed to, and how often.

use axum::http::Uri;
use pipeline::calendar::{HOUR, MINUTE, Millis, SECOND};
use toml::de::DeValue;

use super::document::Section;
use super::value;

/// More often than this is a flood of what is known already; less often, and what a dead gateway left open stays open
/// for the better part of a day.
const EVERY_MIN: Millis = SECOND;
const EVERY_MAX: Millis = 6 * HOUR;
const EVERY_DEFAULT: Millis = MINUTE;

/// The Prometheus Alertmanager that open alerts are pushed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertmanagerSettings {
    /// `http://host:port`, with a path when it has one, without a slash at the end.
    pub url: String,
    /// An open alert is said again so often, in milliseconds.
    pub every: Millis,
    /// Where people find the operations page, for links; by default where the gateway serves it.
    pub page: Option<String>,
}

/// Reads `[alertmanager]`; without it nothing is pushed.
pub(crate) fn resolve(mut section: Section<'_>, is_there: bool) -> Option<AlertmanagerSettings> {
    if !is_there {
        section.finish();
        return None;
    }
    let url = section.need("url", url);
    let every = section.read("every", every);
    let page = section.read("page", page);
    section.finish();
    Some(AlertmanagerSettings {
        url: url?,
        every: every.unwrap_or(EVERY_DEFAULT),
        page,
    })
}

fn url(value: &DeValue<'_>) -> Result<String, String> {
    let text = value::text(value)?;
    match address(&text, &["http"]) {
        Some(url) => Ok(url),
        None if text.starts_with("https://") => Err(
            "https is not spoken yet; name a proxy on this machine that does, by http://127.0.0.1:…"
                .to_owned(),
        ),
        // Not said again: it may hold a password.
        None => Err("an address such as \"http://127.0.0.1:9093\" is expected, without user and query".to_owned()),
    }
}

fn page(value: &DeValue<'_>) -> Result<String, String> {
    let text = value::text(value)?;
    address(&text, &["http", "https"]).ok_or_else(|| {
        format!("an address such as \"https://wall.example\" is expected, not `{text}`")
    })
}

fn every(value: &DeValue<'_>) -> Result<Millis, String> {
    match value::duration(value)? {
        every if (EVERY_MIN..=EVERY_MAX).contains(&every) => Ok(every),
        _ => Err("must be at least 1s and at most 6h".to_owned()),
    }
}

/// `text` without slashes at its end, if it is an address of one of `schemes` and nothing more than that.
fn address(text: &str, schemes: &[&str]) -> Option<String> {
    let uri: Uri = text.parse().ok()?;
    let scheme = uri.scheme_str()?;
    let authority = uri.authority()?;
    let is_plain = !authority.as_str().contains('@') && uri.query().is_none();
    let is_fit = schemes.contains(&scheme) && is_plain && !authority.host().is_empty();
    is_fit.then(|| text.trim_end_matches('/').to_owned())
}
