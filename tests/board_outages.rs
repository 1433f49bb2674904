//! Emulated boards, a real Mosquitto and a gateway that can be killed: whatever goes away and comes back, each reading
//! is on the gateway's disk once, or counted.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use gateway::city::{LoadedCity, Sources};
use gateway::provision::{Choice, page};
use tests::board::{self, Board, Image};
use tests::frames::Frames;
use tests::gateway::{Gateway, Listener, files, secret, until};
use tests::mosquitto::Mosquitto;
use tests::process::{self, Process};
use wire::Lane;

const MILD: i64 = 23_500;
const FIRE: i64 = 81_250;
const ACCEPTED: &str = "citysense_frames_total{outcome=\"accepted\"}";

/// Not a test of its own: the gateway that is started and killed.
#[tokio::test(flavor = "multi_thread")]
async fn gateway_process() {
    process::serve().await;
}

/// Boards with a heat detector each, in one zone; the rule asks its mean to stay high for two seconds.
fn town(boards: usize, broker: &Mosquitto) -> Sources {
    let mut town = files(boards, &broker.section());
    town.city_toml += "[panes]\nheat = \"1s\"\n";
    let rows: String = (0..boards)
        .map(|n| format!("n{n},quay,heat,200ms,400ms\n"))
        .collect();
    town.nodes_csv = format!("node,zone,quantities,sample,period\n{rows}");
    let rules = town.rules_toml.take().unwrap();
    let rules = rules
        .replace("\"gas\"", "\"fire\"")
        .replace("\"ch4\"", "\"heat\"");
    let rules = rules
        .replace("raise_at = 20", "raise_at = 57")
        .replace("clear_at = 10", "clear_at = 50");
    town.rules_toml = Some(
        rules
            .replace("\"max\"", "\"mean\"")
            .replace("\"0s\"", "\"2s\""),
    );
    town
}

fn image() -> PathBuf {
    board::image(env!("CARGO_TARGET_TMPDIR"), Image::ForTests)
}

fn loaded(town: &Sources) -> LoadedCity {
    LoadedCity::from_sources(town, None).unwrap()
}

/// The boards of a town, provisioned as `citysense provision` would.
fn boards(town: &Sources, broker: &Mosquitto) -> Vec<Board> {
    let city = loaded(town);
    let choice = Choice {
        broker: board::as_the_guest_sees(broker.address),
        boots_from: 1,
    };
    let nodes = city.city.nodes.iter();
    let pages = nodes.map(|node| page(&city, node, &secret(), choice).unwrap());
    pages
        .map(|page| Board::new(&image(), Some(&page)))
        .collect()
}

fn start(boards: &mut [Board]) {
    boards.iter_mut().for_each(|board| board.start(MILD));
}

/// Waits until the gateway has `more` frames of each board beyond what it had.
async fn heard_again(boards: &[Board], more: u64) {
    let before: Vec<u64> = boards.iter().map(|board| board.outbox().settled).collect();
    for (board, before) in boards.iter().zip(before) {
        until("a board is heard again", || {
            board.outbox().settled >= before + more
        })
        .await;
    }
}

/// Waits until the boards keep nothing but what they have just measured.
async fn nothing_waits(boards: &[Board]) {
    for board in boards {
        until("nothing waits any more", || {
            let outbox = board.outbox();
            outbox.settled >= 3 && outbox.kept <= 1
        })
        .await;
    }
}

/// Every board's frames on the disk below `data`: none is missing, none counts twice.
fn check(data: &Path, boards: &[Board]) {
    let frames = Frames::on_disk(data);
    for (node, board) in (0..).zip(boards) {
        let own = frames.of(node);
        own.check_no_hole();
        assert!(own.len() as u64 >= board.outbox().settled);
        assert_eq!(board.outbox().overwritten, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn four_boards_outlive_a_broker_that_is_killed_and_one_that_freezes() {
    let (mut mosquitto, data) = (Mosquitto::start(), tempfile::tempdir().unwrap());
    let town = town(4, &mosquitto);
    let gateway = Gateway::start(data.path(), loaded(&town), Some(mosquitto.address), None).await;
    let mut boards = boards(&town, &mosquitto);
    start(&mut boards);
    heard_again(&boards, 3).await;

    mosquitto.kill();
    for board in &boards {
        until("a board notices", || board.log().contains("disconnected")).await;
    }
    let accepted = gateway.metric(ACCEPTED);
    mosquitto.start_again();
    heard_again(&boards, 6).await;
    // Frames that were on the disk and whose answer the broker took with it are settled too, and accepted no more.
    assert!(gateway.metric(ACCEPTED) > accepted);

    // It holds the connections and says nothing: only a node's own patience finds out.
    let partings = |board: &Board| board.log().matches("disconnected").count();
    let before: Vec<usize> = boards.iter().map(partings).collect();
    mosquitto.freeze();
    for (board, before) in boards.iter().zip(before) {
        until("a board gives up", || partings(board) > before).await;
    }
    mosquitto.thaw();
    heard_again(&boards, 6).await;
    nothing_waits(&boards).await;
    boards.iter_mut().for_each(Board::stop);
    gateway.stop().await;
    check(data.path(), &boards);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_killed_behind_a_living_broker_has_every_reading_in_the_end() {
    let (mosquitto, data) = (Mosquitto::start(), tempfile::tempdir().unwrap());
    let town = town(1, &mosquitto);
    let mut boards = boards(&town, &mosquitto);
    let mut gateway = Process::start(&town, data.path());
    start(&mut boards);
    heard_again(&boards, 2).await;
    for _ in 0..3 {
        gateway.kill();
        let closed = boards[0].outbox().closed;
        until("the board keeps more", || {
            boards[0].outbox().closed >= closed + 3
        })
        .await;
        gateway = Process::start(&town, data.path());
        heard_again(&boards, 4).await;
    }
    nothing_waits(&boards).await;
    boards.iter_mut().for_each(Board::stop);
    gateway.kill();
    check(data.path(), &boards);
}

/// A broker's refusal is no acknowledgement: what it would not take is still there when it does.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_broker_refuses_to_pass_on_is_kept() {
    let (mut mosquitto, data) = (Mosquitto::start(), tempfile::tempdir().unwrap());
    let town = town(1, &mosquitto);
    // Everything but what nodes say.
    let others = ["alert/#", "gateway/#", "node/+/down", "node/+/status"];
    let rules = others.map(|topic| format!("topic readwrite city/v1/harbour/{topic}\n"));
    mosquitto.kill();
    mosquitto.allow_only(&rules.concat());
    mosquitto.start_again();
    let gateway = Gateway::start(data.path(), loaded(&town), Some(mosquitto.address), None).await;
    let mut boards = boards(&town, &mosquitto);
    start(&mut boards);
    until("frames are refused", || {
        boards[0].log().matches("refused").count() >= 3
    })
    .await;
    assert_eq!(
        (boards[0].outbox().settled, gateway.metric(ACCEPTED)),
        (0, 0.0)
    );

    mosquitto.kill();
    mosquitto.allow_only("topic readwrite #\n");
    mosquitto.start_again();
    heard_again(&boards, 5).await;
    nothing_waits(&boards).await;
    boards.iter_mut().for_each(Board::stop);
    gateway.stop().await;
    check(data.path(), &boards);
}

/// The thermometer gets hot, as the emulator's control socket says: the board's own alarm reaches people at once, and
/// its zone bears it out.
#[tokio::test(flavor = "multi_thread")]
async fn heat_at_the_sensor_is_an_alert_for_people() {
    let (mosquitto, data) = (Mosquitto::start(), tempfile::tempdir().unwrap());
    let town = town(1, &mosquitto);
    let gateway = Gateway::start(data.path(), loaded(&town), Some(mosquitto.address), None).await;
    let mut people = Listener::start(mosquitto.address, "people", "city/v1/harbour/alert/#").await;
    let mut boards = boards(&town, &mosquitto);
    start(&mut boards);
    heard_again(&boards, 2).await;

    boards[0].set_temperature(FIRE);
    let (topic, raised) = people.next_json().await;
    assert!(
        topic.starts_with("city/v1/harbour/alert/fire/quay/"),
        "{topic}"
    );
    assert_eq!(
        (&raised["state"], &raised["reason"]),
        (&"raised".into(), &"node_alarm".into())
    );
    assert_eq!(raised["value"], FIRE as f64 / 1000.0);
    let confirmed = loop {
        let (_, revision) = people.next_json().await;
        assert_eq!(revision["id"], raised["id"]);
        if revision["reason"] == "confirmed" {
            break revision;
        }
    };
    assert_eq!(confirmed["state"], "updated");
    boards[0].set_temperature(MILD);
    let cleared = loop {
        let (_, revision) = people.next_json().await;
        assert_eq!(revision["id"], raised["id"]);
        if revision["state"] == "cleared" {
            break revision;
        }
    };
    assert_eq!(cleared["reason"], "back_to_normal");
    nothing_waits(&boards).await;
    boards.iter_mut().for_each(Board::stop);
    gateway.stop().await;
    let turns = Frames::on_disk(data.path()).in_lane(Lane::Alarm);
    assert_eq!(turns, 2, "raised and over");
    check(data.path(), &boards);
}

/// Twenty times the power goes at any moment; what the board's store had taken in is on the gateway's disk in the end.
#[tokio::test(flavor = "multi_thread")]
async fn power_cuts_at_any_moment_lose_nothing_that_was_kept() {
    const CUTS: u32 = 20;
    let (mosquitto, data) = (Mosquitto::start(), tempfile::tempdir().unwrap());
    let town = town(1, &mosquitto);
    let gateway = Gateway::start(data.path(), loaded(&town), Some(mosquitto.address), None).await;
    let mut boards = boards(&town, &mosquitto);
    let board = &mut boards[0];
    let seed = rand::random();
    println!("seed {seed}");
    let mut random = <rand::rngs::SmallRng as rand::SeedableRng>::seed_from_u64(seed);
    let mut kept = Vec::new();
    for _ in 0..CUTS {
        board.start(MILD);
        let moment = rand::Rng::random_range(&mut random, 50..1_500);
        // Not to wait for anything: to cut at no particular moment.
        tokio::time::sleep(std::time::Duration::from_millis(moment)).await;
        board.stop();
        kept.push(board.outbox().closed);
    }
    board.start(MILD);
    nothing_waits(&boards).await;
    let board = &mut boards[0];
    board.stop();
    gateway.stop().await;

    let frames = Frames::on_disk(data.path());
    frames.check_no_hole();
    for (boot, kept) in (1..).zip(kept) {
        let heard = frames.sequences(boot, Lane::Normal).len() as u64;
        assert!(heard >= kept, "boot {boot}: {heard} of {kept} kept frames");
    }
    assert_eq!(board.outbox().overwritten, 0);
}
