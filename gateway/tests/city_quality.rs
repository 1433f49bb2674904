//! `[[quality]]` in `rules.toml`: what a sensor must not do, its mistakes, and how a change of it is taken over.
#![allow(clippy::unwrap_used)]

use expect_test::expect;
use gateway::city::{LoadedCity, Reload, Sources};
use pipeline::calendar::{HOUR, MINUTE};
use pipeline::input::Input;
use pipeline::quality::{DetectorLimits, Neighbours, QualityRule, Spike};
use pipeline::science::qartod::Thresholds;
use pipeline::science::qartod::climatology::{Season, When};
use pipeline::science::qartod::pane::{Fails, FlagRule, FlatFor};
use pipeline::science::qartod::rate_of_change::Rates;
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
        flags: None,
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
          rules.toml:20: [quality wind_direction] spike, rate and neighbours mean nothing for a direction, which goes round
          rules.toml:25: [quality water_level] nothing to judge by; one of stuck, spike, range, neighbours, detector or a threshold for flags is expected
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

const FLAGS: &str = r#"
[[quality]]
quantity = "pm2_5"
suspect_range = [0, 300]
fail_range = [0, 1000]
suspect_spike = 20
fail_spike = 50
suspect_rate = 100
per = "10m"
suspect_flat = "30m"
fail_flat = "2h"
flat_within = 0.1
gap = "5m"
suspect_neighbours = 30
fail_neighbours = 60
fails = 3
fails_within = "1h"

[[quality.climatology]]
months = [11, 12, 1, 2]
suspect = [0, 250]

[[quality.climatology]]
months = [6]
suspect = [0, 80]
fail = [0, 500]
"#;

#[test]
fn thresholds_of_flags_are_read_and_none_of_them_withdraws_by_itself() {
    let city = LoadedCity::from_sources(&sources(FLAGS), None).unwrap();
    let rule = &city.quality[0];
    assert!(!rule.judges());
    let whole = Milli::whole;
    let both = |suspect, fail| Thresholds {
        suspect: Some(whole(suspect)),
        fail: Some(whole(fail)),
    };
    let season = |months, high, fail| Season {
        when: When::Months(months),
        suspect: Some((Milli::ZERO, whole(high))),
        fail,
    };
    let expected = FlagRule {
        suspect_range: Some((Milli::ZERO, whole(300))),
        fail_range: Some((Milli::ZERO, whole(1000))),
        climatology: vec![
            season(0b1100_0000_0011, 250, None),
            season(0b10_0000, 80, Some((Milli::ZERO, whole(500)))),
        ],
        spike: both(20, 50),
        rate: Some(Rates {
            by: Thresholds {
                suspect: Some(whole(100)),
                fail: None,
            },
            per: 10 * MINUTE,
        }),
        flat: Some(FlatFor {
            suspect: Some(30 * MINUTE),
            fail: Some(2 * HOUR),
            tolerance: Milli(100),
        }),
        gap: Some(5 * MINUTE),
        neighbour: both(30, 60),
        fails: Some(Fails {
            count: 3,
            within: HOUR,
        }),
    };
    assert_eq!(rule.flags.as_deref(), Some(&expected));
    assert_eq!(rule.window(), 2 * HOUR, "the horizon is longer by that");
    let said = gateway::city::describe_quality(rule);
    expect!["pm2_5: 3 failing panes within 1h; withdrawn until as long after; flagged: suspect outside 0 to 300 ug/m3, fail outside 0 to 1000 ug/m3, by 2 seasons, suspect off its neighbours in time by 20 ug/m3, fail off its neighbours in time by 50 ug/m3, suspect changing by 100 ug/m3 in 10m, suspect within 0.1 ug/m3 for 30m, fail within 0.1 ug/m3 for 2h, a gap after 5m, suspect off the zone's other nodes by 30 ug/m3, fail off the zone's other nodes by 60 ug/m3"].assert_eq(&said);
}

#[test]
fn every_mistake_in_flags_is_said_with_its_line() {
    let rules = r#"
[[quality]]
quantity = "pm2_5"
suspect_range = [-5, 300]
fail_range = [0, 200]
suspect_spike = 50
fail_spike = 20
suspect_rate = 100
suspect_flat = "30m"
flat_within = 0
fails = 2
fails_within = "10s"

[[quality]]
quantity = "wind_direction"
per = "1m"
suspect_spike = 10

[[quality]]
quantity = "temperature"
suspect_range = [-20, 40]
fails = 3
fails_within = "1h"

[[quality.climatology]]
months = [0, 13]

[[quality.climatology]]
months = [1]
suspekt = [0, 1]
"#;
    let bad = LoadedCity::from_sources(&sources(rules), None).map(|city| city.city);
    expect![[r#"
        12 errors in the city directory
          rules.toml:2: [quality pm2_5] per is missing
          rules.toml:2: [quality pm2_5] suspect_range must lie within fail_range
          rules.toml:2: [quality pm2_5] suspect_spike must be less than fail_spike
          rules.toml:10: flat_within: more than 0 is expected, not 0
          rules.toml:12: fails_within: must be 1m or longer: panes are of 1m
          rules.toml:14: [quality wind_direction] per means nothing without suspect_rate or fail_rate
          rules.toml:14: [quality wind_direction] spike, rate and neighbours mean nothing for a direction, which goes round
          rules.toml:19: [quality temperature] fails means nothing without a threshold beyond which a pane fails
          rules.toml:25: [[climatology]] suspect or fail is expected: what is usual then, or can be at all
          rules.toml:26: months: a whole number from 1 to 12 is expected
          rules.toml:28: [[climatology]] suspect or fail is expected: what is usual then, or can be at all
          rules.toml:30: unknown key `suspekt` in [[climatology]] (did you mean `suspect`?)"#]].assert_eq(&bad.unwrap_err().to_string());
}
