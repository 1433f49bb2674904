//! Every revision of an alert, the latest first, with what it changed; the older ones are folded away.

use maud::{Markup, html};
use pipeline::alert::Revision;

use super::changes::{deeds, facts};
use super::people::sentence;
use crate::board::AlertStory;
use crate::board::picture::Standing;
use crate::page::marks::{class, mark};
use crate::page::{View, words};

/// So many are not folded.
const OPEN: usize = 8;

pub(super) fn draw(view: &View, story: &AlertStory) -> Markup {
    let l = view.language();
    let revisions = story.revisions();
    let rows: Vec<Row> = (0..revisions.len())
        .rev()
        .map(|place| Row {
            before: place.checked_sub(1).map(|before| &revisions[before]),
            now: &revisions[place],
        })
        .collect();
    let (recent, earlier) = rows.split_at(rows.len().min(OPEN));
    // The fold itself never changes, so that what is unfolded stays so.
    html! {
        section #history aria-labelledby="history-title" {
            h2 #history-title { (l.say("History", "历史")) small #history-count data-live {
                @let revision = story.latest().revision;
                (l.say(format!("to revision {revision}"), format!("至第{revision}版")))
            } }
            ol #history-latest.timeline data-live { @for row in recent { (item(view, row)) } }
            details.fold {
                summary { (l.say("Earlier revisions", "更早的版本")) }
                ol #history-earlier.timeline data-live { @for row in earlier { (item(view, row)) } }
            }
            p #history-dropped.more data-live { @if story.dropped > 0 {
                @let dropped = story.dropped;
                (l.say(format!("{dropped} revisions in the middle are not kept here."), format!("中间{dropped}个版本未保留。")))
            } }
        }
    }
}

/// A revision beside the one before.
struct Row<'r> {
    before: Option<&'r Revision>,
    now: &'r Revision,
}

fn item(view: &View, row: &Row) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    let Row { before, now } = *row;
    // A revision that is missing before this one would make its changes look like this one's.
    let gap = before.is_some_and(|before| before.revision + 1 != now.revision);
    let standing = Standing::Alert(now.severity);
    let done = deeds(view, before, now);
    html! {
        li class=(class(standing)) {
            p.when {
                time { (words::date(l, face, now.updated)) " " (words::time(face, now.updated)) }
                " · " a href={ "/alert/" (now.id) "/why?revision=" (now.revision) } {
                    (l.say(format!("revision {}", now.revision), format!("第{}版", now.revision)))
                }
            }
            p {
                (mark(standing)) " " strong { (words::state(l, now.state)) } (l.say(": ", "：")) (words::reason(l, now.reason))
                " · " (words::severity(l, now.severity))
            }
            @if gap { p.note { (l.say("Beside what was said between, which is not kept here:", "与前一保留版本相比（中间版本未保留）：")) } }
            @for deed in &done { p.who { (sentence(view, deed)) } }
            @let changed = facts(view, before, now);
            @if !changed.is_empty() { ul.changes { @for change in &changed { li { (change) } } } }
        }
    }
}
