//! Sections of road between two zones, on which incidents are looked for.

use pipeline::city::RoadSection;

use super::zones::Zones;
use crate::config::{CITY_TOML, Problems, RawSection, nearest};

/// Tells each upstream zone where its road goes on; what is wrong goes to `problems`.
pub(super) fn resolve(sections: &[RawSection], zones: &mut Zones, problems: &Problems) {
    for section in sections {
        let complain = |message: String| {
            let message = format!("[[traffic.section]] {message}");
            problems.add(CITY_TOML, Some(section.line), message);
        };
        let place = |name: &str| {
            let place = zones.zones.iter().position(|zone| zone.id.as_str() == name);
            if place.is_none() {
                let hint = nearest(name, zones.ids());
                complain(format!("zones.geojson has no zone `{name}`{hint}"));
            }
            place
        };
        let ends = (place(&section.upstream), place(&section.downstream));
        let (Some(upstream), Some(downstream)) = ends else {
            continue;
        };
        let name = &section.upstream;
        let downstream = zones.zones[downstream].ix;
        let zone = &mut zones.zones[upstream];
        if zone.ix == downstream {
            complain(format!("`{name}` cannot be both ends of a section"));
        } else if zone.settings.section.is_some() {
            complain(format!(
                "a second section from `{name}`; incidents belong to the zone upstream, which has one state"
            ));
        } else {
            zone.settings.section = Some(RoadSection {
                downstream,
                thresholds: section.thresholds,
            });
        }
    }
}
