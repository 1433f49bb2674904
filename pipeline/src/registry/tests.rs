use wire::Milli;

use super::*;
use crate::calendar::{HOUR, MINUTE, tick_at};

#[test]
fn head_counts_of_years_leave_one_a_zone_and_those_of_the_horizon() {
    let mut registry = Registry::new(Calendar::default());
    let mut rows = BTreeMap::<Row, isize>::new();
    let mut count = |at: Millis, zone: u32, people: i64| {
        let action = Action::Anchor {
            zone: ZoneIx(zone),
            at,
            count: Milli::whole(people),
        };
        for (row, diff) in registry.apply(tick_at(at), &Input::Action(action)).rows {
            *rows.entry(row).or_default() += diff;
            rows.retain(|_, diff| *diff != 0);
        }
        rows.clone()
    };
    count(0, 7, 3);
    for minute in 1..=1_000 {
        count(minute * MINUTE, 1, minute);
    }
    let rows = count(1_000 * MINUTE, 1, 5);
    let kept = |zone| {
        rows.iter()
            .filter(|(row, diff)| matches!(row, Row::Anchor(z, ..) if z.0 == zone) && **diff == 1)
            .count()
    };
    assert_eq!(kept(7), 1, "a zone that was counted once is not forgotten");
    let horizon = (HOUR / MINUTE) as usize;
    assert!((horizon..=horizon + 2).contains(&kept(1)), "{}", kept(1));
    let latest = Row::Anchor(ZoneIx(1), 1_000 * MINUTE, Milli::whole(5));
    assert_eq!(
        rows.get(&latest),
        Some(&1),
        "a second count of a moment replaces the first"
    );
    assert_eq!(rows.len(), kept(1) + kept(7));
}
