//! Pure science: every formula with its standard cited, no state, no dataflow.

pub mod air;
pub mod crowd;
pub mod hazard;
pub mod performance;
pub mod plume;
pub mod qartod;
pub mod quality;
#[cfg(test)]
mod quality_tests;
pub mod traffic;
