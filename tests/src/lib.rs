//! What the whole-system tests share.
//!
//! - [`history`]: everything that goes into the dataflow, in arrival order, and a run of the engine over it;
//! - [`oracle`]: the slow, obvious answer that the engine must agree with;
//! - [`verdict`]: the engine's last word beside the oracle's;
//! - [`model`]: a city lived through by random actions, with restarts;
//! - [`city`]: small cities and their readings by seed; [`faults`]: the orders in which readings arrive;
//! - [`quality_rules`]: what their sensors are held to;
//! - [`story`]: the scenarios' text format;
//! - [`road`]: a motorway by simulation, on which incident detection is measured; [`stations`]: three loop stations with
//!   everything that goes wrong;
//! - [`wall`]: a board filled by hand and served, for the page; [`metropolis`]: the same for a large city; [`browser`]: Chromium under remote control;
//! - [`real`]: recorded data of real cities, as `citysense replay` reads it;
//! - [`gateway`]: a whole gateway and nodes by hand; [`accounts`]: what those nodes' accounts add up to; [`guarded`]: one that asks who comes, and curl before it; [`load`]: as many frames as it takes; [`mosquitto`]: a broker that is not its own;
//!   [`alertmanager`]: whom alerts are pushed to; [`certificates`]: for those of them that speak TLS;
//!   [`prometheus`]: who scrapes it; [`dashboard`]: what a Grafana dashboard asks; [`terminal`]: what a command prints;
//! - [`cap`]: what CAP 1.2 asks of a message; [`open_data`]: others' tools that read what is given away;
//! - [`board`]: the firmware on an emulated board.

pub mod history;
pub mod model;
pub mod oracle;
pub mod verdict;

pub mod city;
pub mod faults;
pub mod quality_rules;
pub mod road;
pub mod stations;
pub mod story;

pub mod browser;
pub mod metropolis;
pub mod wall;

pub mod real;

pub mod accounts;
pub mod alertmanager;
pub mod board;
pub mod cap;
pub mod certificates;
pub mod dashboard;
pub mod frames;
pub mod gateway;
pub mod guarded;
pub mod load;
pub mod mosquitto;
pub mod mosquitto_client;
pub mod open_data;
pub mod process;
pub mod prometheus;
pub mod terminal;
