//! What is given to everybody in forms that others know: SensorThings (`things`), tables (`tables`), and the catalogue
//! in which others find them (`catalogue`).

mod catalogue;
pub(super) mod tables;
mod things;

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::HOST;

use super::App;
use crate::board::Face;

/// All routes of open data.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .merge(things::routes())
        .merge(tables::routes())
        .merge(catalogue::routes())
}

/// The gateway's address as the city says it, or as it was asked by.
fn address(face: &Face, headers: &HeaderMap) -> String {
    if let Some(url) = &face.open_data.url {
        return url.clone();
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".-:[]_".contains(c);
    let host = host.filter(|host| !host.is_empty() && host.chars().all(is_part));
    // Without a name to go by, links are at least of the right form.
    format!("http://{}", host.unwrap_or("localhost"))
}
