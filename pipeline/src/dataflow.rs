//! The whole program on one page.

use differential_dataflow::VecCollection;
use differential_dataflow::collection::concatenate;
use timely::dataflow::Stream;
use timely::dataflow::operators::probe::Handle;

use crate::calendar::{Calendar, Tick};
use crate::hearing::Heard;
use crate::input::Action;
use crate::operators::air::{self, air, hours};
use crate::operators::alerts::{Item, alerts};
use crate::operators::book::{Entry, book};
use crate::operators::crowd::{self, counts, crowd, flows};
use crate::operators::derive::{self, derive, needed};
use crate::operators::exposure::{self, exposure};
use crate::operators::forecast::{self, forecasts};
use crate::operators::incidents::incidents;
use crate::operators::judge;
use crate::operators::panes::{Change, Packet, panes};
use crate::operators::placed::{self, placed};
use crate::operators::quality::flags::{self, Word};
use crate::operators::quality::{Verdict, verdicts};
use crate::operators::traffic;
use crate::operators::zones::zones;
use crate::outlet::{Outlet, Settle};
use crate::registry::Row;
use crate::snapshot::Keep;

type Rows<'scope, D> = VecCollection<'scope, Tick, D, isize>;

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
    let flaggings = registry.clone().flat_map(|row| match row {
        Row::Flag(node, flagging) => Some((node, flagging)),
        _ => None,
    });
    let words = flags::words(
        by_node.clone(),
        flaggings,
        calendar,
        keep.flags.clone(),
        keep.restored_at,
    );
    let flagged = words.clone().flat_map(|word| match word {
        Word::Flagged(flagged) => Some(flagged),
        Word::Verdict(_) => None,
    });
    let verdicts = verdicts.concat(words.flat_map(|word| match word {
        Word::Verdict(verdict) => Some(verdict),
        Word::Flagged(_) => None,
    }));
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
    let near = registry.clone().flat_map(|row| match row {
        Row::Near(node, near) => Some((node, placed::Item::Near(near))),
        _ => None,
    });
    let placed = placed(standing.concat(gates).concat(near).concat(stretches));
    let zone_values = zones(
        by_node.clone(),
        placed.clone(),
        flagged.clone(),
        calendar.clone(),
    );

    // derive people, density and the air index
    let ground = registry.clone().flat_map(|row| match row {
        Row::Ground(zone, area, _) => Some((zone, crowd::Item::Area(area))),
        Row::Counters(zone, counters) => Some((zone, crowd::Item::Counters(counters))),
        Row::Anchor(zone, at, count) => Some((zone, crowd::Item::Anchor { at, count })),
        _ => None,
    });
    let people = counts(zone_values.clone())
        .concat(flows(node_panes, placed.clone(), calendar))
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

    // tell who is exposed when something leaks
    let surroundings = registry.clone().flat_map(|row| match row {
        Row::Leak(source, item) => Some((source, item)),
        _ => None,
    });
    let grounds = surroundings.clone().flat_map(|(source, item)| match item {
        exposure::Item::Ground(zone, _) => Some((zone, source)),
        _ => None,
    });
    let exposed = exposure(
        exposure::stations(by_node, placed, calendar)
            .concat(exposure::people(crowds.clone(), grounds))
            .concat(surroundings),
        calendar,
        keep.exposures.clone(),
        keep.restored_at,
    );

    // and how the air will be
    let standards = registry.clone().flat_map(|row| match row {
        Row::Standard(zone, standard) => Some((zone, forecast::Item::Standard(standard))),
        _ => None,
    });
    let forecasts = forecasts(
        forecast::hours(zone_values.clone()).concat(standards),
        calendar,
        keep.forecasts.clone(),
        keep.restored_at,
    );

    // derive what follows from a zone's own figures
    let settings = registry.clone().flat_map(|row| match row {
        Row::Ground(zone, area, settings) => Some((zone, derive::Item::Zone { area, settings })),
        _ => None,
    });
    let derived = derive(
        needed(zone_values.clone(), crowds.clone()).concat(settings),
        calendar,
        keep.derived.clone(),
        keep.restored_at,
    );

    // and what two stations of a road say of the stretch between them
    let sections = registry.clone().flat_map(|row| match row {
        Row::Ground(zone, _, settings) => Some((zone, settings.section?)),
        _ => None,
    });
    let blocked = traffic::incidents(
        zone_values.clone(),
        sections,
        calendar,
        keep.traffic.clone(),
        keep.restored_at,
    );

    // judge every value by the rules that watch it
    let alarms = judge::own_alarms(zone_values.clone(), calendar);
    let values = judge::valued(zone_values, calendar)
        .concat(judge::counted(crowds, calendar))
        .concat(judge::derived(derived.concat(blocked), calendar))
        .concat(judge::indexed(indices.clone(), calendar))
        .concat(forecasts);
    let watches = registry.clone().flat_map(|row| match row {
        Row::Watch(subject, watch) => Some((subject, watch)),
        _ => None,
    });
    let conditions = watches.clone().map(|(s, w)| (s, w.condition));
    let judged = judge::judged(values.clone(), conditions.clone());
    let came = judge::came(indices.clone(), conditions.clone());

    // a node's own alarm does not wait for its zone
    let alarmed = judge::alarmed(alarms, conditions.clone());

    // a flawed sensor puts in doubt what rests on it
    let doubted = judge::doubted(verdicts, conditions.clone());

    // a node that turns out to stand elsewhere takes its evidence along
    let moved = registry.clone().flat_map(|row| match row {
        Row::MovedOut(zone, tick) => Some((zone, tick)),
        _ => None,
    });
    let moved = judge::moved_out(moved, conditions);

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
        concatenate(
            scope,
            [watched, judged, came, alarmed, doubted, moved, unheard],
        ),
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
            flagged.map(Entry::Flagged),
            values.flat_map(|((zone, value), (start, _, open, pane))| {
                (!open).then_some(Entry::Zone(zone, value, start, pane))
            }),
            indices.map(Entry::Air),
            exposed.map(Entry::Exposed),
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
