//! US EPA AQI with the fine-particle breakpoints of 2012, in force until 2024-05-05.
//!
//! Fine particles: the table that AirNow and AQS published by (their recorded indices come out to the last
//! row, up to 595 ug/m3). The other columns are read in one package that carries the tables of that time
//! (python-aqi 0.6.1; secondary, compared at every representable concentration): ozone of 8 h is that of
//! 2008, coarse particles and nitrogen dioxide have the band from 301 to 500 in two, ozone of 1 h, carbon
//! monoxide and sulphur dioxide of 1 h are as in 2024. Sulphur dioxide of 24 h is taken from 2024
//! (*unconfirmed* for 2012). In its last years EPA used the ozone column of 2024 beside these particles
//! (the date is *unconfirmed*); that mixture is not offered.
//!
//! Concentrations are truncated; above 500 the last band goes on.

use wire::Quantity;

use super::table::{Above, Averaging, Column, Scale};
use super::units::Unit;
use super::us_epa_2024::{self, band};

pub static COLUMNS: [Column; 8] = [
    Column {
        quantity: Quantity::Pm2_5,
        averaging: Averaging::Day,
        unit: Unit::MicrogramPerCubicMetre,
        decimals: 1,
        scale: Scale::Bands(&[
            band((0, 120), (0, 50)),
            band((121, 354), (51, 100)),
            band((355, 554), (101, 150)),
            band((555, 1504), (151, 200)),
            band((1505, 2504), (201, 300)),
            band((2505, 3504), (301, 400)),
            band((3505, 5004), (401, 500)),
        ]),
        above: Above::Extrapolated,
    },
    Column {
        scale: Scale::Bands(&[
            band((0, 54), (0, 50)),
            band((55, 154), (51, 100)),
            band((155, 254), (101, 150)),
            band((255, 354), (151, 200)),
            band((355, 424), (201, 300)),
            band((425, 504), (301, 400)),
            band((505, 604), (401, 500)),
        ]),
        ..us_epa_2024::COARSE_PARTICLES
    },
    Column {
        scale: Scale::Bands(&[
            band((0, 59), (0, 50)),
            band((60, 75), (51, 100)),
            band((76, 95), (101, 150)),
            band((96, 115), (151, 200)),
            band((116, 374), (201, 300)),
        ]),
        ..us_epa_2024::OZONE_8H
    },
    us_epa_2024::OZONE_1H,
    Column {
        scale: Scale::Bands(&[
            band((0, 53), (0, 50)),
            band((54, 100), (51, 100)),
            band((101, 360), (101, 150)),
            band((361, 649), (151, 200)),
            band((650, 1249), (201, 300)),
            band((1250, 1649), (301, 400)),
            band((1650, 2049), (401, 500)),
        ]),
        ..us_epa_2024::NITROGEN_DIOXIDE
    },
    us_epa_2024::SULPHUR_DIOXIDE_1H,
    us_epa_2024::SULPHUR_DIOXIDE_24H,
    us_epa_2024::CARBON_MONOXIDE,
];
