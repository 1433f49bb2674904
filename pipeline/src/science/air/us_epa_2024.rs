//! US EPA AQI, in force since 2024-05-06.
//!
//! EPA-454/B-24-002, *Technical Assistance Document for the Reporting of Daily Air Quality* (May 2024),
//! Table 6; 40 CFR 58 App. G. Read in transcriptions that agree (secondary); the document's worked
//! examples come out, but for one misprint (ozone 1 h 0.162 ppm: printed 148, its own equation gives 147).
//!
//! Concentrations are truncated. Above 500 the last band goes on. Ozone of 8 h ends at 300: higher ones
//! are for 1 h. Sulphur dioxide of 1 h ends at 200, and 24 h begin there; that 1 h past its column counts
//! as 200 as long as the day stays below 305 ppb is *unconfirmed*.

use wire::Quantity;

use super::table::{Above, Averaging, Band, Column, Scale};
use super::units::Unit;

pub static COLUMNS: [Column; 8] = [
    FINE_PARTICLES,
    COARSE_PARTICLES,
    OZONE_8H,
    OZONE_1H,
    NITROGEN_DIOXIDE,
    SULPHUR_DIOXIDE_1H,
    SULPHUR_DIOXIDE_24H,
    CARBON_MONOXIDE,
];

const FINE_PARTICLES: Column = Column {
    quantity: Quantity::Pm2_5,
    averaging: Averaging::Day,
    unit: Unit::MicrogramPerCubicMetre,
    decimals: 1,
    scale: Scale::Bands(&[
        band((0, 90), (0, 50)),
        band((91, 354), (51, 100)),
        band((355, 554), (101, 150)),
        band((555, 1254), (151, 200)),
        band((1255, 2254), (201, 300)),
        band((2255, 3254), (301, 500)),
    ]),
    above: Above::Extrapolated,
};

pub(super) const COARSE_PARTICLES: Column = Column {
    quantity: Quantity::Pm10,
    averaging: Averaging::Day,
    unit: Unit::MicrogramPerCubicMetre,
    decimals: 0,
    scale: Scale::Bands(&[
        band((0, 54), (0, 50)),
        band((55, 154), (51, 100)),
        band((155, 254), (101, 150)),
        band((255, 354), (151, 200)),
        band((355, 424), (201, 300)),
        band((425, 604), (301, 500)),
    ]),
    above: Above::Extrapolated,
};

pub(super) const OZONE_8H: Column = Column {
    quantity: Quantity::O3,
    averaging: Averaging::EightHours,
    unit: Unit::PartsPerMillion,
    decimals: 3,
    scale: Scale::Bands(&[
        band((0, 54), (0, 50)),
        band((55, 70), (51, 100)),
        band((71, 85), (101, 150)),
        band((86, 105), (151, 200)),
        band((106, 200), (201, 300)),
    ]),
    above: Above::Undefined,
};

pub(super) const OZONE_1H: Column = Column {
    quantity: Quantity::O3,
    averaging: Averaging::OneHour,
    unit: Unit::PartsPerMillion,
    decimals: 3,
    scale: Scale::Bands(&[
        band((125, 164), (101, 150)),
        band((165, 204), (151, 200)),
        band((205, 404), (201, 300)),
        band((405, 604), (301, 500)),
    ]),
    above: Above::Extrapolated,
};

pub(super) const NITROGEN_DIOXIDE: Column = Column {
    quantity: Quantity::No2,
    averaging: Averaging::OneHour,
    unit: Unit::PartsPerBillion,
    decimals: 0,
    scale: Scale::Bands(&[
        band((0, 53), (0, 50)),
        band((54, 100), (51, 100)),
        band((101, 360), (101, 150)),
        band((361, 649), (151, 200)),
        band((650, 1249), (201, 300)),
        band((1250, 2049), (301, 500)),
    ]),
    above: Above::Extrapolated,
};

pub(super) const SULPHUR_DIOXIDE_1H: Column = Column {
    quantity: Quantity::So2,
    averaging: Averaging::OneHour,
    unit: Unit::PartsPerBillion,
    decimals: 0,
    scale: Scale::Bands(&[
        band((0, 35), (0, 50)),
        band((36, 75), (51, 100)),
        band((76, 185), (101, 150)),
        band((186, 304), (151, 200)),
    ]),
    above: Above::Capped(200),
};

pub(super) const SULPHUR_DIOXIDE_24H: Column = Column {
    quantity: Quantity::So2,
    averaging: Averaging::Day,
    unit: Unit::PartsPerBillion,
    decimals: 0,
    scale: Scale::Bands(&[band((305, 604), (201, 300)), band((605, 1004), (301, 500))]),
    above: Above::Extrapolated,
};

pub(super) const CARBON_MONOXIDE: Column = Column {
    quantity: Quantity::Co,
    averaging: Averaging::EightHours,
    unit: Unit::PartsPerMillion,
    decimals: 1,
    scale: Scale::Bands(&[
        band((0, 44), (0, 50)),
        band((45, 94), (51, 100)),
        band((95, 124), (101, 150)),
        band((125, 154), (151, 200)),
        band((155, 304), (201, 300)),
        band((305, 504), (301, 500)),
    ]),
    above: Above::Extrapolated,
};

pub(super) const fn band((low, high): (i64, i64), (index_low, index_high): (u32, u32)) -> Band {
    Band {
        low,
        high,
        index_low,
        index_high,
    }
}
