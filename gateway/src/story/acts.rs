//! The timetable: what happens at which minute of the story, and which alerts must come of it.
//!
//! The shapes of the values themselves stand beside their quantities in the sibling files; a test holds both
//! together.

use pipeline::calendar::{HOUR, MINUTE, Millis};

/// The story begins again after this.
pub const CYCLE: Millis = 6 * HOUR;

/// Cycles are counted from this moment of the UTC day, so that one begins at noon in the harbour city.
const FIRST_CYCLE: Millis = 4 * HOUR;

/// How far into the story `at` is.
pub fn in_cycle(at: Millis) -> Millis {
    (at - FIRST_CYCLE).rem_euclid(CYCLE)
}

/// When the story that is told at `at` began.
pub fn cycle_start(at: Millis) -> Millis {
    at - in_cycle(at)
}

/// Something that happens in the city, whoever notices it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// Minutes into the story.
    pub minute: Millis,
    /// One line for the terminal.
    pub headline: &'static str,
}

/// All acts, by time.
pub const ACTS: &[Act] = &[
    act(0, "still air over the city: smog builds up"),
    act(
        5,
        "the lantern festival opens, people stream onto Lantern Square",
    ),
    act(
        36,
        "Tern Hill loses its uplink; its 11 nodes go on measuring and keep everything",
    ),
    act(50, "a kitchen fire on Tern Hill, which nobody hears of yet"),
    act(
        54,
        "stewards open the way to Kite Quay, the square empties slowly",
    ),
    act(
        58,
        "Tern Hill is back and sends what it kept: the fire is dated to when it began",
    ),
    act(70, "a valve at Gull Point Terminal leaks hydrogen sulphide"),
    act(84, "the leak is closed"),
    act(88, "a squall: heavy rain and a storm surge"),
    act(94, "water gathers in Rope Street Underpass"),
    act(
        112,
        "the water sinks, but gauge level-kite-1 sticks at 2.31 m",
    ),
    act(114, "pumps empty the underpass"),
    act(
        132,
        "gauge level-kite-1 has said the same for 20 minutes: it is withdrawn, its neighbour is asked",
    ),
    act(145, "gauge level-kite-1 is repaired"),
    act(165, "evening market: Herring Market fills up"),
    act(205, "a lorry breaks down: traffic jams at Marsh Yard"),
    act(255, "a cooling plant at Cinder Works leaks ammonia"),
];

const fn act(minute: Millis, headline: &'static str) -> Act {
    Act { minute, headline }
}

/// What happens in the city after `after` and up to `until`, with its moment.
pub fn headlines(after: Millis, until: Millis) -> Vec<(Millis, &'static str)> {
    let mut told = Vec::new();
    let mut start = cycle_start(after);
    while start <= until {
        let moments = ACTS
            .iter()
            .map(|act| (start + act.minute * MINUTE, act.headline));
        told.extend(moments.filter(|(moment, _)| after < *moment && *moment <= until));
        start += CYCLE;
    }
    told
}

/// An alert that the story must lead to. Minutes into the story, of event time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    pub rule: &'static str,
    pub zone: &'static str,
    /// The breach begins between these.
    pub onset: (Millis, Millis),
    /// The alert has ended by then.
    pub over_by: Millis,
}

/// Every alert of one story but those about silent nodes.
pub const EXPECTED: &[Expected] = &[
    expect("smog-now", "compass-school", (5, 30), 160),
    expect("smog-now", "beacon-hospital", (5, 30), 160),
    expect("air-unhealthy", "mill-town", (0, 120), 360),
    expect("air-unhealthy", "tern-hill", (0, 120), 360),
    expect("air-unhealthy", "ropewalk", (0, 120), 360),
    expect("crowd-danger", "lantern-square", (25, 36), 80),
    expect("crowd-extreme", "lantern-square", (32, 45), 70),
    expect("fire", "tern-hill", (50, 55), 80),
    expect("smoke", "tern-hill", (50, 55), 75),
    expect("heat", "tern-hill", (51, 58), 75),
    expect("h2s-ceiling", "gull-terminal", (70, 76), 95),
    expect("h2s-escape", "gull-terminal", (73, 80), 92),
    expect("h2s-dose", "gull-terminal", (75, 85), 110),
    expect("quay-high-water", "ferry-quay", (90, 108), 135),
    expect("quay-high-water", "kite-quay", (90, 108), 155),
    expect("underpass-closed", "rope-underpass", (94, 102), 135),
    expect("underpass-deadly", "rope-underpass", (98, 108), 130),
    expect("crowd-danger", "herring-market", (170, 185), 205),
    expect("congestion", "marsh-yard", (206, 220), 260),
    expect("nh3-ceiling", "cinder-works", (255, 264), 285),
];

const fn expect(
    rule: &'static str,
    zone: &'static str,
    onset: (Millis, Millis),
    over_by: Millis,
) -> Expected {
    Expected {
        rule,
        zone,
        onset,
        over_by,
    }
}

/// Tern Hill has no uplink between these minutes.
pub const OUTAGE: (Millis, Millis) = (36, 58);
/// The district that [`OUTAGE`] is about.
pub const OUTAGE_ZONE: &str = "tern-hill";
/// The gauge that sticks, and between which minutes.
pub const STUCK: (&str, Millis, Millis) = ("level-kite-1", 112, 145);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headlines_come_once_and_again_in_the_next_cycle() {
        let noon = cycle_start(1_795_309_200_000);
        assert_eq!(in_cycle(noon), 0);
        let told = headlines(noon - 1, noon + CYCLE - 1);
        assert_eq!(told.len(), ACTS.len());
        assert_eq!(told[0], (noon, ACTS[0].headline));
        let mut piecewise = Vec::new();
        for minute in 0..2 * CYCLE / MINUTE {
            let until = noon + minute * MINUTE;
            piecewise.extend(headlines(until - MINUTE, until));
        }
        assert_eq!(piecewise.len(), 2 * ACTS.len());
        assert!(piecewise.is_sorted());
    }

    #[test]
    fn acts_are_in_order_and_inside_the_cycle() {
        assert!(ACTS.is_sorted_by_key(|act| act.minute));
        assert!(ACTS.iter().all(|act| act.minute * MINUTE < CYCLE));
    }
}
