//! `[broker]`: embedded or outside, and who may speak.

use std::path::Path;

use toml::de::DeValue;

use super::document::Section;
use super::http::file;
use super::{Broker, BrokerAccess, Embedded, Identity, Login, Outside, Settings, Trust, value};

const PORT_MQTT: u16 = 1883;
const PORT_MQTTS: u16 = 8883;

/// `None` when something is wrong, which has been said then; `has_access`: the city says who may read and act.
pub(crate) fn resolve(
    mut section: Section<'_>,
    has_access: bool,
    directory: &Path,
) -> Option<Broker> {
    let embedded = section.read("embedded", value::boolean);
    let url = section.read("url", value::text);
    let bind = section.read("bind", value::address);
    let access = section.read("access", by_the_city);
    let user = section.read("user", value::text);
    let [passwords, acl, password_file] = ["passwords", "acl", "password_file"]
        .map(|key| section.read(key, |value| file(value, directory)));
    let mut tls = section.section("tls");
    let has_tls = !tls.is_empty();
    let [authorities, certificate, key] =
        ["ca", "certificate", "key"].map(|key| tls.read(key, |value| file(value, directory)));
    let identity = match (certificate, key) {
        (Some(certificate), Some(key)) => Some(Identity { certificate, key }),
        (None, None) => None,
        _ => {
            tls.problem("certificate and key belong together; one is missing".to_owned());
            None
        }
    };
    tls.finish();
    let complain = |message: &str| section.problem(message.to_owned());

    let broker = match url {
        Some(_) if embedded == Some(true) => {
            complain("embedded = true and url exclude each other");
            None
        }
        Some(url) => {
            if bind.is_some() || passwords.is_some() || acl.is_some() || access.is_some() {
                complain(
                    "bind, access, passwords and acl are for the embedded broker; remove them or url, whose broker takes what `citysense acl` prints",
                );
            }
            if user.is_some() != password_file.is_some() {
                complain("user and password_file belong together; one is missing");
            }
            let trust = has_tls.then_some(Trust {
                authorities,
                identity,
            });
            let login = user.zip(password_file).map(|(user, password_file)| Login {
                user,
                password_file,
            });
            match outside(&url, trust, login) {
                Ok(outside) => Some(Broker::Outside(outside)),
                Err(message) => {
                    complain(&message);
                    None
                }
            }
        }
        None if embedded == Some(false) => {
            complain("embedded = false needs url, such as \"mqtts://broker.example:8883\"");
            None
        }
        None => {
            if user.is_some() || password_file.is_some() {
                complain(
                    "user and password_file are for an outside broker; the gateway needs none at its own",
                );
            }
            if access.is_some() && (passwords.is_some() || acl.is_some()) {
                complain(
                    "access = \"city\" and files (passwords, acl) exclude each other: either [access] says who hears what, or they do",
                );
            } else if access.is_some() && !has_access {
                complain(
                    "access = \"city\" lets those in whom [access] names, and there is no [access]: add it, or only nodes can connect",
                );
            } else if acl.is_some() && passwords.is_none() {
                complain("acl needs passwords: without names there is nobody to allow anything");
            }
            if has_tls && identity.is_none() {
                complain("[broker.tls] of the embedded broker needs certificate and key");
            }
            let Broker::Embedded(default) = Settings::default().broker else {
                return None;
            };
            let bind = bind.unwrap_or(default.bind);
            if !bind.ip().is_loopback() && passwords.is_none() && access.is_none() {
                complain(&format!(
                    "bind = \"{bind}\" lets anybody in the network connect and hear everything; say access = \"city\", or name a password file (passwords, and acl), or bind to 127.0.0.1"
                ));
            }
            let files = passwords.map(|passwords| BrokerAccess::Files { passwords, acl });
            let access = access.or(files);
            Some(Broker::Embedded(Embedded {
                bind,
                tls: identity,
                access,
            }))
        }
    };
    section.finish();
    broker
}

fn by_the_city(value: &DeValue<'_>) -> Result<BrokerAccess, String> {
    match value::text(value)?.as_str() {
        "city" => Ok(BrokerAccess::City),
        other => Err(format!(
            "\"city\" is expected (as [access] says), not \"{}\"; for files of your own use passwords and acl",
            other.escape_debug()
        )),
    }
}

/// `mqtt://host[:port]` or `mqtts://host[:port]`.
pub(crate) fn outside(
    url: &str,
    trust: Option<Trust>,
    login: Option<Login>,
) -> Result<Outside, String> {
    let expected =
        || format!("url must be like \"mqtt://host:1883\" or \"mqtts://host:8883\", not `{url}`");
    let (scheme, place) = url.split_once("://").ok_or_else(expected)?;
    let (port, tls) = match (scheme, trust) {
        ("mqtt", None) => (PORT_MQTT, None),
        ("mqtt", Some(_)) => return Err("[broker.tls] needs an mqtts:// url".to_owned()),
        ("mqtts", trust) => (PORT_MQTTS, Some(trust.unwrap_or_default())),
        _ => return Err(expected()),
    };
    let place = place.trim_end_matches('/');
    let (host, port) = match place.rsplit_once(':') {
        // An IPv6 address without port ends in a bracket.
        Some((host, digits)) if !digits.ends_with(']') => {
            (host, digits.parse().map_err(|_| expected())?)
        }
        _ => (place, port),
    };
    if host.is_empty() || host.contains(['/', '@', ' ']) {
        return Err(expected());
    }
    Ok(Outside {
        host: host.to_owned(),
        port,
        tls,
        login,
    })
}
