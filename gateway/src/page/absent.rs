//! What was asked for is not there: which, and what may have been meant.

use maud::{Markup, html};

use super::{View, city_name, document, header};

pub fn whole(view: &View, why: &str, back: (&str, &str)) -> Markup {
    let l = view.language();
    let title = l.say("Not there", "未找到");
    let name = city_name(&view.picture.face);
    let body = html! {
        (header::draw(view))
        main.one {
            section #absent aria-labelledby="absent-title" {
                h2 #absent-title { (title) }
                p role="alert" { (why) }
                p { a href=(back.0) { (back.1) } }
            }
        }
    };
    document(view, &format!("{title} · {name}"), back.0, body)
}
