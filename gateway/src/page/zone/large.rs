//! The chosen value large: its figure, its chart with a legend, the rules that watch it, and its figures as a table.

use maud::{Markup, html};
use pipeline::rules::Value;

use super::{ZoneScene, figures};
use crate::board::history::History;
use crate::board::picture::Standing;
use crate::board::series::Point;
use crate::language::Language;
use crate::page::chart::{legend, sheet};
use crate::page::marks::mark;
use crate::page::words;
use crate::privacy::Shown;

/// Most rows of the table: what the board keeps of a value in a day.
const ROWS_MAX: usize = 600;

pub(super) fn draw(scene: &ZoneScene) -> Markup {
    let l = scene.view.language();
    html! {
        section #value data-live aria-labelledby="value-title" {
            @match chosen(scene) {
                Some(history) => (one(scene, history)),
                None => {
                    h2 #value-title { (l.say("Values", "数值")) }
                    p.calm { (l.say("Nothing was heard of this zone in the last hours. This is not an all-clear.", "最近数小时没有该区域的数据，并不表示警报解除。")) }
                }
            }
        }
    }
}

fn chosen(scene: &ZoneScene) -> Option<&History> {
    let value = scene.value?;
    scene
        .histories
        .iter()
        .find(|history| history.value == value)
}

fn one(scene: &ZoneScene, history: &History) -> Markup {
    let (l, picture) = (scene.view.language(), &scene.view.picture);
    let chart = scene.chart(history);
    let span = scene.range.text(l);
    let offset = words::offset(&picture.face, picture.now);
    html! {
        h2 #value-title {
            (words::value_name(l, history.value)) small { (words::unit(l, history.value)) }
            small.span { (l.say(format!("last {span}, times are UTC{offset}"), format!("最近{span}，时间为UTC{offset}"))) }
        }
        p.latest { (figures::latest(scene, history)) }
        figure.large {
            @for sheet in &sheet::LARGE { (chart.draw(sheet)) }
            figcaption { (legend::draw(l, &chart.seen())) }
        }
        (rules(scene, history.value))
    }
}

/// The rules that watch the value here, each with its line.
fn rules(scene: &ZoneScene, value: Value) -> Markup {
    let (l, zone) = (scene.view.language(), scene.face().ix);
    let rules = scene.view.picture.face.rules.iter();
    let mut rules: Vec<_> = rules
        .filter(|rule| rule.value == value && rule.zones.contains(&zone))
        .collect();
    rules.sort_by_key(|rule| (std::cmp::Reverse(rule.severity), rule.id));
    html! {
        h3 { (l.say("Rules that watch it", "相关规则")) }
        @if rules.is_empty() { p.calm { (l.say("None: nothing here raises an alert.", "无：不会触发警报。")) } }
        ul.watching {
            @for rule in rules {
                li {
                    (mark(Standing::Alert(rule.severity))) " "
                    a href={ "/rules/" (rule.id) } { (rule.id) } " "
                    span { (words::severity(l, rule.severity)) " " (super::Line::from(rule).text()) " " (words::unit(l, value)) }
                    @if rule.shadow { small { " " (l.say("in shadow: tells nobody", "试运行：不通知任何人")) } }
                }
            }
        }
    }
}

/// The figures as rows, for readers of screens and for copying: as they were when the page was loaded.
pub(super) fn table(scene: &ZoneScene) -> Markup {
    let (l, picture) = (scene.view.language(), &scene.view.picture);
    let Some(history) = chosen(scene) else {
        return html! {};
    };
    let from = picture.now - scene.range.span();
    let points = history.points.iter().enumerate().rev();
    let rows: Vec<(usize, &Point)> = points
        .filter(|(_, point)| point.end > from)
        .take(ROWS_MAX)
        .collect();
    let (title, unit) = (
        words::value_name(l, history.value),
        words::unit(l, history.value),
    );
    let at = words::time(&picture.face, picture.now);
    html! {
        section #rows aria-label=(l.say("Figures as a table", "数据表")) {
            details #rows-shown {
                summary { (l.say(format!("The figures as a table ({})", rows.len()), format!("数据表（{}行）", rows.len()))) }
                p.note {
                    (l.say(format!("As of {at}, newest first; load the page again for later ones."), format!("截至{at}，最新的在前；重新加载页面可查看更新的数据。")))
                }
                div.scroll {
                    table.rows {
                        caption { (title) @if !unit.is_empty() { ", " (unit) } }
                        thead { tr {
                            @for name in heads(l) { th scope="col" { (name) } }
                        } }
                        tbody { @for (place, point) in rows { (row(scene, history, point, place >= history.settled)) } }
                    }
                }
            }
        }
    }
}

fn heads(l: Language) -> [&'static str; 6] {
    l.say(
        ["Time", "Mean", "Least", "Greatest", "Nodes heard", "Doubt"],
        ["时间", "均值", "最小", "最大", "已报到节点", "存疑"],
    )
}

fn row(scene: &ZoneScene, history: &History, point: &Point, provisional: bool) -> Markup {
    let (l, face) = (scene.view.language(), &scene.view.picture.face);
    let all = face
        .floor
        .shown_all(history.value, &point.figures, scene.face().ground);
    let mut doubts = Vec::new();
    if provisional {
        doubts.push(l.say("provisional", "初步").to_owned());
    }
    if point.figures.saturated {
        doubts.push(l.say("at least", "至少").to_owned());
    }
    if point.suspect > 0 {
        doubts.push(l.say(
            format!("{} suspect", point.suspect),
            format!("{}个可疑", point.suspect),
        ));
    }
    if matches!(all[0], Shown::Under(_)) {
        doubts.push(l.say("few people", "人数较少").to_owned());
    }
    html! {
        tr {
            th scope="row" { time { (words::time(face, point.end)) } }
            @for shown in all { td { (words::number(shown)) } }
            td { (words::heard(l, point.completeness)) }
            td { (doubts.join(l.say(", ", "，"))) }
        }
    }
}
