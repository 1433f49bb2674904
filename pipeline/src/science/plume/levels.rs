//! How much of a gas is too much for whoever has to breathe it.

use wire::{Milli, Quantity};

use crate::science::hazard::gas;

/// Place of one hour among the table's averaging times.
const ONE_HOUR: usize = 2;

/// Acute Exposure Guideline Levels for one hour ([`gas`]), in the quantity's own unit, level 1 to 3. One hour is what
/// plume models for emergencies commonly use: a leak is seldom known to be shorter.
///
/// `None` for what has none, and for a level that is not recommended. Carbon monoxide has only the upper two.
pub fn aegl_one_hour(quantity: Quantity) -> [Option<Milli>; 3] {
    let Some((_, levels)) = gas::TABLE.iter().find(|(known, _)| *known == quantity) else {
        return [None; 3];
    };
    levels.map(|level| {
        let ppm = level[ONE_HOUR];
        (ppm > 0).then(|| Milli((gas::in_readings(quantity, Milli(ppm)) / 1_000_000) as i64))
    })
}

/// A reading as something that mixes by the plume equation, and back: what spreads of smoke is not its percents of light
/// taken a metre but its extinction, `−ln(1 − S/100)` a metre, since light that is gone cannot be taken again.
pub fn to_mixing(quantity: Quantity, reading: Milli) -> f64 {
    let value = reading.0.max(0) as f64 / 1000.0;
    match quantity {
        // A detector that sees nothing at all says «at least».
        Quantity::Smoke => -(1.0 - value.min(99.9) / 100.0).ln(),
        _ => value,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The domain file's rows, in ppm; quantities in mass units by its conversion factors, which it gives to 5e-5.
    #[test]
    fn levels_are_those_of_the_domain_file() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/domain/aegl_erpg.csv"
        );
        let mut checked = 0;
        for row in csv::Reader::from_path(path).unwrap().records() {
            let row = row.unwrap();
            let (quantity, unit_of_ppm) = match &row[0] {
                "NH3" => (Quantity::Nh3, 1.0),
                "Cl2" => (Quantity::Cl2, 1.0),
                "H2S" => (Quantity::H2s, 1.0),
                "CO" => (Quantity::Co, 1.14492),
                "SO2" => (Quantity::So2, 2618.4),
                "NO2" => (Quantity::No2, 1880.5),
                _ => continue,
            };
            let Some(level) = row[2].strip_prefix("AEGL-") else {
                continue;
            };
            let level: usize = level.parse().unwrap();
            let expected = match &row[6] {
                "NR" => None,
                ppm => Some(ppm.parse::<f64>().unwrap() * unit_of_ppm),
            };
            let got = aegl_one_hour(quantity)[level - 1].map(Milli::to_f64);
            match (got, expected) {
                (Some(got), Some(expected)) => {
                    assert!((got / expected - 1.0).abs() < 5e-5, "{row:?}: {got}")
                }
                (got, expected) => assert_eq!(got, expected, "{row:?}"),
            }
            checked += 1;
        }
        assert_eq!(checked, 18);
    }

    #[test]
    fn smoke_mixes_by_its_extinction() {
        let thin = to_mixing(Quantity::Smoke, Milli::whole(1));
        let twice = 100.0 * (1.0 - (-2.0 * thin).exp());
        assert!((twice - 1.99).abs() < 1e-9, "twice of it takes {twice} %");
        assert!(to_mixing(Quantity::Smoke, Milli::whole(100)).is_finite());
        assert_eq!(to_mixing(Quantity::H2s, Milli(-5)), 0.0);
    }
}
