//! What a screen reader says by itself: the alert that began or ended last.

use maud::{Markup, html};
use pipeline::alert::State;

use super::{View, words};
use crate::language::kinds;

/// Not seen, but read aloud when it changes. That an alert merely went on is not said, so that nobody is talked over.
pub(super) fn draw(view: &View) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let alerts = picture.alerts.iter().map(|alert| &alert.latest);
    let news = alerts
        .filter(|latest| latest.state != State::Updated)
        .max_by_key(|latest| (latest.updated, latest.id));
    html! {
        p #announced.unseen data-live aria-live="polite" {
            @if let Some(latest) = news {
                (words::state(l, latest.state)) (l.say(": ", "："))
                (words::severity(l, latest.severity)) " · " (kinds::alert(latest.kind.as_str(), l)) " · " (latest.zone_name)
            }
        }
    }
}
