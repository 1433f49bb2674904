//! A motorway of three lanes as a string of cells, with a loop station above and one below a stretch on which incidents
//! happen: what incident detection is measured on.
//!
//! Cell transmission model (Daganzo 1994) with a triangular diagram: traffic moves at free speed until a cell can take
//! no more, and jams grow backwards. Vehicles arrive at random, capacity wavers, and the loops see lorries as well as
//! cars. An incident takes lanes away for a while; a rush hour fills the road from a bottleneck further down, whose
//! stop-and-go waves run through both stations and look, for a moment, like incidents.

use pipeline::calendar::{MINUTE, Millis, SECOND};
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
