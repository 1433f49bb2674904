//! The gateway's own topic: alive, stopped on purpose, or lost.

use pipeline::alert::Status;
use pipeline::calendar::{Millis, Tick, rfc3339};
use serde::Serialize;
use wire::CityId;

use crate::board::Face;

/// State of the gateway as its retained topic tells it: a dead gateway must never look like a quiet city.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    Online,
    /// It stopped on purpose.
    Stopped,
    /// The broker says this in its name when the connection is lost: the will.
    Lost,
}

/// Payload of the gateway's own topic. A will has no time and no frontier: it is written beforehand.
#[derive(Clone, Debug, Serialize)]
pub struct GatewayStatus<'a> {
    pub state: Presence,
    pub gateway: &'a str,
    pub city: CityId,
    pub status: Status,
    pub version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Everything before this moment is in the alerts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerts_open: Option<usize>,
    /// A reader that hears nothing for several of these should not trust what it has.
    pub heartbeat_seconds: u32,
}

impl<'a> GatewayStatus<'a> {
    /// What the broker is to say when it loses the gateway.
    pub fn will(gateway: &'a str, face: &Face, heartbeat_seconds: u32) -> GatewayStatus<'a> {
        GatewayStatus {
            state: Presence::Lost,
            gateway,
            city: face.city,
            status: face.status,
            version: env!("CARGO_PKG_VERSION"),
            at: None,
            frontier: None,
            alerts_open: None,
            heartbeat_seconds,
        }
    }

    /// The same gateway alive, or stopped on purpose, at `now`.
    pub fn at(self, state: Presence, now: Millis, frontier: Tick, alerts_open: usize) -> Self {
        GatewayStatus {
            state,
            at: Some(rfc3339(now)),
            frontier: Some(rfc3339(frontier as Millis)),
            alerts_open: Some(alerts_open),
            ..self
        }
    }

    pub fn payload(&self) -> Vec<u8> {
        // Strings and numbers only: this cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::board::sample::{NOON, face};

    #[test]
    fn the_will_tells_a_lost_gateway_from_a_stopped_one() {
        let face = face();
        let will = GatewayStatus::will("gw-1", &face, 15);
        let json = |status: &GatewayStatus| -> serde_json::Value {
            serde_json::from_slice(&status.payload()).unwrap()
        };
        assert_eq!(json(&will)["state"], "lost");
        assert_eq!(json(&will).get("at"), None);
        let alive = will.at(Presence::Online, NOON, NOON as Tick, 2);
        assert_eq!(json(&alive)["state"], "online");
        assert_eq!(json(&alive)["status"], "simulated");
        assert_eq!(json(&alive)["frontier"], "2026-11-22T01:00:00.000Z");
        assert_eq!(json(&alive)["alerts_open"], 2);
    }
}
