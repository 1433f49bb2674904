//! Between the link and admission: three bounded queues, alarms first.
//!
//! The link's tasks wait when their queue is full, which stops reading from the broker; admission takes
//! everything there is at once. A queue of its own, because the taker is a plain thread that waits for
//! three queues and a deadline together, and takes thousands of frames for one lock.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::limits;

/// A message of a node as the link received it.
#[derive(Clone, Debug)]
pub struct Message {
    pub topic: String,
    pub payload: Vec<u8>,
    /// What the broker is to be told once the journal has the message; `None` for QoS 0.
    pub receipt: Option<Receipt>,
}

/// Names a message towards the broker: which connection, which packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub alarm: bool,
    /// Connections are counted: a receipt of an earlier one is void.
    pub connection: u64,
    pub packet: u16,
}

/// What was taken in one go.
#[derive(Debug)]
pub struct Taken<C> {
    /// Alarms first, then the rest, each in order of arrival.
    pub messages: Vec<Message>,
    pub control: Vec<C>,
    /// When the first of the messages arrived.
    pub since: Option<Instant>,
    pub closed: bool,
}

/// The queues. `C` is whatever else the taker has to do in order, such as people's actions.
pub struct Inbox<C> {
    queues: Mutex<Queues<C>>,
    filled: Condvar,
    emptied: Notify,
}

struct Queues<C> {
    alarm: VecDeque<Message>,
    normal: VecDeque<Message>,
    control: VecDeque<C>,
    since: Option<Instant>,
    taker_waits: bool,
    closed: bool,
}

impl<C> Default for Inbox<C> {
    fn default() -> Inbox<C> {
        Inbox {
            queues: Mutex::new(Queues {
                alarm: VecDeque::new(),
                normal: VecDeque::new(),
                control: VecDeque::new(),
                since: None,
                taker_waits: false,
                closed: false,
            }),
            filled: Condvar::new(),
            emptied: Notify::new(),
        }
    }
}

impl<C> Inbox<C> {
    /// Waits for room, then queues; gives up silently when the inbox is closed, as nobody will take it.
    pub async fn put(&self, mut message: Message, alarm: bool) {
        loop {
            let emptied = self.emptied.notified();
            tokio::pin!(emptied);
            emptied.as_mut().enable();
            match self.try_put(message, alarm) {
                Ok(()) => return,
                Err(back) => message = back,
            }
            emptied.await;
        }
    }

    fn try_put(&self, message: Message, alarm: bool) -> Result<(), Message> {
        let mut queues = self.lock();
        if queues.closed {
            return Ok(());
        }
        let (queue, len_max) = match alarm {
            true => (&mut queues.alarm, limits::INBOX_ALARM_LEN_MAX),
            false => (&mut queues.normal, limits::INBOX_NORMAL_LEN_MAX),
        };
        if queue.len() >= len_max {
            return Err(message);
        }
        queue.push_back(message);
        queues.since.get_or_insert_with(Instant::now);
        // Lingering for companions is for readings; an alarm or a full batch ends it.
        if alarm || queues.normal.len() == 1 || queues.normal.len() == limits::COMMIT_FRAMES_MAX {
            self.wake(queues);
        }
        Ok(())
    }

    /// Queues at once or says that there is no room.
    pub fn try_control(&self, control: C) -> Result<(), C> {
        let mut queues = self.lock();
        if queues.closed || queues.control.len() >= limits::INBOX_CONTROL_LEN_MAX {
            return Err(control);
        }
        queues.control.push_back(control);
        self.wake(queues);
        Ok(())
    }

    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Nothing more is taken in; the taker gets what is left, then `closed`.
    pub fn close(&self) {
        let mut queues = self.lock();
        queues.closed = true;
        self.wake(queues);
        self.emptied.notify_waiters();
    }

    /// Waits until something is there or `until` has come; then, unless an alarm or a control is there, lingers
    /// so that readings share a commit, at most `linger` from the first one's arrival.
    pub fn take(&self, until: Instant, linger: Duration) -> Taken<C> {
        let mut queues = self.lock();
        loop {
            let urgent = queues.closed
                || !queues.alarm.is_empty()
                || !queues.control.is_empty()
                || queues.normal.len() >= limits::COMMIT_FRAMES_MAX;
            let wake_at = match queues.since {
                _ if urgent => break,
                Some(since) => (since + linger).min(until),
                None => until,
            };
            let now = Instant::now();
            if now >= wake_at {
                break;
            }
            queues.taker_waits = true;
            queues = self
                .filled
                .wait_timeout(queues, wake_at - now)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            queues.taker_waits = false;
        }
        let since = queues.since;
        let mut messages: Vec<Message> = queues.alarm.drain(..).collect();
        let room = limits::COMMIT_FRAMES_MAX.saturating_sub(messages.len());
        let take = queues.normal.len().min(room);
        messages.extend(queues.normal.drain(..take));
        let control = queues.control.drain(..).collect();
        // What is left has waited long enough already.
        queues.since = (!queues.normal.is_empty()).then_some(since).flatten();
        let closed = queues.closed;
        drop(queues);
        self.emptied.notify_waiters();
        Taken {
            messages,
            control,
            since,
            closed,
        }
    }

    fn wake(&self, queues: MutexGuard<'_, Queues<C>>) {
        let waits = queues.taker_waits;
        drop(queues);
        if waits {
            self.filled.notify_one();
        }
    }

    /// A panic elsewhere leaves whole queues behind: each change is one push or drain.
    fn lock(&self) -> MutexGuard<'_, Queues<C>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn message(topic: &str) -> Message {
        Message {
            topic: topic.to_owned(),
            payload: Vec::new(),
            receipt: None,
        }
    }

    #[tokio::test]
    async fn alarms_overtake_readings() {
        let inbox = Inbox::<()>::default();
        inbox.put(message("reading"), false).await;
        inbox.put(message("alarm"), true).await;
        let taken = inbox.take(Instant::now(), Duration::from_secs(60));
        let topics: Vec<_> = taken.messages.iter().map(|m| m.topic.as_str()).collect();
        assert_eq!(topics, ["alarm", "reading"]);
    }

    #[tokio::test]
    async fn a_full_queue_holds_its_writer_until_there_is_room() {
        let inbox = Arc::new(Inbox::<()>::default());
        for _ in 0..limits::INBOX_NORMAL_LEN_MAX {
            inbox.put(message("up"), false).await;
        }
        let writer = tokio::spawn({
            let inbox = inbox.clone();
            async move { inbox.put(message("last"), false).await }
        });
        tokio::task::yield_now().await;
        assert!(!writer.is_finished());
        // Alarms have a place of their own.
        inbox.put(message("alarm"), true).await;
        let mut left = limits::INBOX_NORMAL_LEN_MAX + 2;
        while left > 0 {
            let taken = inbox.take(Instant::now() + Duration::from_secs(10), Duration::ZERO);
            left -= taken.messages.len();
            tokio::task::yield_now().await;
        }
        writer.await.unwrap();
    }

    #[test]
    fn a_closed_inbox_ends_the_wait() {
        let inbox = Inbox::<u8>::default();
        inbox.try_control(7).unwrap();
        inbox.close();
        let taken = inbox.take(Instant::now() + Duration::from_secs(60), Duration::ZERO);
        assert_eq!((taken.control, taken.closed), (vec![7], true));
        assert_eq!(inbox.try_control(8), Err(8));
    }
}
