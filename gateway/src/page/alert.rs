//! One alert with everything that was ever said and done about it, and the place to act.

use maud::{Markup, html};

use super::alerts::peak;
use super::marks::{class, mark};
use super::{View, city_name, desk, document, forms, header, words};
use crate::board::AlertStory;
use crate::board::picture::{AlertPicture, Standing, alert_value};
use crate::language::terms;

/// The page of one alert; `said` is what the reader just did, `trouble` is why what is shown may not be what is.
pub fn whole(view: &View, story: &AlertStory) -> Markup {
    let picture = &view.picture;
    let (face, latest) = (&picture.face, story.latest());
    let title = format!("{} {} · {}", latest.kind, latest.zone_name, city_name(face));
    let source = format!("/alert/{}", latest.id);
    let body = html! {
        (header::draw(view))
        main.one {
            (summary(view, story))
            (forms::of_alert(view, latest))
            (history(view, story))
        }
    };
    document(view, &title, &source, body)
}

fn summary(view: &View, story: &AlertStory) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let (face, latest) = (&picture.face, story.latest());
    let standing = Standing::Alert(latest.severity);
    let pictured = picture
        .alerts
        .iter()
        .find(|alert| alert.latest.id == latest.id);
    let shown = pictured.cloned().unwrap_or_else(|| AlertPicture {
        latest: latest.clone(),
        value: alert_value(face, latest),
        expired: story.expired(picture.now),
    });
    html! {
        section #alert data-live class=(class(standing)) aria-labelledby="alert-title" {
            p { a href={ "/?zone=" (latest.zone) "#zone" } { "← All zones" } }
            h2 #alert-title {
                (mark(standing)) (words::severity(l, latest.severity)) " · " (latest.kind) " · " (latest.zone_name)
            }
            p.lead { strong { (words::state(l, latest.state)) } ": " (words::reason(l, latest.reason)) "." }
            p.peak { (peak(view, &shown)) }
            p { a href={ "/alert/" (latest.id) "/why" } { "Why does it stand?" } }
            dl.facts {
                (fact("Since", &moment(view, latest.onset)))
                @if let Some(end) = latest.end { (fact("Ended", &moment(view, end))) }
                (fact("Last revision", &moment(view, latest.updated)))
                @if let Some(early) = latest.early {
                    (fact("Speaks of", &format!("{} to {}, {}, {} min ahead when it was said", words::time(face, early.speaks_of.start), words::time(face, early.speaks_of.end), early.certainty.name().to_lowercase(), early.lead_minutes)))
                }
                (fact("Rests on", &format!("{} to {}", words::time(face, latest.window.start), words::time(face, latest.window.end))))
                (fact("Completeness", &format!("{}, {}", words::nodes(l, latest.completeness, latest.suspect), match latest.node_alarm {
                    true => "provisional: one node's own alarm".to_owned(),
                    false => words::finality(l, shown.latest.oldest_unheard),
                })))
                (fact("Rule", latest.rule.as_str()))
                @if let Some(exposed) = &latest.exposed { (fact("Exposed", &words::exposed(l, face, exposed))) }
                @if let Some(by) = &latest.acknowledged { (fact("Taken on by", by)) }
                @for (name, text) in desk::facts(view, latest, shown.expired) { (fact(name, &text)) }
                @if let Some(id) = latest.merged_into { (fact("Merged into", &id.to_string())) }
                @if let Some(id) = latest.split_from { (fact("Split from", &id.to_string())) }
                (fact("Id", &latest.id.to_string()))
            }
        }
    }
}

fn fact(name: &str, text: &str) -> Markup {
    html! { div { dt { (name) } dd { (text) } } }
}

fn moment(view: &View, at: i64) -> String {
    let (l, picture) = (view.language(), &view.picture);
    let face = &picture.face;
    format!(
        "{} {} ({})",
        words::time(face, at),
        words::offset(face, at),
        words::ago(l, picture.now - at)
    )
}

fn history(view: &View, story: &AlertStory) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let face = &picture.face;
    html! {
        section #history data-live aria-labelledby="history-title" {
            h2 #history-title { "History" small { "to revision " (story.latest().revision) } }
            @if story.dropped > 0 { p.more { (story.dropped) " revisions in the middle are not kept here" } }
            div.scroll {
                table.history {
                    thead { tr {
                        th scope="col" { "#" } th scope="col" { "At" } th scope="col" { "State" }
                        th scope="col" { "Why" } th scope="col" { "Who" } th scope="col" { "Severity" } th scope="col" { "Peak" }
                        th scope="col" { "Nodes" }
                    } }
                    tbody {
                        @for revision in story.revisions().iter().rev() {
                            tr {
                                td { (revision.revision) }
                                td { time { (words::time(face, revision.updated)) } }
                                td { (words::state(l, revision.state)) }
                                td { (words::reason(l, revision.reason)) }
                                td.who { @if let Some(who) = desk::who(view, revision) { (who) } }
                                td { (mark(Standing::Alert(revision.severity))) (words::severity(l, revision.severity)) }
                                td { (words::number(alert_value(face, revision))) " " (terms::unit(revision.unit, l)) }
                                td { (words::heard(l, revision.completeness)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
