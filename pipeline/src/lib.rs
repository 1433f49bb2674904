//! The dataflow of citysense: observations in, alerts out. No I/O, no clock, no floats in collections.
//!
//! In reading order:
//! - [`calendar`]: ticks, panes, horizons; [`local_time`]: the city's clock; [`city`] and [`rules`]: what the figures are about; [`value`] and [`derived`]: what they can be; [`quality`]: which do not count;
//! - [`hearing`]: how far each node has been heard;
//! - [`observation`] and [`input`]: what goes in; [`output`], [`alert`] and [`incident`]: what comes out;
//! - [`engine`]: the door; [`worker`]: the loop behind it; [`outlet`]: what they share; [`registry`]: versions as rows, [`custody`]: who withdrew what, [`names`] by number;
//! - [`snapshot`]: what a restart needs beside the journal;
//! - [`dataflow`]: the whole program on one page; [`operators`]: its steps;
//! - [`explain`]: which readings an alert rests on;
//! - [`recipes`]: how derived values are made of figures; [`science`]: pure formulas, each with its standard; [`limits`]: bounds and their reasons.

pub mod alert;
pub mod calendar;
pub mod city;
pub mod derived;
pub mod early;
pub mod exposure;
pub mod hearing;
pub mod incident;
pub mod input;
pub mod leaks;
pub mod local_time;
pub mod observation;
pub mod output;
pub mod quality;
pub mod rules;
pub mod value;

pub mod custody;
pub mod dataflow;
pub mod engine;
pub mod explain;
pub mod names;
pub mod operators;
pub mod outlet;
pub mod registry;
pub mod snapshot;
pub mod worker;

pub mod recipes;
pub mod science;

pub mod limits;
