//! Who is signed in, in the head of every page, and the page by which one signs in.

use maud::{Markup, html};

use super::{View, city_name, document};
use crate::access::{NAME_LEN_MAX, Role, password};
use crate::language::Language;

/// Why somebody was not let in.
#[derive(Clone, Copy, Debug)]
pub enum Why {
    Wrong,
    Busy,
    /// To be tried again after so many seconds.
    Throttled(u64),
    Unreadable,
}

impl Why {
    /// For the audit log.
    pub fn name(self) -> &'static str {
        match self {
            Why::Wrong => "name and password do not belong together",
            Why::Busy => "too many at a time",
            Why::Throttled(_) => "too many mistakes",
            Why::Unreadable => "the form cannot be read",
        }
    }
}

/// The address of the sign-in that leads back to `path`.
pub fn sign_in_path(path: &str) -> String {
    let mut to = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                to.push(char::from(byte));
            }
            _ => to += &format!("%{byte:02X}"),
        }
    }
    format!("/sign-in?to={to}")
}

/// Who the reader is, with the way in or out.
pub(super) fn chip(view: &View) -> Markup {
    let (l, asker) = (view.language(), &view.reader.asker);
    html! {
        div #account data-live {
            @match &asker.name {
                None => a href="/sign-in" { (l.say("Sign in", "登录")) },
                Some(name) => {
                    span { strong { (name) } " · " (role(l, asker.role)) }
                    form method="post" action="/sign-out" {
                        button.second { (l.say("Sign out", "退出")) }
                    }
                }
            }
        }
    }
}

/// What stands in the place of a form that the reader may not use.
pub(super) fn needed(view: &View, page: &str) -> Markup {
    let (l, asker) = (view.language(), &view.reader.asker);
    html! {
        p.note {
            @match &asker.name {
                None => {
                    a href=(sign_in_path(page)) { (l.say("Sign in", "登录")) }
                    (l.say(" to act: what is done shows by whom.", "后才能操作：每项操作都会记下操作人。"))
                }
                Some(_) => (l.say("Acting needs the role operator.", "需要值班员权限才能操作。")),
            }
        }
    }
}

fn role(l: Language, role: Role) -> &'static str {
    match role {
        Role::Viewer => l.say("viewer", "访客"),
        Role::Operator => l.say("operator", "值班员"),
        Role::Administrator => l.say("administrator", "管理员"),
    }
}

/// The page; `to` is where it leads, `name` what was typed before.
pub fn sign_in(view: &View, name: &str, to: &str, why: Option<Why>) -> Markup {
    let l = view.language();
    let heading = l.say("Sign in", "登录");
    let title = format!("{heading} · {}", city_name(&view.picture.face));
    let body = html! {
        // Nothing of the city: whoever stands here may have no right to see it.
        header #head { div.city { h1 { (city_name(&view.picture.face)) } } }
        main.one {
            section #sign-in aria-labelledby="sign-in-title" {
                h2 #sign-in-title { (heading) }
                @if let Some(why) = why { p.partial role="alert" { (said(l, why)) } }
                form.act method="post" action="/sign-in" {
                    input type="hidden" name="to" value=(to);
                    span.field {
                        label for="name" { (l.say("Name", "用户名")) }
                        input #name name="name" required maxlength=(NAME_LEN_MAX) autocomplete="username"
                            autocapitalize="none" spellcheck="false" value=(name);
                    }
                    span.field {
                        label for="password" { (l.say("Password", "密码")) }
                        input #password name="password" type="password" required
                            maxlength=(password::LEN_MAX) autocomplete="current-password";
                    }
                    span.buttons { button { (heading) } }
                }
                p.note { (l.say(
                    "Names and roles stand in the city's city.toml; an administrator adds them.",
                    "用户和权限写在城市目录的 city.toml 中，由管理员添加。",
                )) }
            }
        }
    };
    document(view, &title, "/sign-in", body)
}

fn said(l: Language, why: Why) -> String {
    match why {
        Why::Wrong => l.say(
            "Name and password do not belong together.".to_owned(),
            "用户名或密码不正确。".to_owned(),
        ),
        Why::Busy => l.say(
            "Too many people sign in at this moment; try again.".to_owned(),
            "当前登录人数过多，请稍后再试。".to_owned(),
        ),
        Why::Throttled(seconds) => l.say(
            format!("Too many mistakes; try again in {seconds} s."),
            format!("错误次数过多，请在 {seconds} 秒后再试。"),
        ),
        Why::Unreadable => l.say(
            "The form could not be read; fill it in once more.".to_owned(),
            "无法读取表单，请重新填写。".to_owned(),
        ),
    }
}
