//! Signing in and out. The cookie is `Lax`, not `Strict`: a link in a mail must lead somebody who is signed in to the
//! alert and not to the sign-in; what it could be abused for, forms of other sites, is refused by their origin.

use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, Form, Query, State};
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::App;
use super::gate::Caller;
use super::recorded::{Named, Refusal};
use crate::access::{Credential, NAME_LEN_MAX, Refused};
use crate::page::Reader;
use crate::page::account::{self, Why};

pub(super) const PATH: &str = "/sign-in";
pub(super) const OUT: &str = "/sign-out";
/// Name of the session's cookie: over TLS one that a browser takes from this very host and over TLS alone.
pub(super) fn cookie_name(app: &App) -> &'static str {
    match app.state.certificate {
        Some(_) => "__Host-session",
        None => "session",
    }
}

/// Longest address that somebody is led back to after the sign-in.
const BACK_LEN_MAX: usize = 1_024;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(PATH, get(page).post(enter))
        .route(OUT, post(leave))
}

/// The sign-in, which leads back to `path` in the end.
pub(super) fn leading_back_to(path: &str) -> String {
    account::sign_in_path(path)
}

/// Where somebody wanted to go; a place of this gateway, or its first page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wish {
    #[serde(default)]
    to: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Fields {
    name: String,
    password: String,
    #[serde(default)]
    to: String,
}

async fn page(State(app): State<App>, reader: Reader, Query(wish): Query<Wish>) -> Response {
    let page = account::sign_in(&app.view(reader), "", back(&wish.to), None);
    Html(page.into_string()).into_response()
}

async fn enter(
    State(app): State<App>,
    reader: Reader,
    Extension(caller): Extension<Caller>,
    posted: Result<Form<Fields>, FormRejection>,
) -> Response {
    let again = |status, name: &str, to: &str, why| {
        let page = account::sign_in(&app.view(reader.clone()), name, back(to), Some(why));
        let mut response = (status, Html(page.into_string())).into_response();
        let extensions = response.extensions_mut();
        extensions.insert(Named(name.to_owned(), None));
        extensions.insert(Refusal(why.name().to_owned()));
        response
    };
    let Fields { name, password, to } = match posted {
        Ok(Form(fields)) => fields,
        Err(rejection) => return again(rejection.status(), "", "", Why::Unreadable),
    };
    let name = name.trim();
    if name.chars().count() > NAME_LEN_MAX {
        return again(StatusCode::UNPROCESSABLE_ENTITY, "", &to, Why::Wrong);
    }
    // Whoever was signed in before on this browser is not any more.
    match app.state.door.sign_in(name, password, caller.address).await {
        Ok(id) => {
            if let Credential::Session(before) = caller.credential {
                app.state.door.end(before);
            }
            let mut response = Redirect::to(back(&to)).into_response();
            response
                .headers_mut()
                .insert(SET_COOKIE, remember(&app, &id));
            if let Some(user) = app.state.door.policy().user(name) {
                let named = Named(name.to_owned(), Some(user.role));
                response.extensions_mut().insert(named);
            }
            response
        }
        Err(Refused::Wrong) => again(StatusCode::FORBIDDEN, name, &to, Why::Wrong),
        Err(Refused::Busy) => again(StatusCode::SERVICE_UNAVAILABLE, name, &to, Why::Busy),
        Err(Refused::Throttled(wait)) => {
            let seconds = wait.as_secs() + 1;
            let mut response = again(
                StatusCode::TOO_MANY_REQUESTS,
                name,
                &to,
                Why::Throttled(seconds),
            );
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
            response
        }
    }
}

async fn leave(State(app): State<App>, Extension(caller): Extension<Caller>) -> Response {
    if let Credential::Session(id) = caller.credential {
        app.state.door.end(id);
    }
    let mut response = Redirect::to("/").into_response();
    response.headers_mut().insert(SET_COOKIE, forget(&app));
    response
}

/// A place of this gateway: an address of elsewhere would lead whoever just signed in astray.
fn back(to: &str) -> &str {
    let is_here = to.starts_with('/')
        && !to.starts_with("//")
        && to.len() <= BACK_LEN_MAX
        && to
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_here && !to.starts_with(PATH) {
        to
    } else {
        "/"
    }
}

/// Without an end of its own: the browser forgets it when it closes, the gateway earlier.
fn remember(app: &App, id: &str) -> HeaderValue {
    cookie_header(app, id, "")
}

pub(super) fn forget(app: &App) -> HeaderValue {
    cookie_header(app, "", "; Max-Age=0")
}

fn cookie_header(app: &App, id: &str, end: &str) -> HeaderValue {
    let name = cookie_name(app);
    let secure = if app.state.certificate.is_some() {
        "; Secure"
    } else {
        ""
    };
    let text = format!("{name}={id}; Path=/; HttpOnly; SameSite=Lax{secure}{end}");
    // Ids are hexadecimal digits.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leads_elsewhere() {
        for to in ["/", "/alert/00?said=comment", "/node/quay-1"] {
            assert_eq!(back(to), to);
        }
        for to in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "/a\r\nset-cookie: x",
            "/\t/evil.example",
            "/sign-in?to=/",
            "javascript:alert(1)",
        ] {
            assert_eq!(back(to), "/", "{to:?}");
        }
    }
}
