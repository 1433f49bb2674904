//! Answers in, findings out: a row a trouble.

use super::*;
use crate::doctor::finding::Verdict;
use crate::metrics::REFUSAL_REASONS;

const NOW: Millis = 1_795_780_800_000;

fn answer(status: u16, body: &str) -> Result<Answer, String> {
    Ok(Answer {
        status,
        date: Some(NOW + 400),
        body: body.to_owned(),
    })
}

fn metrics(changed: &str) -> Result<Answer, String> {
    let usual = concat!(
        "# HELP citysense_link_up 1 while connected\n",
        "citysense_build_info{version=\"",
        env!("CARGO_PKG_VERSION"),
        "\"} 1\n",
        "citysense_link_up{link=\"readings\"} 1\ncitysense_link_up{link=\"alarms\"} 1\n",
        "citysense_link_failures_total 0\ncitysense_journal_failed 0\ncitysense_frontier_lag_seconds 0.2\n",
        "citysense_drops_total{queue=\"action\"} 0\ncitysense_refusals_total{reason=\"seal\"} 0\n",
    );
    let is_said_otherwise = |line: &&str| {
        let name = line.rsplit_once(' ').map_or(*line, |(name, _)| name);
        !changed.contains(name)
    };
    let kept: Vec<&str> = usual.lines().filter(is_said_otherwise).collect();
    answer(200, &(changed.to_owned() + &kept.join("\n") + "\n"))
}

fn well() -> Said {
    Said {
        url: "http://gateway".to_owned(),
        asked_at: NOW,
        healthz: answer(200, "ok\n"),
        readyz: answer(200, "ready\n"),
        metrics: metrics(""),
    }
}

#[test]
fn a_gateway_that_is_well_is_said_to_be() {
    for finding in judge(&well()) {
        assert_eq!(finding.verdict, Verdict::Ok, "{finding:?}");
    }
}

#[test]
fn each_trouble_has_its_word_and_its_advice() {
    let down = "citysense_link_up{link=\"alarms\"} 0\ncitysense_link_failures_total 7\n";
    let late = "not yet: the figures are 90 s behind";
    // What is said, the check that finds it, how bad it is, a word of what is found, one of the advice.
    let table: [(Said, &str, Verdict, &str, &str); 12] = [
        (
            Said {
                healthz: Err("Connection refused".to_owned()),
                ..well()
            },
            "page",
            Verdict::Wrong,
            "Connection refused",
            "systemctl",
        ),
        (
            Said {
                healthz: answer(404, ""),
                ..well()
            },
            "page",
            Verdict::Wrong,
            "404",
            "--url",
        ),
        (
            Said {
                readyz: answer(503, "the link to the broker is down\n"),
                ..well()
            },
            "ready",
            Verdict::Wrong,
            "link",
            "broker",
        ),
        (
            Said {
                readyz: answer(503, "the journal takes nothing: full\n"),
                ..well()
            },
            "ready",
            Verdict::Wrong,
            "full",
            "started again",
        ),
        (
            Said {
                readyz: answer(503, late),
                ..well()
            },
            "ready",
            Verdict::Wrong,
            "90 s",
            "catches up",
        ),
        (
            Said {
                asked_at: NOW + 10_000,
                ..well()
            },
            "clock",
            Verdict::Wrong,
            "9 s behind",
            "network time",
        ),
        (
            Said {
                metrics: answer(401, ""),
                ..well()
            },
            "metrics",
            Verdict::Warning,
            "those it knows",
            "--token-file",
        ),
        (
            Said {
                metrics: metrics(down),
                ..well()
            },
            "link",
            Verdict::Wrong,
            "alarms",
            "broker",
        ),
        (
            Said {
                metrics: metrics("citysense_journal_failed 1\n"),
                ..well()
            },
            "journal",
            Verdict::Wrong,
            "a write failed",
            "room",
        ),
        (
            Said {
                metrics: metrics("citysense_frontier_lag_seconds 61\n"),
                ..well()
            },
            "lag",
            Verdict::Wrong,
            "61 s",
            "threads",
        ),
        (
            Said {
                metrics: metrics("citysense_drops_total{queue=\"action\"} 3\n"),
                ..well()
            },
            "queues",
            Verdict::Warning,
            "3 messages",
            "acknowledged",
        ),
        (
            Said {
                metrics: metrics("citysense_build_info{version=\"9.9.9\"} 1\n"),
                ..well()
            },
            "version",
            Verdict::Warning,
            "9.9.9",
            "restart",
        ),
    ];
    for (said, check, verdict, word, advice) in table {
        let findings = judge(&said);
        let found = findings.iter().find(|finding| finding.check == check);
        let found = found.unwrap_or_else(|| panic!("nothing on {check}: {findings:?}"));
        assert_eq!(found.verdict, verdict, "{found:?}");
        assert!(found.said.contains(word), "{found:?}");
        let given = found.advice.as_deref().unwrap_or_default();
        assert!(given.contains(advice), "{found:?}");
    }
}

#[test]
fn every_reason_of_a_refusal_has_a_likely_cause() {
    for reason in REFUSAL_REASONS {
        let text = format!("citysense_refusals_total{{reason=\"{reason}\"}} 4\n");
        let found = refusals(Exposition(&text));
        assert_eq!(found.verdict, Verdict::Warning);
        assert!(found.said.ends_with(&format!("4 {reason}")), "{found:?}");
        assert!(CAUSES.iter().any(|(known, _)| *known == reason), "{reason}");
    }
    let text = "citysense_refusals_total{reason=\"seal\"} 1\ncitysense_refusals_total{reason=\"topic\"} 9\n";
    let found = refusals(Exposition(text));
    assert!(found.said.ends_with("9 topic, 1 seal"), "{found:?}");
}

#[test]
fn a_metric_is_not_taken_for_another_that_begins_alike() {
    let text =
        "citysense_link_up_total 5\ncitysense_link_up{link=\"a}b\"} 1\ncitysense_link_up 2\n";
    let found: Vec<_> = Exposition(text).series("citysense_link_up").collect();
    assert_eq!(found, [("link=\"a}b\"", 1.0), ("", 2.0)]);
}
