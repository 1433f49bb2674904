//! What is good enough: the targets of the US EPA for air sensors that are not regulatory.
//!
//! Status *primary* for the numbers (`sensortoolkit` 1.1.0). That particles are to be judged by daily means and gases by
//! hourly ones is *unconfirmed*.

use wire::Quantity;

use super::{Fit, Precision};
use crate::calendar::{DAY, HOUR, Millis};

/// Targets for one pollutant; bounds are met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Targets {
    pub quantity: Quantity,
    /// Of intercept, error and deviation: sensor and reference must be given in it.
    pub unit: &'static str,
    pub slope: (f64, f64),
    /// Distance from zero.
    pub intercept: f64,
    pub r2: f64,
    pub rmse: f64,
    /// Where there is one, meeting it is enough.
    pub nrmse_pct: Option<f64>,
    pub sd: f64,
    pub cv_pct: f64,
}

const fn row(
    quantity: Quantity,
    unit: &'static str,
    slope: (f64, f64),
    [intercept, r2, rmse, sd]: [f64; 4],
    nrmse_pct: Option<f64>,
) -> Targets {
    Targets {
        quantity,
        unit,
        slope,
        intercept,
        r2,
        rmse,
        nrmse_pct,
        sd,
        cv_pct: 30.0,
    }
}

#[rustfmt::skip] // one pollutant, one line: slope, [intercept, R², RMSE, SD], NRMSE
pub static TARGETS: [Targets; 6] = [
    row(Quantity::Pm2_5, "ug/m3", (0.65, 1.35), [5.0,  0.7, 7.0,  5.0],  Some(30.0)),
    row(Quantity::Pm10,  "ug/m3", (0.65, 1.35), [10.0, 0.7, 14.0, 5.0],  Some(30.0)),
    row(Quantity::O3,    "ppb",   (0.8, 1.2),   [5.0,  0.8, 5.0,  5.0],  None),
    row(Quantity::Co,    "ppm",   (0.8, 1.2),   [0.05, 0.8, 0.15, 0.02], None),
    row(Quantity::No2,   "ppb",   (0.65, 1.35), [5.0,  0.7, 15.0, 5.0],  None),
    row(Quantity::So2,   "ppb",   (0.65, 1.35), [5.0,  0.7, 15.0, 5.0],  None),
];

/// What is asked of a sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    Slope,
    Intercept,
    R2,
    Error,
    Deviation,
    Variation,
}

impl Goal {
    /// As the report says it.
    pub fn name(self) -> &'static str {
        match self {
            Goal::Slope => "slope",
            Goal::Intercept => "intercept",
            Goal::R2 => "r2",
            Goal::Error => "rmse",
            Goal::Deviation => "sd",
            Goal::Variation => "cv",
        }
    }
}

impl Targets {
    /// `None`: there are none for the quantity.
    pub fn of(quantity: Quantity) -> Option<&'static Targets> {
        TARGETS.iter().find(|targets| targets.quantity == quantity)
    }

    /// Length of the means that they are meant for.
    pub fn averaging(&self) -> Millis {
        match self.quantity {
            Quantity::Pm2_5 | Quantity::Pm10 => DAY,
            _ => HOUR,
        }
    }

    /// Whether one sensor meets each; what cannot be computed is not met.
    pub fn judge(&self, fit: &Fit) -> [(Goal, bool); 4] {
        let (low, high) = self.slope;
        let line = fit.line.as_ref();
        let near = self.nrmse_pct.zip(fit.nrmse_pct);
        [
            (
                Goal::Slope,
                line.is_some_and(|line| low <= line.slope && line.slope <= high),
            ),
            (
                Goal::Intercept,
                line.is_some_and(|line| line.intercept.abs() <= self.intercept),
            ),
            (Goal::R2, fit.r2.is_some_and(|r2| r2 >= self.r2)),
            (
                Goal::Error,
                fit.rmse <= self.rmse || near.is_some_and(|(most, own)| own <= most),
            ),
        ]
    }

    /// Whether sensors of one place meet those for precision.
    pub fn judge_precision(&self, precision: &Precision) -> [(Goal, bool); 2] {
        let is_close = |cv| cv <= self.cv_pct;
        [
            (Goal::Deviation, precision.sd <= self.sd),
            (Goal::Variation, precision.cv_pct.is_some_and(is_close)),
        ]
    }
}
