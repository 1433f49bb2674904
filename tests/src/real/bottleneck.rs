//! 348 people through a bottleneck (Forschungszentrum Jülich, AO-300), as an area counter would see them.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};

use pipeline::calendar::Millis;

use super::open;
use super::town::{Row, Town, TownNode, TownZone};

pub const FRAMES_PER_SECOND: i64 = 16;

/// The published measurement area: x and y bounds in metres, 3 m by 1.06 m.
const AREA: ([f64; 2], [f64; 2]) = ([-0.6, 2.4], [-0.53, 0.53]);
pub const AREA_M2: f64 = 3.18;

pub const ZONE: &str = "bottleneck";

/// 2026-01-01T00:00Z: the recording names no time of its own.
pub const START: Millis = 1_767_225_600_000;

/// People inside the measurement area at each frame, from their paths.
pub fn people_by_frame() -> BTreeMap<i64, u32> {
    let mut people = BTreeMap::new();
    for line in lines("data/crowd_juelich_reference/bottleneck/traj.txt.gz") {
        let mut fields = line.split_whitespace().skip(1);
        let mut next = || fields.next().expect("a field");
        let frame: i64 = next().parse().expect("a frame");
        let (x, y): (f64, f64) = (next().parse().expect("x"), next().parse().expect("y"));
        let ([west, east], [south, north]) = AREA;
        // Strictly inside, as the published counts have it.
        let inside = west < x && x < east && south < y && y < north;
        *people.entry(frame).or_default() += u32::from(inside);
    }
    people
}

/// Classic density at each frame as published, persons per square metre.
pub fn published_density_by_frame() -> BTreeMap<i64, f64> {
    lines("data/crowd_juelich_reference/bottleneck/reference/rho_v_Classic_traj.txt_id_1.dat")
        .map(|line| {
            let mut fields = line.split_whitespace();
            let mut next = || fields.next().expect("a field");
            (
                next().parse().expect("a frame"),
                next().parse().expect("a density"),
            )
        })
        .collect()
}

fn lines(path: &str) -> impl Iterator<Item = String> {
    BufReader::new(open(path))
        .lines()
        .map(|line| line.expect("text"))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// When a frame was taken; 16 frames a second fall between milliseconds, so it is cut to one.
pub fn frame_at(frame: i64) -> Millis {
    START + frame * 1000 / FRAMES_PER_SECOND
}

/// One reading a frame.
pub fn rows(people: &BTreeMap<i64, u32>) -> impl Iterator<Item = Row> {
    people.iter().map(|(frame, count)| Row {
        at: frame_at(*frame),
        node: "camera".to_owned(),
        quantity: "person_count",
        value: count.to_string(),
        unit: "",
    })
}

/// One zone with its measured ground, one camera, and a rule that people may not stand closer than 3 a m².
pub fn town() -> Town {
    Town {
        city_toml: "[city]\nid = \"laboratory\"\n[silence]\nafter = \"off\"\n\
                    [privacy]\nfloor = 0\n"
            .to_owned(),
        rules_toml: "[[rule]]\nid = \"crowd-dense\"\nkind = \"crowd\"\nvalue = \"crowd_density\"\n\
                     raise_at = 3.0\nclear_at = 2.5\nseverity = \"moderate\"\n"
            .to_owned(),
        zones: vec![TownZone {
            id: ZONE.to_owned(),
            area_m2: Some(AREA_M2),
        }],
        nodes: vec![TownNode {
            id: "camera".to_owned(),
            zone: ZONE.to_owned(),
            quantities: vec!["person_count"],
            weight_milli: 1000,
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The counter sees at every frame what was published, to the published three decimals.
    #[test]
    fn counted_people_are_the_published_density() {
        let (people, published) = (people_by_frame(), published_density_by_frame());
        assert_eq!(people.len(), 959);
        assert!(people.keys().eq(published.keys()));
        for (frame, count) in &people {
            let density = f64::from(*count) / AREA_M2;
            assert!(
                (density - published[frame]).abs() < 0.0006,
                "frame {frame}: {density} against {}",
                published[frame]
            );
        }
    }
}
