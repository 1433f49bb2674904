//! What people did and said about an alert, in the order in which it happened.

use maud::{Markup, html};

use super::changes::{Deed, deeds};
use crate::board::AlertStory;
use crate::page::{View, desk};

pub(super) fn draw(view: &View, story: &AlertStory) -> Markup {
    let l = view.language();
    let revisions = story.revisions();
    let all = revisions.iter().enumerate().flat_map(|(place, now)| {
        let before = place.checked_sub(1).map(|before| &revisions[before]);
        let deeds = deeds(view, before, now);
        deeds.into_iter().map(move |deed| (now.updated, deed))
    });
    let all: Vec<_> = all.collect();
    html! {
        section #people data-live aria-labelledby="people-title" {
            h2 #people-title { (l.say("What people did and said", "处置与备注")) }
            @if all.is_empty() { p.calm { (l.say("Nobody has done or said anything yet.", "尚无人处置或备注。")) } }
            ol.deeds { @for (at, deed) in &all {
                li { time { (desk::moment(view, *at)) } " " (sentence(view, deed)) }
            } }
        }
    }
}

pub(super) fn sentence(view: &View, deed: &Deed) -> Markup {
    let l = view.language();
    html! {
        @if let Some(by) = &deed.by { strong { bdi { (by) } } " " }
        (deed.what)
        @if let Some(text) = &deed.text { (l.say(": ", "：")) q { bdi { (text) } } }
    }
}
