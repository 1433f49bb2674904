//! Gaussian plume: where a gas or smoke that leaks from a known place reaches people.
//!
//! In reading order: [`stability`] how well the air mixes · [`sigma`] how wide and high a plume has grown · [`concentration`]
//! the equation · [`wind`] of the stations around · [`footprint`] where it is too much · [`inversion`] how much leaks, from what
//! stations read · [`assess`] all of it together · [`levels`] how much is too much.
//!
//! The model is that of the textbooks (steady source and wind, flat ground): right within a factor of two to three, which
//! [`inversion::Strength`] carries along as bounds, and everything shown says. Valid from about 100 m to 10 km; nearer to the source it
//! is an extrapolation. Floats live only inside; what leaves is quantised by the caller.

pub mod assess;
pub mod concentration;
pub mod footprint;
pub mod inversion;
pub mod levels;
pub mod sigma;
pub mod stability;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod vector_tests;
pub mod wind;

use serde::{Deserialize, Serialize};

/// What the ground around a source is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Terrain {
    Urban,
    Rural,
}

impl Terrain {
    /// From its name in the city's files.
    pub fn from_name(name: &str) -> Option<Terrain> {
        match name {
            "urban" => Some(Terrain::Urban),
            "rural" => Some(Terrain::Rural),
            _ => None,
        }
    }
}
