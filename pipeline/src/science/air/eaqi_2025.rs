//! European Air Quality Index, in use since 2025-07-01.
//!
//! Bands of the European Environment Agency (ETC HE report 2024-17), read in three transcriptions that
//! agree (secondary). Hourly means of five pollutants, each in one of six bands; the index is the worst
//! band, 1 to 6. The table is in whole ug/m3: how a decimal between two bands counts is *unconfirmed*
//! (see [`Scale::Tops`]), and so are the colours. Mixing ratios mean air of 20 °C, as the directive has it.
//! The index has no daily form.

use wire::Quantity;

use super::table::{Above, Averaging, Column, Scale};
use super::units::Unit;

pub static COLUMNS: [Column; 5] = [
    column(Quantity::Pm2_5, &[5, 15, 50, 90, 140]),
    column(Quantity::Pm10, &[15, 45, 120, 195, 270]),
    column(Quantity::O3, &[60, 100, 120, 160, 180]),
    column(Quantity::No2, &[10, 25, 60, 100, 150]),
    column(Quantity::So2, &[20, 40, 125, 190, 275]),
];

const fn column(quantity: Quantity, tops: &'static [i64]) -> Column {
    Column {
        quantity,
        averaging: Averaging::OneHour,
        unit: Unit::MicrogramPerCubicMetre,
        decimals: 0,
        scale: Scale::Tops(tops),
        above: Above::Capped(6),
    }
}
