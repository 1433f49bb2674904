//! The desk: what people do about alerts, and what their escalation does where nobody does anything.
//!
//! Deadlines go by ticks: whatever happens to an alert in one tick, a step that falls due included, is
//! one revision, with the reason that tells most.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Book;
use super::pages::Page;
use super::silences::Silence;
use crate::alert::{AlertId, Desk, Note, Reason, Silenced};
use crate::calendar::{Millis, Tick, tick_at};
use crate::input::{Action, Verdict};
use crate::operators::alerts::Said;
use crate::operators::alerts::memory::Content;
use crate::operators::stand::Stand;
use crate::output::TickOutput;
use crate::rules::Step;

/// How an alert stands and what people made of it, as a snapshot keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Work {
    pub(super) stand: Stand,
    /// Who last said whose work it is.
    assigned_by: Option<String>,
    note: Option<Remark>,
    pub(super) silenced: Option<Hush>,
    escalated_to: Vec<String>,
    /// Tick at which it was raised, or came back from an end: escalation counts from here.
    open_since: Tick,
}

/// What a person wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Remark {
    by: String,
    text: String,
}

/// The silence that an alert falls under, as far as people are told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hush {
    until: Millis,
    by: String,
}

impl From<&Silence> for Hush {
    fn from(silence: &Silence) -> Hush {
        let (until, by) = (silence.until, silence.by.clone());
        Hush { until, by }
    }
}

impl Work {
    /// Of an alert that is told for the first time.
    pub(super) fn new(tick: Tick, content: &Content) -> Work {
        Work {
            stand: Stand::new(content),
            assigned_by: None,
            note: None,
            silenced: None,
            escalated_to: Vec::new(),
            open_since: tick,
        }
    }

    /// Whether the dataflow's word that it was merged away is what people are told, or are asked to confirm.
    pub(super) fn shows_merge(&self) -> bool {
        !self.stand.is_open() || self.stand.proposed.is_some()
    }

    /// As it is told.
    pub(super) fn desk(&self) -> Desk {
        Desk {
            assigned: self.stand.assigned.clone(),
            assigned_by: self.assigned_by.clone(),
            proposed: self.stand.proposed,
            note: self.note.as_ref().map(|remark| Note {
                by: remark.by.clone(),
                text: remark.text.clone(),
            }),
            silenced: self.silenced.as_ref().map(|hush| Silenced {
                until: hush.until,
                by: hush.by.clone(),
            }),
            escalated_to: self.escalated_to.clone(),
        }
    }
}

impl Page {
    /// Takes in what the dataflow says. Answers why people are to be told, if they are.
    pub(super) fn hear(&mut self, tick: Tick, said: &Said) -> Option<Reason> {
        self.said = said.clone();
        let was_open = self.is_open();
        let reason = self.work.stand.hear(&said.content);
        if !was_open && self.is_open() {
            self.work.open_since = tick;
        }
        reason
    }

    /// Takes in what a person does about it. Answers why others are to be told, if anything changed.
    pub(super) fn act(&mut self, tick: Tick, action: &Action) -> Option<Reason> {
        if !self.is_open() {
            return None;
        }
        match action {
            Action::Acknowledge { by, .. } => {
                let by = Some(by.clone());
                let is_news = self.acknowledged != by;
                self.acknowledged = by;
                is_news.then_some(Reason::Acknowledged)
            }
            Action::Comment { by, text, .. } => self.note(by, text).then_some(Reason::Commented),
            Action::Assign { by, .. } => {
                let reason = self.work.stand.act(tick, action)?;
                self.work.assigned_by = Some(by.clone());
                Some(reason)
            }
            Action::Settle { by, verdict, .. } => {
                let reason = self.work.stand.act(tick, action)?;
                let word = match verdict {
                    Verdict::Stands => "stands",
                    Verdict::Ended => "ended",
                };
                self.note(by, word);
                Some(reason)
            }
            _ => self.work.stand.act(tick, action),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.work.stand.is_open()
    }

    /// The first step that would tell somebody new, and when it is due. It waits while the alert is
    /// somebody's work or silenced, and for good once somebody has acknowledged it.
    pub(super) fn next_step<'a>(&self, steps: &'a [Step]) -> Option<(Tick, &'a Step)> {
        let work = &self.work;
        let waits =
            self.acknowledged.is_some() || work.stand.assigned.is_some() || work.silenced.is_some();
        if waits || !self.is_open() || self.said.condition.shadow {
            return None;
        }
        let is_new = |to: &String| !work.escalated_to.contains(to);
        let step = steps.iter().find(|step| step.to.iter().any(is_new))?;
        let due = work.open_since.saturating_add(tick_at(step.after));
        Some((due, step))
    }

    /// Tells everybody whose step has fallen due by `tick`; answers whether that is anybody new.
    pub(super) fn escalate(&mut self, tick: Tick, steps: &[Step]) -> bool {
        let before = self.work.escalated_to.len();
        while let Some((_, step)) = self.next_step(steps).filter(|(due, _)| *due <= tick) {
            for to in &step.to {
                if !self.work.escalated_to.contains(to) {
                    self.work.escalated_to.push(to.clone());
                }
            }
        }
        self.work.escalated_to.len() > before
    }

    fn note(&mut self, by: &str, text: &str) -> bool {
        let (by, text) = (by.to_owned(), text.to_owned());
        let remark = Some(Remark { by, text });
        let is_news = self.work.note != remark;
        self.work.note = remark;
        is_news
    }
}

/// The alerts of which people are to be told at a tick, and why.
#[derive(Default)]
pub(super) struct Touched {
    pub(super) reasons: BTreeMap<AlertId, Reason>,
}

impl Touched {
    pub(super) fn add(&mut self, id: AlertId, reason: Option<Reason>) {
        let Some(reason) = reason else { return };
        let told = self.reasons.entry(id).or_insert(reason);
        if rank(reason) < rank(*told) {
            *told = reason;
        }
    }
}

/// Of several reasons in one tick the first is told: a person's settling, then what the figures say,
/// then what needs somebody, then what somebody did.
fn rank(reason: Reason) -> u8 {
    match reason {
        Reason::Settled => 0,
        Reason::Proposed => 2,
        Reason::Escalated => 3,
        Reason::Assigned => 4,
        Reason::Acknowledged => 5,
        Reason::Silenced => 6,
        Reason::Commented => 7,
        _ => 1,
    }
}

impl Book {
    /// What a person did about alerts. Answers whether the silences in force changed.
    pub(super) fn act(
        &mut self,
        tick: Tick,
        action: &Action,
        touched: &mut Touched,
        output: &mut TickOutput,
    ) -> bool {
        match action {
            Action::Acknowledge { alert, .. }
            | Action::Comment { alert, .. }
            | Action::Assign { alert, .. }
            | Action::Settle { alert, .. } => {
                let page = self.alerts.get_mut(alert);
                touched.add(*alert, page.and_then(|page| page.act(tick, action)));
                false
            }
            Action::Silence {
                scope,
                until,
                by,
                text,
            } => {
                let order = Silence {
                    scope: *scope,
                    since: tick as Millis,
                    until: *until,
                    by: by.clone(),
                    text: text.clone(),
                };
                let (changed, dropped) = self.silences.order(tick, order);
                output.silences_dropped += dropped;
                changed
            }
            Action::Anchor { .. } | Action::Quarantine { .. } | Action::Release { .. } => false,
        }
    }

    /// At the end of a tick: which silence each alert falls under, and whose step is due.
    pub(super) fn attend(&mut self, now: Tick, hushed: bool, touched: &mut Touched) {
        for (id, page) in &mut self.alerts {
            // A rule in shadow is told to nobody, so nobody is spared and nobody is called.
            if !page.is_open() || page.said.condition.shadow {
                continue;
            }
            let Some(known) = self.names.rule(page.said.subject.rule) else {
                continue;
            };
            if hushed || touched.reasons.contains_key(id) {
                let silence = self.silences.over(&page.said.subject, known.rule.kind);
                let hush = silence.map(Hush::from);
                if page.work.silenced != hush {
                    page.work.silenced = hush;
                    touched.add(*id, Some(Reason::Silenced));
                }
            }
            if page.escalate(now, &known.rule.escalation) {
                touched.add(*id, Some(Reason::Escalated));
            }
        }
    }

    /// When a silence ends or a step of an escalation is due.
    pub(super) fn next_deadline(&self) -> Option<Tick> {
        let steps = self.alerts.values().filter_map(|page| {
            let known = self.names.rule(page.said.subject.rule)?;
            page.next_step(&known.rule.escalation)
        });
        let due = steps.map(|(due, _)| due).min();
        due.into_iter().chain(self.silences.next_end()).min()
    }
}
