//! What is sent of an alert, once and to whom, over restarts and brokers that forget.

use super::*;
use crate::board::sample::{NOON, face, revision};
use pipeline::alert::{Silenced, State};
use pipeline::calendar::HOUR;
use wire::Milli;

#[test]
fn an_alert_is_sent_once_a_revision_and_removed_after_its_horizon() {
    let (face, mut published) = (face(), Published::default());
    let raised = revision(7, 1, State::Raised, NOON);
    let [message, cap] = &published.revise(&raised, &face)[..] else {
        panic!("JSON and CAP")
    };
    assert_eq!(
        message.topic,
        "city/v1/harbour/alert/crowd/quay/00000000000000000000000000000007"
    );
    assert_eq!(
        cap.topic,
        "city/v1/harbour/cap/crowd/quay/00000000000000000000000000000007"
    );
    assert!(cap.payload.starts_with(b"<?xml"));
    let json: serde_json::Value = serde_json::from_slice(&message.payload).unwrap();
    assert_eq!(json["state"], "raised");
    assert_eq!(json["value"], 4.2);
    assert_eq!(json["onset"], "2026-11-22T00:59:00.000Z");
    assert_eq!(published.revise(&raised, &face), []);
    assert_eq!(published.next_removal(), None);

    let cleared = revision(7, 2, State::Cleared, NOON + HOUR);
    assert_eq!(published.revise(&cleared, &face).len(), 2);
    assert_eq!(published.next_removal(), Some(NOON + 2 * HOUR));
    assert_eq!(published.expire(NOON + 2 * HOUR - 1, face.city), []);
    let removals = published.expire(NOON + 2 * HOUR, face.city);
    let topics: Vec<&String> = removals.iter().map(|removal| &removal.topic).collect();
    assert_eq!(topics, [&message.topic, &cap.topic]);
    assert!(removals.iter().all(|removal| removal.payload.is_empty()));
    assert!(published.is_empty());
}

#[test]
fn a_restart_remembers_what_stands_on_the_broker() {
    let (face, mut published) = (face(), Published::default());
    published.revise(&revision(7, 3, State::Updated, NOON), &face);
    let config = bincode::config::standard();
    let bytes = bincode::serde::encode_to_vec(&published, config).unwrap();
    let (mut restored, _): (Published, usize) =
        bincode::serde::decode_from_slice(&bytes, config).unwrap();
    assert_eq!(restored, published);
    let again = revision(7, 3, State::Updated, NOON);
    assert_eq!(restored.revise(&again, &face), []);
    let next = revision(7, 4, State::Updated, NOON);
    assert_eq!(restored.revise(&next, &face).len(), 2);
}

#[test]
fn a_broker_that_forgot_hears_the_same_names_again() {
    let (face, mut published) = (face(), Published::default());
    let raised = revision(7, 1, State::Raised, NOON);
    let updated = revision(7, 2, State::Updated, NOON + HOUR);
    published.revise(&raised, &face);
    let said = published.revise(&updated, &face);
    published.told(updated.tick());
    // The journal tells the whole story again: of CAP only the message that stood.
    let mut restored = published.on_an_empty_broker();
    assert_eq!(restored.revise(&raised, &face).len(), 1);
    assert_eq!(restored.revise(&updated, &face), said);
    let cap = String::from_utf8_lossy(&said[1].payload);
    assert!(cap.contains(&format!("<references>citysense,{}.1,", raised.id)));
}

#[test]
fn an_open_alert_is_renewed_before_its_message_expires_and_an_ended_one_is_not() {
    let (face, mut published) = (face(), Published::default());
    let raised = revision(7, 1, State::Raised, NOON);
    published.revise(&raised, &face);
    published.revise(&revision(8, 1, State::Cleared, NOON), &face);
    let due = NOON + 4 * HOUR + HOUR / 2;
    assert_eq!(published.renewals_due(due - 1), []);
    assert_eq!(published.renewals_due(due), [raised.id]);
    let renewed = published.renew(&raised, &face, due).unwrap();
    let cap = String::from_utf8_lossy(&renewed.payload);
    assert!(cap.contains("<msgType>Update</msgType>"), "{cap}");
    assert!(
        cap.contains("<expires>2026-11-22T19:30:00+08:00</expires>"),
        "{cap}"
    );
    assert_eq!(published.renewals_due(due), []);
    // Another revision came in between: its own message is the renewal.
    assert_eq!(
        published.renew(&revision(7, 2, State::Updated, due), &face, due),
        None
    );
}

#[test]
fn a_silenced_alert_is_held_back_from_who_has_not_heard_of_it() {
    let (face, mut published) = (face(), Published::default());
    let silenced = |mut revision: Revision| {
        revision.desk.silenced = Some(Silenced {
            until: NOON + HOUR,
            by: "Ada".to_owned(),
        });
        revision
    };
    let cap = |messages: &[Message]| {
        let caps = messages.iter().filter(|m| m.topic.contains("/cap/"));
        let [cap] = &caps.collect::<Vec<_>>()[..] else {
            return None;
        };
        Some(String::from_utf8_lossy(&cap.payload).into_owned())
    };
    // Raised under a silence: our own topic tells all of it, other systems hear nothing and nothing is renewed.
    let raised = silenced(revision(7, 1, State::Raised, NOON));
    let said = published.revise(&raised, &face);
    let json: serde_json::Value = serde_json::from_slice(&said[0].payload).unwrap();
    assert_eq!(json["silenced"]["by"], "Ada");
    assert_eq!(json["silenced"]["until"], "2026-11-22T02:00:00.000Z");
    assert_eq!(cap(&said), None);
    let worse = silenced(revision(7, 2, State::Updated, NOON + 1));
    assert_eq!(cap(&published.revise(&worse, &face)), None);
    assert_eq!(published.renewals_due(NOON + 100 * HOUR), []);
    // Over a restart, whatever broker it finds.
    let bytes = bincode::serde::encode_to_vec(&published, bincode::config::standard()).unwrap();
    let (restored, _): (Published, usize) =
        bincode::serde::decode_from_slice(&bytes, bincode::config::standard()).unwrap();
    for mut restored in [restored.clone(), restored.on_an_empty_broker()] {
        let over = revision(7, 3, State::Cleared, NOON + 2);
        let said = restored.revise(&over, &face);
        assert_eq!(
            (said.len(), cap(&said)),
            (1, None),
            "nobody to take a warning from"
        );
    }
    // The silence ends and the alert stands: it is news to the others.
    let said = published.revise(&revision(7, 3, State::Updated, NOON + HOUR), &face);
    assert!(cap(&said).unwrap().contains("<msgType>Alert</msgType>"));
    // Who has heard of an alert hears the rest of it, silence or not.
    let worse = silenced(revision(7, 4, State::Updated, NOON + HOUR + 1));
    let said = cap(&published.revise(&worse, &face)).unwrap();
    assert!(said.contains("<msgType>Update</msgType>"));
    let over = silenced(revision(7, 5, State::Cleared, NOON + HOUR + 2));
    assert!(cap(&published.revise(&over, &face)).is_some());
    // What was over at its first word is told, as it always was.
    assert!(cap(&published.revise(&revision(8, 1, State::Cleared, NOON), &face)).is_some());
}

#[test]
fn a_value_about_few_people_is_withheld() {
    let mut few = revision(1, 1, State::Raised, NOON);
    few.value = Milli(40);
    let json = Public::of(&few, &face()).json();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["value"], serde_json::Value::Null);
    assert_eq!(json["value_under"], 0.05);
    assert_eq!(json["zone"], "quay");
}

#[test]
fn an_alert_whose_kind_changes_leaves_nothing_under_the_old_one() {
    let (face, mut published) = (face(), Published::default());
    let raised = revision(7, 1, State::Raised, NOON);
    let before = published.revise(&raised, &face);
    let mut renamed = revision(7, 2, State::Updated, NOON + 1);
    renamed.kind = "throng".parse().unwrap();
    let messages = published.revise(&renamed, &face);
    let (removals, said) = messages.split_at(2);
    let topics =
        |messages: &[Message]| messages.iter().map(|m| m.topic.clone()).collect::<Vec<_>>();
    assert_eq!(topics(removals), topics(&before));
    assert!(removals.iter().all(|removal| removal.payload.is_empty()));
    assert!(
        said.iter()
            .all(|message| message.topic.contains("/throng/") && !message.payload.is_empty())
    );
    // A restart that replays it finds the same standing.
    assert_eq!(published.revise(&renamed, &face), []);
}
