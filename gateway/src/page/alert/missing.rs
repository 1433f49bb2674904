//! What a reader sees who follows the address of an alert that there is not.

use maud::{Markup, html};

use crate::page::{View, city_name, document, header};

/// `why` there is nothing to show.
pub fn whole(view: &View, why: &str) -> Markup {
    let l = view.language();
    let title = l.say("No such alert", "没有该警报");
    let title = format!("{title} · {}", city_name(&view.picture.face));
    let body = html! {
        (header::draw(view))
        main.one {
            section #missing aria-labelledby="missing-title" {
                h2 #missing-title { (l.say("There is no such alert", "没有该警报")) }
                p { (why) }
                p { a href="/" { (l.say("← All zones", "← 全部区域")) } }
            }
        }
    };
    // Of what changes only the header is here; any page has it.
    document(view, &title, "/incidents", body)
}
