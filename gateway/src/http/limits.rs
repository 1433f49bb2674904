//! How much one address or one session may ask for, so that nobody takes from the others what is everybody's. What is
//! turned away is counted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometheus::{IntCounterVec, Opts, Registry};

use super::STREAMS_MAX;
use super::server::CONNECTIONS_MAX;
use crate::access::{Credential, Digest};

/// Connections of one address; of this machine more, where a proxy for everybody may stand.
const CONNECTIONS_OF_ONE: usize = CONNECTIONS_MAX / 4;
const CONNECTIONS_OF_LOOPBACK: usize = CONNECTIONS_MAX * 7 / 8;
/// Event streams likewise.
const STREAMS_OF_ONE: usize = STREAMS_MAX / 4;
const STREAMS_OF_LOOPBACK: usize = STREAMS_MAX * 7 / 8;
// A proxy does not lock out who comes another way.
const _: () =
    assert!(CONNECTIONS_OF_LOOPBACK < CONNECTIONS_MAX && STREAMS_OF_LOOPBACK < STREAMS_MAX);
/// Requests a second in the long run, and at once: a page asks for a few things a second.
const READS: Rate = Rate {
    a_second: 100.0,
    at_once: 600.0,
};
/// A person does one thing at a time; a program may come with a few.
const WRITES: Rate = Rate {
    a_second: 2.0,
    at_once: 60.0,
};
/// Askers remembered; whoever asked longest ago is forgotten, and begins with a full measure.
const ASKERS_MAX: usize = 8_192;

#[derive(Clone, Copy)]
struct Rate {
    a_second: f64,
    at_once: f64,
}

/// Why something was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turned {
    /// Too many connections of one address.
    Connections,
    /// No TLS handshake in time, or a broken one.
    Handshake,
    /// Plain HTTP where TLS is spoken.
    Plain,
    /// Too many requests that read, or write.
    Reads,
    Writes,
    /// A body that is too long, or too slow.
    Body,
}

impl Turned {
    const ALL: [Turned; 6] = [
        Turned::Connections,
        Turned::Handshake,
        Turned::Plain,
        Turned::Reads,
        Turned::Writes,
        Turned::Body,
    ];

    fn name(self) -> &'static str {
        match self {
            Turned::Connections => "connections",
            Turned::Handshake => "handshake",
            Turned::Plain => "plain",
            Turned::Reads => "reads",
            Turned::Writes => "writes",
            Turned::Body => "body",
        }
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct Limits {
    connections: Shares,
    streams: Shares,
    buckets: Arc<Mutex<HashMap<Key, Bucket>>>,
    turned: IntCounterVec,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    who: Who,
    writes: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    /// A session or a token that is known.
    Known(Digest),
    Address(IpAddr),
}

#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Limits {
    /// A second server on the same registry counts for itself and is not exposed.
    pub(super) fn register(registry: &Registry) -> Limits {
        let turned = Opts::new(
            "citysense_http_turned_away_total",
            "Connections and requests over HTTP that were turned away, by what they had too much of",
        );
        // The names and labels are constants that prometheus accepts; the tests scrape them.
        #[allow(clippy::expect_used)]
        let turned = IntCounterVec::new(turned, &["reason"]).expect("a valid name");
        let _ = registry.register(Box::new(turned.clone()));
        for reason in Turned::ALL {
            turned.with_label_values(&[reason.name()]);
        }
        Limits {
            connections: Shares::default(),
            streams: Shares::default(),
            buckets: Arc::default(),
            turned,
        }
    }

    pub(super) fn turned(&self, why: Turned) {
        self.turned.with_label_values(&[why.name()]).inc();
    }

    /// A place for one more connection of this address.
    pub(super) fn connect(&self, from: IpAddr) -> Option<Share> {
        let most = match from.to_canonical().is_loopback() {
            true => CONNECTIONS_OF_LOOPBACK,
            false => CONNECTIONS_OF_ONE,
        };
        self.connections.take(from.to_canonical(), most)
    }

    /// A place for one more event stream of this address.
    pub(super) fn stream(&self, from: IpAddr) -> Option<Share> {
        let most = match from.is_loopback() {
            true => STREAMS_OF_LOOPBACK,
            false => STREAMS_OF_ONE,
        };
        self.streams.take(from, most)
    }

    /// Whether one more request is within the measure, or how long to wait.
    pub(super) fn ask(
        &self,
        (credential, is_known): (Credential, bool),
        from: IpAddr,
        writes: bool,
        now: Instant,
    ) -> Result<(), Duration> {
        // On this machine may stand a proxy, whose requests are everybody's.
        if from.is_loopback() {
            return Ok(());
        }
        // Whoever made up a session counts by the address.
        let who = match credential {
            Credential::Session(digest) | Credential::Token(digest) if is_known => {
                Who::Known(digest)
            }
            _ => Who::Address(from),
        };
        let rate = if writes { WRITES } else { READS };
        let full = Bucket {
            left: rate.at_once,
            at: now,
        };
        let key = Key { who, writes };
        let mut buckets = lock(&self.buckets);
        if buckets.len() >= ASKERS_MAX && !buckets.contains_key(&key) {
            let oldest = buckets.iter().min_by_key(|(_, bucket)| bucket.at);
            if let Some(key) = oldest.map(|(key, _)| *key) {
                buckets.remove(&key);
            }
        }
        let bucket = buckets.entry(key).or_insert(full);
        let gained = now.duration_since(bucket.at).as_secs_f64() * rate.a_second;
        bucket.left = (bucket.left + gained).min(rate.at_once);
        bucket.at = now;
        if bucket.left < 1.0 {
            let wait = (1.0 - bucket.left) / rate.a_second;
            drop(buckets);
            self.turned(if writes {
                Turned::Writes
            } else {
                Turned::Reads
            });
            return Err(Duration::from_secs_f64(wait));
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

/// How many each address holds of something.
#[derive(Clone, Default)]
struct Shares(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One of them; given back when it is dropped.
pub(super) struct Share {
    of: Shares,
    from: IpAddr,
}

impl Shares {
    fn take(&self, from: IpAddr, most: usize) -> Option<Share> {
        let mut held = lock(&self.0);
        let count = held.entry(from).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Share {
            of: self.clone(),
            from,
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = lock(&self.of.0);
        if let Some(count) = held.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.from);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn from(number: u32) -> IpAddr {
        IpAddr::V4(std::net::Ipv4Addr::from_bits(0xc000_0200 + number))
    }

    const NOBODY: (Credential, bool) = (Credential::Nothing, false);

    #[test]
    fn an_address_has_its_share_and_gives_it_back() {
        let limits = Limits::register(&Registry::new());
        let mut held: Vec<Share> = std::iter::from_fn(|| limits.connect(from(1))).collect();
        assert_eq!(held.len(), CONNECTIONS_OF_ONE);
        assert!(limits.connect(from(2)).is_some(), "others have their own");
        held.pop();
        held.extend(limits.connect(from(1)));
        assert!(limits.connect(from(1)).is_none());
        drop(held);
        assert!(lock(&limits.connections.0).is_empty());
    }

    #[test]
    fn who_asks_too_much_waits_and_others_do_not() {
        let (limits, now) = (Limits::register(&Registry::new()), Instant::now());
        let ask = |number, writes, at| limits.ask(NOBODY, from(number), writes, at);
        for _ in 0..60 {
            ask(1, true, now).unwrap();
        }
        let wait = ask(1, true, now).unwrap_err();
        assert_eq!(wait, Duration::from_millis(500));
        ask(1, true, now + wait).unwrap();
        ask(1, false, now).unwrap();
        ask(2, true, now).unwrap();
        // A session that somebody made up is no way around it, a real one is one's own.
        let made_up = Credential::Session(Digest::of(b"x"));
        assert!(limits.ask((made_up, false), from(1), true, now).is_err());
        limits.ask((made_up, true), from(1), true, now).unwrap();
        let turned = |reason| limits.turned.with_label_values(&[reason]).get();
        assert_eq!((turned("writes"), turned("reads")), (2, 0));
        for number in 0..ASKERS_MAX as u32 + 50 {
            ask(number, false, now).unwrap();
        }
        assert!(lock(&limits.buckets).len() <= ASKERS_MAX);
    }
}
