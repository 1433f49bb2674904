//! What each simulated node measures, how often, and past which value it speaks up by itself.

use edge_firmware::page::REPORT_AFTER_MS;
use edge_firmware::{Config, Patience, Scale, Sensor, Timing};
use pipeline::city::{City, Node};
use pipeline::rules::Rule;
use wire::{CityId, Quantity};

use super::FleetOptions;
use crate::city::LoadedCity;
use crate::provision::{GENERATION, Periods, alarm, keys, periods};
use crate::story::{Seat, seats};

/// What a node without declared quantities is taken to measure.
const UNDECLARED: [Quantity; 2] = [Quantity::Temperature, Quantity::RelativeHumidity];
/// Readings that a frame gathers when the pace is given as a rate.
const RATE_READINGS_A_FRAME: u32 = 16;

/// How fast the fleet samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Every quantity once a pane, at most once a minute.
    Natural,
    /// So many readings a second by all nodes together.
    Rate(f64),
}

/// One node, ready to be built.
pub(super) struct Plan {
    pub(super) config: Config,
    pub(super) sensors: Vec<Sensor>,
    pub(super) seat: Seat,
}

pub(super) fn plans(options: &FleetOptions, loaded: &LoadedCity, speed: u32) -> Vec<Plan> {
    let City { id, nodes, .. } = &*loaded.city;
    let count = options.nodes.unwrap_or(nodes.len()).min(nodes.len());
    let sensors: usize = nodes[..count]
        .iter()
        .map(|node| quantities(node).len())
        .sum();
    nodes[..count]
        .iter()
        .zip(seats(&loaded.city))
        .enumerate()
        .map(|(place, (node, seat))| {
            let pace = match options.pace {
                Pace::Natural => periods(quantities(node)),
                Pace::Rate(readings_a_second) => {
                    evenly(quantities(node).len(), sensors, readings_a_second)
                }
            };
            // Spread over the period by the golden ratio, so that no two nodes speak in chorus.
            let phase_ms = (u64::from(pace.sample_ms) * (place as u64 * 618 % 1000) / 1000) as u32;
            Plan {
                config: Config {
                    timing: timing(speed),
                    patience: patience(speed),
                    ..config(options, *id, node, pace, phase_ms)
                },
                sensors: fitted(node, &loaded.rules, pace, phase_ms),
                seat,
            }
        })
        .collect()
}

fn quantities(node: &Node) -> &[Quantity] {
    match node.quantities.as_slice() {
        [] => &UNDECLARED,
        declared => declared,
    }
}

fn evenly(own: usize, sensors: usize, readings_a_second: f64) -> Periods {
    let sample_ms = (sensors as f64 * 1000.0 / readings_a_second).clamp(1.0, 3.6e6) as u32;
    let rounds = (RATE_READINGS_A_FRAME / own.max(1) as u32).max(1);
    Periods {
        sample_ms,
        report_ms: sample_ms.saturating_mul(rounds),
    }
}

fn config(
    options: &FleetOptions,
    city: CityId,
    node: &Node,
    periods: Periods,
    phase_ms: u32,
) -> Config {
    let keys = keys(&options.secret, &node.id, GENERATION);
    let last_sample_ms = phase_ms.saturating_add(periods.report_ms - periods.sample_ms);
    let config = Config::new(city, node.id, keys, options.boot);
    Config {
        report_period_ms: periods.report_ms,
        report_phase_ms: last_sample_ms.saturating_add(REPORT_AFTER_MS.min(periods.sample_ms)),
        seed: config.seed ^ u64::from(node.ix.0) << 32,
        ..config
    }
}

/// Sockets and disks do not run faster because the city does: what waits for them is stretched by its speed.
fn timing(speed: u32) -> Timing {
    let natural = Timing::default();
    Timing {
        connect_ms_max: natural.connect_ms_max.saturating_mul(speed),
        backoff_ms_min: 500_u32.saturating_mul(speed),
        backoff_ms_max: natural.backoff_ms_max.max(1_000_u32.saturating_mul(speed)),
    }
}

fn patience(speed: u32) -> Patience {
    let ms_min = 3_000_u32.saturating_mul(speed);
    Patience {
        ms_min,
        ms_max: ms_min.saturating_mul(20),
    }
}

fn fitted(node: &Node, rules: &[Rule], periods: Periods, phase_ms: u32) -> Vec<Sensor> {
    let sensor = |&quantity: &Quantity| Sensor {
        quantity,
        period_ms: periods.sample_ms,
        phase_ms,
        scale: Scale::EXACT,
        alarm: alarm(node, quantity, rules),
    };
    quantities(node).iter().map(sensor).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::harbour;
    use crate::story::Story;
    use wire::Milli;
    use wire::seal::CitySecret;

    fn plans_at(pace: Pace) -> Vec<Plan> {
        let options = FleetOptions {
            host: "localhost".to_owned(),
            port: 1883,
            login: None,
            secret: CitySecret::new([1; 32]),
            nodes: None,
            pace,
            boot: 1,
            world: std::sync::Arc::new(Story::new(1)),
        };
        plans(&options, &harbour::load().unwrap(), 60)
    }

    #[test]
    fn detectors_know_the_lowest_threshold_of_their_zone() {
        let plans = plans_at(Pace::Natural);
        let alarm = |node: &str, quantity| {
            let plan = plans.iter().find(|p| p.seat.node.as_str() == node).unwrap();
            plan.sensors
                .iter()
                .find(|s| s.quantity == quantity)
                .unwrap()
                .alarm
        };
        let raise_at = |node, quantity| alarm(node, quantity).map(|threshold| threshold.raise_at);
        assert_eq!(raise_at("gas-gull-1", Quantity::H2s), Some(Milli(10_000)));
        assert_eq!(
            raise_at("level-rope-1", Quantity::WaterLevel),
            Some(Milli(150))
        );
        assert_eq!(
            raise_at("level-kite-1", Quantity::WaterLevel),
            Some(Milli(2_200))
        );
        assert_eq!(raise_at("air-mill-1", Quantity::Pm2_5), None);
    }

    #[test]
    fn a_rate_is_kept_by_all_nodes_together() {
        for rate in [10.0, 1_000.0] {
            let plans = plans_at(Pace::Rate(rate));
            let sensors = plans.iter().flat_map(|plan| &plan.sensors);
            let sum: f64 = sensors
                .map(|sensor| 1000.0 / f64::from(sensor.period_ms))
                .sum();
            assert!(
                (sum / rate - 1.0).abs() < 0.01,
                "{sum} readings/s, not {rate}"
            );
        }
    }

    #[test]
    fn every_node_reports_just_after_its_last_sample() {
        for plan in plans_at(Pace::Natural) {
            let (config, sensor) = (&plan.config, plan.sensors[0]);
            let gap_ms = (config.report_phase_ms - sensor.phase_ms) % sensor.period_ms;
            assert_eq!(gap_ms, REPORT_AFTER_MS, "{}", config.node);
            assert_eq!(config.report_period_ms % sensor.period_ms, 0);
        }
    }
}
