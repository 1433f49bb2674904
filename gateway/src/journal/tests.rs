#![allow(clippy::unwrap_used)]

use super::*;
use crate::metrics::Metrics;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

fn events() -> Events {
    Events::new(Arc::new(Metrics::new().unwrap()))
}

fn open(dir: &Path) -> Journal {
    Journal::open(dir, events(), None).unwrap()
}

fn link(up: bool) -> Record {
    Record::Input(Input::Link { up })
}

fn all(journal: &Journal) -> Vec<(Tick, Record)> {
    journal.entries(0).collect::<Result<_, _>>().unwrap()
}

#[test]
fn ticks_never_fall_even_over_a_restart_with_the_clock_set_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    assert_eq!(journal.commit(1_000, &[link(true)]).unwrap(), 1_000);
    assert_eq!(
        journal
            .commit(400, &[link(false), Record::Deadline])
            .unwrap(),
        1_000
    );
    drop(journal);

    let mut journal = open(dir.path());
    assert_eq!(journal.floor(), 1_000);
    assert_eq!(journal.commit(1, &[link(true)]).unwrap(), 1_000);
    assert_eq!(journal.commit(2_000, &[Record::Deadline]).unwrap(), 2_000);
    let entries = all(&journal);
    assert_eq!(
        entries,
        [
            (1_000, link(true)),
            (1_000, link(false)),
            (1_000, Record::Deadline),
            (1_000, link(true)),
            (2_000, Record::Deadline),
        ]
    );
    drop(journal);
    let read: Vec<_> = read(dir.path()).unwrap().map(Result::unwrap).collect();
    assert_eq!(read, entries);
}

#[test]
fn a_directory_of_another_format_is_refused_with_the_way_out() {
    for (format, expected) in [
        ("5", "an older citysense (format 5, this build reads 6)"),
        ("7", "a newer citysense (format 7, this build reads 6)"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path()));
        let file = dir.path().join("FORMAT");
        std::fs::write(&file, format).unwrap();
        let error = Journal::open(dir.path(), events(), None).err().unwrap();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(read(dir.path()).is_err());
        // Nothing was touched.
        assert_eq!(std::fs::read_to_string(&file).unwrap(), format);
    }
}

#[test]
fn two_gateways_cannot_share_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    let _first = open(dir.path());
    let error = Journal::open(dir.path(), events(), None).err().unwrap();
    assert!(matches!(error, OpenError::Locked(_)), "{error}");
}

#[test]
fn after_a_failed_write_nothing_is_taken_and_what_was_taken_stays() {
    let dir = tempfile::tempdir().unwrap();
    let full = Arc::new(AtomicBool::new(false));
    let check: DiskCheck = {
        let full = full.clone();
        Arc::new(move || match full.load(Ordering::Relaxed) {
            true => Err(io::Error::from(io::ErrorKind::StorageFull)),
            false => Ok(()),
        })
    };
    let events = events();
    let mut journal = Journal::open(dir.path(), events.clone(), Some(check)).unwrap();
    journal.commit(1, &[link(true)]).unwrap();
    full.store(true, Ordering::Relaxed);
    let error = journal.commit(2, &[link(false)]).unwrap_err();
    assert!(error.to_string().contains("no storage space"), "{error}");
    // Space comes back; the journal still does not trust the disk.
    full.store(false, Ordering::Relaxed);
    let error = journal.commit(3, &[link(false)]).unwrap_err();
    // Whoever looks later still learns why.
    assert!(error.to_string().contains("no storage space"), "{error}");
    assert!(journal.has_failed());
    assert_eq!(events.metrics.journal_failed.get(), 1);
    drop(journal);
    assert_eq!(all(&open(dir.path())), [(1, link(true))]);
}

#[test]
fn small_values_outlive_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    assert_eq!(journal.meta::<u32>("epoch").unwrap(), None);
    journal.set_meta("epoch", &7_u32).unwrap();
    journal.set_published(&vec![1_u8, 2]).unwrap();
    drop(journal);
    let journal = open(dir.path());
    assert_eq!(journal.meta::<u32>("epoch").unwrap(), Some(7));
    assert_eq!(journal.published::<Vec<u8>>().unwrap(), Some(vec![1, 2]));
}

#[test]
fn a_frame_gives_its_observations_back() {
    let frame = FrameRecord {
        node: pipeline::city::NodeIx(3),
        generation: 0,
        lane: 1,
        boot: 2,
        sequence: 9,
        kept_boot: 2,
        kept_sequence: 0,
        settings: 7,
        settings_refused: 0,
        received: 50_000,
        offset: Some(10),
        readings: vec![Reading {
            index: 4,
            quantity: wire::Quantity::Ch4,
            saturated: true,
            sampled_before: -200,
            value: wire::Milli(1_500),
        }],
        held: Vec::new(),
        refused: 1,
    };
    let record = Record::Frames(vec![frame.clone()]);
    assert_eq!(
        record::decode(&record::encode(&record).unwrap()).unwrap(),
        record
    );
    let mut observations = Vec::new();
    frame.observations(&mut observations);
    let [observation] = observations[..] else {
        panic!("one observation")
    };
    assert_eq!(observation.sampled_at, 50_200);
    assert_eq!(observation.sequence, 2 << 32 | 9);
    assert_eq!((observation.index, observation.saturated), (4, true));
}

#[test]
fn the_latest_versions_of_rules_and_quality_rules_are_kept_apart() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    assert_eq!(journal.configuration().unwrap(), []);
    let quality = |stuck| {
        Input::Quality(Arc::new(vec![pipeline::quality::QualityRule {
            quantity: wire::Quantity::Pm2_5,
            stuck: Some(stuck),
            spike: None,
            range: None,
            neighbours: None,
            detector: None,
            recover: None,
            flags: None,
        }]))
    };
    let rules = Input::Rules(Arc::new(Vec::new()));
    for input in [quality(60_000), rules.clone(), quality(90_000)] {
        journal.commit(1_000, &[Record::Input(input)]).unwrap();
    }
    drop(journal);
    let known = open(dir.path()).configuration().unwrap();
    assert_eq!(known, [rules, quality(90_000)]);
}
