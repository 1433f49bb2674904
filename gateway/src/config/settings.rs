//! `city.toml` → [`Settings`] and what the pipeline wants to know of the city, in one pass.

use std::path::Path;

use pipeline::alert::Status;
use pipeline::calendar::{
    Calendar, DAY, GRACE_DEFAULT, HORIZON_AIR_DEFAULT, HORIZON_DEFAULT, HOUR, Millis, QUARTER,
    SECOND, Span,
};
use pipeline::science::air::Standard;
use pipeline::science::hazard::water::Classes;
use toml::de::DeValue;
use wire::quantity::Group;
use wire::{CityId, Milli, Quantity};

use super::access::RawAccess;
use super::document::{Document, Section};
use super::hint::nearest;
use super::problems::Problems;
use super::source::{self, RawSource};
use super::traffic::{self, RawSection};
use super::{
    Settings, access, alertmanager, broker, cap, http, local_time, metrics, open_data, value, water,
};

pub(crate) const FILE: &str = "city.toml";

/// Nodes that name no period of their own are silent after this: twice the longest period in common use.
const SILENCE_DEFAULT: Millis = 2 * HOUR;
const WORKERS_MAX: u32 = 256;
/// A street between two zones does not keep a crowd or a cloud apart.
const NEAR_M_DEFAULT: u32 = 50;
const NEAR_M_MAX: u32 = 10_000;
const TICK_WIDTH_MAX: Millis = 10 * SECOND;

/// All of `city.toml` but the anchors, which need the zones.
pub(crate) struct CityFile {
    pub(crate) id: CityId,
    /// All but who may do what.
    pub(crate) settings: Settings,
    pub(crate) access: RawAccess,
    pub(crate) standards: Vec<Standard>,
    pub(crate) silence_after: Option<Millis>,
    pub(crate) lateness: Lateness,
    /// Pane widths and graces; horizons are still lateness alone.
    pub(crate) calendar: Calendar,
    pub(crate) anchors: Vec<RawAnchor>,
    pub(crate) sections: Vec<RawSection>,
    pub(crate) water_classes: Classes,
    /// Zones at most so many metres apart are neighbours.
    pub(crate) near_m: u32,
    pub(crate) leaking: Vec<RawSource>,
}

/// An anchor whose zone is still a name.
pub(crate) struct RawAnchor {
    pub(crate) zone: String,
    pub(crate) at_minute: u16,
    pub(crate) count: Milli,
}

/// How late a reading may be and still correct its pane, by [`Quantity::place`].
pub(crate) struct Lateness(Vec<Millis>);

impl Lateness {
    pub(crate) fn of(&self, quantity: Quantity) -> Millis {
        self.0[quantity.place()]
    }
}

/// Reads `city.toml`; what is wrong goes to `problems`, and a default stands in for it.
pub(crate) fn resolve(text: &str, directory: &Path, problems: &Problems) -> CityFile {
    let document = Document::parse(FILE, text, problems);
    let mut root = document.root();
    let mut settings = Settings::default();

    let mut city = root.section("city");
    let id = city
        .read("id", value::parsed)
        .unwrap_or_else(default_city_id);
    settings.name = city
        .read("name", value::text)
        .unwrap_or_else(|| id.to_string());
    if let Some(zone) = city.read("time_zone", time_zone) {
        settings.time_zone = zone;
    }
    settings.status = city.read("status", status).unwrap_or(settings.status);
    city.finish();

    let mut air = root.section("air");
    let standards = air
        .read("standards", standards)
        .unwrap_or(Standard::DEFAULT.to_vec());
    air.finish();

    let mut calendar = panes(root.section("panes"));
    calendar.local = local_time::of(&settings.time_zone);
    let lateness = lateness(root.section("horizon"));

    let mut silence = root.section("silence");
    let silence_after = silence
        .read("after", silence_duration)
        .unwrap_or(Some(SILENCE_DEFAULT));
    silence.finish();

    let is_there = root.has("access");
    let broker = broker::resolve(root.section("broker"), is_there, directory);
    settings.broker = broker.unwrap_or(settings.broker);

    let access = access::resolve(root.section("access"), is_there);
    let section = root.section("http");
    (settings.http_bind, settings.http_tls) =
        http::resolve(section, settings.http_bind, is_there, directory);

    let mut tick = root.section("tick");
    let width = tick.read("width", tick_width);
    settings.tick_width = width.unwrap_or(settings.tick_width);
    tick.finish();

    let mut workers = root.section("workers");
    let count = workers.read("threads", value::whole(1..=WORKERS_MAX));
    settings.workers = count.map_or(settings.workers, |count| count as usize);
    workers.finish();

    let mut privacy = root.section("privacy");
    let floor = privacy.read("floor", value::whole(0..=1000));
    settings.privacy_floor = floor.unwrap_or(settings.privacy_floor);
    privacy.finish();

    let mut incidents = root.section("incidents");
    let near_m = incidents.read("distance_m", value::whole(0..=NEAR_M_MAX));
    incidents.finish();

    settings.cap = cap::resolve(root.section("cap"), id);
    settings.open_data = open_data::resolve(root.section("open_data"), &settings.name);

    settings.metrics = metrics::resolve(root.section("metrics"));

    let is_there = root.has("alertmanager");
    settings.alertmanager =
        alertmanager::resolve(root.section("alertmanager"), directory, is_there);

    let mut retention = root.section("retention");
    let kept = retention.read("journal", value::positive_duration);
    settings.journal_kept = kept.unwrap_or(settings.journal_kept);
    retention.finish();

    let mut data = root.section("data");
    let place = data
        .read("dir", value::text)
        .unwrap_or_else(|| "data".to_owned());
    settings.data = directory.join(place);
    data.finish();

    let mut crowd = root.section("crowd");
    let anchors = crowd
        .sections("anchor")
        .into_iter()
        .filter_map(anchor)
        .collect();
    crowd.finish();

    let sections = traffic::resolve(root.section("traffic"));
    let leaking = source::resolve(root.sections("source"));
    let water_classes = water::resolve(root.section("water"));

    root.finish();
    CityFile {
        id,
        settings,
        access,
        standards,
        silence_after,
        lateness,
        calendar,
        anchors,
        sections,
        water_classes,
        near_m: near_m.unwrap_or(NEAR_M_DEFAULT),
        leaking,
    }
}

fn default_city_id() -> CityId {
    // The literal keeps to the rules of ids; a test holds it.
    #[allow(clippy::unwrap_used)]
    CityId::new("city").unwrap()
}

fn time_zone(value: &DeValue<'_>) -> Result<jiff::tz::TimeZone, String> {
    let name = value::text(value)?;
    jiff::tz::TimeZone::get(&name).map_err(|_| {
        format!(
            "no time zone has the name `{name}`; an IANA name such as \"Europe/Berlin\" is expected"
        )
    })
}

fn status(value: &DeValue<'_>) -> Result<Status, String> {
    match value::text(value)?.as_str() {
        "actual" => Ok(Status::Actual),
        "exercise" => Ok(Status::Exercise),
        "test" => Ok(Status::Test),
        "simulated" => Ok(Status::Simulated),
        other => Err(format!(
            "actual, exercise, test or simulated is expected, not `{other}`"
        )),
    }
}

fn standards(value: &DeValue<'_>) -> Result<Vec<Standard>, String> {
    let items = value.as_array().ok_or("a list of standards is expected")?;
    let mut standards = Vec::new();
    for item in items {
        let name = value::text(item.get_ref())?;
        let known = Standard::ALL.map(Standard::name);
        let Some(standard) = Standard::from_name(&name) else {
            let hint = nearest(&name, known);
            return Err(format!(
                "no air index has the name `{name}`{hint}; known: {}",
                known.join(", ")
            ));
        };
        if !standards.contains(&standard) {
            standards.push(standard);
        }
    }
    Ok(standards)
}

/// `off`: nobody is ever silent.
fn silence_duration(value: &DeValue<'_>) -> Result<Option<Millis>, String> {
    match value.as_str() {
        Some("off") => Ok(None),
        _ => value::positive_duration(value).map(Some),
    }
}

fn tick_width(value: &DeValue<'_>) -> Result<Millis, String> {
    match value::positive_duration(value)? {
        width if width <= TICK_WIDTH_MAX => Ok(width),
        _ => Err("must not be longer than 10s".to_owned()),
    }
}

/// `[panes]`: widths by quantity, and `grace` for all.
fn panes(mut section: Section<'_>) -> Calendar {
    let mut calendar = Calendar::default();
    let grace = section
        .read("grace", value::duration)
        .unwrap_or(GRACE_DEFAULT);
    let overridden = !section.is_empty();
    for entry in section.rest() {
        let Ok(quantity) = entry.key.parse::<Quantity>() else {
            let hint = nearest(
                entry.key,
                Quantity::all().map(Quantity::name).chain(["grace"]),
            );
            entry.unknown(&format!("no quantity has the name `{}`{hint}", entry.key));
            continue;
        };
        let Some(width) = entry.read(pane_width) else {
            continue;
        };
        let span = calendar.span(quantity);
        calendar.set(quantity, Span { width, ..span });
    }
    for quantity in Quantity::all() {
        let span = calendar.span(quantity);
        calendar.set(quantity, Span { grace, ..span });
    }
    let [counted, gates @ ..] = [
        Quantity::PersonCount,
        Quantity::PersonsIn,
        Quantity::PersonsOut,
    ]
    .map(|quantity| calendar.span(quantity).width);
    if overridden && gates != [counted; 2] {
        section.problem(
            "person_count, persons_in and persons_out must have panes of one width, because heads are counted from all three"
                .to_owned(),
        );
    }
    section.finish();
    calendar
}

fn pane_width(value: &DeValue<'_>) -> Result<Millis, String> {
    let width = value::positive_duration(value)?;
    if (QUARTER % width == 0 && width >= SECOND) || (width % QUARTER == 0 && width <= DAY) {
        return Ok(width);
    }
    Err(
        "a pane must be a whole part of 15m (and at least 1s) or a multiple of 15m up to 1d"
            .to_owned(),
    )
}

/// `[horizon]`: lateness by quantity, by group, or `default`; the nearest wins.
fn lateness(section: Section<'_>) -> Lateness {
    let mut section = section;
    let default = section.read("default", horizon);
    let named = |group| match group {
        Group::Air => "air",
        Group::Weather => "weather",
        Group::Traffic => "traffic",
        Group::Crowd => "crowd",
        Group::Hazard => "hazard",
        Group::Water => "water",
        Group::Node => "node",
    };
    let groups = [
        Group::Air,
        Group::Weather,
        Group::Traffic,
        Group::Crowd,
        Group::Hazard,
        Group::Water,
        Group::Node,
    ];
    let by_group = groups.map(|group| (group, section.read(named(group), horizon)));
    let of_group = |group| {
        let set = by_group.iter().find(|(g, _)| *g == group);
        match (set.and_then(|(_, lateness)| *lateness), group) {
            (Some(lateness), _) => lateness,
            // A default for all does not shorten what air needs.
            (None, Group::Air) => HORIZON_AIR_DEFAULT.max(default.unwrap_or(0)),
            (None, _) => default.unwrap_or(HORIZON_DEFAULT),
        }
    };
    let mut lateness: Vec<Millis> = Quantity::all()
        .map(|quantity| of_group(quantity.entry().group))
        .collect();
    for entry in section.rest() {
        match entry.key.parse::<Quantity>() {
            Ok(quantity) => {
                if let Some(own) = entry.read(horizon) {
                    lateness[quantity.place()] = own;
                }
            }
            Err(_) => {
                let names = groups.map(named).into_iter().chain(["default"]);
                let hint = nearest(entry.key, names.chain(Quantity::all().map(Quantity::name)));
                entry.unknown(&format!(
                    "`{}` is neither a quantity nor a group{hint}",
                    entry.key
                ));
            }
        }
    }
    section.finish();
    Lateness(lateness)
}

fn horizon(value: &DeValue<'_>) -> Result<Millis, String> {
    match value::duration(value)? {
        lateness if lateness <= 31 * DAY => Ok(lateness),
        _ => Err("must not be longer than 31d: all of it is kept in memory".to_owned()),
    }
}

/// `[[crowd.anchor]]`: `zone`, `at = "04:00"`, `count`.
fn anchor(mut section: Section<'_>) -> Option<RawAnchor> {
    let zone = section.need("zone", value::text);
    let at_minute = section.need("at", time_of_day);
    let count = section.need("count", value::whole(0..=1_000_000));
    section.finish();
    Some(RawAnchor {
        zone: zone?,
        at_minute: at_minute?,
        count: Milli::whole(i64::from(count?)),
    })
}

fn time_of_day(value: &DeValue<'_>) -> Result<u16, String> {
    let text = value::text(value)?;
    let parsed = text.split_once(':').and_then(|(hour, minute)| {
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    });
    parsed.ok_or_else(|| format!("a local time such as \"04:00\" is expected, not `{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_city_has_a_valid_id() {
        assert_eq!(default_city_id().as_str(), "city");
    }
}
