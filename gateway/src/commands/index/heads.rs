//! The heads of a table of concentrations: which column is which pollutant, in which unit.

use pipeline::science::air::Standard;
use pipeline::science::air::table::{Averaging, Column};
use pipeline::science::air::units::{Unit, has_unit};
use wire::Quantity;
use wire::quantity::Group;

/// A column of the input that the standard has an opinion on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    /// Place in a row.
    pub(super) place: usize,
    pub(super) column: &'static Column,
    /// In which the cells are given.
    pub(super) unit: Unit,
}

/// What a header says.
#[derive(Debug, Default)]
pub(super) struct Heads {
    pub(super) known: Vec<Head>,
    /// Pollutants with an averaging time that the standard lacks: worth telling, never an error.
    pub(super) lacking: Vec<String>,
}

/// Reads a header; the error names the head and says what is wrong with it.
pub(super) fn read<'a>(
    standard: Standard,
    names: impl Iterator<Item = &'a str>,
) -> Result<Heads, String> {
    let mut heads = Heads::default();
    for (place, name) in names.enumerate() {
        let (bare, unit) = split_unit(name.trim());
        let Some((quantity, averaging)) = split_averaging(bare) else {
            continue;
        };
        let column = Averaging::from_name(averaging)
            .and_then(|averaging| standard.column(quantity, averaging));
        let Some(column) = column else {
            heads.lacking.push(name.trim().to_owned());
            continue;
        };
        let unit = match unit {
            None => column.unit,
            Some(text) => Unit::from_name(text.trim())
                .ok_or_else(|| {
                    let known = Unit::ALL.map(Unit::name).join(", ");
                    format!("column `{name}`: unknown unit `{text}`; known are {known}")
                })
                .and_then(|unit| match has_unit(quantity, unit) {
                    true => Ok(unit),
                    false => Err(format!(
                        "column `{name}`: {quantity} cannot be given in {unit}"
                    )),
                })?,
        };
        heads.known.push(Head {
            place,
            column,
            unit,
        });
    }
    if heads.known.is_empty() && heads.lacking.is_empty() {
        let columns = standard
            .columns()
            .iter()
            .map(|column| format!("{}_{}", column.quantity, column.averaging))
            .collect::<Vec<_>>()
            .join(", ");
        return Err(format!(
            "no column of {standard} in the header; its columns are {columns}"
        ));
    }
    Ok(heads)
}

/// `o3_8h[ppm]` → (`o3_8h`, `ppm`).
fn split_unit(name: &str) -> (&str, Option<&str>) {
    match name.strip_suffix(']').and_then(|open| open.split_once('[')) {
        Some((bare, unit)) => (bare.trim_end(), Some(unit)),
        None => (name, None),
    }
}

/// `o3_8h` → (ozone, `8h`); `None` for what is no pollutant over some hours.
fn split_averaging(bare: &str) -> Option<(Quantity, &str)> {
    let (quantity, averaging) = bare.rsplit_once('_')?;
    let hours = averaging.strip_suffix('h')?;
    hours.parse::<u16>().ok()?;
    let quantity: Quantity = quantity.parse().ok()?;
    (quantity.entry().group == Group::Air).then_some((quantity, averaging))
}
