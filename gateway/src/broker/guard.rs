//! Who comes in at the embedded broker, and what each may hear and say there.
//!
//! The gateway's own links come by a name that nobody else can have and a password that is made anew at each start.
//! All others are judged by `[access]` itself, at each connection and subscription, so that a change of it holds at
//! once; or, where the city has files of its own, by the crate that reads them.

use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mqtt5::broker::router::MessageRouter;
use mqtt5::broker::{AuthProvider, AuthResult};
use mqtt5::error::Result as Answer;
use mqtt5::packet::connect::ConnectPacket;
use mqtt5::protocol::v5::reason_codes::ReasonCode;
use pipeline::calendar::Millis;
use tokio::task::spawn_blocking;
use wire::CityId;

use crate::access::acl::Rights;
use crate::access::audit::Entry;
use crate::access::{Areas, Digest, Door, NAME_LEN_MAX, Policy, Refused, Role, random};
use crate::clock::Clock;

/// The gateway's name at its own broker: with a stroke, so that no person and no program can have it.
const OWN: &str = "citysense/gateway";
/// Whether somebody's rights have changed is looked at this often.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The house that the broker stands in.
pub struct House {
    pub city: CityId,
    pub door: Door,
    /// For the audit log.
    pub clock: Arc<dyn Clock>,
    /// What the clients of the gateway's own links begin with: nobody else may push them out.
    pub clients: String,
}

pub(super) struct Guard {
    rule: Rule,
    clients: String,
    password: String,
    /// Clients of people and programs that subscribed, by their id.
    listeners: Mutex<HashMap<String, Listener>>,
}

/// Whose client it is, and how they stood when it first subscribed.
struct Listener {
    name: String,
    stood: Standing,
}

/// What somebody sees, and the secret by which they come in.
#[derive(PartialEq, Eq)]
struct Standing {
    areas: Areas,
    secret: Digest,
}

enum Rule {
    City {
        city: CityId,
        door: Door,
        clock: Arc<dyn Clock>,
        /// Reckoned once: nodes ask with every frame.
        nodes: Rights,
    },
    Files(Arc<dyn AuthProvider>),
}

type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl Guard {
    pub(super) fn by_the_city(house: House) -> Guard {
        let House {
            city,
            door,
            clock,
            clients,
        } = house;
        let nodes = Rights::of_nodes(city);
        let rule = Rule::City {
            city,
            door,
            clock,
            nodes,
        };
        Guard::new(rule, clients)
    }

    pub(super) fn by_files(files: Arc<dyn AuthProvider>, clients: String) -> Guard {
        Guard::new(Rule::Files(files), clients)
    }

    fn new(rule: Rule, clients: String) -> Guard {
        Guard {
            rule,
            clients,
            password: random::id(),
            listeners: Mutex::default(),
        }
    }

    /// How the gateway's own links come in.
    pub(super) fn login(&self) -> (String, String) {
        (OWN.to_owned(), self.password.clone())
    }

    /// Sends those away whose rights have changed, so that nobody goes on hearing what they may not; they may come
    /// back as what they are now. Never ends.
    pub(super) async fn watch(&self, router: Arc<MessageRouter>) {
        let Rule::City { door, .. } = &self.rule else {
            return;
        };
        let mut every = tokio::time::interval(LOOK_EVERY);
        loop {
            every.tick().await;
            let policy = door.policy();
            let known: Vec<(String, bool)> = self
                .listeners()
                .iter()
                .map(|(client, Listener { name, stood })| {
                    let stands = standing(&policy, name);
                    (client.clone(), stands.as_ref() == Some(stood))
                })
                .collect();
            for (client, is_as_it_was) in known {
                if !is_as_it_was {
                    router.disconnect_client(&client).await;
                }
                if !router.is_connected(&client).await {
                    self.listeners().remove(&client);
                }
            }
        }
    }

    fn listeners(&self) -> MutexGuard<'_, HashMap<String, Listener>> {
        let listeners = self.listeners.lock();
        listeners.unwrap_or_else(PoisonError::into_inner)
    }

    async fn admit(&self, connect: &ConnectPacket, from: SocketAddr) -> Answer<AuthResult> {
        let secret = connect.password.as_deref().unwrap_or_default();
        let is_own = connect.username.as_deref() == Some(OWN);
        if is_own && Digest::of(secret) == Digest::of(self.password.as_bytes()) {
            return Ok(AuthResult::success_with_user(OWN));
        }
        if connect.client_id.starts_with(&self.clients) {
            return Ok(AuthResult::fail(ReasonCode::ClientIdentifierNotValid));
        }
        let (door, now) = match &self.rule {
            // Whatever the files say of that name.
            Rule::Files(_) if is_own => {
                return Ok(AuthResult::fail(ReasonCode::BadUsernameOrPassword));
            }
            Rule::Files(files) => return files.authenticate(connect, from).await,
            Rule::City { door, clock, .. } => (door, clock.now()),
        };
        match &connect.username {
            Some(name) => Ok(sign_in(door, now, name, secret, from.ip()).await),
            None => Ok(AuthResult::success()),
        }
    }

    async fn may_hear(&self, client: String, user: Option<&str>, filter: &str) -> bool {
        match (&self.rule, user) {
            (_, Some(OWN)) => true,
            (Rule::Files(files), _) => files.authorize_subscribe(&client, user, filter).await,
            (Rule::City { nodes, .. }, None) => nodes.may_hear(filter),
            (Rule::City { city, door, .. }, Some(name)) => {
                let Some(stood) = standing(&door.policy(), name) else {
                    return false;
                };
                let may = Rights::of_readers(*city, &stood.areas).may_hear(filter);
                if may {
                    let name = name.to_owned();
                    let listener = Listener { name, stood };
                    // The first one stays: the watch must see what changed since.
                    let mut listeners = self.listeners();
                    let known = listeners.get(&client);
                    if known.is_none_or(|known| known.name != listener.name) {
                        listeners.insert(client, listener);
                    }
                }
                may
            }
        }
    }
}

/// Lets a person or a program in, or not; either is in the audit log before it is answered. What is only too much is
/// counted: a log of it would be a way to fill the disk.
async fn sign_in(door: &Door, now: Millis, name: &str, secret: &[u8], from: IpAddr) -> AuthResult {
    let known = recognise(door, name, secret, from).await;
    let mut entry = Entry::new(now, from, "broker sign-in", "accepted".to_owned());
    let answer = match known {
        Ok((name, role)) => {
            role.name().clone_into(&mut entry.role);
            entry.who = Some(name.clone());
            AuthResult::success_with_user(name)
        }
        Err(Refused::Wrong) => {
            // A name that was only typed is not somebody's.
            let typed: String = name.chars().take(NAME_LEN_MAX).collect();
            entry.on = Some(serde_json::json!({ "name": typed }));
            "wrong".clone_into(&mut entry.outcome);
            AuthResult::fail(ReasonCode::BadUsernameOrPassword)
        }
        Err(Refused::Throttled(_) | Refused::Busy) => {
            return AuthResult::fail(ReasonCode::ServerBusy);
        }
    };
    let door = door.clone();
    match spawn_blocking(move || door.record(now, &entry)).await {
        Ok(Ok(())) => answer,
        unwritten => {
            tracing::error!(?unwritten, "the audit log cannot be written");
            AuthResult::fail(ReasonCode::ServerUnavailable)
        }
    }
}

/// Whose name and password, or name and token, these are.
async fn recognise(
    door: &Door,
    name: &str,
    secret: &[u8],
    from: IpAddr,
) -> Result<(String, Role), Refused> {
    // What is no text is nobody's password, and slows whoever tries it like any other guess.
    let secret = String::from_utf8_lossy(secret).into_owned();
    let policy = door.policy();
    let token = policy.bearer(&secret).filter(|token| token.name == name);
    match token {
        Some(token) => Ok((token.name.clone(), token.role)),
        None => {
            let user = door.recognise(name, secret, from).await?;
            Ok((user.name, user.role))
        }
    }
}

/// How somebody stands now; `None`: there is no such person or program.
fn standing(policy: &Policy, name: &str) -> Option<Standing> {
    if let Some(user) = policy.user(name) {
        return Some(Standing {
            areas: user.reach.areas.clone(),
            secret: user.row(),
        });
    }
    let token = policy.tokens.iter().find(|token| token.name == name)?;
    Some(Standing {
        areas: token.reach.areas.clone(),
        secret: token.digest,
    })
}

impl AuthProvider for Guard {
    fn authenticate<'a>(
        &'a self,
        connect: &'a ConnectPacket,
        from: SocketAddr,
    ) -> Later<'a, Answer<AuthResult>> {
        Box::pin(self.admit(connect, from))
    }

    fn authorize_publish<'a>(
        &'a self,
        client: &str,
        user: Option<&'a str>,
        topic: &'a str,
    ) -> Later<'a, bool> {
        match (&self.rule, user) {
            (_, Some(OWN)) => Box::pin(std::future::ready(true)),
            (Rule::Files(files), _) => files.authorize_publish(client, user, topic),
            (Rule::City { nodes, .. }, None) => Box::pin(std::future::ready(nodes.may_say(topic))),
            (Rule::City { .. }, Some(_)) => Box::pin(std::future::ready(false)),
        }
    }

    fn authorize_subscribe<'a>(
        &'a self,
        client: &str,
        user: Option<&'a str>,
        filter: &'a str,
    ) -> Later<'a, bool> {
        Box::pin(self.may_hear(client.to_owned(), user, filter))
    }
}
