//! The silences in force: what is not told to anybody new, until when, who said so and why; and a new one.

use maud::{Markup, html};
use pipeline::output::Silence;

use super::desk::moment;
use super::{View, account, city_name, document, forms, header};
use crate::access::Areas;
use crate::board::Picture;
use crate::language::kinds;

/// Those in force, in words, beside the alerts; nothing when there are none.
pub(super) fn brief(view: &View) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let silences = picture.desk.silences();
    html! {
        @if !silences.is_empty() {
            h3 { (l.say("Silences in force", "生效中的静默")) }
            ul.silences { @for silence in silences { li { (sentence(view, silence)) } } }
            p.more { a href="/silences" { (l.say("End a silence", "解除静默")) } }
        }
    }
}

/// The page on which they are made and ended.
pub fn whole(view: &View) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let title = l.say("Silences", "静默");
    let silences = picture.desk.silences();
    let count = silences.len();
    let body = html! {
        (header::draw(view))
        main.one {
            section #silences data-live aria-labelledby="silences-title" {
                h2 #silences-title { (title) small { (l.say(format!("{count} in force"), format!("{count}项生效中"))) } }
                p.note { (l.say(
                    "A silence changes nothing of what is true; for its time no other system is told of what it had not heard of.",
                    "静默不改变事实；静默期间，其他系统不会收到此前未获知的警报。",
                )) }
                @if silences.is_empty() { p.calm { (l.say("Every alert is told to everybody.", "所有警报均正常通知。")) } }
                ul.silences { @for silence in silences {
                    li {
                        (sentence(view, silence))
                        @if may_end(view, silence) { (forms::end_silence(l, &scope(picture, silence))) }
                    }
                } }
            }
            section #new-silence aria-labelledby="new-silence-title" {
                h2 #new-silence-title { (l.say("A new silence", "新建静默")) }
                @if view.may_act() { (forms::new_silence(view)) } @else { (account::needed(view, "/silences")) }
            }
        }
    };
    document(
        view,
        &format!("{title} · {}", city_name(&picture.face)),
        "/silences",
        body,
    )
}

/// What reaches beyond the reader's part of the city is not the reader's to end.
fn may_end(view: &View, silence: &Silence) -> bool {
    let has_all = view.reader.asker.areas == Areas::All;
    view.may_act() && (has_all || silence.scope.zone.is_some())
}

fn sentence(view: &View, silence: &Silence) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let face = &picture.face;
    let zone = silence.scope.zone.and_then(|ix| face.zone(ix));
    let mut rules = face.alerting();
    let rule = rules.find(|(ix, ..)| Some(*ix) == silence.scope.rule);
    let about = [
        zone.map(|zone| zone.name.clone()),
        silence
            .scope
            .kind
            .map(|kind| kinds::alert(kind.as_str(), l).to_owned()),
        rule.map(|(_, id, _)| l.say(format!("rule {id}"), format!("规则{id}"))),
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    let (since, until) = (moment(view, silence.since), moment(view, silence.until));
    html! {
        p {
            strong { @if about.is_empty() { (l.say("Everything", "全部")) } @else { (about.join(" · ")) } }
            " " (l.say(format!("from {since} until {until}"), format!("{since}至{until}")))
            " · " bdi { (silence.by) } (l.say(": ", "：")) bdi { (silence.text) }
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
