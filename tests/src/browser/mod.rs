//! A real browser under remote control: headless Chromium, over its DevTools port.
//!
//! In reading order: `program` starts it · `socket` speaks to it · [`device`] is what the reader has: a window, a language,
//! colours, cookies · [`hands`] what the reader does: keys and clicks · [`watch`] what went wrong while the test looked
//! elsewhere · [`picture`] screenshots and printed sheets · [`accessibility`] what a screen reader would stumble over ·
//! [`get`] a question without a browser.
//!
//! Nothing waits a fixed time: a question is asked until its answer is right, within [`PATIENCE`]. A browser that saw an
//! error, a breach of the page's policy or a question to anybody but the opened pages' own servers fails its test when
//! it ends; what a test brings about on purpose it excuses by [`Browser::excuse`].

use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::Child;
use tokio::time::{Instant, sleep};

pub use plain::get;

use socket::Socket;
use watch::Watch;

pub mod accessibility;
pub mod device;
pub mod hands;
pub mod picture;
mod plain;
mod program;
mod socket;
pub mod watch;

/// Most time that the browser gets for anything, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two questions.
const PAUSE: Duration = Duration::from_millis(50);

/// A page in a browser of its own; both end with this value.
pub struct Browser {
    socket: Socket,
    asked: u64,
    watch: Watch,
    _profile: tempfile::TempDir,
    _process: Child,
}

impl Browser {
    /// Starts the browser and loads `url`; says what to install when there is none.
    pub async fn open(url: &str) -> Result<Browser, String> {
        let mut browser = Browser::start().await?;
        browser.go(url).await?;
        Ok(browser)
    }

    /// A browser that shows nothing yet, so that the reader's device can be chosen first.
    pub async fn start() -> Result<Browser, String> {
        let profile = tempfile::tempdir().map_err(|error| error.to_string())?;
        let process = program::start(profile.path())?;
        let address = program::devtools(profile.path()).await?;
        let path = program::page_path(&address).await?;
        let mut browser = Browser {
            socket: Socket::connect(&address, &path).await?,
            asked: 0,
            watch: Watch::default(),
            _profile: profile,
            _process: process,
        };
        for domain in watch::DOMAINS {
            browser.call(domain, json!({})).await?;
        }
        Ok(browser)
    }

    /// Loads another page, as from the address bar, and waits until it is there with its script.
    pub async fn go(&mut self, url: &str) -> Result<(), String> {
        self.watch.expect(url);
        let answer = self.call("Page.navigate", json!({ "url": url })).await?;
        if let Some(error) = answer["errorText"].as_str() {
            return Err(format!("{url}: {error}"));
        }
        self.until("document.readyState === 'complete'").await
    }

    /// The value of a JavaScript expression, as JSON; promises are waited for.
    pub async fn evaluate(&mut self, expression: &str) -> Result<Value, String> {
        let parameters =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", parameters).await?;
        match answer.get("exceptionDetails") {
            None => Ok(answer["result"]["value"].clone()),
            Some(thrown) => Err(thrown.to_string()),
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

    /// Waits until the part of the page that `selector` names contains `text`.
    pub async fn says(&mut self, selector: &str, text: &str) -> Result<(), String> {
        let (selector, text) = (json!(selector), json!(text));
        let part = format!("document.querySelector({selector})");
        self.until(&format!("!!{part}?.textContent.includes({text})"))
            .await
    }

    /// The text of the part that `selector` names, as it is seen; empty when there is none.
    pub async fn text(&mut self, selector: &str) -> Result<String, String> {
        let selector = json!(selector);
        let text = format!("document.querySelector({selector})?.innerText ?? ''");
        let text = self.evaluate(&text).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// The document as it is now.
    pub async fn document(&mut self) -> Result<String, String> {
        let html = self.evaluate("document.documentElement.outerHTML").await?;
        Ok(html.as_str().unwrap_or_default().to_owned())
    }

    /// One call of the protocol; what the browser tells meanwhile is noted.
    async fn call(&mut self, method: &str, parameters: Value) -> Result<Value, String> {
        self.asked += 1;
        let call = json!({ "id": self.asked, "method": method, "params": parameters });
        self.socket.send(&call).await?;
        loop {
            let answer = self.socket.receive().await?;
            if answer["id"] != self.asked {
                self.watch.note(&answer);
            } else if let Some(error) = answer.get("error") {
                return Err(format!("{method}: {error}"));
            } else {
                return Ok(answer["result"].clone());
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let faults = self.watch.faults();
        // A test that has failed already says why by itself.
        if !faults.is_empty() && !std::thread::panicking() {
            panic!("in the browser: {}", faults.join("\n"));
        }
    }
}
