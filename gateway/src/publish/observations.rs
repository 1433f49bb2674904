//! New figures as Observations on SensorThings' topics, where the city wants it.
//!
//! Of each zone value the newest pane is told, at most once a second: what changes faster, and what of the past is
//! corrected, is in the API. It is told by the way, while the broker owes few confirmations: an alert never waits for
//! it. Nothing is retained, because a figure that a dead gateway left behind would look like one that stands.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use pipeline::calendar::Millis;
use pipeline::city::ZoneIx;
use pipeline::output::ZoneValue;
use pipeline::rules::Value;
use wire::topic::Observations;

use super::Message;
use crate::board::{Board, Face};
use crate::sensorthings;

/// How often new figures are told.
const EVERY: Duration = Duration::from_secs(1);
/// With more unconfirmed messages than this figures wait.
pub(crate) const UNCONFIRMED_MAX: usize = 256;

/// Figures that are still to be told: the newest pane of each value. No more than there are values.
#[derive(Debug, Default)]
pub(crate) struct News {
    waiting: BTreeMap<(ZoneIx, Value), Millis>,
    told_at: Option<Instant>,
}

impl News {
    /// Learns what changed.
    pub(crate) fn note(&mut self, values: &[ZoneValue]) {
        for value in values.iter().filter(|value| value.figures.is_some()) {
            let newest = self
                .waiting
                .entry((value.zone, value.value))
                .or_insert(value.pane_start);
            *newest = value.pane_start.max(*newest);
        }
    }

    /// Forgets what waits: nobody is to hear of it.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// So many of the messages that are due, as the board knows their figures at `now`.
    pub(crate) fn due(
        &mut self,
        board: &Board,
        face: &Face,
        now: Millis,
        room: usize,
    ) -> Vec<Message> {
        let is_early = self.told_at.is_some_and(|at| at.elapsed() < EVERY);
        if self.waiting.is_empty() || room == 0 || is_early {
            return Vec::new();
        }
        let mut messages = Vec::new();
        while messages.len() < room
            && let Some(((ix, value), start)) = self.waiting.pop_first()
        {
            // A zone that is gone, or a pane that was withdrawn meanwhile, has nothing to tell.
            let Some(zone) = face.zone(ix) else { continue };
            let Some(figure) = board.pane(face, zone, (value, start), now) else {
                continue;
            };
            let topic = Observations {
                city: face.city,
                zone: zone.id,
                value: &value.to_string(),
            };
            messages.push(Message {
                topic: topic.to_string(),
                payload: sensorthings::observation(face, zone.id, &figure)
                    .to_string()
                    .into_bytes(),
            });
        }
        if self.waiting.is_empty() {
            self.told_at = Some(Instant::now());
        }
        messages
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use pipeline::calendar::MINUTE;
    use pipeline::output::TickOutput;

    use super::*;
    use crate::board::sample::{NOON, face, zone_value};

    #[test]
    fn the_newest_pane_is_told_and_few_people_are_not_a_number() {
        let face = face();
        let mut board = Board::new(face.clone());
        let mut news = News::default();
        for (end, people) in [
            (NOON - MINUTE, 9_000),
            (NOON, 3_000),
            (NOON - 2 * MINUTE, 9_000),
        ] {
            let output = TickOutput {
                tick: NOON as u64,
                zone_values: vec![zone_value(0, Value::CrowdCount, end, people)],
                ..TickOutput::default()
            };
            board.apply(&output);
            news.note(&output.zone_values);
        }
        let messages = news.due(&board, &face, NOON, 10);
        let [message] = &messages[..] else {
            panic!("{messages:?}");
        };
        assert_eq!(
            message.topic,
            "city/v1/harbour/sensorthings/quay/v1.1/Datastreams('quay:crowd_count')/Observations"
        );
        let said: serde_json::Value = serde_json::from_slice(&message.payload).unwrap();
        assert_eq!(said["result"], serde_json::Value::Null);
        assert_eq!(said["resultQuality"]["range"]["under"], 5.0);
        assert_eq!(said["resultTime"], "2026-11-22T01:00:00.000Z");
        assert!(news.due(&board, &face, NOON, 10).is_empty());
    }

    #[test]
    fn what_finds_no_room_waits() {
        let face = face();
        let mut board = Board::new(face.clone());
        let values = [0, 1].map(|zone| zone_value(zone, Value::CrowdCount, NOON, 9_000));
        let mut news = News::default();
        news.note(&values);
        board.apply(&TickOutput {
            tick: NOON as u64,
            zone_values: values.to_vec(),
            ..TickOutput::default()
        });
        assert!(news.due(&board, &face, NOON, 0).is_empty());
        assert_eq!(news.due(&board, &face, NOON, 1).len(), 1);
        assert_eq!(news.due(&board, &face, NOON, 9).len(), 1);
    }
}
