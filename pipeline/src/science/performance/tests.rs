//! Targets as the domain file prints them, formulas at their edges; recorded sensors are in `tests/performance.rs`.
#![allow(clippy::unwrap_used)]

use super::averages::Series;
use super::lag::best_lag;
use super::targets::{Goal, TARGETS, Targets};
use super::{Means, fit, precision};
use crate::calendar::{DAY, HOUR, MINUTE, Millis};
use wire::Quantity;

#[test]
fn the_targets_are_the_published_ones() {
    let path = format!(
        "{}/../../shared/domain/epa_sensor_targets.csv",
        env!("CARGO_MANIFEST_DIR")
    );
    let mut reader = csv::Reader::from_path(path).unwrap();
    let mut rows = 0;
    for row in reader.records() {
        let row = row.unwrap();
        let quantity: Quantity = row[0].to_lowercase().replace('.', "_").parse().unwrap();
        let targets = Targets::of(quantity).unwrap();
        let number = |place: usize| row[place].parse::<f64>().ok();
        assert_eq!(
            (Some(targets.slope.0), Some(targets.slope.1)),
            (number(1), number(2)),
            "{row:?}"
        );
        assert_eq!(Some(targets.intercept), number(3), "{row:?}");
        assert_eq!([&row[4], &row[7], &row[10]], [targets.unit; 3]);
        assert_eq!(
            [targets.r2, targets.rmse].map(Some),
            [number(5), number(6)],
            "{row:?}"
        );
        assert_eq!(targets.nrmse_pct, number(8), "{row:?}");
        assert_eq!(
            [targets.sd, targets.cv_pct].map(Some),
            [number(9), number(11)],
            "{row:?}"
        );
        rows += 1;
    }
    assert_eq!(rows, TARGETS.len());
}

fn series(values: &[(Millis, Option<f64>)]) -> Series {
    let mut series = Series::default();
    values
        .iter()
        .for_each(|(at, value)| series.add(*at, *value));
    series
}

#[test]
fn a_mean_needs_more_than_three_quarters_of_what_the_interval_should_have() {
    let minutes = |there: i64| {
        let all = (0..60).map(|minute| (minute * MINUTE, (minute < there).then_some(2.0)));
        series(&all.collect::<Vec<_>>()).means(HOUR, 0)
    };
    assert_eq!(minutes(45), Means::new());
    assert_eq!(minutes(46), Means::from([(0, 2.0)]));
    // Longer steps than the interval: every value is its own mean.
    let days = series(&[(0, Some(1.0)), (DAY, Some(2.0))]);
    assert_eq!(days.means(HOUR, 0).len(), 2);
    // Local days begin at local midnight.
    let hours: Vec<_> = (0..24)
        .map(|hour| (hour * HOUR - 8 * HOUR, Some(hour as f64)))
        .collect();
    assert_eq!(
        series(&hours).means(DAY, 8 * HOUR),
        Means::from([(-8 * HOUR, 11.5)])
    );
    assert_eq!(series(&hours).means(DAY, 0), Means::new());
}

#[test]
fn duplicates_disorder_and_missing_values_are_counted_not_believed() {
    let messy = series(&[
        (2 * HOUR, Some(3.0)),
        (0, Some(1.0)),
        (HOUR, Some(f64::NAN)),
        (2 * HOUR, Some(9.0)),
        (3 * HOUR, None),
        (3 * HOUR, Some(-4.0)),
    ]);
    assert_eq!(
        (messy.count(), messy.duplicates, messy.unordered),
        (3, 1, 2)
    );
    assert_eq!(
        messy.means(HOUR, 0),
        Means::from([(0, 1.0), (2 * HOUR, 3.0), (3 * HOUR, -4.0)])
    );
    let nothing = series(&[(0, None), (HOUR, None), (2 * HOUR, None), (3 * HOUR, None)]);
    assert_eq!(nothing.means(HOUR, 0), Means::new());
    assert_eq!(fit(&nothing.means(HOUR, 0), &messy.means(HOUR, 0)), None);
}

fn means(values: impl IntoIterator<Item = f64>) -> Means {
    values
        .into_iter()
        .enumerate()
        .map(|(hour, value)| (hour as i64 * HOUR, value))
        .collect()
}

#[test]
fn a_line_is_found_again_and_a_constant_has_none() {
    let reference = means((0..50).map(|hour| f64::from(hour % 7)));
    let sensor = means((0..50).map(|hour| 1.5 + 0.5 * f64::from(hour % 7)));
    let fit_of = |sensor: &Means, reference: &Means| fit(sensor, reference).unwrap();
    let found = fit_of(&sensor, &reference);
    let line = found.line.unwrap();
    assert!((line.slope - 0.5).abs() < 1e-12 && (line.intercept - 1.5).abs() < 1e-12);
    assert!((found.r2.unwrap() - 1.0).abs() < 1e-12);
    let judged = Targets::of(Quantity::Pm2_5).unwrap().judge(&found);
    assert_eq!(judged.map(|(_, met)| met), [false, true, true, true]);
    // A saturated sensor says one value: there is a line, and nothing that it explains.
    let saturated = fit_of(&means([500.1; 50]), &reference);
    assert_eq!((saturated.r2, saturated.line.unwrap().slope), (None, 0.0));
    let constant = fit_of(&sensor, &means([0.1; 50]));
    assert_eq!((constant.r2, constant.line), (None, None));
    let judged = Targets::of(Quantity::O3).unwrap().judge(&constant);
    assert_eq!(
        judged[0],
        (Goal::Slope, false),
        "what cannot be computed is not met"
    );
    assert_eq!(
        fit(&means([1.0, 2.0]), &means([1.0, 2.0])),
        None,
        "two points are no line"
    );
}

#[test]
fn sensors_of_one_place_are_compared_where_all_have_a_mean() {
    let (one, other) = (means([1.0, 2.0, 9.0]), means([3.0, 2.0]));
    let found = precision(&[&one, &other]).unwrap();
    // Deviations 1, 1, 0, 0 around the means 2 and 2; four values, one mean of all.
    assert_eq!((found.n, found.sd), (2, (2.0_f64 / 3.0).sqrt()));
    assert_eq!(found.cv_pct, Some(found.sd / 2.0 * 100.0));
    assert_eq!(precision(&[&one]), None);
    assert_eq!(precision(&[&one, &Means::new()]), None);
}

#[test]
fn a_clock_that_is_off_by_hours_is_found_and_a_right_one_is_left_alone() {
    // A rough daily course that repeats nowhere.
    let course = |hour: i64| (hour * hour * 7 % 31) as f64 + 10.0 * (hour as f64 / 3.8).sin();
    let reference: Means = (0..200).map(|hour| (hour * HOUR, course(hour))).collect();
    for off in [-12, -3, 1, 5, 12] {
        let sensor: Means = (0..200)
            .map(|hour| ((hour + off) * HOUR, course(hour) * 0.7 + 2.0))
            .collect();
        let lag = best_lag(&sensor, &reference).unwrap();
        assert_eq!(lag.hours, -off);
        assert!(lag.r2 > 0.999 && lag.r2_unshifted < 0.9, "{lag:?}");
    }
    assert_eq!(best_lag(&reference, &reference), None);
    let short: Means = reference.into_iter().take(20).collect();
    assert_eq!(best_lag(&short, &short), None);
}
