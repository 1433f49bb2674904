//! `citysense import` on files as they are published: marks of missing values, decimal commas, clocks without an offset,
//! units in the second line, rows cut short. Whatever the bytes, every row is accounted for.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use expect_test::{Expect, expect};
use gateway::city;
use gateway::import::{self, ALWAYS, Books, ImportError, SETS, Set};
use pipeline::calendar::rfc3339;
use proptest::prelude::*;

/// Writes the files and imports them into memory.
fn imported(set: &str, files: &[(&str, &[u8])]) -> Result<(String, Books), ImportError> {
    let dir = tempfile::tempdir().unwrap();
    let from: Vec<PathBuf> = files
        .iter()
        .map(|(name, bytes)| {
            let path = dir.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        })
        .collect();
    let (_, rows, mut books) = import::collect(Set::named(set).unwrap(), &from, ALWAYS)?;
    for shown in &mut books.shown {
        *shown = shown.replace(&format!("{}/", dir.path().display()), "");
    }
    let lines = rows.iter().map(|row| {
        let at = rfc3339(row.at);
        format!(
            "{at} {} {} {} {}\n",
            row.node, row.quantity, row.value, row.unit
        )
    });
    Ok((lines.collect(), books))
}

#[track_caller]
fn check(set: &str, files: &[(&str, &str)], expected: Expect) {
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .collect();
    let (mut said, books) = imported(set, &files).unwrap();
    assert!(books.is_balanced(), "{books:?}");
    for shown in &books.shown {
        said += &format!("{shown}\n");
    }
    expected.assert_eq(&format!("{said}{books}\n"));
}

#[test]
fn decimal_commas_and_their_mark_for_nothing() {
    let text = "\u{feff}Date;Time;CO(GT);NO2(GT);T;RH;;\r\n10/03/2004;18.00.00;2,6;113;13,6;48,9;;\r\n\
                28/03/2004;02.00.00;-200;-200,0;-1,5;;;\r\n31/02/2004;18.00.00;1;1;1;1;;\r\n;;;;;;;\r\n\
                11/03/2004;18.00.00;2,6,1;x;1;\r\n";
    check(
        "uci-air-quality",
        &[("AirQualityUCI.csv", text)],
        expect![[r#"
            2004-03-10T17:00:00.000Z station co 2.6 mg/m3
            2004-03-10T17:00:00.000Z station no2 113 ug/m3
            2004-03-10T17:00:00.000Z station temperature 13.6 Cel
            2004-03-10T17:00:00.000Z station relative_humidity 48.9 %
            2004-03-28T01:00:00.000Z station temperature -1.5 Cel
            2004-03-11T17:00:00.000Z station temperature 1 Cel
            AirQualityUCI.csv:3: no time that can be read
            AirQualityUCI.csv:5: `2.6,1` in column 3 is no number
            AirQualityUCI.csv:5: `x` in column 4 is no number
            4 rows: 3 taken, 0 outside the time asked for, 1 bad; 6 readings, 4 missing values, 2 bad ones
        "#]],
    );
}

#[test]
fn twelve_hour_clocks_and_readings_that_are_not_valid() {
    let header = "Site,Parameter,Date (LT),Year,Month,Day,Hour,NowCast Conc.,AQI,AQI Category,Raw Conc.,Conc. Unit,Duration,QC Name\n";
    let row = |site: &str, time: &str, raw: &str, quality: &str| {
        format!(
            "{site},PM2.5 - Principal,{time},2017,01,01,01,497.0,498,Hazardous,{raw},UG/M3,1 Hr,{quality}\n"
        )
    };
    let text = header.to_owned()
        + &row("Beijing", "2017-01-01 12:00 AM", "505.0", "Valid")
        + &row("Beijing", "2017-01-01 12:00 PM", "-999", "Missing")
        + &row("Beijing", "2017-01-01 01:00 PM", "-999.0", "Valid")
        + &row("Beijing", "2017-01-01 01:00 PM", "31", "Invalid")
        + &row("Beijing", "2017-01-01 13:00 PM", "31", "Valid")
        + &row("Atlantis", "2017-01-01 01:00 AM", "31", "Valid")
        + "Beijing,PM2.5 - Principal,2017-01-01 11:00 PM\n";
    check(
        "airnow",
        &[("Beijing_PM2.5_2017_YTD.csv", &text)],
        expect![[r#"
            2016-12-31T16:00:00.000Z beijing pm2_5 505.0 ug/m3
            Beijing_PM2.5_2017_YTD.csv:6: no time that can be read
            Beijing_PM2.5_2017_YTD.csv:7: no site whose clock is known
            7 rows: 5 taken, 0 outside the time asked for, 2 bad; 1 readings, 4 missing values, 0 bad ones
        "#]],
    );
}

#[test]
fn summer_time_and_nights_that_belong_to_the_day_before() {
    let counts = "date,hour,year,1 Courthouse Lane,210 Queen Street\n2023-12-31,23:00-23:59,2023,,1997.0\n\
                  2023-12-31,0:00-0:59,2023,1886.0,NA\n2023-07-01,6:00-6:59,2023,4.0\n";
    let places =
        "Address,Latitude,Longitude\n210 Queen Street,-36.848899,174.76541\nNowhere,north,174.7\n";
    check(
        "auckland",
        &[
            ("hourly_counts_2023.csv", counts),
            ("locations.csv", places),
        ],
        expect![[r#"
            2023-12-31T10:00:00.000Z 210-queen-street persons_in 1997.0 
            2023-12-31T11:00:00.000Z 1-courthouse-lane persons_in 1886.0 
            2023-06-30T18:00:00.000Z 1-courthouse-lane persons_in 4.0 
            locations.csv:3: no longitude and latitude
            5 rows: 4 taken, 0 outside the time asked for, 1 bad; 3 readings, 3 missing values, 0 bad ones
        "#]],
    );
}

#[test]
fn units_in_the_second_line_and_instruments_that_failed() {
    let text = "Time,HF_A1,CO_A,TC_A7_1,TC_A7_2\ns,kW/m2,mol/mol,C,C\n0,0,3.98E-06,33.1,32\n10,1,-1e-5,NaN,30\nend\n";
    check(
        "delco",
        &[("Test_2.csv", text)],
        expect![[r#"
        2026-01-01T00:00:00.000Z test-2-co-a co 4.557 
        2026-01-01T00:00:00.000Z test-2-tc-a7-1 heat 33.100 
        2026-01-01T00:00:10.000Z test-2-co-a co 0.000 
        Test_2.csv:5: no time that can be read
        4 rows: 3 taken, 0 outside the time asked for, 1 bad; 3 readings, 1 missing values, 0 bad ones
    "#]],
    );
    let text = "TIME,TCA_1,SMA_1,GASA_1,TCA_2\n0.00E+00,2.22E+01,0.1,0.05,20\n2.00E+00,23,-0.001,0.06,20\n";
    check(
        "nist-smoke-alarms",
        &[("NIST_Smoke_Alarms_SDC02.csv", text)],
        expect![[r#"
            2026-01-01T00:00:00.000Z sdc02-a-tca_1 heat 22.200 
            2026-01-01T00:00:00.000Z sdc02-a-sma_1 smoke 20.567 
            2026-01-01T00:00:00.000Z sdc02-a-gasa_1 co 0.000 
            2026-01-01T00:00:02.000Z sdc02-a-tca_1 heat 23.000 
            2026-01-01T00:00:02.000Z sdc02-a-sma_1 smoke -0.231 
            2026-01-01T00:00:02.000Z sdc02-a-gasa_1 co 114.488 
            2 rows: 2 taken, 0 outside the time asked for, 0 bad; 6 readings, 0 missing values, 0 bad ones
        "#]],
    );
}

#[test]
fn records_of_shaking_are_scaled_and_centred() {
    let knet = "Origin Time       1996/08/11 03:12:00\nStation Code      AKT013\nStation Lat.      39.6069\n\
                Station Long.     140.3213\nRecord Time       1996/08/11 03:12:39\nSampling Freq(Hz) 100Hz\nDir.              E-W\n\
                Scale Factor      2000(gal)/8388608\nMemo.             \n  -100   300 \n 100 x\n";
    check(
        "knet",
        &[("A.knet", knet)],
        expect![[r#"
            1996-08-10T18:12:24.000Z akt013-e-w acceleration -0.0477 Gal
            1996-08-10T18:12:24.010Z akt013-e-w acceleration 0.0477 Gal
            A.knet:11: not whole numbers alone
            11 rows: 10 taken, 0 outside the time asked for, 1 bad; 2 readings, 0 missing values, 0 bad ones
        "#]],
    );
    let cosmos = "Rcrd\nStart time:  7/06/19, 03:16: 8.0 UTC (GPS)\nStation Id. CLC     35.816N, 117.598W    Q330\n\
                  Chan  1:  90 Deg\n 3 Accelerogram points at 100 pts/sec in units of g.  Format: (8f9.6)\n -.000011  .344250\n  .00x\n/& End\n";
    check(
        "cosmos",
        &[("CICLC.v1", cosmos)],
        expect![[r#"
        2019-07-06T03:16:08.000Z ciclc-90-deg acceleration -0.000011 [g]
        2019-07-06T03:16:08.010Z ciclc-90-deg acceleration 0.344250 [g]
        CICLC.v1:7: not numbers alone
        2 rows: 1 taken, 0 outside the time asked for, 1 bad; 2 readings, 0 missing values, 0 bad ones
    "#]],
    );
}

/// Two counters, a gate and a camera of one second of a crowd.
#[test]
fn paths_are_counted_in_the_area_and_over_its_lines() {
    let mut text = "#ID FR X Y Z\n".to_owned();
    for frame in 0..16 {
        let y = -0.8 + 0.1 * f64::from(frame);
        text += &format!("1 {frame} 1.0 {y:.2} 1.7\n2 {frame} 1.0 -3.0 1.7\n");
    }
    text += "3 five 1 1 1\n";
    let (said, books) = imported("juelich", &[("traj.txt", text.as_bytes())]).unwrap();
    assert!(books.is_balanced() && books.bad_rows == 1, "{books:?}");
    let count = |what: &str| said.lines().filter(|line| line.contains(what)).count();
    assert_eq!(count("bottleneck-camera person_count"), 16);
    assert_eq!(count("bottleneck-camera person_count 1"), 11, "{said}");
    // Once in at the first line, once out at the second, never back; at 1.6 m/s.
    assert_eq!(count("bottleneck-in persons_in 1"), 1);
    assert_eq!(count("bottleneck-out persons_in 1"), 1);
    assert_eq!(count("persons_out 1"), 0);
    assert!(count("walking_speed 1.600") >= 5, "{said}");
}

#[test]
fn what_cannot_be_imported_is_said() {
    let said = |set: &str, name: &str, text: &str| {
        let error = imported(set, &[(name, text.as_bytes())])
            .unwrap_err()
            .to_string();
        error.rsplit('/').next().unwrap().to_owned()
    };
    assert!(said("metr-la", "speeds.csv", "").contains("its files are called los_speed*.csv"));
    assert_eq!(
        said("calder", "a-level-15min.csv", "time,value\n"),
        "a-level-15min.csv: the table has no column `dateTime`"
    );
    assert_eq!(
        said("knet", "a.knet", "1 2 3\n"),
        "a.knet: the header has no Record Time that can be read"
    );
    assert_eq!(
        said("cosmos", "a.v1", "noise"),
        "a.v1: no channel of a COSMOS record in it"
    );
}

/// Every set's city directory is one that `citysense check` accepts, and its source is told.
#[test]
fn a_city_is_written_with_its_source() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cal-inflow.csv");
    fs::write(&file, "\"07/24/05 00:00:00\",3\n\"07/24/05 00:30:00\",1\n").unwrap();
    let out = dir.path().join("out");
    let books = import::import(Set::named("calit2").unwrap(), &[file], ALWAYS, &out).unwrap();
    assert_eq!((books.rows, books.readings), (2, 2));
    let city = city::load(&out, None).unwrap();
    assert_eq!(
        (city.city.gates.len(), city.notes.len()),
        (1, 0),
        "{:?}",
        city.notes
    );
    let readings = fs::read_to_string(out.join("readings.csv")).unwrap();
    assert!(
        readings.contains("2005-07-24T07:00:00.000Z,door,persons_in,3,"),
        "{readings}"
    );
    let source = fs::read_to_string(out.join("SOURCE.md")).unwrap();
    assert!(
        source
            .lines()
            .next()
            .unwrap()
            .contains("UCI Machine Learning Repository"),
        "{source}"
    );
}

/// Names under which a set looks at a file.
const NAMES: [&str; 22] = [
    "PRSA_Data_Dongsi_1-2.csv",
    "Beijing_PM2.5_2017_YTD.csv",
    "AirQualityUCI.csv",
    "toco_toucan_RT01_raw.csv",
    "airnowtech_reference_hourly.csv",
    "cnemc_1T1.csv",
    "traj.txt",
    "seq_eth_obsmat.txt",
    "hourly_counts_2019.csv",
    "cal-inflow.csv",
    "los_speed.csv",
    "speed_1.csv",
    "readings.csv",
    "Metro_Interstate_Traffic_Volume.csv",
    "NIST_Smoke_Alarms_SDC02.csv",
    "Test_2.csv",
    "a-level-15min.csv",
    "KSEA_hourly_precip_1.csv",
    "a_rain.txt",
    "ambient_temperature_system_failure.csv",
    "a.knet",
    "a.v1",
];

/// A little that each set understands, for random bytes to spoil.
const SAMPLE: &str = "Date;Time,TIME,time,timestamp,dateTime,date,hour,year,month,day,PM2.5,Site,Param,value,dateTime\n\
    2012-03-01 00:00,1,2,3,1e308,-9e999,NaN,9999999999,2012,13,31,-0,\"x,,,\n1 2 3 4 5 6 7 8\n\
    Start time:  7/06/19, 03:16: 8.0 UTC\n 9 points at 100 in units of g\n -.1\n";

proptest! {
    #[test]
    fn any_bytes_are_answered(
        noise in proptest::collection::vec(any::<u8>(), 0..200),
        at in 0..SAMPLE.len(),
    ) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        bytes.splice(at..at, noise);
        let dir = tempfile::tempdir().unwrap();
        for name in NAMES {
            fs::write(dir.path().join(name), &bytes).unwrap();
        }
        for set in SETS {
            answered(set, dir.path());
        }
    }
}

fn answered(set: &Set, from: &Path) {
    if let Ok((_, rows, books)) = import::collect(set, &[from.to_owned()], ALWAYS) {
        assert!(books.is_balanced(), "{}: {books:?}", set.name);
        assert_eq!(books.readings, rows.len() as u64);
    }
}
