//! An account counts what comes, once, and the same again from the journal.

use super::*;
use pipeline::calendar::HOUR;
use pipeline::city::NodeIx;
use wire::Milli;

fn frame(boot: u32, received: Millis) -> FrameRecord {
    FrameRecord {
        node: NodeIx(0),
        generation: 1,
        lane: 0,
        boot,
        sequence: 0,
        kept_boot: boot,
        kept_sequence: 0,
        settings: 0,
        settings_refused: 0,
        received,
        offset: Some(0),
        readings: Vec::new(),
        held: Vec::new(),
        refused: 0,
    }
}

fn volts(value: i64, sampled_before: Millis) -> Reading {
    Reading {
        index: 0,
        quantity: Quantity::BatteryVoltage,
        saturated: false,
        sampled_before,
        value: Milli(value),
    }
}

#[test]
fn every_frame_is_in_one_place_and_starts_are_counted_once() {
    let mut account = Account::default();
    for (boot, at) in [(1, 10), (1, 20), (3, 30), (2, 40)] {
        account.accept(&[frame(boot, at)], &Tally::default(), NodeClock::Own);
    }
    account.duplicate(50);
    account.refuse(Refusal::Seal, 60);
    account.refuse(Refusal::Generation, 70);
    assert_eq!(account.received(), 7);
    assert_eq!(
        (
            account.accepted,
            account.duplicate,
            account.refused_frames()
        ),
        (4, 1, 2)
    );
    assert_eq!(
        (account.since, account.heard_at, account.refused_at),
        (Some(10), Some(40), Some(70))
    );
    // A frame of an older start that came late is no new start.
    let newest = Start {
        number: 3,
        heard_at: 30,
    };
    assert_eq!((account.boots, account.boot), (2, Some(newest)));
}

#[test]
fn what_the_journal_has_is_counted_again_as_it_was() {
    let calendar = Calendar::default();
    let horizon = calendar.span(Quantity::BatteryVoltage).horizon;
    let mut told = frame(1, 100 * HOUR);
    told.readings = vec![
        volts(3_700, 0),
        volts(3_710, HOUR / 2),
        volts(3_720, horizon + HOUR),
    ];
    told.refused = 2;
    let mut account = Account::default();
    account.replay(&told, 5, &calendar);
    let Readings {
        all,
        admitted,
        untold,
        late,
        too_late,
        ..
    } = account.readings;
    assert_eq!((all, admitted, untold, late, too_late), (5, 3, 2, 1, 1));
    assert_eq!((account.accepted, account.lost), (1, 5));

    // What waited for its time comes again under its place, and was no frame of its own.
    let mut released = frame(1, 101 * HOUR);
    (released.offset, released.kept_boot) = (None, 0);
    released.readings = vec![volts(3_700, 0)];
    account.replay(&released, 0, &calendar);
    assert_eq!((account.accepted, account.readings.admitted), (1, 3));

    let mut unreadable = frame(1, 102 * HOUR);
    (unreadable.offset, unreadable.kept_boot) = (None, 0);
    account.replay(&unreadable, 0, &calendar);
    assert_eq!(
        (
            account.accepted,
            account.refused[Refusal::Malformed as usize]
        ),
        (1, 1)
    );
}

#[test]
fn a_battery_has_the_trend_of_a_day() {
    let mut account = Account::default();
    for hour in 0..40 {
        let mut told = frame(1, hour * HOUR);
        told.readings = vec![volts(4_000 - 10 * hour, 0)];
        account.accept(&[told], &Tally::default(), NodeClock::Own);
    }
    let battery = account.battery.unwrap_or_else(|| panic!("it was measured"));
    assert_eq!((battery.at, battery.volts), (39 * HOUR, Milli(3_610)));
    assert_eq!(battery.trend(), Some((Milli(-240), 24 * HOUR)));
}
