//! Who has not been heard for too long. Kept beside the panes because nothing behind them knows
//! when a node was last heard.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calendar::{Millis, Tick, tick_at};

/// A node's silence as it changes: since when, and +1 or -1.
pub type Emit<'a> = &'a mut dyn FnMut(u32, Millis, isize);

/// When one node was heard; in a snapshot as it is here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// Tick of the last observation; `None` before the first.
    pub heard: Option<Tick>,
    /// Said to be silent since.
    pub silent: Option<Millis>,
    silent_after: Option<Millis>,
    /// It is on the list of those to be checked.
    watched: bool,
}

/// The voices of one worker's nodes, by local number.
pub struct Silence {
    voices: Vec<Voice>,
    /// Nodes to be checked, by tick.
    check: BTreeMap<Tick, Vec<u32>>,
    /// `None` while the link is down: then nobody is judged.
    link_up_since: Option<Tick>,
}

impl Default for Silence {
    fn default() -> Silence {
        Silence::new()
    }
}

impl Silence {
    /// Nobody heard yet; the link counts as up until it is said to be down.
    pub fn new() -> Silence {
        Silence {
            voices: Vec::new(),
            check: BTreeMap::new(),
            link_up_since: Some(0),
        }
    }

    pub fn next_due(&self) -> Option<Tick> {
        self.check.keys().next().copied()
    }

    #[inline]
    pub fn hear(&mut self, tick: Tick, local: u32, emit: Emit) {
        let voice = self.voice(local);
        voice.heard = Some(tick);
        if voice.silent.is_some() || !voice.watched {
            self.speak(local, emit);
            self.watch(tick, local);
        }
    }

    /// How long the node may be silent, as its registry says now.
    pub fn allow(&mut self, tick: Tick, local: u32, after: Option<Millis>, emit: Emit) {
        let voice = self.voice(local);
        if voice.silent_after != after {
            voice.silent_after = after;
            self.speak(local, emit);
            self.watch(tick, local);
        }
    }

    pub fn link(&mut self, tick: Tick, up: bool) {
        self.link_up_since = up.then_some(tick);
        if up {
            (0..self.voices.len() as u32).for_each(|local| self.watch(tick, local));
        }
    }

    /// Checks those whose time has come.
    pub fn fire(&mut self, tick: Tick, may_silence: bool, emit: Emit) {
        for local in self.check.remove(&tick).unwrap_or_default() {
            let link_up_since = self.link_up_since;
            let voice = self.voice(local);
            voice.watched = false;
            // While the link is down nobody is judged; link-up puts everybody on the list again.
            let (Some(after), Some(heard), Some(up)) =
                (voice.silent_after, voice.heard, link_up_since)
            else {
                continue;
            };
            let due = heard.max(up) + tick_at(after);
            if due > tick {
                voice.watched = true;
                self.check.entry(due).or_default().push(local);
            } else if may_silence {
                voice.silent = Some(heard as Millis);
                emit(local, heard as Millis, 1);
            }
        }
    }

    pub fn voices(&self) -> &[Voice] {
        &self.voices
    }

    /// Takes a node of a snapshot in at `tick`; what was said of it is said again.
    pub fn restore(&mut self, tick: Tick, local: u32, voice: Voice, emit: Emit) {
        *self.voice(local) = Voice {
            watched: false,
            ..voice
        };
        match voice.silent {
            Some(since) => emit(local, since, 1),
            None => self.watch(tick, local),
        }
    }

    pub fn restore_link(&mut self, up_since: Option<Tick>) {
        self.link_up_since = up_since;
    }

    pub fn link_up_since(&self) -> Option<Tick> {
        self.link_up_since
    }

    #[inline]
    fn voice(&mut self, local: u32) -> &mut Voice {
        if local as usize >= self.voices.len() {
            self.voices.resize_with(local as usize + 1, Voice::default);
        }
        &mut self.voices[local as usize]
    }

    /// A silent node spoke, or is judged anew.
    fn speak(&mut self, local: u32, emit: Emit) {
        if let Some(since) = self.voice(local).silent.take() {
            emit(local, since, -1);
        }
    }

    /// Puts a node on the list, unless it is there or said to be silent already.
    fn watch(&mut self, tick: Tick, local: u32) {
        let voice = self.voice(local);
        if let (Some(after), Some(heard), false, None) =
            (voice.silent_after, voice.heard, voice.watched, voice.silent)
        {
            voice.watched = true;
            let due = (heard + tick_at(after)).max(tick + 1);
            self.check.entry(due).or_default().push(local);
        }
    }
}
