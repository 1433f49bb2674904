//! The fleet over a real broker, with a gateway that only acknowledges: what a district measures while it is
//! cut off arrives when it is back, and nothing is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use pipeline::calendar::MINUTE;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use wire::ack::{Ack, AckBytes, Settled, seal_ack};
use wire::seal::{Direction, derive_key, open_frame};
use wire::topic::{AllNodes, Channel};
use wire::{CityId, Lane, NodeId, Topic};

use super::*;
use crate::broker::Broker;
use crate::clock::ScaledClock;
use crate::config::Embedded;
use crate::harbour;
use crate::story::{OUTAGE, OUTAGE_ZONE, Story, cycle_start};

const SECRET: [u8; 32] = [7; 32];
const SPEED: u32 = 600;
/// Real time that a loaded machine may take for what takes seconds on an idle one.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_district_kept_while_cut_off_arrives_when_it_is_back() {
    let loaded = only(OUTAGE_ZONE);
    let open = Embedded {
        bind: "127.0.0.1:0".parse().unwrap(),
        tls: None,
        access: None,
    };
    let broker = Broker::start(&open, None).await.unwrap();
    let port = broker.address().port();
    let start = cycle_start(1_795_309_200_000) + (OUTAGE.0 - 8) * MINUTE;
    let clock: Arc<dyn Clock> = Arc::new(ScaledClock::starting_at(start, SPEED));
    let frames = tokio::spawn(acknowledge_all(port, loaded.city.id, clock.clone()));
    let shutdown = CancellationToken::new();
    let options = FleetOptions {
        host: "127.0.0.1".to_owned(),
        port,
        login: None,
        secret: CitySecret::new(SECRET),
        nodes: None,
        pace: Pace::Natural,
        boot: 1,
        world: Arc::new(Story::new(1)),
    };
    let fleet = Fleet::start(options, &loaded, clock.clone(), shutdown.clone());

    let all = loaded.city.nodes.len() as u64;
    let cut_off = until(&fleet, |state| state.connected == 0 && state.kept > 4 * all).await;
    assert_eq!(cut_off.overwritten, 0);
    let back = until(&fleet, |state| {
        let all_told = state.acknowledged > cut_off.acknowledged + cut_off.kept;
        state.connected == all && state.kept < all && all_told
    })
    .await;
    assert_eq!(back.overwritten, 0);
    shutdown.cancel();
    fleet.stopped().await;
    broker.stop().await;

    let frames = frames.await.unwrap();
    let heard = frames.keys().filter(|(_, lane)| *lane == Lane::Normal);
    assert_eq!(heard.count() as u64, all);
    // Only what was still kept when everything was told, and a frame a node closed since, may be on its
    // way: less than half of what was kept in the outage.
    let holes: u64 = frames.values().map(holes).sum();
    assert!(holes <= back.kept + all, "{holes} frames are lost");
}

/// The harbour city with the nodes of one zone.
fn only(zone: &str) -> LoadedCity {
    let mut sources = harbour::sources();
    let kept = |line: &&str| line.starts_with("node,") || line.contains(&format!(",{zone},"));
    sources.nodes_csv = sources
        .nodes_csv
        .lines()
        .filter(kept)
        .map(|line| format!("{line}\n"))
        .collect();
    sources.gates_csv = None;
    LoadedCity::from_sources(&sources, None).unwrap()
}

async fn until(fleet: &Fleet, is_reached: impl Fn(&FleetState) -> bool) -> FleetState {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let state = fleet.state();
        if is_reached(&state) {
            return state;
        }
        assert!(Instant::now() < deadline, "still {state:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Opens every frame and settles it at once; answers the sequences of each node when the broker is gone.
async fn acknowledge_all(
    port: u16,
    city: CityId,
    clock: Arc<dyn Clock>,
) -> BTreeMap<(NodeId, Lane), BTreeSet<u32>> {
    let secret = CitySecret::new(SECRET);
    let (client, mut events) =
        AsyncClient::new(MqttOptions::new("gateway", "127.0.0.1", port), 1_000);
    let mut frames: BTreeMap<(NodeId, Lane), BTreeSet<u32>> = BTreeMap::new();
    let mut counter = 0;
    while let Ok(event) = events.poll().await {
        let publish = match event {
            Event::Incoming(Packet::ConnAck(_)) => {
                for channel in [Channel::Up, Channel::Alarm] {
                    let filter = AllNodes { city, channel };
                    client
                        .try_subscribe(filter.text().as_str(), QoS::AtMostOnce)
                        .unwrap();
                }
                continue;
            }
            Event::Incoming(Packet::Publish(publish)) => publish,
            _ => continue,
        };
        let Ok(Topic::Node { node, .. }) = Topic::parse(&publish.topic) else {
            panic!("a foreign topic {}", publish.topic);
        };
        let key = |direction| derive_key(&secret, &node, 1, direction);
        let frame = open_frame(&publish.payload, &key(Direction::Up), &city, &node).unwrap();
        let header = frame.header;
        let sequences = frames.entry((node, header.lane)).or_default();
        sequences.insert(header.sequence);
        let below = first_missing(sequences);
        let ahead = sequences.range(below..below + 64);
        let settled = Settled {
            boot: header.boot,
            lane: header.lane,
            from: 0,
            below,
            bitmap: ahead.fold(0, |bitmap, sequence| bitmap | 1 << (sequence - below)),
        };
        counter += 1;
        let ack = Ack {
            generation: 1,
            epoch: 1,
            counter,
            gateway_ms: clock.now(),
            settled: [settled].into_iter().collect(),
            settings: None,
        };
        let mut sealed = AckBytes::new();
        seal_ack(&ack, &key(Direction::Down), &city, &node, &mut sealed).unwrap();
        let down = Topic::Node {
            city,
            node,
            channel: Channel::Down,
        };
        client
            .try_publish(
                down.text().as_str(),
                QoS::AtMostOnce,
                false,
                sealed.to_vec(),
            )
            .unwrap();
    }
    frames
}

/// Sequences below the highest that were not heard.
fn holes(sequences: &BTreeSet<u32>) -> u64 {
    let below_end = sequences.last().map_or(0, |last| u64::from(*last) + 1);
    below_end - sequences.len() as u64
}

/// The first sequence that was not heard.
fn first_missing(sequences: &BTreeSet<u32>) -> u32 {
    (0..)
        .zip(sequences)
        .take_while(|(place, sequence)| place == *sequence)
        .count() as u32
}
