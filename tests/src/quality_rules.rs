//! Rules on sensors for seeded cities: flaws of every kind, and thresholds by which every test finds something.

use std::sync::Arc;

use pipeline::calendar::{MINUTE, Millis};
use pipeline::quality::{Neighbours, QualityRule, Spike};
use pipeline::science::qartod::Thresholds;
use pipeline::science::qartod::climatology::{Season, When};
use pipeline::science::qartod::pane::{Fails, FlagRule, FlatFor};
use pipeline::science::qartod::rate_of_change::Rates;
use wire::{Milli, Quantity};

/// Rules on dust, warmth and gates; dust sensors are stuck after so many minutes.
pub fn quality(stuck: Millis) -> Vec<QualityRule> {
    let nothing = |quantity| QualityRule {
        quantity,
        stuck: None,
        spike: None,
        range: None,
        neighbours: None,
        detector: None,
        recover: None,
        flags: None,
    };
    vec![
        QualityRule {
            stuck: Some(stuck * MINUTE),
            neighbours: Some(Neighbours {
                by: Milli::whole(35),
                lasting: 3 * MINUTE,
            }),
            recover: Some(2 * MINUTE),
            flags: Some(Arc::new(dust())),
            ..nothing(Quantity::Pm2_5)
        },
        QualityRule {
            spike: Some(Spike {
                by: Milli::whole(60),
                count: 3,
                within: 4 * MINUTE,
            }),
            range: Some((Milli::ZERO, Milli::whole(95))),
            flags: Some(Arc::new(warmth())),
            ..nothing(Quantity::Temperature)
        },
        QualityRule {
            range: Some((Milli::ZERO, Milli::whole(4))),
            ..nothing(Quantity::PersonsIn)
        },
    ]
}

fn both(suspect: i64, fail: i64) -> Thresholds {
    Thresholds {
        suspect: Some(Milli::whole(suspect)),
        fail: Some(Milli::whole(fail)),
    }
}

/// Flags that withdraw: stuck dust sensors fail as flat lines long before they are stuck.
fn dust() -> FlagRule {
    FlagRule {
        suspect_range: Some((Milli::ZERO, Milli::whole(60))),
        flat: Some(FlatFor {
            suspect: Some(2 * MINUTE),
            fail: Some(3 * MINUTE),
            tolerance: Milli(500),
        }),
        neighbour: both(15, 30),
        fails: Some(Fails {
            count: 3,
            within: 4 * MINUTE,
        }),
        ..FlagRule::default()
    }
}

/// Flags that only say so, but for their gaps.
fn warmth() -> FlagRule {
    let winter = Season {
        when: When::Months(0b1100_0000_0011),
        suspect: Some((Milli::whole(5), Milli::whole(70))),
        fail: None,
    };
    FlagRule {
        climatology: vec![winter],
        spike: both(12, 25),
        rate: Some(Rates {
            by: both(18, 30),
            per: MINUTE,
        }),
        gap: Some(2 * MINUTE),
        ..FlagRule::default()
    }
}
