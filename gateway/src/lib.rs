//! The gateway of citysense: everything that touches sockets, files and the clock. Science lives in `pipeline`.
//!
//! In reading order:
//! - [`cli`] and [`commands`]: the command line, one file a command; [`terminal`]: how results and progress are said;
//! - [`harbour`], [`story`] and [`fleet`]: the invented city of the demo, what happens in it, its simulated nodes;
//! - [`provision`]: what a node is told before its first start;
//! - [`city`] and [`config`]: a city directory, checked as a whole;
//! - [`readings`] and [`replay`]: recorded readings, read fast, through the same pipeline;
//! - [`import`]: recorded public data sets as city directories with their readings;
//! - [`plot`]: what a replay found, as a drawing; `axes`: what all drawings share;
//! - `anchors`: head counts that are known by the clock, live and in a replay;
//! - [`broker`], [`link`], [`inbox`]: from a node to the gateway and back;
//! - [`admission`]: who may speak, and what of it is let in;
//! - [`service`]: all of it wired together; [`feed`] and [`acknowledge`]: what follows a commit;
//! - [`journal`]: every input on disk before anybody relies on it;
//! - [`history`] and [`compare`]: what was known when, and what other rules would have said;
//! - [`scores`]: how good predictions turned out to be;
//! - [`access`] and [`language`]: who asks, and in which language people are spoken to;
//! - [`privacy`], [`board`], [`publish`]: what may be shown, the live picture, the alert topics;
//! - [`cap`]: the same alerts as CAP 1.2 messages, in two languages; `alertmanager`: pushed to a Prometheus Alertmanager;
//! - [`sensorthings`]: the same figures by the standard of OGC; [`export`]: as tables; [`catalogue`]: where all of it is;
//! - [`http`] and [`page`]: API, metrics, event stream and the operations page;
//! - [`doctor`]: what is wrong with a running installation;
//! - [`clock`], [`limits`], [`events`], [`metrics`]: what all of these share.

pub mod cli;
pub mod commands;
pub mod terminal;

pub mod fleet;
pub mod harbour;
pub mod provision;
pub mod story;

pub mod city;
pub mod config;
pub mod doctor;
pub mod import;
pub mod plot;
pub mod readings;
pub mod replay;
pub mod rulebook;

pub mod acknowledge;
pub mod admission;
mod anchors;
#[cfg(feature = "broker")]
pub mod broker;
pub mod clock;
pub mod compare;
pub mod events;
pub mod explain;
pub mod feed;
pub mod history;
pub mod inbox;
mod ingest;
pub mod journal;
pub mod limits;
pub mod link;
pub mod metrics;
mod outlet;
pub mod service;

pub mod access;
mod alertmanager;
mod axes;
pub mod board;
pub mod cap;
pub mod catalogue;
pub mod export;
pub mod http;
pub mod language;
pub mod page;
pub mod privacy;
pub mod publish;
pub mod scores;
pub mod sensorthings;
