//! Exit codes: what a script may rely on, in one place.

/// Everything was done.
pub const SUCCESS: u8 = 0;
/// It could not be done.
pub const FAILURE: u8 = 1;
/// A wrong command line, or a city directory with errors.
pub const BAD_CONFIGURATION: u8 = 2;
/// It was done, and what was looked at is not in order.
pub const NOT_IN_ORDER: u8 = 3;

/// Every code that `command` may end with, and what it then means.
pub fn codes(command: &str) -> Vec<(u8, &'static str)> {
    let mut codes = vec![
        (SUCCESS, "success"),
        (FAILURE, "failure"),
        (BAD_CONFIGURATION, "wrong command line or configuration"),
    ];
    match command {
        "replay" => codes.push((NOT_IN_ORDER, "more than half of the rows were refused")),
        "doctor" => codes.push((NOT_IN_ORDER, "something is wrong")),
        _ => {}
    }
    codes
}

/// The same as the last line of a command's help.
pub fn line(command: &str) -> String {
    let said = codes(command)
        .into_iter()
        .map(|(code, meaning)| format!("{code} {meaning}"));
    format!("Exit codes: {}.", said.collect::<Vec<_>>().join(", "))
}
