//! What the fold is fed: readings of the nodes near a source, and the people of the zones around it.

use differential_dataflow::VecCollection;
use wire::{Quantity, SourceId};

use super::{Count, Item, Measured, Near, Station};
use crate::calendar::{Calendar, Tick};
use crate::city::{NodeIx, ZoneIx};
use crate::operators::crowd::Derived;
use crate::operators::panes::{Grain, NodePane, NodePanes, PaneKey};
use crate::operators::placed::Placed;
use crate::operators::zones::ZonePane;
use crate::rules::Value;

fn is_weather(quantity: Quantity) -> bool {
    use Quantity::{Illuminance, WindDirection, WindSpeed};
    matches!(quantity, WindSpeed | WindDirection | Illuminance)
}

/// What the nodes near sources read.
pub fn stations<'scope>(
    node_panes: NodePanes<'scope>,
    placed: VecCollection<'scope, Tick, (NodeIx, Placed), isize>,
    calendar: &Calendar,
) -> VecCollection<'scope, Tick, (SourceId, Item), isize> {
    let calendar = calendar.clone();
    let near = placed.filter(|(_, placed)| !placed.near.is_empty());
    node_panes.join_core(
        near.arrange_by_key_named("stations"),
        move |node, (key, pane), placed| {
            let end = key.start + calendar.span(key.quantity).width;
            let stands =
                key.grain == Grain::Fine && !placed.withdraws(key.quantity, key.start, end);
            let near: &[Near] = if stands { &placed.near } else { &[] };
            let zone = placed.member.map(|member| member.zone);
            let items = near
                .iter()
                .filter_map(|near| Some((near.source, reading(*node, *key, pane, near, zone)?)));
            items.collect::<Vec<_>>()
        },
    )
}

fn reading(
    node: NodeIx,
    key: PaneKey,
    pane: &NodePane,
    near: &Near,
    zone: Option<ZoneIx>,
) -> Option<Item> {
    let PaneKey {
        quantity, start, ..
    } = key;
    let at = near.at;
    if is_weather(quantity) {
        let measured = Measured {
            at,
            value: pane.figure(),
        };
        return Some(Item::Weather {
            quantity,
            start,
            node,
            measured,
        });
    }
    let station = Station {
        at,
        zone,
        reading: pane.figure(),
        saturated: pane.saturated,
    };
    near.reads_gas.then_some(Item::Gas {
        quantity,
        start,
        node,
        station,
    })
}

/// The people of the zones around each source.
pub fn people<'scope>(
    crowds: VecCollection<'scope, Tick, Derived, isize>,
    grounds: VecCollection<'scope, Tick, (ZoneIx, SourceId), isize>,
) -> VecCollection<'scope, Tick, (SourceId, Item), isize> {
    let counts = crowds.flat_map(|((zone, value), (start, pane))| {
        (value == Value::CrowdCount).then_some((zone, (start, count(&pane))))
    });
    counts.join_map(grounds, |zone, (start, count), source| {
        let (zone, start, count) = (*zone, *start, *count);
        (*source, Item::Crowd { zone, start, count })
    })
}

fn count(pane: &ZonePane) -> Count {
    let figures = &pane.figures;
    Count {
        people: figures.mean,
        low: figures.min,
        high: figures.max,
    }
}
