//! The story's word for a place.

use pipeline::city::{NoiseClass, RoadSection, Zone, ZoneIx, ZoneSettings};
use pipeline::science::crowd::level::Scheme;
use pipeline::science::traffic::incident::Thresholds;
use wire::Milli;

use super::words::option;

/// `zone NAME [area=M2] [lanes=N] [effective_length=M] [noise_class=C] [danger_density=D]
/// [crowd_levels=SCHEME]`; `None`: a word is wrong.
pub(super) fn zone(ix: ZoneIx, name: &str, rest: &[&str]) -> Option<Zone> {
    let number = |key| match option(rest, key) {
        Some(text) => text.parse().ok(),
        None => Some(Milli::ZERO),
    };
    let settings = ZoneSettings {
        lanes: option(rest, "lanes").map_or(Some(0), |text| text.parse().ok())?,
        effective_length: number("effective_length")?,
        danger_density: number("danger_density")?,
        fewest_people: Milli::ZERO,
        narrowest_gate: Milli::ZERO,
        crowd_levels: match option(rest, "crowd_levels") {
            Some(name) => Scheme::ALL
                .into_iter()
                .find(|scheme| scheme.name() == name)?,
            None => Scheme::default(),
        },
        noise_class: match option(rest, "noise_class") {
            Some(name) => Some(
                NoiseClass::ALL
                    .into_iter()
                    .find(|class| class.name() == name)?,
            ),
            None => None,
        },
        ..ZoneSettings::default()
    };
    Some(Zone {
        ix,
        id: name.parse().ok()?,
        name: name.to_owned(),
        kind: "place".to_owned(),
        area: number("area")?,
        settings,
    })
}

/// `section UPSTREAM DOWNSTREAM`: incidents are looked for between the two; `None`: there is no such zone.
pub(super) fn section(zones: &mut [Zone], upstream: &str, downstream: &str) -> Option<()> {
    let place = |name: &str| zones.iter().position(|zone| zone.id.as_str() == name);
    let (upstream, downstream) = (place(upstream)?, place(downstream)?);
    zones[upstream].settings.section = Some(RoadSection {
        downstream: zones[downstream].ix,
        thresholds: Thresholds::default(),
    });
    Some(())
}
