//! Random actions against the oracle, as many as one likes:
//! `cargo run --release -p tests --example model -- --actions 10000 --seed 7`.

use std::process::ExitCode;

use tests::model::act::acts;
use tests::model::shrink::shrink;
use tests::model::{Judge, run};

fn main() -> ExitCode {
    let number = |name: &str, default: u64| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        arguments.nth(1).map_or(Ok(default), |text| text.parse())
    };
    let options = (
        number("--actions", 10_000),
        number("--seed", 1),
        number("--every", 25),
    );
    let (Ok(actions), Ok(seed), Ok(every)) = options else {
        eprintln!("usage: model [--actions N] [--seed N] [--every N]");
        return ExitCode::FAILURE;
    };
    let judge = Judge {
        seed,
        every: (every as usize).max(1),
    };
    let acts = acts(seed, actions as usize);
    let mut told = 0;
    let outcome = run(judge, &acts, |report| {
        if report.actions >= told + 250 {
            told = report.actions;
            let (checks, right) = (report.checks, report.right);
            println!("seed {seed}: {told} actions, {checks} checks, {right} right");
        }
    });
    match outcome {
        Ok(report) => {
            println!("seed {seed}: {report:#?}\n0 missing, 0 surplus, 0 wrong");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("seed {seed}, {failure}\nmaking it shorter");
            let (acts, failure) = shrink(judge, &acts, failure, |left| println!("{left} actions"));
            for act in &acts {
                println!("{act:?}");
            }
            println!("{failure}\nseed {seed}");
            ExitCode::FAILURE
        }
    }
}
