//! Predicted figures: how far off they were, how far off the guess that nothing changes was, and how often what came lay
//! inside the bounds.

use std::collections::BTreeMap;

use pipeline::calendar::Millis;
use wire::Milli;

/// Predictions that wait for their time, by whatever names one; and the tally of the others.
#[derive(Clone, Debug)]
pub struct Numbers<K> {
    /// By the moment at which what came is taken for known.
    open: BTreeMap<(Millis, K), Predicted>,
    /// Those that wait, with that moment: a second word about the same does not replace the first.
    due: BTreeMap<K, Millis>,
}

impl<K> Default for Numbers<K> {
    fn default() -> Numbers<K> {
        Numbers {
            open: BTreeMap::new(),
            due: BTreeMap::new(),
        }
    }
}

/// A prediction as people were first told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Predicted {
    pub value: Milli,
    pub low: Milli,
    pub high: Milli,
    /// As it was when the prediction was made: the guess that nothing changes.
    pub before: Milli,
}

/// What is known of all predictions of one sort whose time has come. Errors in the unit of the value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    pub scored: u64,
    pub absolute_error: f64,
    pub squared_error: f64,
    pub absolute_error_before: f64,
    pub squared_error_before: f64,
    /// What came lay inside the bounds.
    pub inside: u64,
}

impl<K: Copy + Ord> Numbers<K> {
    /// Keeps the first word about `key` until `due`.
    pub fn predict(&mut self, key: K, due: Millis, predicted: Predicted) {
        if self.due.contains_key(&key) {
            return;
        }
        self.due.insert(key, due);
        self.open.insert((due, key), predicted);
    }

    /// It was taken back before its time: nobody was told anything that could be scored.
    pub fn withdraw(&mut self, key: K) {
        if let Some(due) = self.due.remove(&key) {
            self.open.remove(&(due, key));
        }
    }

    /// Those whose time has come by `now`, oldest first.
    pub fn due(&mut self, now: Millis) -> Vec<(K, Predicted)> {
        let mut due = Vec::new();
        while let Some(first) = self.open.first_entry().filter(|first| first.key().0 <= now) {
            let ((_, key), predicted) = first.remove_entry();
            self.due.remove(&key);
            due.push((key, predicted));
        }
        due
    }

    /// Predictions that still wait.
    pub fn waiting(&self) -> usize {
        self.open.len()
    }
}

impl Tally {
    pub fn score(&mut self, predicted: &Predicted, came: Milli) {
        let error = (predicted.value.to_f64() - came.to_f64()).abs();
        let before = (predicted.before.to_f64() - came.to_f64()).abs();
        self.scored += 1;
        self.absolute_error += error;
        self.squared_error += error * error;
        self.absolute_error_before += before;
        self.squared_error_before += before * before;
        self.inside += u64::from((predicted.low..=predicted.high).contains(&came));
    }

    /// 1 − RMSE / RMSE of the guess that nothing changes: 0 is no better, 1 is perfect; `None` where that guess was perfect.
    pub fn skill(&self) -> Option<f64> {
        let better = self.squared_error_before > 0.0;
        better.then(|| 1.0 - (self.squared_error / self.squared_error_before).sqrt())
    }

    /// The same of mean absolute errors.
    pub fn absolute_skill(&self) -> Option<f64> {
        let better = self.absolute_error_before > 0.0;
        better.then(|| 1.0 - self.absolute_error / self.absolute_error_before)
    }

    /// Share of what came that lay inside the bounds.
    pub fn coverage(&self) -> Option<f64> {
        (self.scored > 0).then(|| self.inside as f64 / self.scored as f64)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn predicted(value: i64, low: i64, high: i64, before: i64) -> Predicted {
        let [value, low, high, before] = [value, low, high, before].map(Milli::whole);
        Predicted {
            value,
            low,
            high,
            before,
        }
    }

    #[test]
    fn what_came_is_compared_with_the_prediction_and_with_no_change() {
        let mut tally = Tally::default();
        tally.score(&predicted(110, 100, 120, 100), Milli::whole(120));
        tally.score(&predicted(110, 100, 120, 100), Milli::whole(121));
        assert_eq!((tally.scored, tally.inside), (2, 1));
        assert_eq!(
            (tally.absolute_error, tally.absolute_error_before),
            (21.0, 41.0)
        );
        // √(100 + 121) of √(400 + 441).
        assert!((tally.skill().unwrap() - (1.0 - (221.0_f64 / 841.0).sqrt())).abs() < 1e-12);
        assert_eq!(tally.coverage(), Some(0.5));
    }

    #[test]
    fn the_first_word_counts_and_waits_for_its_time() {
        let mut numbers = Numbers::default();
        numbers.predict("b", 20, predicted(1, 0, 2, 1));
        numbers.predict("a", 10, predicted(2, 0, 2, 1));
        numbers.predict("a", 10, predicted(3, 0, 2, 1));
        numbers.predict("c", 30, predicted(4, 0, 2, 1));
        numbers.withdraw("b");
        assert_eq!(numbers.due(9), vec![]);
        assert_eq!(numbers.due(25), vec![("a", predicted(2, 0, 2, 1))]);
        assert_eq!(numbers.waiting(), 1);
    }

    #[test]
    fn nothing_scored_is_no_skill_and_no_coverage() {
        let empty = Tally::default();
        assert_eq!(
            (empty.skill(), empty.absolute_skill(), empty.coverage()),
            (None, None, None)
        );
    }
}
