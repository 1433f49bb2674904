//! What the city said before the demo began: observations from the story, without nodes or broker, so that
//! hourly indices and charts stand at once.

use std::sync::Arc;

use pipeline::calendar::{HOUR, MINUTE, Millis, SECOND, Tick, tick_at};
use pipeline::city::City;
use pipeline::observation::Observation;
use wire::Quantity;
use wire::quantity::Group;

use super::{Sampling, Seat, Story, seats};

/// An air index looks back over a day, and the running hour and a late one come on top.
pub const HISTORY: Millis = 26 * HOUR;
/// Three readings a quarter hour are enough for hourly means.
const AIR_PERIOD: Millis = 5 * MINUTE;
/// Enough for a chart of the quantities that are sampled once a minute, and of the quicker ones.
const HISTORY_MINUTES: Millis = HOUR;
const HISTORY_SECONDS: Millis = 15 * MINUTE;
/// How often the quickest quantities are sampled.
const STEP: Millis = 10 * SECOND;

/// Everything that the nodes of a city would have said.
pub struct Diary {
    story: Story,
    city: Arc<City>,
    seats: Vec<Seat>,
}

impl Diary {
    pub fn new(story: Story, city: Arc<City>) -> Diary {
        let seats = seats(&city);
        Diary { story, city, seats }
    }

    /// The observations taken at `at`, for those quantities that `period` gives a period dividing it.
    pub fn page(
        &self,
        at: Millis,
        period: impl Fn(Quantity) -> Option<Millis>,
    ) -> Vec<Observation> {
        let mut page = Vec::new();
        for (node, seat) in self.city.nodes.iter().zip(&self.seats) {
            for (index, &quantity) in node.quantities.iter().enumerate() {
                let Some(period) = period(quantity).filter(|period| at % period == 0) else {
                    continue;
                };
                page.push(Observation {
                    node: node.ix,
                    quantity,
                    saturated: false,
                    alarm: false,
                    index: index as u16,
                    sampled_at: at,
                    value: self.story.truth(seat, quantity, Sampling { at, period }),
                    // Before boot 1: every frame of a live node comes after these.
                    sequence: (at / STEP).unsigned_abs() & 0xffff_ffff,
                });
            }
        }
        page
    }

    /// The last [`HISTORY`] before `until`, by tick; what changes quickly only for as long as a chart shows it.
    pub fn history(self, until: Millis) -> impl Iterator<Item = (Tick, Vec<Observation>)> + Send {
        let last = (until - 1).div_euclid(STEP);
        let first = (until - HISTORY).div_euclid(STEP) + 1;
        (first..=last).filter_map(move |step| {
            let at = step * STEP;
            let page = self.page(at, |quantity| {
                let before = until - at;
                match quantity.entry().pane_width_s {
                    ..60 => (before <= HISTORY_SECONDS).then_some(STEP),
                    _ if before <= HISTORY_MINUTES => Some(MINUTE),
                    _ => (quantity.entry().group == Group::Air).then_some(AIR_PERIOD),
                }
            });
            (!page.is_empty()).then_some((tick_at(at), page))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::harbour;

    #[test]
    fn history_is_in_order_and_ends_before_the_demo_begins() {
        let city = harbour::load().unwrap().city;
        let until = 1_795_309_200_000;
        let nodes = city.nodes.len();
        let diary = Diary::new(Story::new(1), city);
        let mut before = 0;
        let mut last_page = Vec::new();
        for (tick, page) in diary.history(until) {
            assert!(before < tick && tick < tick_at(until));
            assert!(page.iter().all(|o| tick_at(o.sampled_at) == tick));
            (before, last_page) = (tick, page);
        }
        assert_eq!(before, tick_at(until - STEP));
        assert!(last_page.len() > nodes, "the quick quantities come last");
    }
}
