//! What a node hears and what it asks for: the whole boundary between the core and a board.

use crate::sampling::Word;

/// What happened around the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// Nothing but time: a wait is over, or the last action is done.
    Wake,
    /// The answer to [`Action::Sample`], or a sensor that speaks up by itself.
    Sampled { sensor: usize, word: Word },
    /// The broker accepted the connection.
    Connected,
    /// The attempt failed or the connection is gone.
    Disconnected,
    /// A payload on the subscribed topic. Any bytes do no harm.
    Received(&'a [u8]),
}

/// What the shell does before it calls again. Delivery may be at most or at least once; nothing depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action<'a> {
    /// Read the sensor with this place in the list, then come with [`Event::Sampled`].
    Sample {
        sensor: usize,
    },
    /// Open a clean session with a retained will, then come with `Connected` or `Disconnected` when it is known.
    Connect {
        client_id: &'a str,
        will_topic: &'a str,
        will: &'a [u8],
    },
    /// Drop the connection or the attempt; no event is needed.
    Disconnect,
    Subscribe {
        topic: &'a str,
    },
    Publish {
        topic: &'a str,
        payload: &'a [u8],
        retain: bool,
    },
    /// Nothing to do until this uptime or the next event.
    Wait {
        until_ms: u64,
    },
}
