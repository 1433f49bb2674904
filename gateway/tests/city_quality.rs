//! `[[quality]]` in `rules.toml`: what a sensor must not do, its mistakes, and how a change of it is taken over.
#![allow(clippy::unwrap_used)]

use expect_test::expect;
use gateway::city::{LoadedCity, Reload, Sources};
use pipeline::calendar::{HOUR, MINUTE};
use pipeline::input::Input;
use pipeline::quality::{DetectorLimits, Neighbours, QualityRule, Spike};
use wire::{Milli, Quantity};

fn sources(rules: &str) -> Sources {
    Sources {
        city_toml: "[city]\nid = \"town\"\n".to_owned(),
        zones_geojson: r#"{ "type": "FeatureCollection", "features": [
{ "type": "Feature", "properties": { "id": "square" },
  "geometry": { "type": "Polygon", "coordinates": [[[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]]] } } ] }"#
            .to_owned(),
        nodes_csv: "node,zone,quantities\na,square,pm2_5 wind_direction\n".to_owned(),
        rules_toml: Some(rules.to_owned()),
        ..Sources::default()
    }
}

const SOUND: &str = r#"
[[quality]]
quantity = "pm2_5"
stuck = "2h"
spike = 50
spikes = 3
within = "1h"
range = [0, 500]
neighbours = 100
for = "90m"
recover = "30m"
"#;

#[test]
fn every_part_of_a_rule_is_read_and_the_horizon_is_longer_by_what_it_looks_back_on() {
    let city = LoadedCity::from_sources(&sources(SOUND), None).unwrap();
    let expected = QualityRule {
        quantity: Quantity::Pm2_5,
        stuck: Some(2 * HOUR),
        spike: Some(Spike {
            by: Milli::whole(50),
            count: 3,
            within: HOUR,
        }),
        range: Some((Milli::ZERO, Milli::whole(500))),
        neighbours: Some(Neighbours {
            by: Milli::whole(100),
            lasting: 90 * MINUTE,
        }),
        detector: None,
        recover: Some(30 * MINUTE),
    };
    assert_eq!(*city.quality, [expected]);
    let without = LoadedCity::from_sources(&sources(""), None).unwrap();
    let horizon = |city: &LoadedCity| city.calendar.span(Quantity::Pm2_5).horizon;
    assert_eq!(horizon(&city), horizon(&without) + 2 * HOUR);
    let mut report = Vec::new();
    gateway::commands::check::report(&city, &mut report).unwrap();
    let report = String::from_utf8(report).unwrap();
    let line = report.lines().find(|line| line.contains("quality"));
    expect![[r#"
        Some(
            "  quality pm2_5: the same for 2h, or 3 jumps by 50 ug/m3 within 1h, or outside 0 to 500 ug/m3, or 100 ug/m3 from its neighbours for 1h30m; withdrawn until 30m after",
        )
    "#]]
    .assert_debug_eq(&line);
}

#[test]
fn every_mistake_is_said_with_its_line() {
    let rules = r#"
[[quality]]
quantity = "pm25"
stuck = "2h"

[[quality]]
quantity = "pm2_5"
stuck = "2m"
spikes = 3
range = [500, 0]
neighbours = 0
for = "1h"

[[quality]]
quantity = "pm2_5"
spike = 10
within = "10s"
recovery = "1h"

[[quality]]
quantity = "wind_direction"
neighbours = 90
for = "1h"

[[quality]]
quantity = "water_level"
recover = "1h"

[[quality]]
quantity = "relative_humidity"
range = [-500, 10000]

[[quality]]
quantity = "lane_occupancy"
stuck = "1h"
locked_on = "2m"

[[quality]]
quantity = "vehicle_speed"
detector = true
"#;
    let bad = LoadedCity::from_sources(&sources(rules), None).map(|city| city.city);
    expect![[r#"
        14 errors in the city directory
          rules.toml:3: quantity: `pm25` is no quantity (did you mean `pm2_5`?)
          rules.toml:6: [quality pm2_5] spikes means nothing without spike
          rules.toml:8: stuck: must be 3m or longer: panes are of 1m
          rules.toml:10: range: the first must be less than the second, not [500, 0]
          rules.toml:11: neighbours: more than 0 is expected, not 0
          rules.toml:14: [quality pm2_5] a second section for this quantity; one says all
          rules.toml:14: [quality pm2_5] spikes is missing
          rules.toml:17: within: must be 1m or longer: panes are of 1m
          rules.toml:18: unknown key `recovery` in [quality pm2_5] (did you mean `recover`?)
          rules.toml:20: [quality wind_direction] spike and neighbours mean nothing for a direction, which goes round
          rules.toml:25: [quality water_level] nothing to judge by; one of stuck, spike, range, neighbours, detector is expected
          rules.toml:31: range: never left: relative_humidity beyond 0 to 100 % is refused at the door
          rules.toml:33: [quality lane_occupancy] locked_on means nothing without detector = true
          rules.toml:38: [quality vehicle_speed] detector = true is for vehicle_count and lane_occupancy"#]].assert_eq(&bad.unwrap_err().to_string());
}

#[test]
fn detectors_are_held_to_a_main_roads_limits_or_to_the_citys_own() {
    let rules = r#"
[[quality]]
quantity = "vehicle_count"
detector = true

[[quality]]
quantity = "lane_occupancy"
detector = true
locked_on = "30m"
no_change = "off"
"#;
    let city = LoadedCity::from_sources(&sources(rules), None).unwrap();
    let [counts, occupancy] = &city.quality[..] else {
        panic!("{:?}", city.quality);
    };
    let main_road = DetectorLimits::main_road;
    assert_eq!(counts.detector, main_road(Quantity::VehicleCount));
    let own = DetectorLimits {
        locked_on: Some(30 * MINUTE),
        no_change: None,
        ..main_road(Quantity::LaneOccupancy).unwrap()
    };
    assert_eq!(occupancy.detector, Some(own));
    // A day of panes is kept, because a failed detector is set aside for a day.
    let horizon = city.calendar.span(Quantity::VehicleCount).horizon;
    assert!(horizon >= 24 * HOUR, "{horizon}");
    let mut report = Vec::new();
    gateway::commands::check::report(&city, &mut report).unwrap();
    let report = String::from_utf8(report).unwrap();
    let lines = report.lines().filter(|line| line.contains("quality"));
    expect![[r#"
        [
            "  quality vehicle_count: no vehicle for 4h, or 38 vehicles in 30s; withdrawn until it is good again",
            "  quality lane_occupancy: occupied for 30m, or occupancy jumps for more than 1m; withdrawn until it is good again",
        ]
    "#]]
    .assert_debug_eq(&lines.collect::<Vec<_>>());
}

#[test]
fn a_changed_rule_is_an_input_of_the_running_dataflow() {
    let running = LoadedCity::from_sources(&sources(SOUND), None).unwrap();
    let same = LoadedCity::from_sources(&sources(SOUND), Some(&running)).unwrap();
    assert!(Reload::between(&running, same).inputs.is_empty());
    let milder = SOUND.replace("spike = 50", "spike = 80");
    let next = LoadedCity::from_sources(&sources(&milder), Some(&running)).unwrap();
    let reload = Reload::between(&running, next);
    assert!(matches!(&reload.inputs[..], [Input::Quality(rules)] if rules.len() == 1));
    let gone = LoadedCity::from_sources(&sources(""), Some(&running)).unwrap();
    let reload = Reload::between(&running, gone);
    assert!(matches!(&reload.inputs[..], [Input::Quality(rules)] if rules.is_empty()));
    assert_eq!(
        reload.needs_restart,
        ["pane widths, horizons and the time zone"]
    );
}
