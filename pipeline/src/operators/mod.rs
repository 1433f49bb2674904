//! One operator, one file; `panes` is the hot path, `alerts` is the heart.

pub mod panes;
pub mod placed;
pub mod quality;
pub mod traffic;
pub mod zones;

pub mod air;
pub mod alerts;
pub mod book;
pub mod correct;
pub mod crowd;
pub mod derive;
pub mod exposure;
pub mod fold;
pub mod forecast;
pub mod incidents;
pub mod judge;
pub mod stand;
