//! The city at a moment that is over: figures from the histories that are kept, alerts from whoever knows them.

use std::sync::Arc;

use pipeline::alert::Revision;
use pipeline::calendar::Millis;
use pipeline::output::AirIndex;

use super::air::AirSeries;
use super::picture::{AlertPicture, Picture, alert_value, assembled, list_order};
use super::series::{Point, Series};
use super::{Board, Health};

/// For which moment figures are taken.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    /// What stands: the newest figure, unless it is stale.
    Now(Millis),
    /// What stood then: the last figure whose pane was over.
    Then(Millis),
}

impl When {
    pub(super) fn moment(self) -> Millis {
        match self {
            When::Now(at) | When::Then(at) => at,
        }
    }

    pub(super) fn point(self, series: &Series) -> Option<&Point> {
        match self {
            When::Now(at) => series.standing(at),
            When::Then(at) => series.stood(at),
        }
    }

    pub(super) fn air(self, series: &AirSeries) -> Option<(Millis, AirIndex)> {
        match self {
            When::Now(at) => series.standing(at),
            When::Then(at) => series.stood(at),
        }
    }
}

impl Board {
    /// The city at `at`, by today's outlines and names: `alerts` as they are to be shown, figures and footprints of leaks as
    /// they are known now. Nothing is said of nodes and people's work: the board does not keep how they were.
    pub fn past_picture(&self, at: Millis, alerts: &[Revision]) -> Picture {
        let shown = alerts.iter().map(|latest| AlertPicture {
            value: alert_value(&self.face, latest),
            expired: None,
            latest: latest.clone(),
        });
        let mut shown: Vec<AlertPicture> = shown.collect();
        shown.sort_by_key(|alert| list_order(&alert.latest));
        let picture = assembled(self, When::Then(at), shown, Vec::new());
        Picture {
            face: Arc::clone(&self.face),
            exposures: self.exposures.stood(at),
            health: Health {
                frontier: pipeline::calendar::tick_at(at),
                ..self.health.clone()
            },
            ..picture
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::picture::Standing;
    use super::super::sample::{NOON, face, revision, zone_value};
    use super::*;
    use pipeline::alert::State;
    use pipeline::calendar::{HOUR, MINUTE};
    use pipeline::output::TickOutput;
    use pipeline::rules::{Severity, Value};
    use wire::Milli;

    #[test]
    fn a_past_moment_has_its_own_figures_and_the_alerts_that_are_given() {
        let mut board = Board::new(face());
        for minute in (0..24 * 60).rev() {
            let end = NOON - minute * MINUTE;
            let value = zone_value(0, Value::CrowdDensity, end, 100 + minute * 10);
            board.apply(&TickOutput {
                tick: end as u64,
                zone_values: vec![value],
                ..TickOutput::default()
            });
        }
        let density = |at| {
            let picture = board.past_picture(at, &[]);
            let quay = picture.zones.iter().find(|zone| zone.place == 1).unwrap();
            let figure = quay.figure(Value::CrowdDensity)?;
            Some((figure.mean.exact().unwrap(), figure.age))
        };
        assert_eq!(density(NOON - 20 * MINUTE), Some((Milli(300), 0)));
        // Of a time so long ago one pane in ten minutes is kept, and it says how old it was.
        let ago = NOON - 20 * HOUR;
        assert_eq!(density(ago), Some((Milli(12_190), 9 * MINUTE)));
        assert_eq!(density(ago + 7 * MINUTE), Some((Milli(12_090), 6 * MINUTE)));
        assert_eq!(density(NOON - 25 * HOUR), None);
        let open = revision(1, 1, State::Raised, NOON - HOUR);
        let mut minor = revision(2, 1, State::Raised, NOON - HOUR);
        minor.severity = Severity::Minor;
        let picture = board.past_picture(NOON - HOUR, &[minor, open]);
        let worst = &picture.alerts[0].latest;
        assert_eq!(worst.severity, Severity::Severe, "the worst comes first");
        let standings: Vec<Standing> = picture.zones.iter().map(|zone| zone.standing).collect();
        assert_eq!(
            standings,
            [Standing::Unknown, Standing::Alert(Severity::Severe)]
        );
    }
}
