//! What a recipe may look at: one zone, up to the end of one pane.

use std::collections::BTreeMap;

use wire::Milli;
use wire::milli::divide_rounded;

use super::series::{Cell, Over, Series, Thinning};
use crate::calendar::{Calendar, LocalTime, Millis, pane_start};
use crate::city::ZoneSettings;
use crate::derived::looked_back_on;
use crate::operators::zones::ZonePane;
use crate::output::Figures;
use crate::rules::Value;

/// One zone as it is known at the end of one pane; nothing later is seen.
pub struct View<'a> {
    /// The pane that is told.
    pub start: Millis,
    pub end: Millis,
    /// Usable ground in thousandths of a square metre; 0 when unknown.
    pub area: Milli,
    pub settings: ZoneSettings,
    pub(crate) calendar: &'a Calendar,
    pub(crate) series: &'a BTreeMap<Value, Series>,
}

impl<'a> View<'a> {
    /// A zone of `ground` (area, settings) at the pane from `start` to `end`.
    pub fn new(
        calendar: &'a Calendar,
        series: &'a BTreeMap<Value, Series>,
        (area, settings): (Milli, ZoneSettings),
        (start, end): (Millis, Millis),
    ) -> View<'a> {
        View {
            start,
            end,
            area,
            settings,
            calendar,
            series,
        }
    }

    /// The city's clock.
    pub fn local(&self) -> &LocalTime {
        &self.calendar.local
    }

    /// The figures of `value` whose pane ends within this one; of several the last.
    pub fn now(&self, value: impl Into<Value>) -> Option<&Figures> {
        Some(&self.pane(value.into())?.figures)
    }

    /// The same with the nodes heard.
    pub fn pane(&self, value: Value) -> Option<&ZonePane> {
        let cell = self.latest_cell(value)?;
        let ends_here = cell.start + self.width(value) > self.start;
        ends_here.then_some(&cell.pane)
    }

    /// The last figures of `value` of which some part lies within the last `span`.
    pub fn latest(&self, value: impl Into<Value>, span: Millis) -> Option<&Figures> {
        let value = value.into();
        let cell = self.latest_cell(value)?;
        let is_fresh = cell.start + self.width(value) > self.end - span;
        is_fresh.then_some(&cell.pane.figures)
    }

    /// Panes of `value` that start within the last `span` before the end of this pane, oldest first. Those older than an
    /// hour may have been made one cell where the value is looked back on for longer ([`Thinning`]).
    pub fn series(&self, value: impl Into<Value>, span: Millis) -> &[Cell] {
        let value = value.into();
        let to = self.end - self.width(value) + 1;
        match self.series.get(&value) {
            Some(series) => series.range(self.end - span, to),
            None => &[],
        }
    }

    /// Sum over the panes of the last `span`; one longer than what is kept pane by pane begins at a whole minute or hour.
    pub fn over(&self, value: impl Into<Value>, span: Millis) -> Over {
        self.between(value, self.end - span, self.end)
    }

    /// The same for any window that ends no later than this pane.
    pub fn between(&self, value: impl Into<Value>, from: Millis, to: Millis) -> Over {
        let value = value.into();
        let width = self.width(value);
        let whole = |moment: Millis| match Thinning::of(looked_back_on(value)) {
            Some(Thinning { age, grain }) if self.end - moment > age => pane_start(moment, grain),
            _ => moment,
        };
        let (from, to) = (whole(from), whole(to.min(self.end)));
        let (sum, panes) = match self.series.get(&value) {
            Some(series) => series.total(from, to - width + 1),
            None => (0, 0),
        };
        Over { sum, panes }
    }

    fn latest_cell(&self, value: Value) -> Option<&Cell> {
        let to = self.end - self.width(value) + 1;
        self.series.get(&value)?.range(Millis::MIN, to).last()
    }

    /// Width of the panes of `value`.
    pub fn width(&self, value: Value) -> Millis {
        let quantity = value.paced_by();
        quantity.map_or(0, |quantity| self.calendar.span(quantity).width)
    }
}

impl Over {
    /// Mean of the panes with figures, rounded half away from zero; `None` where there are none.
    pub fn mean(&self) -> Option<Milli> {
        let panes = i128::from(self.panes);
        (panes > 0).then(|| Milli(divide_rounded(self.sum, panes) as i64))
    }

    /// Sum over all panes; one without figures adds nothing.
    pub fn sum(&self) -> Milli {
        Milli(i64::try_from(self.sum).unwrap_or(i64::MAX))
    }
}
