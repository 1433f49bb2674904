//! `zones.csv`: every pane of every zone's figures. The first nine columns are those of a replay.

use std::borrow::Cow;

use pipeline::alert::Completeness;
use pipeline::calendar::{Millis, rfc3339};
use pipeline::rules::Value;
use wire::ZoneId;

use super::{Column, column, line, words};
use crate::board::ZoneFace;
use crate::board::picture::Figure;
use crate::privacy::Shown;

pub(super) const COLUMNS: [Column; 15] = [
    column("zone", "string", "id of the zone"),
    column("quantity", "string", "what it is a figure of"),
    column("pane_start", "dateTime", "begin of the pane, UTC"),
    column(
        "mean",
        "string",
        "in `unit`; <5 for people: more than nobody and fewer than five",
    ),
    column("min", "string", "least of the pane, in `unit`"),
    column("max", "string", "greatest of the pane, in `unit`"),
    column("count", "integer", "readings summed"),
    column("heard", "integer", "nodes heard"),
    column("expected", "integer", "nodes expected"),
    column("unit", "string", "UCUM code"),
    column("pane_end", "dateTime", "end of the pane, UTC"),
    column(
        "suspect",
        "integer",
        "nodes heard whose readings a quality test finds suspect",
    ),
    column("saturated", "boolean", "the true value is at least this"),
    column(
        "provisional",
        "boolean",
        "it may still change; empty: not known",
    ),
    column("zone_name", "string", "the zone's name"),
];

/// A pane's figure as it may be shown.
#[derive(Clone, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) zone: ZoneId,
    pub(crate) zone_name: &'a str,
    pub(crate) value: &'a str,
    pub(crate) unit: &'a str,
    pub(crate) pane: (Millis, Millis),
    pub(crate) shown: [Shown; 3],
    pub(crate) count: u64,
    pub(crate) completeness: Completeness,
    pub(crate) suspect: u32,
    pub(crate) saturated: bool,
    pub(crate) provisional: Option<bool>,
}

impl Row<'_> {
    pub(crate) fn line(&self) -> Vec<u8> {
        let [mean, min, max] = self.shown.map(|shown| shown.to_string());
        let Completeness { heard, expected } = self.completeness;
        let provisional = self.provisional.map(|is| is.to_string());
        let cells: [Cow<'_, str>; COLUMNS.len()] = [
            self.zone.to_string().into(),
            self.value.into(),
            rfc3339(self.pane.0).into(),
            mean.into(),
            min.into(),
            max.into(),
            self.count.to_string().into(),
            heard.to_string().into(),
            expected.to_string().into(),
            self.unit.into(),
            rfc3339(self.pane.1).into(),
            self.suspect.to_string().into(),
            self.saturated.to_string().into(),
            provisional.unwrap_or_default().into(),
            words(self.zone_name),
        ];
        line(cells.into_iter())
    }
}

/// The lines of a zone value's panes.
pub(crate) fn lines(zone: &ZoneFace, value: Value, panes: &[Figure]) -> Vec<u8> {
    let name = value.to_string();
    let lines = panes.iter().map(|figure| Row {
        zone: zone.id,
        zone_name: &zone.name,
        value: &name,
        unit: value.unit(),
        pane: (figure.pane_start, figure.pane_end),
        shown: [figure.mean, figure.min, figure.max],
        count: figure.count,
        completeness: figure.completeness,
        suspect: figure.suspect,
        saturated: figure.saturated,
        provisional: Some(figure.is_provisional()),
    });
    lines.flat_map(|row| row.line()).collect()
}
