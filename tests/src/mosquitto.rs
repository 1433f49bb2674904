//! A real Mosquitto, for tests of the gateway against a broker that is not its own.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::certificates::{AUTHORITY, CERTIFICATE, KEY, make_certificates};
use crate::gateway::{PATIENCE, free_address};

/// A real Mosquitto on a free port of the loopback; ended with this value.
pub struct Mosquitto {
    /// Where anybody may connect.
    pub address: SocketAddr,
    /// Where TLS is spoken.
    tls: SocketAddr,
    child: Child,
    dir: tempfile::TempDir,
}

impl Mosquitto {
    /// Panics with the way out when there is none to start.
    pub fn start() -> Mosquitto {
        Mosquitto::run(ALL, &[])
    }

    /// One in which `rules` say who may do what, in the words of mosquitto.conf's `acl_file`, and `people` have a name
    /// and a password.
    pub fn start_guarded(rules: &str, people: &[(&str, &str)]) -> Mosquitto {
        Mosquitto::run(rules, people)
    }

    /// One that lets nobody write to `topic`.
    pub fn start_refusing(topic: &str) -> Mosquitto {
        Mosquitto::run(&format!("topic deny {topic}\n{ALL}"), &[])
    }

    #[allow(clippy::unwrap_used)]
    fn run(rules: &str, people: &[(&str, &str)]) -> Mosquitto {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(ACCESS), rules).unwrap();
        let passwords = dir.path().join(PASSWORDS);
        std::fs::write(&passwords, "").unwrap();
        for (name, password) in people {
            let made = Command::new("mosquitto_passwd")
                .arg("-b")
                .arg(&passwords)
                .args([name, password])
                .output()
                .expect("this test needs mosquitto_passwd: apt-get install mosquitto");
            assert!(made.status.success(), "{made:?}");
        }
        let (address, tls) = (free_address(), free_address());
        make_certificates(dir.path());
        let config = dir.path().join(CONFIG);
        let file = |name: &str| dir.path().join(name).display().to_string();
        // Many, and not 0 for «any number»: with that Mosquitto 2.0.11 takes what it refuses for a full queue, and cuts
        // the connection off behind its word.
        let text = format!(
            "allow_anonymous true\nacl_file {}\npassword_file {}\npersistence false\nmax_queued_messages 100000\nuser root\n\
             listener {} 127.0.0.1\n\
             listener {} 127.0.0.1\ncertfile {}\nkeyfile {}\n",
            file(ACCESS),
            file(PASSWORDS),
            address.port(),
            tls.port(),
            file(CERTIFICATE),
            file(KEY),
        );
        std::fs::write(&config, text).unwrap();
        let child = launch(&config);
        let mosquitto = Mosquitto {
            address,
            tls,
            child,
            dir,
        };
        mosquitto.wait();
        mosquitto
    }

    /// Ended without warning: what it had in memory is gone.
    #[allow(clippy::unwrap_used)]
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Started again, at the same address.
    pub fn start_again(&mut self) {
        self.child = launch(&self.dir.path().join(CONFIG));
        self.wait();
    }

    /// It neither answers nor hangs up: only silence tells that it is gone.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// From its next start on `rules` say who may do what, in the words of mosquitto.conf's `acl_file`.
    #[allow(clippy::unwrap_used)]
    pub fn allow_only(&self, rules: &str) {
        std::fs::write(self.dir.path().join(ACCESS), rules).unwrap();
    }

    #[allow(clippy::unwrap_used)]
    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let done = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(done.success(), "kill {signal} {pid}");
    }

    fn wait(&self) {
        let start = Instant::now();
        while [self.address, self.tls]
            .iter()
            .any(|at| TcpStream::connect(at).is_err())
        {
            assert!(start.elapsed() < PATIENCE, "Mosquitto does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Section of `city.toml` that names it.
    pub fn section(&self) -> String {
        format!("url = \"mqtt://{}\"", self.address)
    }

    /// The same over TLS, for a gateway that trusts `ca`.
    pub fn section_tls(&self, ca: &Path) -> String {
        let port = self.tls.port();
        let ca = ca.display();
        format!("url = \"mqtts://localhost:{port}\"\n[broker.tls]\nca = \"{ca}\"")
    }

    /// Who vouches for its certificate.
    pub fn authority(&self) -> PathBuf {
        self.dir.path().join(AUTHORITY)
    }
}

const CONFIG: &str = "mosquitto.conf";
const ACCESS: &str = "access.txt";
const PASSWORDS: &str = "passwords.txt";
/// Anybody may do anything.
const ALL: &str = "topic readwrite #\n";

#[allow(clippy::unwrap_used)]
fn launch(config: &Path) -> Child {
    let program = [
        "/usr/sbin/mosquitto",
        "/usr/local/sbin/mosquitto",
        "/usr/bin/mosquitto",
    ]
    .into_iter()
    .find(|path| Path::new(path).exists())
    .expect("this test needs Mosquitto: apt-get install mosquitto");
    Command::new(program)
        .arg("-c")
        .arg(config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing else to do about it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
