//! Snapshots: what the dataflow cannot compute again from the panes within their horizon.
//!
//! A restart loads a snapshot and the journal's tail after it. Joins and reduces are not saved: the
//! panes, put in again at the snapshot's tick, rebuild them. Saved are the panes, what each fold
//! carries of sealed-off time, and the book.

use std::cell::RefCell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use wire::{KindId, Quantity, SourceId};

use crate::alert::{AlertId, Status};
use crate::calendar::{Calendar, Tick};
use crate::city::{NodeIx, ZoneIx};
use crate::names::Names;
use crate::operators::air::{Air, SaidIndex, Station};
use crate::operators::alerts::{Alerts, Carried, Standing, Subject};
use crate::operators::book::{self, Book};
use crate::operators::crowd::{Crowd, Occupancy, SealedCrowd};
use crate::operators::derive::{self, Derive, SealedFigures};
use crate::operators::exposure::{Exposures, SealedSurroundings, Surroundings};
use crate::operators::fold::{Cells, Kept};
use crate::operators::forecast::{self, Forecasts, SaidForecast};
use crate::operators::incidents::lineage::{Incidents, Known, Lineage};
use crate::operators::incidents::open::{self, Openings};
use crate::operators::panes::saved::Saved;
use crate::operators::panes::state::Panes;
use crate::operators::quality::flags::{Flagger, SealedStream, Stream};
use crate::operators::quality::{SealedSensor, Sensor, Verdicts};
use crate::operators::traffic::{Detection, SealedSection, Section};
use crate::registry::Registry;

/// All state of the dataflow at a tick; with the journal after that tick it restores the engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// Inputs up to and including this tick are in it.
    pub tick: Tick,
    pub(crate) registry: Registry,
    pub(crate) names: Names,
    pub(crate) panes: Saved,
    crowd: Vec<(ZoneIx, SealedCrowd)>,
    derived: Vec<(ZoneIx, SealedFigures)>,
    traffic: Vec<(ZoneIx, SealedSection)>,
    exposures: Vec<(SourceId, SealedSurroundings)>,
    air: Vec<(ZoneIx, Vec<SaidIndex>)>,
    forecasts: Vec<(ZoneIx, Vec<SaidForecast>)>,
    alerts: Vec<(Subject, Carried)>,
    open: Vec<(AlertId, open::Standing)>,
    incidents: Vec<(KindId, Vec<Known>)>,
    verdicts: Vec<((NodeIx, Quantity), SealedSensor)>,
    flags: Vec<((NodeIx, Quantity), SealedStream)>,
    book: book::Kept,
}

impl Snapshot {
    /// Panes are cut the same way: without that the state means something else.
    pub fn fits(&self, calendar: &Calendar) -> bool {
        self.registry.calendar == *calendar
    }
}

/// The state of one worker's operators, shared between them and the worker's loop.
pub struct Keep {
    pub restored_at: Tick,
    pub panes: Rc<RefCell<Panes>>,
    pub crowd: Kept<Crowd>,
    pub derived: Kept<Derive>,
    pub traffic: Kept<Detection>,
    pub exposures: Kept<Exposures>,
    pub air: Kept<Air>,
    pub forecasts: Kept<Forecasts>,
    pub alerts: Kept<Alerts>,
    pub open: Kept<Openings>,
    pub incidents: Kept<Lineage>,
    pub verdicts: Kept<Verdicts>,
    pub flags: Kept<Flagger>,
    pub book: Rc<RefCell<Book>>,
}

impl Snapshot {
    /// An empty one, to be filled by every worker.
    pub fn new(tick: Tick, registry: Registry) -> Snapshot {
        Snapshot {
            tick,
            registry,
            names: Names::default(),
            panes: Saved::default(),
            crowd: Vec::new(),
            derived: Vec::new(),
            traffic: Vec::new(),
            exposures: Vec::new(),
            air: Vec::new(),
            forecasts: Vec::new(),
            alerts: Vec::new(),
            open: Vec::new(),
            incidents: Vec::new(),
            verdicts: Vec::new(),
            flags: Vec::new(),
            book: book::Kept::default(),
        }
    }
}

impl Keep {
    /// The state of worker `index` of `peers`, empty or from a snapshot.
    pub fn new(
        from: Option<&Snapshot>,
        calendar: &Calendar,
        status: Status,
        index: usize,
        peers: usize,
    ) -> Keep {
        let crowd = from.iter().flat_map(|s| &s.crowd);
        let crowd = crowd
            .map(|(zone, carried)| (*zone, Occupancy::restored(carried.clone())))
            .collect();
        let exposures = from.iter().flat_map(|s| s.exposures.iter().cloned());
        let exposures = exposures
            .map(|(source, sealed)| (source, Surroundings::restored(sealed)))
            .collect();
        let derived = from.iter().flat_map(|s| s.derived.iter().cloned());
        let derived = derived
            .map(|(zone, sealed)| (zone, derive::Zone::restored(sealed)))
            .collect();
        let traffic = from.iter().flat_map(|s| s.traffic.iter().cloned());
        let traffic = traffic
            .map(|(zone, sealed)| (zone, Section::restored(sealed)))
            .collect();
        let air = from.iter().flat_map(|s| s.air.iter().cloned());
        let air = air
            .map(|(zone, said)| (zone, Station::restored(said)))
            .collect();
        let forecasts = from.iter().flat_map(|s| s.forecasts.iter().cloned());
        let forecasts = forecasts
            .map(|(zone, said)| (zone, forecast::Station::restored(said)))
            .collect();
        let alerts = from.iter().flat_map(|s| s.alerts.iter().cloned());
        let alerts = alerts
            .map(|(subject, c)| (subject, Standing::restored(c)))
            .collect();
        let open = from.iter().flat_map(|s| s.open.iter().cloned());
        let open = open.map(|(id, alert)| (id, Some(alert))).collect();
        let incidents = from.iter().flat_map(|s| s.incidents.iter().cloned());
        let incidents = incidents
            .map(|(kind, known)| (kind, Incidents::restored(known)))
            .collect();
        let verdicts = from.iter().flat_map(|s| s.verdicts.iter().cloned());
        let verdicts = verdicts
            .map(|(key, sealed)| (key, Sensor::restored(sealed)))
            .collect();
        let flags = from.iter().flat_map(|s| s.flags.iter().cloned());
        let flags = flags
            .map(|(key, sealed)| (key, Stream::restored(sealed)))
            .collect();
        let pages = from.map(|s| (s.tick, s.names.clone(), s.book.clone()));
        let mut panes = Panes::new(calendar.clone(), index, peers);
        if let Some(snapshot) = from {
            panes.restored = Some((snapshot.tick, snapshot.panes.clone()));
        }
        Keep {
            restored_at: from.map_or(0, |snapshot| snapshot.tick),
            panes: Rc::new(RefCell::new(panes)),
            crowd: Cells::keep(crowd, index, peers),
            derived: Cells::keep(derived, index, peers),
            traffic: Cells::keep(traffic, index, peers),
            exposures: Cells::keep(exposures, index, peers),
            air: Cells::keep(air, index, peers),
            forecasts: Cells::keep(forecasts, index, peers),
            alerts: Cells::keep(alerts, index, peers),
            open: Cells::keep(open, index, peers),
            incidents: Cells::keep(incidents, index, peers),
            verdicts: Cells::keep(verdicts, index, peers),
            flags: Cells::keep(flags, index, peers),
            book: Rc::new(RefCell::new(Book::new(calendar.clone(), status, pages))),
        }
    }

    /// Adds this worker's part. `is_first`: the worker whose book is the one that delivers.
    pub fn save(&self, is_first: bool, into: &mut Snapshot) {
        self.panes.borrow().save(&mut into.panes);
        let crowd = self.crowd.borrow();
        into.crowd
            .extend(crowd.states().map(|(zone, state)| (*zone, state.carried())));
        let exposures = self.exposures.borrow();
        let (calendar, tick) = (into.registry.calendar.clone(), into.tick);
        let sealed =
            |(source, state): (&SourceId, &Surroundings)| (*source, state.sealed(&calendar, tick));
        into.exposures.extend(exposures.states().map(sealed));
        let derived = self.derived.borrow();
        into.derived.extend(
            derived
                .states()
                .map(|(zone, state)| (*zone, state.sealed())),
        );
        let traffic = self.traffic.borrow();
        into.traffic.extend(
            traffic
                .states()
                .map(|(zone, state)| (*zone, state.carried())),
        );
        let air = self.air.borrow();
        into.air
            .extend(air.states().map(|(zone, state)| (*zone, state.said())));
        let forecasts = self.forecasts.borrow();
        let forecasts = forecasts.states();
        into.forecasts
            .extend(forecasts.map(|(zone, state)| (*zone, state.said())));
        let alerts = self.alerts.borrow();
        into.alerts.extend(
            alerts
                .states()
                .map(|(subject, state)| (*subject, state.carried())),
        );
        let open = self.open.borrow();
        let tick = into.tick;
        let standing = open
            .states()
            .filter_map(|(id, state)| Some((*id, state.clone()?)))
            .filter(|(_, standing)| !standing.is_over(tick));
        into.open.extend(standing);
        let incidents = self.incidents.borrow();
        into.incidents.extend(
            incidents
                .states()
                .map(|(kind, state)| (*kind, state.known())),
        );
        let verdicts = self.verdicts.borrow();
        into.verdicts
            .extend(verdicts.states().map(|(key, state)| (*key, state.sealed())));
        let flags = self.flags.borrow();
        into.flags
            .extend(flags.states().map(|(key, state)| (*key, state.sealed())));
        if is_first {
            (into.names, into.book) = self.book.borrow().kept();
        }
    }
}
