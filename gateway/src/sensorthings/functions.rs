//! The functions of filters: texts, dates, numbers, times beside each other, and shapes on the ground.

use std::borrow::Cow;

use geo::{Distance, Euclidean, Geometry, Length, Relate};
use pipeline::calendar::{DAY, HOUR, MINUTE, Millis, SECOND, rfc3339};

use super::cell::Cell;

/// A function by its place in [`TABLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Function(usize);

type Text<'c> = &'c str;

/// What a function is made of; one that is given something else answers nothing.
enum Body {
    Now,
    Texts(fn(Text<'_>, Text<'_>) -> Cell<'static>),
    Text(fn(Text<'_>) -> Cell<'static>),
    Substring,
    Number(fn(f64) -> f64),
    Moment(fn(Millis) -> Cell<'static>),
    Times(fn((Millis, Millis), (Millis, Millis)) -> bool),
    Shapes(fn(&Geometry<f64>, &Geometry<f64>) -> Cell<'static>),
    Length,
}

struct Row {
    name: &'static str,
    body: Body,
}

const fn row(name: &'static str, body: Body) -> Row {
    Row { name, body }
}

#[rustfmt::skip] // one function, one line
static TABLE: [Row; 43] = [
    // What is looked for comes first in the one, second in the others.
    row("substringof", Body::Texts(|needle, text| Cell::Bool(text.contains(needle)))),
    row("contains",    Body::Texts(|text, needle| Cell::Bool(text.contains(needle)))),
    row("startswith",  Body::Texts(|text, start| Cell::Bool(text.starts_with(start)))),
    row("endswith",    Body::Texts(|text, end| Cell::Bool(text.ends_with(end)))),
    row("indexof",     Body::Texts(index_of)),
    row("concat",      Body::Texts(|a, b| words([a, b].concat()))),
    row("length",      Body::Text(|text| Cell::Number(text.chars().count() as f64))),
    row("tolower",     Body::Text(|text| words(text.to_lowercase()))),
    row("toupper",     Body::Text(|text| words(text.to_uppercase()))),
    row("trim",        Body::Text(|text| words(text.trim().to_owned()))),
    row("substring",   Body::Substring),
    row("round",       Body::Number(f64::round)),
    row("floor",       Body::Number(f64::floor)),
    row("ceiling",     Body::Number(f64::ceil)),
    row("now",         Body::Now),
    row("year",        Body::Moment(|at| part(at, 0..4))),
    row("month",       Body::Moment(|at| part(at, 5..7))),
    row("day",         Body::Moment(|at| part(at, 8..10))),
    row("hour",        Body::Moment(|at| number(at.rem_euclid(DAY) / HOUR))),
    row("minute",      Body::Moment(|at| number(at.rem_euclid(HOUR) / MINUTE))),
    row("second",      Body::Moment(|at| number(at.rem_euclid(MINUTE) / SECOND))),
    row("fractionalseconds", Body::Moment(|at| Cell::Number(at.rem_euclid(SECOND) as f64 / 1000.0))),
    row("date",        Body::Moment(|at| words(rfc3339(at).chars().take(10).collect()))),
    row("time",        Body::Moment(|at| words(rfc3339(at).chars().skip(11).take(12).collect()))),
    row("totaloffsetminutes", Body::Moment(|_| Cell::Number(0.0))),
    row("before",      Body::Times(|a, b| a.1 <= b.0)),
    row("after",       Body::Times(|a, b| a.0 >= b.1)),
    row("meets",       Body::Times(|a, b| a.1 == b.0 || a.0 == b.1)),
    row("during",      Body::Times(|a, b| b.0 <= a.0 && a.1 <= b.1)),
    row("overlaps",    Body::Times(|a, b| a.0 < b.1 && b.0 < a.1)),
    row("starts",      Body::Times(|a, b| a.0 == b.0)),
    row("finishes",    Body::Times(|a, b| a.1 == b.1)),
    // In degrees, as other servers of the standard count.
    row("geo.distance",   Body::Shapes(|a, b| Cell::Number(Euclidean.distance(a, b)))),
    row("geo.length",     Body::Length),
    row("geo.intersects", Body::Shapes(|a, b| Cell::Bool(a.relate(b).is_intersects()))),
    row("st_equals",      Body::Shapes(|a, b| Cell::Bool(a.relate(b).is_equal_topo()))),
    row("st_disjoint",    Body::Shapes(|a, b| Cell::Bool(a.relate(b).is_disjoint()))),
    row("st_touches",     Body::Shapes(|a, b| Cell::Bool(a.relate(b).is_touches()))),
    row("st_within",      Body::Shapes(|a, b| Cell::Bool(a.relate(b).is_within()))),
    row("st_overlaps",    Body::Shapes(|a, b| Cell::Bool(a.relate(b).is_overlaps()))),
    row("st_crosses",     Body::Shapes(|a, b| Cell::Bool(a.relate(b).is_crosses()))),
    row("st_intersects",  Body::Shapes(|a, b| Cell::Bool(a.relate(b).is_intersects()))),
    row("st_contains",    Body::Shapes(|a, b| Cell::Bool(a.relate(b).is_contains()))),
];

impl Function {
    pub(super) fn from_name(name: &str) -> Option<Function> {
        let named = |row: &Row| row.name.eq_ignore_ascii_case(name);
        TABLE.iter().position(named).map(Function)
    }

    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|row| row.name)
    }

    /// Whether it can be called with so many arguments.
    pub(super) fn takes(self, count: usize) -> bool {
        match TABLE[self.0].body {
            Body::Now => count == 0,
            Body::Text(_) | Body::Number(_) | Body::Moment(_) | Body::Length => count == 1,
            Body::Texts(_) | Body::Times(_) | Body::Shapes(_) => count == 2,
            Body::Substring => count == 2 || count == 3,
        }
    }

    /// How much more than one step a call costs: shapes are compared corner by corner.
    pub(super) fn cost(self, given: &[Cell<'_>]) -> usize {
        use geo::CoordsIter;
        let corners = |cell: &Cell<'_>| match cell {
            Cell::Shape(shape) => shape.coords_count(),
            _ => 0,
        };
        match TABLE[self.0].body {
            Body::Shapes(_) => given.iter().map(corners).sum::<usize>() * 4,
            _ => 0,
        }
    }

    /// The answer; nothing where an argument is nothing or of another type.
    pub(super) fn call(self, given: &[Cell<'_>], now: Millis) -> Cell<'static> {
        let found = match (&TABLE[self.0].body, given) {
            (Body::Now, _) => Some(Cell::Instant(now)),
            (Body::Texts(call), [Cell::Text(a), Cell::Text(b)]) => Some(call(a, b)),
            (Body::Text(call), [Cell::Text(text)]) => Some(call(text)),
            (Body::Substring, [Cell::Text(text), Cell::Number(from), rest @ ..]) => {
                let len = match rest {
                    [] => Some(usize::MAX),
                    [Cell::Number(len)] => Some(*len as usize),
                    _ => None,
                };
                let from = *from as usize;
                len.map(|len| words(text.chars().skip(from).take(len).collect()))
            }
            (Body::Number(call), [Cell::Number(number)]) => Some(Cell::Number(call(*number))),
            (Body::Moment(call), [time]) => time.span().map(|(start, _)| call(start)),
            (Body::Times(call), [a, b]) => {
                a.span().zip(b.span()).map(|(a, b)| Cell::Bool(call(a, b)))
            }
            (Body::Shapes(call), [Cell::Shape(a), Cell::Shape(b)]) => Some(call(a, b)),
            (Body::Length, [Cell::Shape(shape)]) => match &**shape {
                Geometry::LineString(line) => Some(Cell::Number(Euclidean.length(line))),
                _ => None,
            },
            _ => None,
        };
        found.unwrap_or(Cell::Null)
    }
}

fn words(text: String) -> Cell<'static> {
    Cell::Text(Cow::Owned(text))
}

fn number(count: i64) -> Cell<'static> {
    Cell::Number(count as f64)
}

/// In characters, -1 where it is not.
fn index_of(text: &str, needle: &str) -> Cell<'static> {
    let found = text.find(needle);
    found.map_or(Cell::Number(-1.0), |at| {
        Cell::Number(text[..at].chars().count() as f64)
    })
}

/// A part of the date in UTC.
fn part(at: Millis, digits: std::ops::Range<usize>) -> Cell<'static> {
    let text = rfc3339(at);
    let digits = text.get(digits).and_then(|digits| digits.parse().ok());
    digits.map_or(Cell::Null, number)
}
