//! UCUM units of recorded readings, converted to the unit of the quantity table.
//!
//! Gases go between mass per volume and mixing ratio at 25 °C and 1013.25 hPa, as air networks report them.

use wire::{Milli, Quantity};

/// How a number in a foreign unit becomes one in the quantity's own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Conversion {
    /// The quantity's own unit: the text is read exactly, without a float in between.
    Own,
    /// `value * factor + shift`.
    Linear { factor: f64, shift: f64 },
    /// Obscuration in per cent per foot to per cent per metre, by Beer and Lambert.
    ObscurationPerFoot,
    /// Optical density in dB/m to obscuration in per cent per metre.
    OpticalDensity,
}

impl Conversion {
    /// From `unit` to the unit of `quantity`; `None` when they do not measure the same.
    pub fn between(unit: &str, quantity: Quantity) -> Option<Conversion> {
        if unit.is_empty() || unit == quantity.unit() {
            return Some(Conversion::Own);
        }
        match (unit, quantity) {
            ("%/[ft_i]", Quantity::Smoke) => return Some(Conversion::ObscurationPerFoot),
            ("dB/m", Quantity::Smoke) => return Some(Conversion::OpticalDensity),
            _ => {}
        }
        let (from, to) = (Unit::named(unit)?, Unit::named(quantity.unit())?);
        let across = match (from.measures, to.measures) {
            (a, b) if a == b => 1.0,
            (Measures::MixingRatio, Measures::Mass) => micrograms_per_ppb(quantity)?,
            (Measures::Mass, Measures::MixingRatio) => 1.0 / micrograms_per_ppb(quantity)?,
            _ => return None,
        };
        Some(Conversion::Linear {
            factor: from.factor * across / to.factor,
            shift: (from.zero - to.zero) / to.factor,
        })
    }

    /// `text` converted and rounded to thousandths; `None` when it is no number or does not fit.
    pub fn read(self, text: &[u8]) -> Option<Milli> {
        if self == Conversion::Own {
            return Milli::parse_bytes(text).ok();
        }
        // Checked as a plain decimal first: a float would also be «nan» or «infinity».
        Milli::parse_bytes(text).ok()?;
        let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
        Milli::from_f64(match self {
            Conversion::Own => value,
            Conversion::Linear { factor, shift } => value * factor + shift,
            Conversion::ObscurationPerFoot => {
                100.0 * (1.0 - (1.0 - value / 100.0).powf(1.0 / METRES_PER_FOOT))
            }
            Conversion::OpticalDensity => 100.0 * (1.0 - 10_f64.powf(-value / 10.0)),
        })
    }
}

const METRES_PER_FOOT: f64 = 0.3048;
/// Litres that a mole of an ideal gas takes at 298.15 K and 101325 Pa.
const MOLAR_VOLUME: f64 = 8.314_462_618 * 298.15 / 101.325;

/// Micrograms per cubic metre that one part in 10⁹ of a gas amounts to.
fn micrograms_per_ppb(quantity: Quantity) -> Option<f64> {
    // Molar masses in grams, from the standard atomic weights.
    let molar_mass = match quantity {
        Quantity::O3 => 47.997,
        Quantity::So2 => 64.058,
        Quantity::No2 => 46.005,
        Quantity::Co => 28.010,
        Quantity::No => 30.006,
        Quantity::Nh3 => 17.031,
        Quantity::H2s => 34.08,
        Quantity::Cl2 => 70.906,
        _ => return None,
    };
    Some(molar_mass / MOLAR_VOLUME)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measures {
    /// Mass per volume; base µg/m³.
    Mass,
    /// Parts of a gas in the air; base one in 10⁹.
    MixingRatio,
    /// Base kelvin.
    Temperature,
    /// Base metre.
    Length,
    /// Base metre per second.
    Speed,
    /// Base metre squared per second squared.
    SquaredSpeed,
    /// Base pascal.
    Pressure,
    /// A plain number; base one.
    Number,
    /// Base degree.
    Angle,
    /// Base metre per second squared.
    Acceleration,
    /// Base sievert per hour.
    DoseRate,
    /// Base siemens per metre.
    Conductivity,
    /// Base volt.
    Voltage,
    /// Base lux.
    Illuminance,
}

/// One of a unit is `factor` of the base, counted from `zero`.
#[derive(Clone, Copy)]
struct Unit {
    measures: Measures,
    factor: f64,
    zero: f64,
}

impl Unit {
    fn named(code: &str) -> Option<Unit> {
        use Measures::*;
        let (measures, factor) = match code {
            "ng/m3" => (Mass, 1e-3),
            "ug/m3" => (Mass, 1.0),
            "mg/m3" | "ug/L" | "ug/l" => (Mass, 1e3),
            "g/m3" | "mg/L" | "mg/l" => (Mass, 1e6),
            "g/L" | "g/l" => (Mass, 1e9),
            "[pptr]" | "pmol/mol" => (MixingRatio, 1e-3),
            "[ppb]" | "nmol/mol" => (MixingRatio, 1.0),
            "[ppm]" | "umol/mol" => (MixingRatio, 1e3),
            "[ppth]" | "mmol/mol" => (MixingRatio, 1e6),
            "K" => (Temperature, 1.0),
            "Cel" => {
                return Some(Unit {
                    measures: Temperature,
                    factor: 1.0,
                    zero: 273.15,
                });
            }
            "[degF]" => {
                let zero = 273.15 - 32.0 * 5.0 / 9.0;
                return Some(Unit {
                    measures: Temperature,
                    factor: 5.0 / 9.0,
                    zero,
                });
            }
            "mm" => (Length, 1e-3),
            "cm" => (Length, 1e-2),
            "m" => (Length, 1.0),
            "km" => (Length, 1e3),
            "[in_i]" => (Length, 0.0254),
            "[ft_i]" => (Length, METRES_PER_FOOT),
            "cm/s" => (Speed, 1e-2),
            "m/s" => (Speed, 1.0),
            "m/min" => (Speed, 1.0 / 60.0),
            "km/h" => (Speed, 1.0 / 3.6),
            "[mi_i]/h" => (Speed, 0.44704),
            "[ft_i]/s" => (Speed, METRES_PER_FOOT),
            "[kn_i]" => (Speed, 1852.0 / 3600.0),
            "cm2/s2" => (SquaredSpeed, 1e-4),
            "m2/s2" => (SquaredSpeed, 1.0),
            "Pa" => (Pressure, 1.0),
            "hPa" | "mbar" => (Pressure, 1e2),
            "kPa" => (Pressure, 1e3),
            "bar" => (Pressure, 1e5),
            "atm" => (Pressure, 101_325.0),
            "mm[Hg]" => (Pressure, 133.322_387_415),
            "[in_i'Hg]" => (Pressure, 3_386.388_640_341),
            "%" => (Number, 1e-2),
            "1" | "{person}" | "{veh}" | "{#}" => (Number, 1.0),
            "deg" => (Angle, 1.0),
            "rad" => (Angle, 180.0 / std::f64::consts::PI),
            "mrad" => (Angle, 0.18 / std::f64::consts::PI),
            "m/s2" => (Acceleration, 1.0),
            "cm/s2" | "Gal" => (Acceleration, 1e-2),
            "[g]" => (Acceleration, 9.806_65),
            "m[g]" => (Acceleration, 9.806_65e-3),
            "nSv/h" => (DoseRate, 1e-9),
            "uSv/h" => (DoseRate, 1e-6),
            "mSv/h" => (DoseRate, 1e-3),
            "Sv/h" => (DoseRate, 1.0),
            "uS/cm" => (Conductivity, 1e-4),
            "mS/cm" => (Conductivity, 1e-1),
            "mS/m" => (Conductivity, 1e-3),
            "S/m" => (Conductivity, 1.0),
            "mV" => (Voltage, 1e-3),
            "V" => (Voltage, 1.0),
            "lx" => (Illuminance, 1.0),
            "klx" => (Illuminance, 1e3),
            _ => return None,
        };
        Some(Unit {
            measures,
            factor,
            zero: 0.0,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn converted(text: &str, unit: &str, quantity: Quantity) -> f64 {
        let conversion = Conversion::between(unit, quantity).unwrap();
        conversion.read(text.as_bytes()).unwrap().to_f64()
    }

    #[test]
    fn units_of_one_kind_convert() {
        use Quantity as Q;
        for (text, unit, quantity, expected) in [
            ("0.0125", "ug/m3", Q::Pm2_5, 0.013),
            ("0.012", "mg/m3", Q::Pm2_5, 12.0),
            ("850", "ug/m3", Q::Co, 0.85),
            ("68", "[degF]", Q::Temperature, 20.0),
            ("293.15", "K", Q::Temperature, 20.0),
            ("36", "km/h", Q::WindSpeed, 10.0),
            ("60", "[mi_i]/h", Q::VehicleSpeed, 96.561),
            ("10", "m/s", Q::VehicleSpeed, 36.0),
            ("0.0033", "m2/s2", Q::VelocityVariance, 33.0),
            ("42", "cm", Q::WaterLevel, 0.42),
            ("1.5", "cm", Q::Rain, 15.0),
            ("101325", "Pa", Q::Pressure, 1013.25),
            ("0.42", "1", Q::LaneOccupancy, 42.0),
            ("7", "1", Q::PersonCount, 7.0),
            ("0.1", "mSv/h", Q::Radiation, 100.0),
            ("1", "[g]", Q::Acceleration, 9.807),
            ("2", "mS/cm", Q::Conductivity, 2000.0),
            ("1", "%/[ft_i]", Q::Smoke, 3.244),
            ("0.15", "dB/m", Q::Smoke, 3.395),
            ("3300", "mV", Q::BatteryVoltage, 3.3),
        ] {
            assert_eq!(
                converted(text, unit, quantity),
                expected,
                "{text} {unit} of {quantity}"
            );
        }
    }

    /// The published vectors of the unit conversion at 25 °C and 101325 Pa.
    #[test]
    fn gases_convert_as_published() {
        use Quantity as Q;
        for (ppb, quantity, micrograms) in [
            ("54", Q::O3, 105.938_902),
            ("100", Q::No2, 188.041_042),
            ("75", Q::So2, 196.373_216),
            ("9000", Q::Co, 10_303.937_9),
        ] {
            let own = converted(ppb, "[ppb]", quantity);
            let unit = if quantity == Q::Co { 1e3 } else { 1.0 };
            assert!(
                (own * unit - micrograms).abs() <= 0.0005 * unit,
                "{quantity}: {own}"
            );
        }
        assert_eq!(converted("0.1", "mg/m3", Q::H2s), 0.072);
    }

    #[test]
    fn what_cannot_be_converted_is_refused() {
        use Quantity as Q;
        for (unit, quantity) in [
            ("ug/m3", Q::Temperature),
            ("[ppb]", Q::Pm2_5),
            ("%", Q::Ch4),
            ("[ppm]", Q::Ch4),
            ("dB[SPL]", Q::Noise),
            ("µg/m3", Q::Pm2_5),
            ("furlong", Q::WaterLevel),
        ] {
            assert_eq!(
                Conversion::between(unit, quantity),
                None,
                "{unit} of {quantity}"
            );
        }
        let linear = Conversion::between("K", Q::Temperature).unwrap();
        assert_eq!(linear.read(b"nan"), None);
        assert_eq!(linear.read(b""), None);
    }

    #[test]
    fn every_quantity_has_a_unit_that_reads_as_itself() {
        for quantity in Quantity::all() {
            assert_eq!(
                Conversion::between(quantity.unit(), quantity),
                Some(Conversion::Own)
            );
        }
    }
}
