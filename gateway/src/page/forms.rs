//! The forms by which people act: plain ones that work without any script, answered by the page that they stand on.
//!
//! What a form looks like depends on nothing that changes by itself, so that a refresh never takes away what somebody
//! is typing.

use maud::{Markup, html};
use pipeline::alert::Revision;

use super::{View, account, city_name, document, header, words};
use crate::http::actions::{NAME_LEN_MAX, TEXT_LEN_MAX, can_be_settled};
use crate::language::{Language, terms};

/// How long a silence may last by the form; the API takes any time.
const SILENCES: [(&str, &str); 6] = [
    ("15m", "15 minutes"),
    ("1h", "1 hour"),
    ("2h", "2 hours"),
    ("8h", "8 hours"),
    ("1d", "1 day"),
    ("7d", "7 days"),
];

/// Everything that can be done about an alert. `said` is what the reader just did.
pub(super) fn of_alert(view: &View, latest: &Revision) -> Markup {
    let l = view.language();
    let to = |verb: &str| format!("/alert/{}/{verb}", latest.id);
    let is_open = latest.state.is_open();
    let may_act = is_open && view.may_act();
    html! {
        section #actions aria-labelledby="actions-title" {
            h2 #actions-title { "What people do" }
            (recorded(view))
            @if is_open && !view.may_act() { (account::needed(view, &format!("/alert/{}", latest.id))) }
            div #acknowledge data-live { @if may_act && latest.acknowledged.is_none() {
                (form(&to("acknowledge"), html! {}, html! { button { "Acknowledge" } }))
            } }
            div #settle data-live { @if may_act && can_be_settled(latest) {
                p.partial { (words::to_settle(l, latest)) }
                (form(&to("settle"), html! {}, html! {
                    button name="verdict" value="stands" { "It stands" }
                    button name="verdict" value="ended" { "It has ended" }
                }))
            } }
            div #act data-live {
                @if may_act {
                    (form(&to("comment"), text("comment", "Comment"), html! { button { "Comment" } }))
                    (form(&to("assign"), name("assign", "to", "Whose work"), html! {
                        button { "Assign" }
                        button.second name="nobody" value="yes" formnovalidate { "Nobody's" }
                    }))
                    (form(&to("silence"), html! {
                        (text("silence", "Silence this rule here, because"))
                        (lasting())
                    }, html! { button { "Silence" } }))
                } @else if !is_open {
                    p.calm { "It has ended; there is nothing left to do about it." }
                }
            }
        }
    }
}

/// Withdraws what a node says, or takes that back.
pub(super) fn of_node(view: &View, node: &str, offset: &str) -> Markup {
    let l = view.language();
    let to = |verb: &str| format!("/node/{node}/{verb}");
    html! {
        section #actions aria-labelledby="actions-title" {
            h2 #actions-title { "Quarantine" }
            (recorded(view))
            p.note { "What a node in quarantine says is kept and counts for nothing, until it is released." }
            @if view.may_act() { (form(&to("quarantine"), html! {
                (labelled("from", &format!("Since ({offset}; empty: from now on)"), html! {
                    input #from name="from" type="datetime-local" step="1";
                }))
                (quantity(l, "quarantine"))
            }, html! { button { "Quarantine" } }))
            (form(&to("release"), quantity(l, "release"), html! { button { "Release" } }))
            } @else { (account::needed(view, &format!("/node/{node}"))) }
        }
    }
}

/// Ends one silence of the list.
pub(super) fn end_silence(scope: &[(&str, Option<String>)]) -> Markup {
    form(
        "/silence/end",
        html! {
            @for (name, value) in scope { @if let Some(value) = value { input type="hidden" name=(name) value=(value); } }
        },
        html! { button.second { "End it" } },
    )
}

/// A page that says why nothing was done.
pub fn refused(view: &View, why: &str, back: &str) -> Markup {
    let picture = &view.picture;
    let face = &picture.face;
    let title = format!("Not done · {}", city_name(face));
    let body = html! {
        (header::draw(view))
        main.one {
            section #refused aria-labelledby="refused-title" {
                h2 #refused-title { "Nothing was done" }
                p role="alert" { (why) }
                @if view.reader.asker.name.is_none() { (account::needed(view, back)) }
                p { a href=(back) { "← Back" } }
            }
        }
    };
    document(view, &title, back, body)
}

/// Whoever sends one is known: nobody says a name.
fn form(action: &str, fields: Markup, buttons: Markup) -> Markup {
    html! {
        form.act method="post" action=(action) {
            (fields)
            span.buttons { (buttons) }
        }
    }
}

fn name(form: &str, field: &str, label: &str) -> Markup {
    let id = format!("{field}-{form}");
    let input = html! {
        input #(id) name=(field) required maxlength=(NAME_LEN_MAX) autocomplete="off";
    };
    labelled(&id, label, input)
}

fn text(form: &str, label: &str) -> Markup {
    let id = format!("text-{form}");
    let input =
        html! { input #(id) name="text" required maxlength=(TEXT_LEN_MAX) autocomplete="off"; };
    html! { span.wide { (labelled(&id, label, input)) } }
}

fn lasting() -> Markup {
    let select = html! {
        select #for name="for" { @for (value, name) in SILENCES { option value=(value) { (name) } } }
    };
    labelled("for", "for", select)
}

fn quantity(l: Language, form: &str) -> Markup {
    let id = format!("quantity-{form}");
    let select = html! {
        select #(id) name="quantity" {
            option value="" { "all that it measures" }
            @for quantity in wire::Quantity::all() { option value=(quantity.name()) { (terms::quantity(quantity).to(l)) } }
        }
    };
    labelled(&id, "Of what", select)
}

/// On a narrow screen the label stays with its field.
fn labelled(id: &str, label: &str, field: Markup) -> Markup {
    html! { span.field { label for=(id) { (label) } (field) } }
}

/// `said` comes with the address, so only what is known is said.
fn recorded(view: &View) -> Markup {
    let (l, said) = (view.language(), view.said.as_deref());
    html! { @if let Some(what) = said.and_then(|verb| words::recorded(l, verb)) {
        p.recorded role="status" { "Recorded: " (what) ". It shows here as soon as it holds." }
    } }
}
