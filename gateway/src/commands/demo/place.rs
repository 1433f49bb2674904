//! Where a demo keeps its journal: a directory of its own that goes when it ends, or one that is kept.

use std::io;
use std::path::{Path, PathBuf};

use pipeline::calendar::Millis;

use crate::story::{CYCLE, cycle_start};

/// City time at which the last demo in a kept directory ended.
const ENDED_AT: &str = "demo-ended-at";

/// A directory for one demo.
pub(super) struct Place {
    path: PathBuf,
    is_kept: bool,
}

impl Place {
    /// `kept`, made if it is not there, or else a new one that is removed in the end.
    pub(super) fn new(kept: Option<PathBuf>) -> io::Result<Place> {
        let is_kept = kept.is_some();
        let path = match kept {
            Some(path) => path,
            None => {
                let name = format!("citysense-demo-{}", std::process::id());
                std::env::temp_dir().join(name)
            }
        };
        std::fs::create_dir_all(&path)?;
        Ok(Place { path, is_kept })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// When the city's time begins: with the story, at noon of the UTC day of `now`; where a demo ended before,
    /// with the first story after it, because a journal's time never runs back. Also answers whether the
    /// journal has a past already.
    pub(super) fn city_start(&self, now: Millis) -> (Millis, bool) {
        let noon = first_story_of_the_day(now);
        let text = std::fs::read_to_string(self.path.join(ENDED_AT)).ok();
        let ended_at: Option<Millis> = text.and_then(|text| text.trim().parse().ok());
        match ended_at {
            Some(ended_at) => (noon.max(cycle_start(ended_at) + CYCLE), true),
            None => (noon, false),
        }
    }

    /// Notes for the next demo in a kept directory when this one ended.
    pub(super) fn ended_at(&self, now: Millis) -> io::Result<()> {
        std::fs::write(self.path.join(ENDED_AT), now.to_string())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.is_kept {
            // What cannot be removed from a temporary directory is the system's to clean up.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// The first story that begins in the UTC day of `now`.
fn first_story_of_the_day(now: Millis) -> Millis {
    let midnight = now - now.rem_euclid(pipeline::calendar::DAY);
    cycle_start(midnight) + CYCLE
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::story::in_cycle;
    use pipeline::calendar::{DAY, HOUR};

    const NOW: Millis = 1_795_309_200_000;

    #[test]
    fn a_story_begins_with_the_city() {
        let place = Place::new(None).unwrap();
        let (start, has_past) = place.city_start(NOW);
        assert_eq!((in_cycle(start), has_past), (0, false));
        assert_eq!(start - (NOW - NOW.rem_euclid(DAY)), 4 * HOUR);
    }

    #[test]
    fn a_directory_of_its_own_goes_and_a_kept_one_goes_on() {
        let place = Place::new(None).unwrap();
        let own = place.path().to_owned();
        assert!(own.is_dir());
        drop(place);
        assert!(!own.exists());

        let dir = tempfile::tempdir().unwrap();
        let place = Place::new(Some(dir.path().join("kept"))).unwrap();
        place.ended_at(NOW + 3 * DAY).unwrap();
        let kept = place.path().to_owned();
        drop(place);
        let place = Place::new(Some(kept)).unwrap();
        let (start, has_past) = place.city_start(NOW);
        assert!(has_past && start > NOW + 3 * DAY && in_cycle(start) == 0);
    }
}
