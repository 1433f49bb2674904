//! Syntax: a record has as many fields (with a delimiter) or characters (without) as it must have.

use super::Flag;

pub fn syntax(record: &str, count: usize, delimiter: Option<char>) -> Flag {
    let found = match delimiter {
        Some(delimiter) => record.split(delimiter).count(),
        None => record.chars().count(),
    };
    if found == count {
        Flag::Good
    } else {
        Flag::Fail
    }
}
