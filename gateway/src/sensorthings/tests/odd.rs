//! Questions that nobody should ask: a clear word and a place, never a panic, never endless work.

use super::*;

#[test]
fn a_wrong_question_is_told_where_it_is_wrong() {
    for (question, message) in [
        ("Thing", "there is no set `Thing` (did you mean `Things`?)"),
        ("Things('none')", "there is no Things('none')"),
        (
            "Things('quay')/Observations",
            "Things have no `Observations`",
        ),
        (
            "Things('quay",
            "`Things('quay`: the id's second bracket is missing",
        ),
        (
            "Things?$filter=nme eq 'a'",
            "$filter: at character 1: Things have no `nme` (did you mean `name`?)",
        ),
        (
            "Things?$filter=name eq",
            "$filter: at character 8: a property, a number, a text in single quotes or a function is expected, not the end",
        ),
        (
            "Things?$filter=name eq 'a' )",
            "$filter: at character 13: nothing more is expected, not `)`",
        ),
        (
            "Things?$filter=lenght(name) eq 1",
            "$filter: at character 1: there is no function `lenght` (did you mean `length`?)",
        ),
        (
            "Things?$filter=length(name,1) eq 1",
            "$filter: at character 1: `length` does not take 2 arguments",
        ),
        (
            "Things?$filter=st_within(name, geography'POINT (1)')",
            "$filter: at character 17: a longitude to 180 and a latitude to 90 degrees are expected, not `1`",
        ),
        (
            "Things?$top=-1",
            "$top: at character 1: a whole number from 0 to 1000000000 is expected, not `-`",
        ),
        (
            "Things?$count=maybe",
            "$count: at character 1: true or false is expected, not `maybe`",
        ),
        (
            "Things?$orderby=name up",
            "$orderby: at character 6: asc or desc is expected, not `up`",
        ),
        (
            "Things?$expand=Sensor",
            "$expand: at character 1: Things have no `Sensor`; known: @iot.id, @iot.selfLink, name, description, properties, Locations, HistoricalLocations, Datastreams",
        ),
        (
            "Things?$expand=Datastreams($tp=1)",
            "$expand: at character 17: $tp: there is no such option (did you mean `$top`?); known: $filter, $orderby, $top, $skip, $count, $select, $expand, $resultFormat",
        ),
        ("Things?$top=1&$top=2", "$top: is there twice"),
        (
            "Things?$format=xml",
            "$format: there is no such option; known: $filter, $orderby, $top, $skip, $count, $select, $expand, $resultFormat",
        ),
        (
            "Things?$resultFormat=dataArray",
            "$resultFormat: at character 1: only dataArray, of Observations, is known, not `dataArray`",
        ),
    ] {
        match ask(question) {
            Err(wrong) => assert_eq!(wrong.to_string(), message, "{question}"),
            Ok(answer) => panic!("{question}: {answer:?}"),
        }
    }
}

#[test]
fn depth_and_length_have_bounds() {
    for filter in [
        format!("{}1{} eq 1", "(".repeat(5_000), ")".repeat(5_000)),
        format!("{}true", "not ".repeat(900)),
        format!("{}1 eq 1", "- ".repeat(1_500)),
        format!("1 eq 1{}", " and 1 eq 1".repeat(300)),
        format!("name eq '{}'", "a".repeat(5_000)),
        format!("{}'a'{} eq 'a'", "trim(".repeat(500), ")".repeat(500)),
    ] {
        assert!(ask(&format!("Things?$filter={filter}")).is_err());
    }
    let mut deep = "Datastreams".to_owned();
    for _ in 0..40 {
        deep = format!("Datastreams($expand=Thing($expand={deep}))");
    }
    assert!(ask(&format!("Things?$expand={deep}")).is_err());
    let long = "/Datastreams('quay:pm2_5')/Thing".repeat(20);
    assert!(ask(&format!("Things('quay'){long}")).is_err());
}

/// Sets of sets of sets: refused once they cost too much, whatever the filter is.
#[test]
fn work_has_a_bound() {
    let round = "Datastreams/ObservedProperty/Datastreams/Thing/Datastreams/Observations";
    let question = format!("Observations?$filter=Datastream/Thing/{round}/result gt 1000");
    let refused = ask(&question).unwrap_err().to_string();
    assert!(refused.contains("path is too long"), "{refused}");
    let square = "Datastream/Thing/Datastreams/Observations/result";
    let question =
        format!("Observations?$filter={square} add {square} add {square} add {square} gt 1000");
    let refused = ask(&question).unwrap_err().to_string();
    assert!(refused.contains("too much work"), "{refused}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}", option in 0_usize..8) {
        let names = ["$filter", "$orderby", "$top", "$skip", "$count", "$select", "$expand", "$resultFormat"];
        let text = text.replace('&', "");
        let _ = ask(&format!("Observations?{}={text}", names[option]));
        let _ = ask(&text.replace('?', ""));
    }

    /// Words that belong to the language, in any order.
    #[test]
    fn any_words_are_answered(words in prop::collection::vec(prop::sample::select(vec![
        "result", "Datastream/Thing/name", "phenomenonTime", "FeatureOfInterest/feature", "eq", "gt", "and", "or", "not", "(", ")", ",",
        "1", "-", "0", "'a'", "null", "2026-11-22T01:00:00Z", "2026-11-22T00:00:00Z/2026-11-22T01:00:00Z", "duration'PT1H'", "mul", "sub",
        "div", "mod", "length(", "st_within(", "geo.distance(", "now()", "substring(", "geography'POINT (121 31)'",
        "geography'POLYGON ((0 0, 1 0, 1 1, 0 0))'", "Datastream/Observations/result", "year(", "during(", "overlaps(", "resultQuality/range",
    ]), 0..14)) {
        let filter = words.join(" ");
        let _ = ask(&format!("Observations?$filter={filter}"));
        let _ = ask(&format!("Observations?$orderby={filter}"));
    }

    #[test]
    fn any_shape_is_compared(corners in prop::collection::vec((-3_i32..3, -3_i32..3), 3..9)) {
        // On a coarse grid, where corners and sides fall on each other.
        let ring: Vec<String> = corners.iter().chain(corners.first()).map(|(x, y)| format!("{} {}", 121.0 + f64::from(*x) * 0.01, 31.0 + f64::from(*y) * 0.01)).collect();
        let shape = format!("geography'POLYGON (({}))'", ring.join(", "));
        for function in ["st_within", "st_touches", "st_overlaps", "st_crosses", "st_equals", "st_disjoint", "geo.distance"] {
            let _ = ask(&format!("Locations?$filter={function}(location,{shape})"));
        }
    }
}
