//! How good predictions turned out to be, by themselves: every prediction that people were told is kept until its time
//! has come, compared with what came, and counted.
//!
//! Two kinds of predictions, two tallies that know no domain:
//! - [`numbers`]: a figure with bounds about a later moment, beside the plain guess that nothing changes;
//! - [`warnings`]: something will happen by then. Hits, false alarms, misses, lead times.
//!
//! So far predicted: when a crowd becomes dangerous, [`danger`], and the air index, [`forecast`].
//!
//! Whoever predicts has a file beside these that reads its predictions and what came out of the outputs of the dataflow,
//! tick by tick, and puts them into a tally: a field of [`Scores`], a line in [`Scores::take`], a line in
//! [`Scores::families`]. There is no clock but the ticks, so a replay counts the same as the gateway did. What was
//! predicted before a restart and not yet settled is scored if the dataflow says it again while its time has not come.

use pipeline::output::TickOutput;
use prometheus::{CounterVec, GaugeVec, Opts, Registry};

pub mod danger;
pub mod forecast;
pub mod numbers;
pub mod warnings;

use forecast::ForecastScores;

/// The scores of everything that is predicted.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    dangers: danger::Dangers,
    forecast: ForecastScores,
}

impl Scores {
    /// Takes the changes of one tick.
    pub fn take(&mut self, output: &TickOutput) {
        self.dangers.take(output);
        self.forecast.take(output);
    }

    /// The forecast of the air index.
    pub fn forecast(&self) -> &ForecastScores {
        &self.forecast
    }

    /// Everything that is counted, in the order of names; of what was never predicted nothing.
    pub fn families(&self) -> Vec<Family> {
        let families = self.dangers.families().into_iter();
        let families = families.chain(self.forecast.families());
        families
            .filter(|family| !family.samples.is_empty())
            .collect()
    }
}

/// One metric with its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// Whole name, prefix and unit included.
    pub name: &'static str,
    pub help: &'static str,
    /// It only grows.
    pub counter: bool,
    pub labels: &'static [&'static str],
    /// Label values in the order of `labels`, and the sample.
    pub samples: Vec<(Vec<String>, f64)>,
}

impl Family {
    /// Its samples as a scrape finds them.
    pub(crate) fn register(&self, registry: &Registry) -> prometheus::Result<()> {
        let opts = Opts::new(self.name, self.help);
        fn values(labels: &[String]) -> Vec<&str> {
            labels.iter().map(String::as_str).collect()
        }
        if self.counter {
            let counters = CounterVec::new(opts, self.labels)?;
            for (labels, sample) in &self.samples {
                let counter = counters.with_label_values(&values(labels));
                counter.inc_by(sample.max(0.0));
            }
            registry.register(Box::new(counters))
        } else {
            let gauges = GaugeVec::new(opts, self.labels)?;
            for (labels, sample) in &self.samples {
                gauges.with_label_values(&values(labels)).set(*sample);
            }
            registry.register(Box::new(gauges))
        }
    }

    /// The labels of a sample as the exposition format writes them.
    pub(crate) fn label_text(&self, values: &[String]) -> String {
        let pairs = self.labels.iter().zip(values);
        let pairs: Vec<_> = pairs
            .map(|(label, value)| format!("{label}=\"{value}\""))
            .collect();
        match pairs.is_empty() {
            true => String::new(),
            false => format!("{{{}}}", pairs.join(",")),
        }
    }
}
