//! The demo's gateway: the real one, started and waited for.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use wire::{CitySecret, GatewayId};

use super::teller::Addresses;
use crate::city::LoadedCity;
use crate::clock::Clock;
use crate::service::{self, History, ServiceConfig, ServiceError};

/// A gateway that takes readings.
pub(super) struct Gateway {
    addresses: Addresses,
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), ServiceError>>,
}

impl Gateway {
    /// Starts it and waits until it takes readings, its history behind it.
    pub(super) async fn start(
        loaded: LoadedCity,
        secret: CitySecret,
        clock: Arc<dyn Clock>,
        history: Option<History>,
    ) -> anyhow::Result<Gateway> {
        let shutdown = CancellationToken::new();
        let (ready, started) = oneshot::channel();
        let config = ServiceConfig {
            data: loaded.settings.data.clone(),
            secret,
            gateway: GatewayId::new("demo")?,
            city_dir: None,
            ready: Some(ready),
            disk: None,
        };
        let task = tokio::spawn({
            let shutdown = shutdown.clone();
            // Whoever watches `shutdown` sees a gateway that ended by itself, too.
            let ended = shutdown.clone().drop_guard();
            async move {
                let _ended = ended;
                service::run(config, loaded, clock, history, shutdown).await
            }
        });
        let Ok(ready) = started.await else {
            task.await.context("the gateway broke off")??;
            anyhow::bail!("the gateway ended before it took readings");
        };
        let broker: Option<SocketAddr> = ready.broker;
        Ok(Gateway {
            addresses: Addresses {
                broker: broker.context("the demo needs the embedded broker")?,
                http: ready.http,
            },
            shutdown,
            task,
        })
    }

    pub(super) fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Cancelled when the gateway has ended, whoever wanted it.
    pub(super) fn ended(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.shutdown.cancel();
        self.task.await.context("the gateway broke off")??;
        Ok(())
    }
}
