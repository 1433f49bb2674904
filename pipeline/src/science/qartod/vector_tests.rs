//! All flags that `ioos_qc` 3.0.0 gave, from the domain file beside the repository, and what it has no vectors for.
//!
//! Decimals of the file are read as text and become thousandths; all have at most three places but those of
//! coordinates, which stay floats. Seconds and hours become milliseconds.
#![allow(clippy::unwrap_used)]

use serde_json::{Map, Value};
use wire::Milli;

use super::attenuated_signal::{Attenuation, Spread, attenuated_signal};
use super::climatology::{Season, When, climatology};
use super::flat_line::{Flat, flat_lines};
use super::gross_range::gross_range;
use super::location::locations;
use super::multi_variate::{Pair, multi_variate};
use super::neighbour::neighbour;
use super::percentile_range::percentile_range;
use super::rate_of_change::{Rates, rates_of_change};
use super::spike::{Method, spikes};
use super::syntax::syntax;
use super::time_gap::{data_reception, impossible_date, time_gaps};
use super::{Flag, Limits, Point, Thresholds, aggregate};
use crate::calendar::{DAY, HOUR, Millis, SECOND};

#[test]
fn every_vector_comes_out() {
    let path = format!(
        "{}/../../shared/domain/qartod_vectors.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    for vector in vectors {
        let expected: Vec<u64> = vector["flags"]
            .as_array()
            .unwrap()
            .iter()
            .map(|flag| flag.as_u64().unwrap())
            .collect();
        let got: Vec<u64> = flags(vector)
            .into_iter()
            .map(|flag| u64::from(flag.code()))
            .collect();
        assert_eq!(got, expected, "{vector}");
    }
    assert_eq!(vectors.len(), 35);
}

fn flags(vector: &Value) -> Vec<Flag> {
    let params = vector["params"].as_object().unwrap();
    let values: Vec<Option<Milli>> = list(&vector["input"], milli);
    let moments: Vec<Option<Millis>> =
        list(&vector["time_s"], |at| at.as_i64().map(|at| at * SECOND));
    let points: Vec<Point> = values
        .iter()
        .zip(&moments)
        .map(|(value, at)| Point {
            at: at.unwrap(),
            value: *value,
        })
        .collect();
    let thresholds = |suspect: &str, fail: &str| Thresholds {
        suspect: params.get(suspect).and_then(milli),
        fail: params.get(fail).and_then(milli),
    };
    let both = thresholds("suspect_threshold", "fail_threshold");
    let lasts = |name: &str| params.get(name).and_then(Value::as_i64);
    match vector["test"].as_str().unwrap() {
        "gross_range" => {
            let (suspect, fail) = (limits(params, "suspect_span"), limits(params, "fail_span"));
            values
                .iter()
                .map(|value| gross_range(*value, suspect, fail))
                .collect()
        }
        "climatology" => {
            // Days as the file names them; the last one counts whole.
            let day = |place: usize| {
                let date = params["tspan"][place].as_str().unwrap();
                ["2024-01-01", "2024-12-31"]
                    .iter()
                    .position(|known| *known == date)
                    .unwrap() as i64
            };
            let begin = 1_704_067_200 * SECOND;
            let season = Season {
                when: When::Between(begin + day(0) * 365 * DAY, begin + day(1) * 365 * DAY),
                suspect: limits(params, "vspan"),
                fail: limits(params, "fspan"),
            };
            points
                .iter()
                .map(|point| climatology(*point, 0, &[season]))
                .collect()
        }
        "spike" => {
            let method = match params["method"].as_str().unwrap() {
                "average" => Method::Average,
                "differential" => Method::Differential,
                other => panic!("{other}"),
            };
            spikes(&values, method, &both)
        }
        "rate_of_change" => {
            let by = thresholds("threshold", "fail_threshold");
            rates_of_change(&points, &Rates { by, per: SECOND })
        }
        "flat_line" => {
            let flat = Flat {
                suspect: lasts("suspect_threshold_s").map(|s| s * SECOND),
                fail: lasts("fail_threshold_s").map(|s| s * SECOND),
                tolerance: milli(&params["tolerance"]).unwrap(),
            };
            flat_lines(&points, &flat)
        }
        "attenuated_signal" => {
            let attenuation = Attenuation {
                spread: match params["check_type"].as_str().unwrap() {
                    "std" => Spread::Deviation,
                    "range" => Spread::Range,
                    other => panic!("{other}"),
                },
                suspect: both.suspect.unwrap(),
                fail: both.fail.unwrap(),
                period: lasts("test_period_s").map(|s| s * SECOND),
                at_least: lasts("min_obs").map_or(0, |count| count as usize),
            };
            attenuated_signal(&points, &attenuation)
        }
        "location" => {
            let (lon, lat) = (
                list(&vector["lon"], Value::as_f64),
                list(&vector["lat"], Value::as_f64),
            );
            let places: Vec<_> = lon.into_iter().zip(lat).collect();
            locations(&places, params.get("range_max_m").and_then(Value::as_f64))
        }
        "time_gap" => time_gaps(&moments, lasts("fail_span_h").unwrap() * HOUR),
        "data_reception" => {
            let (now, fail) = (
                lasts("from_time_s").unwrap() * SECOND,
                lasts("fail_span_h").unwrap() * HOUR,
            );
            moments
                .iter()
                .map(|at| data_reception(*at, now, fail))
                .collect()
        }
        "syntax" => {
            let count = lasts("nchar").unwrap() as usize;
            let delimiter = params["delimiter"].as_str().unwrap().chars().next();
            let records = vector["input"].as_array().unwrap().iter();
            records
                .map(|record| syntax(record.as_str().unwrap(), count, delimiter))
                .collect()
        }
        "percentile_range" => {
            let percents = (lasts("low").unwrap() as u32, lasts("high").unwrap() as u32);
            percentile_range(&values, percents, Milli::ZERO)
        }
        "aggregate" => {
            let tests = vector["vectors"].as_array().unwrap();
            let at = |place: usize| {
                aggregate(
                    tests
                        .iter()
                        .map(|flags| flag(flags[place].as_u64().unwrap())),
                )
            };
            (0..tests[0].as_array().unwrap().len()).map(at).collect()
        }
        other => panic!("no test `{other}`"),
    }
}

fn list<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Vec<Option<T>> {
    value.as_array().into_iter().flatten().map(read).collect()
}

/// Through the decimal's own text, so that no digit is lost and none is invented.
fn milli(value: &Value) -> Option<Milli> {
    value
        .as_number()
        .map(|number| number.to_string().parse().unwrap())
}

fn limits(params: &Map<String, Value>, name: &str) -> Option<Limits> {
    let span = params.get(name)?;
    Some((milli(&span[0])?, milli(&span[1])?))
}

fn flag(code: u64) -> Flag {
    [
        Flag::Good,
        Flag::NotEvaluated,
        Flag::Suspect,
        Flag::Fail,
        Flag::Missing,
    ]
    .into_iter()
    .find(|flag| u64::from(flag.code()) == code)
    .unwrap()
}

#[test]
fn months_make_seasons_and_a_month_without_one_is_not_evaluated() {
    let season = |months, low, high| Season {
        when: When::Months(months),
        suspect: Some((Milli::whole(low), Milli::whole(high))),
        fail: None,
    };
    let winter_and_july = [
        season(0b1000_0000_0011, -20, 10),
        season(0b0000_0100_0000, 15, 35),
    ];
    let of = |value: i64, month| {
        let point = Point {
            at: 0,
            value: Some(Milli::whole(value)),
        };
        climatology(point, month, &winter_and_july)
    };
    assert_eq!(of(12, 0), Flag::Suspect);
    assert_eq!(of(10, 11), Flag::Good);
    assert_eq!(of(12, 6), Flag::Suspect);
    assert_eq!(of(99, 3), Flag::NotEvaluated);
    assert_eq!(
        climatology(Point { at: 0, value: None }, 0, &winter_and_july),
        Flag::Missing
    );
}

#[test]
fn a_date_of_the_future_or_before_the_city_fails() {
    let possible = Some((10, 100));
    let of = |at| impossible_date(at, 50, possible);
    assert_eq!(
        [of(Some(50)), of(Some(51)), of(Some(9)), of(None)],
        [Flag::Good, Flag::Fail, Flag::Fail, Flag::Missing]
    );
}

#[test]
fn neighbours_and_companions_make_suspect() {
    let limits = Thresholds {
        suspect: Some(Milli(5)),
        fail: Some(Milli(9)),
    };
    let of =
        |value, low, high| neighbour(Some(Milli(value)), Some((Milli(low), Milli(high))), &limits);
    assert_eq!(
        [of(25, 10, 20), of(26, 10, 20), of(0, 10, 20)],
        [Flag::Good, Flag::Suspect, Flag::Fail]
    );
    assert_eq!(
        neighbour(Some(Milli(3)), None, &limits),
        Flag::NotEvaluated,
        "one other is nobody's judge"
    );
    assert_eq!(
        neighbour(None, Some((Milli(1), Milli(1))), &limits),
        Flag::Missing
    );

    let rates = Rates {
        by: Thresholds {
            suspect: Some(Milli(5)),
            fail: None,
        },
        per: SECOND,
    };
    let pair = |at, own: i64, other| Pair {
        own: Point {
            at,
            value: Some(Milli(own)),
        },
        other: Point { at, value: other },
    };
    let before = Some(pair(0, 0, Some(Milli(0))));
    let of = |now| multi_variate(before, now, &rates, &rates);
    assert_eq!(
        of(pair(SECOND, 6, Some(Milli(6)))),
        Flag::Good,
        "it follows"
    );
    assert_eq!(of(pair(SECOND, 6, Some(Milli(5)))), Flag::Suspect);
    assert_eq!(of(pair(SECOND, 6, None)), Flag::NotEvaluated);
    assert_eq!(
        multi_variate(None, pair(0, 6, None), &rates, &rates),
        Flag::NotEvaluated
    );
}

/// Nothing, one value, all missing, moments out of order and the ends of the number range: an answer for each, no panic.
#[test]
fn poor_streams_have_flags_too() {
    let both = Thresholds {
        suspect: Some(Milli(1)),
        fail: Some(Milli(i64::MAX)),
    };
    let rates = Rates {
        by: both,
        per: HOUR,
    };
    let flat = Flat {
        suspect: Some(HOUR),
        fail: Some(i64::MAX),
        tolerance: Milli(1),
    };
    let spread = Attenuation {
        spread: Spread::Deviation,
        suspect: Milli(1),
        fail: Milli(i64::MAX),
        period: Some(HOUR),
        at_least: 0,
    };
    let extreme = [
        Some(Milli(i64::MAX)),
        Some(Milli(i64::MIN)),
        None,
        Some(Milli(i64::MAX)),
    ];
    let backwards = [i64::MAX, 0, i64::MIN, 0].map(Some);
    for values in [&[][..], &[Some(Milli(4))], &[None; 4], &extreme] {
        let moments = &backwards[..values.len()];
        let points: Vec<Point> = values
            .iter()
            .zip(moments)
            .map(|(value, at)| Point {
                at: at.unwrap(),
                value: *value,
            })
            .collect();
        let all = [
            spikes(values, Method::Average, &both),
            spikes(values, Method::Differential, &both),
            rates_of_change(&points, &rates),
            flat_lines(&points, &flat),
            attenuated_signal(&points, &spread),
            percentile_range(values, (5, 95), Milli(i64::MAX)),
        ];
        for flags in all {
            assert_eq!(flags.len(), values.len());
            for (flag, value) in flags.iter().zip(values) {
                assert_eq!(
                    *flag == Flag::Missing,
                    value.is_none(),
                    "{values:?}: {flags:?}"
                );
            }
        }
        assert_eq!(time_gaps(moments, HOUR).len(), values.len());
    }
    assert_eq!(aggregate([]), Flag::NotEvaluated);
}
