//! The story's word for what a sensor must not do.

use pipeline::calendar::HOUR;
use pipeline::quality::{DetectorLimits, Neighbours, QualityRule, Spike};
use wire::Milli;

use super::words::{duration, option};

/// A new rule, or a new version of the quantity's; without any condition there is none. `None`: a word is wrong.
pub(super) fn rule(rules: &mut Vec<QualityRule>, words: &[&str]) -> Option<()> {
    let [quantity, rest @ ..] = words else {
        return None;
    };
    let quantity = quantity.parse().ok()?;
    let lasting = |key| option(rest, key).map(duration);
    let number = |key| option(rest, key).map(|text| text.parse::<Milli>().ok());
    let spike = match number("spike") {
        Some(by) => Some(Spike {
            by: by?,
            count: option(rest, "spikes").map_or(Some(3), |text| text.parse().ok())?,
            within: lasting("within").unwrap_or(Some(HOUR))?,
        }),
        None => None,
    };
    let neighbours = match number("neighbours") {
        Some(by) => Some(Neighbours {
            by: by?,
            lasting: lasting("for").unwrap_or(Some(HOUR))?,
        }),
        None => None,
    };
    let range = match option(rest, "range") {
        Some(text) => {
            let (low, high) = text.split_once("..")?;
            Some((low.parse().ok()?, high.parse().ok()?))
        }
        None => None,
    };
    let or_none = |read: Option<Option<i64>>| match read {
        Some(found) => found.map(Some),
        None => Some(None),
    };
    rules.retain(|rule| rule.quantity != quantity);
    if !rest.is_empty() {
        rules.push(QualityRule {
            quantity,
            stuck: or_none(lasting("stuck"))?,
            spike,
            range,
            neighbours,
            detector: match rest.contains(&"detector") {
                true => Some(DetectorLimits::main_road(quantity)?),
                false => None,
            },
            recover: or_none(lasting("recover"))?,
            flags: None,
        });
    }
    Some(())
}
