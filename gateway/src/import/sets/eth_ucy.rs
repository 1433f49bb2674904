//! Street scenes of ETH (BIWI) and UCY: annotated walkers, as a camera that counts the whole scene.
//!
//! Files `<scene>_obsmat.txt`: frame, person, x, z, y in metres, velocity vx, vz, vy in m/s, an annotation every
//! 0.4 s. `seq_eth` has 15 frames a second, the other scenes 25. The scene's ground is the rectangle of all places
//! in the file. The recordings name no time: each begins at a full hour of 2026-01-01 (UTC), in order of their names.

use std::collections::BTreeMap;

use pipeline::calendar::{HOUR, Millis};
use wire::Quantity;

use super::super::table::Words;
use super::super::town::{Town, id_of};
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static SET: Set = Set {
    name: "eth-ucy",
    domain: "crowd",
    title: "Street scenes of ETH and UCY, annotated walkers",
    origin: "github.com/crowdbotp/OpenTraj (datasets/ETH and datasets/UCY)",
    terms: "OpenTraj MIT; no terms are known for the recordings.",
    notes: "Files <scene>_obsmat.txt: frame, person, x, z, y, vx, vz, vy in metres and seconds; each scene begins at a\n\
            full hour of 2026-01-01 UTC.",
    read,
};

const NAMES: &str = "<scene>_obsmat.txt";
/// 2026-01-01T00:00Z.
const START: Millis = 1_767_225_600_000;

const CITY: &str = r#"[city]
id = "streets"
name = "Street scenes"

[silence]
after = "off"

# Published annotations: nobody is to be hidden.
[privacy]
floor = 0
"#;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/juelich.toml").to_owned(),
        ..Town::default()
    };
    let files = sources.named(NAMES, |name| name.ends_with("_obsmat.txt"))?;
    for (number, source) in files.iter().enumerate() {
        let scene = source.stem.trim_end_matches("_obsmat.txt");
        let id = id_of(scene);
        let frames_per_second = if scene == "seq_eth" { 15 } else { 25 };
        let at = |frame: i64| START + number as Millis * HOUR + frame * 1000 / frames_per_second;
        // (people, sum of their speeds) by frame; the scene's bounds.
        let mut frames: BTreeMap<i64, (u32, f64)> = BTreeMap::new();
        let [mut west, mut south, mut east, mut north] = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
        let mut points = Words::open(source)?;
        while let Some(line) = points.next(intake)? {
            let frame = line.float(0).filter(|frame| (0.0..1e7).contains(frame));
            let place = (line.float(2), line.float(4));
            let speed = (line.float(5), line.float(7));
            let (Some(frame), (Some(x), Some(y)), (Some(vx), Some(vy))) = (frame, place, speed)
            else {
                intake.bad_row(&line, "no frame, place and velocity");
                continue;
            };
            let frame = frame as i64;
            if intake.is_wanted(at(frame)) {
                let (people, speeds) = frames.entry(frame).or_default();
                *people += 1;
                *speeds += f64::hypot(vx, vy);
                [west, south, east, north] = [west.min(x), south.min(y), east.max(x), north.max(y)];
            }
        }
        let area = ((east - west) * (north - south)).clamp(1.0, 1e6).round();
        town.somewhere(&id, scene, "street", Some(area));
        town.node(
            &format!("{id}-camera"),
            &id,
            None,
            &[Quantity::PersonCount, Quantity::WalkingSpeed],
        );
        let node = format!("{id}-camera");
        for (frame, (people, speeds)) in frames {
            let speed = speeds / f64::from(people);
            intake.computed((at(frame), &node, Quantity::PersonCount, ""), people);
            intake.computed(
                (at(frame), &node, Quantity::WalkingSpeed, ""),
                format_args!("{speed:.3}"),
            );
        }
    }
    Ok(town)
}
