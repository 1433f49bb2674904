//! Fine particles of low-cost sensors, corrected for humidity on their way into their zone.
//!
//! A node that is to be corrected has no part in its zone's fine particles by itself: here its panes meet the
//! humidity. In this order: the node's own of the same pane, its own of the quarter hour, its zone's of the
//! pane, its zone's of the quarter hour. Late humidity corrects what was corrected before.
//!
//! Where no humidity is known the reading counts as it is. These sensors read too high in moist air: a false
//! alarm that is cancelled when the humidity comes is safer than smoke that nobody is told of.
//!
//! Panes of humidity outlive those of particles ([`Calendar::keep_humidity`]), so nothing is kept in a snapshot.

use std::collections::{BTreeMap, BTreeSet};

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use wire::milli::divide_rounded;
use wire::{Milli, Quantity};

use super::fold::{Cells, Fold, fold};
use super::panes::{Grain, NodePane, NodePanes, PaneKey};
use super::placed::Placed;
use super::zones::{Member, Part, ZoneKey, place, summed};
use crate::calendar::{Calendar, Millis, QUARTER, Tick, pane_start};
use crate::city::{NodeIx, ZoneIx};
use crate::science::air::correction::Correction;

/// A pane that matters here: fine particles of a node to be corrected, or humidity of any node beside one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Met {
    node: NodeIx,
    key: PaneKey,
    pane: NodePane,
    member: Member,
}

/// The corrected parts of zones.
pub(crate) fn corrected<'scope>(
    node_panes: NodePanes<'scope>,
    placed: VecCollection<'scope, Tick, (NodeIx, Placed), isize>,
    calendar: &Calendar,
) -> VecCollection<'scope, Tick, (ZoneKey, Part), isize> {
    // In most cities this is empty, and costs nothing.
    let beside = placed.filter(|(_, placed)| placed.member.is_some_and(|member| member.moist));
    let widths = calendar.clone();
    let met = node_panes.join_core(
        beside.arrange_by_key_named("corrected"),
        move |node, (key, pane), placed| {
            let member = placed.member?;
            let matters = match key.quantity {
                Quantity::Pm2_5 => member.correction.is_some(),
                Quantity::RelativeHumidity => key.grain == Grain::Fine,
                _ => false,
            };
            let end = key.start + width(&widths, *key);
            let counts = matters && !placed.withdraws(key.quantity, key.start, end);
            counts.then_some((
                member.zone,
                Met {
                    node: *node,
                    key: *key,
                    pane: *pane,
                    member,
                },
            ))
        },
    );
    let correct = Correct {
        calendar: calendar.clone(),
    };
    fold(met, "corrected", correct, Cells::empty(), 0)
}

fn width(calendar: &Calendar, key: PaneKey) -> Millis {
    match key.grain {
        Grain::Quarter => QUARTER,
        Grain::Fine | Grain::Open | Grain::Alarm => calendar.span(key.quantity).width,
    }
}

struct Correct {
    calendar: Calendar,
}

/// A pane of particles by start, node and grain.
type Place = (Millis, NodeIx, Grain);

#[derive(Default)]
struct Zone {
    particles: BTreeMap<Place, (Met, Option<(ZoneKey, Part)>)>,
    humidity: BTreeMap<NodeIx, BTreeMap<Millis, Met>>,
}

impl Fold for Correct {
    type Key = ZoneIx;
    type Item = Met;
    type Out = (ZoneKey, Part);
    type State = Zone;

    fn step(
        &mut self,
        _tick: Tick,
        _zone: &ZoneIx,
        state: &mut Zone,
        changes: &[(Met, isize)],
        emit: &mut dyn FnMut((ZoneKey, Part), isize),
    ) -> Option<Tick> {
        let mut touched = BTreeSet::new();
        for (met, diff) in changes {
            let start = met.key.start;
            if met.key.quantity == Quantity::RelativeHumidity {
                let panes = state.humidity.entry(met.node).or_default();
                if *diff > 0 {
                    panes.insert(start, *met);
                } else if panes.get(&start) == Some(met) {
                    panes.remove(&start);
                }
                touched.extend(state.particles_beside(start, &self.calendar));
                continue;
            }
            let place = (start, met.node, met.key.grain);
            if *diff > 0 {
                let said = state.particles.remove(&place).and_then(|(_, said)| said);
                state.particles.insert(place, (*met, said));
                touched.insert(place);
            } else if state
                .particles
                .get(&place)
                .is_some_and(|(now, _)| now == met)
                && let Some((_, Some(said))) = state.particles.remove(&place)
            {
                emit(said, -1);
            }
        }
        state.humidity.retain(|_, panes| !panes.is_empty());
        for place in touched {
            let Some((met, _)) = state.particles.get(&place).copied() else {
                continue;
            };
            let now = Some(self.part(state, &met));
            if let Some((_, said)) = state.particles.get_mut(&place)
                && *said != now
            {
                let before = std::mem::replace(said, now);
                before.into_iter().for_each(|part| emit(part, -1));
                now.into_iter().for_each(|part| emit(part, 1));
            }
        }
        None
    }

    fn is_idle(state: &Zone) -> bool {
        state.particles.is_empty() && state.humidity.is_empty()
    }
}

impl Correct {
    /// The pane's part in its zone, corrected as far as can be.
    fn part(&self, state: &Zone, met: &Met) -> (ZoneKey, Part) {
        let (start, end) = (
            met.key.start,
            met.key.start + width(&self.calendar, met.key),
        );
        let quarter = pane_start(start, QUARTER);
        let quarter = (quarter, end.max(quarter + QUARTER));
        let spans = [(start, end), quarter];
        let moist = self.calendar.span(Quantity::RelativeHumidity).width;
        let own = |span| state.own_humidity(met.node, span, moist);
        let zones = |span| state.zone_humidity(span, moist);
        let humidity = spans
            .into_iter()
            .find_map(own)
            .or_else(|| spans.into_iter().find_map(zones));
        let pane = match met.member.correction.zip(humidity) {
            Some((correction, humidity)) => of_pane(correction, met.pane, humidity),
            None => met.pane,
        };
        let part = Part {
            node: met.node,
            start,
            weight: met.member.weight,
            pane,
        };
        (place(&met.member, met.key), part)
    }
}

/// Every figure of a pane at one humidity: the correction rises with the reading, so the least stays the least.
fn of_pane(correction: Correction, pane: NodePane, humidity: Milli) -> NodePane {
    let of = |reading| correction.of(reading, humidity);
    let mean = divide_rounded(i128::from(pane.total), i128::from(pane.parts));
    let mean = of(Milli(i64::try_from(mean).unwrap_or(i64::MAX)));
    let mut corrected = NodePane {
        total: mean.0.saturating_mul(i64::from(pane.parts)),
        min: of(pane.min),
        max: of(pane.max),
        ..pane
    };
    corrected.last.value = of(pane.last.value);
    corrected
}

impl Zone {
    /// Panes of particles to which humidity of the pane at `start` may matter.
    fn particles_beside(&self, start: Millis, calendar: &Calendar) -> impl Iterator<Item = Place> {
        let moist = calendar.span(Quantity::RelativeHumidity).width;
        let longest = calendar.span(Quantity::Pm2_5).width.max(QUARTER);
        let (from, to) = (start - longest - QUARTER, start + moist + QUARTER);
        let places = (from, NodeIx(0), Grain::Fine)..(to, NodeIx(0), Grain::Fine);
        self.particles.range(places).map(|(place, _)| *place)
    }

    /// The node's own mean over its panes, of width `moist`, that overlap the span.
    fn own_humidity(
        &self,
        node: NodeIx,
        (start, end): (Millis, Millis),
        moist: Millis,
    ) -> Option<Milli> {
        let panes = self.humidity.get(&node)?.range(start - moist + 1..end);
        let (total, parts) = panes.fold((0, 0), |(total, parts), (_, met)| {
            (
                total + i128::from(met.pane.total),
                parts + i128::from(met.pane.parts),
            )
        });
        let mean = i64::try_from(divide_rounded(total, parts)).ok()?;
        (parts > 0).then_some(Milli(mean))
    }

    /// The weighted mean over all nodes of the zone.
    fn zone_humidity(&self, (start, end): (Millis, Millis), moist: Millis) -> Option<Milli> {
        let panes = self.humidity.values();
        let panes = panes.flat_map(|panes| panes.range(start - moist + 1..end));
        let parts: Vec<Part> = panes
            .map(|(_, met)| Part {
                node: met.node,
                start: met.key.start,
                weight: met.member.weight,
                pane: met.pane,
            })
            .collect();
        let mean = || summed(Quantity::RelativeHumidity, &parts).figures.mean;
        (!parts.is_empty()).then(mean)
    }
}
