//! Open data in tests: a board with few people in one place, what is answered over HTTP, and others' tools in
//! `target/open-data`, where `tests/run` puts them.

use std::path::PathBuf;
use std::process::Output;

use pipeline::alert::Completeness;
use pipeline::calendar::MINUTE;
use pipeline::output::{TickOutput, ZoneValue};
use pipeline::rules::Value as Watched;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wire::Milli;

use crate::metropolis::steady;
use crate::wall::Wall;

/// A wall on which, at the breakwater, three people were counted.
#[allow(clippy::unwrap_used)]
pub async fn wall() -> Wall {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let wall = Wall::serve(listener).unwrap();
    let city = gateway::harbour::load().unwrap().city;
    let zones = city.zones.iter();
    let zone = zones.filter(|zone| zone.id.as_str() == "breakwater");
    let few = zone.map(|zone| {
        let end = wall.now() / MINUTE * MINUTE;
        let people = Milli::whole(3);
        ZoneValue {
            zone: zone.ix,
            value: Watched::CrowdCount,
            pane_start: end - MINUTE,
            pane_end: end,
            figures: Some(steady(people, 2)),
            completeness: Completeness {
                heard: 1,
                expected: 1,
            },
            suspect: 0,
            waits_for: None,
        }
    });
    wall.apply(&TickOutput {
        tick: wall.now() as u64,
        zone_values: few.collect(),
        ..TickOutput::default()
    });
    wall
}

/// Head and body of what is answered.
#[allow(clippy::unwrap_used)]
pub async fn get(wall: &Wall, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(wall.address).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
        wall.address
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let body = match head.to_lowercase().contains("transfer-encoding: chunked") {
        true => unchunked(body),
        false => body.to_owned(),
    };
    (head.to_owned(), body)
}

/// The pieces of a streamed answer put together.
#[allow(clippy::unwrap_used)]
fn unchunked(body: &str) -> String {
    let (mut whole, mut rest) = (Vec::new(), body.as_bytes());
    loop {
        let line = rest.iter().position(|byte| *byte == b'\r').unwrap();
        let len = std::str::from_utf8(&rest[..line]).unwrap();
        let len = usize::from_str_radix(len, 16).unwrap();
        if len == 0 {
            return String::from_utf8(whole).unwrap();
        }
        whole.extend(&rest[line + 2..line + 2 + len]);
        rest = &rest[line + 4 + len..];
    }
}

#[allow(clippy::unwrap_used)]
pub async fn json(wall: &Wall, path: &str) -> Value {
    let (head, body) = get(wall, path).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}\n{body}");
    serde_json::from_str(&body).unwrap()
}

/// Runs one of the tools in `target/open-data`.
#[allow(clippy::unwrap_used)]
pub async fn tool(name: &str, arguments: &[&str]) -> Output {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let program = root.join("target/open-data/bin").join(name);
    assert!(
        program.exists(),
        "{} is missing: tests/run installs it, or by hand\n  python3 -m venv target/open-data && \
         target/open-data/bin/pip install -r tests/open_data/requirements.txt",
        program.display()
    );
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).kill_on_drop(true);
    command.current_dir(root.join("target/open-data"));
    command.output().await.unwrap()
}

pub fn file(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/open_data/");
    format!("{folder}{name}")
}

/// What a script prints.
#[allow(clippy::unwrap_used)]
pub async fn found(script: &str, arguments: &[&str]) -> Value {
    let script = file(script);
    let arguments = [&[script.as_str()], arguments].concat();
    let output = tool("python3", &arguments).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}
