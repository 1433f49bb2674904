//! `citysense provision`: the configuration page of one node, to be written into its flash.

use std::net::SocketAddrV4;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use edge_firmware::page::{Broker, encode};
use wire::{CitySecret, NodeId};

use super::simulate::real_duration;
use crate::city::{self, write_private};
use crate::config::nearest;
use crate::provision::{Choice, GENERATION, Periods, page};

#[derive(Debug, clap::Args)]
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
    /// Time between two readings [default: once a pane of its quickest quantity, at most once a minute]
    #[arg(long, value_name = "TIME", value_parser = real_duration)]
    pub sample: Option<Duration>,
    /// Time between two frames [default: as suits the readings]
    #[arg(long, value_name = "TIME", value_parser = real_duration)]
    pub report: Option<Duration>,
    /// Generation of the node's keys
    #[arg(long, value_name = "N", default_value_t = GENERATION)]
    pub generation: u8,
    /// Lowest boot number: for a board whose memory was wiped, more than any that it used with these keys
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
    let usual = crate::provision::periods(&node.quantities);
    let sample_ms = args.sample.map_or(usual.sample_ms, milliseconds);
    let choice = Choice {
        broker: Broker {
            address: args.broker.ip().octets(),
            port: args.broker.port(),
        },
        generation: args.generation,
        boots_from: args.boots_from,
        periods: Some(Periods {
            sample_ms,
            report_ms: args
                .report
                .map_or(usual.report_ms.max(sample_ms), milliseconds),
        }),
    };
    let page = page(&loaded, node, &secret, choice)?;
    let bytes = encode(&page);
    write_private(&args.out, &bytes).with_context(|| args.out.display().to_string())?;
    println!(
        "{} bytes for node {} of {} in {}: they hold its keys, keep them like a password",
        bytes.len(),
        page.node,
        page.city,
        args.out.display()
    );
    let seconds = |ms: u32| f64::from(ms) / 1000.0;
    println!(
        "  broker {}, keys of generation {}, boots from {}; samples every {} s, a frame every {} s",
        args.broker,
        page.generation,
        page.boots_from,
        seconds(page.sample_period_ms),
        seconds(page.report_period_ms)
    );
    for fitting in &page.sensors {
        let entry = fitting.quantity.entry();
        match fitting.alarm {
            Some((raise_at, _)) => println!(
                "  {}, speaks up from {} {}",
                fitting.quantity.name(),
                wire::Milli(raise_at),
                entry.unit
            ),
            None => println!("  {}", fitting.quantity.name()),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
