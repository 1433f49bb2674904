//! A gateway as a process of its own, which is the running test started again, so that it can be killed; and how large
//! this one is.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use gateway::city::Sources;
use gateway::config::Broker;

use crate::gateway::{Gateway, free_address, metric, until};

const CITY: &str = "CITYSENSE_TEST_CITY";
const DATA: &str = "CITYSENSE_TEST_DATA";

/// What the test `gateway_process` of a file that uses this does: nothing, or be the gateway until it is killed.
#[allow(clippy::unwrap_used)]
pub async fn serve() {
    let (Ok(city), Ok(data)) = (std::env::var(CITY), std::env::var(DATA)) else {
        return;
    };
    let city = gateway::city::load(Path::new(&city), None).unwrap();
    let Broker::Outside(outside) = &city.settings.broker else {
        panic!("a broker that outlives the gateway is outside of it");
    };
    let broker = format!("{}:{}", outside.host, outside.port)
        .parse()
        .unwrap();
    let _gateway = Gateway::start(Path::new(&data), city, Some(broker), None).await;
    std::future::pending::<()>().await;
}

/// A gateway that can be killed.
pub struct Process {
    child: Child,
    http: SocketAddr,
    /// Its city directory.
    _city: tempfile::TempDir,
}

impl Process {
    /// `city` names a broker outside and leaves the address of its page open.
    #[allow(clippy::unwrap_used)]
    pub fn start(city: &Sources, data: &Path) -> Process {
        let http = free_address();
        let dir = tempfile::tempdir().unwrap();
        let city_toml = city.city_toml.replace("127.0.0.1:0", &http.to_string());
        for (name, text) in [
            ("city.toml", Some(&city_toml)),
            ("zones.geojson", Some(&city.zones_geojson)),
            ("nodes.csv", Some(&city.nodes_csv)),
            ("rules.toml", city.rules_toml.as_ref()),
        ] {
            if let Some(text) = text {
                std::fs::write(dir.path().join(name), text).unwrap();
            }
        }
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "gateway_process", "--nocapture"])
            .env(CITY, dir.path())
            .env(DATA, data)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Process {
            child,
            http,
            _city: dir,
        }
    }

    pub fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(self.http).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n"
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// The value of a series; 0 while the gateway does not answer.
    pub fn metric(&self, series: &str) -> f64 {
        let text = self.get("/metrics").unwrap_or_default();
        metric(&text, series)
    }

    /// Everything that the broker has, the disk knows of.
    pub async fn remembered(&self) {
        until("what was published is remembered", || {
            self.get("/metrics")
                .is_some_and(|text| text.contains("\ncitysense_publish_pending 0\n"))
        })
        .await;
    }

    #[allow(clippy::unwrap_used)]
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Killed already, or a test failed before it came to that.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resident memory of this process, in kB.
#[allow(clippy::unwrap_used)]
pub fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4
}
