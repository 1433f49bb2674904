//! The browser's process: found, started with a profile of its own, and asked where it listens.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::plain::get;
use super::{PATIENCE, PAUSE};

/// Names that Chromium goes by.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Starts it with an empty page; says what to install when there is none.
pub(super) fn start(profile: &Path) -> Result<Child, String> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let program = std::env::split_paths(&paths)
        .flat_map(|dir| NAMES.map(|name| dir.join(name)))
        .find(|program| program.is_file())
        .ok_or("chromium is needed: install the package chromium")?;
    Command::new(program)
        .args(["--headless", "--no-sandbox", "--disable-gpu"])
        .args(["--disable-quic", "--no-first-run", "--disable-sync"])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--hide-scrollbars",
        ])
        .arg("--remote-debugging-port=0")
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg("about:blank")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("chromium does not start: {error}"))
}

/// Where the browser listens; it writes its port into its profile.
pub(super) async fn devtools(profile: &Path) -> Result<String, String> {
    let end = Instant::now() + PATIENCE;
    loop {
        let said = std::fs::read_to_string(profile.join("DevToolsActivePort"));
        if let Some(port) = said.ok().as_deref().and_then(|text| text.lines().next()) {
            return Ok(format!("127.0.0.1:{port}"));
        }
        if Instant::now() > end {
            return Err("chromium never opened its DevTools port".to_owned());
        }
        sleep(PAUSE).await;
    }
}

/// Path of the first page's WebSocket.
pub(super) async fn page_path(address: &str) -> Result<String, String> {
    let end = Instant::now() + PATIENCE;
    loop {
        let listed = get(address, "/json/list").await?;
        let pages: Value = serde_json::from_str(&listed).unwrap_or_default();
        let page = pages.as_array().and_then(|pages| {
            let page = pages.iter().find(|page| page["type"] == "page")?;
            let url = page["webSocketDebuggerUrl"].as_str()?;
            Some(url.find("/devtools").map_or("", |at| &url[at..]).to_owned())
        });
        match page {
            Some(path) => return Ok(path),
            None if Instant::now() > end => return Err(format!("no page in {listed}")),
            None => sleep(PAUSE).await,
        }
    }
}
