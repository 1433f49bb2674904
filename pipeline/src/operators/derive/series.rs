//! The figures of one value of a zone in order of time, with running sums so that any window is two lookups.

use serde::{Deserialize, Serialize};

use crate::calendar::{DAY, HOUR, MINUTE, Millis, pane_start};
use crate::operators::zones::ZonePane;

/// One pane, or several sealed-off ones that became one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    pub start: Millis,
    /// Of the last pane in it; least, greatest and count are those of all.
    pub pane: ZonePane,
    /// Panes in it.
    pub panes: u32,
    /// Sum of their means, in thousandths.
    pub sum: i64,
}

/// What lies in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Over {
    /// Sum of the panes' means, in thousandths.
    pub sum: i128,
    /// Panes with figures.
    pub panes: u32,
}

/// How sealed-off panes become one: past this age, cells of this width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Thinning {
    pub age: Millis,
    pub grain: Millis,
}

impl Thinning {
    /// Of figures that somebody looks back on for `looks_back`; `None`: they stay as they are.
    pub(crate) fn of(looks_back: Millis) -> Option<Thinning> {
        match looks_back {
            DAY.. => Some(Thinning {
                age: DAY,
                grain: HOUR,
            }),
            HOUR.. => Some(Thinning {
                age: HOUR,
                grain: MINUTE,
            }),
            _ => None,
        }
    }
}

/// Cells in order of time.
#[derive(Clone, Debug, Default)]
pub struct Series {
    cells: Vec<Cell>,
    /// Sums and panes of all cells up to and including the one at the same place.
    through: Vec<(i128, u64)>,
    /// Cells that start before are sealed off.
    sealed_to: Millis,
}

impl Series {
    /// From a snapshot: what is sealed off.
    pub fn restored(cells: Vec<Cell>, sealed_to: Millis) -> Series {
        let mut series = Series {
            cells,
            through: Vec::new(),
            sealed_to,
        };
        series.sum_from(0);
        series
    }

    /// What a snapshot keeps: the rest comes again from panes.
    pub fn sealed(&self) -> (Vec<Cell>, Millis) {
        let to = self
            .cells
            .partition_point(|cell| cell.start < self.sealed_to);
        (self.cells[..to].to_vec(), self.sealed_to)
    }

    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Starts of the first and the last cell.
    pub fn ends(&self) -> Option<(Millis, Millis)> {
        Some((self.cells.first()?.start, self.cells.last()?.start))
    }

    pub fn put(&mut self, start: Millis, pane: ZonePane) {
        let cell = Cell {
            start,
            pane,
            panes: 1,
            sum: pane.figures.mean.0,
        };
        let at = self.cells.partition_point(|cell| cell.start < start);
        match self.cells.get_mut(at) {
            Some(there) if there.start == start => *there = cell,
            _ => self.cells.insert(at, cell),
        }
        self.sum_from(at);
    }

    /// Takes a pane back, unless another one has taken its place.
    pub fn take(&mut self, start: Millis, pane: &ZonePane) {
        let at = self.cells.partition_point(|cell| cell.start < start);
        if self
            .cells
            .get(at)
            .is_some_and(|cell| cell.start == start && cell.pane == *pane)
        {
            self.cells.remove(at);
            self.sum_from(at);
        }
    }

    /// The pane that starts at `start` can no longer change; what nobody looks back on any more goes.
    pub fn seal(&mut self, start: Millis, looks_back: Millis) {
        self.sealed_to = self.sealed_to.max(start + 1);
        let thinning = Thinning::of(looks_back);
        let grain = thinning.map_or(0, |thinning| thinning.grain);
        let keep_from = self.sealed_to - looks_back - grain;
        let gone = self.cells.partition_point(|cell| cell.start < keep_from);
        self.cells.drain(..gone);
        let thinned = thinning.is_some_and(|thinning| self.thin(thinning));
        if gone > 0 || thinned {
            self.sum_from(0);
        }
    }

    /// Makes one cell of the oldest that belong together and are old enough; one at a time, as time goes on.
    fn thin(&mut self, Thinning { age, grain }: Thinning) -> bool {
        let before = pane_start(self.sealed_to - age, grain);
        let old = self.cells.partition_point(|cell| cell.start < before);
        let together =
            |pair: &[Cell]| pane_start(pair[0].start, grain) == pane_start(pair[1].start, grain);
        // What was thinned before stands in front, one cell a grain: the search begins at the newest.
        let Some(last) = self.cells[..old].windows(2).rposition(together) else {
            return false;
        };
        let start = pane_start(self.cells[last].start, grain);
        let first = self.cells[..old].partition_point(|cell| cell.start < start);
        let merged = self.cells[first..last + 2]
            .iter()
            .copied()
            .reduce(|a, b| a.and(&b));
        if let Some(merged) = merged {
            self.cells
                .splice(first..last + 2, [Cell { start, ..merged }]);
        }
        true
    }

    fn sum_from(&mut self, at: usize) {
        self.through.truncate(at);
        let (mut sum, mut panes) = self.through.last().copied().unwrap_or((0, 0));
        for cell in &self.cells[at..] {
            sum += i128::from(cell.sum);
            panes += u64::from(cell.panes);
            self.through.push((sum, panes));
        }
    }

    /// The cells that start from `from` up to, and not at, `to`.
    pub fn range(&self, from: Millis, to: Millis) -> &[Cell] {
        let first = self.cells.partition_point(|cell| cell.start < from);
        let last = self.cells.partition_point(|cell| cell.start < to);
        &self.cells[first..last.max(first)]
    }

    /// Sum and panes of those cells.
    pub fn total(&self, from: Millis, to: Millis) -> (i128, u32) {
        let through = |moment: Millis| match self.cells.partition_point(|cell| cell.start < moment)
        {
            0 => (0, 0),
            place => self.through[place - 1],
        };
        let ((sum_before, panes_before), (sum, panes)) = (through(from), through(to));
        (sum - sum_before, panes.saturating_sub(panes_before) as u32)
    }
}

impl Cell {
    /// Both as one.
    pub(crate) fn and(self, later: &Cell) -> Cell {
        let (mut figures, before) = (later.pane.figures, self.pane.figures);
        figures.min = figures.min.min(before.min);
        figures.max = figures.max.max(before.max);
        figures.count += before.count;
        figures.saturated |= before.saturated;
        Cell {
            start: self.start,
            pane: ZonePane {
                figures,
                heard: later.pane.heard.max(self.pane.heard),
                suspect: later.pane.suspect.max(self.pane.suspect),
            },
            panes: self.panes + later.panes,
            sum: self.sum + later.sum,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Figures;
    use wire::Milli;

    fn pane(value: i64) -> ZonePane {
        let value = Milli::whole(value);
        ZonePane {
            figures: Figures {
                mean: value,
                min: value,
                max: value,
                last: value,
                count: 1,
                saturated: false,
            },
            heard: 1,
            suspect: 0,
        }
    }

    #[test]
    fn windows_are_as_if_they_were_added_up_whatever_is_thinned() {
        let width = 10_000;
        let looks_back = 8 * HOUR;
        let (mut thinned, mut plain) = (Series::default(), Vec::new());
        for k in 0..6_000 {
            // Some panes are missing.
            if k % 7 == 3 {
                continue;
            }
            let (start, value) = (k * width, k * k % 101);
            thinned.put(start, pane(value));
            plain.push((start, value));
            if start >= HOUR {
                thinned.seal(start - HOUR, looks_back);
            }
            let end = start + width;
            for span in [10 * MINUTE, HOUR, 4 * HOUR, 8 * HOUR] {
                let from = match span > HOUR {
                    true => pane_start(end - span, MINUTE),
                    false => end - span,
                };
                if k % 97 == 0 {
                    let inside = plain.iter().filter(|(start, _)| *start >= from);
                    let sum: i64 = inside.clone().map(|(_, value)| value * 1000).sum();
                    let slow = (i128::from(sum), inside.count() as u32);
                    assert_eq!(thinned.total(from, end), slow, "{k} {span}");
                }
            }
        }
        assert!(thinned.cells.len() < 1_500, "{}", thinned.cells.len());
    }

    #[test]
    fn a_correction_replaces_and_a_late_pane_finds_its_place() {
        let mut series = Series::default();
        series.put(20, pane(2));
        series.put(0, pane(1));
        series.put(10, pane(5));
        series.put(10, pane(7));
        series.take(10, &pane(5));
        assert_eq!(series.total(0, 30), (10_000, 3));
        series.take(10, &pane(7));
        assert_eq!(series.total(0, 30), (3_000, 2));
        assert_eq!(series.range(1, 21).len(), 1);
    }
}
