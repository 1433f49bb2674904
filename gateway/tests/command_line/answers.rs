//! What each command answers: exit codes, where messages go, and that nothing is said in vain.

use expect_test::expect;

use crate::{city, citysense, text};

#[test]
fn a_wrong_command_line_is_told_what_there_is() {
    let dir = tempfile::tempdir().unwrap();
    let said = citysense(&["replya"], dir.path());
    assert_eq!(said.status.code(), Some(2));
    assert!(
        text(&said.stderr).contains("unrecognized subcommand 'replya'")
            && text(&said.stderr).contains("'replay'"),
        "{}",
        text(&said.stderr)
    );

    let help = citysense(&["--help"], dir.path());
    assert_eq!(help.status.code(), Some(0));
    for word in [
        "demo",
        "run",
        "replay",
        "simulate",
        "index",
        "check",
        "history",
        "compare",
        "completions",
        "Exit codes",
        "RUST_LOG",
    ] {
        assert!(text(&help.stdout).contains(word), "{word}");
    }
}

#[test]
fn questions_to_no_journal_fail_and_moments_that_are_none_are_a_wrong_command_line() {
    let dir = city();
    for word in ["history", "compare"] {
        let said = citysense(&[word, "--data", "town"], dir.path());
        assert_eq!(said.status.code(), Some(1), "{word}");
        assert!(
            text(&said.stderr).contains("town holds no journal"),
            "{}",
            text(&said.stderr)
        );
    }
    for flag in ["--known-at", "--true-at"] {
        let said = citysense(
            &["history", "--data", "town", flag, "2026-01-01T00:00:00"],
            dir.path(),
        );
        assert_eq!(said.status.code(), Some(2), "{flag}");
        assert!(
            text(&said.stderr).contains("no offset"),
            "{}",
            text(&said.stderr)
        );
    }
}

#[test]
fn rules_prints_the_default_rules_as_they_are() {
    let dir = city();
    let printed = citysense(&["rules"], dir.path());
    assert_eq!(printed.status.code(), Some(0));
    assert_eq!(text(&printed.stdout), gateway::city::DEFAULT_RULES);
}

#[test]
fn check_answers_with_its_exit_code() {
    let dir = city();
    let good = citysense(&["check", "--city", "town"], dir.path());
    assert_eq!(good.status.code(), Some(0));
    let said = text(&good.stdout);
    assert!(
        said.contains("rule ch4-low: ") && said.contains("the default rules are in force"),
        "{said}"
    );

    std::fs::write(dir.path().join("town/rules.toml"), "").unwrap();
    let good = citysense(&["check", "--city", "town"], dir.path());
    assert_eq!(good.status.code(), Some(0));
    expect![[r#"
        city city: 1 zones, 1 nodes, 0 gates, 0 rules; UTC
        no errors
    "#]]
    .assert_eq(&text(&good.stdout));

    std::fs::write(
        dir.path().join("town/city.toml"),
        "[city]\nid = \"no good\"\n",
    )
    .unwrap();
    let bad = citysense(&["check", "--city", "town"], dir.path());
    assert_eq!(bad.status.code(), Some(2));
    expect![[r#"
        city.toml:2: id: id has a character outside A-Z a-z 0-9 _ - at position 3: `no good`
        1 error in town
    "#]]
    .assert_eq(&text(&bad.stdout));

    let replay = [
        "replay",
        "--city",
        "town",
        "--readings",
        "-",
        "--out",
        "out",
    ];
    let bad = citysense(&replay, dir.path());
    assert_eq!(
        bad.status.code(),
        Some(2),
        "a command that needs the city says so too"
    );
    expect![[r#"
        citysense: 1 error in the city directory
          city.toml:2: id: id has a character outside A-Z a-z 0-9 _ - at position 3: `no good`
    "#]]
    .assert_eq(&text(&bad.stderr));
}

#[test]
fn replay_ends_well_only_when_the_rows_make_sense() {
    let dir = city();
    let replay = [
        "replay",
        "--city",
        "town",
        "--readings",
        "readings.csv",
        "--out",
        "out",
    ];
    let missing = citysense(&replay, dir.path());
    assert_eq!(missing.status.code(), Some(1));
    assert!(
        text(&missing.stderr).contains("readings.csv"),
        "{}",
        text(&missing.stderr)
    );

    let write = |rows: &str| {
        let header = "time,node,quantity,value\n";
        std::fs::write(dir.path().join("readings.csv"), format!("{header}{rows}")).unwrap();
    };
    write("0,a,noise,50\n60000,a,noise,60\n60000,b,noise,60\n");
    let good = citysense(&replay, dir.path());
    assert_eq!(good.status.code(), Some(0));
    let said = text(&good.stdout);
    assert!(
        said.starts_with("3 rows: 2 admitted (0 late, 0 too late), 0 duplicates, 1 refused; "),
        "{said}"
    );
    expect![[r#"
        readings.csv:4: nodes.csv has no such node
    "#]]
    .assert_eq(&text(&good.stderr));

    write("0,a,noise,50\n60000,b,noise,60\n60000,b,noise,loud\n");
    let bad = citysense(&replay, dir.path());
    assert_eq!(bad.status.code(), Some(3));
    expect![[r#"
        readings.csv:3: nodes.csv has no such node
        readings.csv:4: nodes.csv has no such node
        citysense: more than half of the rows were refused: are these readings of this city?
    "#]]
    .assert_eq(&text(&bad.stderr));
}

#[test]
fn a_node_is_given_its_page_and_nobody_else_can_read_it() {
    let dir = city();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write(
        "town/nodes.csv",
        "node,zone,quantities,sample\ngas-1,quay,ch4 temperature,5s\nvague,quay,,\n",
    );
    let rule = |id: &str, raise_at: u32| {
        format!(
            "[[rule]]\nid = \"{id}\"\nkind = \"gas\"\nvalue = \"ch4\"\nstatistic = \"max\"\nzones = [\"*\"]\n\
             raise_at = {raise_at}\nclear_at = 5\nfor = \"0s\"\nseverity = \"severe\"\n"
        )
    };
    write("town/rules.toml", &(rule("low", 10) + &rule("high", 40)));
    let provision = |node: &str| {
        let mut words = vec!["provision", "--city", "town", node, "--out", "page.bin"];
        words.extend(["--broker", "192.0.2.7:1883"]);
        citysense(&words, dir.path())
    };
    let done = provision("gas-1");
    expect![[r#"
        124 bytes for node gas-1 of city in page.bin: they hold its keys, keep them like a password
          broker 192.0.2.7:1883, keys of generation 1, boots from 1; samples every 5 s, a frame every 20 s
          temperature
          ch4, speaks up from 10 %{LEL} after 0 s
    "#]]
    .assert_eq(&text(&done.stdout));

    // What the node reads is what the gateway will expect of it.
    let bytes = std::fs::read(dir.path().join("page.bin")).unwrap();
    let page = edge_firmware::page::decode(&bytes).unwrap();
    let secret = gateway::city::secret(&dir.path().join("town/data")).unwrap();
    let secret = wire::CitySecret::new(secret);
    let node = wire::NodeId::new("gas-1").unwrap();
    let up = wire::seal::derive_key(&secret, &node, 1, wire::seal::Direction::Up);
    assert_eq!(&page.up, up.as_bytes());
    let alarm = page.settings.alarms[0].threshold;
    assert_eq!(
        (alarm.raise_at, alarm.clear_at),
        (wire::Milli(10_000), wire::Milli(5_000))
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(dir.path().join("page.bin")).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    }

    let typo = provision("gas-2");
    assert_eq!(typo.status.code(), Some(1));
    expect![[r#"
        citysense: nodes.csv has no node `gas-2` (did you mean `gas-1`?)
    "#]]
    .assert_eq(&text(&typo.stderr));
    expect![[r#"
        citysense: nodes.csv does not say what node `vague` measures; name its quantities there
    "#]]
    .assert_eq(&text(&provision("vague").stderr));
}

#[test]
fn a_port_in_use_is_named_with_the_way_out() {
    let dir = city();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap();
    let port = taken.port().to_string();
    let said = |words: &[&str]| {
        let ended = citysense(words, dir.path());
        assert_eq!(ended.status.code(), Some(1));
        text(&ended.stderr)
    };
    let run = |http: &str, broker: &str| {
        let town = format!("[http]\nbind = \"{http}\"\n[broker]\nbind = \"{broker}\"\n");
        std::fs::write(dir.path().join("town/city.toml"), town).unwrap();
        said(&["run", "--city", "town"])
    };
    let (free, taken) = ("127.0.0.1:0", taken.to_string());
    for (message, way_out) in [
        (run(&taken, free), "[http] bind"),
        (run(free, &taken), "[broker] bind"),
        (said(&["demo", "--http", &port, "--port", "0"]), "--http"),
        (said(&["demo", "--http", "0", "--port", &port]), "--port"),
    ] {
        assert!(message.contains(&port), "{message}");
        assert!(message.contains(way_out), "{message}");
    }
}

#[test]
fn doctor_says_what_is_wrong_with_its_exit_code() {
    let dir = city();
    // Nobody serves there: the port is one that only root may take, and the doctor opens none.
    let asked = [
        "doctor",
        "--city",
        "town",
        "--url",
        "http://127.0.0.1:1",
        "--json",
    ];
    let said = citysense(&asked, dir.path());
    assert_eq!(said.status.code(), Some(3), "{}", text(&said.stderr));
    let report: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(report["verdict"], "wrong");
    let page = |finding: &&serde_json::Value| finding["check"] == "page";
    let findings = report["findings"].as_array().unwrap();
    let page = findings.iter().find(page).unwrap();
    assert_eq!(page["verdict"], "wrong");
    assert!(page["advice"].as_str().unwrap().contains("systemctl"));

    let wrong = citysense(&["doctor", "--url", "127.0.0.1:8080"], dir.path());
    assert_eq!(wrong.status.code(), Some(2));
    let told = text(&wrong.stderr);
    assert!(told.contains("such as http://127.0.0.1:8080"), "{told}");
}
