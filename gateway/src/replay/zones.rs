//! `zones.csv` of a journal: the figures that it makes, when they are final, and nothing else.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use pipeline::alert::Completeness;
use pipeline::calendar::Millis;
use pipeline::city::{City, ZoneIx};
use pipeline::engine::EngineConfig;
use pipeline::output::{TickOutput, ZoneValue};
use wire::ZoneId;

use super::figures::Figures;
use super::journal::{self, Sink};
use super::outputs::final_after;
use super::{ReplayError, lock};
use crate::board::Face;
use crate::city::LoadedCity;
use crate::export::zones::Row;
use crate::export::{Stretch, Table};
use crate::privacy::{Ground, Shown};

/// A figure, shown already.
struct Pane {
    zone_name: Arc<str>,
    unit: &'static str,
    end: Millis,
    shown: [Shown; 3],
    count: u64,
    completeness: Completeness,
    suspect: u32,
    saturated: bool,
}

/// Takes what the pipeline says and keeps the figures of a stretch.
struct Zones {
    face: Face,
    stretch: Stretch,
    zones: BTreeMap<ZoneIx, (ZoneId, Arc<str>, Ground)>,
    panes: Figures<(ZoneId, String), (), Pane>,
    failed: Option<io::Error>,
}

/// Writes the figures that the journal in `data` makes of `stretch` to `out`; `scratch` is a file that may be written
/// meanwhile. Answers how many rows there are.
pub fn export(
    data: &Path,
    city: &LoadedCity,
    stretch: Stretch,
    (out, scratch): (&mut impl Write, &Path),
) -> Result<u64, ReplayError> {
    let failed = |error| ReplayError::Output(PathBuf::from("zones.csv"), error);
    let records = crate::journal::read_between(data).map_err(ReplayError::Open)?;
    let config = EngineConfig {
        workers: city.settings.workers,
        calendar: city.calendar.clone(),
        status: city.settings.status,
    };
    let mut zones = Zones {
        face: Face::from(city),
        stretch,
        zones: BTreeMap::new(),
        panes: Figures::create(scratch, line).map_err(failed)?,
        failed: None,
    };
    zones.city_changed(&city.city);
    let zones = Arc::new(Mutex::new(zones));
    journal::feed(data, config, &zones, records)?;
    let mut zones = lock(&zones);
    if let Some(error) = zones.failed.take() {
        return Err(failed(error));
    }
    out.write_all(&Table::Zones.header()).map_err(failed)?;
    zones.panes.finish(out).map_err(failed)?;
    Ok(zones.panes.rows)
}

impl Sink for Zones {
    fn city_changed(&mut self, city: &City) {
        let zones = city.zones.iter();
        self.zones.extend(zones.map(|zone| {
            let name = Arc::from(zone.name.as_str());
            (zone.ix, (zone.id, name, Ground::from(zone)))
        }));
    }

    fn take(&mut self, output: TickOutput) {
        let now = output.tick as Millis;
        for row in output.zone_values {
            if self.stretch.contains(row.pane_start)
                && let Err(error) = self.pane(row, now)
            {
                self.failed.get_or_insert(error);
            }
        }
    }
}

impl Zones {
    fn pane(&mut self, row: ZoneValue, now: Millis) -> io::Result<()> {
        let Some((zone, name, ground)) = self.zones.get(&row.zone) else {
            return Ok(());
        };
        let floor = self.face.floor;
        let pane = row.figures.map(|figures| Pane {
            zone_name: name.clone(),
            unit: row.value.unit(),
            end: row.pane_end,
            shown: floor.shown_all(row.value, &figures, *ground),
            count: figures.count,
            completeness: row.completeness,
            suspect: row.suspect,
            saturated: figures.saturated,
        });
        let lasts = row.pane_end - row.pane_start + final_after(&self.face.calendar, row.value);
        let series = (*zone, row.value.to_string());
        self.panes
            .set(series, (row.pane_start, ()), pane, now - lasts)
    }
}

fn line(line: &mut Vec<u8>, (zone, value): &(ZoneId, String), start: Millis, _: &(), pane: &Pane) {
    let row = Row {
        zone: *zone,
        zone_name: &pane.zone_name,
        value,
        unit: pane.unit,
        pane: (start, pane.end),
        shown: pane.shown,
        count: pane.count,
        completeness: pane.completeness,
        suspect: pane.suspect,
        saturated: pane.saturated,
        // At the end of a journal nobody knows who would still have spoken.
        provisional: None,
    };
    line.extend(row.line());
}
