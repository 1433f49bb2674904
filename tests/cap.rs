//! Every revision as a CAP 1.2 message, held against the standard's rules: all stories of `scenarios/`, and
//! revisions of every state, reason and severity with names that were chosen to do harm.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use gateway::board::Face;
use gateway::cap::{Message, Trail};
use gateway::config::Scope;
use gateway::limits;
use jiff::tz::TimeZone;
use pipeline::alert::{AlertId, Reason, Revision, State, Status};
use pipeline::calendar::{HOUR, Millis};
use pipeline::rules::{Severity, Value};
use proptest::prelude::*;
use tests::cap::by_hand::{face, harbour, sample};
use tests::cap::{Head, Schema, is_moment};
use tests::real::shared;
use tests::story::{RULER, parse, revisions};
use wire::{KindId, Milli, NodeId};

/// Says `revision` after what was said before, holds it against the rules and against those messages.
#[track_caller]
fn say(schema: &Schema, trail: &mut Trail, revision: &Revision, face: &Face) -> Head {
    let before = trail.clone();
    assert!(trail.tell(revision, face).is_some());
    let xml = Message::standing(revision, trail, face).unwrap().xml();
    assert!(
        xml.len() < limits::PACKET_LEN_MAX / 2,
        "{} bytes",
        xml.len()
    );
    let head = schema.check(&xml);
    assert_eq!(head.msg_type == "Alert", before.standing().is_none());
    let languages: Vec<&str> = head.infos.keys().map(String::as_str).collect();
    assert_eq!(languages, ["en-US", "zh-CN"]);
    head
}

#[test]
fn every_story_is_told_in_valid_messages() {
    let schema = Schema::load();
    let stories = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios")).unwrap();
    let mut types = BTreeMap::<String, usize>::new();
    for story in stories {
        let text = std::fs::read_to_string(story.unwrap().path()).unwrap();
        let plot = parse(text.split_once(RULER).unwrap().0);
        let face = face(&plot.city, &plot.rules);
        let mut told = BTreeMap::<AlertId, (Trail, Vec<Head>)>::new();
        for revision in revisions(&plot) {
            let (trail, heads) = told.entry(revision.id).or_default();
            let head = say(&schema, trail, &revision, &face);
            // All of a story's messages are still good, so each names all before it, exactly.
            let names: Vec<String> = heads.iter().map(Head::reference).collect();
            if revision.updated - revision.onset < HOUR {
                assert_eq!(head.references, names);
            }
            assert!(head.references.iter().all(|triple| names.contains(triple)));
            *types.entry(head.msg_type.clone()).or_default() += 1;
            heads.push(head);
        }
    }
    for kind in ["Alert", "Update", "Cancel"] {
        assert!(types[kind] >= 5, "{types:?}");
    }
}

/// How sure, how urgent and what to do follow from state and reason; no data is never an all-clear.
#[test]
fn what_is_asked_of_people_follows_from_how_an_alert_stands() {
    let schema = Schema::load();
    let face = harbour();
    let word = |revision: &Revision| {
        let mut trail = Trail::default();
        if revision.revision > 1 {
            trail.tell(&sample(State::Raised, Reason::Threshold), &face);
        }
        let head = say(&schema, &mut trail, revision, &face);
        let facts = ["responseType", "urgency", "certainty"].map(|name| head.says(name).to_owned());
        format!("{} {}", head.msg_type, facts.join(" "))
    };
    for (state, reason, number, said) in [
        (
            State::Raised,
            Reason::Threshold,
            1,
            "Alert Evacuate Immediate Observed",
        ),
        (
            State::Raised,
            Reason::NodeAlarm,
            1,
            "Alert Evacuate Immediate Possible",
        ),
        (
            State::Unconfirmed,
            Reason::NoData,
            2,
            "Update Evacuate Immediate Possible",
        ),
        (
            State::Cleared,
            Reason::BackToNormal,
            2,
            "Update AllClear Past Observed",
        ),
        (
            State::Cleared,
            Reason::BackToNormal,
            1,
            "Alert AllClear Past Observed",
        ),
        (
            State::Cleared,
            Reason::NoData,
            2,
            "Update Monitor Unknown Unknown",
        ),
        (
            State::Cleared,
            Reason::Correction,
            2,
            "Update Monitor Past Observed",
        ),
        (
            State::Cancelled,
            Reason::Refuted,
            2,
            "Cancel None Past Unlikely",
        ),
        (
            State::Cancelled,
            Reason::RuleChange,
            2,
            "Cancel None Past Unknown",
        ),
    ] {
        let mut revision = sample(state, reason);
        revision.revision = number;
        assert_eq!(word(&revision), said, "{state:?} {reason:?}");
    }
    let mut alone = sample(State::Updated, Reason::Threshold);
    (alone.provisional, alone.node_alarm) = (true, true);
    assert_eq!(word(&alone), "Alert Evacuate Immediate Possible");
    let mut incomplete = sample(State::Updated, Reason::Threshold);
    incomplete.completeness.heard = 1;
    assert_eq!(word(&incomplete), "Alert Evacuate Immediate Likely");
    // Some doubt is none as long as somebody is beyond it.
    let mut suspect = sample(State::Updated, Reason::Threshold);
    suspect.suspect = suspect.completeness.heard - 1;
    assert_eq!(word(&suspect), "Alert Evacuate Immediate Observed");
    suspect.suspect += 1;
    assert_eq!(word(&suspect), "Alert Evacuate Immediate Possible");
}

#[test]
fn every_zone_of_a_city_is_told_with_sound_ground() {
    let schema = Schema::load();
    let face = Face::from(&gateway::harbour::load().unwrap());
    assert!(face.zones.len() > 10);
    for zone in &face.zones {
        let mut revision = sample(State::Raised, Reason::Threshold);
        revision.zone = zone.id;
        let mut trail = Trail::default();
        let head = say(&schema, &mut trail, &revision, &face);
        assert_eq!(head.sender, "citysense-harbour");
        let xml = Message::standing(&revision, &trail, &face).unwrap().xml();
        let xml = String::from_utf8(xml).unwrap();
        assert_eq!(xml.matches("<polygon>").count(), 2 * zone.outline.0.len());
    }
}

#[test]
fn a_reader_finds_the_facts_in_both_languages() {
    let (schema, mut face) = (Schema::load(), harbour());
    let mut leak = sample(State::Raised, Reason::Threshold);
    leak.status = Status::Simulated;
    let head = say(&schema, &mut Trail::default(), &leak, &face);
    assert_eq!(
        (head.status.as_str(), head.sender.as_str()),
        ("Exercise", "citysense")
    );
    assert_eq!(head.sent, "2026-11-22T09:01:00+08:00");
    assert_eq!(head.says("expires"), "2026-11-22T15:01:00+08:00");
    assert_eq!(
        head.says("headline"),
        "Simulated: Severe: Dangerous gas in Quay (new)"
    );
    assert_eq!(
        head.says("description"),
        "Quay, since 2026-11-22 09:00: Methane 35 % LEL at worst, threshold 20 % LEL; 2 of 2 sensor nodes \
         heard. The threshold was passed."
    );
    let chinese = &head.infos["zh-CN"];
    assert_eq!(chinese["headline"], "【模拟】Quay：有害气体，严重（新发）");
    assert!(chinese["description"].contains("甲烷最严重时为 35 % LEL，警戒值 20 % LEL"));

    // Few people stay a range, and what is restricted says to whom.
    face.rules[0].value = Value::CrowdCount;
    face.cap.scope = Scope::Restricted("Harbour staff".to_owned());
    leak.value = Milli::whole(3);
    leak.acknowledged = Some("Ada".to_owned());
    let mut trail = Trail::default();
    say(&schema, &mut trail, &leak, &face);
    let xml = Message::standing(&leak, &trail, &face).unwrap().xml();
    let xml = String::from_utf8(xml).unwrap();
    assert!(xml.contains("<value>&lt;5 %{LEL}</value>"), "{xml}");
    assert!(
        xml.contains("<restriction>Harbour staff</restriction>"),
        "{xml}"
    );
    assert!(
        !xml.contains("Ada"),
        "who took note is nobody else's business"
    );
}

#[test]
fn the_checker_sees_each_broken_rule() {
    let (schema, face) = (Schema::load(), harbour());
    let mut trail = Trail::default();
    trail.tell(&sample(State::Raised, Reason::Threshold), &face);
    let mut update = sample(State::Updated, Reason::Threshold);
    update.revision = 2;
    trail.tell(&update, &face);
    let xml = Message::standing(&update, &trail, &face).unwrap().xml();
    let xml = String::from_utf8(xml).unwrap();
    assert!(schema.read(&xml).is_ok());
    let id = update.id;
    for (right, wrong) in [
        ("cap:1.2", "cap:1.1"),
        ("<sender>citysense</sender>", ""),
        ("<sender>citysense</sender>", "<sender>city sense</sender>"),
        ("09:01:00+08:00</sent>", "09:01:00Z</sent>"),
        ("09:01:00+08:00</sent>", "09:00:59+08:00</sent>"),
        ("<status>Actual", "<status>Simulated"),
        ("<msgType>Update", "<msgType>Alert"),
        ("Public</scope>", "Restricted</scope>"),
        (
            "Public</scope>",
            "Public</scope><restriction>us</restriction>",
        ),
        ("Public</scope>", "Private</scope>"),
        (&format!("citysense,{id}.1,"), &format!("citysense,{id}.2,")),
        (&format!("citysense,{id}.1,"), "citysense,"),
        ("<event>Dangerous gas</event>", ""),
        (
            "<certainty>Observed</certainty>",
            "<certainty>Observed</certainty><urgency>Past</urgency>",
        ),
        ("<valueName>kind</valueName>", ""),
        ("<polygon>31.000000,121.000000 ", "<polygon>"),
        (
            "<polygon>",
            "<polygon>31.0,121.0 31.1,121.1 31.0,121.1 31.1,121.0 31.0,121.0</polygon><polygon>",
        ),
        ("<polygon>31.000000,", "<polygon>91.000000,"),
        ("</areaDesc>", "</areaDesc><surface/>"),
    ] {
        assert!(xml.contains(right), "{right}");
        let broken = xml.replace(right, wrong);
        assert!(schema.read(&broken).is_err(), "{right} as {wrong}");
    }
}

#[test]
fn the_checker_knows_moments() {
    let vectors = csv::Reader::from_path(shared("domain/cap_date_vectors.csv"));
    let mut seen = 0;
    for row in vectors.unwrap().records() {
        let row = row.unwrap();
        // The schema lets a comma through as a sign; here it may not.
        let expected = &row[1] == "yes" && !row[0].contains(',');
        assert_eq!(is_moment(&row[0]), expected, "{}", &row[0]);
        seen += 1;
    }
    assert!(seen >= 9);
}

fn state() -> impl Strategy<Value = (State, Reason, Severity, Status)> {
    use Reason::*;
    let states = [
        State::Raised,
        State::Updated,
        State::Unconfirmed,
        State::Cleared,
        State::Cancelled,
    ];
    let reasons = [
        Threshold,
        NodeAlarm,
        Confirmed,
        Refuted,
        BackToNormal,
        NoData,
        Correction,
        RuleChange,
        Acknowledged,
        Silence,
        Merged,
        Split,
    ];
    let severities = [
        Severity::Minor,
        Severity::Moderate,
        Severity::Severe,
        Severity::Extreme,
    ];
    let statuses = [
        Status::Actual,
        Status::Exercise,
        Status::Test,
        Status::Simulated,
    ];
    (
        prop::sample::select(states.to_vec()),
        prop::sample::select(reasons.to_vec()),
        prop::sample::select(severities.to_vec()),
        prop::sample::select(statuses.to_vec()),
    )
}

/// Any text, with a taste for what breaks out of XML.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[<>&\"',\u{0}-\u{20}\u{7f}-\u{9f}\u{fffe}\u{ffff}😀]{0,40}",
        Just("]]></areaDesc><!-- &amp;".to_owned()),
        Just("火".repeat(10_000)),
        Just("\"&<".repeat(10_000)),
    ]
}

fn kind() -> impl Strategy<Value = KindId> {
    let kinds = [
        "gas", "fire", "flood", "crowd", "air", "smog", "traffic", "silence", "meteor",
    ];
    prop::sample::select(kinds.to_vec()).prop_map(|kind| KindId::new(kind).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn any_alert_with_any_name_is_told_in_valid_messages(
        steps in prop::collection::vec((state(), any::<Millis>(), any::<Millis>()), 1..6),
        (kind, zone_name, city_name) in (kind(), name(), name()),
        (value, threshold, node, other) in (any::<i64>(), any::<i64>(), any::<bool>(), any::<Option<u128>>()),
        zone in prop::sample::select(vec!["Asia/Shanghai", "UTC", "America/St_Johns", "Africa/Monrovia"]),
    ) {
        let (schema, mut face) = (Schema::load(), harbour());
        face.name = city_name;
        face.time_zone = TimeZone::get(zone).unwrap();
        let mut trail = Trail::default();
        let mut names: Vec<String> = Vec::new();
        for (number, ((state, reason, severity, status), onset, updated)) in steps.into_iter().enumerate() {
            let revision = Revision {
                revision: number as u32 + 1,
                severity, status, onset, updated, kind,
                zone_name: zone_name.clone(),
                value: Milli(value),
                threshold: Milli(threshold),
                node: node.then(|| NodeId::new("n0").unwrap()),
                merged_into: other.map(AlertId),
                split_from: other.map(AlertId),
                ..sample(state, reason)
            };
            let head = say(&schema, &mut trail, &revision, &face);
            prop_assert!(head.references.iter().all(|triple| names.contains(triple)));
            prop_assert_eq!(head.references.last(), names.last(), "the one before is always named");
            names.push(head.reference());
        }
    }
}
