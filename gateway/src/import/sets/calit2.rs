//! People through the main door of the CalIt2 building (Irvine), in and out, every half hour, 2005-07-24 to 11-05.
//!
//! Files `cal-inflow.csv` and `cal-outflow.csv` without a header: `MM/DD/YY HH:MM:SS`, the beginning of the half hour, on
//! the clock of California with summer time, and the count. A zone, one gate; the building is taken to be empty at
//! four in the morning, because more people are counted in than out. The zone stands where the building does.

use wire::Quantity;

use super::super::clock::Clock;
use super::super::table::{Dialect, PLAIN, Table};
use super::super::town::{Town, TownGate};
use super::super::{ImportError, Intake, Sources};
use super::Set;

pub static SET: Set = Set {
    name: "calit2",
    domain: "crowd",
    title: "CalIt2 building, people in and out of the main door, every half hour, 2005",
    origin: "UCI Machine Learning Repository, data set 156 (CalIt2 Building People Counts)",
    terms: "CC BY 4.0.",
    notes: "Files cal-inflow.csv and cal-outflow.csv: beginning of the half hour (clock of California), count. The\n\
            building is taken to be empty at 04:00.",
    read,
};

const NAMES: &str = "cal-inflow.csv and cal-outflow.csv";
const DIALECT: Dialect = Dialect {
    has_header: false,
    ..PLAIN
};

const CITY: &str = r#"[city]
id = "irvine"
name = "CalIt2"
time_zone = "America/Los_Angeles"

[panes]
person_count = "30m"
persons_in = "30m"
persons_out = "30m"

[silence]
after = "off"

[[crowd.anchor]]
zone = "building"
at = "04:00"
count = 0
"#;

fn read(sources: &Sources, intake: &mut Intake<'_>) -> Result<Town, ImportError> {
    let mut town = Town {
        city_toml: CITY.to_owned(),
        rules_toml: include_str!("rules/calit2.toml").to_owned(),
        ..Town::default()
    };
    town.square(
        "building",
        "CalIt2 building",
        "building",
        (-117.8426, 33.6431),
        80.0,
    );
    town.node(
        "door",
        "building",
        None,
        &[Quantity::PersonsIn, Quantity::PersonsOut],
    );
    town.gates.push(TownGate {
        node: "door".to_owned(),
        from_zone: String::new(),
        to_zone: "building".to_owned(),
    });
    let clock = Clock::of("America/Los_Angeles", "%m/%d/%y %H:%M:%S");
    for source in sources.named(NAMES, |name| {
        NAMES.split(" and ").any(|known| known == name)
    })? {
        let quantity = match source.stem.contains("inflow") {
            true => Quantity::PersonsIn,
            false => Quantity::PersonsOut,
        };
        let mut table = Table::open(&source, DIALECT)?;
        while let Some(line) = table.next(intake)? {
            let at = clock.read(&line.text(0));
            if let Some(at) = intake.wanted(&line, at) {
                intake.cell(&line, 1, (at, "door", quantity, ""));
            }
        }
    }
    Ok(town)
}
