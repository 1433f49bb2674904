//! The one way in which state is kept behind panes: a fold over the changes of a key, tick by tick.
//!
//! Differential's own operators cover what is a function of the present collection. Alert identity,
//! occupancy and hourly air need more: what was said before. A fold sees, for each key, the net
//! changes of each tick in tick order, and may ask to be woken at a later tick (a deadline).

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

use differential_dataflow::consolidation::consolidate_updates;
use differential_dataflow::{AsCollection, ExchangeData, Hashable, VecCollection};
use rustc_hash::FxHashMap;
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::generic::operator::Operator;

use crate::calendar::Tick;

/// What a fold does with the changes of one key at one tick.
pub trait Fold: 'static {
    type Key: ExchangeData + Hashable + Hash;
    type Item: ExchangeData;
    type Out: ExchangeData;
    /// Everything remembered of a key; a key whose state is `is_idle` is forgotten.
    type State: Default;

    /// Applies net changes (empty when woken) and emits changes of the output at this tick.
    /// Answers the tick at which to wake this key, if any; it replaces the one asked for before.
    fn step(
        &mut self,
        tick: Tick,
        key: &Self::Key,
        state: &mut Self::State,
        changes: &[(Self::Item, isize)],
        emit: &mut dyn FnMut(Self::Out, isize),
    ) -> Option<Tick>;

    /// Nothing is worth remembering.
    fn is_idle(state: &Self::State) -> bool;
}

struct Cell<S> {
    state: S,
    wake: Option<Tick>,
}

/// Runs `fold` over a keyed collection.
pub fn fold<'scope, F: Fold>(
    input: VecCollection<'scope, Tick, (F::Key, F::Item), isize>,
    name: &str,
    mut fold: F,
) -> VecCollection<'scope, Tick, F::Out, isize> {
    let exchange =
        Exchange::new(|update: &((F::Key, F::Item), Tick, isize)| update.0.0.hashed().into());
    input
        .inner
        .unary_frontier::<CapacityContainerBuilder<Vec<(F::Out, Tick, isize)>>, _, _, _>(
            exchange,
            name,
            move |capability, _info| {
                let mut capability = Some(capability);
                let mut stash: Vec<((F::Key, F::Item), Tick, isize)> = Vec::new();
                let mut cells: FxHashMap<F::Key, Cell<F::State>> = FxHashMap::default();
                let mut wakes: BTreeMap<Tick, BTreeSet<F::Key>> = BTreeMap::new();
                move |(input, frontier), output| {
                    input.for_each(|_, updates| stash.append(updates));
                    let Some(cap) = capability.as_mut() else {
                        return;
                    };
                    let Some(&open) = frontier.frontier().first() else {
                        // End of input: what is due later never comes due.
                        capability = None;
                        return;
                    };
                    let mut due = take_below(&mut stash, open);
                    let mut session = output.session(cap);
                    let mut changes = Vec::new();
                    while let Some(tick) = next_tick(&due, &wakes, open) {
                        let mut woken = wakes.remove(&tick).unwrap_or_default();
                        // Updates are consumed from the back: `due` is sorted latest first.
                        while due.last().is_some_and(|(at, ..)| *at == tick) {
                            let Some((_, key, item, diff)) = due.pop() else {
                                break;
                            };
                            changes.push((item, diff));
                            while due
                                .last()
                                .is_some_and(|(at, k, ..)| *at == tick && *k == key)
                            {
                                let Some((_, _, item, diff)) = due.pop() else {
                                    break;
                                };
                                changes.push((item, diff));
                            }
                            woken.remove(&key);
                            run(
                                &mut fold,
                                &mut cells,
                                &mut wakes,
                                tick,
                                key,
                                &changes,
                                &mut |o, d| session.give((o, tick, d)),
                            );
                            changes.clear();
                        }
                        for key in woken {
                            run(
                                &mut fold,
                                &mut cells,
                                &mut wakes,
                                tick,
                                key,
                                &[],
                                &mut |o, d| session.give((o, tick, d)),
                            );
                        }
                    }
                    drop(session);
                    cap.downgrade(&open);
                }
            },
        )
        .as_collection()
}

/// Takes the consolidated updates below `open` out of the stash, sorted latest first.
fn take_below<K: Ord, I: Ord>(
    stash: &mut Vec<((K, I), Tick, isize)>,
    open: Tick,
) -> Vec<(Tick, K, I, isize)> {
    let mut ready: Vec<_> = stash.extract_if(.., |(_, tick, _)| *tick < open).collect();
    consolidate_updates(&mut ready);
    let mut due: Vec<_> = ready
        .into_iter()
        .map(|((key, item), tick, diff)| (tick, key, item, diff))
        .collect();
    due.sort_unstable_by(|a, b| (b.0, &b.1, &b.2).cmp(&(a.0, &a.1, &a.2)));
    due
}

fn next_tick<D, K>(
    due: &[(Tick, K, D, isize)],
    wakes: &BTreeMap<Tick, BTreeSet<K>>,
    open: Tick,
) -> Option<Tick> {
    let update = due.last().map(|(tick, ..)| *tick);
    let wake = wakes.keys().next().copied().filter(|tick| *tick < open);
    update.into_iter().chain(wake).min()
}

fn run<F: Fold>(
    fold: &mut F,
    cells: &mut FxHashMap<F::Key, Cell<F::State>>,
    wakes: &mut BTreeMap<Tick, BTreeSet<F::Key>>,
    tick: Tick,
    key: F::Key,
    changes: &[(F::Item, isize)],
    emit: &mut dyn FnMut(F::Out, isize),
) {
    let cell = cells.entry(key.clone()).or_insert_with(|| Cell {
        state: F::State::default(),
        wake: None,
    });
    let wake = fold
        .step(tick, &key, &mut cell.state, changes, emit)
        .filter(|at| *at > tick);
    if wake != cell.wake {
        if let Some(old) = cell.wake
            && let Some(keys) = wakes.get_mut(&old)
        {
            keys.remove(&key);
            if keys.is_empty() {
                wakes.remove(&old);
            }
        }
        cell.wake = wake;
        if let Some(at) = wake {
            wakes.entry(at).or_default().insert(key.clone());
        }
    }
    if cell.wake.is_none() && F::is_idle(&cell.state) {
        cells.remove(&key);
    }
}
