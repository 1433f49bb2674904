//! From what stations read and how the wind blows to a plume and its strength.
//!
//! Stated treatments of what does not fit the model: calm air (below 1 m/s), stations that point in all directions, no fresh
//! wind at all, and gas that is only read where the wind does not carry it, all make a footprint in every direction
//! ([`Plume::undirected`]) with the wider bounds. Old wind (but not too old) keeps its direction with the wider bounds.

use super::Terrain;
use super::footprint::Plume;
use super::inversion::{Sample, Strength, strength};
use super::stability::{Sky, Stability, stability};
use super::wind::Wind;

/// A gas station near the source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Station {
    /// Metres from the source.
    pub east: f64,
    pub north: f64,
    /// As a quantity that mixes.
    pub reading: f64,
    pub saturated: bool,
}

/// What is known beside the readings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scene {
    pub terrain: Terrain,
    pub height: f64,
    /// `None`: by wind and sky.
    pub stability: Option<Stability>,
    pub sky: Option<Sky>,
    /// `None`: nobody measured it lately.
    pub wind: Option<Wind>,
    /// It was measured just now, not a while ago.
    pub wind_is_fresh: bool,
}

/// A source that leaks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leak {
    pub plume: Plume,
    pub strength: Strength,
}

/// The leak that explains the stations; `None` while none of them reads `trigger` or more. Less than a tenth of that
/// is not told from nothing.
pub fn leak(scene: &Scene, stations: &[Station], trigger: f64) -> Option<Leak> {
    let reads = |station: &&Station| station.reading >= trigger;
    let strongest = stations
        .iter()
        .filter(reads)
        .max_by(|a, b| a.reading.total_cmp(&b.reading))?;
    let class = scene
        .stability
        .unwrap_or_else(|| stability(scene.wind.map_or(0.0, |wind| wind.speed), scene.sky));
    let directed = Plume::new(scene.terrain, class, scene.height, scene.wind);
    let meets = |plume: &Plume, station: &Station| {
        plume.meets(station.east, station.north)
            && plume.dilution(station.east, station.north) > 0.0
    };
    let fits = stations
        .iter()
        .filter(reads)
        .any(|station| meets(&directed, station));
    let plume = match fits {
        true => directed,
        false => directed.undirected(),
    };
    // Without a direction a station that reads nothing is only not in the way.
    let counts = |station: &&Station| match plume.toward() {
        Some(_) => meets(&plume, station),
        None => station.reading >= trigger && meets(&plume, station),
    };
    let samples: Vec<Sample> = stations
        .iter()
        .filter(counts)
        .map(|station| Sample {
            reading: station.reading,
            dilution: plume.dilution(station.east, station.north),
            saturated: station.saturated,
        })
        .collect();
    let is_sure = plume.toward().is_some() && scene.wind_is_fresh && meets(&plume, strongest);
    let strength = strength(&samples, trigger / 10.0, is_sure)?;
    Some(Leak { plume, strength })
}
