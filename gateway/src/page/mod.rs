//! The operations page, drawn on the server from one picture of the board; whole without any script.
//!
//! In reading order: [`frame`] what is around every page · [`header`] who, when and how well ·
//! [`map`] with each [`leak`] · [`alerts`] · [`zones`] the table ·
//! [`zone`] the selected one with its [`chart`], and each on a page of its own · [`nodes`] · [`alert`] one alert with its history · [`why`] it stands · `desk` how it stands for people · [`node`] one node, [`fleet`] all of them, [`health`] how one is · [`rules`] · [`absent`] what is not there ·
//! [`history`] by two clocks · [`compare`] rules · [`incidents`] · [`silences`] · [`forms`] · [`account`] who is signed in ·
//! [`words`] and [`marks`].
//!
//! Parts that change carry `data-live`; the script asks for them again and puts them in their place.

use maud::{Markup, html};
use pipeline::alert::Status;
use pipeline::rules::Value;

pub use filter::Filter;
use frame::{document, title};
pub use reader::{Reader, Theme, Trouble, View};

use crate::board::series::Point;
use crate::board::{Face, Picture};
use crate::language::Language;

pub mod absent;
pub mod account;
pub mod alert;
pub mod alerts;
mod announce;
mod chart;
pub mod compare;
mod desk;
mod filter;
pub mod fleet;
pub mod forms;
mod frame;
mod header;
mod health;
pub mod history;
pub mod incidents;
mod leak;
mod map;
mod marks;
pub mod node;
mod nodes;
mod overlay;
pub mod playback;
mod reader;
mod room;
pub mod rules;
pub mod silences;
mod slice;
mod summary;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod trend;
pub mod why;
pub(crate) mod words;
pub mod zone;
pub mod zones;

/// Everything that a page shows.
pub struct Scene {
    pub view: View,
    pub selection: Option<Selection>,
    /// History of the selected value.
    pub points: Vec<Point>,
    /// Which alerts are listed.
    pub filter: Filter,
    /// What the address says of a moment of the past that is shown.
    pub played: Option<String>,
}

impl Scene {
    /// Where a zone is chosen on the overview; the filter of the alerts stays as it is.
    fn choosing(&self, zone: &str) -> String {
        if let Some(played) = &self.played {
            return format!("/playback?{played}&zone={zone}");
        }
        match self.filter.query().as_str() {
            "" => format!("/?zone={zone}#zone"),
            filter => format!("/?zone={zone}&{filter}#zone"),
        }
    }

    /// What the address says of the selection.
    fn selected(&self) -> [(&'static str, String); 2] {
        let face = &self.view.picture.face;
        let zone = self.selection.map(|s| face.zones[s.place].id.to_string());
        let value = self.selection.and_then(|s| s.value);
        [
            ("zone", zone.unwrap_or_default()),
            ("value", value.map(|v| v.to_string()).unwrap_or_default()),
        ]
    }
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
    let parts = parts(scene, &header::draw(view));
    document(view, &title(view), "/fragment", parts)
}

/// The parts that change; the same for all who may see as much.
pub fn live(scene: &Scene) -> Markup {
    parts(scene, &header::shared(&scene.view))
}

fn parts(scene: &Scene, header: &Markup) -> Markup {
    let view = &scene.view;
    let selected = scene.selected();
    let kept = selected
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    html! {
        (header)
        main {
            div.column { (map::draw(scene)) (zone::panel::draw(scene)) }
            div.column { (alerts::draw(view, &scene.filter, &kept)) (nodes::draw(view)) }
            div.column { (zones::draw(scene)) }
        }
    }
}

fn city_name(face: &Face) -> &str {
    match face.name.as_str() {
        "" => face.city.as_str(),
        name => name,
    }
}

/// What is said of a city that is not the real one.
fn status_word(l: Language, status: Status) -> &'static str {
    match status {
        Status::Actual => "",
        Status::Exercise => l.say("Exercise", "演练"),
        Status::Test => l.say("Test", "测试"),
        Status::Simulated => l.say("Simulated", "模拟"),
    }
}
