//! Questions of SensorThings and their answers, on a small board.

use std::sync::Arc;

use pipeline::calendar::MINUTE;
use pipeline::output::TickOutput;
use pipeline::rules::Value;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use wire::Quantity;

use super::*;
use crate::access::Areas;
use crate::board::Board;
use crate::board::sample::{NOON, expected, face, zone_value};

mod filters;
mod odd;
mod withheld;

const BASE: &str = "http://wall/sensorthings/v1.1";

/// Ten minutes of fine particles in both zones, people at the quay: three, then one more each minute.
fn board() -> Board {
    let mut board = Board::new(face());
    let minutes = (0..10).map(|minute| NOON - minute * MINUTE);
    let values = minutes.flat_map(|end| {
        let minute = (NOON - end) / MINUTE;
        [
            zone_value(0, Value::Quantity(Quantity::Pm2_5), end, 30_000 + minute),
            zone_value(1, Value::Quantity(Quantity::Pm2_5), end, 10_000 - minute),
            zone_value(0, Value::CrowdCount, end, 12_000 - minute * 1_000),
        ]
    });
    board.apply(&TickOutput {
        tick: NOON as u64,
        expected: expected(),
        zone_values: values.collect(),
        ..TickOutput::default()
    });
    board
}

fn ask_board(board: &Board, areas: &Areas, question: &str) -> Result<Answer, Wrong> {
    let picture = board.picture(NOON).within(areas);
    let face = picture.face.clone();
    let pasts = face.zones.iter().map(|zone| board.pasts(zone)).collect();
    let fetch = |zone: &crate::board::ZoneFace, value| board.past(&face, zone, value, NOON);
    let data = Data::new(NOON, face.clone(), pasts, &fetch);
    let (path, query) = question.split_once('?').unwrap_or((question, ""));
    let pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect();
    answer(&data, BASE, path, &pairs)
}

fn ask(question: &str) -> Result<Answer, Wrong> {
    ask_board(&board(), &Areas::All, question)
}

#[track_caller]
fn json_of(question: &str) -> Json {
    match ask(question) {
        Ok(Answer::Json(json)) => json,
        other => panic!("{question}: {other:?}"),
    }
}

/// Ids of what is answered.
#[track_caller]
fn ids(question: &str) -> Vec<String> {
    let answer = json_of(question);
    let entities = answer["value"].as_array().unwrap().iter();
    let ids = entities.map(|entity| entity["@iot.id"].as_str().unwrap().to_owned());
    ids.collect()
}

#[test]
fn the_root_names_every_set_and_what_can_be_done() {
    let root = json_of("");
    let sets: Vec<&str> = root["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|set| set["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        sets,
        [
            "Things",
            "Locations",
            "HistoricalLocations",
            "Datastreams",
            "Sensors",
            "ObservedProperties",
            "Observations",
            "FeaturesOfInterest"
        ]
    );
    for set in sets {
        json_of(set);
    }
    assert!(
        root["serverSettings"]["conformance"]
            .as_array()
            .unwrap()
            .len()
            > 10
    );
}

#[test]
fn an_observation_says_its_figure_and_how_sure_it_is() {
    let said =
        json_of("Datastreams('quay:pm2_5')/Observations?$orderby=phenomenonTime desc&$top=1");
    let observation = &said["value"][0];
    assert_eq!(observation["result"], json!(30.0));
    assert_eq!(
        observation["phenomenonTime"],
        "2026-11-22T00:59:00.000Z/2026-11-22T01:00:00.000Z"
    );
    assert_eq!(observation["resultTime"], "2026-11-22T01:00:00.000Z");
    assert_eq!(
        observation["validTime"],
        "2026-11-22T01:00:00.000Z/2026-11-22T01:03:00.000Z"
    );
    assert_eq!(
        observation["resultQuality"],
        json!({
            "completeness": { "heard": 1, "expected": 2 },
            "provisional": false,
            "suspectNodes": 0,
            "saturated": false,
            "readings": 6,
            "ageSeconds": 0.0,
            "withheld": false,
        })
    );
    assert_eq!(
        said["@iot.nextLink"],
        format!(
            "{BASE}/Datastreams('quay:pm2_5')/Observations?$skip=1&$orderby=phenomenonTime%20desc&$top=1"
        )
    );
    let itself = format!(
        "Observations('{}')",
        observation["@iot.id"].as_str().unwrap()
    );
    assert_eq!(json_of(&itself), *observation);
    assert_eq!(observation["@iot.selfLink"], format!("{BASE}/{itself}"));
}

#[test]
fn a_datastream_says_its_unit_by_its_ucum_code() {
    let stream = json_of("Datastreams('quay:pm2_5')");
    assert_eq!(
        stream["unitOfMeasurement"],
        json!({ "name": "µg/m³", "symbol": "ug/m3", "definition": "http://www.opengis.net/def/uom/UCUM/ug%2Fm3" })
    );
    assert_eq!(stream["name"], "PM2.5 at Old quay");
    assert_eq!(stream["observedArea"]["type"], "Polygon");
    assert_eq!(
        stream["phenomenonTime"],
        "2026-11-22T00:50:00.000Z/2026-11-22T01:00:00.000Z"
    );
    assert_eq!(
        stream["Observations@iot.navigationLink"],
        format!("{BASE}/Datastreams('quay:pm2_5')/Observations")
    );
    assert_eq!(stream["properties"]["status"], "simulated");
}

#[test]
fn relations_lead_there_and_back() {
    assert_eq!(ids("Things"), ["mole", "quay"]);
    assert_eq!(
        ids("Things('quay')/Datastreams"),
        ["quay:pm2_5", "quay:crowd_count"]
    );
    assert_eq!(
        ids("ObservedProperties('pm2_5')/Datastreams"),
        ["mole:pm2_5", "quay:pm2_5"]
    );
    assert_eq!(ids("Sensors('mole')/Datastreams"), ["mole:pm2_5"]);
    assert_eq!(ids("FeaturesOfInterest('mole')/Observations").len(), 10);
    assert_eq!(ids("Locations('mole')/Things"), ["mole"]);
    assert!(ids("Things('mole')/HistoricalLocations").is_empty());
    let thing = json_of("Datastreams('mole:pm2_5')/Thing");
    assert_eq!(thing["name"], "Mole & <light>");
    let way = "Things('quay')/Datastreams('quay:pm2_5')/ObservedProperty/name";
    assert_eq!(json_of(way), json!({ "name": "PM2.5" }));
    assert_eq!(
        ask(&format!("{way}/$value")),
        Ok(Answer::Text("PM2.5".to_owned()))
    );
    assert_eq!(
        json_of("Things/$ref?$top=1"),
        json!({
            "@iot.nextLink": format!("{BASE}/Things/$ref?$skip=1&$top=1"),
            "value": [{ "@iot.selfLink": format!("{BASE}/Things('mole')") }],
        })
    );
}

#[test]
fn expansions_nest_with_options_of_their_own() {
    let said = json_of(
        "Things?$filter=id eq 'quay'&$select=name&$expand=Datastreams($filter=ObservedProperty/id eq 'crowd_count';$select=id;$expand=Observations($top=2;$orderby=phenomenonTime desc;$select=result;$count=true),ObservedProperty($select=name))",
    );
    assert_eq!(
        said["value"],
        json!([{
            "name": "Old quay",
            "Datastreams": [{
                "@iot.id": "quay:crowd_count",
                "ObservedProperty": { "name": "People" },
                "Observations": [{ "result": 12.0 }, { "result": 11.0 }],
                "Observations@iot.count": 10,
                "Observations@iot.nextLink": format!(
                    "{BASE}/Datastreams('quay:crowd_count')/Observations?$skip=2&$top=2&$orderby=phenomenonTime%20desc&$select=result&$count=true"
                ),
            }],
        }])
    );
    let short = json_of("Things('mole')?$expand=Datastreams/ObservedProperty,Datastreams/Sensor");
    let stream = &short["Datastreams"][0];
    assert_eq!(
        (
            &stream["ObservedProperty"]["name"],
            &stream["Sensor"]["@iot.id"]
        ),
        (&json!("PM2.5"), &json!("mole"))
    );
}

#[test]
fn pages_follow_each_other_to_the_end() {
    let whole = ids("Observations?$top=1000");
    assert_eq!(whole.len(), 30);
    assert_eq!(json_of("Observations?$count=true&$top=0")["@iot.count"], 30);
    let (mut walked, mut next) = (
        Vec::new(),
        "Observations?$top=7&$filter=result gt 0".to_owned(),
    );
    loop {
        let page = json_of(&next);
        let ids = page["value"].as_array().unwrap().iter();
        walked.extend(ids.map(|entity| entity["@iot.id"].as_str().unwrap().to_owned()));
        let Some(link) = page["@iot.nextLink"].as_str() else {
            break;
        };
        next = link
            .strip_prefix(BASE)
            .unwrap()
            .trim_start_matches('/')
            .replace("%20", " ");
    }
    // Few people are withheld: nothing is greater than nothing.
    let shown: Vec<String> = ids("Observations?$top=1000&$filter=result ne null");
    assert_eq!(walked, shown);
}

#[test]
fn rows_say_the_same_as_entities() {
    let said = json_of("Observations?$resultFormat=dataArray&$select=id,result&$top=15");
    let streams = said["value"].as_array().unwrap();
    assert_eq!(streams.len(), 2);
    assert_eq!(streams[0]["components"], json!(["id", "result"]));
    assert_eq!(
        streams[0]["Datastream@iot.navigationLink"],
        format!("{BASE}/Datastreams('mole:pm2_5')")
    );
    assert_eq!(streams[0]["dataArray@iot.count"], 10);
    let entities = json_of("Observations?$top=15");
    assert_eq!(
        streams[1]["dataArray"][4][1],
        entities["value"][14]["result"]
    );
}

#[test]
fn a_part_of_the_city_is_all_there_is_for_whom_it_is() {
    let quay = Areas::Zones(Arc::new(["quay".parse().unwrap()].into()));
    let Ok(Answer::Json(things)) = ask_board(&board(), &quay, "Things?$count=true") else {
        panic!("no answer");
    };
    assert_eq!(things["@iot.count"], 1);
    for hidden in [
        "Things('mole')",
        "Datastreams('mole:pm2_5')",
        "Locations('mole')",
        "Sensors('mole')",
    ] {
        let answer = ask_board(&board(), &quay, hidden);
        assert!(matches!(answer, Err(Wrong::Absent(_))), "{hidden}");
    }
    let Ok(Answer::Json(found)) = ask_board(&board(), &quay, "Observations?$top=1000") else {
        panic!("no answer");
    };
    assert_eq!(found["value"].as_array().unwrap().len(), 20);
}

/// A forecast speaks of an hour that has not come.
#[test]
fn a_forecast_is_of_its_hour() {
    let ahead = Value::from_name("air_forecast:us-epa-2024:3h").unwrap();
    let mut board = board();
    board.apply(&TickOutput {
        tick: NOON as u64,
        zone_values: vec![zone_value(0, ahead, NOON, 80_000)],
        ..TickOutput::default()
    });
    let question = "Datastreams('quay:air_forecast:us-epa-2024:3h')/Observations";
    let Ok(Answer::Json(said)) = ask_board(&board, &Areas::All, question) else {
        panic!("no answer");
    };
    let said = &said["value"][0];
    assert_eq!(said["resultTime"], "2026-11-22T01:00:00.000Z");
    assert_eq!(
        said["phenomenonTime"],
        "2026-11-22T03:59:00.000Z/2026-11-22T04:00:00.000Z"
    );
    assert_eq!(said["resultQuality"]["provisional"], true);
}
