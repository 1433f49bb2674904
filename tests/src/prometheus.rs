//! A real Prometheus that goes by the repository's own configuration, at other addresses and a quicker pace.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::alertmanager::get;
use crate::gateway::{PATIENCE, free_address};

/// Where the dashboards, rules and configurations are.
pub fn dashboards() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../dashboards")
}

/// A Prometheus on a free port of the loopback; ended with this value.
pub struct Prometheus {
    pub address: SocketAddr,
    child: Child,
    _dir: tempfile::TempDir,
}

impl Prometheus {
    /// Scrapes `gateways` and tells `alertmanager`. Panics with the way out when there is none to start.
    #[allow(clippy::unwrap_used)]
    pub fn start(gateways: &[SocketAddr], alertmanager: SocketAddr) -> Prometheus {
        let dir = tempfile::tempdir().unwrap();
        let address = free_address();
        let targets: Vec<String> = gateways.iter().map(|at| format!("\"{at}\"")).collect();
        for file in ["prometheus.yml", "recording.yml", "alerting.yml"] {
            let text = fs::read_to_string(dashboards().join("prometheus").join(file)).unwrap();
            let text = text
                .replace("\"127.0.0.1:8080\"", &targets.join(", "))
                .replace("127.0.0.1:9093", &alertmanager.to_string())
                .replace("127.0.0.1:9090", &address.to_string())
                .replace("_interval: 15s", "_interval: 1s");
            let text: Vec<&str> = text
                .lines()
                .map(|line| match line.trim_start().starts_with("for: ") {
                    true => "        for: 1s",
                    false => line,
                })
                .collect();
            fs::write(dir.path().join(file), text.join("\n")).unwrap();
        }
        let child = Command::new(program("prometheus"))
            .arg(format!(
                "--config.file={}",
                dir.path().join("prometheus.yml").display()
            ))
            .arg(format!(
                "--storage.tsdb.path={}",
                dir.path().join("data").display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let prometheus = Prometheus {
            address,
            child,
            _dir: dir,
        };
        let start = Instant::now();
        while get(address, "/-/ready").is_none() {
            assert!(start.elapsed() < PATIENCE, "Prometheus does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        prometheus
    }

    /// What an expression gives now, without what is no number; a mistake in it is said.
    pub fn query(&self, expression: &str) -> Result<Vec<Value>, String> {
        let path = format!("/api/v1/query?query={}", escaped(expression));
        // A wrong expression is answered with another status than 200.
        let answer = get(self.address, &path).ok_or("Prometheus refuses the expression")?;
        let answer: Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
        let rows = answer["data"]["result"].as_array();
        let is_number = |row: &&Value| row["value"][1] != "NaN";
        Ok(rows
            .into_iter()
            .flatten()
            .filter(is_number)
            .cloned()
            .collect())
    }

    /// Every rule as Prometheus has read it: `type`, `name`, `query`, `health`.
    #[allow(clippy::unwrap_used)]
    pub fn rules(&self) -> Vec<Value> {
        let answer = get(self.address, "/api/v1/rules").unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let groups = answer["data"]["groups"].as_array().unwrap();
        let rules = groups
            .iter()
            .map(|group| group["rules"].as_array().unwrap());
        rules.flatten().cloned().collect()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing else to do about it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a tool of Prometheus or Alertmanager, with `input` on its standard input.
#[allow(clippy::unwrap_used)]
pub fn tool(name: &str, arguments: &[&str], input: Option<&str>) -> Output {
    use std::io::Write;
    let mut child = Command::new(program(name))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = child.stdin.take().unwrap();
    to.write_all(input.unwrap_or_default().as_bytes()).unwrap();
    drop(to);
    child.wait_with_output().unwrap()
}

/// Panics with what the tool says unless it is content.
#[track_caller]
pub fn content(name: &str, arguments: &[&str], input: Option<&str>) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = tool(name, arguments, input);
    let said = String::from_utf8_lossy(&stdout).into_owned();
    let complaint = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{name} {arguments:?}: {said}{complaint}");
    said
}

fn program(name: &str) -> PathBuf {
    let folders = ["/usr/bin", "/usr/local/bin"].map(|folder| Path::new(folder).join(name));
    let found = folders.into_iter().find(|path| path.exists());
    found.unwrap_or_else(|| {
        panic!("this test needs {name}: apt-get install prometheus prometheus-alertmanager")
    })
}

/// For a query in an address: everything but letters and digits by its bytes.
fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
