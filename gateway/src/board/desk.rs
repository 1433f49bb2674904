//! What people and neighbourhoods make of alerts: the silences in force, and the incidents that are open.

use std::collections::BTreeMap;

use pipeline::alert::AlertId;
use pipeline::incident::{Incident, IncidentId, IncidentState};
use pipeline::output::{Silence, TickOutput};

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
