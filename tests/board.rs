//! The firmware on an emulated Cortex-M4F, against a whole gateway: real interrupts, a real network stack, real
//! seals. What the node forgets is on the gateway's disk, once; what it does not know it does not say.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use gateway::city::LoadedCity;
use tests::board::{self, Board, Image};
use tests::frames::Frames;
use tests::gateway::{EMBEDDED, Gateway, Listener, city, files, free_address, until};
use wire::{Lane, Milli};

const MILD: i64 = 23_500;
const HOT: i64 = 40_000;
const ACCEPTED: &str = "citysense_frames_total{outcome=\"accepted\"}";
const ADMITTED: &str = "citysense_readings_total{outcome=\"admitted\"}";

fn image() -> PathBuf {
    board::image(env!("CARGO_TARGET_TMPDIR"), Image::ForTests)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_without_a_page_says_so_and_nothing_else() {
    check_ends(Board::new(&image(), None), 103, "no configuration page").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_that_cannot_count_its_lives_does_not_speak() {
    let nobody = free_address();
    let page = board::page("n0", nobody, None);
    let board = Board::new(&image(), Some(&page)).without_memory();
    check_ends(board, 104, "no boot number").await;
}

async fn check_ends(mut board: Board, expected: i32, said: &str) {
    board.start(MILD);
    let mut code = None;
    until("the firmware ends", || {
        code = board.exit_code();
        code.is_some()
    })
    .await;
    assert_eq!(code, Some(expected));
    assert!(board.log().contains(said), "{}", board.log());
    assert!(!board.log().contains("address"), "{}", board.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_speaks_until_the_gateway_has_it_and_again_after_a_power_cut() {
    let dir = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(dir.path(), city(1, EMBEDDED), None, None).await;
    let status = "city/v1/harbour/node/n0/status";
    let mut presence = Listener::start(gateway.broker, "presence", status).await;
    let alarm = Some((30_000, 28_000));
    let page = board::page("n0", gateway.broker, alarm);
    let mut board = Board::new(&image(), Some(&page));

    board.start(MILD);
    until("frames are settled", || board.outbox().settled >= 3).await;
    assert!(board.log().contains("boot 1"), "{}", board.log());
    assert_eq!(presence.next().await.1, b"online");

    board.set_temperature(HOT);
    let settled = board.outbox().settled;
    until("the heat is told", || board.outbox().settled > settled + 2).await;
    board.stop();
    assert_eq!(presence.next().await.1, b"offline");

    let accepted = gateway.metric(ACCEPTED);
    board.start(MILD);
    until("the second life is heard", || board.outbox().settled >= 3).await;
    assert!(board.log().contains("boot 2"), "{}", board.log());
    assert!(gateway.metric(ACCEPTED) >= accepted + 3.0);
    assert_eq!(presence.next().await.1, b"online");
    board.stop();
    assert_eq!(
        gateway.metric("citysense_frames_total{outcome=\"refused\"}"),
        0.0
    );
    let counted = (gateway.metric(ACCEPTED), gateway.metric(ADMITTED));
    gateway.stop().await;

    let frames = Frames::on_disk(dir.path());
    let told: Vec<Milli> = frames.values().collect();
    assert_eq!(counted, (frames.len() as f64, told.len() as f64));
    assert!(
        told.iter().all(|value| [MILD, HOT].contains(&value.0)),
        "{told:?}"
    );
    assert_eq!(frames.frame(0, 1, Lane::Alarm, 0), Some(&[Milli(HOT)][..]));
    assert_eq!(frames.boots(), [1, 2]);
    frames.check_no_hole();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_board_keeps_through_an_outage_arrives_once() {
    let dir = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(dir.path(), city(1, EMBEDDED), None, None).await;
    let broker = gateway.broker;
    let page = board::page("n0", broker, None);
    let mut board = Board::new(&image(), Some(&page));
    board.start(MILD);
    until("frames are settled", || board.outbox().settled >= 2).await;

    gateway.stop().await;
    until("the board notices and tries again", || {
        board.log().matches("no connection").count() >= 2
    })
    .await;
    let settled = board.outbox().settled;
    let same_port = format!("bind = \"{broker}\"");
    let gateway = Gateway::start(dir.path(), city(1, &same_port), None, None).await;
    until("what was kept is settled", || {
        board.outbox().settled >= settled + 5
    })
    .await;
    assert_eq!(board.outbox().overwritten, 0);
    board.stop();
    gateway.stop().await;
    Frames::on_disk(dir.path()).check_no_hole();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_board_has_no_room_for_is_the_oldest_and_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(dir.path(), city(1, EMBEDDED), None, None).await;
    let broker = gateway.broker;
    let mut page = board::page("n0", broker, None);
    (
        page.settings.sample_period_ms,
        page.settings.report_period_ms,
    ) = (20, 20);
    let mut board = Board::new(&image(), Some(&page));
    board.start(MILD);
    until("frames are settled", || board.outbox().settled >= 2).await;
    gateway.stop().await;
    until("the store overflows", || board.outbox().overwritten >= 50).await;
    let full = board.outbox();
    let same_port = format!("bind = \"{broker}\"");
    // It has the node measure less often: as fast as it writes, it would overwrite what is on its way.
    let mut calm = files(1, &same_port);
    calm.nodes_csv = "node,zone,quantities,sample,period\nn0,quay,temperature,1s,1s\n".to_owned();
    let calm = LoadedCity::from_sources(&calm, None).unwrap();
    let gateway = Gateway::start(dir.path(), calm, None, None).await;
    until("what was kept is settled", || {
        let now = board.outbox();
        now.settled > full.settled && now.kept <= 2
    })
    .await;
    board.stop();
    gateway.stop().await;

    let sequences = Frames::on_disk(dir.path()).sequences(1, Lane::Normal);
    let missing = sequences
        .windows(2)
        .map(|pair| u64::from(pair[1] - pair[0] - 1));
    let missing: Vec<u64> = missing.collect();
    // Frames that were heard and dropped before their acknowledgement came are counted as lost and are not.
    let overwritten = board.outbox().overwritten;
    let counted = overwritten.saturating_sub(4 * WINDOW)..=overwritten;
    let lost: u64 = missing.iter().sum();
    assert!(counted.contains(&lost), "{lost} of {overwritten}");
    // A store's worth of frames without a hole is what was left.
    let rest = missing.iter().rev().take_while(|&&hole| hole == 0).count();
    assert!(rest as u64 >= full.kept / 2, "{rest} of {}", full.kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_life_without_a_gateway_measured_arrives_after_a_power_cut_once() {
    let dir = tempfile::tempdir().unwrap();
    let broker = free_address();
    let page = board::page("n0", broker, Some((30_000, 28_000)));
    let mut board = Board::new(&image(), Some(&page));
    // Two lives in vain, the second in the heat.
    for (life, temperature) in [(1, MILD), (2, HOT)] {
        board.start(temperature);
        until("the board tries in vain", || {
            board.log().matches("no connection").count() >= 2
        })
        .await;
        assert!(board.log().contains(&format!("boot {life}")));
        board.stop();
    }
    let same_port = format!("bind = \"{broker}\"");
    let gateway = Gateway::start(dir.path(), city(1, &same_port), None, None).await;
    board.start(MILD);
    until("the store is read", || board.restored().is_some()).await;
    let restored = board.restored().unwrap_or_default();
    assert!(restored >= 4, "{}", board.log());
    until("all of it is settled", || {
        board.outbox().settled >= restored + 2
    })
    .await;
    assert_eq!(board.outbox().overwritten, 0);
    board.stop();
    gateway.stop().await;

    let frames = Frames::on_disk(dir.path());
    let of_both = |boot| Lane::ALL.map(|lane| frames.sequences(boot, lane).len());
    let earlier: usize = [1, 2].into_iter().flat_map(of_both).sum();
    assert_eq!(earlier as u64, restored);
    assert_eq!(frames.frame(0, 2, Lane::Alarm, 0), Some(&[Milli(HOT)][..]));
    frames.check_no_hole();
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_from_the_gateway_outlive_the_power() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = files(1, EMBEDDED);
    files.nodes_csv = "node,zone,quantities,sample,period\nn0,quay,temperature,1s,2s\n".to_owned();
    let city = LoadedCity::from_sources(&files, None).unwrap();
    let gateway = Gateway::start(dir.path(), city, None, None).await;
    let page = board::page("n0", gateway.broker, None);
    let mut board = Board::new(&image(), Some(&page));
    board.start(MILD);
    until("it goes by its page", || {
        board.log().contains("a frame in 400 ms")
    })
    .await;
    until("it follows the gateway", || {
        board.log().contains("a frame in 2000 ms")
    })
    .await;
    gateway.stop().await;
    board.start(MILD);
    until("it goes by what it was told", || {
        board
            .log()
            .contains("a reading in 1000 ms, a frame in 2000 ms")
    })
    .await;
    assert!(!board.log().contains("a frame in 400 ms"));
}

/// Frames on their way at once: the core's window.
const WINDOW: u64 = 16;

/// A network without addresses, a bus without a thermometer: the node measures what it can, keeps it, and stays awake.
#[tokio::test(flavor = "multi_thread")]
async fn without_addresses_a_board_keeps_what_it_measures() {
    let page = board::page("n0", free_address(), None);
    let mut board = Board::new(&image(), Some(&page)).without_network();
    board.start(MILD);
    until("frames are kept", || board.outbox().closed >= 12).await;
    assert_eq!((board.outbox().settled, board.exit_code()), (0, None));
    assert!(!board.log().contains("address"), "{}", board.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sensor_that_does_not_answer_is_a_fault_that_the_city_sees() {
    let dir = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(dir.path(), city(1, EMBEDDED), None, None).await;
    let page = board::page("n0", gateway.broker, None);
    let mut board = Board::new(&image(), Some(&page)).without_thermometer();
    board.start(MILD);
    let faults = "citysense_readings_total{outcome=\"fault\"}";
    until("faults are told", || gateway.metric(faults) >= 6.0).await;
    assert_eq!(gateway.metric(ADMITTED), 0.0);
    gateway.stop().await;
}

/// It takes the connection and never says a word: the node gives up on it, again and again, and misses no reading.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_never_speaks_is_given_up() {
    let broker = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let page = board::page("n0", broker.local_addr().unwrap(), None);
    let mut board = Board::new(&image(), Some(&page));
    board.start(MILD);
    // Held open until the end of the test.
    let _first = broker.accept().await.unwrap();
    let closed = board.outbox().closed;
    let _second = broker.accept().await.unwrap();
    // The fifteen seconds that an attempt may take are more than thirty reports.
    assert!(board.outbox().closed >= closed + 30, "{}", board.log());
    assert_eq!(board.outbox().settled, 0);
}

/// Bits that fall over in the EEPROM: what is whole still arrives, what is not is counted, and the node goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_store_gives_what_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let broker = free_address();
    let page = board::page("n0", broker, None);
    let mut board = Board::new(&image(), Some(&page));
    board.start(MILD);
    until("frames are kept", || board.outbox().closed >= 20).await;
    board.stop();
    board.damage(7);
    let same_port = format!("bind = \"{broker}\"");
    let gateway = Gateway::start(dir.path(), city(1, &same_port), None, None).await;
    board.start(MILD);
    until("all that is whole is settled", || {
        let outbox = board.outbox();
        outbox.settled >= 15 && outbox.kept <= 1
    })
    .await;
    let damaged = board.figure("damaged").unwrap_or_default();
    assert_eq!(damaged, 1, "{}", board.log());
    board.stop();
    gateway.stop().await;
    let heard = Frames::on_disk(dir.path()).sequences(1, Lane::Normal);
    assert!(heard.len() >= 19 && !heard.contains(&7), "{heard:?}");
}

/// The loop stands still: the watchdog resets the board, says so in its next life, and nothing kept is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_board_that_hangs_is_reset_and_counts_it() {
    let dir = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(dir.path(), city(1, EMBEDDED), None, None).await;
    let page = board::page("n0", gateway.broker, None);
    let mut board = Board::new(&image(), Some(&page));
    board.start(MILD);
    until("frames are settled", || board.outbox().settled >= 3).await;
    assert!(board.log().contains("reset 0 times"), "{}", board.log());
    board.hang();
    until("it is reset", || board.log().contains("reset 1 times")).await;
    assert!(board.log().contains("boot 2"), "{}", board.log());
    let accepted = gateway.metric(ACCEPTED);
    until("it is heard again", || {
        gateway.metric(ACCEPTED) >= accepted + 3.0
    })
    .await;
    board.stop();
    gateway.stop().await;
    Frames::on_disk(dir.path()).check_no_hole();
}
