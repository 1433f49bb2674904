//! China, HJ 633-2026 with GB 3095-2026, in force since 2026-03-01.
//!
//! Read in six transcriptions (secondary; the official text is named there, not read itself). Against
//! HJ 633-2012: particles have lower points at index 100 (PM2.5 60, PM10 120), hourly particles use the
//! daily columns, sulphur dioxide above 800 in an hour counts as 200 and ozone above 800 in 8 h as 300,
//! and incomplete data is published only when the index is over 100.
//!
//! Concentrations are rounded half to even by GB/T 8170 (one transcription truncates: *unconfirmed*);
//! the index is rounded up and ends at 500.

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
        above: Above::Capped(300),
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
        above: Above::Capped(200),
        ..column(Quantity::So2, Averaging::OneHour, &[0, 150, 500, 650, 800])
    },
    column(
        Quantity::So2,
        Averaging::Day,
        &[0, 50, 150, 475, 800, 1600, 2100, 2620],
    ),
    carbon_monoxide(Averaging::OneHour, &[0, 50, 100, 350, 600, 900, 1200, 1500]),
    carbon_monoxide(Averaging::Day, &[0, 20, 40, 140, 240, 360, 480, 600]),
];

const PM2_5: [i64; 8] = [0, 35, 60, 115, 150, 250, 350, 500];
const PM10: [i64; 8] = [0, 50, 120, 250, 350, 420, 500, 600];

/// A column of whole ug/m3.
const fn column(quantity: Quantity, averaging: Averaging, points: &'static [i64]) -> Column {
    Column {
        quantity,
        averaging,
        unit: Unit::MicrogramPerCubicMetre,
        decimals: 0,
        scale: Scale::Points {
            points,
            rounding: Points::HalfEven,
        },
        above: Above::Capped(500),
    }
}

/// Carbon monoxide counts in tenths of mg/m3.
const fn carbon_monoxide(averaging: Averaging, points: &'static [i64]) -> Column {
    Column {
        unit: Unit::MilligramPerCubicMetre,
        decimals: 1,
        ..column(Quantity::Co, averaging, points)
    }
}
