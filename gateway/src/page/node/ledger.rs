//! The account of a node: every frame and every reading that came in its name, each in one place, so that sums balance.

use maud::{Markup, html};

use crate::admission::Refusal;
use crate::board::picture::NodePicture;
use crate::language::{Both, Language};
use crate::page::nodes::grouped;
use crate::page::{View, health};

pub(super) fn draw(view: &View, node: &NodePicture) -> Markup {
    let (l, face) = (view.language(), &view.picture.face);
    let account = &node.book.account;
    html! {
        section #ledger data-live aria-labelledby="ledger-title" {
            h2 #ledger-title {
                (l.say("What came in its name", "以其名义收到的数据"))
                @if let Some(since) = account.since {
                    @let since = health::moment(l, face, since);
                    small { (l.say(format!("since {since}"), format!("自{since}起"))) }
                }
            }
            div.ledgers {
                (frames(l, node))
                (readings(l, node))
                (marks(l, node))
            }
            p.note {
                (l.say(
                    "Counts go on over restarts. Of the minutes before a gateway was killed, duplicates and refusals are not in them.",
                    "计数在重启后继续。网关异常终止前几分钟内的重复帧和拒绝不计入其中。",
                ))
            }
        }
    }
}

fn frames(l: Language, node: &NodePicture) -> Markup {
    let (account, missing) = (&node.book.account, node.book.missing);
    let refused: Vec<(String, u64)> = Refusal::ALL
        .into_iter()
        .filter(|reason| *reason != Refusal::UnknownNode)
        .map(|reason| {
            (
                self::reason(reason).to(l).to_owned(),
                account.refused[reason as usize],
            )
        })
        .collect();
    html! {
        table.ledger #frames {
            caption { (l.say("Frames", "数据帧")) }
            tbody {
                (sum(l.say("received", "收到"), account.received()))
                (part(l.say("accepted", "接受"), account.accepted, false))
                (part(l.say("duplicate", "重复"), account.duplicate, false))
                (part(l.say("refused", "拒绝"), account.refused_frames(), true))
                @for (name, count) in &refused { (detail(name, *count)) }
            }
        }
        table.ledger #holes {
            caption { (l.say("Frames that did not come", "未到达的数据帧")) }
            tbody {
                (part(l.say("missing now: holes in its sequence", "当前缺失：序号中的空缺"), missing, true))
                (part(l.say("lost: overwritten by the node before they were heard", "丢失：节点在上报前已覆盖"), account.lost, true))
            }
        }
    }
}

fn readings(l: Language, node: &NodePicture) -> Markup {
    let readings = &node.book.account.readings;
    html! {
        table.ledger #readings {
            caption { (l.say("Readings of accepted frames", "已接受数据帧中的读数")) }
            tbody {
                (sum(l.say("readings", "读数"), readings.all))
                (part(l.say("admitted", "采纳"), readings.admitted, false))
                (part(l.say("faults: the node says why there is no value", "故障：节点说明了无数值的原因"), readings.faults, true))
                (part(l.say("refused: implausible", "拒绝：数值不合理"), readings.implausible, true))
                (part(l.say("refused: unknown quantity", "拒绝：未知项目"), readings.unknown_quantity, true))
                @if readings.untold > 0 {
                    (part(l.say("faults or refused, before a restart", "重启前的故障或拒绝"), readings.untold, true))
                }
            }
        }
    }
}

fn marks(l: Language, node: &NodePicture) -> Markup {
    let readings = &node.book.account.readings;
    html! {
        table.ledger #marks {
            caption { (l.say("Of those admitted", "采纳的读数中")) }
            tbody {
                (part(l.say("late: they corrected a pane", "迟到：用于更正已有时段"), readings.late, false))
                (part(l.say("too late: in the history, in no live alert", "过迟：仅存入历史，不影响实时警报"), readings.too_late, true))
                (part(l.say("restamped: its clock was absurd", "重新标注时间：时钟错误"), readings.restamped, true))
                (part(l.say("waited for the node's clock", "曾等待节点时钟"), readings.held, false))
                (part(l.say("without any time", "无时间"), readings.timeless, true))
            }
        }
    }
}

fn sum(name: &str, count: u64) -> Markup {
    html! { tr.sum { th scope="row" { (name) } td { (grouped(count)) } } }
}

fn part(name: &str, count: u64, is_trouble: bool) -> Markup {
    html! { tr { th scope="row" { (name) } td class=[(is_trouble && count > 0).then_some("partial")] { (grouped(count)) } } }
}

fn detail(name: &str, count: u64) -> Markup {
    html! { tr.detail { th scope="row" { (name) } td class=[(count > 0).then_some("partial")] { (grouped(count)) } } }
}

/// Why a frame was refused.
fn reason(reason: Refusal) -> Both {
    match reason {
        Refusal::Malformed => Both("not to be read", "无法读取"),
        Refusal::Version => Both("of an unknown version", "版本未知"),
        Refusal::UnknownNode => Both("of no node of the registry", "节点未登记"),
        Refusal::Seal => Both(
            "sealed by nobody who has its keys",
            "密封不符：并非由其密钥签封",
        ),
        Refusal::Generation => Both("sealed with retired keys", "密钥已停用"),
        Refusal::Topic => Both("on a topic of another lane", "主题不符"),
    }
}
