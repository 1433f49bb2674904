//! What people and neighbourhoods make of alerts: the silences in force, and the incidents that are open.

use std::collections::{BTreeMap, BTreeSet};

use pipeline::alert::AlertId;
use pipeline::city::ZoneIx;
use pipeline::incident::{Incident, IncidentId, IncidentState};
use pipeline::output::{Silence, TickOutput};

use crate::access::Areas;

/// Bounded as the pipeline bounds both: so many silences, and an incident has an open alert.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    silences: Vec<Silence>,
    incidents: BTreeMap<IncidentId, Incident>,
}

impl Desk {
    pub fn apply(&mut self, output: &TickOutput) {
        if let Some(silences) = &output.silences {
            self.silences.clone_from(silences);
        }
        for incident in &output.incidents {
            match incident.state {
                IncidentState::Open => self.incidents.insert(incident.id, incident.clone()),
                IncidentState::Closed | IncidentState::Merged => {
                    self.incidents.remove(&incident.id)
                }
            };
        }
    }

    /// What of it is about `zones`, known as `areas` by name, and about their `alerts`. A silence without a zone is about
    /// them too.
    pub(super) fn within(
        &self,
        zones: &[ZoneIx],
        areas: &Areas,
        alerts: &BTreeSet<AlertId>,
    ) -> Desk {
        let is_own = |silence: &&Silence| silence.scope.zone.is_none_or(|ix| zones.contains(&ix));
        let incidents = self.incidents.iter().filter_map(|(id, incident)| {
            let mut part = incident.clone();
            part.zones.retain(|zone| areas.contains(*zone));
            part.alerts.retain(|alert| alerts.contains(alert));
            (!part.zones.is_empty()).then_some((*id, part))
        });
        Desk {
            silences: self.silences.iter().filter(is_own).cloned().collect(),
            incidents: incidents.collect(),
        }
    }

    /// Those in force, ordered by scope. Each leaves at its end.
    pub fn silences(&self) -> &[Silence] {
        &self.silences
    }

    /// The open ones.
    pub fn incidents(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.values()
    }

    /// The open incident that an alert is part of.
    pub fn incident_of(&self, alert: AlertId) -> Option<&Incident> {
        self.incidents()
            .find(|incident| incident.alerts.contains(&alert))
    }
}
