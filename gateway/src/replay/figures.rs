//! Figures by series and time: corrected while they can be, written once they are final.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use pipeline::calendar::Millis;

use super::spool::{Series, Spool};

/// A table of rows `R`, ordered by series `S`, then moment, then `K`.
pub(super) struct Figures<S, K, R> {
    series: BTreeMap<S, Lane<K, R>>,
    spool: Spool,
    /// Writes one row as a line.
    line: fn(&mut Vec<u8>, &S, Millis, &K, &R),
    pub(super) rows: u64,
    /// Corrections that came after their row was final: there should be none.
    pub(super) lost: u64,
}

struct Lane<K, R> {
    /// May still be corrected.
    open: BTreeMap<(Millis, K), R>,
    /// Everything before this is written.
    until: Millis,
    text: Series,
}

impl<S: Ord, K: Ord, R> Figures<S, K, R> {
    pub(super) fn create(
        scratch: &Path,
        line: fn(&mut Vec<u8>, &S, Millis, &K, &R),
    ) -> io::Result<Figures<S, K, R>> {
        let spool = Spool::create(scratch)?;
        Ok(Figures {
            series: BTreeMap::new(),
            spool,
            line,
            rows: 0,
            lost: 0,
        })
    }

    /// Sets, replaces or withdraws (`None`) a row; rows of its series before `final_before` are written.
    pub(super) fn set(
        &mut self,
        series: S,
        (moment, key): (Millis, K),
        row: Option<R>,
        final_before: Millis,
    ) -> io::Result<()>
    where
        S: Clone,
    {
        let lane = self.series.entry(series.clone()).or_insert_with(|| Lane {
            open: BTreeMap::new(),
            until: Millis::MIN,
            text: Series::default(),
        });
        if moment < lane.until {
            self.lost += 1;
            return Ok(());
        }
        match row {
            Some(row) => drop(lane.open.insert((moment, key), row)),
            None => drop(lane.open.remove(&(moment, key))),
        }
        while let Some(first) = lane.open.first_entry() {
            let (moment, key) = first.key();
            if *moment >= final_before {
                break;
            }
            (self.line)(&mut lane.text.page, &series, *moment, key, first.get());
            self.rows += 1;
            lane.until = *moment + 1;
            first.remove();
            self.spool.turn(&mut lane.text)?;
        }
        Ok(())
    }

    /// Writes everything to `out`.
    pub(super) fn finish(&mut self, out: &mut impl Write) -> io::Result<()> {
        for (series, mut lane) in std::mem::take(&mut self.series) {
            for ((moment, key), row) in &lane.open {
                (self.line)(&mut lane.text.page, &series, *moment, key, row);
                self.rows += 1;
            }
            self.spool.copy(&lane.text, out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn figures_leave_sorted_and_corrected_whatever_the_order() {
        let dir = tempfile::tempdir().unwrap();
        let scratch = dir.path().join("scratch");
        let line = |text: &mut Vec<u8>, series: &u32, moment: Millis, key: &u8, row: &Millis| {
            writeln!(text, "{series},{moment},{key},{row}").unwrap();
        };
        let mut figures = Figures::create(&scratch, line).unwrap();
        let mut expected = BTreeMap::new();
        for moment in 0..4_000 {
            for series in [2, 1] {
                let mut set = |moment: Millis, row: Option<Millis>| {
                    figures.set(series, (moment, 7), row, moment - 100).unwrap();
                    match row {
                        Some(row) => drop(expected.insert((series, moment), row)),
                        None => drop(expected.remove(&(series, moment))),
                    }
                };
                set(moment, Some(moment));
                if moment % 3 == 0 && moment > 50 {
                    set(moment - 50, Some(-1));
                }
                if moment % 5 == 0 && moment > 70 {
                    set(moment - 70, None);
                }
            }
        }
        assert!(
            std::fs::metadata(&scratch).unwrap().len() > 40_000,
            "pages were turned"
        );
        let mut out = Vec::new();
        figures.finish(&mut out).unwrap();
        let expected: String = expected
            .into_iter()
            .map(|((series, moment), row)| format!("{series},{moment},7,{row}\n"))
            .collect();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        assert_eq!(figures.lost, 0);
        figures.set(1, (5_000, 7), Some(1), 5_001).unwrap();
        figures.set(1, (4_999, 7), Some(1), 5_001).unwrap();
        assert_eq!(figures.lost, 1);
        drop(figures);
        assert!(!scratch.exists());
    }
}
