//! The embedded MQTT broker: 3.1.1 and 5 on one port, on loopback unless the city says otherwise.
//!
//! It keeps nothing on disk: what must outlive the process is in the journal, and the gateway restores its
//! retained alerts from there. An outside broker takes its place by configuration; the link sees no difference.
//! Who may come in and what each may hear, `guard` knows.

mod guard;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use mqtt5::broker::config::{
    AuthConfig, BrokerConfig as Mqtt5Config, StorageBackend, StorageConfig, TlsConfig,
};
use mqtt5::broker::{BrokerShutdownHandle, MqttBroker};
use tokio::task::JoinHandle;

use crate::config::{BrokerAccess, Embedded};
use crate::limits;
use guard::Guard;
pub use guard::House;

/// The broker could not be started.
#[derive(Debug)]
pub struct BrokerError {
    bind: SocketAddr,
    cause: String,
}

impl fmt::Display for BrokerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot start the broker on {}: {}; is the port in use? choose another with [broker] bind or --port",
            self.bind, self.cause
        )
    }
}

impl std::error::Error for BrokerError {}

/// A running broker; dropping it without [`Broker::stop`] leaves its task to the runtime.
pub struct Broker {
    address: SocketAddr,
    inside: SocketAddr,
    login: Option<(String, String)>,
    shutdown: BrokerShutdownHandle,
    task: JoinHandle<()>,
    watch: Option<JoinHandle<()>>,
}

impl Broker {
    /// Binds (port 0: any free port, see [`Broker::address`]) and serves; when this returns, clients can connect. Where
    /// access is guarded, it is for `house`.
    pub async fn start(options: &Embedded, house: Option<House>) -> Result<Broker, BrokerError> {
        let bind = options.bind;
        let fail = |cause: String| BrokerError { bind, cause };
        // The crate reports a bind error as text of its own; asking first gives the system's words.
        drop(std::net::TcpListener::bind(bind).map_err(|error| fail(error.to_string()))?);
        let mut broker = MqttBroker::with_config(config(options))
            .await
            .map_err(|error| fail(error.to_string()))?;
        let guard = match (&options.access, house) {
            (None, _) => None,
            (Some(BrokerAccess::City), Some(house)) => Some(Guard::by_the_city(house)),
            (Some(BrokerAccess::Files { .. }), Some(house)) => {
                Some(Guard::by_files(broker.auth_provider(), house.clients))
            }
            (Some(_), None) => return Err(fail("nobody knows who may come in".to_owned())),
        };
        let guard = guard.map(Arc::new);
        if let Some(guard) = &guard {
            broker = broker.with_auth_provider(guard.clone());
        }
        let address = match options.tls {
            None => broker.local_addr(),
            Some(_) => broker.tls_local_addr(),
        };
        let (Some(address), Some(inside)) = (address, broker.local_addr()) else {
            return Err(fail("it bound no address".to_owned()));
        };
        let login = guard.as_ref().map(|guard| guard.login());
        let watch = guard.map(|guard| {
            let router = broker.router();
            tokio::spawn(async move { guard.watch(router).await })
        });
        let mut ready = broker.ready_receiver();
        let shutdown = broker.shutdown_handle();
        let task = tokio::spawn(async move {
            if let Err(error) = broker.run().await {
                tracing::error!(%error, "the embedded broker stopped");
            }
        });
        if ready.wait_for(|ready| *ready).await.is_err() {
            return Err(fail("it stopped while starting".to_owned()));
        }
        Ok(Broker {
            address,
            inside,
            login,
            shutdown,
            task,
            watch,
        })
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the gateway's own links connect: without TLS, so that its certificate may be for any name.
    pub fn inside(&self) -> SocketAddr {
        self.inside
    }

    /// Name and password of the gateway's own links, where everybody needs some.
    pub fn login(&self) -> Option<(String, String)> {
        self.login.clone()
    }

    /// Closes all connections and waits for the end.
    pub async fn stop(self) {
        if let Some(watch) = self.watch {
            watch.abort();
        }
        self.shutdown.shutdown();
        // It has been told; an error here is a panic inside it, already logged by the runtime.
        let _ = self.task.await;
    }
}

fn config(options: &Embedded) -> Mqtt5Config {
    let storage = StorageConfig::new()
        .with_backend(StorageBackend::Memory)
        .with_max_queued_messages_per_client(limits::BROKER_QUEUE_LEN_MAX)
        .with_max_queued_bytes_per_client(limits::BROKER_QUEUE_BYTES_MAX);
    // What the guard decides by itself, the crate is not asked.
    let mut auth = AuthConfig::new();
    if let Some(BrokerAccess::Files { passwords, acl }) = &options.access {
        // Whoever has no name may then do what the list gives to `anonymous`, such as nodes.
        auth = auth
            .with_password_file(passwords.clone())
            .with_allow_anonymous(acl.is_some());
        if let Some(acl) = acl {
            auth = auth.with_acl_file(acl.clone());
        }
    }
    let config = Mqtt5Config::new()
        .with_max_clients(limits::BROKER_CLIENTS_MAX)
        .with_max_packet_size(limits::PACKET_LEN_MAX)
        .with_max_retained_messages(limits::BROKER_RETAINED_MAX)
        .with_max_outbound_inflight(limits::BROKER_WINDOW)
        .with_sys_topics_enabled(false)
        .with_storage(storage)
        .with_auth(auth);
    match &options.tls {
        None => config.with_bind_addresses(vec![options.bind]),
        Some(identity) => config
            .with_bind_addresses(vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))])
            .with_tls(
                TlsConfig::new(identity.certificate.clone(), identity.key.clone())
                    .with_bind_addresses(vec![options.bind]),
            ),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn open(bind: SocketAddr) -> Embedded {
        Embedded {
            bind,
            tls: None,
            access: None,
        }
    }

    #[tokio::test]
    async fn a_port_in_use_is_said_with_the_way_out() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let bind = taken.local_addr().unwrap();
        let error = Broker::start(&open(bind), None).await.err().unwrap();
        let text = error.to_string();
        assert!(
            text.contains(&bind.to_string()) && text.contains("--port"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn port_zero_gives_a_real_address_and_writes_nothing_here() {
        let broker = Broker::start(&open("127.0.0.1:0".parse().unwrap()), None)
            .await
            .unwrap();
        assert_ne!(broker.address().port(), 0);
        assert!(!std::path::Path::new("mqtt_storage").exists());
        broker.stop().await;
    }
}
