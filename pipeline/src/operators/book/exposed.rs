//! Who is exposed, on the alerts that tell of the leak.

use std::collections::BTreeMap;

use wire::{Quantity, SourceId};

use super::Book;
use super::desk::Touched;
use crate::alert::Reason;
use crate::calendar::{Millis, Tick};
use crate::city::ZoneIx;
use crate::exposure::{Exposed, Exposure, WIDTH};

/// All minutes that may still be corrected. A restart needs no copy: the fold says them again.
#[derive(Default)]
pub(super) struct Exposures {
    minutes: BTreeMap<(SourceId, Quantity), BTreeMap<Millis, Exposure>>,
}

impl Exposures {
    pub(super) fn put(&mut self, exposure: &Exposure, diff: isize) {
        let key = (exposure.source, exposure.quantity);
        let minutes = self.minutes.entry(key).or_default();
        if diff > 0 {
            minutes.insert(exposure.start, exposure.clone());
        } else if minutes.get(&exposure.start) == Some(exposure) {
            minutes.remove(&exposure.start);
        }
        if minutes.is_empty() {
            self.minutes.remove(&key);
        }
    }

    /// The latest word on a leak of the gas that is the zone's business since `since`; of several sources the one that
    /// reaches most people.
    fn latest(&self, zone: ZoneIx, gas: Quantity, since: Millis) -> Option<Exposed> {
        let of_gas = self.minutes.iter().filter(|((_, of), _)| *of == gas);
        let told = of_gas.filter_map(|(_, minutes)| {
            let (_, latest) = minutes.range(since - WIDTH + 1..).next_back()?;
            latest.zones.contains(&zone).then(|| latest.exposed())?
        });
        told.max_by_key(|exposed| (exposed.at, exposed.people, exposed.source))
    }
}

impl Book {
    /// At the end of a tick at which exposure changed, or alerts are told anyway: what each of them says of it.
    pub(super) fn expose(&mut self, tick: Tick, changed: bool, touched: &mut Touched) {
        for (id, page) in &mut self.alerts {
            let is_told = touched.reasons.contains_key(id);
            if !page.is_open() || !(changed || is_told) {
                continue;
            }
            let Some(gas) = page.said.condition.value.paced_by() else {
                continue;
            };
            let (zone, onset) = (page.said.subject.zone, page.said.content.onset);
            let now = self.exposures.latest(zone, gas, onset);
            // What is sealed off was not withdrawn: it stands until something newer is known. A minute is sealed off with
            // the first of its panes.
            let span = self.calendar.span(gas);
            let sealed_at = |told: &Exposed| span.sealed_at(told.at - WIDTH);
            let is_sealed = |told: &Exposed| now.is_none() && sealed_at(told) <= tick;
            if page.exposed.as_ref().is_some_and(is_sealed) {
                continue;
            }
            let is_news = match (&now, &page.exposed) {
                (Some(now), Some(told)) => now.is_news(told),
                (now, told) => now.is_some() != told.is_some(),
            };
            if is_news {
                touched.add(*id, Some(Reason::Exposure));
            }
            if is_news || is_told {
                page.exposed = now;
            }
        }
    }
}
