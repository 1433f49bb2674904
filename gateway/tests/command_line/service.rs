//! `citysense run` under a service manager, which this test stands in for: its socket, its watchdog, its signal.

use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::{city, command, text};

/// Longest wait for anything; reached only by a failing test.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn the_service_manager_hears_of_readiness_of_life_and_of_the_end() {
    let dir = city();
    let toml = "[http]\nbind = \"127.0.0.1:0\"\n[broker]\nbind = \"127.0.0.1:0\"\n";
    std::fs::write(dir.path().join("town/city.toml"), toml).unwrap();
    let name = dir.path().join("notify");
    let socket = UnixDatagram::bind(&name).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let next = || {
        let mut bytes = [0; 1024];
        let length = socket.recv(&mut bytes).unwrap();
        text(&bytes[..length])
    };
    let gateway = command(dir.path())
        .args(["run", "--city", "town", "--data", "data"])
        .env("NOTIFY_SOCKET", &name)
        .env("WATCHDOG_USEC", "200000")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let ready = next();
    assert!(
        ready.starts_with("READY=1\nSTATUS=takes readings; page at http://127.0.0.1:"),
        "{ready}"
    );
    assert_eq!(next(), "WATCHDOG=1\n");
    assert_eq!(next(), "WATCHDOG=1\n", "and again");
    let pid = gateway.id().to_string();
    let told = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    assert!(told.success());
    while next() != "STOPPING=1\n" {}
    let ended = gateway.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    assert_eq!(text(&ended.stdout), "");
    assert!(text(&ended.stderr).contains("everything that was acknowledged is on disk"));
}
