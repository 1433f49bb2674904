//! Strong-motion records of the California network in COSMOS/CSMIP volume 1: all channels of a station in a file.
//!
//! Files `*.v1` and `*.RAW`. Of each channel's header are read the line `Chan n: <direction>`, `Start time: m/dd/yy, hh:mm:
//! ss.s UTC` and the line `<n> Accelerogram points at <rate> pts/sec in units of g`; then come numbers of nine letters
//! each, eight a line, up to `/&`. Header lines are no rows. Other units than g stop the import. A station is a zone,
//! 200 m square, where `Station Id.` says.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use pipeline::calendar::Millis;
use wire::Quantity;

use super::super::sources::Source;
use super::super::town::{Town, id_of};
use super::super::{ImportError, Intake, Sources};
use super::{Set, knet};

pub static SET: Set = Set {
    name: "cosmos",
    domain: "hazard",
    title: "Strong motion at China Lake, Ridgecrest sequence, July 2019",
    origin: "CESMD/CSMIP; a sample in PyPI gmprocess (data/demo)",
    terms: "Public domain (USGS) and CGS/CSMIP.",
    notes: "Files *.v1 and *.RAW, COSMOS volume 1: numbers of nine letters in g, as many a second as the header says, UTC.",
    read,
};

const NAMES: &str = "*.v1 or *.RAW";
/// Letters of a number.
const WIDTH: usize = 9;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: knet::CITY.to_owned(),
        rules_toml: include_str!("rules/strong_motion.toml").to_owned(),
        ..Town::default()
    };
    for source in sources.named(NAMES, |name| {
        name.ends_with(".v1") || name.ends_with(".RAW")
    })? {
        station(&source, &mut town, intake)?;
    }
    Ok(town)
}

/// What a header has said so far.
#[derive(Default)]
struct Header {
    place: Option<(f64, f64)>,
    start: Option<Millis>,
    direction: String,
}

fn station(source: &Source, town: &mut Town, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let zone = id_of(source.title());
    let text = source.text()?;
    let mut header = Header::default();
    let mut lines = text.lines().zip(1..);
    while let Some((line, _)) = lines.next() {
        header.read(line);
        let Some(hertz) = rate(line) else { continue };
        if !line.contains("in units of g") {
            return Err(source.format("only records in units of g are read"));
        }
        let Some(start) = header.start else {
            return Err(source.format("a channel whose start time cannot be read"));
        };
        if town.zones.iter().all(|known| known.id != zone) {
            match header.place {
                Some(place) => town.square(&zone, source.title(), "station", place, 200.0),
                None => town.somewhere(&zone, source.title(), "station", None),
            }
        }
        let node = id_of(&format!("{zone}-{}", header.direction));
        town.node(&node, &zone, header.place, &[Quantity::Acceleration]);
        let mut number = 0;
        for (line, place) in lines.by_ref() {
            if line.starts_with("/&") {
                break;
            }
            intake.count_row();
            let values: Option<Vec<f64>> = line
                .trim_end()
                .as_bytes()
                .chunks(WIDTH)
                .map(value)
                .collect();
            let Some(values) = values else {
                intake.bad_line(&source.name(), place, "not numbers alone");
                continue;
            };
            intake.take_row();
            for g in values {
                let at = start + (f64::from(number) * 1000.0 / hertz).round() as Millis;
                number += 1;
                intake.computed(
                    (at, &node, Quantity::Acceleration, "[g]"),
                    format_args!("{g:.6}"),
                );
            }
        }
    }
    match town.zones.iter().any(|known| known.id == zone) {
        true => Ok(()),
        false => Err(source.format("no channel of a COSMOS record in it")),
    }
}

fn value(letters: &[u8]) -> Option<f64> {
    let number: f64 = std::str::from_utf8(letters).ok()?.trim().parse().ok()?;
    number.is_finite().then_some(number)
}

/// ` 31932 Accelerogram points at 100 pts/sec` → 100.
fn rate(line: &str) -> Option<f64> {
    let (_, rest) = line.split_once("points at ")?;
    let hertz: f64 = rest.split_whitespace().next()?.parse().ok()?;
    (1.0..=1000.0).contains(&hertz).then_some(hertz)
}

impl Header {
    fn read(&mut self, line: &str) {
        if let Some((_, rest)) = line.split_once("Start time:") {
            self.start = moment(rest);
        }
        if let Some((_, rest)) = line
            .strip_prefix("Chan")
            .and_then(|rest| rest.split_once(':'))
        {
            self.direction = id_of(rest.trim());
        }
        if let Some((_, rest)) = line.split_once("Station Id.") {
            self.place = place(rest);
        }
    }
}

/// `7/06/19, 03:16: 8.0 UTC`: spaces stand for zeros.
fn moment(text: &str) -> Option<Millis> {
    let (text, _) = text.split_once("UTC")?;
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (date, time) = packed.split_once(',')?;
    let [month, day, year] = numbers::<3>(date, '/')?;
    let [hour, minute, second] = numbers::<3>(time, ':')?;
    let day = DateTime::new(
        2000 + year as i16,
        month as i8,
        day as i8,
        hour as i8,
        minute as i8,
        0,
        0,
    )
    .ok()?;
    let at = day
        .to_zoned(TimeZone::UTC)
        .ok()?
        .timestamp()
        .as_millisecond();
    (0.0..61.0)
        .contains(&second)
        .then(|| at + (second * 1000.0).round() as Millis)
}

fn numbers<const N: usize>(text: &str, between: char) -> Option<[f64; N]> {
    let numbers: Option<Vec<f64>> = text.split(between).map(|part| part.parse().ok()).collect();
    numbers?.try_into().ok()
}

/// `CLC     35.816N, 117.598W    Q330` → longitude and latitude.
fn place(text: &str) -> Option<(f64, f64)> {
    let (north, rest) = text.split_once(',')?;
    let (lat, south) = degrees(north.split_whitespace().last()?)?;
    let (lon, west) = degrees(rest.split_whitespace().next()?)?;
    let sign = |negative: bool| if negative { -1.0 } else { 1.0 };
    let place = (sign(west == 'W') * lon, sign(south == 'S') * lat);
    (lon <= 180.0 && lat < 89.0).then_some(place)
}

fn degrees(text: &str) -> Option<(f64, char)> {
    let direction = text.chars().next_back()?;
    let number: f64 = text.strip_suffix(direction)?.parse().ok()?;
    (number >= 0.0).then_some((number, direction))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pipeline::calendar::rfc3339;

    #[test]
    fn headers_are_read_with_their_spaces() {
        let at = moment("  7/06/19, 03:16: 8.0 UTC (GPS)").map(rfc3339);
        assert_eq!(at.as_deref(), Some("2019-07-06T03:16:08.000Z"));
        assert_eq!(moment(" 13/06/19, 03:16: 8.0 UTC"), None);
        assert_eq!(
            place(" CLC     35.816N, 117.598W    Q330"),
            Some((-117.598, 35.816))
        );
        assert_eq!(
            rate(" 31932 Accelerogram points at 100 pts/sec in units of g."),
            Some(100.0)
        );
        assert_eq!(value(b"-.000011"), Some(-0.000_011));
    }
}
