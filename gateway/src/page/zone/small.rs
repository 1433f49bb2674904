//! Every value of the zone as a small chart, each a way to see it large.

use maud::{Markup, html};

use super::{ZoneScene, figures};
use crate::board::history::History;
use crate::board::picture::Standing;
use crate::page::chart::sheet::SMALL;
use crate::page::marks::mark;
use crate::page::words;

pub(super) fn draw(scene: &ZoneScene) -> Markup {
    let l = scene.view.language();
    html! {
        section #values data-live aria-labelledby="values-title" {
            h2 #values-title { (l.say("All values", "全部数值")) small { (scene.charted().count()) } }
            ul.cards { @for history in scene.charted() { (card(scene, history)) } }
        }
    }
}

fn card(scene: &ZoneScene, history: &History) -> Markup {
    let (l, value) = (scene.view.language(), history.value);
    let chart = scene.chart(history);
    let open = chart.spells.iter().filter(|spell| spell.end.is_none());
    let worst = open.map(|spell| spell.severity).max();
    let chosen = scene.value == Some(value);
    html! {
        li class=[chosen.then_some("selected")] {
            a #{ "v-" (value) } href={ (scene.address(Some(value), scene.range)) "#value" } aria-current=[chosen.then_some("true")] {
                span.label {
                    @if let Some(severity) = worst {
                        (mark(Standing::Alert(severity))) " "
                        span.severity { (words::severity(l, severity)) } " · "
                    }
                    (words::value_name(l, value))
                }
                (figures::latest(scene, history))
            }
            (chart.draw(&SMALL))
        }
    }
}
