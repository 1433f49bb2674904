//! The operations page, drawn on the server from one picture of the board; whole without any script.
//!
//! In reading order: [`header`] who, when and how well · [`map`] with each [`leak`] · [`alerts`] · [`zones`] the table ·
//! [`zone`] the selected one with its [`chart`], and each on a page of its own · [`nodes`] · [`alert`] one alert with its history · [`why`] it stands · `desk` how it stands for people · [`node`] one node ·
//! [`silences`] · [`forms`] ·
//! [`words`] and [`marks`].
//!
//! Parts that change carry `data-live`; the script asks for them again and puts them in their place.

use maud::{DOCTYPE, Markup, html};
use pipeline::alert::Status;
use pipeline::rules::Value;

pub use reader::{Reader, Theme, View};

use crate::board::series::Point;
use crate::board::{Face, Picture};

pub mod absent;
pub mod alert;
mod alerts;
mod chart;
mod desk;
pub mod forms;
mod header;
mod health;
mod leak;
mod map;
mod marks;
pub mod node;
mod nodes;
mod reader;
pub mod silences;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
pub mod why;
pub(crate) mod words;
pub mod zone;
mod zones;

/// Everything that a page shows.
pub struct Scene {
    pub view: View,
    pub selection: Option<Selection>,
    /// History of the selected value.
    pub points: Vec<Point>,
}

/// The zone and value that the reader looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Place in the face's zones.
    pub place: usize,
    /// `None`: the zone has no fresh figure.
    pub value: Option<Value>,
}

impl Selection {
    /// The zone and value of these names; without such a zone the one of the worst alert, or the first.
    pub fn find(picture: &Picture, zone: &str, value: &str) -> Option<Selection> {
        let zones = &picture.face.zones;
        let named = |name: &str| zones.iter().position(|zone| zone.id.as_str() == name);
        let worst = || {
            let alert = picture.alerts_open().next()?;
            named(alert.latest.zone.as_str())
        };
        let place = named(zone)
            .or_else(worst)
            .or((!zones.is_empty()).then_some(0))?;
        let shown = &picture.zones[place];
        let has = |value: &Value| shown.figure(*value).is_some();
        let alerted = || {
            let of_zone =
                |alert: &&crate::board::picture::AlertPicture| alert.latest.zone == zones[place].id;
            let alert = picture.alerts_open().find(of_zone)?;
            Some(picture.face.rule(alert.latest.rule)?.value)
        };
        let value = Value::from_name(value)
            .filter(has)
            .or_else(|| alerted().filter(has))
            .or(Some(Value::CrowdDensity).filter(has))
            .or_else(|| shown.figures.first().map(|figure| figure.value));
        Some(Selection { place, value })
    }
}

/// The page.
pub fn whole(scene: &Scene) -> Markup {
    let view = &scene.view;
    document(view, &title(view), "/fragment", live(scene))
}

/// The parts that change.
pub fn live(scene: &Scene) -> Markup {
    let view = &scene.view;
    html! {
        (header::draw(view))
        main {
            div.column { (map::draw(scene)) (zone::panel::draw(scene)) }
            div.column { (alerts::draw(view)) (nodes::draw(view)) }
            div.column { (zones::draw(scene)) }
        }
    }
}

/// Frame of every page. `source` is where the script asks for the parts that change.
fn document(view: &View, title: &str, source: &str, body: Markup) -> Markup {
    let face = &view.picture.face;
    html! {
        (DOCTYPE)
        html lang=(view.language().code()) data-theme=(view.reader.theme.name()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="dark light";
                title { (title) }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="alternate" href="/cap.atom" type="application/atom+xml" title="Alerts (CAP)";
                link rel="stylesheet" href="/assets/page.css";
                script src="/assets/page.js" defer {}
                // Whoever fills in a form must not lose it; those pages say that they do not follow by themselves.
                @if source == "/fragment" { noscript { meta http-equiv="refresh" content="5"; } }
            }
            body data-source=(source) {
                p #lost role="alert" hidden {
                    "Connection to the gateway lost. These figures are not live."
                }
                @if source != "/fragment" {
                    noscript { p.trouble { "Without its script this page does not follow by itself: load it again for what is now." } }
                }
                (body)
                footer {
                    p {
                        "Every figure says how old and how complete it is. No data is never an all-clear. "
                        @if face.status != Status::Actual { strong { (status_word(face.status)) "." } }
                    }
                    form action="/node" {
                        label for="find-node" { "Node" }
                        input #find-node name="id" required maxlength="32" autocomplete="off";
                        button.second { "Show" }
                    }
                    nav aria-label="For programs" {
                        a href="/api/v1/zones" { "Zones" } " "
                        a href="/api/v1/alerts" { "Alerts" } " "
                        a href="/api/v1/nodes" { "Nodes" } " "
                        a href="/metrics" { "Metrics" }
                    }
                }
            }
        }
    }
}

/// What the window is called: a tab in the background tells how many alerts are open.
fn title(view: &View) -> String {
    let picture = &view.picture;
    let open = picture.alerts_open().count();
    let name = city_name(&picture.face);
    match open {
        0 => format!("{name} · citysense"),
        1 => format!("1 alert · {name} · citysense"),
        open => format!("{open} alerts · {name} · citysense"),
    }
}

fn city_name(face: &Face) -> &str {
    match face.name.as_str() {
        "" => face.city.as_str(),
        name => name,
    }
}

/// What is said of a city that is not the real one.
fn status_word(status: Status) -> &'static str {
    match status {
        Status::Actual => "",
        Status::Exercise => "Exercise",
        Status::Test => "Test",
        Status::Simulated => "Simulated",
    }
}
