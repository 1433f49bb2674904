//! The gateway of citysense: everything that touches sockets, files and the clock. Science lives in `pipeline`.
//!
//! In reading order:
//! - [`cli`] and [`commands`]: the command line, one file a command;
//! - [`city`] and [`config`]: a city directory, checked as a whole;
//! - [`readings`]: recorded readings, read fast;
//! - [`privacy`], [`board`], [`publish`]: what may be shown, the live picture, the alert topics.

pub mod cli;
pub mod commands;

pub mod city;
pub mod config;
pub mod readings;

pub mod board;
pub mod privacy;
pub mod publish;
