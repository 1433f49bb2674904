//! The book: where everything meets on one worker and leaves in one fixed order, tick by tick.
//!
//! It nets the changes of each tick, adds what is known only here (names, completeness, what people
//! do), numbers revisions, and hands the tick to the sink once the frontier has passed it. Deadlines
//! of the desk (a silence that ends, a step of an escalation) are ticks of their own.

mod causes;
mod desk;
mod exposed;
mod figures;
mod pages;
mod silences;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use timely::container::CapacityContainerBuilder;
use timely::dataflow::Stream;
use timely::dataflow::channels::pact::{Exchange, Pipeline};
use timely::dataflow::operators::Operator;
use timely::dataflow::operators::probe::{Handle, Probe};
use wire::Quantity;

use self::desk::Touched;
use self::exposed::Exposures;
use crate::alert::{Revision, Status};
use crate::calendar::{Calendar, DAY, Millis, Tick, tick_at};
use crate::city::{NodeIx, ZoneIx};
use crate::exposure::Exposure;
use crate::hearing::{Expectation, Heard, Hearing};
use crate::input::Action;
use crate::names::Names;
use crate::operators::air::{Indexed, Spell};
use crate::operators::alerts::Said;
use crate::operators::incidents::lineage::Grouping;
use crate::operators::quality::flags::Flagged;
use crate::operators::zones::ZonePane;
use crate::outlet::{Outlet, Settle};
use crate::output::TickOutput;
use crate::quality::Withdrawal;
use crate::rules::Value;
use crate::science::air::Standard;

/// One change that reaches the book.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Entry {
    /// A node of the zone is expected to say the quantity.
    Expected(ZoneIx, Quantity, NodeIx),
    /// Readings of a node of this zone were withdrawn, or (retracted) came back or are sealed off.
    Withdrawn(Option<ZoneIx>, Withdrawal),
    /// A quality test found something.
    Flagged(Flagged),
    Zone(ZoneIx, Value, Millis, ZonePane),
    Air(Indexed),
    Exposed(Exposure),
    Silent(NodeIx, Millis),
    Alert(Said),
    Incident(Grouping),
    /// What a person did about alerts.
    Acted(Action),
}

/// Delivers every tick to the outlet on worker 0.
pub fn book<'scope>(
    entries: VecCollection<'scope, Tick, Entry, isize>,
    heard: Stream<'scope, Tick, Vec<(Tick, Heard)>>,
    kept: Rc<RefCell<Book>>,
    settle: Settle,
    outlet: Outlet,
    probe: &Handle<Tick>,
) {
    entries
        .inner
        .binary_frontier::<_, CapacityContainerBuilder<Vec<()>>, _, _, _, _>(
            heard,
            Exchange::new(|_: &(Entry, Tick, isize)| 0),
            // Only worker 0 is given any.
            Pipeline,
            "book",
            move |capability, _info| {
                drop(capability);
                let mut stash: Vec<(Entry, Tick, isize)> = Vec::new();
                let mut unheard: VecDeque<(Tick, Heard)> = VecDeque::new();
                move |(input, frontier), (listened, listened_to), _output| {
                    input.for_each(|_, entries| stash.append(entries));
                    listened.for_each(|_, heard| unheard.extend(heard.drain(..)));
                    let book = &mut *kept.borrow_mut();
                    let promised = [frontier, listened_to].map(|f| f.frontier().first().copied());
                    let promised = promised.into_iter().flatten().min();
                    let open = promised.unwrap_or(Tick::MAX);
                    let mut ready: Vec<_> =
                        stash.extract_if(.., |(_, tick, _)| *tick < open).collect();
                    differential_dataflow::consolidation::consolidate_updates(&mut ready);
                    ready.sort_unstable_by(|a, b| (a.1, &a.0, a.2).cmp(&(b.1, &b.0, b.2)));
                    let mut rest = ready.as_slice();
                    loop {
                        // Once all input has ended, what is due later never comes due.
                        let deadline = promised.and(book.deadline);
                        let ticks = [
                            rest.first().map(|(_, tick, _)| *tick),
                            deadline.filter(|tick| settle.is_live(*tick)),
                            outlet.next_version(),
                            // The pages of a snapshot are said even where nothing else happened at its tick.
                            book.restored_at,
                        ];
                        let tick = ticks
                            .into_iter()
                            .flatten()
                            .filter(|tick| *tick < open)
                            .min();
                        let Some(tick) = tick else { break };
                        let count = rest.partition_point(|(_, at, _)| *at == tick);
                        let (changes, later) = rest.split_at(count);
                        rest = later;
                        let is_told = !changes.is_empty() || book.restored_at == Some(tick);
                        while let Some((_, heard)) = unheard.pop_front_if(|(at, _)| *at <= tick) {
                            book.hearing.hear(heard);
                        }
                        let causes = outlet.learn(tick, &mut book.names);
                        let output = book.close(tick, settle.clamp(tick), changes, causes);
                        if is_told || output.says_something() {
                            outlet.deliver(output);
                        }
                    }
                    // Nothing stays outside the book: a snapshot takes what it holds.
                    while let Some((_, heard)) = unheard.pop_front_if(|(at, _)| *at < open) {
                        book.hearing.hear(heard);
                    }
                    outlet.reach(open);
                }
            },
        )
        .probe_with(probe);
}

pub use causes::Causes;
pub use pages::{Page, Pages};
pub use silences::{Silence, Silences};

/// What the book remembers between ticks.
pub struct Book {
    calendar: Calendar,
    status: Status,
    names: Names,
    hearing: Hearing,
    alerts: Pages,
    /// Suspect nodes of the zones' panes that have any.
    suspects: BTreeMap<(ZoneIx, Value, Millis), i64>,
    silences: Silences,
    exposures: Exposures,
    /// When the desk has to be looked at next, whatever else happens.
    deadline: Option<Tick>,
    /// Tick of the snapshot that it starts from, until the pages have been said again.
    restored_at: Option<Tick>,
}

/// What a snapshot holds of the book, beside names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    alerts: Pages,
    silences: Silences,
    heard: Vec<Heard>,
}

impl Book {
    /// Empty, or from a snapshot.
    pub fn new(calendar: Calendar, status: Status, from: Option<(Tick, Names, Kept)>) -> Book {
        let restored_at = from.as_ref().map(|(tick, ..)| *tick);
        let (_, names, kept) = from.unwrap_or_default();
        let mut book = Book {
            restored_at,
            calendar,
            status,
            names,
            hearing: Hearing::default(),
            alerts: kept.alerts,
            // The panes of a snapshot say theirs again.
            suspects: BTreeMap::new(),
            silences: kept.silences,
            exposures: Exposures::default(),
            // Known at the latest when the snapshot's tick has closed.
            deadline: None,
        };
        for heard in kept.heard {
            book.hearing.hear(heard);
        }
        book
    }

    /// What a snapshot holds of the book.
    pub fn kept(&self) -> (Names, Kept) {
        let kept = Kept {
            alerts: self.alerts.clone(),
            silences: self.silences.clone(),
            heard: self.hearing.frontiers().collect(),
        };
        (self.names.clone(), kept)
    }

    /// All changes of one tick, in entry order: expectations come before the figures they belong to.
    /// `now`: the tick, or the end of input, after which nothing falls due any more.
    fn close(
        &mut self,
        tick: Tick,
        now: Tick,
        changes: &[(Entry, Tick, isize)],
        mut causes: Causes,
    ) -> TickOutput {
        let mut zones: BTreeMap<(ZoneIx, Value, Millis), Option<ZonePane>> = BTreeMap::new();
        let mut air: BTreeMap<(ZoneIx, Millis, Standard, Spell), Option<Indexed>> = BTreeMap::new();
        let mut silence: BTreeMap<NodeIx, Option<Millis>> = BTreeMap::new();
        let mut withdrawn: BTreeMap<&Withdrawal, isize> = BTreeMap::new();
        let mut touched = Touched::default();
        let mut said: Vec<(bool, Revision)> = Vec::new();
        let mut output = TickOutput {
            tick,
            ..TickOutput::default()
        };
        let mut hushed = self.silences.end(now);
        for (entry, _, diff) in changes {
            match entry {
                Entry::Expected(zone, quantity, node) => {
                    let expectation = Expectation {
                        zone: *zone,
                        quantity: *quantity,
                        node: *node,
                        holds: *diff > 0,
                    };
                    self.hearing.expect(expectation);
                    output.expected.push(expectation);
                }
                Entry::Withdrawn(_, withdrawal) => {
                    match (*diff > 0, withdrawal.until) {
                        (true, None) => causes.withdraw(withdrawal.node),
                        (true, Some(_)) | (false, None) => causes.give_back(withdrawal.node),
                        // A closed one also leaves when its panes are sealed off; then nothing is revised.
                        (false, Some(_)) => {}
                    }
                    *withdrawn.entry(withdrawal).or_default() += diff;
                }
                Entry::Flagged(flagged) => output.flags.push((*flagged, *diff > 0)),
                Entry::Zone(zone, value, start, pane) => {
                    self.suspect(
                        (*zone, *value, *start),
                        i64::from(pane.suspect) * *diff as i64,
                    );
                    put(&mut zones, (*zone, *value, *start), *pane, *diff);
                }
                Entry::Air(said) => {
                    let key = (said.zone, said.start, said.standard, said.spell);
                    put(&mut air, key, *said, *diff);
                }
                Entry::Exposed(exposure) => {
                    self.exposures.put(exposure, *diff);
                    output.exposures.push((exposure.clone(), *diff > 0));
                }
                Entry::Silent(node, since) => put(&mut silence, *node, *since, *diff),
                Entry::Alert(alert) => {
                    let reason = self.turn(tick, alert, &causes, &mut said);
                    touched.add(alert.content.id, reason);
                }
                Entry::Incident(said) => output.incidents.push(self.incident(said)),
                Entry::Acted(action) => {
                    hushed |= self.act(tick, action, &mut touched, &mut output);
                }
            }
        }
        output.exposures.sort_by_key(|(_, stands)| *stands);
        output.heard = self.hearing.take_changed();
        if !output.exposures.is_empty() || !touched.reasons.is_empty() {
            self.expose(tick, !output.exposures.is_empty(), &mut touched);
        }
        let is_again = self.restored_at.is_some();
        let is_stirred = causes.is_news || is_again || hushed || !touched.reasons.is_empty();
        let is_attended = is_stirred || self.deadline.is_some_and(|due| due <= now);
        if is_attended {
            self.attend(now, hushed, &mut touched);
        }
        if hushed || is_again {
            output.silences = Some(self.silences.all().to_vec());
        }
        for ((zone, value, pane_start), pane) in zones {
            output
                .zone_values
                .extend(self.zone_value(tick, zone, value, pane_start, pane));
        }
        for ((zone, start, standard, spell), said) in air {
            let index = said.map(|said| said.index);
            self.air_row(tick, (zone, standard, spell, start), index, &mut output);
        }
        output.silence.extend(silence);
        // A node that moved is withdrawn in another zone: the same withdrawal.
        withdrawn.retain(|_, diff| *diff != 0);
        output.withdrawals = withdrawn
            .into_iter()
            .map(|(w, diff)| (w.clone(), diff > 0))
            .collect();
        output.withdrawals.sort_by_key(|(_, stands)| *stands);
        output.flags.sort_by_key(|(_, stands)| *stands);
        for (id, reason) in touched.reasons {
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
        output
            .incidents
            .sort_by_key(|i| (i.updated, i.kind, i.id, i.revision));
        self.forget(tick);
        if is_attended {
            self.deadline = self.next_deadline();
        }
        output
    }

    /// Lets go of alerts that nothing can correct any more.
    fn forget(&mut self, tick: Tick) {
        let mut pages = std::mem::take(&mut self.alerts);
        pages.retain(|_, page| {
            let (_, horizon) = self.width_and_horizon(page.said.condition.value);
            let kept = tick_at(horizon + KEPT);
            // What a person ended may go on in the dataflow, which will speak of it again.
            page.said.content.state.is_open() || page.ended_at.is_none_or(|at| tick < at + kept)
        });
        self.alerts = pages;
    }
}

/// An ended alert is kept so long beyond the horizon in which it can be corrected: longer than any pane.
const KEPT: Millis = DAY;

/// Nets a retraction and an assertion of the same key: the assertion stands.
fn put<K: Ord, V>(map: &mut BTreeMap<K, Option<V>>, key: K, value: V, diff: isize) {
    if diff > 0 {
        map.insert(key, Some(value));
    } else {
        map.entry(key).or_insert(None);
    }
}
