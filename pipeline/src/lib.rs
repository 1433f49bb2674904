//! The dataflow of citysense: observations in, alerts out. No I/O, no clock, no floats in collections.
//!
//! In reading order:
//! - [`calendar`]: ticks, panes, horizons; [`city`] and [`rules`]: what the figures are about;
//! - [`observation`] and [`input`]: what goes in; [`output`] and [`alert`]: what comes out;
//! - [`engine`]: the door;
//! - [`science`]: pure formulas, each with its standard.

pub mod alert;
pub mod calendar;
pub mod city;
pub mod engine;
pub mod input;
pub mod observation;
pub mod output;
pub mod rules;
pub mod science;
