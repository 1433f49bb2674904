//! What people do, on its way to the writer: in order, and never lost once it was promised.

use pipeline::input::{Action, Input};
use tokio::sync::mpsc::Receiver;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::events::{Event, Events};
use crate::inbox::Inbox;
use crate::ingest::Control;
use crate::limits;

/// Hands actions on until `shutdown`.
pub(super) async fn pass_on(
    acted: &mut Receiver<Action>,
    inbox: &Inbox<Control>,
    events: &Events,
    shutdown: &CancellationToken,
) {
    loop {
        let action = tokio::select! {
            biased;
            Some(action) = acted.recv() => action,
            () = shutdown.cancelled() => return,
        };
        let mut waiting = Control::Input(Input::Action(action));
        // Whoever was promised it is not told otherwise: it waits, and who comes next hears that there is no room.
        while let Err(back) = inbox.try_control(waiting) {
            if inbox.is_closed() || shutdown.is_cancelled() {
                events.emit(Event::Dropped { queue: "action" });
                return;
            }
            waiting = back;
            sleep(limits::COMMIT_DELAY_MAX).await;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::metrics::Metrics;
    use pipeline::alert::AlertId;
    use tokio::sync::mpsc;

    #[tokio::test]
    async fn actions_wait_for_room_and_none_is_lost() {
        let inbox = Arc::new(Inbox::<Control>::default());
        let events = Events::new(Arc::new(Metrics::new().unwrap()));
        let (sender, mut acted) = mpsc::channel(limits::INBOX_CONTROL_LEN_MAX);
        let shutdown = CancellationToken::new();
        let working = {
            let (inbox, events, shutdown) = (inbox.clone(), events.clone(), shutdown.clone());
            tokio::spawn(async move { pass_on(&mut acted, &inbox, &events, &shutdown).await })
        };
        let count = 2 * limits::INBOX_CONTROL_LEN_MAX as u128 + 5;
        let mut heard = Vec::new();
        let mut send = 0..count;
        let mut next = send.next();
        while heard.len() < count as usize {
            while let Some(id) = next {
                let action = Action::Acknowledge {
                    alert: AlertId(id),
                    by: "Ada".to_owned(),
                };
                if sender.try_send(action).is_err() {
                    break;
                }
                next = send.next();
            }
            tokio::task::yield_now().await;
            // The writer takes only once nothing more fits anywhere, or all was sent.
            if next.is_none() || sender.capacity() == 0 {
                let taken = inbox.take(Instant::now(), Duration::ZERO).control;
                heard.extend(taken.into_iter().map(|control| match control {
                    Control::Input(Input::Action(Action::Acknowledge { alert, .. })) => alert.0,
                    other => panic!("{other:?}"),
                }));
            }
        }
        assert_eq!(heard, (0..count).collect::<Vec<_>>());
        let dropped = events.metrics.drops.with_label_values(&["action"]);
        assert_eq!(dropped.get(), 0);
        shutdown.cancel();
        working.await.unwrap();
    }
}
