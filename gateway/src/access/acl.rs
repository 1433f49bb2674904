//! What a broker lets each do: nodes speak on topics of nodes, people and programs hear of their zones, and the gateway
//! does everything in its city. Our own broker decides by it, and for others it is written as a file.

use std::fmt;

use wire::filter;
use wire::topic::{AllNodes, Channel};
use wire::{CityId, ZoneId};

use super::{Areas, Policy, is_name};

/// Filters that may be subscribed to and written to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    pub hears: Vec<String>,
    pub says: Vec<String>,
}

/// In whose words the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Dialect {
    /// Of the gateway's own broker
    Embedded,
    /// Of mosquitto.conf's `acl_file`
    Mosquitto,
}

/// Why there is no file: whoever bore this name would get another's rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadName {
    /// Of the gateway, at the broker.
    Gateway(String),
    /// A person or program has the gateway's name.
    Taken(String),
    /// The embedded broker means everybody without a name by it.
    Reserved,
}

/// By this name the embedded broker's file knows whoever gives none.
const NOBODY: &str = "anonymous";

impl Rights {
    /// Of whoever gives no name, as nodes do: what they say is sealed, and so is what they hear.
    pub fn of_nodes(city: CityId) -> Rights {
        let filters = |channels: &[Channel]| {
            let filter = |&channel| AllNodes { city, channel }.to_string();
            channels.iter().map(filter).collect()
        };
        Rights {
            hears: filters(&[Channel::Down]),
            says: filters(&[Channel::Up, Channel::Alarm, Channel::Status]),
        }
    }

    /// Of people and programs who see these zones.
    pub fn of_readers(city: CityId, areas: &Areas) -> Rights {
        let mut hears: Vec<String> = match areas {
            Areas::All => filter::city_filters(city).map(|of| of.to_string()).into(),
            Areas::Zones(zones) => {
                let of_one = |zone: &ZoneId| filter::zone_filters(city, *zone);
                let filters = zones.iter().flat_map(of_one);
                filters.map(|of| of.to_string()).collect()
            }
        };
        hears.push(filter::gateways(city).to_string());
        Rights {
            hears,
            says: Vec::new(),
        }
    }

    pub fn may_hear(&self, filter: &str) -> bool {
        self.hears.iter().any(|granted| covers(granted, filter))
    }

    pub fn may_say(&self, topic: &str) -> bool {
        self.says.iter().any(|granted| covers(granted, topic))
    }
}

/// Whether everything that fits `asked`, a topic or a filter, fits `granted`, too.
pub fn covers(granted: &str, asked: &str) -> bool {
    let (mut granted, mut asked) = (granted.split('/'), asked.split('/'));
    loop {
        match (granted.next(), asked.next()) {
            (Some("#"), _) | (None, None) => return true,
            (Some("+"), Some(level)) if level != "#" => {}
            (Some(known), Some(level)) if known == level => {}
            _ => return false,
        }
    }
}

/// The file; `gateway` is the gateway's name at the broker, which its own broker does not need.
pub fn file(
    dialect: Dialect,
    city: CityId,
    policy: &Policy,
    gateway: &str,
) -> Result<String, BadName> {
    let users = policy.users.iter().map(|user| (&user.name, &user.reach));
    let tokens = policy
        .tokens
        .iter()
        .map(|token| (&token.name, &token.reach));
    let readers: Vec<(&str, Rights)> = users
        .chain(tokens)
        .map(|(name, reach)| (name.as_str(), Rights::of_readers(city, &reach.areas)))
        .collect();
    if let Some((bad, _)) = readers.iter().find(|(name, _)| !is_name(name)) {
        return Err(BadName::Taken((*bad).to_owned()));
    }
    match dialect {
        Dialect::Mosquitto if !is_name(gateway) => Err(BadName::Gateway(gateway.to_owned())),
        Dialect::Mosquitto if readers.iter().any(|(name, _)| *name == gateway) => {
            Err(BadName::Taken(gateway.to_owned()))
        }
        Dialect::Mosquitto => Ok(mosquitto(city, &readers, gateway)),
        Dialect::Embedded if readers.iter().any(|(name, _)| *name == NOBODY) => {
            Err(BadName::Reserved)
        }
        Dialect::Embedded => Ok(embedded(city, &readers)),
    }
}

fn mosquitto(city: CityId, readers: &[(&str, Rights)], gateway: &str) -> String {
    let nodes = Rights::of_nodes(city);
    let mut lines = vec![format!(
        "# Who hears and says what in {city}, for mosquitto.conf: acl_file, with allow_anonymous true for nodes."
    )];
    lines.push("# Nodes, without a name.".to_owned());
    lines.extend(nodes.says.iter().map(|to| format!("topic write {to}")));
    lines.extend(nodes.hears.iter().map(|to| format!("topic read {to}")));
    lines.push(format!("\n# The gateway.\nuser {gateway}"));
    lines.push(format!("topic readwrite {}", filter::everything(city)));
    for (name, rights) in readers {
        lines.push(format!("\nuser {name}"));
        // Or the patterns below would let them speak as a node of their name.
        lines.push(format!("topic deny {}", filter::nodes(city)));
        lines.extend(rights.hears.iter().map(|of| format!("topic read {of}")));
    }
    lines.push("\n# Nodes that have their id as name.".to_owned());
    let own = |of: &String| of.replace('+', "%u");
    lines.extend(
        nodes
            .says
            .iter()
            .map(|to| format!("pattern write {}", own(to))),
    );
    lines.extend(
        nodes
            .hears
            .iter()
            .map(|of| format!("pattern read {}", own(of))),
    );
    lines.join("\n") + "\n"
}

fn embedded(city: CityId, readers: &[(&str, Rights)]) -> String {
    let nodes = Rights::of_nodes(city);
    let line = |who: &str, topic: &str, may| format!("user {who} topic {topic} permission {may}");
    let mut lines = vec![
        format!("# Who hears and says what in {city}, for [broker] acl in city.toml."),
        "# The gateway needs no line. Nodes, without a name:".to_owned(),
    ];
    lines.extend(nodes.says.iter().map(|to| line(NOBODY, to, "write")));
    lines.extend(nodes.hears.iter().map(|of| line(NOBODY, of, "read")));
    for (name, rights) in readers {
        lines.push(format!("# {name}"));
        lines.push(line(name, &filter::nodes(city).to_string(), "deny"));
        lines.extend(rights.hears.iter().map(|of| line(name, of, "read")));
    }
    lines.push("# Nodes that have their id as name.".to_owned());
    let own = |of: &String| of.replace('+', "%u");
    lines.extend(nodes.says.iter().map(|to| line("*", &own(to), "write")));
    lines.extend(nodes.hears.iter().map(|of| line("*", &own(of), "read")));
    lines.join("\n") + "\n"
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadName::Gateway(name) => write!(
                f,
                "`{}` cannot be a name at the broker: 1 to {} letters, digits and . - _ @, without blanks",
                name.escape_debug(),
                super::NAME_LEN_MAX
            ),
            BadName::Taken(name) => write!(
                f,
                "`{}` in [access] is the gateway's name at the broker, or none; give one of them another",
                name.escape_debug()
            ),
            BadName::Reserved => write!(
                f,
                "whoever is called `{NOBODY}` in [access] would lend their rights to everybody without a name; give them another"
            ),
        }
    }
}

impl std::error::Error for BadName {}

#[cfg(test)]
#[path = "acl_tests.rs"]
mod tests;
