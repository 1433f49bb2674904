use super::*;
use crate::board::sample::{NOON, exposed, revision};
use proptest::prelude::*;

fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: fmt::Debug,
{
    text.parse().unwrap()
}

fn text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(".{0,40}")
}

fn state() -> impl Strategy<Value = State> {
    prop::sample::select(vec![
        State::Raised,
        State::Updated,
        State::Unconfirmed,
        State::Cleared,
        State::Cancelled,
    ])
}

fn units() -> Vec<&'static str> {
    Value::all().map(Value::unit).collect()
}

prop_compose! {
    fn desk()(
        assigned in text(),
        assigned_by in text(),
        proposed in proptest::option::of(state()),
        note in proptest::option::of((".{0,20}", ".{0,200}")),
        silenced in proptest::option::of((any::<i64>(), ".{0,20}")),
        escalated_to in proptest::collection::vec(".{0,20}", 0..4),
    ) -> Desk {
        Desk {
            assigned,
            assigned_by,
            proposed,
            note: note.map(|(by, text)| Note { by, text }),
            silenced: silenced.map(|(until, by)| Silenced { until, by }),
            escalated_to,
        }
    }
}

prop_compose! {
    fn any_revision()(
        alert in any::<u128>(),
        numbers in (any::<u32>(), any::<u32>(), any::<u32>(), any::<u32>()),
        figures in (any::<i64>(), any::<i64>()),
        // A tick, which is never below zero.
        updated in 0..i64::MAX,
        times in (any::<i64>(), proptest::option::of(any::<i64>()), any::<i64>(), any::<i64>()),
        state in state(),
        reason in prop::sample::select(vec![Reason::Threshold, Reason::Split, Reason::Quarantine]),
        unit in prop::sample::select(units()),
        flags in any::<[bool; 5]>(),
        links in (proptest::option::of(any::<u128>()), proptest::option::of(any::<u128>())),
        zone_name in ".{0,40}",
        acknowledged in text(),
        desk in desk(),
        reaches: bool,
    ) -> Revision {
        Revision {
            revision: numbers.0,
            rule_version: numbers.1,
            early: None,
            completeness: Completeness { heard: numbers.2, expected: numbers.3 },
            suspect: numbers.2,
            value: Milli(figures.0),
            threshold: Milli(figures.1),
            onset: times.0,
            end: times.1,
            window: Span { start: times.2, end: times.3 },
            state,
            reason,
            unit,
            node: flags[0].then(|| id("n-1")),
            oldest_unheard: flags[1].then(|| id("n_2")),
            provisional: flags[2],
            node_alarm: flags[4],
            status: if flags[3] { Status::Test } else { Status::Actual },
            merged_into: links.0.map(AlertId),
            split_from: links.1.map(AlertId),
            zone_name,
            acknowledged,
            desk,
            exposed: reaches.then(exposed),
            ..revision(alert, 1, State::Raised, updated)
        }
    }
}

proptest! {
    #[test]
    fn a_revision_comes_back_as_it_was(revision in any_revision(), shadow: bool) {
        let place = Place::of(shadow, &revision);
        let bytes = encode(shadow, &revision).unwrap();
        prop_assert_eq!(is_shadow(&bytes), shadow);
        prop_assert_eq!(is_open(&bytes), revision.state.is_open());
        let cancelled = revision.state == State::Cancelled;
        let expected = (!cancelled).then(|| (revision.onset, crate::history::end(&revision)));
        prop_assert_eq!(span(&bytes), expected);
        prop_assert_eq!(Place::from_key(&place.key()), Some(place));
        prop_assert_eq!(decode(place, &bytes).unwrap(), Told { shadow, revision });
    }

    #[test]
    fn places_are_in_order_of_time(a in any::<(u64, u128, bool, u32)>(), b in any::<(u64, u128, bool, u32)>()) {
        let place = |(updated, alert, shadow, revision)| Place { updated, alert: AlertId(alert), shadow, revision };
        prop_assert_eq!(place(a).cmp(&place(b)), place(a).key().cmp(&place(b).key()));
    }

    #[test]
    fn any_bytes_are_a_revision_or_a_reason(bytes in proptest::collection::vec(any::<u8>(), 0..300), known: bool) {
        let place = Place { updated: 1, alert: AlertId(2), shadow: false, revision: 3 };
        let mut bytes = bytes;
        if known && let Some(first) = bytes.first_mut() {
            *first = VERSION;
        }
        let _ = decode(place, &bytes);
        let _ = Place::from_key(&bytes);
    }
}

#[test]
fn a_value_without_its_later_sections_is_read() {
    let mut whole = revision(7, 1, State::Raised, NOON);
    let place = Place::of(false, &whole);
    let without = encode(false, &whole).unwrap();
    whole.acknowledged = Some("ada".to_owned());
    let with = encode(false, &whole).unwrap();
    let mut people = Vec::new();
    section(&mut people, &People::default()).unwrap();
    let mut reached = Vec::new();
    section(&mut reached, &Reached::default()).unwrap();
    let mut evidence = Vec::new();
    section(&mut evidence, &Evidence::default()).unwrap();
    let mut ahead = Vec::new();
    section(&mut ahead, &None::<Ahead>).unwrap();
    let mut hands = Vec::new();
    section(&mut hands, &Hands::default()).unwrap();
    let core = without.strip_suffix(&hands[..]).unwrap();
    assert_eq!(decode(place, core).unwrap().revision.desk.assigned_by, None);
    let core = core.strip_suffix(&ahead[..]).unwrap();
    assert_eq!(decode(place, core).unwrap().revision.early, None);
    let core = core.strip_suffix(&evidence[..]).unwrap();
    let core = core.strip_suffix(&reached[..]).unwrap();
    assert_eq!(decode(place, core).unwrap().revision.exposed, None);
    let core = core.strip_suffix(&people[..]).unwrap();
    assert_eq!(decode(place, core).unwrap().revision.acknowledged, None);
    assert_eq!(decode(place, &with).unwrap().revision, whole);
}

#[test]
fn a_form_of_a_later_build_is_refused_in_words() {
    let mut bytes = encode(false, &revision(7, 1, State::Raised, NOON)).unwrap();
    bytes[0] = 9;
    let place = Place::of(false, &revision(7, 1, State::Raised, NOON));
    let error = decode(place, &bytes).unwrap_err().to_string();
    assert!(error.contains("form 9, this build reads form 1"), "{error}");
}

#[test]
fn a_revision_is_small() {
    let bytes = encode(false, &revision(7, 1, State::Raised, NOON)).unwrap();
    assert!(bytes.len() <= 120, "{} bytes", bytes.len());
}
