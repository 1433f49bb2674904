//! What the model's nodes send: in order, late, too late, again and again, and what nobody sealed.

use gateway::journal::Record;
use pipeline::city::NodeIx;
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::node::Closed;
use super::{Model, TICK_WIDTH, door};
use crate::history::Event;

impl Model {
    pub(super) fn report(&mut self, rng: &mut StdRng) -> Result<(), String> {
        let mut frames = Vec::new();
        for _ in 0..rng.random_range(1..=4) {
            let now = self.now;
            if let Some(node) = self.any_node(rng) {
                frames.push((node.ix, node.report(rng, now)));
            }
        }
        self.hear(frames)
    }

    pub(super) fn deliver(&mut self, rng: &mut StdRng) -> Result<(), String> {
        if rng.random_range(0..3) == 0 {
            self.go_to_the_brink(rng);
        }
        let mut frames = Vec::new();
        let all = rng.random_bool(0.2);
        for node in &mut self.nodes {
            if all || rng.random_range(0..4) == 0 {
                frames.extend(node.kept.drain(..).map(|frame| (node.ix, frame)));
            }
        }
        frames.shuffle(rng);
        self.hear(frames)
    }

    /// To the very tick at which the pane of a reading that was kept is sealed off, or the last one before it.
    fn go_to_the_brink(&mut self, rng: &mut StdRng) {
        let kept = self.nodes.iter().flat_map(|node| &node.kept);
        let readings = kept.flat_map(|frame| &frame.readings);
        let brink = |reading: &pipeline::observation::Observation| {
            let span = self.history.calendar.span(reading.quantity);
            let start = pipeline::calendar::pane_start(reading.sampled_at, span.width);
            start + span.width + span.horizon
        };
        let brink = readings.map(brink).filter(|at| *at > self.now).min();
        if let Some(brink) = brink {
            self.now = brink - TICK_WIDTH * rng.random_range(0..=1);
        }
    }

    /// Frames that were not heard before, in one commit.
    pub(super) fn hear(&mut self, frames: Vec<(NodeIx, Closed)>) -> Result<(), String> {
        let (mut records, mut believed) = (Vec::new(), Vec::new());
        for (ix, frame) in frames {
            let known = self.knows(ix);
            let node = &mut self.nodes[ix.0 as usize];
            let said = self.door.fresh(node.id, &frame, known, self.now)?;
            if known {
                records.extend(said);
                believed.extend(frame.readings.iter().copied());
            }
            node.note_sent(frame);
        }
        if records.is_empty() {
            return Ok(());
        }
        let journaled = door::observations(&records);
        if journaled != believed {
            return Err(format!("journaled {journaled:?}, not {believed:?}"));
        }
        self.report.readings += believed.len();
        let tick = self.life.commit(self.tick(), &Record::Frames(records))?;
        for reading in believed {
            let span = self.history.calendar.span(reading.quantity);
            let end = pipeline::calendar::pane_start(reading.sampled_at, span.width) + span.width;
            self.judged_at = self.judged_at.max(end + span.grace);
            self.tell(format!("{reading:?}"));
            self.history.events.push((tick, Event::Observe(reading)));
        }
        Ok(())
    }

    pub(super) fn storm(&mut self, rng: &mut StdRng) -> Result<(), String> {
        for _ in 0..rng.random_range(1..4) {
            let place = rng.random_range(0..self.nodes.len());
            let node = &self.nodes[place];
            let (id, known) = (node.id, self.knows(node.ix));
            let node = &self.nodes[place];
            let Some(frame) = node.sent.get(rng.random_range(0..node.sent.len().max(1))) else {
                continue;
            };
            // What was sent while its node was unknown has never been heard.
            let heard = self.history.events.iter().rev().any(|(_, event)| {
                matches!(event, Event::Observe(o) if frame.readings.first() == Some(o))
            });
            if !heard {
                continue;
            }
            for _ in 0..rng.random_range(1..40) {
                self.door.again(id, frame, known, self.now)?;
                self.report.duplicates += 1;
            }
        }
        Ok(())
    }

    pub(super) fn garbage(&mut self, rng: &mut StdRng) -> Result<(), String> {
        let now = self.now;
        let Some(node) = self.any_node(rng) else {
            return Ok(());
        };
        let Some(frame) = node.sent.back() else {
            return Ok(());
        };
        let (id, lane, mut bytes) = (node.id, frame.lane, frame.bytes.clone());
        let place = rng.random_range(0..bytes.len());
        match rng.random_range(0..3) {
            0 => bytes.truncate(place),
            1 => bytes[place] ^= 1 << rng.random_range(0..8),
            _ => bytes.iter_mut().for_each(|byte| *byte = rng.random()),
        }
        self.door.garbage(id, lane, &bytes, now)
    }
}
