//! All nodes as a list: filtered, sorted by any count, a page at a time; every choice is a link or a plain form.

use std::cmp::Reverse;

use maud::{Markup, html};

use super::nodes::grouped;
use super::{View, city_name, document, header, health, words};
use crate::board::picture::NodePicture;
use crate::language::{Both, Language};

/// Nodes on one page of the list.
const PAGE_LEN: usize = 50;

/// Which nodes the reader wants to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A zone's id; empty: all.
    pub zone: String,
    pub state: State,
    /// Words in the node's name, its zone's, or its owner's.
    pub words: String,
    pub sort: Sort,
    /// From 1.
    pub page: usize,
}

/// How a node may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Any,
    Troubled,
    Silent,
    Quarantined,
    Refused,
    Unheard,
}

impl State {
    pub const ALL: [State; 6] = [
        State::Any,
        State::Troubled,
        State::Silent,
        State::Quarantined,
        State::Refused,
        State::Unheard,
    ];

    pub fn name(self) -> &'static str {
        match self {
            State::Any => "any",
            State::Troubled => "troubled",
            State::Silent => "silent",
            State::Quarantined => "quarantined",
            State::Refused => "refused",
            State::Unheard => "unheard",
        }
    }

    pub fn from_name(name: &str) -> State {
        let mut all = State::ALL.into_iter();
        all.find(|state| state.name() == name).unwrap_or_default()
    }

    fn text(self) -> Both {
        match self {
            State::Any => Both("in any state", "任何状态"),
            State::Troubled => Both("not well", "异常"),
            State::Silent => Both("silent", "失去信号"),
            State::Quarantined => Both("withdrawn", "已撤回读数"),
            State::Refused => Both("with refusals", "有拒绝记录"),
            State::Unheard => Both("not heard yet", "尚未报到"),
        }
    }

    fn fits(self, node: &NodePicture) -> bool {
        match self {
            State::Any => true,
            State::Troubled => !node.is_well(),
            State::Silent => node.record.silent_since.is_some(),
            State::Quarantined => node.quarantined().next().is_some(),
            State::Refused => node.book.account.refusals() > 0,
            State::Unheard => node.record.heard_at.is_none(),
        }
    }
}

/// In which order they stand; counts have the greatest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Node,
    Zone,
    Heard,
    Received,
    Duplicate,
    Refused,
    Missing,
    Late,
    Battery,
}

impl Sort {
    pub const ALL: [Sort; 9] = [
        Sort::Node,
        Sort::Zone,
        Sort::Heard,
        Sort::Received,
        Sort::Duplicate,
        Sort::Refused,
        Sort::Missing,
        Sort::Late,
        Sort::Battery,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Sort::Node => "node",
            Sort::Zone => "zone",
            Sort::Heard => "heard",
            Sort::Received => "received",
            Sort::Duplicate => "duplicate",
            Sort::Refused => "refused",
            Sort::Missing => "missing",
            Sort::Late => "late",
            Sort::Battery => "battery",
        }
    }

    pub fn from_name(name: &str) -> Sort {
        let mut all = Sort::ALL.into_iter();
        all.find(|sort| sort.name() == name).unwrap_or_default()
    }

    fn text(self) -> Both {
        match self {
            Sort::Node => Both("Node", "节点"),
            Sort::Zone => Both("Zone", "区域"),
            Sort::Heard => Both("Last heard", "最近报到"),
            Sort::Received => Both("Frames", "数据帧"),
            Sort::Duplicate => Both("Duplicate", "重复"),
            Sort::Refused => Both("Refused", "拒绝"),
            Sort::Missing => Both("Missing or lost", "缺失或丢失"),
            Sort::Late => Both("Late or too late", "迟到或过迟"),
            Sort::Battery => Both("Battery", "电池"),
        }
    }
}

impl Wanted {
    /// The address of the same list with something else about it.
    fn with(&self, change: impl FnOnce(&mut Wanted)) -> String {
        let mut wanted = self.clone();
        change(&mut wanted);
        wanted.address()
    }

    fn address(&self) -> String {
        let page = self.page.to_string();
        let parts = [
            ("zone", self.zone.as_str(), self.zone.is_empty()),
            ("state", self.state.name(), self.state == State::Any),
            ("words", self.words.as_str(), self.words.is_empty()),
            ("sort", self.sort.name(), self.sort == Sort::Node),
            ("page", page.as_str(), self.page <= 1),
        ];
        let said = parts.into_iter().filter(|(.., is_usual)| !is_usual);
        let query: Vec<String> = said
            .map(|(name, value, _)| format!("{name}={}", encoded(value)))
            .collect();
        match query.is_empty() {
            true => "/nodes".to_owned(),
            false => format!("/nodes?{}", query.join("&")),
        }
    }
}

/// Text as part of an address.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                encoded.push(char::from(byte))
            }
            _ => encoded += &format!("%{byte:02X}"),
        }
    }
    encoded
}

/// The list of nodes.
pub fn whole(view: &View, wanted: &Wanted) -> Markup {
    let l = view.language();
    let name = city_name(&view.picture.face);
    let title = format!("{} · {name}", l.say("Nodes", "节点"));
    let body = html! {
        (header::draw(view))
        main.one.list {
            (chooser(view, wanted))
            (list(view, wanted))
        }
    };
    document(view, &title, &wanted.address(), body)
}

fn chooser(view: &View, wanted: &Wanted) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    html! {
        section #choose aria-label=(l.say("Which nodes", "筛选节点")) {
            form action="/nodes" method="get" {
                label for="words" { (l.say("Words", "关键词")) }
                input #words name="words" value=(wanted.words) maxlength="64" autocomplete="off";
                label for="zone" { (l.say("Zone", "区域")) }
                select #zone name="zone" {
                    option value="" { (l.say("all zones", "全部区域")) }
                    @for zone in &face.zones {
                        option value=(zone.id) selected[zone.id.as_str() == wanted.zone] { (zone.name) }
                    }
                }
                label for="state" { (l.say("State", "状态")) }
                select #state name="state" {
                    @for state in State::ALL {
                        option value=(state.name()) selected[state == wanted.state] { (state.text().to(l)) }
                    }
                }
                @if wanted.sort != Sort::Node { input type="hidden" name="sort" value=(wanted.sort.name()); }
                button.second { (l.say("Show", "显示")) }
            }
        }
    }
}

fn list(view: &View, wanted: &Wanted) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let mut nodes: Vec<&NodePicture> = picture
        .nodes
        .iter()
        .filter(|node| fits(view, wanted, node))
        .collect();
    sort(view, wanted.sort, &mut nodes);
    let pages = nodes.len().div_ceil(PAGE_LEN).max(1);
    let page = wanted.page.clamp(1, pages);
    let (found, all) = (nodes.len(), picture.nodes.len());
    html! {
        section #fleet data-live aria-labelledby="fleet-title" {
            h2 #fleet-title {
                (l.say("Nodes", "节点"))
                small { (l.say(format!("{found} of {all}"), format!("{found}/{all}"))) }
            }
            @if nodes.is_empty() { p.calm { (l.say("No node is like that.", "没有符合条件的节点。")) } }
            @else {
                div.scroll {
                    table.fleet {
                        thead { tr { @for order in Sort::ALL { (head(l, wanted, order)) } } }
                        tbody {
                            @for node in nodes.iter().skip((page - 1) * PAGE_LEN).take(PAGE_LEN) { (row(view, node)) }
                        }
                    }
                }
            }
            @if pages > 1 { (pager(l, wanted, page, pages)) }
        }
    }
}

fn fits(view: &View, wanted: &Wanted, node: &NodePicture) -> bool {
    let face = view.picture.node_face(node);
    let zone = face.zone.and_then(|ix| view.picture.face.zone(ix));
    let here = wanted.zone.is_empty() || zone.is_some_and(|zone| zone.id.as_str() == wanted.zone);
    let text = || {
        let (name, id) = zone.map_or(("", ""), |zone| (zone.name.as_str(), zone.id.as_str()));
        format!("{} {name} {id} {}", face.id, face.post.owner).to_lowercase()
    };
    let sought = wanted.words.to_lowercase();
    let named = sought.is_empty() || {
        let text = text();
        sought.split_whitespace().all(|word| text.contains(word))
    };
    here && named && wanted.state.fits(node)
}

/// Nodes stand in order of their names; a stable sort keeps that among equals.
fn sort(view: &View, sort: Sort, nodes: &mut [&NodePicture]) {
    match sort {
        Sort::Node => {}
        Sort::Zone => nodes.sort_by_key(|node| {
            let zone = view.picture.node_face(node).zone;
            zone.and_then(|ix| view.picture.face.zone(ix))
                .map(|zone| zone.id)
        }),
        // Longest ago first, and before all who never spoke.
        Sort::Heard => nodes.sort_by_key(|node| node.record.heard_at),
        Sort::Received => nodes.sort_by_key(|node| Reverse(node.book.account.received())),
        Sort::Duplicate => nodes.sort_by_key(|node| Reverse(node.book.account.duplicate)),
        Sort::Refused => nodes.sort_by_key(|node| Reverse(node.book.account.refusals())),
        Sort::Missing => {
            nodes.sort_by_key(|node| Reverse(node.book.missing + node.book.account.lost))
        }
        Sort::Late => nodes.sort_by_key(|node| {
            let readings = node.book.account.readings;
            Reverse(readings.late + readings.too_late)
        }),
        // The emptiest first; those without one last.
        Sort::Battery => nodes.sort_by_key(|node| {
            let battery = node.book.account.battery.as_ref();
            (battery.is_none(), battery.map(|battery| battery.volts))
        }),
    }
}

fn head(l: Language, wanted: &Wanted, order: Sort) -> Markup {
    let is_own = order == wanted.sort;
    let direction = match order {
        Sort::Node | Sort::Zone | Sort::Heard | Sort::Battery => "ascending",
        _ => "descending",
    };
    let address = wanted.with(|wanted| {
        wanted.sort = order;
        wanted.page = 1;
    });
    html! {
        th scope="col" aria-sort=[is_own.then_some(direction)] {
            a #{ "sort-" (order.name()) } href=(address) { (order.text().to(l)) @if is_own { (if direction == "ascending" { " ↑" } else { " ↓" }) } }
        }
    }
}

fn row(view: &View, node: &NodePicture) -> Markup {
    let (l, picture) = (view.language(), &view.picture);
    let face = picture.node_face(node);
    let zone = face.zone.and_then(|ix| picture.face.zone(ix));
    let (account, readings) = (&node.book.account, &node.book.account.readings);
    let cell = |order: Sort, text: String, is_trouble: bool| {
        html! { td data-name=(order.text().to(l)) class=[is_trouble.then_some("partial")] { (text) } }
    };
    let missing = node.book.missing + account.lost;
    let late = readings.late + readings.too_late;
    html! {
        tr {
            th scope="row" {
                a href={ "/node/" (face.id) } { (face.id) }
                @for row in node.quarantined() { div.partial { "✕ " (health::withdrawn(l, row)) } }
            }
            td data-name=(Sort::Zone.text().to(l)) {
                @if let Some(zone) = zone { a href={ "/zone/" (zone.id) } { (zone.name) } }
            }
            (cell(Sort::Heard, health::heard(l, node, picture.now), node.record.silent_since.is_some()))
            (cell(Sort::Received, grouped(account.received()), false))
            (cell(Sort::Duplicate, grouped(account.duplicate), false))
            (cell(Sort::Refused, grouped(account.refusals()), account.refusals() > 0))
            (cell(Sort::Missing, grouped(missing), missing > 0))
            (cell(Sort::Late, grouped(late), readings.too_late > 0))
            (cell(Sort::Battery, battery(node), false))
        }
    }
}

fn battery(node: &NodePicture) -> String {
    let battery = node.book.account.battery.as_ref();
    battery.map_or(String::new(), |battery| {
        format!("{} V", words::rounded(battery.volts))
    })
}

fn pager(l: Language, wanted: &Wanted, page: usize, pages: usize) -> Markup {
    html! {
        nav.pager aria-label=(l.say("Pages", "分页")) {
            @if page > 1 {
                a #page-before rel="prev" href=(wanted.with(|wanted| wanted.page = page - 1)) { (l.say("← Before", "← 上一页")) }
            }
            span { (l.say(format!("page {page} of {pages}"), format!("第{page}/{pages}页"))) }
            @if page < pages {
                a #page-after rel="next" href=(wanted.with(|wanted| wanted.page = page + 1)) { (l.say("After →", "下一页 →")) }
            }
        }
    }
}
