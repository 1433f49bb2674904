//! Makes a failing list of actions shorter, as long as it still fails.

use super::act::Act;
use super::{Failure, Judge, run};

/// The actions that are left, and how they fail. `tell` hears of every shorter list.
pub fn shrink(
    judge: Judge,
    acts: &[Act],
    failure: Box<Failure>,
    mut tell: impl FnMut(usize),
) -> (Vec<Act>, Box<Failure>) {
    // What came after the failure has no part in it, and one question at the end is enough if it still fails.
    let mut acts = acts[..failure.after.min(acts.len())].to_vec();
    let mut found = failure;
    let mut chunk = (acts.len() / 2).max(1);
    while chunk > 0 {
        let mut place = 0;
        while place < acts.len() {
            let mut fewer = acts.clone();
            fewer.drain(place..(place + chunk).min(fewer.len()));
            match run(judge, &fewer, |_| {}) {
                Err(failure) => {
                    fewer.truncate(failure.after);
                    acts = fewer;
                    found = failure;
                    tell(acts.len());
                }
                Ok(_) => place += chunk,
            }
        }
        chunk /= 2;
    }
    (acts, found)
}
