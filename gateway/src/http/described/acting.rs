//! What can be done, route by route. What is accepted is on its way into the journal; its revision comes with the stream.
#![allow(dead_code)] // The functions stand for their descriptions.

use super::shapes::Accepted;
use crate::http::actions::alerts::{Acknowledge, Assign, Comment, Settle};
use crate::http::actions::nodes::{Quarantine, Release};
use crate::http::actions::silences::{End, Silence};

/// Somebody has seen an alert
#[utoipa::path(post, path = "/api/v1/alerts/{id}/acknowledge", tag = "acting", params(("id" = String, Path, description = "32 hexadecimal digits")), request_body = Acknowledge, responses((status = 202, description = "Accepted", body = Accepted)))]
pub(super) fn acknowledge() {}

/// Somebody writes something about an alert
#[utoipa::path(post, path = "/api/v1/alerts/{id}/comment", tag = "acting", params(("id" = String, Path, description = "32 hexadecimal digits")), request_body = Comment, responses((status = 202, description = "Accepted", body = Accepted)))]
pub(super) fn comment() {}

/// An alert becomes somebody's work, or nobody's
#[utoipa::path(post, path = "/api/v1/alerts/{id}/assign", tag = "acting", params(("id" = String, Path, description = "32 hexadecimal digits")), request_body = Assign, responses((status = 202, description = "Accepted", body = Accepted)))]
pub(super) fn assign() {}

/// Somebody says that an alert stands, or has ended
#[utoipa::path(post, path = "/api/v1/alerts/{id}/settle", tag = "acting", params(("id" = String, Path, description = "32 hexadecimal digits")), request_body = Settle, responses((status = 202, description = "Accepted", body = Accepted)))]
pub(super) fn settle() {}

/// Nobody new is told, for a time
#[utoipa::path(post, path = "/api/v1/silences", tag = "acting", request_body = Silence, responses((status = 202, description = "Accepted", body = Accepted)))]
pub(super) fn silence() {}

/// A silence ends before its time
#[utoipa::path(post, path = "/api/v1/silences/end", tag = "acting", request_body = End, responses((status = 202, description = "Accepted", body = Accepted)))]
pub(super) fn silence_end() {}

/// What a node says does not count
#[utoipa::path(post, path = "/api/v1/nodes/{node}/quarantine", tag = "acting", params(("node" = String, Path)), request_body = Quarantine, responses((status = 202, description = "Accepted", body = Accepted)))]
pub(super) fn quarantine() {}

/// What a node says counts again
#[utoipa::path(post, path = "/api/v1/nodes/{node}/release", tag = "acting", params(("node" = String, Path)), request_body = Release, responses((status = 202, description = "Accepted", body = Accepted)))]
pub(super) fn release() {}
