//! Hazards: how dangerous a gas, a fire, water, heat, noise or moving ground is, by published thresholds.
//!
//! In reading order:
//! - [`dose`]: what was measured over a stretch of time, and what the gaps in it count as;
//! - [`gas`]: exposure levels of toxic gases by the time that people breathe them (AEGL);
//! - [`carbon_monoxide`]: the time-weighted response of domestic detectors (EN 50291, UL 2034);
//! - [`trend`]: how fast something rises, robust against spikes; used for [`fire`], water and tilting ground;
//! - [`fire`]: smoke, heat, rate of rise and carbon monoxide together;
//! - [`water`]: how fast it rises, classes of surface water; [`ground`]: tilt, rain that loosens slopes (USGS);
//! - [`motion`]: the peak of a shaking record; [`heat`]: heat index and wet-bulb globe temperature;
//! - [`noise`]: limits by class and hour (GB 3096).
//!
//! Statuses in the docs: *primary* means read in the standard itself, *secondary* read in transcriptions that agree,
//! *unconfirmed* from memory or from sources that disagree: such numbers are configuration, never truth.

pub mod carbon_monoxide;
pub mod dose;
pub mod fire;
pub mod gas;
pub mod ground;
pub mod heat;
pub mod motion;
pub mod noise;
pub mod trend;
pub mod water;

#[cfg(test)]
mod vector_tests;
