//! Few people are never a number, not even for somebody who asks very often.

use super::*;

/// A board on which `people` thousandths of a person were counted at the quay.
fn with(people: i64) -> Board {
    let mut board = Board::new(face());
    board.apply(&TickOutput {
        tick: NOON as u64,
        zone_values: vec![
            zone_value(0, Value::CrowdCount, NOON, people),
            zone_value(0, Value::CrowdDensity, NOON, people / 100),
            zone_value(1, Value::CrowdCount, NOON, 40_000),
        ],
        ..TickOutput::default()
    });
    board
}

#[test]
fn a_withheld_figure_is_null_with_its_range() {
    let Ok(Answer::Json(said)) = ask_board(
        &with(3_000),
        &Areas::All,
        "Datastreams('quay:crowd_count')/Observations",
    ) else {
        panic!("no answer");
    };
    let said = &said["value"][0];
    assert_eq!(said["result"], Json::Null);
    assert_eq!(said["resultQuality"]["withheld"], true);
    assert_eq!(
        said["resultQuality"]["range"],
        json!({ "above": 0, "under": 5.0 })
    );
    assert_eq!(said["parameters"]["max"], Json::Null);
    let value = format!(
        "Observations('{}')/result/$value",
        said["@iot.id"].as_str().unwrap()
    );
    assert_eq!(
        ask_board(&with(3_000), &Areas::All, &value),
        Ok(Answer::Nothing)
    );
}

/// Every question that could halve the range is answered alike for every number of people below the floor.
#[test]
fn bisection_learns_nothing() {
    let mut questions = Vec::new();
    let sets = [
        ("Observations", "result"),
        ("Observations", "parameters/max"),
        ("Observations", "parameters/last"),
        ("Observations", "resultQuality/range/under"),
        ("Datastreams", "Observations/result"),
        ("Things", "Datastreams/Observations/result"),
        ("Things", "Datastreams/Observations/parameters/min"),
    ];
    for (set, figure) in sets {
        for bound in ["0", "0.5", "1", "2", "2.5", "3", "4", "5", "0.02", "0.03"] {
            for operator in ["gt", "ge", "lt", "le", "eq", "ne"] {
                questions.push(format!("{set}?$filter={figure} {operator} {bound}"));
                questions.push(format!("{set}?$filter=not ({figure} {operator} {bound})"));
                questions.push(format!(
                    "{set}?$filter={figure} sub {bound} {operator} 0 or false"
                ));
            }
            questions.push(format!("{set}?$filter=round({figure}) eq {bound}"));
            questions.push(format!("{set}?$filter={figure} mul 1 div {bound} ge 1"));
            questions.push(format!("{set}?$filter={figure} mod {bound} eq 0"));
        }
        questions.push(format!("{set}?$orderby={figure}"));
        questions.push(format!("{set}?$orderby={figure} desc&$top=1"));
    }
    questions.push("Observations?$resultFormat=dataArray".to_owned());
    questions
        .push("Things?$expand=Datastreams($expand=Observations($filter=result gt 2))".to_owned());
    let boards = [200, 1_000, 2_000, 3_000, 4_999].map(with);
    for question in questions {
        let answers = boards
            .each_ref()
            .map(|board| ask_board(board, &Areas::All, &question));
        for other in &answers[1..] {
            assert_eq!(other, &answers[0], "{question}");
        }
        assert!(answers[0].is_ok(), "{question}: {:?}", answers[0]);
    }
}

#[test]
fn nobody_and_many_are_numbers() {
    for (people, figure) in [(0, 0.0), (5_000, 5.0)] {
        let question = "Observations?$filter=Datastream/id eq 'quay:crowd_count'";
        let Ok(Answer::Json(said)) = ask_board(&with(people), &Areas::All, question) else {
            panic!("no answer");
        };
        assert_eq!(said["value"][0]["result"], json!(figure));
    }
}
