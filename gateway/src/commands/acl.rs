//! `citysense acl`: who may hear and say what at the broker, as the broker's own access control list.

use std::path::PathBuf;
use std::process::ExitCode;

use super::exit;
use crate::access::acl::{self, Dialect};
use crate::city;
use crate::config::Broker;
use crate::terminal;

const AFTER: &str = "\
Examples:
  citysense acl --city harbour --for mosquitto > /etc/mosquitto/harbour.acl
  citysense acl --city harbour --for embedded > harbour/broker.acl     with passwords and acl in [broker]
  citysense acl --city harbour --for mosquitto | grep -A9 'user ada'   what one of them may hear

mosquitto.conf takes it with `acl_file`, `allow_anonymous true` (nodes have no name) and a `password_file` of the gateway and
everybody in [access]. Print it anew and reload the broker when [access], zones or areas change. The gateway's own broker
needs no file where [broker] says access = \"city\": it goes by [access] itself.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// City directory
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
    /// For which broker
    #[arg(long = "for", value_name = "BROKER", value_enum)]
    pub dialect: Dialect,
    /// The gateway's name at the broker [default: user in [broker], or gateway]
    #[arg(long, value_name = "NAME")]
    pub gateway: Option<String>,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let city = match city::load(&args.city, None) {
        Ok(city) => city,
        Err(bad) => {
            eprintln!("{bad}");
            return Ok(ExitCode::from(exit::BAD_CONFIGURATION));
        }
    };
    let own = match &city.settings.broker {
        Broker::Outside(outside) => outside.login.as_ref().map(|login| login.user.clone()),
        Broker::Embedded(_) => None,
    };
    let gateway = args.gateway.or(own);
    let gateway = gateway.as_deref().unwrap_or("gateway");
    let text = acl::file(args.dialect, city.city.id, &city.settings.access, gateway)?;
    if !city.settings.access.is_declared {
        eprintln!("note: city.toml has no [access], so only nodes and the gateway are in the list");
    }
    terminal::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
