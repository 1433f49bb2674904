//! Who asks, in which language and colours: taken from each request before its handler runs.

use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use cookie::Cookie;

use super::App;
use super::api::Problem;
use crate::access::Asker;
use crate::language::Language;
use crate::page::{Reader, Theme};

/// Cookies by which a browser remembers what its reader chose.
pub(super) const LANGUAGE: &str = "language";
pub(super) const THEME: &str = "theme";

impl FromRequestParts<App> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Asker, Problem> {
        let asker = parts.extensions.get().cloned();
        // Nothing gets here but through the gate.
        asker
            .ok_or_else(|| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "nobody asked who asks"))
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Reader, Problem> {
        let asker = Asker::from_request_parts(parts, app).await?;
        Ok(reader(&parts.headers, asker))
    }
}

/// What a request's cookies and its browser's settings say of its reader.
pub(super) fn reader(headers: &HeaderMap, asker: Asker) -> Reader {
    let chosen = cookie(headers, LANGUAGE).and_then(|code| Language::from_code(&code));
    let theme = cookie(headers, THEME).and_then(|name| Theme::from_name(&name));
    Reader {
        language: chosen.unwrap_or_else(|| preferred(headers)),
        theme: theme.unwrap_or_default(),
        asker,
    }
}

/// The value of a cookie; the first of several of a name, as browsers order them.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let sent = headers.get_all(COOKIE).iter();
    sent.filter_map(|header| header.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// The first language that the browser asks for and the page speaks; weights are in that order in every browser.
fn preferred(headers: &HeaderMap) -> Language {
    let asked = headers.get(ACCEPT_LANGUAGE).and_then(|h| h.to_str().ok());
    asked
        .unwrap_or_default()
        .split(',')
        .filter_map(|part| part.split(';').next())
        .find_map(Language::from_code)
        .unwrap_or_default()
}
