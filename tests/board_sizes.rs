//! How big the node is, and that it is the same node on the board as here: measured by building it and running it.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use edge_firmware::rehearsal::{self, Outcome};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use tests::board::{self, Board, Image};
use tests::gateway::{EMBEDDED, Gateway, city, until};

const MILD: i64 = 23_500;
const KIB: usize = 1024;

fn image(which: Image) -> PathBuf {
    board::image(env!("CARGO_TARGET_TMPDIR"), which)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_judges_and_says_what_the_host_does_byte_for_byte() {
    let mut script = vec![0; 24_000];
    SmallRng::seed_from_u64(7).fill(&mut script[..]);
    let mut board = Board::new(&image(Image::ForTests), None).with_script(&script);
    board.start(MILD);
    let mut code = None;
    until("the script is played", || {
        code = board.exit_code();
        code.is_some()
    })
    .await;
    let log = board.log();
    assert_eq!(code, Some(0), "{log}");
    for (name, outcome) in [
        ("rules", rehearsal::rules(&script)),
        ("node", rehearsal::node(&script)),
    ] {
        assert!(log.contains(&format!("{name} {}", hex(outcome))), "{log}");
    }
    // One virtual nanosecond an instruction: microseconds for a thousand frames are instructions for one.
    let instructions = board.figure("in").unwrap();
    assert!(log.contains("sealed 1000 frames"), "{log}");
    check_readme(
        "instructions to seal a frame of 16 readings",
        instructions as f64 / 1e3,
        "k",
    );
}

fn hex(outcome: Outcome) -> String {
    outcome.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_image_fits_a_small_microcontroller() {
    let dir = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(dir.path(), city(1, EMBEDDED), None, None).await;
    let image = image(Image::Plain);
    let sizes = board::sizes(&image);
    let page = board::page("n0", gateway.broker, Some((30_000, 28_000)));
    let mut board = Board::new(&image, Some(&page));
    // A second life, so that it has something in its store; and an alarm.
    for temperature in [MILD, 40_000] {
        board.start(temperature);
        until("frames are settled", || board.outbox().settled >= 5).await;
    }
    let stack = board.peak_stack(sizes.ram);
    board.stop();
    gateway.stop().await;
    assert!(sizes.flash <= 128 * KIB, "{sizes:?}");
    assert!(
        sizes.ram + stack <= 48 * KIB,
        "{sizes:?}, and {stack} of stack"
    );
    check_readme("flash of the board's image", sizes.flash as f64 / 1e3, "kB");
    check_readme("static RAM", sizes.ram as f64 / 1e3, "kB");
    check_readme("peak stack", stack as f64 / 1e3, "kB");
}

/// The README's figure for `what` is this one, within a tenth.
#[track_caller]
fn check_readme(what: &str, measured: f64, unit: &str) {
    let readme = include_str!("../README.md");
    let row = readme
        .lines()
        .find(|line| line.contains(&format!("| {what} |")));
    let said = row.and_then(|row| {
        row.split('|')
            .nth(2)?
            .trim()
            .strip_suffix(unit)?
            .trim()
            .parse()
            .ok()
    });
    let said: f64 = said.unwrap_or_else(|| {
        panic!("the README has no row «{what}» in {unit}; measured {measured:.1}")
    });
    assert!(
        (measured / said - 1.0).abs() < 0.1,
        "{what}: the README says {said} {unit}, measured {measured:.1}"
    );
}
