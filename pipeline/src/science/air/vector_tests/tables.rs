//! The tables as the domain files list them, point by point, so that no digit of ours is mistyped.
#![allow(clippy::unwrap_used)]

use wire::{Milli, Quantity};

use super::{quantity, rows};
use crate::science::air::exact::Exact;
use crate::science::air::table::Averaging;
use crate::science::air::{Standard, us_epa_2024};

#[test]
fn every_us_band_end_has_its_index() {
    let rows = rows("aqi_us_epa_2024.csv");
    for row in &rows {
        let column = Standard::UsEpa2024
            .column(quantity(&row[0]), Averaging::from_name(&row[1]).unwrap())
            .unwrap();
        assert_eq!(column.decimals.to_string(), row[3], "{row:?}");
        for (concentration, index) in [(4, 6), (5, 7)] {
            let got = column.sub_index(row[concentration].parse().unwrap());
            assert_eq!(
                got.map(|i| i.to_string()).as_deref(),
                Some(&row[index]),
                "{row:?}"
            );
        }
        let class = Standard::UsEpa2024.category(row[8].parse().unwrap());
        assert_eq!((class.name, class.colour), (&row[9], &row[10]));
    }
    assert_eq!(rows.len(), 39);
    assert_eq!(us_epa_2024::COLUMNS.len(), 8);
}

/// Our American tables of 2012 and 2024 differ at as many concentrations, and by more than one at exactly
/// as many, as the package that carries the tables of 2012 was found to differ from the table of 2024.
#[test]
fn the_columns_of_2012_differ_from_2024_as_a_scan_of_them_found() {
    let mut compared = 0;
    for row in rows("aqi_package_disagreements.csv") {
        // Of carbon monoxide the scan found nothing but ties that the package lost in floats.
        if !row[3].starts_with("python-aqi 0.6.1") || &row[0] != "us-epa-2024" || &row[1] == "CO" {
            continue;
        }
        let averaging = Averaging::from_name(&row[2]).unwrap();
        let column = |standard: Standard| standard.column(quantity(&row[1]), averaging).unwrap();
        let (old, new) = (column(Standard::UsEpa2012), column(Standard::UsEpa2024));
        let [scanned, differing, by_more] =
            [4, 5, 6].map(|place| row[place].parse::<usize>().unwrap());
        let differences = (0..)
            .map(|steps: i64| Exact::from(Milli::whole(steps)).times(1, 10_i128.pow(new.decimals)))
            .filter_map(|concentration| {
                let both = [old, new].map(|column| column.sub_index(concentration));
                // Ozone of an hour begins where that of eight hours is unhealthy.
                (both[1].is_some() || both[0].is_some()).then_some(both)
            })
            .take(scanned)
            .map(|both| match both {
                [Some(old), Some(new)] => old.abs_diff(new),
                one => panic!("{row:?}: {one:?}"),
            })
            .collect::<Vec<_>>();
        let past = |least| differences.iter().filter(|by| **by >= least).count();
        // Of ties the package takes the even neighbour, which may make or mend one difference.
        assert_eq!(past(2), by_more, "{row:?}");
        assert!(past(1).abs_diff(differing) <= 1, "{row:?}: {}", past(1));
        compared += 1;
    }
    assert_eq!(compared, 6);
    for same in [
        (Quantity::Co, Averaging::EightHours),
        (Quantity::So2, Averaging::Day),
    ] {
        let [old, new] = [Standard::UsEpa2012, Standard::UsEpa2024]
            .map(|standard| format!("{:?}", standard.column(same.0, same.1)));
        assert_eq!(old, new);
    }
}

/// The points of both Chinese tables, and that nothing of ours is not in them but the hourly particles of
/// 2012, which are those of the day.
#[test]
fn every_chinese_breakpoint_has_its_index() {
    for (file, standard, more) in [
        ("aqi_hj633_2026.csv", Standard::CnHj6332026, 0),
        ("aqi_hj633_2012.csv", Standard::CnHj6332012, 2),
    ] {
        let rows = rows(file);
        for row in &rows {
            let column = standard
                .column(quantity(&row[0]), Averaging::from_name(&row[1]).unwrap())
                .unwrap();
            assert_eq!(column.unit.name(), &row[2]);
            for (place, index) in [0, 50, 100, 150, 200, 300, 400, 500]
                .into_iter()
                .enumerate()
            {
                if !row[3 + place].is_empty() {
                    let got = column.sub_index(row[3 + place].parse().unwrap());
                    assert_eq!(got, Some(index), "{row:?}");
                }
            }
        }
        assert_eq!(rows.len() + more, standard.columns().len());
    }
}

/// Of the bands only whole numbers are published: those on both sides of every bound.
#[test]
fn every_european_bound_belongs_to_the_band_below() {
    let mut bands = 0;
    for row in rows("eaqi.csv") {
        let Some(standard) = Standard::from_name(&row[0]) else {
            continue;
        };
        let column = standard
            .column(quantity(&row[1]), Averaging::from_name(&row[2]).unwrap())
            .unwrap();
        assert_eq!(column.unit.name(), &row[3]);
        let level: u32 = row[4].parse().unwrap();
        let lowest: i64 = row[6].parse().unwrap();
        let at = |whole: i64| column.sub_index(Exact::from(Milli::whole(whole)));
        assert_eq!(at(lowest + 1), Some(level), "{row:?}");
        let top = row[7].parse().unwrap_or(lowest + 100_000);
        assert_eq!(at(top), Some(level), "{row:?}");
        assert_eq!(u32::from(standard.category_number(level)), level);
        let class = standard.category(standard.category_number(level));
        assert_eq!((class.name, class.colour), (&row[5], &row[8]));
        bands += 1;
    }
    assert_eq!(bands, 30);
}
