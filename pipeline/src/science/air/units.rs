//! Mass per volume and mixing ratio of a gas: exact, by the ideal gas law.
//!
//! ug/m3 = ppb · M · P / (R · T) / 1000, with R = 8.314462618 J/(mol K) and molar masses in g/mol as the
//! published factors use them. Nodes say mass; the US table asks for ppm and ppb.

use std::fmt;

use wire::Quantity;

use super::exact::Exact;

/// A unit in which a concentration may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    MicrogramPerCubicMetre,
    MilligramPerCubicMetre,
    PartsPerMillion,
    PartsPerBillion,
}

/// State of the air that a conversion assumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Temperature in hundredths of a kelvin.
    pub kelvin_hundredths: i128,
    /// Pressure in pascal.
    pub pascal: i128,
}

impl Reference {
    /// 25 °C and one atmosphere: what the US table means by ppb; for China *unconfirmed*.
    pub const AT_25_CELSIUS: Reference = Reference {
        kelvin_hundredths: 29_815,
        pascal: 101_325,
    };

    /// 20 °C and one atmosphere: what European law means by a volume of air.
    pub const AT_20_CELSIUS: Reference = Reference {
        kelvin_hundredths: 29_315,
        pascal: 101_325,
    };
}

/// R in 10⁻⁹ J/(mol K).
const GAS_CONSTANT_NANO: i128 = 8_314_462_618;

impl Unit {
    pub const ALL: [Unit; 4] = [
        Unit::MicrogramPerCubicMetre,
        Unit::MilligramPerCubicMetre,
        Unit::PartsPerMillion,
        Unit::PartsPerBillion,
    ];

    /// As written in column heads.
    pub fn name(self) -> &'static str {
        match self {
            Unit::MicrogramPerCubicMetre => "ug/m3",
            Unit::MilligramPerCubicMetre => "mg/m3",
            Unit::PartsPerMillion => "ppm",
            Unit::PartsPerBillion => "ppb",
        }
    }

    pub fn from_name(name: &str) -> Option<Unit> {
        Unit::ALL.into_iter().find(|unit| unit.name() == name)
    }

    /// The unit in which nodes and panes hold this air quantity.
    pub fn of_readings(quantity: Quantity) -> Unit {
        match quantity {
            Quantity::Co => Unit::MilligramPerCubicMetre,
            _ => Unit::MicrogramPerCubicMetre,
        }
    }

    fn is_mass(self) -> bool {
        matches!(
            self,
            Unit::MicrogramPerCubicMetre | Unit::MilligramPerCubicMetre
        )
    }

    /// How many of the small unit (ug/m3, ppb) it is.
    fn thousands(self) -> i128 {
        match self {
            Unit::MicrogramPerCubicMetre | Unit::PartsPerBillion => 1,
            Unit::MilligramPerCubicMetre | Unit::PartsPerMillion => 1000,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Thousandths of g/mol; `None` for what is no single gas, such as particles.
pub fn molar_mass_milli(quantity: Quantity) -> Option<i128> {
    match quantity {
        Quantity::O3 => Some(47_997),
        Quantity::So2 => Some(64_058),
        Quantity::No2 => Some(46_005),
        Quantity::Co => Some(28_010),
        Quantity::No => Some(30_006),
        Quantity::Nh3 => Some(17_031),
        Quantity::H2s => Some(34_080),
        Quantity::Cl2 => Some(70_906),
        _ => None,
    }
}

/// Whether a concentration of `quantity` can be given in `unit` at all: particles have no mixing ratio.
pub fn has_unit(quantity: Quantity, unit: Unit) -> bool {
    unit.is_mass() || molar_mass_milli(quantity).is_some()
}

/// A concentration of `quantity` from one unit to another; `None` where a unit makes no sense for it.
pub fn convert(
    value: Exact,
    quantity: Quantity,
    (from, to): (Unit, Unit),
    air: Reference,
) -> Option<Exact> {
    let value = value.times(from.thousands(), to.thousands());
    if from.is_mass() == to.is_mass() {
        return has_unit(quantity, from).then_some(value);
    }
    let molar_mass = molar_mass_milli(quantity)?;
    // Scales gathered: M is in 10⁻³, T in 10⁻², R in 10⁻⁹, and the formula's own 1000 beside.
    let (mass, ratio) = (
        molar_mass * air.pascal * 100_000,
        GAS_CONSTANT_NANO * air.kelvin_hundredths,
    );
    Some(if to.is_mass() {
        value.times(mass, ratio)
    } else {
        value.times(ratio, mass)
    })
}
