//! The silences in force: what is not told to anybody new, until when, who said so and why.

use maud::{Markup, html};
use pipeline::output::Silence;

use super::desk::moment;
use super::{View, account, city_name, document, forms, header};
use crate::access::Areas;
use crate::board::Picture;

/// Those in force, in words, beside the alerts; nothing when there are none.
pub(super) fn brief(view: &View) -> Markup {
    let picture = &view.picture;
    let silences = picture.desk.silences();
    html! {
        @if !silences.is_empty() {
            h3 { "Silences in force" }
            ul.silences { @for silence in silences { li { (sentence(view, silence)) } } }
            p.more { a href="/silences" { "End a silence" } }
        }
    }
}

/// The page on which they are ended.
pub fn whole(view: &View) -> Markup {
    let picture = &view.picture;
    let face = &picture.face;
    let title = format!("Silences · {}", city_name(face));
    let silences = picture.desk.silences();
    let body = html! {
        (header::draw(view))
        main.one {
            section #silences data-live aria-labelledby="silences-title" {
                p { a href="/" { "← All zones" } }
                h2 #silences-title { "Silences" small { (silences.len()) " in force" } }
                @if silences.is_empty() { p.calm { "Every alert is told to everybody." } }
                ul.silences { @for silence in silences {
                    li {
                        (sentence(view, silence))
                        @if may_end(view, silence) { (forms::end_silence(&scope(picture, silence))) }
                    }
                } }
                @if !view.may_act() && !silences.is_empty() { (account::needed(view, "/silences")) }
            }
        }
    };
    document(view, &title, "/silences", body)
}

/// What reaches beyond the reader's part of the city is not the reader's to end.
fn may_end(view: &View, silence: &Silence) -> bool {
    let has_all = view.reader.asker.areas == Areas::All;
    view.may_act() && (has_all || silence.scope.zone.is_some())
}

fn sentence(view: &View, silence: &Silence) -> Markup {
    let picture = &view.picture;
    let face = &picture.face;
    let zone = silence.scope.zone.and_then(|ix| face.zone(ix));
    let rule = face
        .alerting()
        .find(|(ix, ..)| Some(*ix) == silence.scope.rule);
    let about = [
        zone.map(|zone| zone.name.clone()),
        silence.scope.kind.map(|kind| kind.to_string()),
        rule.map(|(_, id, _)| format!("rule {id}")),
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    html! {
        p {
            strong { @if about.is_empty() { "Everything" } @else { (about.join(" · ")) } }
            " until " (moment(view, silence.until))
            " · " (silence.by) ": " (silence.text)
        }
    }
}

/// The fields by which a silence is named.
fn scope(picture: &Picture, silence: &Silence) -> [(&'static str, Option<String>); 3] {
    let face = &picture.face;
    let zone = silence.scope.zone.and_then(|ix| face.zone(ix));
    let rule = face
        .alerting()
        .find(|(ix, ..)| Some(*ix) == silence.scope.rule);
    [
        ("zone", zone.map(|zone| zone.id.to_string())),
        ("kind", silence.scope.kind.map(|kind| kind.to_string())),
        ("rule", rule.map(|(_, id, _)| id.to_string())),
    ]
}
