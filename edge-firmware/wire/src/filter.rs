//! Filters for what a gateway says, by who may hear it: one zone, the whole city, everything. They are built here and
//! nowhere else; those of nodes' channels are in [`topic`](crate::topic).

use core::fmt;

use crate::ident::{CityId, ZoneId};
use crate::topic::SENSORTHINGS;

/// A filter for a part of what is said in a city.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter {
    city: CityId,
    part: Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// What a room says of one zone.
    Zone(&'static str, ZoneId),
    /// What a room says of all zones.
    Room(&'static str),
    Gateways,
    Nodes,
    Everything,
}

/// What a gateway says of zones, and of their alerts.
const ROOMS: [&str; 3] = ["alert", "cap", SENSORTHINGS];

/// Everything that whoever may read a zone may subscribe to; nodes' own topics are none of it.
pub fn zone_filters(city: CityId, zone: ZoneId) -> [Filter; 3] {
    ROOMS.map(|room| Filter {
        city,
        part: Part::Zone(room, zone),
    })
}

/// The same of all zones.
pub fn city_filters(city: CityId) -> [Filter; 3] {
    ROOMS.map(|room| Filter {
        city,
        part: Part::Room(room),
    })
}

/// Whether gateways live, and how they are.
pub fn gateways(city: CityId) -> Filter {
    let part = Part::Gateways;
    Filter { city, part }
}

/// All channels of all nodes.
pub fn nodes(city: CityId) -> Filter {
    let part = Part::Nodes;
    Filter { city, part }
}

/// Everything in a city.
pub fn everything(city: CityId) -> Filter {
    let part = Part::Everything;
    Filter { city, part }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "city/v1/{}/", self.city)?;
        match self.part {
            Part::Zone(SENSORTHINGS, zone) => write!(f, "{SENSORTHINGS}/{zone}/#"),
            // One level follows; whoever writes `#` means that, too.
            Part::Zone(room, zone) => write!(f, "{room}/+/{zone}/#"),
            Part::Room(room) => write!(f, "{room}/#"),
            Part::Gateways => f.write_str("gateway/+"),
            Part::Nodes => f.write_str("node/#"),
            Part::Everything => f.write_str("#"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    extern crate std;

    use std::string::ToString;

    use super::*;

    #[test]
    fn a_zone_and_a_city_are_read_by_three_filters() {
        let city = "harbour".parse().unwrap();
        let filters = zone_filters(city, "quay".parse().unwrap());
        assert_eq!(
            filters.map(|filter| filter.to_string()),
            [
                "city/v1/harbour/alert/+/quay/#",
                "city/v1/harbour/cap/+/quay/#",
                "city/v1/harbour/sensorthings/quay/#"
            ]
        );
        assert_eq!(
            city_filters(city).map(|filter| filter.to_string()),
            [
                "city/v1/harbour/alert/#",
                "city/v1/harbour/cap/#",
                "city/v1/harbour/sensorthings/#"
            ]
        );
        assert_eq!(gateways(city).to_string(), "city/v1/harbour/gateway/+");
        assert_eq!(nodes(city).to_string(), "city/v1/harbour/node/#");
        assert_eq!(everything(city).to_string(), "city/v1/harbour/#");
    }
}
