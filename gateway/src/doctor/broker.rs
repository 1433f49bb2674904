//! Whether the broker answers and lets the gateway in, tried as a client of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rumqttc::{AsyncClient, ConnectReturnCode, ConnectionError, Event, MqttOptions, Packet};
use rumqttc::{TlsConfiguration, Transport};
use tokio::time::timeout;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use super::finding::Finding;
use super::seen::Seen;
use crate::city::Settings;
use crate::config::{Broker, Outside};
use crate::link::tls;

/// Longest wait for the broker's answer, in real time.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// How the broker took a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    Accepted,
    /// It answered and said no.
    Refused(ConnectReturnCode),
    /// Nobody answered, or not as a broker does.
    Failed(String),
    /// It shows another certificate than the one in this file.
    Outdated(PathBuf),
    /// It was not even tried.
    Untried(String),
}

/// The broker as `city.toml` names it, and whether it is the gateway's own.
pub struct Door {
    pub address: String,
    pub is_embedded: bool,
    pub taken: Taken,
}

impl Door {
    pub async fn of(settings: &Settings) -> Door {
        match &settings.broker {
            Broker::Embedded(embedded) => {
                let mut address = embedded.bind;
                if address.ip().is_unspecified() {
                    address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
                }
                let options = MqttOptions::new(client(), address.ip().to_string(), address.port());
                let taken = match &embedded.tls {
                    Some(served) => secured(options, &served.certificate).await,
                    None => knock(options).await,
                };
                Door {
                    address: address.to_string(),
                    is_embedded: true,
                    taken,
                }
            }
            Broker::Outside(outside) => Door {
                address: format!("{}:{}", outside.host, outside.port),
                is_embedded: false,
                taken: match options(outside) {
                    Ok(options) => knock(options).await,
                    Err(why) => Taken::Untried(why),
                },
            },
        }
    }
}

fn client() -> String {
    format!("citysense-doctor-{}", std::process::id())
}

fn options(outside: &Outside) -> Result<MqttOptions, String> {
    let mut options = MqttOptions::new(client(), &outside.host, outside.port);
    if let Some(trust) = &outside.tls {
        let config = tls::client_config(trust).map_err(|error| error.to_string())?;
        options.set_transport(Transport::Tls(TlsConfiguration::Rustls(config)));
    }
    if let Some(login) = &outside.login {
        let password = std::fs::read_to_string(&login.password_file);
        let password =
            password.map_err(|error| format!("{}: {error}", login.password_file.display()))?;
        options.set_credentials(&login.user, password.trim_end());
    }
    Ok(options)
}

/// Knocks at a broker that shows the certificate in this file, if it has read it.
async fn secured(mut options: MqttOptions, file: &Path) -> Taken {
    let expected = match CertificateDer::from_pem_file(file) {
        Ok(certificate) => certificate,
        Err(error) => return Taken::Untried(format!("{}: {error}", file.display())),
    };
    let (config, seen) = match Seen::config() {
        Ok(made) => made,
        Err(error) => return Taken::Untried(error.to_string()),
    };
    options.set_transport(Transport::Tls(TlsConfiguration::Rustls(config)));
    let taken = knock(options).await;
    match seen.shown() {
        Some(shown) if *shown != expected => Taken::Outdated(file.to_owned()),
        _ => taken,
    }
}

/// One connection, which is ended at once.
async fn knock(mut options: MqttOptions) -> Taken {
    options.set_keep_alive(Duration::from_secs(30));
    let (client, mut events) = AsyncClient::new(options, 4);
    let answer = timeout(ANSWER_MAX, async {
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => return Taken::Accepted,
                Ok(_) => {}
                Err(ConnectionError::ConnectionRefused(code)) => return Taken::Refused(code),
                Err(error) => return Taken::Failed(error.to_string()),
            }
        }
    });
    let answer = answer.await;
    // A farewell is a courtesy; the connection ends with its task in any case.
    if client.try_disconnect().is_ok() {
        let _ = timeout(Duration::from_secs(1), events.poll()).await;
    }
    answer.unwrap_or_else(|_| Taken::Failed(format!("no answer within {} s", ANSWER_MAX.as_secs())))
}

pub fn judge(door: &Door) -> Finding {
    let Door {
        address,
        is_embedded,
        taken,
    } = door;
    let own = if *is_embedded {
        "the gateway's own, "
    } else {
        ""
    };
    match taken {
        Taken::Accepted => Finding::ok("broker", format!("{own}{address} takes connections")),
        Taken::Refused(_) if *is_embedded => Finding::ok(
            "broker",
            format!("{own}{address} answers and asks who is there"),
        ),
        Taken::Refused(code) => Finding::wrong(
            "broker",
            format!("{address} refuses the gateway: {code:?}"),
            "are `user` and `password_file` of [broker] those that the broker knows?",
        ),
        Taken::Outdated(file) => Finding::wrong(
            "broker",
            format!(
                "{own}{address} shows another certificate than {}",
                file.display()
            ),
            "it reads the file when it starts: restart the gateway",
        ),
        Taken::Untried(why) if *is_embedded => {
            Finding::ok("broker", format!("{own}{address}: {why}; see link"))
        }
        Taken::Untried(why) => Finding::wrong(
            "broker",
            format!("{address} cannot be tried: {why}"),
            "make the files that [broker] names readable, for the gateway's user too",
        ),
        Taken::Failed(cause) => Finding::wrong(
            "broker",
            format!("{own}{address} does not answer: {cause}"),
            match is_embedded {
                true => {
                    "it runs inside the gateway: see page above; is the port another than [broker] bind?"
                }
                false => {
                    "is the broker running there, and does a firewall let this machine through? see [broker] url"
                }
            },
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Verdict;

    #[test]
    fn a_broker_that_asks_for_names_is_well_when_it_is_our_own() {
        let refused = Taken::Refused(ConnectReturnCode::NotAuthorized);
        let failed = Taken::Failed("refused".to_owned());
        let untried = Taken::Untried("no file".to_owned());
        for (is_embedded, taken, verdict) in [
            (true, Taken::Accepted, Verdict::Ok),
            (false, Taken::Accepted, Verdict::Ok),
            (true, refused.clone(), Verdict::Ok),
            (false, refused, Verdict::Wrong),
            (true, failed.clone(), Verdict::Wrong),
            (false, failed, Verdict::Wrong),
            (true, untried.clone(), Verdict::Ok),
            (false, untried, Verdict::Wrong),
            (true, Taken::Outdated("broker.pem".into()), Verdict::Wrong),
        ] {
            let address = "127.0.0.1:1883".to_owned();
            let door = Door {
                address,
                is_embedded,
                taken,
            };
            assert_eq!(judge(&door).verdict, verdict, "{:?}", door.taken);
        }
    }
}
