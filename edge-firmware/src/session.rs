//! The connection as the node sees it: connect, greet, speak, lose it, wait with jitter, again.
//!
//! The core decides when; the shell around it owns the socket. Every state has a way out in time, because
//! neither a broker nor a TCP stack can be relied on to answer.

/// How patient the session is. Uptime, so a fleet on a scaled clock scales these too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// A connection attempt that takes longer is given up.
    pub connect_ms_max: u32,
    /// Wait after the first failure; doubles with each, and half of it is jitter.
    pub backoff_ms_min: u32,
    pub backoff_ms_max: u32,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing {
            connect_ms_max: 15_000,
            backoff_ms_min: 1_000,
            backoff_ms_max: 60_000,
        }
    }
}

#[derive(Debug)]
pub struct Session {
    timing: Timing,
    link: Link,
    /// Failures since the city last answered. A broker that accepts and drops still counts as failing.
    failures: u8,
    random: Random,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Down { retry_at_ms: u64 },
    Connecting { give_up_at_ms: u64 },
    Greeting(Greeting),
    Up,
}

/// What a fresh connection needs first, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// Subscribe to `down` before anything is said, so that no answer is missed.
    Subscribe,
    /// The retained birth message takes back the will.
    Birth,
}

/// What the session wants done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Connect,
    /// Give up an attempt that takes too long.
    Disconnect,
    Greet(Greeting),
    /// Frames may be sent.
    Speak,
    /// Nothing before this uptime.
    Wait {
        until_ms: u64,
    },
}

impl Session {
    /// `seed` differs from node to node, so that a fleet does not come back in chorus.
    pub fn new(timing: Timing, seed: u64) -> Session {
        let mut random = Random::new(seed);
        let retry_at_ms = random.below(timing.backoff_ms_min);
        Session {
            timing,
            link: Link::Down { retry_at_ms },
            failures: 0,
            random,
        }
    }

    /// What to do at `now_ms`; a wish other than `Speak` and `Wait` is taken as done.
    pub fn wish(&mut self, now_ms: u64) -> Wish {
        match self.link {
            Link::Down { retry_at_ms } if now_ms < retry_at_ms => Wish::Wait {
                until_ms: retry_at_ms,
            },
            Link::Down { .. } => {
                let give_up_at_ms = now_ms.saturating_add(u64::from(self.timing.connect_ms_max));
                self.link = Link::Connecting { give_up_at_ms };
                Wish::Connect
            }
            Link::Connecting { give_up_at_ms } if now_ms < give_up_at_ms => Wish::Wait {
                until_ms: give_up_at_ms,
            },
            Link::Connecting { .. } => {
                self.disconnected(now_ms);
                Wish::Disconnect
            }
            Link::Greeting(Greeting::Subscribe) => {
                self.link = Link::Greeting(Greeting::Birth);
                Wish::Greet(Greeting::Subscribe)
            }
            Link::Greeting(Greeting::Birth) => {
                self.link = Link::Up;
                Wish::Greet(Greeting::Birth)
            }
            Link::Up => Wish::Speak,
        }
    }

    /// The broker accepted us; answers whether that was news.
    pub fn connected(&mut self) -> bool {
        let news = matches!(self.link, Link::Connecting { .. });
        if news {
            self.link = Link::Greeting(Greeting::Subscribe);
        }
        news
    }

    /// The attempt failed or the connection is gone.
    pub fn disconnected(&mut self, now_ms: u64) {
        if matches!(self.link, Link::Down { .. }) {
            return;
        }
        let wait_ms = self.backoff_ms();
        self.failures = self.failures.saturating_add(1);
        self.link = Link::Down {
            retry_at_ms: now_ms.saturating_add(wait_ms),
        };
    }

    /// The gateway acknowledged something: the whole way works.
    pub fn answered(&mut self) {
        self.failures = 0;
    }

    pub fn is_up(&self) -> bool {
        self.link == Link::Up
    }

    /// Between half of the doubled wait and all of it.
    fn backoff_ms(&mut self) -> u64 {
        let doubled_ms = u64::from(self.timing.backoff_ms_min) << self.failures.min(31);
        let wait_ms = doubled_ms.min(u64::from(self.timing.backoff_ms_max)) as u32;
        u64::from(wait_ms - wait_ms / 2) + self.random.below(wait_ms / 2 + 1)
    }
}

/// xorshift64*: spreads a fleet out, and is no secret.
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        // Zero would stay zero.
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Evenly in `0..end`; 0 for an empty range.
    fn below(&mut self, end: u32) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        (high * u64::from(end)) >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(seed: u64) -> Session {
        Session::new(Timing::default(), seed)
    }

    /// Uptime of the next connection attempt.
    fn next_attempt(session: &mut Session, now_ms: u64) -> u64 {
        match session.wish(now_ms) {
            Wish::Wait { until_ms } => {
                assert_eq!(session.wish(until_ms), Wish::Connect);
                until_ms
            }
            Wish::Connect => now_ms,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn it_greets_before_it_speaks() {
        let mut session = session(1);
        let now_ms = next_attempt(&mut session, 0);
        assert!(session.connected());
        assert_eq!(session.wish(now_ms), Wish::Greet(Greeting::Subscribe));
        assert_eq!(session.wish(now_ms), Wish::Greet(Greeting::Birth));
        assert!(!session.connected());
        assert_eq!(session.wish(now_ms), Wish::Speak);
    }

    #[test]
    fn waits_double_up_to_a_bound_until_the_city_answers() {
        let mut session = session(7);
        let mut now_ms = next_attempt(&mut session, 0);
        for failure in 0..12 {
            let full_ms = (1_000_u64 << failure).min(60_000);
            // Accepted and dropped is a failure too.
            assert!(session.connected());
            session.disconnected(now_ms);
            session.disconnected(now_ms);
            let wait_ms = next_attempt(&mut session, now_ms) - now_ms;
            assert!(
                (full_ms / 2..=full_ms).contains(&wait_ms),
                "{failure}: {wait_ms}"
            );
            now_ms += wait_ms;
        }
        session.answered();
        session.disconnected(now_ms);
        assert!(next_attempt(&mut session, now_ms) - now_ms <= 1_000);
    }

    #[test]
    fn an_attempt_without_an_answer_is_given_up() {
        let mut session = session(3);
        let now_ms = next_attempt(&mut session, 0);
        let Wish::Wait { until_ms } = session.wish(now_ms) else {
            unreachable!("it waits for the answer");
        };
        assert_eq!(until_ms, now_ms + 15_000);
        assert_eq!(session.wish(until_ms), Wish::Disconnect);
        assert!(
            !session.connected(),
            "an answer to an attempt that was given up"
        );
        assert!(next_attempt(&mut session, until_ms) > until_ms);
    }

    #[test]
    fn a_fleet_comes_back_spread_out() {
        let mut attempts = [0_u32; 10];
        for seed in 0..1_000 {
            let mut session = session(seed);
            let first_ms = next_attempt(&mut session, 0);
            attempts[(first_ms / 100) as usize] += 1;
        }
        assert!(
            attempts.iter().all(|&tenth| (50..200).contains(&tenth)),
            "{attempts:?}"
        );
    }
}
