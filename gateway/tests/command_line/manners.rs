//! What all commands have in common: results apart from messages, colours, quiet, logs, JSON, a reader that leaves.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::{city, citysense, command, text};

fn with_input(arguments: &[&str], directory: &Path, input: &str) -> Output {
    let mut child = command(directory)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(input.as_bytes()).unwrap();
    drop(pipe);
    child.wait_with_output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {} {}", text(&output.stdout), text(&output.stderr))
    })
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    let dir = city();
    let sets = ["import", "--list"];
    let pages = ["man", "replay"];
    let long: [&[&str]; 5] = [
        &["rules"],
        &["rules", "--json"],
        &sets,
        &pages,
        &["completions", "bash"],
    ];
    for words in long {
        let mut child = command(dir.path())
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::with_capacity(16, child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        drop(out);
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        let ended = child.wait().unwrap();
        assert_eq!((ended.code(), said.as_str()), (Some(0), ""), "{words:?}");
    }
}

#[test]
fn colours_come_when_they_are_asked_for_and_never_into_a_pipe() {
    let dir = city();
    std::fs::write(dir.path().join("town/city.toml"), "[city]\nid = \"a b\"\n").unwrap();
    let said = |words: &[&str], set: &[(&str, &str)]| {
        let mut check = command(dir.path());
        check.args(["check", "--city", "town"]).args(words);
        let said = check.envs(set.iter().copied()).output().unwrap();
        assert_eq!(said.status.code(), Some(2));
        text(&said.stdout)
    };
    let red = "\u{1b}[31m1 error in town\u{1b}[0m";
    assert!(!said(&[], &[]).contains('\u{1b}'));
    assert!(said(&["--color", "always"], &[]).contains(red));
    assert!(said(&[], &[("CLICOLOR_FORCE", "1")]).contains(red));
    assert!(!said(&["--color=never"], &[("CLICOLOR_FORCE", "1")]).contains('\u{1b}'));
    assert!(!said(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).contains('\u{1b}'));

    // The parser's own messages keep to it as well.
    let wrong = |words: &[&str]| text(&citysense(words, dir.path()).stderr);
    assert!(!wrong(&["chekc"]).contains('\u{1b}'));
    assert!(wrong(&["--color", "always", "chekc"]).contains('\u{1b}'));
}

#[test]
fn logs_are_text_or_json_on_standard_error_and_as_many_as_are_wanted() {
    let dir = city();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let bind = taken.local_addr().unwrap();
    let toml = format!("[http]\nbind = \"{bind}\"\n[broker]\nbind = \"127.0.0.1:0\"\n");
    std::fs::write(dir.path().join("town/city.toml"), toml).unwrap();
    // It notes that the default rules are in force, and ends because the port is taken.
    let run = |words: &[&str]| {
        let ended = citysense(&[&["run", "--city", "town"], words].concat(), dir.path());
        assert_eq!(ended.status.code(), Some(1));
        assert_eq!(text(&ended.stdout), "", "logs are no results");
        text(&ended.stderr)
    };
    let note = "the default rules are in force";
    assert!(run(&[]).contains(note));
    assert!(!run(&["--quiet"]).contains(note));
    assert!(!run(&["--log-level", "error"]).contains(note));
    let said = run(&["--log", "json"]);
    let event: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!(event["level"], "INFO");
    assert!(event["message"].as_str().unwrap().contains(note), "{event}");
    assert!(
        event["timestamp"].is_string() && event["target"].is_string(),
        "{event}"
    );
    assert!(
        run(&["--log-level", "loud"]
            .map(|word| word.replace("loud", "warn"))
            .each_ref()
            .map(String::as_str))
        .contains("port")
    );

    let mut loud = command(dir.path());
    let loud = loud
        .args(["run", "--city", "town"])
        .env("RUST_LOG", "gateway=loud");
    let said = text(&loud.output().unwrap().stderr);
    assert!(said.contains("RUST_LOG is not understood"), "{said}");
    let wrong = citysense(
        &["check", "--city", "town", "--log-level", "loud"],
        dir.path(),
    );
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn quiet_leaves_results_and_errors() {
    let dir = city();
    std::fs::write(
        dir.path().join("rows.csv"),
        "time,node,quantity,value\n0,a,noise,50\n1,b,noise,5\n",
    )
    .unwrap();
    let replay = [
        "replay",
        "--city",
        "town",
        "--readings",
        "rows.csv",
        "--out",
        "out",
        "-q",
    ];
    let said = citysense(&replay, dir.path());
    assert_eq!(said.status.code(), Some(0));
    assert_eq!(text(&said.stdout), "");
    assert_eq!(
        text(&said.stderr),
        "rows.csv:3: nodes.csv has no such node\n"
    );
    assert_ne!(text(&citysense(&["-q", "rules"], dir.path()).stdout), "");
}

#[test]
fn whatever_a_script_would_read_is_there_as_json() {
    let dir = city();
    let good = json(&citysense(
        &["check", "--city", "town", "--json"],
        dir.path(),
    ));
    assert_eq!((&good["valid"], &good["zones"]), (&true.into(), &1.into()));
    std::fs::write(dir.path().join("bad.toml"), "[city]\nid = \"a b\"\n").unwrap();

    let rules = json(&citysense(&["rules", "--json"], dir.path()));
    let text_of = gateway::city::DEFAULT_RULES.matches("[[rule]]").count();
    assert_eq!(rules["rule"].as_array().unwrap().len(), text_of);

    let sets = json(&citysense(&["import", "--list", "--json"], dir.path()));
    assert_eq!(
        sets["sets"].as_array().unwrap().len(),
        gateway::import::SETS.len()
    );

    let rows = "time,node,quantity,value\n0,a,noise,50\n60000,a,noise,60\n60000,b,noise,60\n";
    let replay = [
        "replay",
        "--city",
        "town",
        "--readings",
        "-",
        "--out",
        "out",
        "--json",
    ];
    let said = json(&with_input(&replay, dir.path(), rows));
    assert_eq!(said["books"]["rows"], 3);
    assert_eq!(said["books"]["refused"]["unknown_node"], 1);
    assert_eq!(said["written"]["alerts"], 0);

    std::fs::copy(
        dir.path().join("bad.toml"),
        dir.path().join("town/city.toml"),
    )
    .unwrap();
    let bad = citysense(&["check", "--city", "town", "--json"], dir.path());
    assert_eq!(bad.status.code(), Some(2));
    let bad = json(&bad);
    assert_eq!(bad["valid"], false);
    assert_eq!(
        (&bad["errors"][0]["file"], &bad["errors"][0]["line"]),
        (&"city.toml".into(), &2.into())
    );
}

#[test]
fn standard_input_stands_in_for_a_file() {
    let dir = city();
    let station = "time,value\n".to_owned()
        + &(0..12)
            .map(|hour| format!("2026-01-01T{hour:02}:00:00Z,{}\n", hour * 3))
            .collect::<String>();
    std::fs::write(dir.path().join("station.csv"), &station).unwrap();
    let words = [
        "performance",
        "--quantity",
        "pm2_5",
        "--sensor",
        "-",
        "--reference",
        "station.csv",
        "--average",
        "1h",
        "--json",
    ];
    let said = json(&with_input(&words, dir.path(), &station));
    assert_eq!(said["averages"][0]["sensors"][0]["statistics"]["rmse"], 0.0);

    let table = "pm2_5_24h\n35.4\n";
    let index = ["index", "--standard", "us-epa-2012", "--input", "-"];
    let said = with_input(&index, dir.path(), table);
    assert!(
        text(&said.stdout).contains("35.4,100,"),
        "{}",
        text(&said.stdout)
    );
}

#[test]
fn a_wrong_word_is_answered_with_the_likely_one() {
    let dir = city();
    for (words, likely) in [
        (&["expalin"][..], "explain"),
        (&["replay", "--jornal", "x"], "--journal"),
        (
            &["import", "metr_la", "--from", "x", "--out", "y"],
            "metr-la",
        ),
        (
            &["index", "--standard", "us-epa-2014", "--input", "-"],
            "us-epa-2024",
        ),
        (
            &[
                "plot", "--city", "town", "--from", "x", "--out", "y", "--value", "pm25",
            ],
            "pm2_5",
        ),
        (&["man", "reply"], "replay"),
        (&["completions", "bsh"], "bash"),
        (&["check", "--city", "town", "--color", "allways"], "always"),
    ] {
        let said = citysense(words, dir.path());
        assert!(matches!(said.status.code(), Some(1 | 2)), "{words:?}");
        assert!(
            text(&said.stderr).contains(likely),
            "{words:?}: {}",
            text(&said.stderr)
        );
        assert_eq!(text(&said.stdout), "", "{words:?}");
    }
}
