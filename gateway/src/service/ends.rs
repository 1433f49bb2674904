//! The ends of the service towards the broker: where the links connect, and what their state means.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use pipeline::input::Input;
use tokio_rustls::rustls::ClientConfig;
use wire::CityId;

use super::ServiceError;
use crate::access::Door;
use crate::board::Board;
use crate::clock::Clock;
use crate::config::Broker as BrokerSetting;
use crate::events::{Event, Events};
use crate::inbox::Inbox;
use crate::ingest::Control;
use crate::link::{LinkWatcher, tls};
use crate::outlet::Confirmations;

/// Where the links connect, and the embedded broker if it is ours.
pub(super) struct BrokerEnd {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) login: Option<(String, String)>,
    #[cfg(feature = "broker")]
    embedded: Option<crate::broker::Broker>,
}

impl BrokerEnd {
    /// `clients`: what the names of the links' clients begin with.
    pub(super) async fn start(
        setting: &BrokerSetting,
        (city, door, clock, clients): (CityId, &Door, &Arc<dyn Clock>, &str),
    ) -> Result<BrokerEnd, ServiceError> {
        match setting {
            #[cfg(feature = "broker")]
            BrokerSetting::Embedded(options) => {
                let house = crate::broker::House {
                    city,
                    door: door.clone(),
                    clock: clock.clone(),
                    clients: clients.to_owned(),
                };
                let broker = crate::broker::Broker::start(options, Some(house))
                    .await
                    .map_err(|error| ServiceError::Broker(error.to_string()))?;
                let inside = broker.inside();
                Ok(BrokerEnd {
                    host: match inside.ip().is_unspecified() {
                        true => "127.0.0.1".to_owned(),
                        false => inside.ip().to_string(),
                    },
                    port: inside.port(),
                    tls: None,
                    login: broker.login(),
                    embedded: Some(broker),
                })
            }
            #[cfg(not(feature = "broker"))]
            BrokerSetting::Embedded(_) => Err(ServiceError::Unsupported("the embedded broker")),
            BrokerSetting::Outside(outside) => {
                let tls = outside.tls.as_ref().map(tls::client_config).transpose();
                let tls =
                    tls.map_err(|error| ServiceError::Broker(format!("[broker.tls] {error}")))?;
                let login = match &outside.login {
                    None => None,
                    Some(login) => {
                        let password = std::fs::read_to_string(&login.password_file);
                        let password = password.map_err(|error| {
                            let file = login.password_file.display();
                            ServiceError::Broker(format!("{file}: {error}"))
                        })?;
                        Some((login.user.clone(), password.trim_end().to_owned()))
                    }
                };
                Ok(BrokerEnd {
                    host: outside.host.clone(),
                    port: outside.port,
                    tls,
                    login,
                    #[cfg(feature = "broker")]
                    embedded: None,
                })
            }
        }
    }

    /// The broker ends with the gateway and starts empty.
    pub(super) fn forgets(&self) -> bool {
        self.address().is_some()
    }

    pub(super) fn address(&self) -> Option<SocketAddr> {
        #[cfg(feature = "broker")]
        return self.embedded.as_ref().map(crate::broker::Broker::address);
        #[cfg(not(feature = "broker"))]
        None
    }

    pub(super) async fn stop(self) {
        #[cfg(feature = "broker")]
        if let Some(broker) = self.embedded {
            broker.stop().await;
        }
    }
}

/// What the reading link tells: its state is an input of the dataflow, as a gateway's absence silences nobody.
pub(super) struct Watcher {
    pub(super) inbox: Arc<Inbox<Control>>,
    pub(super) board: Arc<RwLock<Board>>,
    pub(super) confirmations: Arc<Confirmations>,
    pub(super) events: Events,
}

impl Watcher {
    fn changed(&self, up: bool) {
        let mut board = self.board.write().unwrap_or_else(PoisonError::into_inner);
        board.link_changed(up);
        drop(board);
        let control = Control::Input(Input::Link { up });
        // A gateway that is stopping takes nothing more; its next start says that the link was down.
        if self.inbox.try_control(control).is_err() && !self.inbox.is_closed() {
            self.events.emit(Event::Dropped { queue: "action" });
        }
    }
}

impl LinkWatcher for Watcher {
    fn up(&mut self) {
        self.changed(true);
        self.confirmations.connected();
    }

    fn down(&mut self) {
        self.changed(false);
    }

    fn confirmed(&mut self, token: u64) {
        self.confirmations.confirmed(token);
    }
}

/// The alarm link says nothing of its own.
impl LinkWatcher for () {
    fn up(&mut self) {}
    fn down(&mut self) {}
    fn confirmed(&mut self, _token: u64) {}
}
