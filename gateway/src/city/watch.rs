//! Reloading a city directory while its gateway runs: what changed becomes inputs of the dataflow.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use pipeline::input::Input;

use super::{BadCity, LoadedCity, load};

/// Every file that makes a city.
const FILES: [&str; 7] = [
    "city.toml",
    "zones.geojson",
    "nodes.csv",
    "gates.csv",
    "rules.toml",
    "places.geojson",
    "map.geojson",
];

/// Remembers how the files of a city directory looked.
#[derive(Debug)]
pub struct Watch {
    dir: PathBuf,
    seen: Stamps,
}

/// Time of change and length of each file that is there.
type Stamps = [Option<(SystemTime, u64)>; FILES.len()];

/// A new version of a city, and what it takes to go over to it.
#[derive(Clone, Debug)]
pub struct Reload {
    /// Keeps the pane widths and horizons of the running dataflow.
    pub city: LoadedCity,
    /// What the dataflow must be told, in this order; empty when only names or looks changed.
    pub inputs: Vec<Input>,
    /// Settings that changed but hold only after a restart.
    pub needs_restart: Vec<&'static str>,
}

impl Watch {
    /// Files as they are now count as known.
    pub fn new(dir: &Path) -> Watch {
        Watch {
            dir: dir.to_owned(),
            seen: stamps(dir),
        }
    }

    /// Whether a file changed since the last time somebody asked.
    pub fn changed(&mut self) -> bool {
        let now = stamps(&self.dir);
        std::mem::replace(&mut self.seen, now) != now
    }

    /// Loads the directory anew; with errors the running version stays.
    pub fn reload(&mut self, running: &LoadedCity) -> Result<Reload, BadCity> {
        self.seen = stamps(&self.dir);
        load(&self.dir, Some(running)).map(|next| Reload::between(running, next))
    }
}

impl Reload {
    /// What it takes to go from `running` to `next`, which must have been loaded with `running` as its previous version.
    pub fn between(running: &LoadedCity, mut next: LoadedCity) -> Reload {
        let mut inputs = Vec::new();
        if next.city != running.city {
            inputs.push(Input::City(next.city.clone()));
        }
        // Zone selectors are resolved, so a new zone can change the rules too: the city goes first.
        if next.rules != running.rules {
            inputs.push(Input::Rules(next.rules.clone()));
        }
        if next.quality != running.quality {
            inputs.push(Input::Quality(next.quality.clone()));
        }
        let (old, new) = (&running.settings, &next.settings);
        let changes = [
            ("[city] id", next.city.id != running.city.id),
            (
                "pane widths, horizons and the time zone",
                next.calendar != running.calendar,
            ),
            ("[city] status", new.status != old.status),
            ("[broker]", new.broker != old.broker),
            ("[alertmanager]", new.alertmanager != old.alertmanager),
            (
                "[http]",
                (new.http_bind, &new.http_tls) != (old.http_bind, &old.http_tls),
            ),
            ("[data]", new.data != old.data),
            ("[tick]", new.tick_width != old.tick_width),
            ("[workers]", new.workers != old.workers),
        ];
        let changed = changes.into_iter().filter(|(_, changed)| *changed);
        let needs_restart = changed.map(|(name, _)| name).collect();
        next.calendar = running.calendar.clone();
        Reload {
            city: next,
            inputs,
            needs_restart,
        }
    }
}

fn stamps(dir: &Path) -> Stamps {
    FILES.map(|name| {
        let metadata = std::fs::metadata(dir.join(name)).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    })
}
