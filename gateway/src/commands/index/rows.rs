//! Rows of concentrations in, the same rows with their index out.

use std::fmt;
use std::io::{self, Read, Write};

use csv::ByteRecord;
use pipeline::output::AirIndex;
use pipeline::science::air::Standard;
use pipeline::science::air::exact::Exact;
use pipeline::science::air::units::convert;

use super::complaints::Complaints;
use super::heads::{self, Head};

/// Down to this a negative concentration is noise around nothing, in whatever unit; beyond it, it is
/// somebody's mark for a missing value, and must not become the cleanest air.
const NOISE_MAX: i128 = 20;

/// Copies the table and adds `index,category,primary`.
pub(super) fn add_index(
    standard: Standard,
    input: impl Read,
    output: impl Write,
    complaints: &mut Complaints<impl Write>,
) -> Result<(), IndexError> {
    // Rows of a wrong length are told about like any other bad row, not by the reader's error.
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let mut header = reader.byte_headers().map_err(IndexError::Read)?.clone();
    if let Some(first) = header
        .get(0)
        .and_then(|name| name.strip_prefix(b"\xef\xbb\xbf"))
    {
        let rest = header.iter().skip(1);
        header = std::iter::once(first).chain(rest).collect();
    }
    let names: Vec<_> = header.iter().map(String::from_utf8_lossy).collect();
    let heads =
        heads::read(standard, names.iter().map(AsRef::as_ref)).map_err(IndexError::Header)?;
    for name in &heads.lacking {
        complaints.note(format_args!(
            "column `{name}`: {standard} has no such averaging, it gives no index"
        ));
    }

    let mut writer = csv::Writer::from_writer(output);
    let mut out = header.clone();
    for name in ["index", "category", "primary"] {
        out.push_field(name.as_bytes());
    }
    writer.write_byte_record(&out).map_err(write_error)?;

    let mut row = ByteRecord::new();
    while reader
        .read_byte_record(&mut row)
        .map_err(IndexError::Read)?
    {
        let line = row.position().map_or(0, csv::Position::line);
        let bad_before = complaints.count();
        if row.len() != header.len() {
            complaints.add(
                line,
                format_args!("{} cells, the header has {}", row.len(), header.len()),
            );
        }
        let worst = worst_of_row(standard, &heads.known, &row, line, complaints);
        let answer = worst.filter(|_| complaints.count() == bad_before);

        out.clear();
        for place in 0..header.len() {
            out.push_field(row.get(place).unwrap_or_default());
        }
        match answer {
            None => (0..3).for_each(|_| out.push_field(b"")),
            Some(air) => {
                out.push_field(air.index.to_string().as_bytes());
                out.push_field(standard.category(air.category).name.as_bytes());
                out.push_field(air.primary.to_string().as_bytes());
            }
        }
        writer.write_byte_record(&out).map_err(write_error)?;
    }
    complaints.finish();
    writer.flush().map_err(IndexError::Write)
}

/// The highest sub-index of a row and whose it is; where one pollutant is named, of equals the leftmost.
fn worst_of_row(
    standard: Standard,
    heads: &[Head],
    row: &ByteRecord,
    line: u64,
    complaints: &mut Complaints<impl Write>,
) -> Option<AirIndex> {
    let mut subs = Vec::with_capacity(heads.len());
    for head in heads {
        let quantity = head.column.quantity;
        let concentration = match concentration(row.get(head.place).unwrap_or_default()) {
            Ok(Some(concentration)) => concentration,
            Ok(None) => continue,
            Err(what) => {
                let averaging = head.column.averaging;
                complaints.add(line, format_args!("{quantity}_{averaging}: {what}"));
                continue;
            }
        };
        let units = (head.unit, head.column.unit);
        let sub_index = convert(concentration, quantity, units, standard.reference())
            .and_then(|concentration| head.column.sub_index(concentration));
        subs.push((quantity, sub_index));
    }
    standard.worst(subs)
}

/// A cell; `None` where nothing was measured.
fn concentration(cell: &[u8]) -> Result<Option<Exact>, String> {
    let text = String::from_utf8_lossy(cell.trim_ascii());
    if text.is_empty() || ["na", "nan", "null"].contains(&text.to_ascii_lowercase().as_str()) {
        return Ok(None);
    }
    let value: Exact = text.parse().map_err(|error| format!("`{text}`: {error}"))?;
    if value.truncated(0) < -NOISE_MAX {
        return Err(format!(
            "`{text}`: too far below zero; leave the cell empty where nothing was measured"
        ));
    }
    Ok(Some(value))
}

/// Why a table could not be indexed at all.
#[derive(Debug)]
pub(super) enum IndexError {
    Header(String),
    Read(csv::Error),
    Write(io::Error),
}

impl fmt::Display for IndexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IndexError::Header(what) => f.write_str(what),
            IndexError::Read(error) => write!(f, "cannot read the table: {error}"),
            IndexError::Write(error) => write!(f, "cannot write the table: {error}"),
        }
    }
}

impl std::error::Error for IndexError {}

/// A record only fails to be written when its sink does.
fn write_error(error: csv::Error) -> IndexError {
    IndexError::Write(match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("{kind:?}")),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    /// The table that comes out, then what was complained about.
    fn index(standard: Standard, input: &[u8]) -> String {
        let (mut output, mut said) = (Vec::new(), Vec::new());
        let done = add_index(standard, input, &mut output, &mut Complaints::to(&mut said));
        if let Err(error) = done {
            said.extend(format!("error: {error}\n").into_bytes());
        }
        format!(
            "{}---\n{}",
            String::from_utf8_lossy(&output),
            String::from_utf8_lossy(&said)
        )
    }

    fn check_us(input: &str, expected: Expect) {
        expected.assert_eq(&index(Standard::UsEpa2024, input.as_bytes()));
    }

    fn check_cn(input: &str, expected: Expect) {
        expected.assert_eq(&index(Standard::CnHj6332026, input.as_bytes()));
    }

    #[test]
    fn the_worst_pollutant_is_the_index_and_other_columns_pass_through() {
        check_us(
            "day,pm2_5_24h,o3_8h,co_8h,note\n\
             2026-06-01,35.9,0.07853333,8.4,\"a, b\"\n\
             2026-06-02,9.0,,,\n\
             2026-06-03,,,,nothing\n",
            expect![[r#"
                day,pm2_5_24h,o3_8h,co_8h,note,index,category,primary
                2026-06-01,35.9,0.07853333,8.4,"a, b",126,Unhealthy for Sensitive Groups,o3
                2026-06-02,9.0,,,,50,Good,pm2_5
                2026-06-03,,,,nothing,,,
                ---
            "#]],
        );
    }

    #[test]
    fn units_in_brackets_are_converted_at_25_degrees() {
        check_us(
            "o3_8h[ug/m3],o3_1h [ppb],co_8h[mg/m3],no2_1h[ppm]\n\
             138.6,,,\n\
             ,162,,\n\
             ,,10.0,\n\
             ,,,0.101\n",
            expect![[r#"
                o3_8h[ug/m3],o3_1h [ppb],co_8h[mg/m3],no2_1h[ppm],index,category,primary
                138.6,,,,100,Moderate,o3
                ,162,,,147,Unhealthy for Sensitive Groups,o3
                ,,10.0,,93,Moderate,co
                ,,,0.101,101,Unhealthy for Sensitive Groups,no2
                ---
            "#]],
        );
    }

    #[test]
    fn china_rounds_half_to_even_and_names_a_pollutant_only_past_fifty() {
        check_cn(
            "pm2_5_24h,pm10_1h,so2_1h\n\
             60.5,,\n\
             60.6,,\n\
             75,150,801\n\
             17,,10\n",
            expect![[r#"
                pm2_5_24h,pm10_1h,so2_1h,index,category,primary
                60.5,,,100,良,pm2_5
                60.6,,,101,轻度污染,pm2_5
                75,150,801,200,中度污染,so2
                17,,10,25,优,
                ---
            "#]],
        );
    }

    #[test]
    fn china_of_2012_takes_means_as_they_are_and_names_all_that_tie() {
        expect![[r#"
            pm2_5_1h,pm10_1h,o3_8h,index,category,primary
            75,150,,100,良,"pm10,pm2_5"
            ,,187.5,125,轻度污染,o3
            ,,187.6,126,轻度污染,o3
            ,,801,,,
            ---
        "#]]
        .assert_eq(&index(
            Standard::CnHj6332012,
            b"pm2_5_1h,pm10_1h,o3_8h\n75,150,\n,,187.5\n,,187.6\n,,801\n",
        ));
    }

    #[test]
    fn europe_answers_a_band_and_means_twenty_degrees() {
        // 100 ppb of nitrogen dioxide are 191.2 ug/m3 at 20 degrees; 31.37 ppb are 59.995 there, 58.99 at 25.
        expect![[r#"
            pm2_5_1h,no2_1h[ppb],index,category,primary
            5,,1,Good,pm2_5
            5.1,,2,Fair,pm2_5
            16,31.37,3,Moderate,"no2,pm2_5"
            16,31.38,4,Poor,no2
            1000,100,6,Extremely poor,"no2,pm2_5"
            ---
        "#]]
        .assert_eq(&index(
            Standard::Eaqi2025,
            b"pm2_5_1h,no2_1h[ppb]\n5,\n5.1,\n16,31.37\n16,31.38\n1000,100\n",
        ));
    }

    #[test]
    fn an_averaging_that_the_standard_lacks_gives_an_empty_cell() {
        check_us(
            "pm2_5_1h,no2_1h\n80,\n80,53.9\n",
            expect![[r#"
                pm2_5_1h,no2_1h,index,category,primary
                80,,,,
                80,53.9,50,Good,no2
                ---
                citysense: column `pm2_5_1h`: us-epa-2024 has no such averaging, it gives no index
            "#]],
        );
        check_us(
            "o3_8h\n0.201\n",
            expect![[r#"
                o3_8h,index,category,primary
                0.201,,,
                ---
            "#]],
        );
    }

    #[test]
    fn bad_cells_are_told_with_their_line_and_leave_the_row_without_an_index() {
        check_us(
            "id,pm2_5_24h,no2_1h\n\
             a,12 ug,10\n\
             b,-999,10\n\
             c,1e99,10\n\
             d,-0.4,NA\n\
             e,5\n\
             f,5,10,99\n\
             g,5,10\n",
            expect![[r#"
                id,pm2_5_24h,no2_1h,index,category,primary
                a,12 ug,10,,,
                b,-999,10,,,
                c,1e99,10,,,
                d,-0.4,NA,0,Good,pm2_5
                e,5,,,,
                f,5,10,,,
                g,5,10,28,Good,pm2_5
                ---
                citysense: line 2: pm2_5_24h: `12 ug`: not a decimal number
                citysense: line 3: pm2_5_24h: `-999`: too far below zero; leave the cell empty where nothing was measured
                citysense: line 4: pm2_5_24h: `1e99`: beyond any concentration (99999999)
                citysense: line 6: 2 cells, the header has 3
                citysense: line 7: 4 cells, the header has 3
            "#]],
        );
    }

    #[test]
    fn heads_that_make_no_sense_are_errors() {
        check_us(
            "time,value\n1,2\n",
            expect![[r#"
                ---
                error: no column of us-epa-2024 in the header; its columns are pm2_5_24h, pm10_24h, o3_8h, o3_1h, no2_1h, so2_1h, so2_24h, co_8h
            "#]],
        );
        check_us(
            "pm2_5_24h[ppb]\n1\n",
            expect![[r#"
                ---
                error: column `pm2_5_24h[ppb]`: pm2_5 cannot be given in ppb
            "#]],
        );
        check_us(
            "o3_8h[furlong]\n1\n",
            expect![[r#"
                ---
                error: column `o3_8h[furlong]`: unknown unit `furlong`; known are ug/m3, mg/m3, ppm, ppb
            "#]],
        );
        check_us(
            "",
            expect![[r#"
                ---
                error: no column of us-epa-2024 in the header; its columns are pm2_5_24h, pm10_24h, o3_8h, o3_1h, no2_1h, so2_1h, so2_24h, co_8h
            "#]],
        );
    }

    #[test]
    fn any_bytes_come_through_unharmed() {
        let mut bytes = b"\xef\xbb\xbfpm10_24h,\xff\n54,\xfe\x00\n\xff,x\n".to_vec();
        let said = index(Standard::UsEpa2024, &bytes);
        assert!(
            said.starts_with("pm10_24h,\u{fffd},index,category,primary\n54,"),
            "{said}"
        );
        assert!(said.contains(",50,Good,pm10\n"), "{said}");
        assert!(
            said.contains("line 3: pm10_24h: `\u{fffd}`: not a decimal number"),
            "{said}"
        );
        for _ in 0..200 {
            bytes.push(b'"');
            bytes.push(b'\n');
            index(Standard::UsEpa2024, &bytes);
        }
    }

    /// The domain file's vectors as users would type them.
    #[test]
    fn every_vector_comes_out_of_the_command() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/domain/aqi_vectors.csv"
        );
        let mut checked = 0;
        for row in csv::Reader::from_path(path).unwrap().records() {
            let row = row.unwrap();
            let standard = Standard::from_name(&row[0]).unwrap();
            let quantity = row[1].to_lowercase().replace('.', "_");
            let input = format!("{quantity}_{}[{}]\n{}\n", &row[2], &row[4], &row[3]);
            let output = index(standard, input.as_bytes());
            let expected = format!("\n{},{},{},", &row[3], &row[7], &row[9]);
            assert!(output.contains(&expected), "{row:?}: {output}");
            checked += 1;
        }
        assert_eq!(checked, 270);
    }
}
