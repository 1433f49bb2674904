//! Values that follow from a zone's own figures: computed pane by pane, corrected when anything behind them is.
//!
//! A zone keeps the figures that some value needs, also sealed-off ones as long as somebody looks back on
//! them. A changed pane is told anew, and so is every later one that looks back on it.

use std::collections::{BTreeMap, BTreeSet};

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use wire::{Milli, Quantity};

pub use series::{Cell, Over, Series};
pub use view::View;

use super::crowd;
use super::fold::{Fold, Kept, fold};
use super::zones::{Cut, ZoneKey, ZonePane};
use crate::calendar::{Calendar, Millis, Span, Tick, pane_start};
use crate::city::{ZoneIx, ZoneSettings};
use crate::derived::{Derived, Entry, TABLE, looked_back_on};
use crate::output::Figures;
use crate::recipes;
use crate::rules::Value;

mod series;
mod view;

/// What derived values of a zone are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Item {
    /// What is known of the zone itself.
    Zone { area: Milli, settings: ZoneSettings },
    Pane {
        value: Value,
        start: Millis,
        pane: ZonePane,
    },
}

/// A derived figure of a zone, and the start of its pane.
pub type Told = ((ZoneIx, Derived), (Millis, ZonePane));

/// The figures that some derived value needs, as items of their zone.
pub fn needed<'scope>(
    zone_values: VecCollection<'scope, Tick, (ZoneKey, ZonePane), isize>,
    crowds: VecCollection<'scope, Tick, crowd::Derived, isize>,
) -> VecCollection<'scope, Tick, (ZoneIx, Item), isize> {
    let is_needed = |value: Value| TABLE.iter().any(|entry| entry.needs.contains(&value));
    let measured = zone_values.flat_map(move |(key, pane)| {
        let value = Value::Quantity(key.quantity);
        let start = key.start;
        (key.cut == Cut::Fine && is_needed(value))
            .then_some((key.zone, Item::Pane { value, start, pane }))
    });
    let counted = crowds.flat_map(move |((zone, value), (start, pane))| {
        is_needed(value).then_some((zone, Item::Pane { value, start, pane }))
    });
    measured.concat(counted)
}

/// Every derived value of every zone that has what it needs.
pub fn derive<'scope>(
    items: VecCollection<'scope, Tick, (ZoneIx, Item), isize>,
    calendar: &Calendar,
    kept: Kept<Derive>,
    restored_at: Tick,
) -> VecCollection<'scope, Tick, Told, isize> {
    let calendar = calendar.clone();
    fold(items, "derived", Derive { calendar }, kept, restored_at)
}

pub struct Derive {
    calendar: Calendar,
}

/// What a snapshot keeps of one zone: what is sealed off and still looked back on.
pub type SealedFigures = Vec<(Value, Vec<Cell>, Millis)>;

/// One zone's figures and what was told of them.
#[derive(Default)]
pub struct Zone {
    area: Milli,
    settings: ZoneSettings,
    series: BTreeMap<Value, Series>,
    said: BTreeMap<Derived, BTreeMap<Millis, ZonePane>>,
}

impl Fold for Derive {
    type Key = ZoneIx;
    type Item = Item;
    type Out = Told;
    type State = Zone;

    fn step(
        &mut self,
        tick: Tick,
        zone: &ZoneIx,
        state: &mut Zone,
        changes: &[(Item, isize)],
        emit: &mut dyn FnMut(Told, isize),
    ) -> Option<Tick> {
        let mut touched: BTreeMap<Value, (Millis, Millis)> = BTreeMap::new();
        let mut touch = |value, start: Millis| {
            let (first, last) = touched.entry(value).or_insert((start, start));
            (*first, *last) = (start.min(*first), start.max(*last));
        };
        for (item, diff) in changes {
            match *item {
                Item::Zone { area, settings } => {
                    if *diff > 0 {
                        (state.area, state.settings) = (area, settings);
                    } else if (state.area, state.settings) == (area, settings) {
                        // The zone is gone, unless what it is now comes next.
                        (state.area, state.settings) = Default::default();
                    }
                    for (value, series) in &state.series {
                        let ends = series.ends().into_iter();
                        ends.for_each(|(first, last)| {
                            touch(*value, first);
                            touch(*value, last);
                        });
                    }
                }
                Item::Pane { value, start, pane } => {
                    let series = state.series.entry(value).or_default();
                    let span = self.span(value);
                    if is_sealed(&span, start, tick) {
                        series.seal(start, looked_back_on(value));
                        continue;
                    }
                    match *diff > 0 {
                        true => series.put(start, pane),
                        false => series.take(start, &pane),
                    }
                    touch(value, start);
                }
            }
        }
        let mut wake = None;
        for entry in &TABLE {
            let span = self.calendar.span(entry.paced_by);
            state.seal(*zone, entry.derived, &span, tick, emit);
            for start in self.starts(entry, &touched, state) {
                if !is_sealed(&span, start, tick) {
                    let figure = self.figure(entry, state, start, start + span.width);
                    state.say(*zone, entry.derived, start, figure, emit);
                }
            }
            let said = state.said.get(&entry.derived);
            let first = said.and_then(|said| said.first_key_value());
            let sealed_at = first.map(|(start, _)| span.sealed_at(*start));
            wake = [wake, sealed_at].into_iter().flatten().min();
        }
        wake
    }

    fn is_idle(state: &Zone) -> bool {
        state.series.values().all(Series::is_empty)
            && state.said.is_empty()
            && state.area == Milli::ZERO
            && state.settings == ZoneSettings::default()
    }
}

fn is_sealed(span: &Span, start: Millis, tick: Tick) -> bool {
    span.sealed_at(start) <= tick
}

impl Derive {
    fn span(&self, value: Value) -> Span {
        let quantity = value.paced_by().unwrap_or(Quantity::PersonCount);
        self.calendar.span(quantity)
    }

    /// The panes of a value that what was touched has a part in.
    fn starts(
        &self,
        entry: &Entry,
        touched: &BTreeMap<Value, (Millis, Millis)>,
        state: &Zone,
    ) -> BTreeSet<Millis> {
        let width = self.calendar.span(entry.paced_by).width;
        let mut starts = BTreeSet::new();
        let needed = |value: &&Value| entry.needs.contains(value);
        let ends = touched.iter().filter(|(value, _)| needed(value));
        let Some((from, to)) = ends
            .map(|(_, ends)| *ends)
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        else {
            return starts;
        };
        for need in entry.needs {
            let Some(series) = state.series.get(need) else {
                continue;
            };
            // The pane in which a needed one ends.
            let ends_in = |start: Millis| pane_start(start + self.span(*need).width - 1, width);
            let affected =
                series.range(from, to.saturating_add(entry.looks_back).saturating_add(1));
            starts.extend(affected.iter().map(|cell| ends_in(cell.start)));
            // One that was taken back is in no series any more.
            if let Some((first, last)) = touched.get(need) {
                starts.extend([ends_in(*first), ends_in(*last)]);
            }
        }
        if let Some(said) = state.said.get(&entry.derived) {
            let gone = said.range(from..=to.saturating_add(entry.looks_back));
            starts.extend(gone.map(|(start, _)| *start));
        }
        starts
    }

    /// A value belongs to a pane in which something of it was measured.
    fn figure(&self, entry: &Entry, state: &Zone, start: Millis, end: Millis) -> Option<ZonePane> {
        let ground = (state.area, state.settings);
        let view = View::new(&self.calendar, &state.series, ground, (start, end));
        figure(entry, &view)
    }
}

/// The figure of a derived value at a pane; `None` where nothing of it was measured there, or too little to say anything.
pub fn figure(entry: &Entry, view: &View) -> Option<ZonePane> {
    let heard = || entry.needs.iter().filter_map(|need| view.pane(*need));
    heard().next()?;
    let figure = recipes::figure(entry.derived, view)?;
    let figures = Figures {
        mean: figure.value,
        min: figure.low,
        max: figure.high,
        last: figure.value,
        count: heard().map(|pane| pane.figures.count).sum(),
        saturated: heard().any(|pane| pane.figures.saturated)
            || recipes::is_at_least(entry.derived, view),
    };
    Some(ZonePane {
        figures,
        heard: heard().map(|pane| pane.heard).max()?,
        suspect: heard().map(|pane| pane.suspect).max()?,
    })
}

impl Zone {
    /// A zone of a snapshot. The rest comes again from panes and the registry.
    pub fn restored(sealed: SealedFigures) -> Zone {
        let series = sealed.into_iter();
        Zone {
            series: series
                .map(|(value, cells, to)| (value, Series::restored(cells, to)))
                .collect(),
            ..Zone::default()
        }
    }

    pub fn sealed(&self) -> SealedFigures {
        let series = self.series.iter().map(|(value, series)| {
            let (cells, to) = series.sealed();
            (*value, cells, to)
        });
        series.filter(|(_, cells, _)| !cells.is_empty()).collect()
    }

    fn say(
        &mut self,
        zone: ZoneIx,
        derived: Derived,
        start: Millis,
        figure: Option<ZonePane>,
        emit: &mut dyn FnMut(Told, isize),
    ) {
        let said = self.said.entry(derived).or_default();
        let old = match figure {
            Some(figure) => said.insert(start, figure),
            None => said.remove(&start),
        };
        if said.is_empty() {
            self.said.remove(&derived);
        }
        if old != figure {
            old.into_iter()
                .for_each(|old| emit(((zone, derived), (start, old)), -1));
            figure
                .into_iter()
                .for_each(|new| emit(((zone, derived), (start, new)), 1));
        }
    }

    /// What can no longer be corrected leaves; it stands for good.
    fn seal(
        &mut self,
        zone: ZoneIx,
        derived: Derived,
        span: &Span,
        tick: Tick,
        emit: &mut dyn FnMut(Told, isize),
    ) {
        let Some(said) = self.said.get_mut(&derived) else {
            return;
        };
        while let Some(first) = said
            .first_entry()
            .filter(|first| is_sealed(span, *first.key(), tick))
        {
            let (start, pane) = first.remove_entry();
            emit(((zone, derived), (start, pane)), -1);
        }
        if said.is_empty() {
            self.said.remove(&derived);
        }
    }
}
