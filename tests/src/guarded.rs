//! A whole gateway that asks who comes: two zones, people of every role, page and API over TLS if wanted; and curl as
//! another's client of it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;

use gateway::city::LoadedCity;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::time::timeout;
use wire::{Lane, Milli, Quantity};

use crate::certificates::{AUTHORITY, CERTIFICATE, KEY, make_certificates};
use crate::gateway::{EMBEDDED, Gateway, HandNode, Listener, PATIENCE, files};
use crate::wall::{HASH, PASSWORD};

/// What the program of `[[access.token]]` shows.
pub const TOKEN: &str = "citysense_wall";

/// The quay with `n0`, the mole beside it with `n1`.
const ZONES: &str = r#"{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"id":"quay","name":"Quay","kind":"square","area_m2":1000},
"geometry":{"type":"Polygon","coordinates":[[[0,0],[0.01,0],[0.01,0.01],[0,0.01],[0,0]]]}},
{"type":"Feature","properties":{"id":"mole","name":"Mole","kind":"square","area_m2":1000},
"geometry":{"type":"Polygon","coordinates":[[[0.02,0],[0.03,0],[0.03,0.01],[0.02,0.01],[0.02,0]]]}}]}"#;

/// How the page is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    Tls,
    Plain,
}

/// Ada operates the whole city, Bo the quay; Vi only looks; Root also reads who did what. Nobody else reads.
pub struct Guarded {
    pub gateway: Gateway,
    pub data: TempDir,
    certificates: TempDir,
    served: Served,
}

impl Guarded {
    #[allow(clippy::unwrap_used)]
    pub async fn start(served: Served) -> Guarded {
        let (data, certificates) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        make_certificates(certificates.path());
        let mut sources = files(0, EMBEDDED);
        ZONES.clone_into(&mut sources.zones_geojson);
        "node,zone\nn0,quay\nn1,mole\n".clone_into(&mut sources.nodes_csv);
        if served == Served::Tls {
            let [certificate, key] = [CERTIFICATE, KEY].map(|name| certificates.path().join(name));
            sources.city_toml +=
                &format!("[http.tls]\ncertificate = {certificate:?}\nkey = {key:?}\n");
        }
        sources.city_toml += "[access]\nanonymous = \"none\"\n";
        for (name, role, more) in [
            ("Ada", "operator", ""),
            ("Bo", "operator", "areas = [\"quay\"]\n"),
            ("Vi", "viewer", ""),
            ("Root", "administrator", ""),
        ] {
            sources.city_toml += &format!(
                "[[access.user]]\nname = \"{name}\"\nrole = \"{role}\"\npassword = \"{HASH}\"\n{more}"
            );
        }
        let digest = gateway::access::Digest::of(TOKEN.as_bytes());
        sources.city_toml += &format!(
            "[[access.token]]\nname = \"wall\"\nrole = \"viewer\"\ntoken = \"{digest}\"\n"
        );
        let city = LoadedCity::from_sources(&sources, None).unwrap();
        let gateway = Gateway::start(data.path(), city, None, None).await;
        Guarded {
            gateway,
            data,
            certificates,
            served,
        }
    }

    /// Somebody with a browser of their own, who has not said who it is.
    #[allow(clippy::unwrap_used)]
    pub fn visitor(&self) -> Visitor {
        let scheme = match self.served {
            Served::Tls => "https",
            Served::Plain => "http",
        };
        Visitor {
            root: format!("{scheme}://localhost:{}", self.gateway.ready.http.port()),
            authority: self.certificates.path().join(AUTHORITY),
            from: Ipv4Addr::LOCALHOST.into(),
            jar: tempfile::tempdir().unwrap(),
        }
    }

    /// A certificate that nobody can read.
    #[allow(clippy::unwrap_used)]
    pub fn spoil_certificate(&self) {
        std::fs::write(self.certificates.path().join(CERTIFICATE), "none").unwrap();
    }

    /// Another certificate, with another key, vouched for by another authority; a copy of the authority of before.
    #[allow(clippy::unwrap_used)]
    pub fn renew_certificate(&self) -> PathBuf {
        let [authority, before] =
            [AUTHORITY, "before.pem"].map(|n| self.certificates.path().join(n));
        std::fs::copy(&authority, &before).unwrap();
        make_certificates(self.certificates.path());
        before
    }

    /// openssl, connected: what is written into it goes over TLS as it is.
    #[allow(clippy::expect_used)]
    pub fn by_tls(&self) -> Child {
        let mut command = Command::new("openssl");
        let port = self.gateway.ready.http.port();
        command.args([
            "s_client",
            "-quiet",
            "-verify_return_error",
            "-servername",
            "localhost",
        ]);
        command.arg("-connect").arg(format!("127.0.0.1:{port}"));
        command
            .arg("-CAfile")
            .arg(self.certificates.path().join(AUTHORITY));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(Stdio::null()).kill_on_drop(true);
        command
            .spawn()
            .expect("openssl starts: apt install openssl")
    }

    /// Somebody who has signed in by the form.
    pub async fn signed_in(&self, name: &str) -> Visitor {
        let visitor = self.visitor();
        let answer = visitor.sign_in(name, PASSWORD).await;
        assert_eq!(answer.status, 303, "{name}: {answer:?}");
        visitor
    }
}

/// Those who hear of alerts.
pub struct People {
    broker: SocketAddr,
    listener: Listener,
}

impl People {
    pub async fn of(city: &Guarded) -> People {
        let broker = city.gateway.broker;
        let listener = Listener::start(broker, "people", "city/v1/harbour/alert/#").await;
        People { broker, listener }
    }

    /// What they are told next.
    pub async fn told(&mut self) -> serde_json::Value {
        self.listener.next_json().await.1
    }

    /// An alert by the word of a node; its id, once they heard of it.
    #[allow(clippy::unwrap_used)]
    pub async fn raised(&mut self, node: &str) -> String {
        let mut node = HandNode::start(self.broker, node, 1).await;
        node.deliver(Lane::Normal, Quantity::Ch4, Milli::whole(30))
            .await;
        let alert = self.told().await;
        assert_eq!(alert["state"], "raised", "{alert}");
        alert["id"].as_str().unwrap().to_owned()
    }
}

/// curl, with a cookie jar.
pub struct Visitor {
    pub root: String,
    authority: PathBuf,
    from: IpAddr,
    jar: TempDir,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// As it was sent, in small letters.
    pub head: String,
    pub body: String,
}

impl Answer {
    #[allow(clippy::unwrap_used)]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Visitor {
    /// The same one at another address of this machine.
    pub fn from(mut self, last: u8) -> Visitor {
        self.from = Ipv4Addr::new(127, 0, 0, last).into();
        self
    }

    /// The same one, who trusts another authority; with cookies of their own.
    #[allow(clippy::unwrap_used)]
    pub fn trusting(&self, authority: PathBuf) -> Visitor {
        Visitor {
            root: self.root.clone(),
            authority,
            from: self.from,
            jar: tempfile::tempdir().unwrap(),
        }
    }

    /// curl at work, with further arguments.
    #[allow(clippy::expect_used)]
    pub fn curl(&self, path: &str, args: &[&str]) -> Child {
        let mut command = Command::new("curl");
        command.args(["-sS", "-4", "-i", "--interface", &self.from.to_string()]);
        command.args(["--max-time", &PATIENCE.as_secs().to_string()]);
        command.arg("--cacert").arg(&self.authority);
        let jar = self.jar.path().join("jar");
        command.arg("-b").arg(&jar).arg("-c").arg(&jar);
        command.args(args).arg(format!("{}{path}", self.root));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        command.spawn().expect("curl starts: apt install curl")
    }

    /// Somebody who listens to the event stream.
    pub fn stream(&self) -> Stream {
        Stream {
            curl: self.curl("/api/v1/stream", &["-N"]),
            heard: String::new(),
        }
    }

    #[allow(clippy::unwrap_used)]
    pub async fn ask(&self, path: &str, args: &[&str]) -> Answer {
        let output = self.curl(path, args).wait_with_output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&output.stderr);
        let Some((head, body)) = said.split_once("\r\n\r\n") else {
            panic!("no answer: {said}{complaint}");
        };
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(path, &[]).await
    }

    /// A form of the gateway's own page.
    pub async fn post(&self, path: &str, fields: &str) -> Answer {
        let origin = format!("Origin: {}", self.root);
        self.ask(path, &["-H", &origin, "--data-raw", fields]).await
    }

    /// JSON, as a program sends it.
    pub async fn post_json(&self, path: &str, body: &str) -> Answer {
        let args = ["-H", "Content-Type: application/json", "--data-raw", body];
        self.ask(path, &args).await
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let password = password.replace(' ', "+");
        let fields = format!("name={name}&password={password}&to=%2Fsilences");
        self.post("/sign-in", &fields).await
    }

    /// The cookies as curl keeps them.
    pub fn cookies(&self) -> String {
        // Without a file there are none.
        std::fs::read_to_string(self.jar.path().join("jar")).unwrap_or_default()
    }
}

/// curl that reads the event stream.
pub struct Stream {
    curl: Child,
    heard: String,
}

impl Stream {
    /// Reads until all of that was said; everything so far.
    #[allow(clippy::unwrap_used)]
    pub async fn until(&mut self, words: &[&str]) -> &str {
        let said = self.curl.stdout.as_mut().unwrap();
        while !words.iter().all(|word| self.heard.contains(word)) {
            let mut bytes = [0; 4_096];
            let count = timeout(PATIENCE, said.read(&mut bytes)).await;
            let count = count.unwrap().unwrap();
            assert!(count > 0, "the stream ended: {}", self.heard);
            self.heard += &String::from_utf8_lossy(&bytes[..count]);
        }
        &self.heard
    }
}
