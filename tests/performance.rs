//! `citysense performance` beside recorded sensors: EPA's published statistics come out, and a slow second method agrees.
//!
//! The published table is `docs/source/data/stats_df_v2.csv` of USEPA/sensortoolkit, to two decimals; of its three sensors
//! the recordings hold the first. The other two sets have no published table: there every figure is computed again from
//! all pairs of points, without a mean.

use std::collections::BTreeMap;

use gateway::commands::performance::{Args, answer};
use pipeline::calendar::{DAY, HOUR, Millis};
use serde_json::Value;
use tests::real::collocated::{self, Pair};
use wire::Quantity;

/// What the command finds; without a span, for both.
fn ask(
    pair: &Pair,
    quantity: Quantity,
    average: Option<Millis>,
    missing: Option<f64>,
) -> (Value, Vec<String>) {
    let directory = tempfile::tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    std::fs::write(at("sensor.csv"), &pair.sensor).expect("written");
    std::fs::write(at("reference.csv"), &pair.reference).expect("written");
    let args = Args {
        quantity,
        sensor: vec![at("sensor.csv")],
        reference: at("reference.csv"),
        average,
        missing,
        utc_offset: 0,
        json: true,
    };
    let (text, complaints) = answer(&args).expect("an answer");
    (serde_json::from_str(&text).expect("JSON"), complaints)
}

/// To two decimals, as the table is printed.
fn rounded(statistics: &Value) -> Vec<String> {
    let shown = |path: &str| {
        let number = statistics
            .pointer(path)
            .and_then(Value::as_f64)
            .expect("a number");
        format!("{number:.2}")
    };
    let paths = [
        "/r2",
        "/slope",
        "/intercept",
        "/rmse",
        "/n",
        "/sensor/min",
        "/sensor/max",
        "/sensor/mean",
    ];
    paths.map(shown).to_vec()
}

#[test]
fn the_published_statistics_of_epas_example_come_out() {
    let (found, complaints) = ask(
        &collocated::toco_toucan("-05:00"),
        Quantity::Pm2_5,
        None,
        None,
    );
    assert_eq!(complaints, [""; 0]);
    let statistics = |average: usize| &found["averages"][average]["sensors"][0]["statistics"];
    assert_eq!(
        rounded(statistics(0)),
        [
            "0.52", "0.82", "-1.66", "3.53", "706.00", "1.13", "13.76", "4.69"
        ]
    );
    assert_eq!(
        rounded(statistics(1)),
        [
            "0.62", "0.86", "-2.06", "3.30", "29.00", "2.01", "7.86", "4.65"
        ]
    );
    let daily = &found["averages"][1]["sensors"][0];
    let meets = serde_json::json!({ "slope": true, "intercept": true, "r2": false, "rmse": true });
    assert_eq!(daily["meets"], meets, "it explains too little");
    assert_eq!(daily["clock_hint"], Value::Null);
}

/// The export does not say its offset in its rows: taken for UTC, the report says how to get it right.
#[test]
fn a_sensor_whose_clock_was_taken_for_utc_is_told_to_be_five_hours_off() {
    let (found, _) = ask(
        &collocated::toco_toucan("Z"),
        Quantity::Pm2_5,
        Some(HOUR),
        None,
    );
    let sensor = &found["averages"][0]["sensors"][0];
    assert_eq!(sensor["clock_hint"]["hours"], 5);
    assert_eq!(rounded(&sensor["statistics"])[0], "0.22");
}

#[test]
fn eighteen_purple_airs_agree_with_a_second_method() {
    let pair = collocated::purple_air();
    let (found, _) = ask(&pair, Quantity::Pm2_5, Some(DAY), None);
    let sensors = found["averages"][0]["sensors"].as_array().expect("sensors");
    let (own, reference) = (by_node(&pair.sensor, None), by_node(&pair.reference, None));
    assert_eq!(sensors.len(), 18);
    let days: u64 = sensors
        .iter()
        .map(|sensor| agrees(sensor, &own, &reference))
        .sum();
    assert_eq!(days, 5_666);
    assert_eq!(
        found["averages"][0]["precision"],
        Value::Null,
        "no two of them stand together"
    );
    let steep = sensors
        .iter()
        .filter(|sensor| sensor["meets"]["slope"] == false)
        .count();
    assert!(steep > 9, "uncorrected they read too high: {steep} of 18");
}

#[test]
fn an_italian_roadside_agrees_with_a_second_method_and_minus_200_is_no_value() {
    let pair = collocated::roadside();
    let lacking = Some(-200.0);
    let (found, complaints) = ask(&pair, Quantity::Co, Some(HOUR), lacking);
    assert_eq!(complaints, [""; 0]);
    let sensor = &found["averages"][0]["sensors"][0];
    let hours = agrees(
        sensor,
        &by_node(&pair.sensor, lacking),
        &by_node(&pair.reference, lacking),
    );
    assert_eq!(hours, 7_344);
    let (believed, _) = ask(&pair, Quantity::Co, Some(HOUR), None);
    let r2 = |found: &Value| found["averages"][0]["sensors"][0]["statistics"]["r2"].as_f64();
    assert!(
        r2(&found) > Some(0.7) && r2(&believed) < Some(0.1),
        "{:?}, {:?}",
        r2(&found),
        r2(&believed)
    );
}

type Nodes = BTreeMap<String, BTreeMap<String, f64>>;

/// Values by time as text: all moments are starts of their own interval here.
fn by_node(text: &str, missing: Option<f64>) -> Nodes {
    let mut nodes = Nodes::new();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for row in reader.records().map(|row| row.expect("a row")) {
        let node = if row.len() == 3 { &row[1] } else { "sensor" };
        let value: f64 = row[row.len() - 1].parse().expect("a number");
        if Some(value) != missing {
            let of_node = nodes.entry(node.to_owned()).or_default();
            of_node.insert(row[0].to_owned(), value);
        }
    }
    nodes
}

/// Compares one sensor's statistics with those made of all pairs of its points; answers how many points there were.
fn agrees(sensor: &Value, own: &Nodes, references: &Nodes) -> u64 {
    let name = sensor["sensor"].as_str().expect("a name");
    let reference = references
        .get(name)
        .or(references.values().next())
        .expect("a reference");
    let common = own[name]
        .iter()
        .filter_map(|(at, y)| Some((*reference.get(at)?, *y)));
    let points: Vec<(f64, f64)> = common.collect();
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (place, (x, y)) in points.iter().enumerate() {
        for (other_x, other_y) in &points[..place] {
            let (dx, dy) = (x - other_x, y - other_y);
            (xx, xy, yy) = (xx + dx * dx, xy + dx * dy, yy + dy * dy);
        }
    }
    let n = points.len() as f64;
    let slope = xy / xx;
    let intercept = points.iter().map(|(x, y)| y - slope * x).sum::<f64>() / n;
    let rmse = (points.iter().map(|(x, y)| (y - x) * (y - x)).sum::<f64>() / n).sqrt();
    let statistics = &sensor["statistics"];
    for (figure, expected) in [
        ("r2", xy * xy / xx / yy),
        ("slope", slope),
        ("intercept", intercept),
        ("rmse", rmse),
    ] {
        let got = statistics[figure].as_f64().expect(figure);
        let near = (got - expected).abs() <= 1e-6 * expected.abs().max(1.0);
        assert!(near, "{name}: {figure} is {got}, not {expected}");
    }
    assert_eq!(statistics["n"], points.len());
    points.len() as u64
}
