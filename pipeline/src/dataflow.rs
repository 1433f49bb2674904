//! The whole program on one page.

use differential_dataflow::VecCollection;
use differential_dataflow::collection::concatenate;
use timely::dataflow::Stream;
use timely::dataflow::operators::probe::Handle;
use wire::Milli;

use crate::calendar::{Calendar, HOUR, Millis, Tick};
use crate::city::ZoneIx;
use crate::hearing::Heard;
use crate::input::Action;
use crate::operators::air::{self, Hour, air, hours};
use crate::operators::alerts::doubt::Doubt;
use crate::operators::alerts::islands::{Alarmed, Judged};
use crate::operators::alerts::{Item, Subject, alerts};
use crate::operators::book::{Entry, book};
use crate::operators::crowd::{self, Derived, counts, crowd, flows};
use crate::operators::incidents::incidents;
use crate::operators::panes::{Change, Packet, panes};
use crate::operators::placed::{self, placed};
use crate::operators::quality::{Verdict, verdicts};
use crate::operators::zones::{Cut, ZoneKey, ZonePane, zones};
use crate::outlet::{Outlet, Settle};
use crate::output::Figures;
use crate::registry::Row;
use crate::rules::{Condition, Statistic, Value};
use crate::snapshot::Keep;

type Rows<'scope, D> = VecCollection<'scope, Tick, D, isize>;

/// A zone's figure for one pane, whatever it was derived from.
type Valued = ((ZoneIx, Value), (Millis, Millis, bool, ZonePane));

/// What one worker's dataflow is built from.
pub struct Sources<'scope> {
    pub packets: Stream<'scope, Tick, Vec<Packet>>,
    /// How far nodes were heard, with their ticks.
    pub heard: Stream<'scope, Tick, Vec<(Tick, Heard)>>,
    pub registry: Rows<'scope, Row>,
    /// What people did about alerts.
    pub acted: Rows<'scope, Action>,
}

/// Observations become panes, panes zone values, zone values breaches, breaches alerts.
pub fn build(
    sources: Sources<'_>,
    calendar: &Calendar,
    keep: &Keep,
    settle: &Settle,
    outlet: Outlet,
    probe: &Handle<Tick>,
) {
    let Sources {
        packets,
        heard: listened,
        registry,
        acted,
    } = sources;

    // sum each node's readings by pane
    let changes = panes(packets, keep.panes.clone(), settle.clone());
    let node_panes = changes.clone().flat_map(|change| match change {
        Change::Pane(node, key, pane) => Some((node, (key, pane))),
        _ => None,
    });

    // judge the sensors, before anything of them is withdrawn
    let by_node = node_panes.clone().arrange_by_key_named("node panes");
    let checks = registry.clone().flat_map(|row| match row {
        Row::Check(node, check) => Some((node, check)),
        _ => None,
    });
    let verdicts = verdicts(
        by_node.clone(),
        checks,
        calendar,
        keep.verdicts.clone(),
        keep.restored_at,
    );
    let operators = registry.clone().flat_map(|row| match row {
        Row::Withdrawn(zone, withdrawal) => Some((zone, withdrawal)),
        _ => None,
    });
    let withdrawn = verdicts
        .clone()
        .flat_map(Verdict::withdrawals)
        .concat(operators);

    // meet the registry: node-panes become zone values
    let members = registry.clone().flat_map(|row| match row {
        Row::Member(node, member) => Some((node, member)),
        _ => None,
    });
    let gates = registry.clone().flat_map(|row| match row {
        Row::Gate(node, sides) => Some((node, placed::Item::Gate(sides))),
        _ => None,
    });
    let stretches = withdrawn.clone().map(|(_, withdrawal)| {
        (
            withdrawal.node,
            placed::Item::Withdrawn(withdrawal.stretch()),
        )
    });
    let standing = members
        .clone()
        .map(|(node, member)| (node, placed::Item::Member(member)));
    let placed = placed(standing.concat(gates).concat(stretches));
    let zone_values = zones(by_node, placed.clone(), calendar.clone());

    // derive people, density and the air index
    let ground = registry.clone().flat_map(|row| match row {
        Row::Area(zone, area) => Some((zone, crowd::Item::Area(area))),
        Row::Anchor(zone, at, count) => Some((zone, crowd::Item::Anchor { at, count })),
        _ => None,
    });
    let people = counts(zone_values.clone())
        .concat(flows(node_panes, placed, calendar))
        .concat(ground);
    let crowds = crowd(people, calendar, keep.crowd.clone(), keep.restored_at);
    let standards = registry.clone().flat_map(|row| match row {
        Row::Standard(zone, standard) => Some((zone, air::Item::Standard(standard))),
        _ => None,
    });
    let indices = air(
        hours(zone_values.clone()).concat(standards),
        calendar,
        keep.air.clone(),
        keep.restored_at,
    );

    // judge every value by the rules that watch it
    let alarms = own_alarms(zone_values.clone(), calendar);
    let values = valued(zone_values, calendar)
        .concat(derived(crowds, calendar))
        .concat(indexed(indices.clone()));
    let watches = registry.clone().flat_map(|row| match row {
        Row::Watch(subject, watch) => Some((subject, watch)),
        _ => None,
    });
    let conditions = watches.clone().map(|(s, w)| (s, w.condition));
    let judged = judged(values.clone(), conditions.clone());

    // a node's own alarm does not wait for its zone
    let alarmed = alarmed(alarms, conditions.clone());

    // a flawed sensor puts in doubt what rests on it
    let doubted = doubted(verdicts, conditions.clone());

    // a node that turns out to stand elsewhere takes its evidence along
    let moved = registry.clone().flat_map(|row| match row {
        Row::MovedOut(zone, tick) => Some((zone, tick)),
        _ => None,
    });
    let moved = moved_out(moved, conditions);

    // name the nodes that fell silent
    let silent = changes.clone().flat_map(|change| match change {
        Change::Silent(node, since) => Some((node, since)),
        _ => None,
    });
    let listeners = registry.clone().flat_map(|row| match row {
        Row::Listener(node, id, subject) => Some((node, (id, subject))),
        _ => None,
    });
    let unheard = silent
        .clone()
        .join_map(listeners, |_, since, (node, subject)| {
            (
                *subject,
                Item::Silent {
                    node: *node,
                    since: *since,
                },
            )
        });

    // keep the alerts true
    let scope = values.scope();
    let watched = watches.map(|(subject, watch)| (subject, Item::Watch(watch)));
    let said = alerts(
        concatenate(scope, [watched, judged, alarmed, doubted, moved, unheard]),
        settle.clone(),
        keep.alerts.clone(),
        keep.restored_at,
    );

    // what belongs together is one incident
    let kinds = registry.clone().flat_map(|row| match row {
        Row::Kind(rule, kind) => Some((rule, kind)),
        _ => None,
    });
    let neighbours = registry.clone().flat_map(|row| match row {
        Row::Neighbours(one, other) => Some((one, other)),
        _ => None,
    });
    let incidents = incidents(
        said.clone(),
        acted.clone(),
        kinds,
        neighbours,
        calendar,
        keep,
    );

    // know which nodes each figure should have heard
    let declared = registry.flat_map(|row| match row {
        Row::Declared(node, quantity) => Some((node, quantity)),
        _ => None,
    });
    let heard = changes.flat_map(|change| match change {
        Change::Heard(node, quantity) => Some((node, quantity)),
        _ => None,
    });
    let expected = declared
        .concat(heard)
        .join_map(members, |node, quantity, member| {
            (member.zone, *quantity, *node)
        })
        .distinct();

    // and hand over, tick by tick
    let entries = concatenate(
        scope,
        [
            expected.map(|(zone, quantity, node)| Entry::Expected(zone, quantity, node)),
            withdrawn.map(|(zone, withdrawal)| Entry::Withdrawn(zone, withdrawal)),
            values.flat_map(|((zone, value), (start, _, open, pane))| {
                (!open).then_some(Entry::Zone(zone, value, start, pane))
            }),
            indices.map(Entry::Air),
            silent.map(|(node, since)| Entry::Silent(node, since)),
            said.map(Entry::Alert),
            incidents.map(Entry::Incident),
            acted.map(Entry::Acted),
        ],
    );
    book(
        entries,
        listened,
        keep.book.clone(),
        settle.clone(),
        outlet,
        probe,
    );
}

fn valued<'scope>(
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
fn own_alarms<'scope>(
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
fn alarmed<'scope>(
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
fn doubted<'scope>(
    verdicts: Rows<'scope, Verdict>,
    rules: Rows<'scope, (Subject, Condition)>,
) -> Rows<'scope, (Subject, Item)> {
    let by_value = rules.flat_map(|(subject, condition)| {
        let value = condition.value;
        value
            .is_safety()
            .then_some(((subject.zone, value), subject))
    });
    let doubts = verdicts.flat_map(|verdict| {
        let value = Value::Quantity(verdict.quantity);
        let zone = verdict.zone.filter(|_| value.is_safety())?;
        Some(((zone, value), Doubt::by(&verdict.spell)))
    });
    doubts.join_map(by_value, |_, doubt, subject| {
        (*subject, Item::Doubt(*doubt))
    })
}

/// Every move out of a zone as each safety rule in it sees it.
fn moved_out<'scope>(
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

fn derived<'scope>(crowds: Rows<'scope, Derived>, calendar: &Calendar) -> Rows<'scope, Valued> {
    let width = calendar.span(wire::Quantity::PersonCount).width;
    crowds.map(move |(key, (start, pane))| (key, (start, start + width, false, pane)))
}

fn indexed(indices: Rows<'_, Hour>) -> Rows<'_, Valued> {
    indices.map(|hour| {
        let index = Milli::whole(i64::from(hour.index.index));
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
            heard: hour.heard,
        };
        (
            (hour.zone, Value::AirIndex(hour.standard)),
            (hour.start, hour.start + HOUR, false, pane),
        )
    })
}

/// Every value as each rule on it sees it.
fn judged<'scope>(
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
