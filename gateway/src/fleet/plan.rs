//! What each simulated node measures, how often, and past which value it speaks up by itself.

use edge_firmware::schedule::report_after_ms;
use edge_firmware::{Config, Patience, Scale, Sensor, Timing};
use pipeline::city::{City, Node};
use wire::{CityId, Quantity, Settings};

use super::FleetOptions;
use crate::city::LoadedCity;
use crate::provision::{generation, keys, periods, settings};
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
    pub(super) settings: Settings,
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
            let natural = settings(loaded, node).unwrap_or_else(|| undeclared(node));
            let settings = match options.pace {
                Pace::Natural => natural,
                Pace::Rate(readings_a_second) => Settings {
                    alarms: natural.alarms,
                    ..evenly(quantities(node).len(), sensors, readings_a_second)
                },
            };
            // Spread over the period by the golden ratio, so that no two nodes speak in chorus.
            let share = place as u64 * 618 % 1000;
            let phase_ms = (u64::from(settings.sample_period_ms) * share / 1000) as u32;
            let generation = generation(loaded, node.ix);
            Plan {
                config: Config {
                    timing: timing(speed),
                    patience: patience(speed),
                    follows: options.pace == Pace::Natural,
                    ..config(options, *id, node, generation, &settings, phase_ms)
                },
                sensors: fitted(node, phase_ms),
                settings,
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

fn undeclared(node: &Node) -> Settings {
    let usual = periods(quantities(node));
    Settings {
        sample_period_ms: usual.sample_ms,
        report_period_ms: usual.report_ms,
        alarms: heapless::Vec::new(),
    }
}

fn evenly(own: usize, sensors: usize, readings_a_second: f64) -> Settings {
    let sample_ms = (sensors as f64 * 1000.0 / readings_a_second).clamp(1.0, 3.6e6) as u32;
    let rounds = (RATE_READINGS_A_FRAME / own.max(1) as u32).max(1);
    Settings {
        sample_period_ms: sample_ms,
        report_period_ms: sample_ms.saturating_mul(rounds),
        alarms: heapless::Vec::new(),
    }
}

fn config(
    options: &FleetOptions,
    city: CityId,
    node: &Node,
    generation: u8,
    settings: &Settings,
    phase_ms: u32,
) -> Config {
    let keys = keys(&options.secret, &node.id, generation);
    let (sample_ms, report_ms) = (settings.sample_period_ms, settings.report_period_ms);
    let last_sample_ms = phase_ms.saturating_add(report_ms - sample_ms);
    let config = Config::new(city, node.id, keys, options.boot);
    Config {
        report_phase_ms: last_sample_ms.saturating_add(report_after_ms(sample_ms)),
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

fn fitted(node: &Node, phase_ms: u32) -> Vec<Sensor> {
    let sensor = |&quantity: &Quantity| Sensor {
        quantity,
        phase_ms,
        scale: Scale::EXACT,
    };
    quantities(node).iter().map(sensor).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::harbour;
    use crate::story::Story;
    use edge_firmware::schedule::REPORT_AFTER_MS;
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
            let mut alarms = plan.settings.alarms.iter();
            alarms.find(|alarm| alarm.quantity == quantity).copied()
        };
        let raise_at = |node, quantity| alarm(node, quantity).map(|alarm| alarm.threshold.raise_at);
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
            let sum: f64 = plans
                .iter()
                .map(|plan| {
                    let period_ms = f64::from(plan.settings.sample_period_ms);
                    plan.sensors.len() as f64 * 1000.0 / period_ms
                })
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
            let (sample_ms, report_ms) = (
                plan.settings.sample_period_ms,
                plan.settings.report_period_ms,
            );
            let gap_ms = (config.report_phase_ms - sensor.phase_ms) % sample_ms;
            assert_eq!(gap_ms, REPORT_AFTER_MS, "{}", config.node);
            assert_eq!(report_ms % sample_ms, 0);
        }
    }
}
