//! A real Mosquitto, for tests of the gateway against a broker that is not its own.

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::gateway::{PATIENCE, free_address};

/// A real Mosquitto on a free port of the loopback; ended with this value.
pub struct Mosquitto {
    pub address: SocketAddr,
    child: Child,
    _dir: tempfile::TempDir,
}

impl Mosquitto {
    /// Panics with the way out when there is none to start.
    #[allow(clippy::unwrap_used)]
    pub fn start() -> Mosquitto {
        let dir = tempfile::tempdir().unwrap();
        let address = free_address();
        let config = dir.path().join("mosquitto.conf");
        let text = format!(
            "listener {} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 0\n",
            address.port()
        );
        std::fs::write(&config, text).unwrap();
        let program = [
            "/usr/sbin/mosquitto",
            "/usr/local/sbin/mosquitto",
            "/usr/bin/mosquitto",
        ]
        .into_iter()
        .find(|path| Path::new(path).exists())
        .expect("this test needs Mosquitto: apt-get install mosquitto");
        let child = Command::new(program)
            .arg("-c")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mosquitto = Mosquitto {
            address,
            child,
            _dir: dir,
        };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(start.elapsed() < PATIENCE, "Mosquitto does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        mosquitto
    }

    /// Section of `city.toml` that names it.
    pub fn section(&self) -> String {
        format!("url = \"mqtt://{}\"", self.address)
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing else to do about it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
