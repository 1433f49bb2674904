//! Open incidents: alerts of one kind in neighbouring zones, as one thing with all its alerts.

use maud::{Markup, html};
use pipeline::incident::Incident;

use super::marks::{class, mark};
use super::{View, alert, city_name, desk, document, header, words};
use crate::board::picture::Standing;
use crate::language::kinds;

pub fn whole(view: &View) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let title = l.say("Incidents", "事件");
    let mut incidents: Vec<&Incident> = picture.desk.incidents().collect();
    incidents.sort_by_key(|incident| (std::cmp::Reverse(incident.severity), incident.since));
    let count = incidents.len();
    let body = html! {
        (header::draw(view))
        main.one {
            section #incidents data-live aria-labelledby="incidents-title" {
                h2 #incidents-title { (title) small { (l.say(format!("{count} open"), format!("{count}个进行中"))) } }
                p.note { (l.say(
                    "Open alerts of one kind in zones that touch or are near are one incident; it grows, merges and splits.",
                    "相邻或邻近区域内同类的未结束警报合为一个事件，事件会扩大、合并或拆分。",
                )) }
                @if incidents.is_empty() { p.calm { (l.say("No open incident.", "没有进行中的事件。")) } }
                ol.timeline { @for incident in incidents { (item(view, incident)) } }
            }
        }
    };
    document(
        view,
        &format!("{title} · {}", city_name(&picture.face)),
        "/incidents",
        body,
    )
}

fn item(view: &View, incident: &Incident) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    let standing = Standing::Alert(incident.severity);
    let since = desk::moment(view, incident.since);
    html! {
        li #{ "i-" (incident.id) } class=(class(standing)) {
            h3 {
                (mark(standing)) " " (words::severity(l, incident.severity)) " · " (kinds::alert(incident.kind.as_str(), l)) " · "
                (desk::zones(l, face, incident))
            }
            p.when { (l.say(format!("since {since}"), format!("自{since}起"))) " · "
                (l.say(format!("revision {}", incident.revision), format!("第{}版", incident.revision))) }
            ul.kin { @for id in &incident.alerts { li { (alert::link(view, *id)) } } }
        }
    }
}
