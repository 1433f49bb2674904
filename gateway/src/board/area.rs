//! A picture cut down to a part of the city: what somebody may see who has nothing to do with the rest.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Picture;
use crate::access::Areas;

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
        for rule in &mut face.rules {
            rule.zones.retain(|zone| known.contains(zone));
        }
        self.zones
            .retain_mut(|zone| renumber(&places, &mut zone.place));
        self.nodes
            .retain_mut(|node| renumber(&posts, &mut node.place));
        self.alerts
            .retain(|alert| areas.contains(alert.latest.zone));
        self.face = Arc::new(face);
        self
    }
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
