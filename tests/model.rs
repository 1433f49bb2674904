//! Random actions against the oracle: see `tests::model`. Longer runs: `cargo run --release -p tests --example model`.

use tests::model::act::acts;
use tests::model::{Judge, run};

const ACTIONS: usize = 500;
const EVERY: usize = 25;

fn check(seed: u64) {
    let acts = acts(seed, ACTIONS);
    let judge = Judge { seed, every: EVERY };
    match run(judge, &acts, |_| {}) {
        Ok(report) => println!("seed {seed}: {report:?}: 0 missing, 0 surplus, 0 wrong"),
        Err(failure) => panic!("seed {seed}: {failure}"),
    }
}

#[test]
fn a_city_of_random_actions_stands_as_the_oracle_says() {
    check(1);
}

#[test]
fn another_city_stands_as_the_oracle_says() {
    check(2);
}

#[test]
fn and_a_third() {
    check(3);
}
