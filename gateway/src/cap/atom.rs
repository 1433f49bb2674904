//! The messages that stand as an Atom feed (RFC 4287), for systems that ask instead of listening.

use sha2::{Digest, Sha256};

use super::xml::Xml;
use super::{CONTENT_TYPE, Language, Message, Stamp};
use crate::board::Face;

pub const NAMESPACE: &str = "http://www.w3.org/2005/Atom";
pub const FEED_CONTENT_TYPE: &str = "application/atom+xml; charset=utf-8";
/// Most entries of a feed.
pub const ENTRIES_MAX: usize = 100;

/// A feed of `messages`, newest first; when there are too many, ended alerts leave before open ones, and older ones
/// before newer ones. `now` dates a feed without entries.
pub fn feed(mut messages: Vec<Message<'_>>, face: &Face, now: Stamp) -> Vec<u8> {
    messages.sort_by_key(|message| (message.is_open(), message.sent().at));
    let surplus = messages.len().saturating_sub(ENTRIES_MAX);
    messages.drain(..surplus);
    messages.sort_by_key(|message| (std::cmp::Reverse(message.sent().at), message.alert_id()));
    let updated = messages.first().map_or(now, |newest| newest.sent());
    let name = super::city_name(face);
    Xml::document("feed", NAMESPACE, |xml| {
        xml.text("id", &feed_id(face));
        xml.text("title", &format!("Alerts of {}", name));
        xml.text("updated", &updated.to_string());
        xml.within("author", &[], |xml| xml.text("name", &name));
        xml.empty("link", &[("rel", "self"), ("href", "/cap.atom")]);
        for message in &messages {
            xml.within("entry", &[], |xml| entry(xml, message));
        }
    })
}

/// One alert; its later messages are updates of the same entry.
fn entry(xml: &mut Xml, message: &Message) {
    let id = message.alert_id();
    let href = format!("/api/v1/alerts/{id}/cap");
    xml.text("id", &uuid(id.0));
    xml.text("title", &message.headline(Language::English));
    xml.text("updated", &message.sent().to_string());
    let link = [
        ("rel", "alternate"),
        ("type", CONTENT_TYPE),
        ("href", &href),
    ];
    xml.empty("link", &link);
    xml.text("summary", &message.description(Language::English));
}

/// The same for a city wherever its feed is served from.
fn feed_id(face: &Face) -> String {
    let digest = Sha256::digest(format!("citysense cap.atom {}", face.city));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid(u128::from_be_bytes(bytes))
}

fn uuid(number: u128) -> String {
    let hex = format!("{number:032x}");
    let (a, b, c, d, e) = (
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    );
    format!("urn:uuid:{a}-{b}-{c}-{d}-{e}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::board::sample::{NOON, face, revision};
    use crate::cap::Trail;
    use pipeline::alert::{Revision, State};

    #[test]
    fn open_alerts_are_in_the_feed_before_ended_ones_and_the_newest_comes_first() {
        let face = face();
        let alerts: Vec<(Revision, Trail)> = (0..300)
            .map(|n| {
                let state = [State::Cleared, State::Raised][usize::from(n < 60)];
                let revision = revision(n, 1, state, NOON + n as i64 * 1_000);
                let mut trail = Trail::default();
                trail.tell(&revision, &face);
                (revision, trail)
            })
            .collect();
        let messages = alerts
            .iter()
            .map(|(revision, trail)| Message::standing(revision, trail, &face).unwrap());
        let xml = feed(messages.collect(), &face, Stamp::new(NOON, &face.time_zone));
        let text = String::from_utf8(xml).unwrap();
        let at = |n: u128| text.find(&uuid(n));
        assert_eq!(text.matches("<entry>").count(), ENTRIES_MAX);
        assert!(at(299) < at(260) && at(260) < at(59) && at(59) < at(0));
        assert!(at(299).is_some() && at(0).is_some() && at(259).is_none());
    }
}
