//! Who is signed in. A session's id is known to its browser alone: here stands only its digest.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::policy::{Digest, User};

/// Sessions at a time; beyond it the one that was used longest ago ends.
const SESSIONS_MAX: usize = 4_096;
/// Sessions of one person at a time.
const SESSIONS_OF_ONE_MAX: usize = 16;

/// How long a session lasts.
#[derive(Clone, Copy, Debug)]
pub struct Spans {
    /// Without anybody doing anything: a browser that was left alone.
    pub idle: Duration,
    /// In all: a long shift.
    pub whole: Duration,
}

impl Default for Spans {
    fn default() -> Spans {
        Spans {
            idle: Duration::from_secs(2 * 3_600),
            whole: Duration::from_secs(12 * 3_600),
        }
    }
}

#[derive(Debug)]
struct Session {
    name: String,
    /// The user's row when the session began: with another row it is over.
    row: Digest,
    began: Instant,
    used: Instant,
}

#[derive(Debug, Default)]
pub(super) struct Sessions {
    spans: Spans,
    open: HashMap<Digest, Session>,
}

impl Sessions {
    pub(super) fn lasting(spans: Spans) -> Sessions {
        Sessions {
            spans,
            open: HashMap::new(),
        }
    }

    pub(super) fn begin(&mut self, id: Digest, user: &User, now: Instant) {
        let spans = self.spans;
        self.open.retain(|_, session| session.lives(spans, now));
        let of_one = self.open.values().filter(|s| s.name == user.name).count();
        if of_one >= SESSIONS_OF_ONE_MAX {
            self.end_oldest(|session| session.name == user.name);
        }
        if self.open.len() >= SESSIONS_MAX {
            self.end_oldest(|_| true);
        }
        let session = Session {
            name: user.name.clone(),
            row: user.row(),
            began: now,
            used: now,
        };
        self.open.insert(id, session);
    }

    /// Whose session it is, and the user's row then; `uses` is what a person does, and keeps the session alive.
    pub(super) fn find(
        &mut self,
        id: Digest,
        now: Instant,
        uses: bool,
    ) -> Option<(String, Digest)> {
        let session = self.open.get_mut(&id)?;
        if !session.lives(self.spans, now) {
            self.open.remove(&id);
            return None;
        }
        if uses {
            session.used = now;
        }
        Some((session.name.clone(), session.row))
    }

    pub(super) fn end(&mut self, id: Digest) {
        self.open.remove(&id);
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    fn end_oldest(&mut self, of: impl Fn(&Session) -> bool) {
        let sessions = self.open.iter().filter(|(_, session)| of(session));
        let oldest = sessions.min_by_key(|(_, session)| session.used);
        if let Some(id) = oldest.map(|(id, _)| *id) {
            self.open.remove(&id);
        }
    }
}

impl Session {
    fn lives(&self, spans: Spans, now: Instant) -> bool {
        now.duration_since(self.used) < spans.idle && now.duration_since(self.began) < spans.whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Hashed, Reach, Role};

    fn user(name: &str) -> User {
        User {
            name: name.to_owned(),
            role: Role::Viewer,
            reach: Reach::default(),
            password: Hashed(String::new()),
        }
    }

    fn id(number: usize) -> Digest {
        Digest::of(&number.to_be_bytes())
    }

    #[test]
    fn a_session_ends_when_nobody_uses_it_and_after_a_shift() {
        let (mut sessions, start) = (Sessions::default(), Instant::now());
        let at = |minutes: u64| start + Duration::from_secs(60 * minutes);
        sessions.begin(id(1), &user("ada"), at(0));
        sessions.begin(id(2), &user("ada"), at(0));
        // A page that refreshes itself is nobody's use.
        assert!(sessions.find(id(1), at(119), false).is_some());
        assert!(sessions.find(id(1), at(120), false).is_none());
        for quarter in 0..48 {
            assert!(sessions.find(id(2), at(quarter * 15), true).is_some());
        }
        assert!(sessions.find(id(2), at(720), true).is_none());
        assert_eq!(sessions.len(), 0);
    }

    #[test]
    fn the_table_is_bounded_and_one_person_cannot_fill_it() {
        let (mut sessions, now) = (Sessions::default(), Instant::now());
        for number in 0..100 {
            let later = now + Duration::from_millis(number as u64);
            sessions.begin(id(number), &user("ada"), later);
        }
        assert_eq!(sessions.len(), SESSIONS_OF_ONE_MAX);
        assert!(
            sessions.find(id(99), now, false).is_some(),
            "the newest stays"
        );
        for number in 0..SESSIONS_MAX + 10 {
            let name = format!("user-{number}");
            sessions.begin(id(1_000 + number), &user(&name), now);
        }
        assert_eq!(sessions.len(), SESSIONS_MAX);
    }
}
