//! The forms by which people act: plain ones that work without any script, answered by the page that they stand on.
//!
//! What a form looks like depends on nothing that changes by itself, so that a refresh never takes away what somebody
//! is typing.

use maud::{Markup, html};
use pipeline::alert::Revision;

use super::{View, account, city_name, document, header, words};
use crate::http::actions::{NAME_LEN_MAX, TEXT_LEN_MAX, can_be_settled};
use crate::language::{Both, Language, kinds, terms};

/// How long a silence may last by the form; the API takes any time.
const SILENCES: [(&str, Both); 6] = [
    ("15m", Both("15 minutes", "15分钟")),
    ("1h", Both("1 hour", "1小时")),
    ("2h", Both("2 hours", "2小时")),
    ("8h", Both("8 hours", "8小时")),
    ("1d", Both("1 day", "1天")),
    ("7d", Both("7 days", "7天")),
];

/// Everything that can be done about an alert. `said` is what the reader just did.
pub(super) fn of_alert(view: &View, latest: &Revision) -> Markup {
    let l = view.language();
    let to = |verb: &str| format!("/alert/{}/{verb}", latest.id);
    let is_open = latest.state.is_open();
    let may_act = is_open && view.may_act();
    html! {
        section #actions aria-labelledby="actions-title" {
            h2 #actions-title { (l.say("What you can do", "处置")) }
            (recorded(view))
            @if is_open && !view.may_act() { (account::needed(view, &format!("/alert/{}", latest.id))) }
            div #acknowledge data-live { @if may_act && latest.acknowledged.is_none() {
                (form(&to("acknowledge"), html! {}, html! { button { (l.say("Acknowledge", "接手")) } }))
            } }
            div #settle data-live { @if may_act && can_be_settled(latest) {
                p.partial { (words::to_settle(l, latest)) }
                (form(&to("settle"), html! {}, html! {
                    button name="verdict" value="stands" { (l.say("It stands", "警报成立")) }
                    button name="verdict" value="ended" { (l.say("It has ended", "警报已结束")) }
                }))
            } }
            div #act data-live {
                @if may_act {
                    (form(&to("comment"), text("comment", l.say("Comment", "备注")), html! { button { (l.say("Comment", "添加备注")) } }))
                    (form(&to("assign"), name("assign", "to", l.say("Whose work", "负责人")), html! {
                        button { (l.say("Assign", "指派")) }
                        button.second name="nobody" value="yes" formnovalidate { (l.say("Nobody's", "取消指派")) }
                    }))
                    (form(&to("silence"), html! {
                        (text("silence", l.say("Silence this rule here, because", "静默本区域此规则，原因")))
                        (lasting(l))
                    }, html! { button { (l.say("Silence", "静默")) } }))
                } @else if !is_open {
                    p.calm { (l.say("It has ended; there is nothing left to do about it.", "警报已结束，无需处置。")) }
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
            h2 #actions-title { (l.say("Quarantine", "隔离")) }
            (recorded(view))
            p.note { (l.say("What a node in quarantine says is kept and counts for nothing, until it is released.", "隔离期间节点的数据仍会保存，但不计入任何统计，直至解除隔离。")) }
            @if view.may_act() { (form(&to("quarantine"), html! {
                (labelled("from", &l.say(format!("Since ({offset}; empty: from now on)"), format!("起始时间（{offset}；留空即从现在起）")), html! {
                    input #from name="from" type="datetime-local" step="1";
                }))
                (quantity(l, "quarantine"))
            }, html! { button { (l.say("Quarantine", "隔离")) } }))
            (form(&to("release"), quantity(l, "release"), html! { button { (l.say("Release", "解除隔离")) } }))
            } @else { (account::needed(view, &format!("/node/{node}"))) }
        }
    }
}

/// Ends one silence of the list.
pub(super) fn end_silence(l: Language, scope: &[(&str, Option<String>)]) -> Markup {
    form(
        "/silence/end",
        html! {
            @for (name, value) in scope { @if let Some(value) = value { input type="hidden" name=(name) value=(value); } }
        },
        html! { button.second { (l.say("End it", "解除")) } },
    )
}

/// A silence of any scope.
pub(super) fn new_silence(view: &View) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    let mut rules: Vec<_> = face.alerting().map(|(_, id, kind)| (id, kind)).collect();
    rules.sort();
    let mut found: Vec<_> = rules.iter().map(|(_, kind)| *kind).collect();
    found.sort();
    found.dedup();
    let every = l.say("all", "全部");
    form(
        "/silence/new",
        html! {
            (labelled("silence-zone", l.say("Zone", "区域"), html! { select #silence-zone name="zone" {
                option value="" { (every) }
                @for zone in &face.zones { option value=(zone.id) { (zone.name) } }
            } }))
            (labelled("silence-kind", l.say("Kind", "类别"), html! { select #silence-kind name="kind" {
                option value="" { (every) }
                @for kind in &found { option value=(kind) { (kinds::alert(kind.as_str(), l)) } }
            } }))
            (labelled("silence-rule", l.say("Rule", "规则"), html! { select #silence-rule name="rule" {
                option value="" { (every) }
                @for (rule, _) in &rules { option value=(rule) { (rule) } }
            } }))
            (text("silence", l.say("Because", "原因")))
            (lasting(l))
        },
        html! { button { (l.say("Silence", "静默")) } },
    )
}

/// A page that says why nothing was done.
pub fn refused(view: &View, why: &str, back: &str) -> Markup {
    let picture = &view.picture;
    let face = &picture.face;
    let l = view.language();
    let title = l.say("Not done", "未执行");
    let title = format!("{title} · {}", city_name(face));
    let body = html! {
        (header::draw(view))
        main.one {
            section #refused aria-labelledby="refused-title" {
                h2 #refused-title { (l.say("Nothing was done", "未执行任何操作")) }
                p role="alert" { (why) }
                @if view.reader.asker.name.is_none() { (account::needed(view, back)) }
                p { a href=(back) { (l.say("← Back", "← 返回")) } }
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

fn lasting(l: Language) -> Markup {
    let select = html! {
        select #for name="for" { @for (value, name) in SILENCES { option value=(value) { (name.to(l)) } } }
    };
    labelled("for", l.say("for", "时长"), select)
}

fn quantity(l: Language, form: &str) -> Markup {
    let id = format!("quantity-{form}");
    let select = html! {
        select #(id) name="quantity" {
            option value="" { (l.say("all that it measures", "全部测量项")) }
            @for quantity in wire::Quantity::all() { option value=(quantity.name()) { (terms::quantity(quantity).to(l)) } }
        }
    };
    labelled(&id, l.say("Of what", "测量项"), select)
}

/// On a narrow screen the label stays with its field.
fn labelled(id: &str, label: &str, field: Markup) -> Markup {
    html! { span.field { label for=(id) { (label) } (field) } }
}

/// `said` comes with the address, so only what is known is said.
fn recorded(view: &View) -> Markup {
    let (l, said) = (view.language(), view.said.as_deref());
    html! { @if let Some(what) = said.and_then(|verb| words::recorded(l, verb)) {
        p.recorded role="status" { (l.say(
            format!("Recorded: {what}. It shows here as soon as it holds."),
            format!("已记录：{what}。生效后即在此显示。"),
        )) }
    } }
}
