//! Gross range: what the sensor cannot say fails, what people would not expect of it is suspect. Bounds are good.

use wire::Milli;

use super::{Flag, Limits};

pub fn gross_range(value: Option<Milli>, suspect: Option<Limits>, fail: Option<Limits>) -> Flag {
    let Some(value) = value else {
        return Flag::Missing;
    };
    let outside =
        |limits: Option<Limits>| limits.is_some_and(|(low, high)| value < low || value > high);
    match (outside(fail), outside(suspect)) {
        (true, _) => Flag::Fail,
        (false, true) => Flag::Suspect,
        (false, false) => Flag::Good,
    }
}
