//! Answers are compressed for whoever accepts gzip: a page of two hundred zones is a tenth on its way.
//!
//! Only whole texts: the event stream goes out as it is, and what is already small is left alone.

use std::io::Write;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Shorter answers fit into a packet as they are.
const LEN_MIN: u64 = 1024;
/// Longer ones are left to go out piece by piece.
const LEN_MAX: u64 = 16 * 1024 * 1024;
/// Most of what can be saved at a fraction of the time: pages are drawn and sent each second.
const LEVEL: Compression = Compression::new(5);

pub(super) async fn compressed(request: Request, next: Next) -> Response {
    let accepted = accepts_gzip(request.headers());
    let mut response = next.run(request).await;
    if !is_text(response.headers()) {
        return response;
    }
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    let len = response.body().size_hint().exact();
    let is_worth = len.is_some_and(|len| (LEN_MIN..=LEN_MAX).contains(&len));
    if !accepted || !is_worth || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    // The body is whole already; its length was just read.
    let Ok(bytes) = to_bytes(body, LEN_MAX as usize).await else {
        return Response::from_parts(head, Body::empty());
    };
    head.headers.remove(header::CONTENT_LENGTH);
    let name = HeaderValue::from_static("gzip");
    head.headers.insert(header::CONTENT_ENCODING, name);
    Response::from_parts(head, Body::from(gzip(&bytes)))
}

// A vector takes whatever is written into it.
#[allow(clippy::expect_used)]
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 8), LEVEL);
    encoder.write_all(bytes).expect("written into a vector");
    encoder.finish().expect("written into a vector")
}

/// A text that is sent in one piece.
fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_stream = kind.starts_with("text/event-stream");
    let is_text = kind.starts_with("text/")
        || ["json", "xml", "javascript"]
            .iter()
            .any(|name| kind.contains(name));
    is_text && !is_stream
}

/// `gzip`, but not `gzip;q=0`.
pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let sent = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut names = sent
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    names.any(|name| {
        let (name, weight) = name.split_once(';').unwrap_or((name, ""));
        let weight = weight.trim().trim_start_matches("q=");
        name.trim().eq_ignore_ascii_case("gzip") && weight.parse() != Ok(0.0)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (accepted, takes) in [
            ("gzip, deflate, br", true),
            ("deflate;q=0.5, GZIP;q=0.2", true),
            ("gzip;q=0", false),
            ("identity", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
            assert_eq!(accepts_gzip(&headers), takes, "{accepted}");
        }
    }

    #[test]
    fn texts_are_packed_and_streams_are_not() {
        for (kind, packed) in [
            ("text/html; charset=utf-8", true),
            ("application/json", true),
            ("application/atom+xml", true),
            ("image/svg+xml", true),
            ("text/event-stream", false),
            ("image/png", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
            assert_eq!(is_text(&headers), packed, "{kind}");
        }
    }
}
