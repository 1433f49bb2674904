//! Zone values and air indices on their way out: what a change of them says, and when it says nothing.

use wire::Quantity;

use super::Book;
use crate::calendar::{Millis, Tick, tick_at};
use crate::city::{NodeIx, ZoneIx};
use crate::operators::air::Spell;
use crate::operators::zones::ZonePane;
use crate::output::{AirDayRow, AirIndex, AirRow, TickOutput, ZoneValue};
use crate::rules::Value;
use crate::science::air::Standard;

impl Book {
    pub(super) fn zone_value(
        &self,
        tick: Tick,
        zone: ZoneIx,
        value: Value,
        pane_start: Millis,
        pane: Option<ZonePane>,
    ) -> Option<ZoneValue> {
        let (width, horizon) = self.width_and_horizon(value);
        let pane_end = match value {
            Value::AirDay(_) => self.calendar.local.day_end(pane_start),
            _ => pane_start + width,
        };
        // A figure that leaves at its horizon was not withdrawn: it stands for good.
        if pane.is_none() && tick_at(pane_end + horizon) <= tick {
            return None;
        }
        let heard = pane.map_or(0, |pane| pane.heard);
        let completeness = self.hearing.completeness(zone, value, heard);
        let waits_for = self.waits_for(tick, zone, value, pane_end);
        let suspect = pane.map_or(0, |pane| pane.suspect);
        let figures = pane.map(|pane| pane.figures);
        Some(ZoneValue {
            zone,
            value,
            pane_start,
            pane_end,
            figures,
            completeness,
            suspect,
            waits_for,
        })
    }

    /// A new, corrected or withdrawn air index; one that leaves at its horizon was not withdrawn.
    pub(super) fn air_row(
        &self,
        tick: Tick,
        (zone, standard, spell, start): (ZoneIx, Standard, Spell, Millis),
        index: Option<AirIndex>,
        output: &mut TickOutput,
    ) {
        let end = spell.end(start, &self.calendar.local);
        let horizon = match spell {
            Spell::Hour => self.calendar.index_span().horizon,
            Spell::Day => self.calendar.day_span().horizon,
        };
        if index.is_none() && tick_at(end + horizon) <= tick {
            return;
        }
        match spell {
            Spell::Hour => output.air.push(AirRow {
                zone,
                hour: start,
                standard,
                index,
            }),
            Spell::Day => output.air_days.push(AirDayRow {
                zone,
                day: start,
                end,
                standard,
                index,
            }),
        }
    }

    /// Nobody is waited for any more once the horizon has passed.
    pub(super) fn waits_for(
        &self,
        tick: Tick,
        zone: ZoneIx,
        value: Value,
        end: Millis,
    ) -> Option<NodeIx> {
        let (_, horizon) = self.width_and_horizon(value);
        let is_open = tick_at(end + horizon) > tick;
        let node = self.hearing.waits_for(zone, value, end);
        node.filter(|_| is_open)
    }

    pub(super) fn width_and_horizon(&self, value: Value) -> (Millis, Millis) {
        let span = match value {
            Value::AirIndex(_) | Value::AirForecast(..) => self.calendar.index_span(),
            Value::AirDay(_) => self.calendar.day_span(),
            _ => self
                .calendar
                .span(value.paced_by().unwrap_or(Quantity::PersonCount)),
        };
        (span.width, span.horizon)
    }
}
