//! Whoever guesses passwords waits longer each time, by the name that is tried and by the address that tries; this
//! machine's own address is no one's, for a proxy may stand there, and one who guesses would shut out everybody.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// So many mistakes are anybody's.
const FREE: u32 = 5;
/// After these the delay doubles with each mistake, from one second to the longest.
const NAME_DELAY_MAX: Duration = Duration::from_secs(60);
const ADDRESS_DELAY_MAX: Duration = Duration::from_secs(15 * 60);
/// Mistakes are forgotten after this time without another.
const FORGOTTEN: Duration = Duration::from_secs(3_600);
/// Names and addresses remembered; beyond it the one with the oldest mistake is forgotten.
const KNOWN_MAX: usize = 16_384;

/// What was guessed in vain.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    names: Tries<String>,
    addresses: Tries<IpAddr>,
}

#[derive(Debug)]
struct Tries<K>(HashMap<K, Try>);

#[derive(Clone, Copy, Debug)]
struct Try {
    mistakes: u32,
    last: Instant,
}

impl Throttle {
    /// Counts a try as a mistake until it is known to be none, so that many at once are not free; or says how long
    /// to wait.
    pub(super) fn begin(&mut self, name: &str, from: IpAddr, now: Instant) -> Result<(), Duration> {
        let own = own(from);
        let wait = self.names.wait(&name.to_owned(), NAME_DELAY_MAX, now);
        let elsewhere = own.map(|from| self.addresses.wait(&from, ADDRESS_DELAY_MAX, now));
        let wait = wait.max(elsewhere.unwrap_or_default());
        if !wait.is_zero() {
            return Err(wait);
        }
        self.names.count(name.to_owned(), now);
        if let Some(from) = own {
            self.addresses.count(from, now);
        }
        Ok(())
    }

    /// It was the right password.
    pub(super) fn was_right(&mut self, name: &str, from: IpAddr) {
        self.names.0.remove(name);
        if let Some(from) = own(from) {
            self.addresses.take_back(&from);
        }
    }
}

/// The address, where it is one client's own.
fn own(from: IpAddr) -> Option<IpAddr> {
    let from = from.to_canonical();
    (!from.is_loopback()).then_some(from)
}

impl<K> Default for Tries<K> {
    fn default() -> Tries<K> {
        Tries(HashMap::new())
    }
}

impl<K: Hash + Eq + Clone> Tries<K> {
    fn wait(&self, key: &K, longest: Duration, now: Instant) -> Duration {
        let Some(tried) = self.0.get(key) else {
            return Duration::ZERO;
        };
        let since = now.duration_since(tried.last);
        let more = tried.mistakes.saturating_sub(FREE);
        if more == 0 || since >= FORGOTTEN {
            return Duration::ZERO;
        }
        let delay = Duration::from_secs(1 << (more - 1).min(20)).min(longest);
        delay.saturating_sub(since)
    }

    fn count(&mut self, key: K, now: Instant) {
        if self.0.len() >= KNOWN_MAX && !self.0.contains_key(&key) {
            self.0
                .retain(|_, tried| now.duration_since(tried.last) < FORGOTTEN);
            let oldest = self.0.iter().min_by_key(|(_, tried)| tried.last);
            if self.0.len() >= KNOWN_MAX
                && let Some(key) = oldest.map(|(key, _)| key.clone())
            {
                self.0.remove(&key);
            }
        }
        let fresh = Try {
            mistakes: 0,
            last: now,
        };
        let tried = self.0.entry(key).or_insert(fresh);
        if now.duration_since(tried.last) >= FORGOTTEN {
            *tried = fresh;
        }
        tried.mistakes = tried.mistakes.saturating_add(1);
        tried.last = now;
    }

    /// One of its tries was no mistake; the others stand, or one right password would pay for many wrong ones.
    fn take_back(&mut self, key: &K) {
        if let Some(tried) = self.0.get_mut(key) {
            tried.mistakes = tried.mistakes.saturating_sub(1);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn each_mistake_waits_twice_as_long_up_to_a_bound() {
        let (mut throttle, mut now) = (Throttle::default(), Instant::now());
        let mut waits = Vec::new();
        for _ in 0..14 {
            let wait = throttle.begin("ada", HERE, now).err().unwrap_or_default();
            waits.push(wait.as_secs());
            now += wait;
            if !wait.is_zero() {
                throttle.begin("ada", HERE, now).unwrap();
            }
        }
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128]);
        // From elsewhere her own name waits a minute at most: nobody can be shut out for long by another's guesses.
        let wait = throttle.begin("ada", THERE, now).unwrap_err();
        assert!(wait <= NAME_DELAY_MAX, "{wait:?}");
        throttle.begin("bo", THERE, now).unwrap();
        assert!(
            throttle.begin("bo", HERE, now).is_err(),
            "the address waits for any name"
        );
        throttle.begin("ada", HERE, now + FORGOTTEN).unwrap();
    }

    #[test]
    fn the_right_password_clears_its_name_and_not_the_address() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for guess in 0..5 {
            throttle
                .begin(&format!("guess-{guess}"), HERE, now)
                .unwrap();
            throttle.begin("own", HERE, now).unwrap();
            throttle.was_right("own", HERE);
        }
        throttle.begin("one-more", HERE, now).unwrap();
        assert!(throttle.begin("own", HERE, now).is_err());
        throttle.begin("own", THERE, now).unwrap();
    }

    #[test]
    fn behind_a_proxy_on_this_machine_nobody_waits_for_anothers_guesses() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for proxy in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            let proxy: IpAddr = proxy.parse().unwrap();
            for guess in 0..40 {
                let name = format!("guess-{guess}");
                throttle.begin(&name, proxy, now).unwrap();
            }
            let guess = |throttle: &mut Throttle| throttle.begin("ada", proxy, now);
            guess(&mut throttle).unwrap();
            throttle.was_right("ada", proxy);
        }
        for _ in 0..6 {
            throttle.begin("ada", THERE, now).unwrap();
        }
        let proxy = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
        assert!(throttle.begin("ada", proxy, now).is_err(), "the name waits");
    }

    #[test]
    fn strangers_cannot_fill_the_memory() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for number in 0..KNOWN_MAX as u32 + 100 {
            let from = IpAddr::V4(std::net::Ipv4Addr::from_bits(number));
            throttle.begin(&number.to_string(), from, now).unwrap();
        }
        assert_eq!(throttle.names.0.len(), KNOWN_MAX);
        assert_eq!(throttle.addresses.0.len(), KNOWN_MAX);
    }
}
