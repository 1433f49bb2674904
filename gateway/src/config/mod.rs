//! `city.toml`: what the city asks of the gateway, with units in the types.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use pipeline::alert::Status;
use pipeline::calendar::{DAY, Millis};
use pipeline::city::ZoneIx;
use wire::Milli;

use crate::access::Policy;

mod access;
mod alertmanager;
mod broker;
mod cap;
mod document;
mod hint;
mod http;
mod local_time;
mod metrics;
mod open_data;
mod problems;
mod settings;
mod source;
mod traffic;
pub(crate) mod value;
mod water;

pub(crate) use alertmanager::EVERY_MAX as ALERTMANAGER_EVERY_MAX;
pub use alertmanager::{AlertmanagerSettings, Credentials};
pub(crate) use broker::outside as parse_broker_url;
pub use cap::{CapSettings, Scope};
pub(crate) use document::{Document, Section};
pub(crate) use hint::{nearest, nearest_in};
pub use metrics::MetricsSettings;
pub use open_data::{Licence, OpenDataSettings};
pub use problems::ConfigError;
pub(crate) use problems::Problems;
pub(crate) use settings::{CityFile, FILE as CITY_TOML, resolve};
pub(crate) use source::RawSource;
pub(crate) use traffic::RawSection;
pub use value::{parse_duration, show_duration};

/// Fewest persons that are shown as a number, where `city.toml` says nothing else.
pub const PRIVACY_FLOOR: u32 = 5;

/// The checked settings of a city; defaults for everything.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Free text for people; the city's id when nobody said more.
    pub name: String,
    /// IANA name; local hours and days are of this zone.
    pub time_zone: jiff::tz::TimeZone,
    /// Written on every alert.
    pub status: Status,
    pub broker: Broker,
    /// Where page, API and metrics are served.
    pub http_bind: SocketAddr,
    /// Served over TLS with this certificate and key (PEM).
    pub http_tls: Option<Identity>,
    /// Who may read, and who may act.
    pub access: Policy,
    /// Journal, secret and snapshots.
    pub data: PathBuf,
    /// How long the journal is kept.
    pub journal_kept: Millis,
    /// Threads of the dataflow.
    pub workers: usize,
    /// Fewer people than this (but more than none) are shown as a range.
    pub privacy_floor: u32,
    pub cap: CapSettings,
    pub open_data: OpenDataSettings,
    /// What `/metrics` shows of the zones.
    pub metrics: MetricsSettings,
    /// Where open alerts are pushed to, if anywhere.
    pub alertmanager: Option<AlertmanagerSettings>,
    /// Admissions within this share a tick, in milliseconds.
    pub tick_width: Millis,
    /// Head counts that are known by the clock, such as «empty at four in the morning».
    pub anchors: Vec<ScheduledAnchor>,
}

/// The broker between nodes and gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broker {
    /// Started by the gateway itself.
    Embedded(Embedded),
    /// Somebody else's.
    Outside(Outside),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    pub bind: SocketAddr,
    /// Served over TLS with this certificate and key (PEM).
    pub tls: Option<Identity>,
    /// Who may connect and speak where; without it only loopback is allowed.
    pub access: Option<BrokerAccess>,
}

/// Access control of the embedded broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrokerAccess {
    /// `[access]` says who hears what, and nodes come without a name.
    City,
    Files {
        /// Lines `user:hash`.
        passwords: PathBuf,
        /// Lines `user <name> topic <filter> permission <read|write|readwrite|deny>`.
        acl: Option<PathBuf>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    pub host: String,
    pub port: u16,
    /// `mqtts://`: the broker must prove its name.
    pub tls: Option<Trust>,
    /// User name and the file that holds the password.
    pub login: Option<Login>,
}

/// What a TLS client trusts and shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Certificate authorities (PEM); `None`: those of the system.
    pub authorities: Option<PathBuf>,
    pub identity: Option<Identity>,
}

/// A certificate chain and its key, PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub user: String,
    /// Only the file's name is configuration; its text never leaves the link.
    pub password_file: PathBuf,
}

/// Every day at this local time the zone holds this many people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduledAnchor {
    pub zone: ZoneIx,
    /// Minutes since local midnight.
    pub at_minute: u16,
    pub count: Milli,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            name: String::new(),
            time_zone: jiff::tz::TimeZone::UTC,
            status: Status::Actual,
            broker: Broker::Embedded(Embedded {
                bind: loopback(1883),
                tls: None,
                access: None,
            }),
            http_bind: loopback(8080),
            http_tls: None,
            access: Policy::default(),
            data: PathBuf::from("data"),
            journal_kept: 30 * DAY,
            workers: 1,
            privacy_floor: PRIVACY_FLOOR,
            cap: CapSettings::default(),
            open_data: OpenDataSettings::default(),
            metrics: MetricsSettings::default(),
            alertmanager: None,
            tick_width: 100,
            anchors: Vec::new(),
        }
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}
