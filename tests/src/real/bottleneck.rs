//! 348 people through a bottleneck (Forschungszentrum Jülich, AO-300), as an area counter would see them.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};

use pipeline::calendar::Millis;
use wire::Quantity;

use super::open;
use super::town::{Row, Town, imported};

pub const ZONE: &str = "bottleneck";

/// 2026-01-01T00:00Z: the recording names no time of its own.
pub const START: Millis = 1_767_225_600_000;

/// Ground of the published measurement area, 3 m by 1.06 m.
pub const AREA_M2: f64 = 3.18;

/// The counts of the area, one reading a frame.
pub fn rows() -> Vec<Row> {
    let always = Millis::MIN..Millis::MAX;
    let (_, mut rows) = imported("juelich", "data/crowd_juelich_reference", always);
    rows.retain(|row| row.quantity == Quantity::PersonCount);
    rows
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
    START + frame * 1000 / 16
}

/// One zone with its measured ground, one camera, and a rule that people may not stand closer than 3 a m².
pub fn town() -> Town {
    let mut town = Town {
        city_toml: "[city]\nid = \"laboratory\"\n[silence]\nafter = \"off\"\n\
                    [privacy]\nfloor = 0\n"
            .to_owned(),
        rules_toml: "[[rule]]\nid = \"crowd-dense\"\nkind = \"crowd\"\nvalue = \"crowd_density\"\n\
                     raise_at = 3.0\nclear_at = 2.5\nseverity = \"moderate\"\n"
            .to_owned(),
        ..Town::default()
    };
    town.somewhere(ZONE, ZONE, "", Some(AREA_M2));
    town.node("bottleneck-camera", ZONE, None, &[Quantity::PersonCount]);
    town
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The counter sees at every frame what was published, to the published three decimals.
    #[test]
    fn counted_people_are_the_published_density() {
        let (rows, published) = (rows(), published_density_by_frame());
        assert_eq!(rows.len(), 959);
        assert!(
            rows.iter()
                .map(|row| row.at)
                .eq(published.keys().copied().map(frame_at))
        );
        for (row, (frame, published)) in rows.iter().zip(published) {
            let count: f64 = row.value.parse().expect("a count");
            let density = count / AREA_M2;
            assert!(
                (density - published).abs() < 0.0006,
                "frame {frame}: {density} against {published}"
            );
        }
    }
}
