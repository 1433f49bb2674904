//! China, HJ 633-2012 with GB 3095-2012: from 2013 to the end of February 2026.
//!
//! Read in three implementations that agree (secondary). Its two reports differ. The **daily** one takes
//! means of the day for particles, sulphur and nitrogen dioxide and carbon monoxide, and for ozone the
//! highest of the day's 8-hour means. The **hourly** one takes the hour's own mean of all six: for gases
//! by their columns of one hour, and for particles, of which the standard has no column of one hour, by
//! those of the day. That is what the national network publishes, to the last station (its ozone of 8 h
//! is left out of the hourly index): so the columns of particles stand here under one hour too.
//!
//! Concentrations are used as they are, without rounding; the index is rounded up and ends at 500.
//! Sulphur dioxide of 1 h and ozone of 8 h end at 800: higher ones are for the other averaging time.

use wire::Quantity;

use super::table::{Above, Averaging, Column, Points, Scale};
use super::units::Unit;

pub static COLUMNS: [Column; 12] = [
    column(Quantity::Pm2_5, Averaging::OneHour, &PM2_5),
    column(Quantity::Pm2_5, Averaging::Day, &PM2_5),
    column(Quantity::Pm10, Averaging::OneHour, &PM10),
    column(Quantity::Pm10, Averaging::Day, &PM10),
    column(
        Quantity::O3,
        Averaging::OneHour,
        &[0, 160, 200, 300, 400, 800, 1000, 1200],
    ),
    Column {
        above: Above::Undefined,
        ..column(
            Quantity::O3,
            Averaging::EightHours,
            &[0, 100, 160, 215, 265, 800],
        )
    },
    column(
        Quantity::No2,
        Averaging::OneHour,
        &[0, 100, 200, 700, 1200, 2340, 3090, 3840],
    ),
    column(
        Quantity::No2,
        Averaging::Day,
        &[0, 40, 80, 180, 280, 565, 750, 940],
    ),
    Column {
        above: Above::Undefined,
        ..column(Quantity::So2, Averaging::OneHour, &[0, 150, 500, 650, 800])
    },
    column(
        Quantity::So2,
        Averaging::Day,
        &[0, 50, 150, 475, 800, 1600, 2100, 2620],
    ),
    carbon_monoxide(Averaging::OneHour, &[0, 5, 10, 35, 60, 90, 120, 150]),
    carbon_monoxide(Averaging::Day, &[0, 2, 4, 14, 24, 36, 48, 60]),
];

const PM2_5: [i64; 8] = [0, 35, 75, 115, 150, 250, 350, 500];
const PM10: [i64; 8] = [0, 50, 150, 250, 350, 420, 500, 600];

/// A column of whole ug/m3.
const fn column(quantity: Quantity, averaging: Averaging, points: &'static [i64]) -> Column {
    Column {
        quantity,
        averaging,
        unit: Unit::MicrogramPerCubicMetre,
        decimals: 0,
        scale: Scale::Points {
            points,
            rounding: Points::AsMeasured,
        },
        above: Above::Capped(500),
    }
}

/// Carbon monoxide counts in mg/m3.
const fn carbon_monoxide(averaging: Averaging, points: &'static [i64]) -> Column {
    Column {
        unit: Unit::MilligramPerCubicMetre,
        ..column(Quantity::Co, averaging, points)
    }
}
