//! A real browser under remote control: headless Chromium, asked over its DevTools port.
//!
//! Just enough of the protocol to load a page and ask it questions until the answer is right: one WebSocket,
//! one `Runtime.evaluate` at a time. `--dump-dom` would write the document at a moment of its own choosing.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

/// Most time that the browser gets for anything, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// Pause between two questions.
const PAUSE: Duration = Duration::from_millis(50);
/// Names that Chromium goes by.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A page in a browser of its own; both end with this value.
pub struct Browser {
    socket: TcpStream,
    asked: u64,
    _profile: tempfile::TempDir,
    _process: Child,
}

impl Browser {
    /// Starts the browser and loads `url`; says what to install when there is none.
    pub async fn open(url: &str) -> Result<Browser, String> {
        let profile = tempfile::tempdir().map_err(|error| error.to_string())?;
        let process = start(profile.path(), url)?;
        let address = devtools(profile.path()).await?;
        let path = page_path(&address).await?;
        let socket = connect(&address, &path).await?;
        Ok(Browser {
            socket,
            asked: 0,
            _profile: profile,
            _process: process,
        })
    }

    /// The value of a JavaScript expression, as JSON; promises are waited for.
    pub async fn evaluate(&mut self, expression: &str) -> Result<Value, String> {
        let parameters =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", parameters).await?;
        match answer["result"].get("exceptionDetails") {
            None => Ok(answer["result"]["result"]["value"].clone()),
            Some(thrown) => Err(thrown.to_string()),
        }
    }

    /// Makes the window as large as that of another device, in its pixels.
    pub async fn resize(&mut self, width: u32, height: u32) -> Result<(), String> {
        let parameters =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": true });
        let answer = self.call("Emulation.setDeviceMetricsOverride", parameters);
        match answer.await?.get("error") {
            None => Ok(()),
            Some(error) => Err(error.to_string()),
        }
    }

    async fn call(&mut self, method: &str, parameters: Value) -> Result<Value, String> {
        self.asked += 1;
        let call = json!({ "id": self.asked, "method": method, "params": parameters });
        self.send(call.to_string().as_bytes()).await?;
        loop {
            let answer: Value = serde_json::from_slice(&self.receive().await?)
                .map_err(|error| format!("no JSON: {error}"))?;
            if answer["id"] == self.asked {
                return Ok(answer);
            }
        }
    }

    /// Asks until the expression is true; the error holds the document as it was last.
    pub async fn until(&mut self, expression: &str) -> Result<(), String> {
        let end = Instant::now() + PATIENCE;
        loop {
            // While a page loads, a question may be about a document that is not there any more.
            if let Ok(Value::Bool(true)) = self.evaluate(expression).await {
                return Ok(());
            }
            if Instant::now() > end {
                let document = self.document().await?;
                return Err(format!("never true: {expression}\n{document}"));
            }
            sleep(PAUSE).await;
        }
    }

    /// The document as it is now.
    pub async fn document(&mut self) -> Result<String, String> {
        let html = self.evaluate("document.documentElement.outerHTML").await?;
        Ok(html.as_str().unwrap_or_default().to_owned())
    }

    /// One masked text frame, as a client must send it; a mask of zeros is a mask.
    async fn send(&mut self, text: &[u8]) -> Result<(), String> {
        let mut frame = vec![0x81];
        match text.len() {
            len @ 0..126 => frame.push(0x80 | len as u8),
            len @ 126..65_536 => {
                frame.push(0x80 | 126);
                frame.extend((len as u16).to_be_bytes());
            }
            len => {
                frame.push(0x80 | 127);
                frame.extend((len as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text);
        let sent = self.socket.write_all(&frame).await;
        sent.map_err(|error| format!("the browser does not listen: {error}"))
    }

    /// One message; the browser sends small and large ones unmasked, in one or several frames.
    async fn receive(&mut self) -> Result<Vec<u8>, String> {
        let mut message = Vec::new();
        loop {
            let [first, second] = self.read::<2>().await?;
            let len = match second & 0x7f {
                126 => u64::from(u16::from_be_bytes(self.read().await?)),
                127 => u64::from_be_bytes(self.read().await?),
                len => u64::from(len),
            };
            let mut part = vec![0; usize::try_from(len).map_err(|error| error.to_string())?];
            let read = timeout(PATIENCE, self.socket.read_exact(&mut part)).await;
            read.map_err(|_| "the browser fell silent")?
                .map_err(|error| format!("the browser is gone: {error}"))?;
            message.extend(part);
            if first & 0x80 != 0 {
                return Ok(message);
            }
        }
    }

    async fn read<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut bytes = [0; N];
        let read = timeout(PATIENCE, self.socket.read_exact(&mut bytes)).await;
        read.map_err(|_| "the browser fell silent")?
            .map_err(|error| format!("the browser is gone: {error}"))?;
        Ok(bytes)
    }
}

fn start(profile: &Path, url: &str) -> Result<Child, String> {
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
        ])
        .arg("--remote-debugging-port=0")
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("chromium does not start: {error}"))
}

/// Where the browser listens; it writes its port into its profile.
async fn devtools(profile: &Path) -> Result<String, String> {
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
async fn page_path(address: &str) -> Result<String, String> {
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

async fn connect(address: &str, path: &str) -> Result<TcpStream, String> {
    let mut socket = TcpStream::connect(address)
        .await
        .map_err(|error| error.to_string())?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n"
    );
    let sent = socket.write_all(request.as_bytes()).await;
    sent.map_err(|error| error.to_string())?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = timeout(PATIENCE, socket.read_u8()).await;
        let byte = byte.map_err(|_| "no answer to the upgrade")?;
        head.push(byte.map_err(|error| error.to_string())?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    if head.starts_with("HTTP/1.1 101") {
        Ok(socket)
    } else {
        Err(format!("not upgraded: {head}"))
    }
}

/// Body of a plain answer; ends with the connection or with the length that was announced.
pub async fn get(address: &str, path: &str) -> Result<String, String> {
    let asked = async {
        let mut socket = TcpStream::connect(address).await?;
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        let mut bytes = [0; 8192];
        loop {
            let count = socket.read(&mut bytes).await?;
            answer.extend(&bytes[..count]);
            let text = String::from_utf8_lossy(&answer).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let head = head.to_ascii_lowercase();
                let len = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
                if count == 0 || len.is_some_and(|len: usize| body.len() >= len) {
                    return Ok(body.to_owned());
                }
            } else if count == 0 {
                return Ok(String::new());
            }
        }
    };
    let answered: Result<std::io::Result<String>, _> = timeout(PATIENCE, asked).await;
    answered
        .map_err(|_| format!("no answer from {address}{path}"))?
        .map_err(|error| format!("{address}{path}: {error}"))
}
