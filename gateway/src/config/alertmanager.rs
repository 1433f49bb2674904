//! `[alertmanager]`: where open alerts are pushed to, as whom, and how often.

use std::path::{Path, PathBuf};

use axum::http::Uri;
use pipeline::calendar::{HOUR, MINUTE, Millis, SECOND};
use toml::de::DeValue;

use super::document::Section;
use super::{Identity, Login, Trust, value};

/// More often than this is a flood of what is known already; less often, and what a dead gateway left open stays open
/// for the better part of a day.
const EVERY_MIN: Millis = SECOND;
pub(crate) const EVERY_MAX: Millis = 6 * HOUR;
const EVERY_DEFAULT: Millis = MINUTE;
/// Each is told everything; more than a handful is a mistake, and each is a series.
const URLS_MAX: usize = 8;

/// The Prometheus Alertmanagers that open alerts are pushed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertmanagerSettings {
    /// `http://host:port` or `https://…`, with a path when it has one, without a slash at the end. All of them are told
    /// everything, as Alertmanagers that keep each other company expect.
    pub urls: Vec<String>,
    /// An open alert is said again so often, in milliseconds.
    pub every: Millis,
    /// Where people find the operations page, for links; by default where the gateway serves it.
    pub page: Option<String>,
    /// Whom an `https://` address must be vouched for by, and what the gateway shows of itself.
    pub tls: Trust,
    pub credentials: Option<Credentials>,
}

impl AlertmanagerSettings {
    /// One address as a command line names it, with defaults for the rest.
    pub fn at(address: &str) -> Result<AlertmanagerSettings, String> {
        Ok(AlertmanagerSettings {
            urls: vec![url_of(address)?],
            every: EVERY_DEFAULT,
            page: None,
            tls: Trust::default(),
            credentials: None,
        })
    }
}

/// As whom the gateway speaks. Only files are configuration; they are read for each request, so that they may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    Basic(Login),
    Bearer(PathBuf),
}

/// Reads `[alertmanager]`; without it nothing is pushed.
pub(crate) fn resolve(
    mut section: Section<'_>,
    directory: &Path,
    is_there: bool,
) -> Option<AlertmanagerSettings> {
    let file = |value: &DeValue<'_>| value::text(value).map(|name| directory.join(name));
    let says_where = section.has("url") || section.has("urls");
    let url = section.read("url", url);
    let urls = section.read("urls", urls);
    let every = section.read("every", every);
    let page = section.read("page", page);
    let user = section.read("user", user);
    let [password_file, token_file] =
        ["password_file", "token_file"].map(|key| section.read(key, file));
    let mut tls = section.section("tls");
    let [authorities, certificate, key] =
        ["ca", "certificate", "key"].map(|key| tls.read(key, file));
    let identity = match (certificate, key) {
        (Some(certificate), Some(key)) => Some(Identity { certificate, key }),
        (None, None) => None,
        _ => {
            tls.problem("certificate and key belong together; one is missing".to_owned());
            None
        }
    };
    tls.finish();
    if !is_there {
        section.finish();
        return None;
    }
    let complain = |message: &str| section.problem(message.to_owned());
    let urls = match (url, urls) {
        (Some(url), None) => vec![url],
        (None, Some(urls)) => urls,
        (None, None) => {
            if !says_where {
                complain("url is missing, or urls for several");
            }
            Vec::new()
        }
        (Some(_), Some(_)) => {
            complain("url is for one address and urls for several; remove one of them");
            Vec::new()
        }
    };
    let credentials = match (user, password_file, token_file) {
        (None, None, None) => None,
        (Some(user), Some(password_file), None) => Some(Credentials::Basic(Login {
            user,
            password_file,
        })),
        (None, None, Some(file)) => Some(Credentials::Bearer(file)),
        (_, _, Some(_)) => {
            complain("token_file and user with password_file exclude each other");
            None
        }
        _ => {
            complain("user and password_file belong together; one is missing");
            None
        }
    };
    if credentials.is_some() && urls.iter().any(|url| is_overheard(url)) {
        complain(
            "a password or token would be read on its way to an http:// address of another machine; use https://",
        );
    }
    section.finish();
    (!urls.is_empty()).then(|| AlertmanagerSettings {
        urls,
        every: every.unwrap_or(EVERY_DEFAULT),
        page,
        tls: Trust {
            authorities,
            identity,
        },
        credentials,
    })
}

fn urls(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let items = value.as_array().ok_or("a list of addresses is expected")?;
    let mut urls = Vec::new();
    for item in items {
        let url = url(item.get_ref())?;
        if urls.contains(&url) {
            return Err(format!("`{url}` stands there twice"));
        }
        urls.push(url);
    }
    match urls.len() {
        1..=URLS_MAX => Ok(urls),
        _ => Err(format!("1 to {URLS_MAX} addresses are expected")),
    }
}

fn url(value: &DeValue<'_>) -> Result<String, String> {
    url_of(&value::text(value)?)
}

fn url_of(text: &str) -> Result<String, String> {
    // Not said again: it may hold a password.
    address(text, &["http", "https"]).ok_or_else(|| {
        "an address such as \"http://127.0.0.1:9093\" is expected, without user and query"
            .to_owned()
    })
}

/// Neither encrypted nor on this machine.
fn is_overheard(url: &str) -> bool {
    let uri: Option<Uri> = url.parse().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let host = host.trim_matches(['[', ']']);
    let is_here = host == "localhost"
        || host
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    url.starts_with("http://") && !is_here
}

fn user(value: &DeValue<'_>) -> Result<String, String> {
    match value::text(value)? {
        user if user.is_empty() || user.contains(':') => {
            Err("a name without `:` is expected".to_owned())
        }
        user => Ok(user),
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
