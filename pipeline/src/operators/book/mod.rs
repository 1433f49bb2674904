//! The book: where everything meets on one worker and leaves in one fixed order, tick by tick.
//!
//! It nets the changes of each tick, adds what is known only here (names, completeness, who
//! acknowledged), numbers revisions, and hands the tick to the sink once the frontier has passed it.

mod pages;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::Operator;
use timely::dataflow::operators::probe::{Handle, Probe};
use wire::Quantity;

use crate::alert::{AlertId, Completeness, Reason, Revision, State, Status};
use crate::calendar::{Calendar, HOUR, Millis, Tick, tick_at};
use crate::city::{NodeIx, ZoneIx};
use crate::input::Action;
use crate::names::Names;
use crate::operators::air::Hour;
use crate::operators::alerts::Said;
use crate::operators::zones::ZonePane;
use crate::outlet::Outlet;
use crate::output::{AirRow, TickOutput, ZoneValue};
use crate::quality::Withdrawal;
use crate::rules::Value;

/// One change that reaches the book.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Entry {
    /// A node of the zone is expected to say the quantity.
    Expected(ZoneIx, Quantity, NodeIx),
    /// Readings of a node of this zone were withdrawn, or (retracted) came back or are sealed off.
    Withdrawn(Option<ZoneIx>, Withdrawal),
    Zone(ZoneIx, Value, Millis, ZonePane),
    Air(Hour),
    Silent(NodeIx, Millis),
    Alert(Said),
    /// What a person did about alerts.
    Acted(Action),
}

/// Delivers every tick to the outlet on worker 0.
pub fn book<'scope>(
    entries: VecCollection<'scope, Tick, Entry, isize>,
    kept: Rc<RefCell<Book>>,
    outlet: Outlet,
    probe: &Handle<Tick>,
) {
    entries
        .inner
        .unary_frontier::<CapacityContainerBuilder<Vec<()>>, _, _, _>(
            Exchange::new(|_: &(Entry, Tick, isize)| 0),
            "book",
            move |capability, _info| {
                drop(capability);
                let mut stash: Vec<(Entry, Tick, isize)> = Vec::new();
                move |(input, frontier), _output| {
                    input.for_each(|_, entries| stash.append(entries));
                    let book = &mut *kept.borrow_mut();
                    let open = frontier.frontier().first().copied().unwrap_or(Tick::MAX);
                    let mut ready: Vec<_> =
                        stash.extract_if(.., |(_, tick, _)| *tick < open).collect();
                    differential_dataflow::consolidation::consolidate_updates(&mut ready);
                    ready.sort_unstable_by(|a, b| (a.1, &a.0, a.2).cmp(&(b.1, &b.0, b.2)));
                    // The pages of a snapshot are said even where nothing else happened at its tick.
                    if let Some(tick) = book.restored_at.filter(|tick| *tick < open)
                        && ready.first().is_none_or(|(_, first, _)| *first > tick)
                    {
                        outlet.deliver(book.close(tick, &[]));
                    }
                    for changes in ready.chunk_by(|a, b| a.1 == b.1) {
                        let tick = changes[0].1;
                        outlet.learn(tick, &mut book.names);
                        let output = book.close(tick, changes);
                        outlet.deliver(output);
                    }
                    outlet.reach(open);
                }
            },
        )
        .probe_with(probe);
}

pub use pages::{Page, Pages};

/// What the book remembers between ticks.
pub struct Book {
    calendar: Calendar,
    status: Status,
    names: Names,
    expected: BTreeMap<(ZoneIx, Quantity), BTreeSet<NodeIx>>,
    alerts: Pages,
    /// Tick of the snapshot that it starts from, until the pages have been said again.
    restored_at: Option<Tick>,
}

impl Book {
    /// Empty, or from a snapshot.
    pub fn new(calendar: Calendar, status: Status, from: Option<(Tick, Names, Pages)>) -> Book {
        let restored_at = from.as_ref().map(|(tick, ..)| *tick);
        let (_, names, alerts) = from.unwrap_or_default();
        Book {
            restored_at,
            calendar,
            status,
            names,
            expected: BTreeMap::new(),
            alerts,
        }
    }

    /// What a snapshot holds of the book.
    pub fn pages(&self) -> (Names, Pages) {
        (self.names.clone(), self.alerts.clone())
    }

    /// All changes of one tick, in entry order: expectations come before the figures they belong to.
    fn close(&mut self, tick: Tick, changes: &[(Entry, Tick, isize)]) -> TickOutput {
        let mut zones: BTreeMap<(ZoneIx, Value, Millis), Option<ZonePane>> = BTreeMap::new();
        let mut air: BTreeMap<(ZoneIx, Millis, crate::science::air::Standard), Option<Hour>> =
            BTreeMap::new();
        let mut silence: BTreeMap<NodeIx, Option<Millis>> = BTreeMap::new();
        let mut withdrawn: BTreeMap<&Withdrawal, isize> = BTreeMap::new();
        let mut touched: BTreeMap<AlertId, Reason> = BTreeMap::new();
        for (entry, _, diff) in changes {
            match entry {
                Entry::Expected(zone, quantity, node) => {
                    let nodes = self.expected.entry((*zone, *quantity)).or_default();
                    if *diff > 0 {
                        nodes.insert(*node)
                    } else {
                        nodes.remove(node)
                    };
                }
                Entry::Withdrawn(_, withdrawal) => {
                    *withdrawn.entry(withdrawal).or_default() += diff;
                }
                Entry::Zone(zone, value, start, pane) => {
                    put(&mut zones, (*zone, *value, *start), *pane, *diff);
                }
                Entry::Air(hour) => {
                    put(
                        &mut air,
                        (hour.zone, hour.start, hour.standard),
                        *hour,
                        *diff,
                    );
                }
                Entry::Silent(node, since) => put(&mut silence, *node, *since, *diff),
                Entry::Alert(said) => {
                    touched.insert(said.content.id, said.content.reason);
                    self.turn(tick, said);
                }
                Entry::Acted(Action::Acknowledge { alert: id, by }) => {
                    if let Some(page) = self.alerts.get_mut(id)
                        && page.said.content.state.is_open()
                        && page.acknowledged.as_ref() != Some(by)
                    {
                        page.acknowledged = Some(by.clone());
                        if page.said.content.state == State::Raised && !touched.contains_key(id) {
                            page.said.content.state = State::Updated;
                        }
                        touched.entry(*id).or_insert(Reason::Acknowledged);
                    }
                }
                Entry::Acted(_) => {}
            }
        }
        let mut output = TickOutput {
            tick,
            ..TickOutput::default()
        };
        for ((zone, value, pane_start), pane) in zones {
            output
                .zone_values
                .extend(self.zone_value(tick, zone, value, pane_start, pane));
        }
        for ((zone, hour, standard), row) in air {
            let sealed = tick_at(hour + HOUR + self.calendar.quarter_span(Quantity::Pm2_5).horizon);
            if row.is_some() || tick + tick_at(HOUR) < sealed {
                let index = row.map(|row| row.index);
                output.air.push(AirRow {
                    zone,
                    hour,
                    standard,
                    index,
                });
            }
        }
        output.silence.extend(silence);
        // A node that moved is withdrawn in another zone: the same withdrawal.
        withdrawn.retain(|_, diff| *diff != 0);
        output.withdrawals = withdrawn
            .into_iter()
            .map(|(w, diff)| (w.clone(), diff > 0))
            .collect();
        output.withdrawals.sort_by_key(|(_, stands)| *stands);
        let mut said: Vec<(bool, Revision)> = Vec::new();
        for (id, reason) in touched {
            said.extend(self.revise(tick, id, reason));
        }
        if self.restored_at.take().is_some() {
            let again = self.alerts.values().filter(|page| page.revised_at < tick);
            said.extend(again.filter_map(|page| self.last_revision(page)));
        }
        said.sort_by_key(|(_, revision)| revision.order());
        for (shadow, revision) in said {
            match shadow {
                true => output.shadow.push(revision),
                false => output.revisions.push(revision),
            }
        }
        self.alerts.retain(|_, page| {
            page.ended_at
                .is_none_or(|at| at == tick || tick < at + KEPT)
        });
        output
    }

    fn zone_value(
        &self,
        tick: Tick,
        zone: ZoneIx,
        value: Value,
        pane_start: Millis,
        pane: Option<ZonePane>,
    ) -> Option<ZoneValue> {
        let (width, horizon) = self.width_and_horizon(value);
        let pane_end = pane_start + width;
        // A figure that leaves at its horizon was not withdrawn: it stands for good.
        if pane.is_none() && tick_at(pane_end + horizon) <= tick {
            return None;
        }
        let heard = pane.map_or(0, |pane| pane.heard);
        let completeness = self.completeness(zone, value, heard);
        let figures = pane.map(|pane| pane.figures);
        Some(ZoneValue {
            zone,
            value,
            pane_start,
            pane_end,
            figures,
            completeness,
        })
    }

    fn width_and_horizon(&self, value: Value) -> (Millis, Millis) {
        let span = match value {
            Value::Quantity(quantity) => self.calendar.span(quantity),
            Value::AirIndex(_) => {
                return (
                    HOUR,
                    self.calendar.quarter_span(Quantity::Pm2_5).horizon - HOUR,
                );
            }
            Value::CrowdCount | Value::CrowdDensity | Value::Silence => {
                self.calendar.span(Quantity::PersonCount)
            }
        };
        (span.width, span.horizon)
    }

    fn completeness(&self, zone: ZoneIx, value: Value, heard: u32) -> Completeness {
        let nodes = |quantity| {
            self.expected
                .get(&(zone, quantity))
                .map_or(0, BTreeSet::len)
        };
        let expected = match value {
            Value::Quantity(quantity) => nodes(quantity),
            Value::CrowdCount | Value::CrowdDensity => match nodes(Quantity::PersonCount) {
                0 => nodes(Quantity::PersonsIn),
                counters => counters,
            },
            Value::AirIndex(_) => {
                let air = wire::quantity::TABLE
                    .iter()
                    .filter(|entry| entry.group == wire::quantity::Group::Air);
                air.map(|entry| nodes(entry.quantity)).max().unwrap_or(0)
            }
            Value::Silence => 1,
        };
        Completeness {
            heard,
            expected: (expected as u32).max(heard),
        }
    }
}

/// An ended alert can still be corrected so long after; longer than any horizon in use.
const KEPT: Tick = 7 * 24 * 3_600_000;

/// Nets a retraction and an assertion of the same key: the assertion stands.
fn put<K: Ord, V>(map: &mut BTreeMap<K, Option<V>>, key: K, value: V, diff: isize) {
    if diff > 0 {
        map.insert(key, Some(value));
    } else {
        map.entry(key).or_insert(None);
    }
}
