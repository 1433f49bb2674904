//! The door of the page and its API: tells who a request comes from, lets people sign in and out.

use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use pipeline::calendar::Millis;
use prometheus::{IntCounterVec, IntGauge, Opts, Registry};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::audit::{Audit, Entry};
use super::policy::{Digest, Policy, User};
use super::sessions::{Sessions, Spans};
use super::throttle::Throttle;
use super::{Asker, password, random};

/// Passwords tried at a time: each takes a thread and 19 MiB for a moment.
const TRIES_MAX: usize = 2;
/// People who wait for that; who comes next is asked to come again.
const WAITING_MAX: usize = 32;

/// Cheap to clone.
#[derive(Clone)]
pub struct Door(Arc<Inner>);

struct Inner {
    /// In force now; another after `city.toml` changed.
    policy: RwLock<Arc<Policy>>,
    sessions: Mutex<Sessions>,
    throttle: Mutex<Throttle>,
    trying: Semaphore,
    waiting: Semaphore,
    /// Where what is done is written, with its data directory.
    audit: OnceLock<(PathBuf, Audit)>,
    sign_ins: IntCounterVec,
    signed_in: IntGauge,
}

/// By what a request says who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    Nothing,
    /// The digest of a session's id.
    Session(Digest),
    /// The digest of a program's token.
    Token(Digest),
}

/// Why somebody was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Name and password do not belong together; which of both is wrong is not told.
    Wrong,
    /// Too many mistakes by that name or from that address.
    Throttled(Duration),
    /// Too many people sign in at this moment.
    Busy,
}

impl Door {
    /// A second door on the same registry counts for itself and is not exposed.
    pub fn new(policy: Policy, spans: Spans, registry: &Registry) -> Door {
        let sign_ins = Opts::new("citysense_sign_ins_total", "Tries to sign in, by outcome");
        let signed_in = "citysense_sessions";
        // The names and labels are constants that prometheus accepts; the tests scrape them.
        #[allow(clippy::expect_used)]
        let inner = Inner {
            policy: RwLock::new(Arc::new(policy)),
            sessions: Mutex::new(Sessions::lasting(spans)),
            throttle: Mutex::default(),
            trying: Semaphore::new(TRIES_MAX),
            waiting: Semaphore::new(WAITING_MAX),
            audit: OnceLock::new(),
            sign_ins: IntCounterVec::new(sign_ins, &["outcome"]).expect("a valid name"),
            signed_in: IntGauge::new(signed_in, "Sessions of people who signed in")
                .expect("a valid name"),
        };
        let _ = registry.register(Box::new(inner.sign_ins.clone()));
        let _ = registry.register(Box::new(inner.signed_in.clone()));
        for outcome in ["accepted", "wrong", "throttled", "busy"] {
            inner.sign_ins.with_label_values(&[outcome]);
        }
        Door(Arc::new(inner))
    }

    /// From now on what is done is written below `data`.
    pub fn keep_audit(&self, data: &Path, kept: Millis, registry: &Registry) {
        let audit = Audit::new(data, kept, registry);
        // A second one would be of the same gateway.
        let _ = self.0.audit.set((data.to_owned(), audit));
    }

    /// Waits for the disk.
    pub fn record(&self, now: Millis, entry: &Entry) -> io::Result<()> {
        match self.0.audit.get() {
            Some((_, audit)) => audit.write(now, entry),
            None => Ok(()),
        }
    }

    /// The data directory in which the log is.
    pub fn audited(&self) -> Option<PathBuf> {
        self.0.audit.get().map(|(data, _)| data.clone())
    }

    pub fn policy(&self) -> Arc<Policy> {
        let policy = self.0.policy.read();
        policy.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on; whose row changed must sign in again.
    pub fn set_policy(&self, policy: Policy) {
        let mut current = self
            .0
            .policy
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(policy);
    }

    /// Who this is, if it may read at all. An unknown or ended session is as good as none; a token is right or wrong.
    /// `uses`: a person does something, which keeps a session alive.
    pub fn asker(&self, credential: Credential, uses: bool) -> Option<Asker> {
        let policy = self.policy();
        match credential {
            Credential::Nothing => policy.nobody(),
            Credential::Session(id) => {
                let found = self.sessions().find(id, Instant::now(), uses);
                let user = found.and_then(|(name, row)| {
                    let user = policy.user(&name)?;
                    (user.row() == row).then(|| user.asker())
                });
                if user.is_none() {
                    self.end(id);
                }
                user.or_else(|| policy.nobody())
            }
            Credential::Token(digest) => {
                let mut tokens = policy.tokens.iter();
                let token = tokens.find(|token| token.digest == digest)?;
                Some(token.asker())
            }
        }
    }

    /// Whether somebody with a name comes by this.
    pub fn is_known(&self, credential: Credential) -> bool {
        let asker = self.asker(credential, false);
        asker.is_some_and(|asker| asker.name.is_some())
    }

    /// Whether a person is signed in by this.
    pub fn is_signed_in(&self, id: Digest) -> bool {
        self.asker(Credential::Session(id), false)
            .is_some_and(|asker| asker.name.is_some())
    }

    /// The id of a new session, for its browser alone.
    pub async fn sign_in(
        &self,
        name: &str,
        secret: String,
        from: IpAddr,
    ) -> Result<String, Refused> {
        let user = self.recognise(name, secret, from).await?;
        let id = random::id();
        let mut sessions = self.sessions();
        sessions.begin(Digest::of(id.as_bytes()), &user, Instant::now());
        self.0.signed_in.set(sessions.len() as i64);
        Ok(id)
    }

    /// The person with this name and password; each try is counted.
    pub async fn recognise(
        &self,
        name: &str,
        secret: String,
        from: IpAddr,
    ) -> Result<User, Refused> {
        let outcome = self.try_password(name, secret, from).await;
        let counted = match &outcome {
            Ok(_) => "accepted",
            Err(Refused::Wrong) => "wrong",
            Err(Refused::Throttled(_)) => "throttled",
            Err(Refused::Busy) => "busy",
        };
        self.0.sign_ins.with_label_values(&[counted]).inc();
        outcome
    }

    async fn try_password(
        &self,
        name: &str,
        secret: String,
        from: IpAddr,
    ) -> Result<User, Refused> {
        // Before anything is counted: whoever is only too many has made no mistake.
        let _waits = self.0.waiting.try_acquire().map_err(|_| Refused::Busy)?;
        let tried = self.throttle().begin(name, from, Instant::now());
        tried.map_err(Refused::Throttled)?;
        let policy = self.policy();
        let user = policy.user(name).cloned();
        let hash = user.as_ref().map(|user| user.password.clone());
        // Unknown names take as long as known ones.
        let otherwise = policy.users.first().map(|user| user.password.clone());
        let _place = self.0.trying.acquire().await.map_err(|_| Refused::Busy)?;
        let verified = spawn_blocking(move || {
            secret.len() <= password::LEN_MAX
                && password::verify(hash.as_ref(), otherwise.as_ref(), &secret)
        });
        let user = match (verified.await, user) {
            (Ok(true), Some(user)) => user,
            _ => return Err(Refused::Wrong),
        };
        self.throttle().was_right(name, from);
        Ok(user)
    }

    pub fn end(&self, id: Digest) {
        let mut sessions = self.sessions();
        sessions.end(id);
        self.0.signed_in.set(sessions.len() as i64);
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        let sessions = self.0.sessions.lock();
        sessions.unwrap_or_else(PoisonError::into_inner)
    }

    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        let throttle = self.0.throttle.lock();
        throttle.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::access::{Hashed, Reach, Role, Token};

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn policy(role: Role) -> Policy {
        Policy {
            is_declared: true,
            anonymous: false,
            users: vec![User {
                name: "ada".to_owned(),
                role,
                reach: Reach::default(),
                password: Hashed(password::hash("correct horse").unwrap()),
            }],
            tokens: vec![Token {
                name: "wall".to_owned(),
                role: Role::Viewer,
                reach: Reach::default(),
                digest: Digest::of(b"citysense_1"),
            }],
        }
    }

    fn door() -> Door {
        Door::new(policy(Role::Operator), Spans::default(), &Registry::new())
    }

    #[tokio::test]
    async fn a_person_signs_in_and_out_and_a_changed_row_ends_what_began_before() {
        let door = door();
        let enter = async || {
            let id = door.sign_in("ada", "correct horse".to_owned(), HERE).await;
            Digest::of(id.unwrap().as_bytes())
        };
        let (first, second) = (enter().await, enter().await);
        assert_ne!(first, second, "each sign-in has an id of its own");
        let asker = door.asker(Credential::Session(first), true).unwrap();
        assert_eq!((asker.acting(), asker.role), (Some("ada"), Role::Operator));
        door.end(first);
        assert_eq!(door.asker(Credential::Session(first), true), None);
        assert!(door.is_signed_in(second));
        door.set_policy(policy(Role::Viewer));
        assert!(!door.is_signed_in(second));
        door.set_policy(policy(Role::Operator));
        assert!(!door.is_signed_in(second), "what ended does not come back");
        assert_eq!(
            door.asker(Credential::Nothing, true),
            None,
            "nobody without a name reads"
        );
    }

    #[tokio::test]
    async fn a_token_is_right_or_wrong_and_guessing_is_slowed() {
        let door = door();
        let token = |text: &str| Credential::Token(Digest::of(text.as_bytes()));
        let wall = door.asker(token("citysense_1"), true).unwrap();
        assert_eq!((wall.name.as_deref(), wall.acting()), (Some("wall"), None));
        assert_eq!(door.asker(token("citysense_2"), true), None);
        for name in ["ada", "nobody", "ada", "nobody", "ada", "ada"] {
            let refused = door.sign_in(name, "guess".to_owned(), HERE).await;
            assert_eq!(refused, Err(Refused::Wrong));
        }
        let right = door.sign_in("ada", "correct horse".to_owned(), HERE).await;
        assert!(matches!(right, Err(Refused::Throttled(_))), "{right:?}");
        let outcome = |name| door.0.sign_ins.with_label_values(&[name]).get();
        assert_eq!((outcome("wrong"), outcome("throttled")), (6, 1));
    }
}
