//! Reloads the city's files while the gateway runs: a change is an input like any other.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::access::Door;
use crate::city::{LoadedCity, Watch};
use crate::events::{Event, Events};
use crate::inbox::Inbox;
use crate::ingest::Control;

/// Files are looked at this often.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Watches `dir`, if there is one, until `shutdown`.
pub(super) fn start(
    dir: Option<PathBuf>,
    city: LoadedCity,
    inbox: Arc<Inbox<Control>>,
    (door, events): (Door, Events),
    shutdown: CancellationToken,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let Some(dir) = dir else {
            return;
        };
        let mut running = city;
        let mut watch = Watch::new(&dir);
        while !shutdown.is_cancelled() {
            tokio::time::sleep(LOOK_EVERY).await;
            if !watch.changed() {
                continue;
            }
            let reload = match watch.reload(&running) {
                Ok(reload) => reload,
                Err(errors) => {
                    let cause = errors.to_string();
                    events.emit(Event::CityRefused { cause: &cause });
                    continue;
                }
            };
            for name in &reload.needs_restart {
                tracing::warn!(setting = name, "changed, but holds only after a restart");
            }
            let next = reload.city.clone();
            let control = Control::City {
                city: Box::new(reload.city),
                inputs: reload.inputs,
            };
            events.emit(match inbox.try_control(control) {
                Ok(()) => {
                    door.set_policy(next.settings.access.clone());
                    running = next;
                    Event::CityUsed
                }
                Err(_) => Event::CityRefused {
                    cause: "no room for it now; change a file again",
                },
            });
        }
    })
}
