//! What every page has around it: the document's head, the way to all other pages, language and colours, the foot.

use maud::{DOCTYPE, Markup, html};
use pipeline::alert::Status;

use super::{Theme, View, city_name, status_word, words};
use crate::language::Language;

/// A group of pages that the navigation leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Overview,
    Zones,
    Alerts,
    Nodes,
    Rules,
    Silences,
    History,
    Playback,
}

impl Section {
    const ALL: [Section; 8] = [
        Section::Overview,
        Section::Zones,
        Section::Alerts,
        Section::Nodes,
        Section::Rules,
        Section::Silences,
        Section::History,
        Section::Playback,
    ];

    fn path(self) -> &'static str {
        match self {
            Section::Overview => "/",
            Section::Zones => "/zones",
            Section::Alerts => "/alerts",
            Section::Nodes => "/nodes",
            Section::Rules => "/rules",
            Section::Silences => "/silences",
            Section::History => "/history",
            Section::Playback => "/playback",
        }
    }

    fn name(self, l: Language) -> &'static str {
        match self {
            Section::Overview => l.say("Overview", "总览"),
            Section::Zones => l.say("Zones", "区域"),
            Section::Alerts => l.say("Alerts", "警报"),
            Section::Nodes => l.say("Nodes", "节点"),
            Section::Rules => l.say("Rules", "规则"),
            Section::Silences => l.say("Silences", "静默"),
            Section::History => l.say("History", "历史"),
            Section::Playback => l.say("Playback", "回放"),
        }
    }

    /// Where a page belongs, by the address of what of it changes; one alert belongs to the alerts.
    fn of(source: &str) -> Option<Section> {
        let first = source.trim_start_matches('/').split(['/', '?']).next();
        match first.unwrap_or_default() {
            "" | "fragment" => Some(Section::Overview),
            "zone" | "zones" => Some(Section::Zones),
            "alert" | "alerts" | "incidents" => Some(Section::Alerts),
            "node" | "nodes" => Some(Section::Nodes),
            "rules" => Some(Section::Rules),
            "silence" | "silences" => Some(Section::Silences),
            "history" | "compare" => Some(Section::History),
            "playback" => Some(Section::Playback),
            _ => None,
        }
    }
}

/// Frame of every page. `source` is where the script asks for the parts that change.
pub(super) fn document(view: &View, title: &str, source: &str, body: Markup) -> Markup {
    let l = view.language();
    let follows = source == "/fragment";
    let scheme = match view.reader.theme {
        Theme::Auto => "light dark",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    html! {
        (DOCTYPE)
        html lang=(l.code()) data-theme=(view.reader.theme.name()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content=(scheme);
                title { (title) }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="alternate" href="/cap.atom" type="application/atom+xml" title=(l.say("Alerts (CAP)", "警报（CAP）"));
                link rel="stylesheet" href="/assets/page.css";
                script src="/assets/page.js" defer {}
                // Whoever fills in a form must not lose it; those pages say that they do not follow by themselves.
                @if follows { noscript { meta http-equiv="refresh" content="5"; } }
            }
            body data-source=(source) data-reader=[follows.then(|| view.reader.mark())] {
                a.skip href="#content" { (l.say("To the content", "跳到正文")) }
                p #lost role="alert" hidden {
                    (l.say(
                        "Connection to the gateway lost. These figures are not live.",
                        "与网关的连接已中断，以下数值并非实时。",
                    ))
                }
                (navigation(view, Section::of(source)))
                @if !follows {
                    noscript { p.trouble {
                        (l.say(
                            "Without its script this page does not follow by itself: load it again for what is now.",
                            "脚本未启用，本页不会自动更新：请重新加载以查看最新情况。",
                        ))
                    } }
                }
                (body)
                (foot(view))
            }
        }
    }
}

/// The way to every page, and how they look.
fn navigation(view: &View, here: Option<Section>) -> Markup {
    let l = view.language();
    html! {
        div.bar {
            nav aria-label=(l.say("Pages", "页面")) {
                ul { @for section in Section::ALL { li {
                    a href=(section.path()) aria-current=[(here == Some(section)).then_some("page")] {
                        (section.name(l))
                    }
                } } }
            }
            (switches(view))
        }
    }
}

/// Language and colours; each choice is a link, which leads back to where it was made.
fn switches(view: &View) -> Markup {
    let (l, chosen) = (view.language(), view.reader.theme);
    html! {
        ul.switch aria-label=(l.say("Language", "语言")) {
            @for language in Language::ALL { li {
                a href={ "/language/" (language.code()) } rel="nofollow" lang=(language.code()) hreflang=(language.code())
                    aria-current=[(language == l).then_some("true")] { (language.name()) }
            } }
        }
        ul.switch aria-label=(l.say("Colours", "配色")) {
            @for theme in Theme::ALL { li {
                a href={ "/theme/" (theme.name()) } rel="nofollow"
                    aria-current=[(theme == chosen).then_some("true")] { (words::theme(l, theme)) }
            } }
        }
    }
}

fn foot(view: &View) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    let offset = words::offset(face, view.picture.now);
    html! {
        footer {
            p {
                (l.say(
                    "Every figure says how old and how complete it is. No data is never an all-clear.",
                    "每个数值都标明其新旧与完整程度。没有数据绝不等于警报解除。",
                ))
                " "
                (l.say(
                    format!("Times are those of the city, UTC{offset}."),
                    format!("时间均为本市时间（UTC{offset}）。"),
                ))
                @if face.status != Status::Actual { " " strong { (status_word(l, face.status)) (l.say(".", "。")) } }
            }
            form action="/node" {
                label for="find-node" { (l.say("Node", "节点")) }
                input #find-node name="id" required maxlength="32" autocomplete="off";
                button.second { (l.say("Show", "查看")) }
            }
            nav aria-label=(l.say("For programs", "供程序使用")) {
                a href="/api/v1/zones" { (l.say("Zones", "区域")) " (JSON)" } " "
                a href="/api/v1/alerts" { (l.say("Alerts", "警报")) " (JSON)" } " "
                a href="/api/v1/nodes" { (l.say("Nodes", "节点")) " (JSON)" } " "
                a href="/metrics" { (l.say("Metrics", "指标")) }
            }
        }
    }
}

/// What the window is called: a tab in the background tells how many alerts are open.
pub(super) fn title(view: &View) -> String {
    let (l, picture) = (view.language(), &view.picture);
    let open = picture.alerts_open().count();
    let name = city_name(&picture.face);
    let alerts = match open {
        0 => return format!("{name} · citysense"),
        1 => l.say("1 alert".to_owned(), "1条警报".to_owned()),
        open => l.say(format!("{open} alerts"), format!("{open}条警报")),
    };
    format!("{alerts} · {name} · citysense")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_belongs_to_the_group_of_its_address() {
        for (source, section) in [
            ("/fragment", Some(Section::Overview)),
            ("/alert/0123/why", Some(Section::Alerts)),
            ("/alerts?severity=severe", Some(Section::Alerts)),
            ("/zone/quay", Some(Section::Zones)),
            ("/sign-in", None),
        ] {
            assert_eq!(Section::of(source), section, "{source}");
        }
    }
}
