//! Laboratory experiments of Forschungszentrum Jülich: people on known paths, as counters over an area and at its
//! gates would have seen them.
//!
//! Files are lists of points `id frame x y z`, as the pedestrian data archive hands them out and PedPy's tests
//! repeat them: metres at 16 or 25 frames a second, but `uo-*` in centimetres at 16. Measurement areas are those of
//! the published analyses. A person counts while strictly inside. Speed is that of JPSreport: a person's way over
//! ten frames around this one. Who passes a line between two frames has passed it in the later one. The recordings
//! name no time: each begins at a full hour of 2026-01-01 (UTC), in the order of [`EXPERIMENTS`].

use std::collections::BTreeMap;

use pipeline::calendar::{HOUR, Millis};
use wire::Quantity;

use super::super::sources::Source;
use super::super::table::Words;
use super::super::town::{Town, TownGate};
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static SET: Set = Set {
    name: "juelich",
    domain: "crowd",
    title: "Pedestrian experiments of Forschungszentrum Juelich, paths as area and gate counts",
    origin: "ped.fz-juelich.de/da and github.com/PedestrianDynamics/PedPy (tests and notebooks)",
    terms: "CC BY 4.0 (data archive), MIT (PedPy).",
    notes: "Files traj.txt (AO-300), bottleneck_040_c_56_h-.txt, traj_UNI_CORR_500_01.txt, uo-060-180-180.txt: paths,\n\
            counted in the published measurement areas; each begins at a full hour of 2026-01-01 UTC.",
    read,
};

const NAMES: &str =
    "traj.txt, bottleneck_040_c_56_h-.txt, traj_UNI_CORR_500_01.txt or uo-<...>.txt";

/// A recording with its published measurement area.
#[derive(Clone, Copy, Debug)]
pub struct Experiment {
    /// Beginning of the file's name.
    file: &'static str,
    pub zone: &'static str,
    name: &'static str,
    frames_per_second: i64,
    metres_per_unit: f64,
    /// West, south, east, north in metres.
    pub area: [f64; 4],
    /// Lines across the way at these y, where people come in and go out northwards between the area's sides.
    gates: Option<[f64; 2]>,
}

pub static EXPERIMENTS: [Experiment; 4] = [
    Experiment {
        file: "traj.txt",
        zone: "bottleneck",
        name: "Bottleneck AO-300",
        frames_per_second: 16,
        metres_per_unit: 1.0,
        area: [-0.6, -0.53, 2.4, 0.53],
        gates: Some([-0.5, 0.5]),
    },
    Experiment {
        file: "bottleneck_040_c_56_h-",
        zone: "door",
        name: "Before a door of half a metre",
        frames_per_second: 25,
        metres_per_unit: 1.0,
        area: [-0.4, 0.5, 0.4, 1.3],
        gates: None,
    },
    Experiment {
        file: "traj_UNI_CORR_500",
        zone: "corridor",
        name: "Corridor of five metres",
        frames_per_second: 25,
        metres_per_unit: 1.0,
        area: [-1.5, 0.0, 1.5, 5.0],
        gates: None,
    },
    Experiment {
        file: "uo-",
        zone: "passage",
        name: "Passage of 1.8 metres",
        frames_per_second: 16,
        metres_per_unit: 0.01,
        area: [0.0, -2.0, 1.8, 0.0],
        gates: None,
    },
];

/// 2026-01-01T00:00Z.
const START: Millis = 1_767_225_600_000;
/// Frames to either side over which a speed is taken.
const SPEED_FRAMES: i64 = 5;

const CITY: &str = r#"[city]
id = "laboratory"
name = "Laboratory"

# A frame is a sixteenth or a twenty-fifth of a second.
[panes]
person_count = "1s"
persons_in = "1s"
persons_out = "1s"
walking_speed = "1s"

[silence]
after = "off"

# Paths of volunteers, published: nobody is to be hidden.
[privacy]
floor = 0
"#;

impl Experiment {
    /// Square metres of the measurement area.
    pub fn area_m2(&self) -> f64 {
        let [west, south, east, north] = self.area;
        (east - west) * (north - south)
    }

    /// When a frame was taken, cut to a millisecond.
    pub fn frame_at(&self, frame: i64) -> Millis {
        let place = EXPERIMENTS.iter().position(|other| other.zone == self.zone);
        START + place.unwrap_or(0) as Millis * HOUR + frame * 1000 / self.frames_per_second
    }

    pub fn camera(&self) -> String {
        format!("{}-camera", self.zone)
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        let [west, south, east, north] = self.area;
        west < x && x < east && south < y && y < north
    }
}

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/juelich.toml").to_owned(),
        ..Town::default()
    };
    let of = |name: &str| {
        EXPERIMENTS
            .iter()
            .find(|experiment| name.starts_with(experiment.file))
    };
    for source in sources.named(NAMES, |name| name.ends_with(".txt") && of(name).is_some())? {
        let Some(experiment) = of(&source.stem) else {
            continue;
        };
        if town.zones.iter().any(|zone| zone.id == experiment.zone) {
            return Err(
                source.format("a second recording of one experiment: import them one by one")
            );
        }
        settle(experiment, &mut town);
        count(experiment, &paths(experiment, &source, intake)?, intake);
    }
    Ok(town)
}

/// The experiment's zone, its camera and its gates.
fn settle(experiment: &Experiment, town: &mut Town) {
    let zone = experiment.zone;
    town.somewhere(
        zone,
        experiment.name,
        "laboratory",
        Some(experiment.area_m2()),
    );
    let camera = [Quantity::PersonCount, Quantity::WalkingSpeed];
    town.node(&experiment.camera(), zone, None, &camera);
    if experiment.gates.is_some() {
        for (side, from, to) in [("in", "", zone), ("out", zone, "")] {
            let node = format!("{zone}-{side}");
            town.node(
                &node,
                zone,
                None,
                &[Quantity::PersonsIn, Quantity::PersonsOut],
            );
            town.gates.push(TownGate {
                node,
                from_zone: from.to_owned(),
                to_zone: to.to_owned(),
            });
        }
    }
}

/// Place of every person at every frame, in metres.
type Paths = BTreeMap<i64, BTreeMap<i64, (f64, f64)>>;

fn paths(
    experiment: &Experiment,
    source: &Source,
    intake: &mut Intake<'_>,
) -> Result<Paths, ImportError> {
    let mut paths = Paths::new();
    let mut points = Words::open(source)?;
    while let Some(line) = points.next(intake)? {
        let (person, frame) = (line.whole(0), line.whole(1));
        let (x, y) = (line.float(2), line.float(3));
        let (Some(person), Some(frame), Some(x), Some(y)) = (person, frame, x, y) else {
            intake.bad_row(&line, "no point of a path: id frame x y z");
            continue;
        };
        // A day of frames: more is no frame number.
        if !(0..86_400 * experiment.frames_per_second).contains(&frame) {
            intake.bad_row(&line, "no frame of a recording");
            continue;
        }
        let Some(_) = intake.wanted(&line, Some(experiment.frame_at(frame))) else {
            continue;
        };
        let scale = experiment.metres_per_unit;
        paths
            .entry(person)
            .or_default()
            .insert(frame, (x * scale, y * scale));
    }
    Ok(paths)
}

/// What the counters say at a frame.
#[derive(Clone, Copy, Default)]
struct Seen {
    people: u32,
    speeds: f64,
    speeds_known: u32,
    /// Northwards and southwards over each gate.
    over: [[u32; 2]; 2],
}

fn count(experiment: &Experiment, paths: &Paths, intake: &mut Intake<'_>) {
    let mut frames: BTreeMap<i64, Seen> = BTreeMap::new();
    for path in paths.values() {
        let mut before: Option<(f64, f64)> = None;
        for (frame, &place) in path {
            let seen = frames.entry(*frame).or_default();
            if experiment.holds(place) {
                seen.people += 1;
                let around =
                    [frame - SPEED_FRAMES, frame + SPEED_FRAMES].map(|frame| path.get(&frame));
                if let [Some((x, y)), Some((to_x, to_y))] = around {
                    let seconds = (2 * SPEED_FRAMES) as f64 / experiment.frames_per_second as f64;
                    seen.speeds += (to_x - x).hypot(to_y - y) / seconds;
                    seen.speeds_known += 1;
                }
            }
            for (gate, y) in experiment.gates.into_iter().flatten().enumerate() {
                match before {
                    Some((_, was)) if was < y && y <= place.1 => seen.over[gate][0] += 1,
                    Some((_, was)) if was >= y && y > place.1 => seen.over[gate][1] += 1,
                    _ => {}
                }
            }
            before = Some(place);
        }
    }
    let camera = experiment.camera();
    for (frame, seen) in frames {
        let at = experiment.frame_at(frame);
        intake.computed((at, &camera, Quantity::PersonCount, ""), seen.people);
        if seen.speeds_known > 0 {
            let speed = seen.speeds / f64::from(seen.speeds_known);
            intake.computed(
                (at, &camera, Quantity::WalkingSpeed, ""),
                format_args!("{speed:.3}"),
            );
        }
        if experiment.gates.is_some() {
            for (side, [on, back]) in ["in", "out"].into_iter().zip(seen.over) {
                let node = format!("{}-{side}", experiment.zone);
                intake.computed((at, &node, Quantity::PersonsIn, ""), on);
                intake.computed((at, &node, Quantity::PersonsOut, ""), back);
            }
        }
    }
}
