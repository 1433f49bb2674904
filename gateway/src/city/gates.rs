//! `gates.csv`: in/out counters and the zones they lie between.

use std::collections::HashMap;

use pipeline::city::{Gate, ZoneIx};
use wire::{Milli, Quantity};

use super::nodes::Nodes;
use super::table::rows;
use super::zones::Zones;
use crate::config::{Problems, nearest};

const FILE: &str = "gates.csv";
const COLUMNS: [&str; 4] = ["node", "from_zone", "to_zone", "width_m"];
/// Narrowest and widest gate that can be meant, in metres.
const WIDTH_M: (f64, f64) = (0.3, 100.0);

/// Reads `gates.csv`; what is wrong goes to `problems`.
pub(crate) fn resolve(text: &str, nodes: &Nodes, zones: &Zones, problems: &Problems) -> Vec<Gate> {
    let mut gates = Vec::new();
    let mut lines = HashMap::new();
    for row in rows(FILE, text, &COLUMNS, problems) {
        let complain = |message: String| problems.add(FILE, Some(row.line), message);
        let [node, from, to] = [row.cell(0), row.cell(1), row.cell(2)];
        let zone = |name: &str| -> Option<Option<ZoneIx>> {
            match (name, zones.by_id(name)) {
                ("", _) => Some(None),
                (_, Some(zone)) => Some(Some(zone.ix)),
                (_, None) => {
                    let hint = nearest(name, zones.ids());
                    complain(format!("zones.geojson has no zone `{name}`{hint}"));
                    None
                }
            }
        };
        let (from, to) = (zone(from), zone(to));
        let (least, most) = WIDTH_M;
        let width = match row.cell(3) {
            "" => Milli::ZERO,
            text => {
                let metres = text.parse::<f64>().ok();
                let metres = metres.filter(|metres| (least..=most).contains(metres));
                metres.and_then(Milli::from_f64).unwrap_or_else(|| {
                    complain(format!(
                        "width_m must be a number from {least} to {most}, not `{text}`"
                    ));
                    Milli::ZERO
                })
            }
        };
        let Some(node) = nodes.by_id(node) else {
            let hint = nearest(node, nodes.ids());
            complain(format!("nodes.csv has no node `{node}`{hint}"));
            continue;
        };
        if let Some(earlier) = lines.insert(node.id, row.line) {
            complain(format!(
                "gate `{}` is there twice; first in line {earlier}",
                node.id
            ));
            continue;
        }
        let counts = |quantity| node.quantities.contains(&quantity);
        if !node.quantities.is_empty()
            && !counts(Quantity::PersonsIn)
            && !counts(Quantity::PersonsOut)
        {
            complain(format!(
                "node `{}` counts neither persons_in nor persons_out, by nodes.csv",
                node.id
            ));
        }
        let (Some(from), Some(to)) = (from, to) else {
            continue;
        };
        if from == to {
            complain(
                "a gate leads from one zone to another; leave one empty for the world outside"
                    .to_owned(),
            );
            continue;
        }
        gates.push(Gate {
            node: node.ix,
            from,
            to,
            width,
        });
    }
    gates
}
