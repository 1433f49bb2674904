//! Head counts that are known by the clock, such as «empty at four in the morning», day by day.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use pipeline::calendar::{Millis, Tick, tick_at};
use pipeline::input::Action;

use crate::city::LoadedCity;
use crate::config::ScheduledAnchor;

/// Hands out scheduled anchors as time goes on.
pub(crate) struct Anchors {
    schedule: Vec<ScheduledAnchor>,
    time_zone: TimeZone,
    /// Anchors up to here have been handed out; `None` before the first tick.
    until: Option<Tick>,
    /// The next one, to make the common answer («nothing yet») cheap.
    next: Option<Tick>,
}

impl Anchors {
    pub(crate) fn new(city: &LoadedCity) -> Anchors {
        Anchors {
            schedule: city.settings.anchors.clone(),
            time_zone: city.settings.time_zone.clone(),
            until: None,
            next: None,
        }
    }

    /// Goes on from `until`, up to which anchors were handed out before.
    pub(crate) fn since(city: &LoadedCity, until: Tick) -> Anchors {
        Anchors {
            until: Some(until),
            ..Anchors::new(city)
        }
    }

    /// A new version of the city holds from the last tick asked for on.
    pub(crate) fn city_changed(&mut self, city: &LoadedCity) {
        *self = Anchors {
            until: self.until,
            ..Anchors::new(city)
        };
    }

    /// Anchors that fall due after the last tick asked for, up to `tick`, in order.
    pub(crate) fn due(&mut self, tick: Tick) -> Vec<(Tick, Action)> {
        if self.schedule.is_empty() || self.next.is_some_and(|next| tick < next) {
            return Vec::new();
        }
        let after = self.until.unwrap_or(tick.saturating_sub(1));
        let mut due = Vec::new();
        let mut next: Option<Tick> = None;
        for anchor in &self.schedule {
            for at in self.moments(anchor, after) {
                let anchor_tick = tick_at(at);
                if anchor_tick > tick {
                    next = Some(next.map_or(anchor_tick, |next| next.min(anchor_tick)));
                    break;
                }
                if anchor_tick > after {
                    let (zone, count) = (anchor.zone, anchor.count);
                    due.push((anchor_tick, Action::Anchor { zone, at, count }));
                }
            }
        }
        due.sort();
        self.until = Some(tick);
        self.next = next;
        due
    }

    /// The anchor's moments, from the local day of `after` on.
    fn moments(&self, anchor: &ScheduledAnchor, after: Tick) -> impl Iterator<Item = Millis> {
        let start = Timestamp::from_millisecond(after as Millis).unwrap_or_default();
        let day = start.to_zoned(self.time_zone.clone()).date();
        let (hour, minute) = ((anchor.at_minute / 60) as i8, (anchor.at_minute % 60) as i8);
        let time = Time::new(hour, minute, 0, 0).unwrap_or_default();
        let days = std::iter::successors(Some(day), |day| day.tomorrow().ok());
        // A local time that a change of clocks leaves out is taken at the same distance after it.
        days.filter_map(move |day| day.to_datetime(time).to_zoned(self.time_zone.clone()).ok())
            .map(|moment| moment.timestamp().as_millisecond())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use pipeline::calendar::{DAY, HOUR, rfc3339};
    use pipeline::city::ZoneIx;
    use wire::Milli;

    #[test]
    fn every_local_day_has_its_anchor_once() {
        let anchor = |zone, at_minute| ScheduledAnchor {
            zone: ZoneIx(zone),
            at_minute,
            count: Milli::ZERO,
        };
        let mut anchors = Anchors {
            schedule: vec![anchor(0, 240), anchor(1, 30)],
            time_zone: TimeZone::get("Europe/Berlin").unwrap(),
            until: None,
            next: None,
        };
        // 29 March 2026, 00:00 UTC; the clocks are put forward at 01:00 UTC.
        let start: Tick = 1_774_742_400_000;
        let steps = (0..40).map(|step| start + step * (HOUR as Tick) * 2);
        let shown: Vec<String> = steps
            .flat_map(|tick| anchors.due(tick))
            .map(|(tick, action)| match action {
                Action::Anchor { zone, .. } => format!("{} {}", zone.0, rfc3339(tick as Millis)),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(
            shown,
            [
                "0 2026-03-29T02:00:00.000Z",
                "1 2026-03-29T22:30:00.000Z",
                "0 2026-03-30T02:00:00.000Z",
                "1 2026-03-30T22:30:00.000Z",
                "0 2026-03-31T02:00:00.000Z",
                "1 2026-03-31T22:30:00.000Z",
                "0 2026-04-01T02:00:00.000Z",
            ]
        );
        // By the next midnight UTC only the evening's is due, and only once.
        assert_eq!(anchors.due(start + 4 * DAY as Tick).len(), 1);
        assert_eq!(anchors.due(start + 4 * DAY as Tick).len(), 0);
    }
}
