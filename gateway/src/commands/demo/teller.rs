//! The demo's terminal: where to look, then a line for everything that happens.

use std::io::{self, Write};
use std::time::Duration;

use pipeline::calendar::{HOUR, MINUTE, Millis};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use wire::CityId;

use super::Args;
use super::narrator::{Heard, Narrator};
use crate::city::LoadedCity;
use crate::clock::Clock;
use crate::fleet::FleetState;
use crate::story::{HISTORY, headlines};

/// How often the terminal looks for something to say.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Alert messages on their way to the terminal; when it is slow, the broker keeps the rest.
const MESSAGES_LEN_MAX: usize = 256;

/// Where the gateway can be reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Addresses {
    pub(super) broker: std::net::SocketAddr,
    pub(super) http: std::net::SocketAddr,
}

pub(super) struct Teller<'a> {
    terminal: &'a mut dyn Write,
    narrator: Narrator,
    start: Millis,
    lines: u64,
}

impl<'a> Teller<'a> {
    pub(super) fn new(
        terminal: &'a mut dyn Write,
        loaded: &LoadedCity,
        start: Millis,
    ) -> Teller<'a> {
        let narrator = Narrator::new(loaded.settings.time_zone.clone(), start);
        Teller {
            terminal,
            narrator,
            start,
            lines: 0,
        }
    }

    /// Says that there is something to wait for.
    pub(super) fn begin(&mut self, loaded: &LoadedCity) -> io::Result<()> {
        let name = &loaded.settings.name;
        self.say(&format!(
            "citysense demo: {name}, an invented harbour city. Everything it says is simulated."
        ))
    }

    /// Says where to look.
    pub(super) fn introduce(
        &mut self,
        args: &Args,
        loaded: &LoadedCity,
        addresses: Addresses,
        password: &str,
    ) -> io::Result<()> {
        let Addresses { broker, http } = addresses;
        let (zones, nodes) = (loaded.city.zones.len(), loaded.city.nodes.len());
        self.say(&format!("  page     http://{http}"))?;
        let operator = super::OPERATOR;
        self.say(&format!(
            "  to act   http://{http}/sign-in as {operator}, password {password}"
        ))?;
        self.say(&format!("  metrics  http://{http}/metrics"))?;
        self.say(&format!(
            "  alerts   mosquitto_sub -h {} -p {} -v -t 'city/v1/{}/alert/#'",
            broker.ip(),
            broker.port(),
            loaded.city.id
        ))?;
        self.say(&format!(
            "  {zones} zones, {nodes} nodes, {} h of history; {} times real time, seed {}; {}",
            HISTORY / HOUR,
            args.speed,
            args.seed,
            match args.duration {
                Some(duration) => format!("stops by itself after {} s", duration.as_secs()),
                None => "Ctrl-C stops it".to_owned(),
            }
        ))?;
        self.say("")
    }

    /// Tells what happens until `end`; an error is a terminal that is gone.
    pub(super) async fn tell(
        &mut self,
        messages: &mut mpsc::Receiver<(Vec<u8>, Heard)>,
        clock: &dyn Clock,
        end: impl Future<Output = ()>,
    ) -> io::Result<()> {
        tokio::pin!(end);
        let mut look = tokio::time::interval(LOOK_EVERY);
        let mut told_until = self.start - 1;
        loop {
            tokio::select! {
                () = &mut end => return Ok(()),
                Some((payload, heard)) = messages.recv() => {
                    if let Some(line) = self.narrator.alert(&payload, heard) {
                        self.lines += 1;
                        self.say(&line)?;
                    }
                }
                _ = look.tick() => {
                    let now = clock.now();
                    for (moment, headline) in headlines(told_until, now) {
                        let line = self.narrator.headline(moment, headline);
                        self.say(&line)?;
                    }
                    told_until = now;
                    for line in self.narrator.silences() {
                        self.say(&line)?;
                    }
                }
            }
        }
    }

    pub(super) fn take_leave(&mut self, lived: Millis, fleet: &FleetState) -> io::Result<()> {
        let (hours, minutes) = (lived / HOUR, lived % HOUR / MINUTE);
        self.say(&format!(
            "\nstopped after {hours} h {minutes:02} min of city time: {} alert lines, {} frames acknowledged, {} lost",
            self.lines, fleet.acknowledged, fleet.overwritten
        ))
    }

    fn say(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.terminal, "{line}")?;
        self.terminal.flush()
    }
}

/// The alert topics, read like anybody reads them.
pub(super) struct Alerts {
    pub(super) messages: mpsc::Receiver<(Vec<u8>, Heard)>,
    task: JoinHandle<()>,
}

impl Alerts {
    pub(super) fn subscribe(addresses: Addresses, city: CityId) -> Alerts {
        let (sender, messages) = mpsc::channel(MESSAGES_LEN_MAX);
        let broker = addresses.broker;
        let options = MqttOptions::new("demo-terminal", broker.ip().to_string(), broker.port());
        let (client, mut events) = AsyncClient::new(options, MESSAGES_LEN_MAX);
        let task = tokio::spawn(async move {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => {
                        let filter = format!("city/v1/{city}/alert/#");
                        // The queue is empty: this client sends nothing else.
                        let _ = client.try_subscribe(filter, QoS::AtLeastOnce);
                    }
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        let heard = match publish.retain {
                            true => Heard::Retained,
                            false => Heard::Live,
                        };
                        if sender
                            .send((publish.payload.to_vec(), heard))
                            .await
                            .is_err()
                        {
                            return;
                        }
                    }
                    Ok(_) => {}
                    // In-process and on loopback: when it comes back, so do the retained alerts.
                    Err(_) => tokio::time::sleep(LOOK_EVERY).await,
                }
            }
        });
        Alerts { messages, task }
    }
}

impl Drop for Alerts {
    fn drop(&mut self) {
        self.task.abort();
    }
}
