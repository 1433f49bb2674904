//! Incidents: open alerts of one kind in zones that touch are one thing that happens.
//!
//! Which alerts belong together is a function of the present ([`open`] alerts and neighbours), so
//! differential's iteration keeps it: every zone of a kind takes the label of the oldest alert that
//! it can reach. Which incident that is depends on what was said before, which is [`lineage`].

pub mod lineage;
pub mod open;

use differential_dataflow::VecCollection;
use differential_dataflow::algorithms::graphs::propagate::propagate;
use wire::KindId;

use self::lineage::{Grouping, Lineage, Member};
use self::open::Openings;
use super::alerts::Said;
use super::fold::fold;
use crate::alert::AlertId;
use crate::calendar::{Calendar, Tick};
use crate::city::ZoneIx;
use crate::input::Action;
use crate::rules::RuleIx;
use crate::snapshot::Keep;

type Rows<'scope, D> = VecCollection<'scope, Tick, D, isize>;

/// Revisions of incidents, still without names.
pub fn incidents<'scope>(
    said: Rows<'scope, Said>,
    acted: Rows<'scope, Action>,
    kinds: Rows<'scope, (RuleIx, KindId)>,
    neighbours: Rows<'scope, (ZoneIx, ZoneIx)>,
    calendar: &Calendar,
    keep: &Keep,
) -> Rows<'scope, Grouping> {
    // what is said, and done about it, becomes what stands
    let told = said.flat_map(open::told).concat(acted.flat_map(open::done));
    let open = fold(
        told,
        "open alerts",
        Openings,
        keep.open.clone(),
        keep.restored_at,
    );
    let open = open.join_map(kinds, |_, (zone, alert), kind| ((*kind, *zone), *alert));

    // a zone that has something open hears of it from those it touches, which know nothing unless they have, too
    let places = open.clone().map(|(place, _)| place).distinct();
    let both_ways = neighbours.flat_map(|(a, b)| [(a, b), (b, a)]);
    let touching = places
        .map(|(kind, zone)| (zone, kind))
        .join_map(both_ways, |zone, kind, from| {
            ((*kind, *from), (*kind, *zone))
        });

    // everything that hangs together takes the label of its oldest alert
    let labels = open.clone().map(|(place, alert)| (place, alert.age()));
    let labelled = propagate(touching, labels);
    let members = open.join_map(labelled, |(kind, zone), alert, label| {
        let (label, zone, alert) = (*label, *zone, *alert);
        (*kind, Member { label, zone, alert })
    });

    // and goes on under the name that it had
    fold(
        members,
        "incidents",
        Lineage::new(calendar),
        keep.incidents.clone(),
        keep.restored_at,
    )
}

/// What open alerts are ordered by: the tick at which it was raised, and its id.
pub type Age = (Tick, AlertId);
