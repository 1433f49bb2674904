//! `/language/{code}` and `/theme/{name}`: remember in a cookie what a reader chose, and lead back to where it was chosen.
//!
//! Back is where the browser says that it came from, if that is a page of this gateway: nobody can write another
//! destination into a link.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use cookie::{Cookie, SameSite};

use super::App;
use super::api::Problem;
use super::asker::{LANGUAGE, THEME};
use crate::language::Language;
use crate::page::Theme;

/// A choice is remembered for a year.
const KEPT: cookie::time::Duration = cookie::time::Duration::days(365);

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/language/{code}", get(language))
        .route("/theme/{name}", get(theme))
}

async fn language(Path(code): Path<String>, headers: HeaderMap) -> Response {
    match Language::from_code(&code) {
        Some(language) => remembered(LANGUAGE, language.code(), &headers),
        None => unknown("languages", &Language::ALL.map(Language::code)),
    }
}

async fn theme(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match Theme::from_name(&name) {
        Some(theme) => remembered(THEME, theme.name(), &headers),
        None => unknown("colours", &Theme::ALL.map(Theme::name)),
    }
}

fn remembered(name: &'static str, value: &'static str, headers: &HeaderMap) -> Response {
    let cookie = Cookie::build((name, value))
        .path("/")
        .max_age(KEPT)
        .http_only(true)
        .same_site(SameSite::Lax);
    let back = Redirect::to(&came_from(headers));
    ([(header::SET_COOKIE, cookie.to_string())], back).into_response()
}

fn unknown(what: &str, known: &[&str]) -> Response {
    let message = format!("there are no such {what}; there are {}", known.join(", "));
    Problem::new(StatusCode::NOT_FOUND, message).into_response()
}

/// Path and query of the page of this gateway that the request came from; else the overview.
fn came_from(headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let path = text(header::REFERER).and_then(|from| {
        let (_, rest) = from.split_once("://")?;
        let at = rest.find('/')?;
        let (host, path) = rest.split_at(at);
        // A second slash would name another host.
        let is_own = Some(host) == text(header::HOST) && !path.starts_with("//");
        let is_plain = path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        (is_own && is_plain).then_some(path)
    });
    path.unwrap_or("/").to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_leads_back_to_a_page_of_this_gateway_only() {
        for (referer, back) in [
            (
                "http://wall:8080/zone/quay?value=h2s",
                "/zone/quay?value=h2s",
            ),
            ("https://wall:8080/", "/"),
            ("http://elsewhere/zone/quay", "/"),
            ("http://wall:8080//elsewhere/", "/"),
            ("http://wall:8080/\\elsewhere", "/"),
            ("http://wall:8080", "/"),
            ("nonsense", "/"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "wall:8080".parse().unwrap());
            headers.insert(header::REFERER, referer.parse().unwrap());
            assert_eq!(came_from(&headers), back, "{referer}");
        }
        assert_eq!(came_from(&HeaderMap::new()), "/");
    }
}
