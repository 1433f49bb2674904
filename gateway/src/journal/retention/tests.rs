use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::events::Events;
use crate::journal::FrameRecord;
use crate::metrics::Metrics;
use pipeline::city::{City, NodeIx, ZoneIx};
use wire::{CityId, Milli};

fn open(dir: &Path) -> Journal {
    let events = Events::new(Arc::new(Metrics::new().unwrap()));
    Journal::open(dir, events, None).unwrap()
}

fn city(shift: i64) -> Record {
    Record::Input(Input::City(Arc::new(City {
        id: CityId::new("town").unwrap(),
        hour_shift: shift,
        zones: Vec::new(),
        neighbours: Vec::new(),
        nodes: Vec::new(),
        gates: Vec::new(),
        standards: Vec::new(),
        leaks: Default::default(),
        silence_after: None,
    })))
}

fn frames() -> Record {
    Record::Frames(vec![FrameRecord {
        node: NodeIx(0),
        generation: 0,
        lane: 0,
        boot: 1,
        sequence: 1,
        kept_boot: 1,
        kept_sequence: 0,
        settings: 0,
        settings_refused: 0,
        received: 1,
        offset: None,
        readings: Vec::new(),
        held: Vec::new(),
        refused: 0,
    }])
}

fn act(action: Action) -> Record {
    Record::Input(Input::Action(action))
}

fn quarantine() -> Record {
    act(Action::Quarantine {
        node: NodeIx(0),
        quantity: None,
        from: 0,
        by: "ada".to_owned(),
    })
}

fn anchor() -> Record {
    let (zone, count) = (ZoneIx(0), Milli::ZERO);
    act(Action::Anchor { zone, at: 0, count })
}

/// Steps until nothing more is to be forgotten; answers how many inputs were.
fn forget(journal: &mut Journal, now: Tick, kept: Tick) -> u64 {
    let kept = Kept {
        inputs: kept,
        revisions: kept,
    };
    let mut forgotten = 0;
    let mut idle = 0;
    while idle < 3 {
        let step = journal.forget(now, kept).unwrap().inputs;
        assert!(step <= STEP_LEN_MAX as u64);
        forgotten += step;
        idle = if step == 0 { idle + 1 } else { 0 };
    }
    forgotten
}

fn all(journal: &Journal) -> Vec<(Tick, Record)> {
    journal.entries(0).collect::<Result<_, _>>().unwrap()
}

#[test]
fn what_a_snapshot_covers_leaves_and_what_holds_on_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    let link = |up| Record::Input(Input::Link { up });
    let old = [
        city(1),
        Record::Input(Input::Rules(Arc::default())),
        link(false),
        frames(),
        link(true),
        city(2),
        quarantine(),
        anchor(),
        Record::Deadline,
    ];
    for (tick, record) in (100..).zip(&old) {
        journal.commit(tick, std::slice::from_ref(record)).unwrap();
    }
    journal.commit(200, &[frames()]).unwrap();
    journal.commit(300, &[frames()]).unwrap();

    // Without a snapshot a restart needs everything.
    assert_eq!(forget(&mut journal, 10_000, 10), 0);
    assert_eq!(journal.reach().unwrap(), 0);
    journal.set_snapshot(250, &7_u32).unwrap();
    // One city, one link, the frame, the head count and the deadline; then the frame of 200.
    assert_eq!(forget(&mut journal, 160, 10), 5);
    assert_eq!(journal.reach().unwrap(), 150);
    assert_eq!(forget(&mut journal, 10_000, 10), 1);
    assert_eq!(journal.reach().unwrap(), 250);
    let left = [
        (101, old[1].clone()),
        (104, old[4].clone()),
        (105, old[5].clone()),
        (106, old[6].clone()),
        (300, frames()),
    ];
    assert_eq!(all(&journal), left);
    drop(journal);

    // After a restart the next versions still push out those that were left.
    let mut journal = open(dir.path());
    assert_eq!(journal.reach().unwrap(), 250);
    journal.commit(400, &[city(3), link(false)]).unwrap();
    journal.commit(500, &[frames()]).unwrap();
    journal.set_snapshot(600, &8_u32).unwrap();
    assert_eq!(forget(&mut journal, 10_000, 10), 3);
    let ticks: Vec<Tick> = all(&journal).iter().map(|(tick, _)| *tick).collect();
    assert_eq!(ticks, [101, 106, 400, 400, 500], "the last entry stays");
    assert_eq!(journal.floor(), 500);
}

#[test]
fn a_long_journal_leaves_in_steps_and_stays_small() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    journal.commit(1, &[city(0)]).unwrap();
    for round in 0..10_u64 {
        let ticks = round * 1_000 + 2..round * 1_000 + 1_002;
        let entries: Vec<(Tick, Record)> = ticks.map(|tick| (tick, frames())).collect();
        let entries = entries.iter().map(|(tick, record)| (*tick, record));
        journal.commit_all(entries).unwrap();
        let now = journal.floor();
        journal.set_snapshot(now, &round).unwrap();
        forget(&mut journal, now, 500);
        let left = all(&journal).len();
        assert!(left <= 502, "{left} entries after round {round}");
    }
}
