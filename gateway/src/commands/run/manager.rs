//! What a service manager (systemd, `Type=notify`) is told: that readings are taken, that the gateway lives, that it stops.

use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// The service manager that started this process, if one did and wants to hear.
pub(super) struct Manager {
    socket: Option<(UnixDatagram, SocketAddr)>,
    /// A sign of life is wanted so often.
    sign_every: Option<Duration>,
}

impl Manager {
    /// As the environment names it; whatever is wrong with that, the gateway runs all the same.
    pub(super) fn of_environment() -> Manager {
        let variable = |name| std::env::var(name).ok();
        let address = variable("NOTIFY_SOCKET").and_then(|name| address(&name));
        let socket = UnixDatagram::unbound().ok().zip(address);
        let mine = variable("WATCHDOG_PID").is_none_or(|pid| pid == std::process::id().to_string());
        let wanted = variable("WATCHDOG_USEC").filter(|_| mine);
        Manager {
            socket,
            sign_every: wanted.and_then(|text| sign_every(&text)),
        }
    }

    pub(super) fn ready(&self, status: &str) {
        self.say(&format!("READY=1\nSTATUS={status}\n"));
    }

    pub(super) fn stopping(&self) {
        self.say("STOPPING=1\n");
    }

    /// Gives signs of life for ever, from the runtime that serves everything else.
    pub(super) async fn live(&self) {
        let Some(every) = self.sign_every else {
            return std::future::pending().await;
        };
        loop {
            self.say("WATCHDOG=1\n");
            tokio::time::sleep(every).await;
        }
    }

    fn say(&self, words: &str) {
        if let Some((socket, address)) = &self.socket
            && let Err(error) = socket.send_to_addr(words.as_bytes(), address)
        {
            tracing::debug!(%error, "the service manager does not listen");
        }
    }
}

/// A path, or a name without one that begins with `@`.
fn address(name: &str) -> Option<SocketAddr> {
    #[cfg(target_os = "linux")]
    if let Some(name) = name.strip_prefix('@') {
        use std::os::linux::net::SocketAddrExt;
        return SocketAddr::from_abstract_name(name).ok();
    }
    let is_path = name.starts_with('/');
    is_path.then(|| SocketAddr::from_pathname(name).ok())?
}

/// Twice as often as the manager asks for, so that one late sign is no death.
fn sign_every(microseconds: &str) -> Option<Duration> {
    let asked: u64 = microseconds.parse().ok()?;
    (asked > 0).then(|| Duration::from_micros(asked / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_environment_says_is_read() {
        assert_eq!(sign_every("60000000"), Some(Duration::from_secs(30)));
        assert_eq!(sign_every("0"), None);
        assert_eq!(sign_every("soon"), None);
        assert!(address("/run/systemd/notify").is_some());
        assert!(address("run/notify").is_none());
        #[cfg(target_os = "linux")]
        assert!(address("@notify").is_some());
    }
}
