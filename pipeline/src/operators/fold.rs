//! The one way in which state is kept behind panes: a fold over the changes of a key, tick by tick.
//!
//! Differential's own operators cover what is a function of the present collection. Alert identity,
//! occupancy and hourly air need more: what was said before. A fold sees, for each key, the net
//! changes of each tick in tick order, and may ask to be woken at a later tick (a deadline).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;
use std::rc::Rc;

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

    /// A state from a snapshot says again what the rest of the dataflow must hear to be whole.
    fn revive(
        &mut self,
        _key: &Self::Key,
        _state: &Self::State,
        _emit: &mut dyn FnMut(Self::Out, isize),
    ) {
    }

    /// Nothing is worth remembering.
    fn is_idle(state: &Self::State) -> bool;
}

/// One key's state and when it wants to be woken.
struct Cell<S> {
    state: S,
    wake: Option<Tick>,
}

/// All keys of one worker; shared with the worker's loop, which takes snapshots of it.
pub struct Cells<F: Fold> {
    cells: FxHashMap<F::Key, Cell<F::State>>,
    wakes: BTreeMap<Tick, BTreeSet<F::Key>>,
    /// Keys that came from a snapshot and have not spoken yet.
    restored: Vec<F::Key>,
}

/// A worker's cells, held by the operator and by the worker's loop.
pub type Kept<F> = Rc<RefCell<Cells<F>>>;

impl<F: Fold> Cells<F> {
    /// Starts with the states of a snapshot that belong to worker `index` of `peers`.
    pub fn keep(states: Vec<(F::Key, F::State)>, index: usize, peers: usize) -> Kept<F> {
        let mine = |key: &F::Key| key.hashed().into() % peers as u64 == index as u64;
        let states: Vec<_> = states.into_iter().filter(|(key, _)| mine(key)).collect();
        Rc::new(RefCell::new(Cells {
            restored: states.iter().map(|(key, _)| key.clone()).collect(),
            cells: states
                .into_iter()
                .map(|(key, state)| (key, Cell { state, wake: None }))
                .collect(),
            wakes: BTreeMap::new(),
        }))
    }

    /// Nothing remembered, and nothing that a snapshot would have to keep.
    pub fn empty() -> Kept<F> {
        Cells::keep(Vec::new(), 0, 1)
    }

    pub fn states(&self) -> impl Iterator<Item = (&F::Key, &F::State)> {
        self.cells.iter().map(|(key, cell)| (key, &cell.state))
    }

    fn next_wake(&self, open: Tick) -> Option<Tick> {
        self.wakes
            .keys()
            .next()
            .copied()
            .filter(|tick| *tick < open)
    }

    fn run(
        &mut self,
        fold: &mut F,
        tick: Tick,
        key: F::Key,
        changes: &[(F::Item, isize)],
        emit: &mut dyn FnMut(F::Out, isize),
    ) {
        let cell = self.cells.entry(key.clone()).or_insert_with(|| Cell {
            state: F::State::default(),
            wake: None,
        });
        let wake = fold
            .step(tick, &key, &mut cell.state, changes, emit)
            .filter(|at| *at > tick);
        if wake != cell.wake {
            if let Some(old) = cell.wake
                && let Some(keys) = self.wakes.get_mut(&old)
            {
                keys.remove(&key);
                if keys.is_empty() {
                    self.wakes.remove(&old);
                }
            }
            cell.wake = wake;
            if let Some(at) = wake {
                self.wakes.entry(at).or_default().insert(key.clone());
            }
        }
        if cell.wake.is_none() && F::is_idle(&cell.state) {
            self.cells.remove(&key);
        }
    }
}

/// Differences of a keyed collection, as they travel.
type Updates<F> = Vec<((<F as Fold>::Key, <F as Fold>::Item), Tick, isize)>;

/// Runs `fold` over a keyed collection. States from a snapshot speak first, at `restored_at`.
pub fn fold<'scope, F: Fold>(
    input: VecCollection<'scope, Tick, (F::Key, F::Item), isize>,
    name: &str,
    mut fold: F,
    kept: Kept<F>,
    restored_at: Tick,
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
                let mut stash: Updates<F> = Vec::new();
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
                    let cells = &mut *kept.borrow_mut();
                    let mut session = output.session(cap);
                    for key in std::mem::take(&mut cells.restored) {
                        if let Some(cell) = cells.cells.get(&key) {
                            fold.revive(&key, &cell.state, &mut |out, diff| {
                                session.give((out, restored_at, diff));
                            });
                        }
                    }
                    let mut due = take_below(&mut stash, open);
                    let mut changes = Vec::new();
                    while let Some(tick) = due
                        .last()
                        .map(|(_, at, _)| *at)
                        .into_iter()
                        .chain(cells.next_wake(open))
                        .min()
                    {
                        let mut emit = |out, diff| session.give((out, tick, diff));
                        let mut woken = cells.wakes.remove(&tick).unwrap_or_default();
                        // Updates are consumed from the back: `due` is sorted latest first.
                        while let Some(((key, item), _, diff)) = due.pop_if(|u| u.1 == tick) {
                            changes.push((item, diff));
                            while let Some(((_, item), _, diff)) =
                                due.pop_if(|u| u.1 == tick && u.0.0 == key)
                            {
                                match changes.last_mut() {
                                    Some((last, sum)) if *last == item => *sum += diff,
                                    _ => changes.push((item, diff)),
                                }
                            }
                            changes.retain(|(_, diff)| *diff != 0);
                            if woken.remove(&key) || !changes.is_empty() {
                                cells.run(&mut fold, tick, key, &changes, &mut emit);
                            }
                            changes.clear();
                        }
                        for key in woken {
                            cells.run(&mut fold, tick, key, &[], &mut emit);
                        }
                    }
                    drop(session);
                    cap.downgrade(&open);
                }
            },
        )
        .as_collection()
}

/// Takes the updates below `open` out of the stash, sorted latest first and then by key and item.
fn take_below<D: Ord>(stash: &mut Vec<(D, Tick, isize)>, open: Tick) -> Vec<(D, Tick, isize)> {
    let mut due: Vec<_> = stash.extract_if(.., |(_, tick, _)| *tick < open).collect();
    due.sort_unstable_by(|a, b| (b.1, &b.0).cmp(&(a.1, &a.0)));
    due
}
