//! A zone on a page of its own: every value that it has over the last hours, one of them large, its alerts, its air,
//! its nodes. The overview keeps the small [`panel`].

use maud::{Markup, html};
use pipeline::alert::Revision;
use pipeline::calendar::{HOUR, Millis};
use pipeline::rules::Value;

use super::chart::{Chart, Expected, Line, Spell, legend};
use super::{Selection, View, city_name, document, header, words};
use crate::board::ZoneFace;
use crate::board::history::History;
use crate::board::picture::ZonePicture;
use crate::board::series::HISTORY;
use crate::language::Language;

mod air;
mod alerts;
mod figures;
mod head;
mod large;
mod nodes;
pub(super) mod panel;
mod small;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

/// How far the charts look back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    Hour,
    #[default]
    SixHours,
    Day,
}

impl Range {
    /// Those for which the board keeps enough.
    pub fn all() -> impl Iterator<Item = Range> {
        let all = [Range::Hour, Range::SixHours, Range::Day];
        all.into_iter().filter(|range| range.span() <= HISTORY)
    }

    pub fn name(self) -> &'static str {
        match self {
            Range::Hour => "1h",
            Range::SixHours => "6h",
            Range::Day => "24h",
        }
    }

    /// The range of this name; of any other the usual one.
    pub fn from_name(name: &str) -> Range {
        let mut all = Range::all();
        all.find(|range| range.name() == name).unwrap_or_default()
    }

    /// `6 h`.
    fn text(self, l: Language) -> String {
        let hours = self.span() / HOUR;
        l.say(format!("{hours} h"), format!("{hours}小时"))
    }

    pub fn span(self) -> Millis {
        match self {
            Range::Hour => HOUR,
            Range::SixHours => 6 * HOUR,
            Range::Day => 24 * HOUR,
        }
    }
}

/// A zone with everything that its page shows.
pub struct ZoneScene {
    pub view: View,
    /// Place in the face's zones.
    pub place: usize,
    pub range: Range,
    /// The value that is drawn large.
    pub value: Option<Value>,
    /// Of every value that the zone has.
    pub histories: Vec<History>,
    /// Its alerts of the last day that people were told of, also those that left the board.
    pub told: Vec<Revision>,
    /// Why older alerts may be missing among them.
    pub untold: Option<String>,
}

impl ZoneScene {
    /// The value of this name, if the zone has it; else that of its alert, its crowd, or the first.
    pub fn choose(&self, name: &str) -> Option<Value> {
        let picture = &self.view.picture;
        let has = |value: &Value| self.charted().any(|history| history.value == *value);
        let zone = picture.face.zones[self.place].id.as_str();
        let usual = || Selection::find(picture, zone, name)?.value;
        let named = Value::from_name(name).filter(has);
        named
            .or_else(|| usual().filter(has))
            .or_else(|| self.charted().next().map(|history| history.value))
    }

    fn face(&self) -> &ZoneFace {
        &self.view.picture.face.zones[self.place]
    }

    fn zone(&self) -> &ZonePicture {
        &self.view.picture.zones[self.place]
    }

    /// Where the page shows another value or stretch.
    fn address(&self, value: Option<Value>, range: Range) -> String {
        let zone = self.face().id;
        let value = value.map_or(String::new(), |value| format!("value={value}&"));
        format!("/zone/{zone}?{value}range={}", range.name())
    }

    /// Histories that have a chart: forecasts stand in that of their index, and days have hours.
    fn charted(&self) -> impl Iterator<Item = &History> {
        let own = |value: Value| !matches!(value, Value::AirForecast(..) | Value::AirDay(_));
        let mut charted: Vec<&History> = self.histories.iter().filter(|h| own(h.value)).collect();
        charted.sort_by_key(|history| weight(history.value));
        charted.into_iter()
    }

    fn chart<'a>(&'a self, history: &'a History) -> Chart<'a> {
        let (l, picture) = (self.view.language(), &self.view.picture);
        let now = picture.now;
        let expected = self.expected(history.value);
        let to = expected.iter().map(|e| e.at).fold(now, Millis::max);
        Chart {
            l,
            face: &picture.face,
            title: words::value_name(l, history.value),
            history,
            ground: self.face().ground,
            times: [now - self.range.span(), now, to],
            lines: Line::all(&picture.face.rules, self.face(), history.value),
            spells: self.spells(history.value),
            expected,
        }
    }

    /// Alerts on a value that were going on in the stretch.
    fn spells(&self, value: Value) -> Vec<Spell> {
        let picture = &self.view.picture;
        let from = picture.now - self.range.span();
        let of_value = |r: &&Revision| {
            let rule = picture.face.rule(r.rule);
            rule.is_some_and(|rule| rule.value == value)
        };
        let spells = self.told.iter().filter(of_value).map(Spell::from);
        let seen = spells.filter(|spell| spell.end.is_none_or(|end| end > from));
        seen.filter(|spell| spell.from < picture.now).collect()
    }

    /// What is forecast of an index, no further ahead than the chart looks back.
    fn expected(&self, value: Value) -> Vec<Expected> {
        let Value::AirIndex(standard) = value else {
            return Vec::new();
        };
        let of_index = |v: &Value| matches!(v, Value::AirForecast(of, _) if *of == standard);
        let figures = self.zone().figures.iter().filter(|f| of_index(&f.value));
        let mut expected: Vec<Expected> = figures
            .filter(|figure| figure.value.ahead() <= self.range.span())
            .filter_map(|figure| {
                let [mean, low, high] =
                    [figure.mean, figure.min, figure.max].map(|shown| shown.drawn_at().to_f64());
                Some(Expected {
                    at: figure.until?,
                    mean,
                    low,
                    high,
                })
            })
            .collect();
        expected.sort_by_key(|e| e.at);
        expected
    }
}

/// People first, then what is dangerous, then the air, then the rest.
fn weight(value: Value) -> u8 {
    match value {
        Value::CrowdDensity => 0,
        Value::CrowdCount => 1,
        value if value.is_safety() => 2,
        Value::AirIndex(_) => 3,
        _ => 4,
    }
}

/// The page of one zone.
pub fn whole(scene: &ZoneScene) -> Markup {
    let view = &scene.view;
    let title = format!("{} · {}", scene.face().name, city_name(&view.picture.face));
    let source = scene.address(scene.value, scene.range);
    let body = html! {
        (header::draw(view))
        (legend::patterns())
        main.one.place {
            (head::draw(scene))
            div.beside {
                div {
                    (large::draw(scene))
                    (large::table(scene))
                    (small::draw(scene))
                }
                div { (alerts::draw(scene)) (air::draw(scene)) (nodes::draw(scene)) }
            }
        }
    };
    document(view, &title, &source, body)
}
