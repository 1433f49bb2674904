//! All published and computed vectors, from the domain files beside the repository: here the indices, in
//! [`tables`] the breakpoints, in [`means`] NowCasts and units.
#![allow(clippy::unwrap_used)]

mod means;
mod tables;

use wire::Quantity;

use super::Standard;
use super::exact::Exact;
use super::table::Averaging;

fn path(file: &str) -> String {
    format!("{}/../../shared/domain/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn rows(file: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_path(path(file)).unwrap();
    reader.records().map(Result::unwrap).collect()
}

fn quantity(pollutant: &str) -> Quantity {
    pollutant
        .to_lowercase()
        .replace('.', "_")
        .parse()
        .unwrap_or_else(|_| panic!("{pollutant}"))
}

#[test]
fn every_index_vector_comes_out() {
    let (mut checked, mut misses) = (0, Vec::new());
    for row in rows("aqi_vectors.csv") {
        let standard = Standard::from_name(&row[0]).unwrap_or_else(|| panic!("{row:?}"));
        let column = standard
            .column(quantity(&row[1]), Averaging::from_name(&row[2]).unwrap())
            .unwrap_or_else(|| panic!("no column: {row:?}"));
        assert_eq!(column.unit.name(), &row[4], "{row:?}");
        let got = column.sub_index(row[3].parse::<Exact>().unwrap());
        let class = got.map(|index| standard.category(standard.category_number(index)));
        let got = (
            got.map_or(String::new(), |index| index.to_string()),
            class.map_or(String::new(), |class| class.number.to_string()),
            class.map_or("", |class| class.name),
        );
        let expected = (row[7].to_owned(), row[8].to_owned(), &row[9]);
        if got != expected {
            misses.push(format!("{row:?}: got {got:?}"));
        }
        checked += 1;
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
    assert_eq!(checked, 270);
}
