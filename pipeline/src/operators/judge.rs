//! Where figures meet rules: every value of a zone's panes as each rule on it sees it.

use differential_dataflow::VecCollection;
use wire::{Milli, Quantity};

use super::air::{Indexed, Spell};
use super::alerts::doubt::Doubt;
use super::alerts::islands::{Alarmed, Judged};
use super::alerts::{Item, Subject};
use super::crowd;
use super::derive::Told;
use super::quality::Verdict;
use super::zones::{Cut, ZoneKey, ZonePane};
use crate::calendar::{Calendar, Millis, Tick};
use crate::city::ZoneIx;
use crate::output::Figures;
use crate::rules::{Condition, Statistic, Value};
use crate::science::air::forecast::Ahead;

type Rows<'scope, D> = VecCollection<'scope, Tick, D, isize>;

/// A zone's figure for one pane, whatever it was derived from.
pub type Valued = ((ZoneIx, Value), (Millis, Millis, bool, ZonePane));

pub(crate) fn valued<'scope>(
    zone_values: Rows<'scope, (ZoneKey, ZonePane)>,
    calendar: &Calendar,
) -> Rows<'scope, Valued> {
    let calendar = calendar.clone();
    zone_values.flat_map(move |(key, pane)| {
        let end = key.start + calendar.span(key.quantity).width;
        let value = Value::Quantity(key.quantity);
        let open = key.cut == Cut::Open;
        matches!(key.cut, Cut::Fine | Cut::Open)
            .then_some(((key.zone, value), (key.start, end, open, pane)))
    })
}

/// The readings with which a zone's nodes raised their own alarms, pane by pane.
pub(crate) fn own_alarms<'scope>(
    zone_values: Rows<'scope, (ZoneKey, ZonePane)>,
    calendar: &Calendar,
) -> Rows<'scope, ((ZoneIx, Value), Alarmed)> {
    let calendar = calendar.clone();
    zone_values.flat_map(move |(key, pane)| {
        let alarmed = Alarmed {
            start: key.start,
            end: key.start + calendar.span(key.quantity).width,
            least: pane.figures.min,
            greatest: pane.figures.max,
            heard: pane.heard,
        };
        (key.cut == Cut::Alarm).then_some(((key.zone, Value::Quantity(key.quantity)), alarmed))
    })
}

/// Every alarm as each rule on its quantity sees it.
pub(crate) fn alarmed<'scope>(
    alarms: Rows<'scope, ((ZoneIx, Value), Alarmed)>,
    rules: Rows<'scope, (Subject, Condition)>,
) -> Rows<'scope, (Subject, Item)> {
    let by_value = rules.flat_map(|(subject, condition)| {
        // A count of readings is no value that a node could judge.
        (condition.statistic != Statistic::Count)
            .then_some(((subject.zone, condition.value), subject))
    });
    alarms.join_map(by_value, |_, alarmed, subject| {
        (*subject, Item::Alarm(*alarmed))
    })
}

/// Every verdict on a sensor of a safety quantity as each rule in its zone sees it.
pub(crate) fn doubted<'scope>(
    verdicts: Rows<'scope, Verdict>,
    rules: Rows<'scope, (Subject, Condition)>,
) -> Rows<'scope, (Subject, Item)> {
    let by_quantity = rules.flat_map(|(subject, condition)| {
        let value = condition.value;
        let rests_on = move |quantity: &Quantity| value.is_safety() && value.rests_on(*quantity);
        let quantities = Quantity::all().filter(rests_on);
        quantities.map(move |quantity| ((subject.zone, quantity), subject))
    });
    let doubts = verdicts
        .flat_map(|verdict| Some(((verdict.zone?, verdict.quantity), Doubt::by(&verdict.spell))));
    doubts.join_map(by_quantity, |_, doubt, subject| {
        (*subject, Item::Doubt(*doubt))
    })
}

/// Every move out of a zone as each safety rule in it sees it.
pub(crate) fn moved_out<'scope>(
    moves: Rows<'scope, (ZoneIx, Tick)>,
    rules: Rows<'scope, (Subject, Condition)>,
) -> Rows<'scope, (Subject, Item)> {
    let by_zone = rules.flat_map(|(subject, condition)| {
        let is_safety = condition.value.is_safety();
        is_safety.then_some((subject.zone, subject))
    });
    moves.join_map(by_zone, |_, tick, subject| {
        (*subject, Item::MovedOut(*tick))
    })
}

pub(crate) fn counted<'scope>(
    crowds: Rows<'scope, crowd::Derived>,
    calendar: &Calendar,
) -> Rows<'scope, Valued> {
    let width = calendar.span(wire::Quantity::PersonCount).width;
    crowds.map(move |(key, (start, pane))| (key, (start, start + width, false, pane)))
}

pub(crate) fn derived<'scope>(
    told: Rows<'scope, Told>,
    calendar: &Calendar,
) -> Rows<'scope, Valued> {
    let calendar = calendar.clone();
    told.map(move |((zone, derived), (start, pane))| {
        let end = start + calendar.span(derived.entry().paced_by).width;
        ((zone, Value::Derived(derived)), (start, end, false, pane))
    })
}

pub(crate) fn indexed<'scope>(
    indices: Rows<'scope, Indexed>,
    calendar: &Calendar,
) -> Rows<'scope, Valued> {
    let local = calendar.local.clone();
    indices.map(move |said| {
        let index = Milli::whole(i64::from(said.index.index));
        let figures = Figures {
            mean: index,
            min: index,
            max: index,
            last: index,
            count: 1,
            saturated: false,
        };
        let pane = ZonePane {
            figures,
            heard: said.heard,
            // Hours are made of quarters, which no test looks at.
            suspect: 0,
        };
        let value = match said.spell {
            Spell::Hour => Value::AirIndex(said.standard),
            Spell::Day => Value::AirDay(said.standard),
        };
        let end = said.spell.end(said.start, &local);
        ((said.zone, value), (said.start, end, false, pane))
    })
}

/// What came of every forecast, as each rule on it sees it.
pub(crate) fn came<'scope>(
    indices: Rows<'scope, Indexed>,
    rules: Rows<'scope, (Subject, Condition)>,
) -> Rows<'scope, (Subject, Item)> {
    let by_value = rules.flat_map(|(subject, condition)| {
        let value = condition.value;
        (value.ahead() > 0).then_some(((subject.zone, value), subject))
    });
    let hours = indices.filter(|said| said.spell == Spell::Hour);
    let came = hours.flat_map(|said| {
        Ahead::ALL.map(|ahead| {
            let value = Value::AirForecast(said.standard, ahead);
            let index = Milli::whole(i64::from(said.index.index));
            ((said.zone, value), (said.start - value.ahead(), index))
        })
    });
    came.join_map(by_value, |_, (start, value), subject| {
        let (start, value) = (*start, *value);
        (*subject, Item::Came { start, value })
    })
}

/// Every value as each rule on it sees it.
pub(crate) fn judged<'scope>(
    values: Rows<'scope, Valued>,
    rules: Rows<'scope, (Subject, Condition)>,
) -> Rows<'scope, (Subject, Item)> {
    let by_value = rules.map(|(subject, c)| ((subject.zone, c.value), (subject, c.statistic)));
    values.arrange_by_key_named("values").join_core(
        by_value.arrange_by_key_named("rules"),
        |_, (start, end, open, pane), (subject, statistic)| {
            // Only a maximum can be past its threshold before its pane is complete.
            let early = *statistic == Statistic::Max;
            (early || !open).then(|| {
                let (value, heard) = (Some(statistic_of(&pane.figures, *statistic)), pane.heard);
                let judged = Judged {
                    start: *start,
                    end: *end,
                    value,
                    heard,
                    open: *open,
                    saturated: pane.figures.saturated,
                    alarm: None,
                };
                (*subject, Item::Pane(judged))
            })
        },
    )
}

pub(crate) fn statistic_of(figures: &Figures, statistic: Statistic) -> Milli {
    match statistic {
        Statistic::Mean => figures.mean,
        Statistic::Min => figures.min,
        Statistic::Max => figures.max,
        Statistic::Last => figures.last,
        Statistic::Count => Milli::whole(figures.count.min(i64::MAX as u64) as i64),
    }
}
