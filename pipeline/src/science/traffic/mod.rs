//! Traffic science: what loop detectors tell of a road, whether they tell the truth, and where traffic breaks down.
//!
//! - [`loops`]: flow, density and speed from counts and occupancy;
//! - [`level`]: level of service of a freeway by its density;
//! - [`detector`]: by what a detector shows that it has failed;
//! - [`incident`]: incidents between two stations, by the California algorithms.

pub mod detector;
pub mod incident;
pub mod level;
pub mod loops;
#[cfg(test)]
mod vector_tests;
