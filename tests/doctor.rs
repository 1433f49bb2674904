//! `citysense doctor` beside a real gateway in which things are broken one after the other.
//!
//! Goal: what is broken is found, by the check that says so, with a word of what it is and of what to do; what is not
//! broken is not called so. Method: a gateway with a real broker (Mosquitto) and a node by hand; after each breakage the
//! doctor is asked until it says what it must, and after each repair until it takes it back.
#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gateway::commands::doctor::{self as command, Args};
use gateway::doctor::finding::{Finding, Report, Verdict};
use gateway::doctor::http::Server;
use gateway::doctor::{Questions, examine};
use gateway::journal::DiskCheck;
use rcgen::{CertificateParams, KeyPair};
use tests::alertmanager::Alertmanager;
use tests::certificates::{CERTIFICATE, KEY, make_certificates};
use tests::gateway::{Gateway, HandNode, PATIENCE, files, free_address};
use tests::mosquitto::Mosquitto;
use wire::{Lane, Milli, Quantity};

/// A city directory and a data directory on disk, with the section `[broker]` and what follows it.
struct Place {
    city: tempfile::TempDir,
    data: tempfile::TempDir,
}

impl Place {
    fn new(nodes: usize, broker: &str) -> Place {
        let place = Place {
            city: tempfile::tempdir().unwrap(),
            data: tempfile::tempdir().unwrap(),
        };
        let sources = files(nodes, broker);
        place.write("city.toml", &sources.city_toml);
        place.write("zones.geojson", &sources.zones_geojson);
        place.write("nodes.csv", &sources.nodes_csv);
        place.write("rules.toml", &sources.rules_toml.unwrap());
        gateway::city::secret(place.data.path()).unwrap();
        place
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.city.path().join(name), text).unwrap();
    }

    async fn gateway(&self, broker: SocketAddr, disk: Option<DiskCheck>) -> Gateway {
        let city = gateway::city::load(self.city.path(), None).unwrap();
        Gateway::start(self.data.path(), city, Some(broker), disk).await
    }

    fn questions(&self, http: SocketAddr) -> Questions {
        Questions {
            city: Some(self.city.path().to_owned()),
            url: Some(Server::parse(&format!("http://{http}")).unwrap()),
            data: Some(self.data.path().to_owned()),
            ..Questions::default()
        }
    }
}

fn of<'a>(report: &'a Report, check: &str) -> Vec<&'a Finding> {
    let findings = report.findings.iter();
    findings.filter(|finding| finding.check == check).collect()
}

/// Asks until one finding of `check` is as bad as that and says `word`.
async fn until_said(questions: &Questions, check: &str, verdict: Verdict, word: &str) -> Finding {
    let start = Instant::now();
    loop {
        let report = examine(questions).await;
        let found = of(&report, check)
            .into_iter()
            .find(|finding| finding.verdict == verdict && finding.said.contains(word));
        if let Some(found) = found {
            return found.clone();
        }
        assert!(
            start.elapsed() < PATIENCE,
            "never said of {check} `{word}`:\n{}",
            report.text()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn advised(finding: &Finding, word: &str) {
    let advice = finding.advice.as_deref().unwrap_or_default();
    assert!(advice.contains(word), "{finding:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_broken_is_found_and_what_is_mended_is_taken_back() {
    let mut broker = Mosquitto::start();
    let place = Place::new(2, &broker.section());
    let gateway = place.gateway(broker.address, None).await;
    let questions = place.questions(gateway.ready.http);
    let mut heard = HandNode::start(gateway.broker, "n0", 1).await;
    heard
        .deliver(Lane::Normal, Quantity::Ch4, Milli(1_000))
        .await;

    // All is well but for a node that nobody has heard.
    let silent = until_said(
        &questions,
        "nodes",
        Verdict::Warning,
        "1 of 2 not heard since the start: n1",
    )
    .await;
    advised(&silent, "power");
    let report = examine(&questions).await;
    assert_eq!(report.verdict, Verdict::Warning, "{}", report.text());
    for check in [
        "configuration",
        "rules",
        "page",
        "ready",
        "version",
        "clock",
        "link",
        "journal",
        "lag",
        "broker",
        "data",
        "secrets",
        "refusals",
    ] {
        let found = of(&report, check);
        assert!(!found.is_empty(), "{check} was not looked at");
        assert!(
            found.iter().all(|finding| finding.verdict == Verdict::Ok),
            "{found:?}"
        );
    }
    assert_eq!(run(&place, gateway.ready.http).await, ExitCode::SUCCESS);

    // A frame that another secret sealed, as the gateway sees it: what it opens with is another node's key.
    let mut other = HandNode::start(gateway.broker, "n1", 1).await;
    let foreign = heard.seal(Lane::Normal, Quantity::Ch4, Milli(1_000));
    other.send("up", &foreign).await;
    let refused = until_said(&questions, "refusals", Verdict::Warning, "1 seal").await;
    advised(&refused, "secret");
    let node = until_said(&questions, "refused nodes", Verdict::Warning, "n1").await;
    advised(&node, "refusals above");

    // Others can read the secret.
    let secret = place.data.path().join("secret");
    let mode = |mode| std::fs::set_permissions(&secret, PermissionsExt::from_mode(mode)).unwrap();
    mode(0o644);
    let open = until_said(&questions, "secrets", Verdict::Wrong, "everybody").await;
    advised(&open, "chmod 600");
    mode(0o600);
    until_said(&questions, "secrets", Verdict::Ok, "owner").await;

    // A file of the city with a mistake, which the gateway does not follow.
    let rules = std::fs::read_to_string(place.city.path().join("rules.toml")).unwrap();
    place.write("rules.toml", &rules.replace("ch4", "ch5"));
    let bad = until_said(&questions, "configuration", Verdict::Wrong, "rules.toml:").await;
    advised(&bad, "citysense check");
    place.write("rules.toml", &rules);

    // The broker dies.
    broker.kill();
    until_said(&questions, "link", Verdict::Wrong, "down").await;
    let dead = until_said(&questions, "broker", Verdict::Wrong, "does not answer").await;
    advised(&dead, "is the broker running");
    until_said(
        &questions,
        "ready",
        Verdict::Wrong,
        "the link to the broker is down",
    )
    .await;
    assert_eq!(run(&place, gateway.ready.http).await, ExitCode::from(3));
    broker.start_again();
    until_said(&questions, "link", Verdict::Ok, "up").await;
    until_said(&questions, "broker", Verdict::Ok, "takes connections").await;

    // The gateway ends.
    gateway.stop().await;
    let gone = until_said(&questions, "page", Verdict::Wrong, "does not answer").await;
    advised(&gone, "systemctl status citysense");
    assert!(
        of(&examine(&questions).await, "nodes").is_empty(),
        "who does not answer has no nodes"
    );
}

/// The command itself, for its exit code.
async fn run(place: &Place, http: SocketAddr) -> ExitCode {
    let args = Args {
        city: Some(place.city.path().to_owned()),
        url: Some(Server::parse(&format!("http://{http}")).unwrap()),
        data: Some(place.data.path().to_owned()),
        ca: None,
        token_file: None,
        json: true,
    };
    let code = tokio::task::spawn_blocking(|| command::run(args).unwrap());
    code.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_takes_nothing_is_found() {
    let broker = Mosquitto::start();
    let place = Place::new(1, &broker.section());
    let full = Arc::new(AtomicBool::new(false));
    let check: DiskCheck = {
        let full = full.clone();
        Arc::new(move || match full.load(Ordering::Relaxed) {
            true => Err(std::io::Error::other("no space left on device")),
            false => Ok(()),
        })
    };
    let gateway = place.gateway(broker.address, Some(check)).await;
    let questions = place.questions(gateway.ready.http);
    until_said(&questions, "journal", Verdict::Ok, "every write was taken").await;
    full.store(true, Ordering::Relaxed);
    let mut node = HandNode::start(gateway.broker, "n0", 1).await;
    let frame = node.seal(Lane::Normal, Quantity::Ch4, Milli(1_000));
    node.send("up", &frame).await;
    let failed = until_said(&questions, "journal", Verdict::Wrong, "a write failed").await;
    advised(&failed, "room");
    until_said(&questions, "ready", Verdict::Wrong, "no space left").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alertmanager_is_asked_for_its_health() {
    let mut alertmanager = Alertmanager::start();
    let section = alertmanager.section("1m");
    let place = Place::new(1, &format!("bind = \"127.0.0.1:0\"\n{section}"));
    let questions = place.questions(free_address());
    until_said(&questions, "alertmanager", Verdict::Ok, "is well").await;
    alertmanager.kill();
    let dead = until_said(
        &questions,
        "alertmanager",
        Verdict::Wrong,
        "does not answer",
    )
    .await;
    advised(&dead, "[alertmanager]");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_own_broker_that_still_shows_an_old_certificate_is_found() {
    let keys = tempfile::tempdir().unwrap();
    make_certificates(keys.path());
    let file = |name| keys.path().join(name).display().to_string();
    let place = Place::new(
        1,
        &format!(
            "bind = \"{}\"\n[broker.tls]\ncertificate = \"{}\"\nkey = \"{}\"",
            free_address(),
            file(CERTIFICATE),
            file(KEY)
        ),
    );
    let start = async || {
        let city = gateway::city::load(place.city.path(), None).unwrap();
        Gateway::start(place.data.path(), city, None, None).await
    };
    let gateway = start().await;
    let questions = place.questions(gateway.ready.http);
    until_said(&questions, "broker", Verdict::Ok, "takes connections").await;
    make_certificates(keys.path());
    let old = until_said(
        &questions,
        "broker",
        Verdict::Wrong,
        "shows another certificate",
    )
    .await;
    assert!(old.said.contains(&file(CERTIFICATE)), "{old:?}");
    advised(&old, "restart");
    gateway.stop().await;
    until_said(&questions, "broker", Verdict::Wrong, "does not answer").await;
    let gateway = start().await;
    let questions = place.questions(gateway.ready.http);
    until_said(&questions, "broker", Verdict::Ok, "takes connections").await;
    gateway.stop().await;
}

/// A certificate authority in a file, good until so many days from now.
fn authority(dir: &Path, days: i64) -> PathBuf {
    let mut params = CertificateParams::new(["broker.example".to_owned()]).unwrap();
    let seconds = jiff::Timestamp::now().as_second() + days * 86_400 + 3_600;
    let end = jiff::Timestamp::from_second(seconds).unwrap();
    let day = end.to_zoned(jiff::tz::TimeZone::UTC);
    params.not_before = rcgen::date_time_ymd(2000, 1, 1);
    params.not_after = rcgen::date_time_ymd(day.year().into(), day.month() as u8, day.day() as u8)
        + Duration::from_secs(3_600 * day.hour() as u64);
    let own = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let file = dir.join(format!("{days}.pem"));
    std::fs::write(&file, own.pem()).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_are_missed_before_their_end() {
    let nobody = free_address();
    for (days, verdict, word) in [
        (-2, Verdict::Wrong, "ended on"),
        (5, Verdict::Warning, "ends in "),
        (400, Verdict::Ok, "is good until"),
        // Past 2049 certificates write their years in full.
        (365 * 40, Verdict::Ok, "is good until 206"),
    ] {
        let place = Place::new(1, "");
        let file = authority(place.city.path(), days);
        place.write(
            "city.toml",
            &format!(
                "[broker]\nurl = \"mqtts://{nobody}\"\n[broker.tls]\nca = \"{}\"\n",
                file.file_name().unwrap().display()
            ),
        );
        let report = examine(&place.questions(nobody)).await;
        let found = of(&report, "certificate");
        assert_eq!(found.len(), 1, "{}", report.text());
        assert_eq!(found[0].verdict, verdict, "{found:?}");
        assert!(found[0].said.contains(word), "{found:?}");
    }
}
