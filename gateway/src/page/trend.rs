//! Which way a figure goes, as an arrow with its word for those who hear the page.

use maud::{Markup, html};

use crate::board::trend::Trend;
use crate::language::Language;

pub(super) fn arrow(l: Language, trend: Option<Trend>) -> Markup {
    let Some(trend) = trend else {
        return html! {};
    };
    let (path, word) = match trend {
        Trend::Rising => ("M8 2L14 9H10V14H6V9H2z", l.say("rising", "上升")),
        Trend::Steady => ("M2 6.5H9V3L14 8L9 13V9.5H2z", l.say("steady", "平稳")),
        Trend::Falling => ("M8 14L2 7H6V2H10V7H14z", l.say("falling", "下降")),
    };
    let class = match trend {
        Trend::Steady => "trend steady",
        _ => "trend",
    };
    html! {
        " " svg class=(class) viewBox="0 0 16 16" role="img" aria-label=(word) { title { (word) } path d=(path) {} }
    }
}

/// The rule by which arrows are drawn, for the foot of a table.
pub(super) fn rule(l: Language) -> &'static str {
    l.say(
        "Arrows: a crowd's last 5 minutes against the 5 before, an index's last hour against the one before; \
         rising or falling from a tenth (and 0.1 people/m², or 5) on.",
        "箭头：人群密度为近5分钟与此前5分钟之比，空气指数为近1小时与前1小时之比；变化达十分之一（且不少于0.1人/m²或5）时为上升或下降。",
    )
}
