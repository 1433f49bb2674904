//! What is wrong with a running installation, in plain words, and what to do about it.
//!
//! Facts are gathered at the edges and judged by pure functions, a file a subject: [`city`] the configuration · [`page`]
//! what the gateway says of itself · [`nodes`] who is not heard · [`broker`] its door, tried (`seen`: what it shows) · [`data`] journal and disk ·
//! [`secrets`] and [`certificates`] · [`machine`] time, memory, open files · [`finding`] how it is all said.

pub mod broker;
pub mod certificates;
pub mod city;
pub mod data;
pub mod finding;
pub mod http;
pub mod machine;
pub mod nodes;
pub mod page;
pub mod secrets;
mod seen;

use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::rustls::ClientConfig;

use crate::alertmanager;
use crate::city::{self as directory, LoadedCity};
use crate::clock::{Clock, SystemClock};
use crate::config::{AlertmanagerSettings, Trust};
use crate::link::tls;
use finding::{Finding, Report};
use http::{Asking, Server};

/// Which installation.
#[derive(Clone, Debug, Default)]
pub struct Questions {
    /// Its city directory: without it neither configuration nor broker nor certificates are looked at.
    pub city: Option<PathBuf>,
    /// Where it serves; by default as the city says, else the usual port of this machine.
    pub url: Option<Server>,
    /// Its data directory; by default as the city says.
    pub data: Option<PathBuf>,
    /// Authorities that `https://` goes by; by default the system's.
    pub ca: Option<PathBuf>,
    /// Shown to the gateway.
    pub token: Option<String>,
}

/// Looks at everything that was named, and says all that it found.
pub async fn examine(questions: &Questions) -> Report {
    let now = || SystemClock.now();
    let mut findings = Vec::new();
    let loaded = questions
        .city
        .as_ref()
        .map(|dir| (dir, directory::load(dir, None)));
    if let Some((dir, loaded)) = &loaded {
        findings.extend(city::judge(dir, loaded));
    }
    let city = loaded.and_then(|(_, loaded)| loaded.ok());
    let settings = city.as_ref().map(|city| &city.settings);

    let asking = asking(questions, city.as_ref());
    match &asking {
        Err(finding) => findings.push(finding.clone()),
        Ok(asking) => {
            let said = page::Said::by(asking, now).await;
            let answers = said.healthz.is_ok();
            findings.extend(page::judge(&said));
            if answers {
                findings.extend(nodes::judge(&nodes::Lists::by(asking).await));
            }
        }
    }
    if let Some(settings) = settings {
        findings.push(broker::judge(&broker::Door::of(settings).await));
        findings.extend(alertmanagers(settings).await);
    }

    let data = questions.data.clone();
    let data = data.or_else(|| settings.map(|settings| settings.data.clone()));
    if let Some(dir) = &data {
        let kept = settings.map_or_else(
            || directory::Settings::default().journal_kept,
            |s| s.journal_kept,
        );
        findings.extend(data::judge(&data::Facts::of(dir, now()), kept));
    }
    for file in secrets::files(settings, data.as_deref()) {
        findings.push(secrets::judge(&file, secrets::Kept::of(&file)));
    }
    for file in settings.map(certificates::files).unwrap_or_default() {
        findings.push(certificates::judge(&file, now()));
    }
    let nodes = city.as_ref().map_or(0, |city| city.city.nodes.len() as u64);
    findings.extend(machine::judge(&machine::Facts::here(), nodes));
    Report::from(findings)
}

/// How the gateway is asked: at the address that was named, else where its city serves, else the usual one.
fn asking(questions: &Questions, city: Option<&LoadedCity>) -> Result<Asking, Finding> {
    let server = match (&questions.url, city) {
        (Some(server), _) => Ok(server.clone()),
        (None, Some(city)) => {
            let mut bind = city.settings.http_bind;
            if bind.ip().is_unspecified() {
                bind.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
            }
            Server::parse(&format!("http://{bind}"))
        }
        (None, None) => Server::parse("http://127.0.0.1:8080"),
    };
    let wrong = |why: String| Finding::wrong("page", why, "name its address with --url");
    let server = server.map_err(wrong)?;
    let tls = match server.is_tls {
        true => Some(trusted(questions).map_err(wrong)?),
        false => None,
    };
    Ok(Asking {
        server,
        tls,
        authorization: questions
            .token
            .as_ref()
            .map(|token| format!("Bearer {token}")),
    })
}

fn trusted(questions: &Questions) -> Result<Arc<ClientConfig>, String> {
    let trust = Trust {
        authorities: questions.ca.clone(),
        identity: None,
    };
    tls::client_config(&trust).map_err(|error| error.to_string())
}

/// Whether each Alertmanager that open alerts are pushed to is there.
async fn alertmanagers(settings: &directory::Settings) -> Vec<Finding> {
    let Some(told) = &settings.alertmanager else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for url in &told.urls {
        findings.push(match healthy(url, told).await {
            Ok(()) => Finding::ok("alertmanager", format!("{url} is well")),
            Err(why) => Finding::wrong(
                "alertmanager",
                format!("{url} {why}"),
                "does it run? is [alertmanager] right? alerts stand on the page and the topics all the same",
            ),
        });
    }
    findings
}

async fn healthy(url: &str, told: &AlertmanagerSettings) -> Result<(), String> {
    let server = Server::parse(url)?;
    let failed = |why: String| format!("cannot be asked: {why}");
    let tls = match server.is_tls {
        true => Some(tls::client_config(&told.tls).map_err(|error| failed(error.to_string()))?),
        false => None,
    };
    let authorization = match &told.credentials {
        Some(credentials) => Some(alertmanager::shown(credentials).await.map_err(failed)?),
        None => None,
    };
    let asking = Asking {
        server,
        tls,
        authorization,
    };
    match asking.get("/-/healthy").await {
        Ok(answer) if answer.status == 200 => Ok(()),
        Ok(answer) => Err(format!("answers {}", answer.status)),
        Err(why) => Err(format!("does not answer: {why}")),
    }
}
