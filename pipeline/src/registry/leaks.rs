//! What may leak, as rows: each source with the ground, the places and the stations around it.

use std::collections::{BTreeMap, BTreeSet};

use wire::Quantity;

use super::Row;
use crate::city::{Node, NodeIx};
use crate::leaks::{Leaks, Point, Source};
use crate::operators::exposure::{Item, Near};
use crate::science::plume::footprint::REACH_MAX_M;

/// A gas that is read further away than this comes from elsewhere.
const GAS_NEAR_M: f64 = 1_000.0;

/// All rows about leaks.
pub(super) fn rows(leaks: &Leaks, nodes: &[Node], into: &mut BTreeSet<Row>) {
    let nodes: BTreeMap<NodeIx, &Node> = nodes.iter().map(|node| (node.ix, node)).collect();
    for source in &leaks.sources {
        let near = |at: &Point, metres: f64| {
            let (east, north) = at.metres_from(source.at);
            east.hypot(north) <= metres
        };
        into.insert(Row::Leak(source.id, Item::Source(source.clone())));
        for (zone, ground) in &leaks.grounds {
            if ground.iter().any(|point| near(point, REACH_MAX_M)) {
                into.insert(Row::Leak(source.id, Item::Ground(*zone, ground.clone())));
            }
        }
        for place in leaks
            .places
            .iter()
            .filter(|place| near(&place.at, REACH_MAX_M))
        {
            into.insert(Row::Leak(source.id, Item::Place(place.clone())));
        }
        for (node, at) in leaks
            .stations
            .iter()
            .filter(|(_, at)| near(at, REACH_MAX_M))
        {
            let Some(says) = nodes.get(node).map(|node| says(node, source)) else {
                continue;
            };
            let reads_gas = says.gas && near(at, GAS_NEAR_M);
            if reads_gas || says.weather {
                let near = Near {
                    source: source.id,
                    at: *at,
                    reads_gas,
                };
                into.insert(Row::Near(*node, near));
            }
        }
    }
}

/// What a node has to say about a source.
struct Says {
    gas: bool,
    weather: bool,
}

/// A node that declares nothing may say anything.
fn says(node: &Node, source: &Source) -> Says {
    let says =
        |quantity: &Quantity| node.quantities.is_empty() || node.quantities.contains(quantity);
    let weather = [
        Quantity::WindSpeed,
        Quantity::WindDirection,
        Quantity::Illuminance,
    ];
    Says {
        gas: source.gases.iter().any(|(gas, _)| says(gas)),
        weather: weather.iter().any(says),
    }
}
