//! `/metrics`: the gateway's own metrics, and the city's as they are at this scrape.
//!
//! Zone gauges are made anew each time from the board, so that a zone that no longer hears anything loses its
//! series. A scrape has a bound, `[metrics] series`: the gateway's own metrics and what is said of the city as a
//! whole, [`city`], come first; the zones' figures, [`figures`], get the room that is left, and those that get none
//! are counted.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus::proto::{MetricFamily, MetricType};
use prometheus::{GaugeVec, Opts, Registry, TextEncoder};

use super::{App, not_ready};
use crate::access::Asker;

mod city;
mod figures;

pub(super) async fn metrics(State(app): State<App>, asker: Asker) -> Response {
    match text(&app, &asker) {
        Ok(text) => {
            let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
            (kind, text).into_response()
        }
        Err(error) => {
            let message = format!("metrics cannot be written: {error}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
        }
    }
}

fn text(app: &App, asker: &Asker) -> prometheus::Result<String> {
    let picture = app.picture(asker);
    let (dropped, scores) = app.board(|board| (board.dropped(), board.scores().families()));
    let is_ready = not_ready(&picture, app.state.clock.as_ref()).is_none();

    let city = Registry::new();
    city::register(&city, &picture, dropped, is_ready)?;
    for family in scores {
        family.register(&city)?;
    }
    let mut families = app.state.metrics.gather();
    families.extend(city.gather());
    let taken = families.iter().map(series).sum::<usize>() + figures::LEFT_OUT.len();

    let zones = Registry::new();
    let room = picture.face.metrics.series.saturating_sub(taken);
    figures::register(&zones, &picture, room)?;
    families.extend(zones.gather());
    families.sort_by(|a, b| a.name().cmp(b.name()));
    TextEncoder::new().encode_to_string(&families)
}

/// How many lines it is in the text format, comments not counted.
fn series(family: &MetricFamily) -> usize {
    let each = |metric: &prometheus::proto::Metric| match family.get_field_type() {
        // The bucket without an edge, the sum and the count.
        MetricType::HISTOGRAM => metric.get_histogram().get_bucket().len() + 3,
        _ => 1,
    };
    family.get_metric().iter().map(each).sum()
}

fn gauge(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> prometheus::Result<GaugeVec> {
    let gauge = GaugeVec::new(Opts::new(format!("citysense_{name}"), help), labels)?;
    registry.register(Box::new(gauge.clone()))?;
    Ok(gauge)
}
