//! Who asks, in which language and colours: taken from each request before its handler runs.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use axum::http::request::Parts;
use cookie::Cookie;

use super::App;
use crate::access::{Asker, Role};
use crate::language::Language;
use crate::page::{Reader, Theme};

/// Cookies by which a browser remembers what its reader chose.
pub(super) const LANGUAGE: &str = "language";
pub(super) const THEME: &str = "theme";

impl FromRequestParts<App> for Asker {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &App) -> Result<Asker, Infallible> {
        Ok(Asker::anyone(Role::Operator))
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Reader, Infallible> {
        let chosen = cookie(&parts.headers, LANGUAGE).and_then(|code| Language::from_code(&code));
        let theme = cookie(&parts.headers, THEME).and_then(|name| Theme::from_name(&name));
        Ok(Reader {
            language: chosen.unwrap_or_else(|| preferred(&parts.headers)),
            theme: theme.unwrap_or_default(),
            asker: Asker::from_request_parts(parts, app).await?,
        })
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
