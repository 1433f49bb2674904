//! Mosquitto's own clients, as whoever is not citysense uses them.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::gateway::PATIENCE;

/// How somebody comes to a broker on this machine.
#[derive(Clone, Debug)]
pub struct Way {
    pub port: u16,
    /// Who vouches for the broker's certificate; `None`: no TLS.
    pub authority: Option<PathBuf>,
}

/// Name and password, or nobody.
pub type Who<'a> = Option<(&'a str, &'a str)>;

/// A running `mosquitto_sub`; ended with this value.
pub struct Subscriber {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Way {
    fn command(&self, program: &str, who: Who<'_>) -> Command {
        let mut command = Command::new(program);
        // By the certificate's name where there is one: Mosquitto's clients check it.
        let host = match self.authority {
            Some(_) => "localhost",
            None => "127.0.0.1",
        };
        command.args(["-h", host, "-p", &self.port.to_string()]);
        if let Some(authority) = &self.authority {
            command.arg("--cafile").arg(authority);
        }
        if let Some((name, password)) = who {
            command.args(["-u", name, "-P", password]);
        }
        command
    }

    /// Hears `filter` from now on.
    #[allow(clippy::unwrap_used)]
    pub fn subscribe(&self, who: Who<'_>, filter: &str) -> Subscriber {
        let mut child = self
            .command("mosquitto_sub", who)
            .args(["-F", "%t %x", "-q", "1", "-t", filter])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("this test needs mosquitto_sub: apt-get install mosquitto-clients");
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (heard, out) = (lines.clone(), child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                heard.push(line);
            }
        });
        Subscriber { child, lines }
    }

    /// Says `payload` once, and waits for the broker's word on it.
    #[allow(clippy::unwrap_used)]
    pub fn publish(&self, who: Who<'_>, topic: &str, payload: &[u8]) -> Output {
        let mut child = self
            .command("mosquitto_pub", who)
            .args(["-q", "1", "-r", "-s", "-t", topic])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("this test needs mosquitto_pub: apt-get install mosquitto-clients");
        // It may have been turned away before it read anything.
        let _ = child.stdin.take().unwrap().write_all(payload);
        child.wait_with_output().unwrap()
    }
}

impl Subscriber {
    /// Topics and payloads so far, a message a line; payloads in hexadecimal, as they may be anything.
    pub fn lines(&self) -> Vec<String> {
        let lines = self.lines.lock();
        lines.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn has_heard(&self, part: &str) -> bool {
        self.lines().iter().any(|line| line.contains(part))
    }

    /// What it complained of when it ended, which it does when nothing of what it asked for is granted.
    #[allow(clippy::unwrap_used)]
    pub async fn complaint(&mut self) -> String {
        let start = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            let lines = self.lines();
            assert!(start.elapsed() < PATIENCE, "it goes on hearing: {lines:?}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let mut said = String::new();
        let mut from = self.child.stderr.take().unwrap();
        from.read_to_string(&mut said).unwrap();
        said
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
