//! Hourly and daily air indices of the dataflow against the oracle, in order and late, where local hours are shifted.

use std::collections::BTreeMap;
use std::sync::Arc;

use pipeline::alert::{Reason, State};
use pipeline::calendar::{Calendar, DAY, HOUR, LocalTime, MINUTE, Millis, tick_at};
use pipeline::city::{City, ZoneIx};
use pipeline::input::Input;
use pipeline::observation::Observation;
use pipeline::output::AirIndex;
use pipeline::science::air::Standard;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tests::city::{self, BEGIN};
use tests::history::{Event, History};
use tests::oracle;
use tests::story::{parse, revisions};
use wire::{Milli, Quantity};

const HOURS: Millis = 32;

#[test]
fn every_hour_and_day_has_the_index_that_its_readings_give() {
    // The clock is put forward, or back, within a day that is heard as a whole; or hours are shifted.
    check(0, 0, HOUR, true);
    check(2, 0, -HOUR, false);
    check(1, 30 * MINUTE, 0, true);
}

fn check(seed: u64, shift: Millis, put_forward: Millis, late: bool) {
    let history = history(seed, shift, put_forward, late);
    let what = format!("seed {seed}, hours shifted by {shift} ms, late: {late}");
    let outputs = history.run(2);
    let mut said = BTreeMap::new();
    for row in outputs.iter().flat_map(|output| &output.air) {
        said.insert((row.zone, row.hour, row.standard), row.index);
    }
    agree(&what, said, &oracle::air::hours(&history), 60);
    let mut said = BTreeMap::new();
    for row in outputs.iter().flat_map(|output| &output.air_days) {
        let hours = (row.end - row.day) / HOUR;
        assert!(
            row.day % HOUR == (24 * HOUR - shift) % HOUR,
            "{what}: {row:?}"
        );
        assert!(
            hours == 24 || hours * HOUR == DAY - put_forward,
            "{what}: {row:?}"
        );
        said.insert((row.zone, row.day, row.standard), row.index);
    }
    agree(&what, said, &oracle::air::days(&history), 4);
}

/// What was said last is what the oracle finds, and nothing else.
fn agree(
    what: &str,
    mut said: BTreeMap<(ZoneIx, Millis, Standard), Option<AirIndex>>,
    expected: &oracle::air::Indices,
    least: usize,
) {
    said.retain(|_, index| index.is_some());
    assert!(expected.len() >= least, "{what}: only {}", expected.len());
    for (key, index) in expected {
        assert_eq!(said.get(key), Some(&Some(*index)), "{what}: {key:?}");
    }
    for key in said.keys() {
        assert!(expected.contains_key(key), "{what}: {key:?} is invented");
    }
}

/// Hours that are sealed off take nothing back: an alert on an index ends once, and stays as it ended.
#[test]
fn an_alert_on_an_index_outlives_the_hours_it_rests_on() {
    let mut story = "zone park\nnode a park pm2_5\n".to_owned();
    story += "rule smog air_index:us-epa-2024 mean above 150 gap=3h\n\n";
    story += "0:05 to 9:00:00 every 12m a pm2_5 10\n";
    story += "9:05:00 to 33:00:00 every 12m a pm2_5 190\n";
    story += "33:05:00 to 120:00:00 every 12m a pm2_5 10\n120:00:00 end\n";
    let mut plot = parse(&story);
    let mut city = City::clone(&plot.city);
    city.standards = vec![Standard::UsEpa2024];
    plot.city = Arc::new(city);
    let said: Vec<_> = revisions(&plot)
        .iter()
        .map(|revision| (revision.state, revision.reason))
        .collect();
    let raised = (State::Raised, Reason::Threshold);
    let cleared = (State::Cleared, Reason::BackToNormal);
    assert_eq!(said.first(), Some(&raised), "{said:?}");
    assert_eq!(said.last(), Some(&cleared), "{said:?}");
    let middle = &said[1..said.len() - 1];
    assert!(
        middle.iter().all(|(state, _)| *state == State::Updated),
        "{said:?}"
    );
}

/// Every node an air station that measures every twelve minutes, with hours of silence.
fn history(seed: u64, shift: Millis, put_forward: Millis, late: bool) -> History {
    let mut plan = city::plan(seed);
    let mut city = City::clone(&plan.city);
    city.standards = match seed {
        0 => Standard::ALL.to_vec(),
        _ => Standard::DEFAULT.to_vec(),
    };
    city.hour_shift = shift;
    plan.city = Arc::new(city);
    let mut rng = StdRng::seed_from_u64(seed);
    let mut arrivals = Vec::new();
    for node in &plan.city.nodes {
        let mut at = BEGIN + rng.random_range(0..12 * MINUTE);
        let mut sequence = 0;
        while at < BEGIN + HOURS * HOUR {
            for (index, (quantity, top)) in POLLUTANTS.into_iter().enumerate() {
                let delay = match rng.random_range(0..10) {
                    0 if late => rng.random_range(0..20 * HOUR),
                    _ => 0,
                };
                let reading = Observation {
                    node: node.ix,
                    quantity,
                    saturated: false,
                    alarm: false,
                    index: index as u16,
                    sampled_at: at,
                    value: Milli(rng.random_range(0..top)),
                    sequence,
                };
                arrivals.push((tick_at(at + delay), Event::Observe(reading)));
            }
            sequence += 1;
            at += match rng.random_range(0..40) {
                0 => rng.random_range(HOUR..5 * HOUR),
                _ => 12 * MINUTE,
            };
        }
    }
    arrivals.sort_by_key(|(tick, _)| *tick);
    let mut events = vec![(tick_at(BEGIN), Event::Input(Input::City(plan.city)))];
    events.extend(arrivals);
    let mut calendar = Calendar::default();
    calendar.local = clock(shift, put_forward);
    History {
        calendar,
        events,
        until: tick_at(BEGIN + (HOURS + 25) * HOUR),
    }
}

/// A clock by which a day begins two hours after the story, and that changes ten hours later.
fn clock(shift: Millis, put_forward: Millis) -> LocalTime {
    let begin = BEGIN + 2 * HOUR + if shift == 0 { 0 } else { HOUR - shift };
    let offset = (DAY - begin.rem_euclid(DAY)) % DAY;
    LocalTime::new(vec![(0, offset), (begin + 10 * HOUR, offset + put_forward)])
}

/// With a value that is bad but measurable, in thousandths.
const POLLUTANTS: [(Quantity, i64); 6] = [
    (Quantity::Pm2_5, 120_000),
    (Quantity::Pm10, 200_000),
    (Quantity::O3, 150_000),
    (Quantity::No2, 180_000),
    (Quantity::So2, 90_000),
    (Quantity::Co, 9_000),
];
