//! The nodes of the zone, with how each is.

use maud::{Markup, html};

use super::ZoneScene;
use crate::board::picture::NodePicture;
use crate::page::health;

/// Most nodes that are listed here; the list of nodes has all.
const SHOWN_MAX: usize = 40;

pub(super) fn draw(scene: &ZoneScene) -> Markup {
    let (l, picture) = (scene.view.language(), &scene.view.picture);
    let here = |node: &&NodePicture| picture.node_face(node).zone == Some(scene.face().ix);
    let mut nodes: Vec<&NodePicture> = picture.nodes.iter().filter(here).collect();
    // Those in trouble first.
    nodes.sort_by_key(|node| node.is_well());
    let all = format!("/nodes?zone={}", scene.face().id);
    html! {
        section #place-nodes data-live aria-labelledby="place-nodes-title" {
            h2 #place-nodes-title { (l.say("Nodes", "节点")) small { (nodes.len()) } }
            @if nodes.is_empty() { p.calm { (l.say("No node stands here.", "此处没有节点。")) } }
            ul.posts {
                @for node in nodes.iter().take(SHOWN_MAX) {
                    li {
                        a href={ "/node/" (picture.node_face(node).id) } { (picture.node_face(node).id) }
                        span class={ "sure" @if !node.is_well() { " partial" } } { (health::of(l, node, picture.now)) }
                    }
                }
            }
            p.more {
                a href=(all) {
                    @if nodes.len() > SHOWN_MAX {
                        (l.say(format!("and {} more: ", nodes.len() - SHOWN_MAX), format!("另有{}个：", nodes.len() - SHOWN_MAX)))
                    }
                    (l.say("as a list with their counts", "列表及统计"))
                }
            }
        }
    }
}
