//! What was found, for people and for programs.

use std::fmt::Write;

use pipeline::calendar::HOUR;
use pipeline::science::performance::targets::{Goal, Targets};
use pipeline::science::performance::{Fit, Precision};
use serde_json::{Value, json};
use wire::Quantity;

use super::{Finding, Findings};
use crate::config::show_duration;

pub(super) fn text(quantity: Quantity, targets: Option<&Targets>, found: &[Findings]) -> String {
    let mut text = String::new();
    for findings in found {
        // Writing to a string cannot fail.
        let _ = table(&mut text, quantity, targets, findings);
    }
    for Finding { name, lag, .. } in found.first().iter().flat_map(|first| &first.sensors) {
        if let Some(lag) = lag {
            let (way, hours) = if lag.hours > 0 {
                ("later", lag.hours)
            } else {
                ("earlier", -lag.hours)
            };
            let _ = writeln!(
                text,
                "{name}: {hours} h {way} it would agree better (R² {:.2} instead of {:.2}): is one of the clocks off?",
                lag.r2, lag.r2_unshifted
            );
        }
    }
    text
}

fn table(
    text: &mut String,
    quantity: Quantity,
    targets: Option<&Targets>,
    findings: &Findings,
) -> std::fmt::Result {
    let sensors = &findings.sensors;
    let wide = sensors
        .iter()
        .map(|sensor| sensor.name.chars().count())
        .max()
        .unwrap_or(0)
        .max(8);
    writeln!(text, "{quantity}, means of {}", span(findings.average))?;
    writeln!(
        text,
        "  {:wide$} {:>6} {:>7} {:>8} {:>10} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "sensor", "N", "R²", "slope", "intercept", "RMSE", "NRMSE %", "min", "max", "mean"
    )?;
    for Finding { name, fit, .. } in sensors {
        let Some(fit) = fit else {
            writeln!(
                text,
                "  {name:wide$} fewer than three intervals in common with the reference"
            )?;
            continue;
        };
        let number =
            |number: Option<f64>| number.map_or("-".to_owned(), |number| format!("{number:.3}"));
        writeln!(
            text,
            "  {name:wide$} {:>6} {:>7} {:>8} {:>10} {:>8.3} {:>8} {:>8.2} {:>8.2} {:>8.2}",
            fit.n,
            number(fit.r2),
            number(fit.line.map(|line| line.slope)),
            number(fit.line.map(|line| line.intercept)),
            fit.rmse,
            fit.nrmse_pct
                .map_or("-".to_owned(), |pct| format!("{pct:.1}")),
            fit.sensor.min,
            fit.sensor.max,
            fit.sensor.mean,
        )?;
    }
    if let Some(Precision { n, sd, cv_pct }) = findings.precision {
        let cv = cv_pct.map_or("-".to_owned(), |cv| format!("{cv:.1} %"));
        writeln!(text, "  among them: SD {sd:.3}, CV {cv} over {n} intervals")?;
    }
    match targets {
        Some(targets) => judged(text, targets, findings),
        None => writeln!(text, "  no targets are published for {quantity}"),
    }
}

fn judged(text: &mut String, targets: &Targets, findings: &Findings) -> std::fmt::Result {
    let (low, high) = targets.slope;
    let or_nrmse = targets
        .nrmse_pct
        .map_or(String::new(), |pct| format!(" or NRMSE {pct} %"));
    writeln!(
        text,
        "  targets ({}, for means of {}): R² from {}, slope {low} to {high}, intercept within {}, RMSE up to {}{or_nrmse}, SD up to {}, CV up to {} %",
        targets.unit,
        span(targets.averaging()),
        targets.r2,
        targets.intercept,
        targets.rmse,
        targets.sd,
        targets.cv_pct
    )?;
    for Finding { name, fit, .. } in &findings.sensors {
        if let Some(fit) = fit {
            writeln!(text, "  {name}: {}", verdict(&targets.judge(fit)))?;
        }
    }
    if let Some(precision) = &findings.precision {
        writeln!(
            text,
            "  among them: {}",
            verdict(&targets.judge_precision(precision))
        )?;
    }
    Ok(())
}

fn verdict(judged: &[(Goal, bool)]) -> String {
    let missed = judged.iter().filter(|(_, met)| !met);
    let missed: Vec<&str> = missed.map(|(goal, _)| goal.name()).collect();
    match missed.is_empty() {
        true => "meets all".to_owned(),
        false => format!("does not meet {}", missed.join(", ")),
    }
}

fn span(average: pipeline::calendar::Millis) -> String {
    match average % HOUR {
        0 => format!("{}h", average / HOUR),
        _ => show_duration(average),
    }
}

pub(super) fn json(
    quantity: Quantity,
    targets: Option<&Targets>,
    found: &[Findings],
) -> anyhow::Result<String> {
    let averages: Vec<Value> = found
        .iter()
        .map(|findings| averaged(targets, findings))
        .collect();
    let json = json!({
        "quantity": quantity.name(),
        "unit": targets.map(|targets| targets.unit),
        "targets_for": targets.map(|targets| span(targets.averaging())),
        "averages": averages,
    });
    Ok(serde_json::to_string_pretty(&json)? + "\n")
}

fn averaged(targets: Option<&Targets>, findings: &Findings) -> Value {
    let sensors = findings.sensors.iter().map(|Finding { name, fit, lag }| {
        let lag = lag.map(
            |lag| json!({ "hours": lag.hours, "r2": lag.r2, "r2_unshifted": lag.r2_unshifted }),
        );
        json!({
            "sensor": name,
            "clock_hint": lag,
            "statistics": fit.as_ref().map(statistics),
            "meets": targets.zip(fit.as_ref()).map(|(targets, fit)| meets(&targets.judge(fit))),
        })
    });
    let sensors: Vec<Value> = sensors.collect();
    let precision = findings.precision.as_ref().map(|precision| {
        let Precision { n, sd, cv_pct } = precision;
        let meets = targets.map(|targets| meets(&targets.judge_precision(precision)));
        json!({ "n": n, "sd": sd, "cv_pct": cv_pct, "meets": meets })
    });
    json!({ "average": span(findings.average), "sensors": sensors, "precision": precision })
}

fn meets(judged: &[(Goal, bool)]) -> Value {
    let named = judged
        .iter()
        .map(|(goal, met)| (goal.name().to_owned(), Value::from(*met)));
    Value::Object(named.collect())
}

fn statistics(fit: &Fit) -> Value {
    let spread = |of: &pipeline::science::performance::Spread| json!({ "min": of.min, "max": of.max, "mean": of.mean });
    json!({
        "n": fit.n,
        "r2": fit.r2,
        "slope": fit.line.map(|line| line.slope),
        "intercept": fit.line.map(|line| line.intercept),
        "rmse": fit.rmse,
        "nrmse_pct": fit.nrmse_pct,
        "sensor": spread(&fit.sensor),
        "reference": spread(&fit.reference),
    })
}
