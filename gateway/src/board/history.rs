//! The histories of a zone's values, as charts need them: all figures that are kept, and how far they are settled.

use pipeline::calendar::Millis;
use pipeline::city::ZoneIx;
use pipeline::rules::Value;

use super::Board;
use super::series::Point;

/// The figures of one zone value that are kept.
#[derive(Clone, Debug)]
pub struct History {
    pub value: Value,
    /// Ordered by time.
    pub points: Vec<Point>,
    /// So many of the first cannot change any more: all their nodes have been heard past them, or their horizon is over.
    pub settled: usize,
}

impl Board {
    /// Histories of all values of a zone, ordered by value; those without a figure are left out.
    pub fn histories(&self, zone: ZoneIx, now: Millis) -> Vec<History> {
        let first = Value::Quantity(wire::quantity::TABLE[0].quantity);
        let series = self.series.range((zone, first)..);
        series
            .take_while(|((ix, _), _)| *ix == zone)
            .map(|((_, value), series)| {
                let points: Vec<Point> = series.points().copied().collect();
                // What waits for nobody at the end of one pane waits for nobody before it.
                let settled =
                    points.partition_point(|p| self.waits_for(zone, *value, p.end, now).is_none());
                History {
                    value: *value,
                    points,
                    settled,
                }
            })
            .filter(|history| !history.points.is_empty())
            .collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::sample::{NOON, expected, face, zone_value};
    use super::*;
    use pipeline::calendar::MINUTE;
    use pipeline::city::NodeIx;
    use pipeline::hearing::Heard;
    use pipeline::output::TickOutput;

    #[test]
    fn panes_that_their_node_was_heard_past_are_settled() {
        let mut board = Board::new(face());
        let values = (0..5).map(|k| zone_value(0, Value::CrowdCount, NOON - k * MINUTE, 9_000));
        board.apply(&TickOutput {
            tick: NOON as u64,
            expected: expected(),
            zone_values: values.collect(),
            ..TickOutput::default()
        });
        let settled = |board: &Board| board.histories(ZoneIx(0), NOON)[0].settled;
        assert_eq!(settled(&board), 0);
        board.apply(&TickOutput {
            heard: vec![Heard {
                node: NodeIx(0),
                at: NOON - 2 * MINUTE,
                step: 0,
            }],
            ..TickOutput::default()
        });
        assert_eq!(settled(&board), 3);
        assert!(board.histories(ZoneIx(1), NOON).is_empty());
    }
}
