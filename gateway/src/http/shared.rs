//! What many look at is drawn once for each change of the board, however many ask for it.
//!
//! A drawing is of a [`Question`], which knows of whoever asks no more than what may be in the answer: so nobody gets
//! what was drawn for others to see.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::access::{Areas, Asker, Role};
use crate::language::Language;
use crate::page::{Filter, Reader, Theme};

/// Ages grow even when nothing comes: no drawing is older than this.
const KEPT: Duration = Duration::from_millis(250);
/// Drawings kept at a time; what finds no room is drawn for whoever asked alone.
const DRAWINGS_MAX: usize = 64;

/// Which zone and value the reader looks at; what does not exist falls back to the first that does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    pub(super) zone: String,
    #[serde(default)]
    pub(super) value: String,
    #[serde(flatten)]
    pub(super) filter: Filter,
}

/// Everything that a drawing depends on but the board.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Question {
    language: Language,
    areas: Areas,
    may_act: bool,
    pub(super) chosen: Chosen,
    /// In gzip.
    pub(super) packed: bool,
}

impl Question {
    pub(super) fn of(reader: &Reader, chosen: Chosen, packed: bool) -> Question {
        Question {
            language: reader.language,
            areas: reader.asker.areas.clone(),
            may_act: reader.asker.may(Role::Operator),
            chosen,
            packed,
        }
    }

    /// Somebody without a name, of whom no more is known than the question says.
    pub(super) fn reader(&self) -> Reader {
        let role = match self.may_act {
            true => Role::Operator,
            false => Role::Viewer,
        };
        Reader {
            language: self.language,
            theme: Theme::default(),
            asker: Asker {
                areas: self.areas.clone(),
                ..Asker::anyone(role)
            },
        }
    }
}

/// Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Drawings(Arc<Mutex<Kept>>);

/// Of one version of the board.
#[derive(Default)]
struct Kept {
    version: u64,
    since: Option<Instant>,
    drawn: HashMap<Question, Arc<OnceCell<Bytes>>>,
}

impl Drawings {
    /// The answer by the board as of `version`; `draw` is asked only by the first who wants to know.
    pub(super) async fn of(
        &self,
        version: u64,
        question: Question,
        draw: impl FnOnce() -> Bytes,
    ) -> Bytes {
        let cell = self.cell(version, question, Instant::now());
        cell.get_or_init(async || draw()).await.clone()
    }

    fn cell(&self, version: u64, question: Question, now: Instant) -> Arc<OnceCell<Bytes>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_young = |since: Instant| now.saturating_duration_since(since) < KEPT;
        if kept.version != version || !kept.since.is_some_and(is_young) {
            *kept = Kept {
                version,
                since: Some(now),
                drawn: HashMap::new(),
            };
        }
        if kept.drawn.len() >= DRAWINGS_MAX && !kept.drawn.contains_key(&question) {
            return Arc::default();
        }
        kept.drawn.entry(question).or_default().clone()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn asked_by(asker: Asker) -> Question {
        let reader = Reader {
            language: Language::English,
            theme: Theme::Dark,
            asker,
        };
        Question::of(&reader, Chosen::default(), true)
    }

    fn named(name: &str, role: Role) -> Asker {
        Asker {
            name: Some(name.to_owned()),
            ..Asker::anyone(role)
        }
    }

    #[test]
    fn who_asks_alike_gets_one_drawing_until_the_board_changes_or_it_grows_old() {
        let (drawings, start) = (Drawings::default(), Instant::now());
        let ada = || asked_by(named("Ada", Role::Operator));
        let first = drawings.cell(1, ada(), start);
        let other = asked_by(named("Bo", Role::Administrator));
        assert!(Arc::ptr_eq(&first, &drawings.cell(1, other, start)));
        // Who may less, sees less, reads another language or takes no gzip has a drawing of their own.
        let part = Asker {
            areas: Areas::none(),
            ..named("Ada", Role::Operator)
        };
        let chinese = Question {
            language: Language::Chinese,
            ..ada()
        };
        let plain = Question {
            packed: false,
            ..ada()
        };
        let viewer = asked_by(named("Ada", Role::Viewer));
        for other in [asked_by(part), chinese, plain, viewer] {
            assert!(!Arc::ptr_eq(&first, &drawings.cell(1, other, start)));
        }
        let now = start + KEPT / 2;
        assert!(Arc::ptr_eq(&first, &drawings.cell(1, ada(), now)));
        let old = drawings.cell(1, ada(), start + KEPT);
        assert!(!Arc::ptr_eq(&first, &old));
        assert!(!Arc::ptr_eq(&old, &drawings.cell(2, ada(), start + KEPT)));
    }

    #[test]
    fn a_drawing_knows_nobodys_name() {
        let question = asked_by(named("Ada", Role::Administrator));
        let reader = question.reader();
        assert_eq!(
            (reader.asker.name, reader.asker.role),
            (None, Role::Operator)
        );
    }

    #[tokio::test]
    async fn strangers_cannot_fill_the_memory_and_are_answered_all_the_same() {
        let drawings = Drawings::default();
        for number in 0..DRAWINGS_MAX + 10 {
            let areas: std::collections::BTreeSet<_> =
                [format!("z{number}").parse().unwrap()].into();
            let question = asked_by(Asker {
                areas: Areas::Zones(Arc::new(areas)),
                ..Asker::anyone(Role::Viewer)
            });
            let said = Bytes::from(number.to_string());
            let drawn = drawings.of(0, question, || said.clone()).await;
            assert_eq!(drawn, said);
            let kept = drawings.0.lock().unwrap().drawn.len();
            assert!(kept <= DRAWINGS_MAX, "{kept}");
        }
    }
}
