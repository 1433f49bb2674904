//! One alert, for whoever has to do something about it: what it is, what to do, what was ever said and done, and why.
//!
//! In reading order: [`summary`] what, where, how bad, how sure · `place` on the map, whom a leak reaches · `chart` the value
//! around its onset · the forms · [`people`] what people said · [`timeline`] what each revision changed, by [`changes`] ·
//! `why` it stands · [`told`] whom it was told to · `kin` other alerts that belong to it · [`missing`] no such alert.
//!
//! What is typed or unfolded is outside of the parts that change. The explanation is of one revision, because it costs a
//! search; [`why::since`] says when there is a newer one.

use maud::{Markup, html};
use wire::KindId;

use super::{View, city_name, document, forms, header, why};
use crate::board::AlertStory;
use crate::board::picture::{AlertPicture, alert_value};
use crate::board::series::Point;
use crate::explain::Why;
use crate::language::kinds;

pub(super) use kin::link;

mod changes;
mod chart;
mod kin;
pub mod missing;
mod people;
mod place;
mod summary;
mod timeline;
mod told;

/// Everything that the page of one alert shows beside the city's own picture.
pub struct Sheet {
    pub story: AlertStory,
    /// It has left the list; what is known of it lies on disk.
    pub archived: bool,
    /// Panes of what its rule looks at, as far as they are still kept.
    pub points: Vec<Point>,
    /// The explanation, or why there is none.
    pub why: Result<Why, String>,
}

/// The page of one alert.
pub fn whole(view: &View, sheet: &Sheet) -> Markup {
    let (l, latest) = (view.language(), sheet.story.latest());
    let kind = kind(view, latest.kind);
    let city = city_name(&view.picture.face);
    let title = format!("{kind} · {} · {city}", latest.zone_name);
    let explained = sheet.why.as_ref().ok().map(|why| why.revision);
    let explains = explained.map_or(String::new(), |revision| format!("?explained={revision}"));
    let source = format!("/alert/{}/live{explains}", latest.id);
    let body = html! {
        (header::draw(view))
        main.one {
            (summary::draw(view, sheet))
            (forms::of_alert(view, latest))
            (live_parts(view, sheet))
            section #why aria-labelledby="why-title" {
                h2 #why-title { (l.say("Why it was raised", "为何发出")) small { a href={ "/alert/" (latest.id) "/why" } {
                    (l.say("on a page of its own", "单独打开"))
                } } }
                (why::since(view, &sheet.story, explained))
                @match &sheet.why {
                    Ok(why) => (why::body(view, why)),
                    Err(missing) => p.calm { (missing) },
                }
            }
        }
    };
    document(view, &title, &source, body)
}

/// The parts that change, for the script to put in their place on a page that explains revision `explained`.
pub fn live(view: &View, sheet: &Sheet, explained: Option<u32>) -> Markup {
    let latest = sheet.story.latest();
    html! {
        (header::draw(view))
        main.one {
            (summary::draw(view, sheet))
            (forms::of_alert(view, latest))
            (live_parts(view, sheet))
            (why::since(view, &sheet.story, explained))
        }
    }
}

fn live_parts(view: &View, sheet: &Sheet) -> Markup {
    html! {
        (people::draw(view, &sheet.story))
        (chart::draw(view, sheet))
        (place::draw(view, sheet.story.latest()))
        (timeline::draw(view, &sheet.story))
        (told::draw(view, sheet))
        (kin::draw(view, sheet.story.latest()))
    }
}

/// What a kind of alert is called; a city's own kinds by their names.
fn kind(view: &View, kind: KindId) -> String {
    kinds::alert(kind.as_str(), view.language()).to_owned()
}

/// The alert as the list would show it, be it on the list or not.
fn pictured(view: &View, story: &AlertStory) -> AlertPicture {
    let (picture, latest) = (&view.picture, story.latest());
    let mut listed = picture.alerts.iter();
    let listed = listed.find(|alert| alert.latest.id == latest.id).cloned();
    listed.unwrap_or_else(|| AlertPicture {
        latest: latest.clone(),
        value: alert_value(&picture.face, latest),
        expired: story.expired(picture.now),
    })
}
