//! What every request passes before its handler runs: who sends it, and whether that one may at all. A route that
//! forgets to ask is closed, not open.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, ORIGIN, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use tokio::time::timeout;

use super::api::Problem;
use super::asker::cookie;
use super::described::FOR_PROGRAMS;
use super::forms::is_own;
use super::limits::Turned;
use super::server::Peer;
use super::{App, BODY_LEN_MAX, forms, recorded, sign};
use crate::access::{Areas, Asker, Credential, Digest, Role};
use crate::language::said;

/// A body is short: who needs longer for it holds up a place.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// What is open to everybody whatever the city says: it tells nothing of the city, or is the way in.
const OPEN: [&str; 4] = ["/healthz", "/readyz", sign::PATH, sign::OUT];
const OPEN_BELOW: [&str; 3] = ["/assets/", "/language/", "/theme/"];

/// Who a request comes from, for handlers that need more than the [`Asker`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    pub(super) credential: Credential,
    pub(super) address: IpAddr,
}

pub(super) async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    let caller = Caller {
        credential: match credential(&app, request.headers()) {
            Ok(credential) => credential,
            Err(message) => return challenge(message),
        },
        address: address(&request),
    };
    let asks = (
        caller.credential,
        app.state.door.is_known(caller.credential),
    );
    let writes = does_write(&request);
    if let Err(wait) = app.limits.ask(asks, caller.address, writes, Instant::now()) {
        return too_many(wait);
    }
    let request = match writes {
        true => match with_body(&app, request).await {
            Ok(request) => request,
            Err(problem) => return problem.into_response(),
        },
        false => request,
    };
    let mut response = let_in(&app, caller, request, next).await;
    if let Credential::Session(id) = caller.credential
        && !app.state.door.is_signed_in(id)
        && !response.headers().contains_key(SET_COOKIE)
    {
        // A session that is over: the browser may forget it.
        response
            .headers_mut()
            .insert(SET_COOKIE, sign::forget(&app));
    }
    response
}

async fn let_in(app: &App, caller: Caller, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_open = OPEN.contains(&path) || OPEN_BELOW.iter().any(|start| path.starts_with(start));
    let uses = is_a_persons(request.headers());
    let writes = does_write(&request);
    let what = format!("{} {path}", request.method());
    let asker = match app.state.door.asker(caller.credential, uses) {
        Some(asker) => asker,
        None if is_open => Asker {
            areas: Areas::none(),
            ..Asker::anyone(Role::Viewer)
        },
        None => {
            let response = unknown(&request, caller.credential);
            // A wrong token is a sign-in that failed.
            return match writes || matches!(caller.credential, Credential::Token(_)) {
                true => recorded::record(app, caller, None, what, response).await,
                false => response,
            };
        }
    };
    if !writes {
        request.extensions_mut().insert(caller);
        request.extensions_mut().insert(asker);
        return next.run(request).await;
    }
    let response = if let Some(problem) = foreign(&request, caller.credential) {
        refused(app, &request, &asker, problem)
    } else if !is_open && asker.acting().is_none() {
        refused(app, &request, &asker, may_not(app, &asker))
    } else {
        request.extensions_mut().insert(caller);
        request.extensions_mut().insert(asker.clone());
        next.run(request).await
    };
    recorded::record(app, caller, Some(&asker), what, response).await
}

fn does_write(request: &Request) -> bool {
    !matches!(*request.method(), Method::GET | Method::HEAD)
}

fn too_many(wait: Duration) -> Response {
    let message = "too many requests at once; ask again a little later, and less often";
    let mut response = Problem::new(StatusCode::TOO_MANY_REQUESTS, message).into_response();
    let seconds = wait.as_secs() + 1;
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
    response
}

/// The request with all of its body, which is short and has to come within a time.
async fn with_body(app: &App, request: Request) -> Result<Request, Problem> {
    let turned = |status, message: String| {
        app.limits.turned(Turned::Body);
        Problem::new(status, message)
    };
    let (parts, body) = request.into_parts();
    match timeout(BODY_WITHIN, to_bytes(body, BODY_LEN_MAX)).await {
        Ok(Ok(bytes)) => Ok(Request::from_parts(parts, Body::from(bytes))),
        Ok(Err(_)) => {
            let message = format!("a body has {BODY_LEN_MAX} bytes at most, and comes whole");
            Err(turned(StatusCode::PAYLOAD_TOO_LARGE, message))
        }
        Err(_) => {
            let seconds = BODY_WITHIN.as_secs();
            let message = format!("the body did not come within {seconds} s");
            Err(turned(StatusCode::REQUEST_TIMEOUT, message))
        }
    }
}

/// What a request says of itself. A token that cannot be read is not as good as none.
fn credential(app: &App, headers: &HeaderMap) -> Result<Credential, &'static str> {
    if let Some(header) = headers.get(AUTHORIZATION) {
        let token = header.to_str().ok().and_then(|text| {
            let (scheme, token) = text.split_once(' ')?;
            scheme
                .eq_ignore_ascii_case("bearer")
                .then_some(token.trim())
        });
        let token = token
            .ok_or("authorization must be «Bearer» and a token that `citysense token` made")?;
        return Ok(Credential::Token(Digest::of(token.as_bytes())));
    }
    let session = cookie(headers, sign::cookie_name(app));
    Ok(session.map_or(Credential::Nothing, |id| {
        Credential::Session(Digest::of(id.as_bytes()))
    }))
}

/// Whether a person does something, as far as the browser says it: a page that refreshes itself keeps no session alive.
fn is_a_persons(headers: &HeaderMap) -> bool {
    let mode = headers.get("sec-fetch-mode");
    mode.is_none_or(|mode| mode == "navigate")
}

fn address(request: &Request) -> IpAddr {
    let peer = request.extensions().get::<Peer>();
    let address = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip());
    address.to_canonical()
}

/// Nobody that the city knows: people are led to the sign-in, programs told what is missing.
fn unknown(request: &Request, credential: Credential) -> Response {
    if matches!(credential, Credential::Token(_)) {
        return challenge(
            "the city knows no such token; `citysense token NAME` makes one for city.toml",
        );
    }
    let is_page = *request.method() == Method::GET && is_a_page(request.uri().path());
    match (is_page, request.uri().path_and_query()) {
        (true, Some(path)) => Redirect::to(&sign::leading_back_to(path.as_str())).into_response(),
        _ => challenge(
            "this city is not read without a name: sign in at /sign-in, or send a token as «Authorization: Bearer …»",
        ),
    }
}

/// Whether people look at it with a browser.
fn is_a_page(path: &str) -> bool {
    let mut for_programs = FOR_PROGRAMS.iter().chain(&["/fragment"]);
    !for_programs.any(|start| path.starts_with(start))
}

fn challenge(message: &str) -> Response {
    let mut response = Problem::new(StatusCode::UNAUTHORIZED, message).into_response();
    let bearer = HeaderValue::from_static("Bearer");
    response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
    response
}

/// Another site's page can make a browser send a form with its cookies, so only forms of pages that this gateway served
/// are taken. What no browser sends by itself, a token, needs no such care; nor does JSON, which no page of another site
/// can send without asking, where the browser does not say that it comes from one.
fn foreign(request: &Request, credential: Credential) -> Option<Problem> {
    let headers = request.headers();
    let is_silent = !headers.contains_key(ORIGIN) && !headers.contains_key("sec-fetch-site");
    let is_programs = !is_a_page(request.uri().path()) && is_silent;
    if matches!(credential, Credential::Token(_)) || is_programs || is_own(headers) {
        return None;
    }
    let message = said(
        "this form was not sent by a page of this gateway, so nothing was done; \
         programs use the API below /api/v1/, a proxy must leave the Host header as it is",
        "此表单并非来自本网关的页面，未执行任何操作；程序请使用/api/v1/，代理须保留Host头",
    );
    Some(Problem::new(StatusCode::FORBIDDEN, message))
}

/// Why somebody who may read may not act.
fn may_not(app: &App, asker: &Asker) -> Problem {
    match (&asker.name, app.state.door.policy().is_declared) {
        (None, false) => Problem::new(
            StatusCode::UNAUTHORIZED,
            said(
                "nobody may act here: city.toml has no [access]; add an [[access.user]] with the role operator",
                "此处无人可以操作：city.toml中没有[access]；请添加角色为operator的[[access.user]]",
            ),
        ),
        (None, true) => Problem::new(
            StatusCode::UNAUTHORIZED,
            said(
                "acting needs a name: sign in at /sign-in, or send a token as «Authorization: Bearer …»",
                "操作需要登录：请到/sign-in登录，或以“Authorization: Bearer …”发送令牌",
            ),
        ),
        (Some(name), _) => Problem::new(
            StatusCode::FORBIDDEN,
            said(
                format!("{name} is a {}; acting needs the role operator", asker.role),
                format!("{name}的角色是{}；操作需要值班员角色", asker.role),
            ),
        ),
    }
}

/// A page for people, JSON for programs and for those who may not see any page.
fn refused(app: &App, request: &Request, asker: &Asker, problem: Problem) -> Response {
    let path = request.uri().path();
    let mut response = match is_a_page(path) && asker.areas != Areas::none() {
        true => forms::refused(app, (request.headers(), path), asker, problem),
        false => problem.into_response(),
    };
    if response.status() == StatusCode::UNAUTHORIZED {
        let bearer = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
    }
    response
}
