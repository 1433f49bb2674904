//! The lines of the log: one whenever something of them has changed.

use edge_firmware::{Node, Store};
use wire::Lane;

use crate::board::Board;

/// What the log has said.
#[derive(Debug, Default)]
pub struct Told {
    outbox: Outbox,
    store: Found,
    periods_ms: (u32, u32),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Outbox {
    closed: u64,
    settled: u64,
    overwritten: u64,
    acks_refused: u64,
    store_failures: u64,
}

/// What earlier lives left in the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Found {
    restored: u64,
    damaged: u64,
    foreign: u64,
}

impl Told {
    pub(crate) fn tell<const FRAMES: usize, const BYTES: usize, S: Store>(
        &mut self,
        node: &Node<FRAMES, BYTES, S>,
        board: &mut impl Board,
    ) {
        let health = node.health();
        let lanes = Lane::ALL.map(|lane| node.counters(lane));
        let found = Found {
            restored: lanes.iter().map(|lane| lane.restored).sum(),
            damaged: health.frames_damaged,
            foreign: health.frames_foreign,
        };
        if found != self.store {
            let Found {
                restored,
                damaged,
                foreign,
            } = found;
            board.say(format_args!(
                "store: restored {restored} damaged {damaged} foreign {foreign} frames"
            ));
            self.store = found;
        }
        let settings = node.settings();
        let periods_ms = (settings.sample_period_ms, settings.report_period_ms);
        if periods_ms != self.periods_ms {
            let (sample_ms, report_ms) = periods_ms;
            board.say(format_args!(
                "settings: a reading in {sample_ms} ms, a frame in {report_ms} ms"
            ));
            self.periods_ms = periods_ms;
        }
        let outbox = Outbox {
            closed: lanes.iter().map(|lane| lane.closed).sum(),
            settled: lanes.iter().map(|lane| lane.settled).sum(),
            overwritten: lanes.iter().map(|lane| lane.overwritten + lane.lost).sum(),
            acks_refused: health.acks_refused,
            store_failures: health.store_failures,
        };
        if outbox != self.outbox {
            let kept: u64 = Lane::ALL.iter().map(|&lane| node.kept(lane)).sum();
            let Outbox {
                closed,
                settled,
                overwritten,
                acks_refused,
                store_failures,
            } = outbox;
            board.say(format_args!(
                "outbox: closed {closed} settled {settled} kept {kept} overwritten {overwritten} \
                 acks_refused {acks_refused} store_failures {store_failures}"
            ));
            self.outbox = outbox;
        }
    }
}
