//! A node's MQTT connection: one task owns it and polls it; the shell hears what happens and queues what to send.

use rumqttc::{AsyncClient, ConnectReturnCode, Event, LastWill, MqttOptions, Packet, QoS};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Packets that wait for the socket; what does not fit is dropped, and the node sends its frames again.
const REQUESTS_LEN_MAX: usize = 64;
const KEEP_ALIVE: std::time::Duration = std::time::Duration::from_secs(30);

/// What the shell hears. The number tells a connection from those before it.
#[derive(Debug)]
pub(super) enum Heard {
    Connected(u64),
    Gone(u64),
    Payload(u64, Vec<u8>),
}

/// Whom to connect to and what the broker says when we vanish.
pub(super) struct Call<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) login: Option<&'a (String, String)>,
    pub(super) client_id: &'a str,
    pub(super) will_topic: &'a str,
    pub(super) will: &'a [u8],
}

/// One connection, from the attempt on. Dropping it cuts the wire, and the broker publishes the will.
pub(super) struct Uplink {
    number: u64,
    client: AsyncClient,
    task: JoinHandle<()>,
}

impl Uplink {
    pub(super) fn open(call: &Call<'_>, number: u64, heard: mpsc::Sender<Heard>) -> Uplink {
        let mut options = MqttOptions::new(call.client_id, call.host, call.port);
        options.set_keep_alive(KEEP_ALIVE).set_clean_session(true);
        options.set_last_will(LastWill::new(
            call.will_topic,
            call.will,
            QoS::AtLeastOnce,
            true,
        ));
        if let Some((user, password)) = call.login {
            options.set_credentials(user, password);
        }
        let (client, mut events) = AsyncClient::new(options, REQUESTS_LEN_MAX);
        let task = tokio::spawn(async move {
            loop {
                let told = match events.poll().await {
                    Ok(Event::Incoming(Packet::ConnAck(ack)))
                        if ack.code == ConnectReturnCode::Success =>
                    {
                        Heard::Connected(number)
                    }
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        Heard::Payload(number, publish.payload.to_vec())
                    }
                    Ok(Event::Incoming(Packet::ConnAck(_) | Packet::Disconnect)) | Err(_) => {
                        Heard::Gone(number)
                    }
                    Ok(_) => continue,
                };
                let is_over = matches!(told, Heard::Gone(_));
                if heard.send(told).await.is_err() || is_over {
                    return;
                }
            }
        });
        Uplink {
            number,
            client,
            task,
        }
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn subscribe(&self, topic: &str) {
        // A full queue is a lost packet: the node hears no acknowledgement and connects again.
        let _ = self.client.try_subscribe(topic, QoS::AtMostOnce);
    }

    pub(super) fn publish(&self, topic: &str, payload: &[u8], retain: bool) {
        // At most once: the acknowledgement that counts is the gateway's, not the broker's.
        let _ = self
            .client
            .try_publish(topic, QoS::AtMostOnce, retain, payload);
    }
}

impl Drop for Uplink {
    fn drop(&mut self) {
        self.task.abort();
    }
}
