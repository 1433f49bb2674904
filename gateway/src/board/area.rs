//! A picture cut down to a part of the city: what somebody may see who has nothing to do with the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use geo::{Intersects, LineString, Point, Polygon};
use pipeline::alert::AlertId;
use pipeline::exposure::{Exposure, closed};
use pipeline::leaks::Source;

use super::{Face, Picture};
use crate::access::Areas;
use crate::city::Landmark;

impl Picture {
    /// Only zones of `areas`, with their nodes and alerts, as if there were no others.
    pub fn within(mut self, areas: &Areas) -> Picture {
        if *areas == Areas::All {
            return self;
        }
        let mut face = (*self.face).clone();
        let places = kept(face.zones.iter().map(|zone| areas.contains(zone.id)));
        face.zones.retain(|zone| areas.contains(zone.id));
        let is_kept = |zone| face.zone(zone).is_some();
        let posts = kept(face.nodes.iter().map(|node| node.zone.is_some_and(is_kept)));
        let known: Vec<_> = face.zones.iter().map(|zone| zone.ix).collect();
        face.nodes
            .retain(|node| node.zone.is_some_and(|zone| known.contains(&zone)));
        let is_own = |place: &Landmark| {
            let at = Point::new(place.lon, place.lat);
            face.zones.iter().any(|zone| zone.outline.intersects(&at))
        };
        let landmarks = face.places.iter().filter(|place| is_own(place));
        face.places = landmarks.cloned().collect();
        for rule in &mut face.rules {
            rule.zones.retain(|zone| known.contains(zone));
        }
        self.zones
            .retain_mut(|zone| renumber(&places, &mut zone.place));
        self.nodes
            .retain_mut(|node| renumber(&posts, &mut node.place));
        self.alerts
            .retain(|alert| areas.contains(alert.latest.zone));
        self.exposures
            .retain_mut(|exposure| reaches(exposure, &face));
        let leaking = |source: &Arc<Source>| {
            let mut exposures = self.exposures.iter();
            exposures.any(|exposure| exposure.source == source.id)
        };
        face.sources.retain(leaking);
        face.rules.retain(|rule| !rule.zones.is_empty());
        let own: BTreeSet<AlertId> = self.alerts.iter().map(|alert| alert.latest.id).collect();
        self.desk = self.desk.within(&known, areas, &own);
        self.face = Arc::new(face);
        self
    }
}

/// Whether a leak reaches into a zone of the face. What is told of it then: places elsewhere are not named.
fn reaches(exposure: &mut Exposure, face: &Face) -> bool {
    for footprint in &mut exposure.footprints {
        let places = face.places.iter();
        let own: Vec<&str> = places.map(|place| place.name.as_str()).collect();
        footprint
            .places
            .retain(|place| own.contains(&place.as_str()));
    }
    let rings = exposure.footprints.iter().map(|footprint| {
        let ring: Vec<(f64, f64)> = closed(&footprint.ring).collect();
        Polygon::new(LineString::from(ring), Vec::new())
    });
    let mut rings = rings.filter(|ring| !ring.exterior().0.is_empty());
    rings.any(|ring| face.zones.iter().any(|zone| zone.outline.intersects(&ring)))
}

/// New places of what is kept, by the old ones.
fn kept(keeps: impl Iterator<Item = bool>) -> BTreeMap<usize, usize> {
    let old = keeps.enumerate().filter(|(_, keeps)| *keeps);
    old.map(|(place, _)| place).zip(0..).collect()
}

fn renumber(places: &BTreeMap<usize, usize>, place: &mut usize) -> bool {
    let new = places.get(place);
    *place = new.copied().unwrap_or_default();
    new.is_some()
}
