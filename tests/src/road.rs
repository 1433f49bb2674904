//! A motorway of three lanes as a string of cells, with a loop station above and one below a stretch on which incidents
//! happen: what incident detection is measured on.
//!
//! Cell transmission model (Daganzo 1994) with a triangular diagram: traffic moves at free speed until a cell can take
//! no more, and jams grow backwards. Vehicles arrive at random, capacity wavers, and the loops see lorries as well as
//! cars. An incident takes lanes away for a while; a rush hour fills the road from a bottleneck further down, whose
//! stop-and-go waves run through both stations and look, for a moment, like incidents.

use pipeline::calendar::{MINUTE, Millis, SECOND};
use pipeline::science::traffic::incident::State;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use wire::Milli;

const LANES: f64 = 3.0;
const FREE_SPEED: f64 = 100.0 / 3.6;
const WAVE_SPEED: f64 = 18.0 / 3.6;
/// Vehicles per metre of one lane that stands.
const JAM: f64 = 0.130;
const STEP: Millis = 5 * SECOND;
const STEP_S: f64 = 5.0;
const CELL_M: f64 = 150.0;
const CELLS: usize = 44;
/// Effective length that the loops see.
const VEHICLE_M: f64 = 6.7;
/// Minutes before anything is looked at: the road fills.
const WARM_UP: usize = 15;

/// Upstream station; the downstream one lies `spacing` cells further.
pub const UPSTREAM: usize = 18;
/// Where the rush hour's jams begin.
const BOTTLENECK: usize = 38;

/// What happens on the road.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub minutes: usize,
    /// Cells between the stations.
    pub spacing: usize,
    /// Vehicles that want to go, per hour and lane, at each minute.
    pub demand: Vec<f64>,
    pub incident: Option<Incident>,
    pub rush: Option<Rush>,
}

#[derive(Clone, Copy, Debug)]
pub struct Incident {
    pub from: usize,
    pub until: usize,
    /// Between the stations.
    pub cell: usize,
    /// Of three.
    pub blocked: u32,
}

/// A bottleneck below both stations, which lets so much less through and in waves.
#[derive(Clone, Copy, Debug)]
pub struct Rush {
    pub from: usize,
    pub until: usize,
    /// Share of capacity, on average.
    pub share: f64,
    /// Minutes from wave to wave.
    pub period: f64,
}

/// Occupancies in percent, minute by minute: upstream, downstream.
pub type Loops = Vec<(Milli, Milli)>;

/// Lets the traffic run.
pub fn drive(plan: &Plan) -> Loops {
    let mut rng = StdRng::seed_from_u64(plan.seed);
    let mut density = [0.0; CELLS];
    let mut waiting = 0.0;
    let mut loops = Loops::new();
    let steps = MINUTE / STEP;
    for minute in 0..WARM_UP + plan.minutes {
        let at = minute.saturating_sub(WARM_UP);
        let began = minute >= WARM_UP;
        let capacity = capacities(plan, at, began, &mut rng);
        let demand = plan.demand[at.min(plan.demand.len() - 1)];
        let (mut above, mut below) = (0.0, 0.0);
        for _ in 0..steps {
            waiting += f64::from(poisson(demand * LANES / 3600.0 * STEP_S, &mut rng));
            advance(&mut density, &capacity, &mut waiting);
            above += density[UPSTREAM];
            below += density[UPSTREAM + plan.spacing];
        }
        if began {
            let mut occupancy = |sum: f64| {
                let share = sum / steps as f64 / LANES * VEHICLE_M * lorries(&mut rng);
                Milli::from_f64((share * 100.0).clamp(0.0, 100.0)).unwrap_or(Milli::ZERO)
            };
            loops.push((occupancy(above), occupancy(below)));
        }
    }
    loops
}

/// Vehicles per second that each cell lets through in this minute.
fn capacities(plan: &Plan, at: usize, began: bool, rng: &mut StdRng) -> [f64; CELLS] {
    let full = FREE_SPEED * WAVE_SPEED * JAM / (FREE_SPEED + WAVE_SPEED) * LANES;
    let mut capacity = [full; CELLS];
    for cell in &mut capacity {
        *cell *= 1.0 + rng.random_range(-0.04..0.04);
    }
    if let Some(incident) = plan.incident.filter(|_| began)
        && (incident.from..incident.until).contains(&at)
    {
        // Who passes an incident looks at it: less is left than the free lanes could carry.
        let left = [1.0, 0.49, 0.17, 0.0][incident.blocked.min(3) as usize];
        capacity[incident.cell] *= left;
    }
    if let Some(rush) = plan.rush.filter(|_| began)
        && (rush.from..rush.until).contains(&at)
    {
        let wave = (at as f64 / rush.period * std::f64::consts::TAU).sin();
        capacity[BOTTLENECK] *= (rush.share + 0.3 * wave).clamp(0.1, 1.0);
    }
    capacity
}

/// One step of all cells; vehicles per metre of road.
fn advance(density: &mut [f64; CELLS], capacity: &[f64; CELLS], waiting: &mut f64) {
    let jam = JAM * LANES;
    let sends = |cell: usize| (FREE_SPEED * density[cell]).min(capacity[cell]);
    let takes = |cell: usize| (WAVE_SPEED * (jam - density[cell])).min(capacity[cell]);
    let mut flows = [0.0; CELLS + 1];
    flows[0] = (*waiting / STEP_S).min(takes(0));
    for (cell, flow) in flows.iter_mut().enumerate().take(CELLS).skip(1) {
        *flow = sends(cell - 1).min(takes(cell));
    }
    flows[CELLS] = sends(CELLS - 1);
    *waiting -= flows[0] * STEP_S;
    for (cell, density) in density.iter_mut().enumerate() {
        *density += (flows[cell] - flows[cell + 1]) * STEP_S / CELL_M;
    }
}

/// How much longer than usual the minute's vehicles are.
fn lorries(rng: &mut StdRng) -> f64 {
    let sum: f64 = (0..4).map(|_| rng.random_range(-0.1..0.1)).sum();
    1.0 + sum / 2.0
}

/// Knuth's way: fine for the few vehicles of one step.
fn poisson(mean: f64, rng: &mut StdRng) -> u32 {
    let (limit, mut product, mut count) = ((-mean).exp(), rng.random::<f64>(), 0);
    while product > limit {
        product *= rng.random::<f64>();
        count += 1;
    }
    count
}

/// An incident in steady traffic, somewhere between the stations.
pub fn accident(seed: u64, spacing: usize, blocked: u32) -> Plan {
    let mut rng = StdRng::seed_from_u64(seed * 7_919 + spacing as u64 * 31 + u64::from(blocked));
    let from = rng.random_range(20..40);
    Plan {
        seed,
        minutes: 90,
        spacing,
        demand: vec![rng.random_range(1_200.0..1_800.0)],
        incident: Some(Incident {
            from,
            until: from + rng.random_range(15..35),
            cell: UPSTREAM + rng.random_range(1..spacing),
            blocked,
        }),
        rush: None,
    }
}

/// Traffic that swells and breaks down further on, without any incident.
pub fn rush_hour(seed: u64, spacing: usize) -> Plan {
    let mut rng = StdRng::seed_from_u64(seed * 104_729 + spacing as u64);
    let peak: f64 = rng.random_range(1_500.0..1_950.0);
    let demand = |minute: usize| {
        let away = (minute as f64 - 90.0) / 45.0;
        900.0 + (peak - 900.0) * (-away * away).exp()
    };
    Plan {
        seed: seed + 1_000_000,
        minutes: 180,
        spacing,
        demand: (0..180).map(demand).collect(),
        incident: None,
        rush: Some(Rush {
            from: 40,
            until: 140,
            share: rng.random_range(0.5..0.8),
            period: rng.random_range(6.0..16.0),
        }),
    }
}

/// Minutes after its end in which an incident may still be found.
const AFTERMATH: usize = 10;

/// What was found of many incidents.
#[derive(Debug, Default)]
pub struct Score {
    pub incidents: usize,
    pub found: usize,
    pub delay_min: usize,
    pub false_alarms: usize,
    /// Minutes without an incident.
    pub quiet_min: usize,
}

impl Score {
    /// Share of the incidents that were confirmed while they lasted.
    pub fn detection_rate(&self) -> f64 {
        self.found as f64 / self.incidents.max(1) as f64
    }

    /// From the incident to the end of the minute that confirmed it.
    pub fn mean_delay_min(&self) -> f64 {
        self.delay_min as f64 / self.found.max(1) as f64
    }

    /// Of all decisions.
    pub fn false_alarm_rate(&self) -> f64 {
        self.false_alarms as f64 / self.quiet_min.max(1) as f64
    }

    /// Adds a run: its states minute by minute, and what truly happened.
    pub fn count(&mut self, states: &[State], incident: Option<Incident>) {
        let confirmed = |minute: &usize| states[*minute].number() >= 2;
        if let Some(incident) = incident {
            self.incidents += 1;
            if let Some(minute) = (incident.from..incident.until).find(confirmed) {
                self.found += 1;
                // The minute's figures are known at its end.
                self.delay_min += minute + 1 - incident.from;
            }
        }
        for (minute, state) in states.iter().enumerate() {
            let busy = |i: Incident| (i.from..i.until + AFTERMATH).contains(&minute);
            if !incident.is_some_and(busy) {
                self.quiet_min += 1;
                self.false_alarms += usize::from(*state == State::Confirmed);
            }
        }
    }
}
