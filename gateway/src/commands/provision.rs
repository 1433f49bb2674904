//! `citysense provision`: the configuration page of one node, to be written into its flash.

use std::net::SocketAddrV4;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use edge_firmware::page::{Broker, encode};
use wire::settings::Alarm;
use wire::{CitySecret, NodeId};

use crate::city::{self, write_private};
use crate::config::nearest;
use crate::provision::{Choice, page};
use crate::terminal;

const AFTER: &str = "\
Examples:
  citysense provision --city harbour gas-1 --broker 192.0.2.7:1883 --out gas-1.bin
  citysense provision --city harbour gas-1 --broker 192.0.2.7:1883 --out gas-1.bin --data /var/lib/citysense";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// City directory; its nodes.csv names the node and what it measures
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
    /// The node
    #[arg(value_name = "NODE")]
    pub node: NodeId,
    /// File for the page; it holds the node's keys and is readable by its owner alone
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Where the node finds its broker, such as 192.0.2.7:1883
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub broker: SocketAddrV4,
    /// Data directory of the gateway, for the city's secret [default: as in city.toml]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Lowest boot number: for a board whose memory was replaced, more than any that it used with these keys (safer: the
    /// next generation of keys, in the column `generation` of nodes.csv)
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub boots_from: u32,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let loaded = city::load(&args.city, None)?;
    let nodes = &loaded.city.nodes;
    let node = nodes.iter().find(|node| node.id == args.node);
    let node = node.with_context(|| {
        let hint = nearest(
            args.node.as_str(),
            nodes.iter().map(|node| node.id.as_str()),
        );
        format!("nodes.csv has no node `{}`{hint}", args.node)
    })?;
    let data = args.data.as_ref().unwrap_or(&loaded.settings.data);
    let secret = CitySecret::new(city::secret(data)?);
    let choice = Choice {
        broker: Broker {
            address: args.broker.ip().octets(),
            port: args.broker.port(),
        },
        boots_from: args.boots_from,
    };
    let page = page(&loaded, node, &secret, choice)?;
    let bytes = encode(&page);
    write_private(&args.out, &bytes).with_context(|| args.out.display().to_string())?;
    let mut said = format!(
        "{} bytes for node {} of {} in {}: they hold its keys, keep them like a password\n",
        bytes.len(),
        page.node,
        page.city,
        args.out.display()
    );
    let seconds = |ms: u32| f64::from(ms) / 1000.0;
    said += &format!(
        "  broker {}, keys of generation {}, boots from {}; samples every {} s, a frame every {} s",
        args.broker,
        page.generation,
        page.boots_from,
        seconds(page.settings.sample_period_ms),
        seconds(page.settings.report_period_ms)
    );
    for quantity in &page.quantities {
        let mut alarms = page.settings.alarms.iter();
        said += &match alarms.find(|alarm| alarm.quantity == *quantity) {
            Some(Alarm { threshold, .. }) => format!(
                "\n  {quantity}, speaks up from {} {} after {} s",
                threshold.raise_at,
                quantity.entry().unit,
                seconds(threshold.raise_after_ms)
            ),
            None => format!("\n  {quantity}"),
        };
    }
    terminal::tell(&said)?;
    Ok(ExitCode::SUCCESS)
}
