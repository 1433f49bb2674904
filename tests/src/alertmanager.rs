//! A real Alertmanager, and the desk that it calls: what a gateway pushes, as it arrives.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::mpsc;

use crate::certificates::{AUTHORITY, CERTIFICATE, KEY, make_certificates};
use crate::gateway::{PATIENCE, free_address};
use crate::prometheus::dashboards;

/// An Alertmanager on a free port of the loopback, without a cluster; ended with this value.
pub struct Alertmanager {
    pub address: SocketAddr,
    child: Child,
    dir: tempfile::TempDir,
    calls: mpsc::UnboundedReceiver<Value>,
}

impl Alertmanager {
    /// Panics with the way out when there is none to start.
    #[allow(clippy::unwrap_used)]
    pub fn start() -> Alertmanager {
        let (config, calls) = all_to_the_desk();
        Alertmanager::start_in(tempfile::tempdir().unwrap(), &config, calls)
    }

    /// One that goes by the repository's own routing, in a hurry; the desk stands in for every receiver.
    #[allow(clippy::unwrap_used)]
    pub fn start_routed() -> Alertmanager {
        let file = dashboards().join("alertmanager/alertmanager.yml");
        let config = std::fs::read_to_string(file).unwrap();
        let (desk, calls) = desk();
        let config: Vec<String> = config
            .lines()
            .map(|line| match line.trim_start().split_once(": ") {
                Some(("group_wait", _)) => line.replace(": ", ": 50ms #"),
                Some(("group_interval", _)) => line.replace(": ", ": 100ms #"),
                _ => line.replace("127.0.0.1:5001", &desk.to_string()),
            })
            .collect();
        Alertmanager::start_in(tempfile::tempdir().unwrap(), &config.join("\n"), calls)
    }

    /// One that speaks nothing but TLS, as `localhost`, with whom its own authority vouches for and who knows [`PASSWORD`].
    #[allow(clippy::unwrap_used)]
    pub fn start_guarded() -> Alertmanager {
        let dir = tempfile::tempdir().unwrap();
        make_certificates(dir.path());
        let guard = format!(
            "tls_server_config: {{cert_file: {CERTIFICATE}, key_file: {KEY}, \
             client_auth_type: RequireAndVerifyClientCert, client_ca_file: {AUTHORITY}}}\n\
             basic_auth_users: {{{USER}: {PASSWORD_HASH}}}\n"
        );
        std::fs::write(dir.path().join(GUARD), guard).unwrap();
        let (config, calls) = all_to_the_desk();
        Alertmanager::start_in(dir, &config, calls)
    }

    #[allow(clippy::unwrap_used)]
    fn start_in(
        dir: tempfile::TempDir,
        config: &str,
        calls: mpsc::UnboundedReceiver<Value>,
    ) -> Alertmanager {
        std::fs::write(dir.path().join(CONFIG), config).unwrap();
        let address = free_address();
        let alertmanager = Alertmanager {
            address,
            child: launch(dir.path(), address),
            dir,
            calls,
        };
        alertmanager.wait();
        alertmanager
    }

    /// Section of `city.toml` that names it.
    pub fn section(&self, every: &str) -> String {
        format!(
            "[alertmanager]\nurl = \"http://{}\"\nevery = \"{every}\"\n",
            self.address
        )
    }

    /// The address and the keys of a [`Alertmanager::start_guarded`] one, without the authority that vouches for it.
    #[allow(clippy::unwrap_used)]
    pub fn section_guarded(&self, password: &str) -> String {
        let file = self.dir.path().join("password");
        std::fs::write(&file, format!("{password}\n")).unwrap();
        format!(
            "[alertmanager]\nurls = [\"https://localhost:{}\"]\nevery = \"1s\"\nuser = \"{USER}\"\npassword_file = \"{}\"\n",
            self.address.port(),
            file.display()
        )
    }

    /// Who vouches for the certificate of a guarded one, and for those that it speaks with.
    pub fn authority(&self) -> PathBuf {
        self.dir.path().join(AUTHORITY)
    }

    /// A certificate and its key that a guarded one takes.
    pub fn identity(&self) -> [PathBuf; 2] {
        [CERTIFICATE, KEY].map(|name| self.dir.path().join(name))
    }

    /// Ended without warning: what it had in memory, which is all its alerts, is gone.
    #[allow(clippy::unwrap_used)]
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Started again, at the same address.
    pub fn start_again(&mut self) {
        self.child = launch(self.dir.path(), self.address);
        self.wait();
    }

    /// It takes connections and never answers.
    #[allow(clippy::unwrap_used)]
    pub fn freeze(&self) {
        let pid = self.child.id().to_string();
        let done = Command::new("kill").args(["-STOP", &pid]).status().unwrap();
        assert!(done.success(), "kill -STOP {pid}");
    }

    /// The alerts that fire there now; none while it cannot be asked.
    pub fn firing(&self) -> Vec<Value> {
        let answer = get(self.address, "/api/v2/alerts").unwrap_or_default();
        serde_json::from_str(&answer).unwrap_or_default()
    }

    /// Tells it alerts by its own interface.
    #[allow(clippy::unwrap_used)]
    pub fn post(&self, alerts: &str) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let head = format!(
            "POST /api/v2/alerts HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            alerts.len()
        );
        write!(stream, "{head}{alerts}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains(" 200 "), "{answer}");
    }

    /// What it told the desk next about one alert: `receiver`, `status`, `labels`, `annotations`, `fingerprint` and times.
    #[allow(clippy::unwrap_used)]
    pub async fn next_call(&mut self) -> Value {
        tokio::time::timeout(PATIENCE, self.calls.recv())
            .await
            .unwrap()
            .unwrap()
    }

    /// Calls that the desk has taken and nobody has asked for.
    pub fn calls_waiting(&self) -> usize {
        self.calls.len()
    }

    fn wait(&self) {
        let start = Instant::now();
        let is_guarded = self.dir.path().join(GUARD).exists();
        let is_ready = || match is_guarded {
            true => TcpStream::connect(self.address).is_ok(),
            false => get(self.address, "/-/ready").is_some(),
        };
        while !is_ready() {
            assert!(start.elapsed() < PATIENCE, "Alertmanager does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        // Killed already, or a test ended before it came to that.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const CONFIG: &str = "alertmanager.yml";
const GUARD: &str = "guard.yml";
const USER: &str = "gateway";
/// What a guarded one asks for.
pub const PASSWORD: &str = "test";
/// bcrypt of [`PASSWORD`], from Prometheus' own guide to basic authentication.
const PASSWORD_HASH: &str = "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay";

#[allow(clippy::unwrap_used)]
fn launch(dir: &Path, address: SocketAddr) -> Child {
    let program = [
        "/usr/bin/prometheus-alertmanager",
        "/usr/local/bin/alertmanager",
    ]
    .into_iter()
    .map(PathBuf::from)
    .find(|path| path.exists())
    .expect("this test needs Alertmanager: apt-get install prometheus-alertmanager");
    let mut command = Command::new(program);
    if dir.join(GUARD).exists() {
        command.arg(format!("--web.config.file={}", dir.join(GUARD).display()));
    }
    command
        .arg(format!("--config.file={}", dir.join(CONFIG).display()))
        .arg(format!("--storage.path={}", dir.join("data").display()))
        .arg(format!("--web.listen-address={address}"))
        .arg("--cluster.listen-address=")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// One that tells the desk everything at once.
fn all_to_the_desk() -> (String, mpsc::UnboundedReceiver<Value>) {
    let (desk, calls) = desk();
    let config = format!(
        "route: {{receiver: desk, group_by: ['...'], group_wait: 50ms, group_interval: 100ms, repeat_interval: 1h}}\n\
         receivers: [{{name: desk, webhook_configs: [{{url: 'http://{desk}/', send_resolved: true}}]}}]\n"
    );
    (config, calls)
}

/// Body of a plain answer with status 200.
pub fn get(address: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    // HTTP/1.0: no chunks.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.contains(" 200 ").then(|| body.to_owned())
}

/// Takes calls on a port of its own for as long as somebody wants to hear of them.
#[allow(clippy::unwrap_used)]
fn desk() -> (SocketAddr, mpsc::UnboundedReceiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, calls) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let alerts = stream.ok().and_then(call).unwrap_or_default();
            if alerts.into_iter().any(|alert| sender.send(alert).is_err()) {
                return;
            }
        }
    });
    (address, calls)
}

/// The alerts of one call.
fn call(mut stream: TcpStream) -> Option<Vec<Value>> {
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut request = Vec::new();
    let mut bytes = [0; 4096];
    loop {
        let count = stream.read(&mut bytes).ok()?;
        request.extend(&bytes[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_ascii_lowercase();
        let len = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        if body.len() >= len.unwrap_or(0_usize) || count == 0 {
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.write_all(answer.as_bytes()).ok()?;
            let call: Value = serde_json::from_str(body).ok()?;
            let mut alerts = call["alerts"].as_array()?.clone();
            for alert in &mut alerts {
                alert["receiver"] = call["receiver"].clone();
            }
            return Some(alerts);
        }
    }
}
