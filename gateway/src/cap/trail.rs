//! What was said of an alert under which name, so that each message can name those before it.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use pipeline::alert::{AlertId, Revision};
use pipeline::calendar::{MINUTE, Millis, SECOND};
use serde::{Deserialize, Serialize};

use crate::board::face::Face;
use crate::config::CapSettings;

/// Most messages of one alert that a later one names: those before them were superseded long ago, and each is
/// kept on disk with every publication.
pub(crate) const REFERENCES_MAX: usize = 32;

/// The messages of one alert, oldest first; never longer than one message and what it refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail(Vec<Told>);

/// One message that was sent: its name for ever, whatever is configured later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub revision: u32,
    /// The revision was said again, because its message was about to expire.
    pub is_renewal: bool,
    pub sender: Arc<str>,
    pub sent: Stamp,
    pub expires: Stamp,
}

impl Trail {
    /// Takes a name for the message of `revision`; `None` when a later one has been told. A message told before
    /// keeps its name.
    pub fn tell(&mut self, revision: &Revision, face: &Face) -> Option<&Told> {
        match self.0.last().map(|last| last.revision) {
            Some(told) if told > revision.revision => return None,
            Some(told) if told == revision.revision => {}
            _ => self.push(revision.revision, false, revision.updated, face),
        }
        self.0.last()
    }

    /// Takes another name for what was told last.
    pub fn renew(&mut self, now: Millis, face: &Face) {
        if let Some(last) = self.0.last() {
            self.push(last.revision, true, now, face);
        }
    }

    /// When the last message should be renewed, should its alert still be open: with a quarter of its life to go.
    pub fn renew_at(&self) -> Option<Millis> {
        let last = self.0.last()?;
        let life = last.expires.at.saturating_sub(last.sent.at);
        Some(last.expires.at.saturating_sub(life / 4))
    }

    /// The message that stands, and those before it that it supersedes.
    pub fn standing(&self) -> Option<(&Told, &[Told])> {
        self.0.split_last()
    }

    fn push(&mut self, revision: u32, is_renewal: bool, at: Millis, face: &Face) {
        // A renewal may have been sent a little after the tick of the revision that followed it.
        let at = match self.0.last() {
            Some(last) => at.max(last.sent.at),
            None => at,
        };
        let CapSettings {
            sender, lifetime, ..
        } = &face.cap;
        // What expired needs no successor, but the message before this one is always named.
        let last = self.0.len().saturating_sub(1);
        let too_many = self.0.len().saturating_sub(REFERENCES_MAX);
        let mut place = 0;
        self.0.retain(|told| {
            let kept = place == last || (place >= too_many && told.expires.at > at);
            place += 1;
            kept
        });
        self.0.push(Told {
            revision,
            is_renewal,
            sender: sender.as_str().into(),
            sent: Stamp::new(at, &face.time_zone),
            expires: Stamp::new(at.saturating_add(*lifetime), &face.time_zone),
        });
    }
}

impl Told {
    /// Unique among all messages of the sender: alert, revision, and the second of a renewal.
    pub fn identifier(&self, alert: AlertId) -> String {
        match self.is_renewal {
            false => format!("{alert}.{}", self.revision),
            true => format!("{alert}.{}.{}", self.revision, self.sent.at / SECOND),
        }
    }

    /// The triple by which other messages name this one.
    pub fn reference(&self, alert: AlertId) -> String {
        format!("{},{},{}", self.sender, self.identifier(alert), self.sent)
    }
}

/// A moment as CAP writes it: `2026-11-22T09:00:00+08:00`, whole seconds, never `Z`; UTC is `-00:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub at: Millis,
    /// How far the city's clock is ahead of UTC.
    offset_minutes: i16,
}

/// From 1971 to the end of 9998: what has four digits on any clock in the world.
const WRITABLE: (Millis, Millis) = (31_536_000_000, 253_370_764_800_000);

impl Stamp {
    /// `at` on the clocks of `time_zone`; a moment that no four digits can write is moved to the nearest that is.
    pub fn new(at: Millis, time_zone: &TimeZone) -> Stamp {
        let at = at.clamp(WRITABLE.0, WRITABLE.1).div_euclid(SECOND) * SECOND;
        let seconds = match Timestamp::from_millisecond(at) {
            Ok(moment) => time_zone.to_offset(moment).seconds(),
            Err(_) => 0,
        };
        Stamp {
            at,
            // Zones differ from UTC by a day at most. Seconds of an offset, out of use since 1972, are left out.
            offset_minutes: (seconds / 60) as i16,
        }
    }

    fn write(self, f: &mut fmt::Formatter<'_>, format: &str) -> fmt::Result {
        let seconds = i32::from(self.offset_minutes) * (MINUTE / SECOND) as i32;
        let written = Timestamp::from_millisecond(self.at)
            .and_then(|at| Ok(at.to_zoned(Offset::from_seconds(seconds)?.to_time_zone())));
        match written {
            Ok(local) => write!(f, "{}", local.strftime(format)),
            // Only a stamp that was not made by `new` gets here.
            Err(_) => f.write_str("1971-01-01T00:00:00-00:00"),
        }
    }

    /// `2026-11-22 09:00`, for people in the city.
    pub fn local(self) -> impl fmt::Display {
        fmt::from_fn(move |f| self.write(f, "%Y-%m-%d %H:%M"))
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset_minutes {
            0 => self.write(f, "%Y-%m-%dT%H:%M:%S-00:00"),
            _ => self.write(f, "%Y-%m-%dT%H:%M:%S%:z"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::board::sample::{NOON, face, revision};
    use pipeline::alert::State;
    use pipeline::calendar::HOUR;

    #[test]
    fn moments_are_written_as_cap_wants_them() {
        let zone = |name| TimeZone::get(name).unwrap();
        for (at, name, text) in [
            (NOON + 999, "Asia/Shanghai", "2026-11-22T09:00:00+08:00"),
            (NOON, "UTC", "2026-11-22T01:00:00-00:00"),
            (NOON, "America/St_Johns", "2026-11-21T21:30:00-03:30"),
            (i64::MIN, "Africa/Monrovia", "1970-12-31T23:16:00-00:44"),
            (i64::MAX, "Pacific/Kiritimati", "9999-01-01T14:00:00+14:00"),
        ] {
            assert_eq!(Stamp::new(at, &zone(name)).to_string(), text, "{name}");
        }
        let local = Stamp::new(NOON, &zone("Asia/Shanghai")).local().to_string();
        assert_eq!(local, "2026-11-22 09:00");
    }

    #[test]
    fn each_message_names_those_before_it_that_have_not_expired() {
        let face = face();
        let mut trail = Trail::default();
        let mut names = |number, at| {
            trail.tell(&revision(7, number, State::Updated, at), &face);
            let (told, before) = trail.standing().unwrap();
            let before: Vec<u32> = before.iter().map(|told| told.revision).collect();
            (told.revision, before)
        };
        assert_eq!(names(1, NOON), (1, vec![]));
        assert_eq!(names(2, NOON + HOUR), (2, vec![1]));
        assert_eq!(names(2, NOON + HOUR), (2, vec![1]), "twice is once");
        assert_eq!(names(1, NOON), (2, vec![1]), "the past is told");
        assert_eq!(names(3, NOON + 6 * HOUR), (3, vec![2]), "the first expired");
        let (_, before) = names(4, NOON + 50 * HOUR);
        assert_eq!(before, [3], "the one before, expired or not");
        for number in 5..100 {
            names(number, NOON + 50 * HOUR);
        }
        assert_eq!(names(100, NOON + 50 * HOUR).1.len(), REFERENCES_MAX);
    }

    #[test]
    fn a_renewal_has_a_name_of_its_own_and_no_revision_is_sent_before_it() {
        let (face, mut trail) = (face(), Trail::default());
        trail.tell(&revision(7, 1, State::Raised, NOON), &face);
        let due = trail.renew_at().unwrap();
        assert_eq!(due, NOON + 4 * HOUR + HOUR / 2);
        trail.renew(due + 300, &face);
        let (told, before) = trail.standing().unwrap();
        let id = AlertId(7);
        assert_eq!(told.identifier(id), format!("{id}.1.1795325400"));
        assert_eq!(
            before[0].reference(id),
            format!("citysense,{id}.1,2026-11-22T09:00:00+08:00")
        );
        trail.tell(&revision(7, 2, State::Updated, due - 1), &face);
        let (told, before) = trail.standing().unwrap();
        assert_eq!(told.sent, before[1].sent);
    }
}
