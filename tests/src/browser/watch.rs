//! What the browser tells unasked: errors of scripts, breaches of the page's policy, and whom it asked for anything.

use std::collections::BTreeSet;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{Browser, PATIENCE, PAUSE};

/// The calls that make it tell.
pub(super) const DOMAINS: [&str; 5] = [
    "Page.enable",
    "Runtime.enable",
    "Log.enable",
    "Network.enable",
    "Audits.enable",
];

/// Everything that was told since the browser started.
#[derive(Debug, Default)]
pub(super) struct Watch {
    faults: Vec<String>,
    excused: Vec<String>,
    asked: BTreeSet<String>,
    /// Origins that a test opened a page of.
    known: BTreeSet<String>,
}

impl Watch {
    /// A page that is opened on purpose: its server may be asked for things.
    pub(super) fn expect(&mut self, url: &str) {
        self.known.extend(origin(url));
    }

    pub(super) fn note(&mut self, event: &Value) {
        let said = &event["params"];
        match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" => {
                let details = &said["exceptionDetails"];
                let what = details["exception"]["description"].as_str();
                let what = what.or(details["text"].as_str()).unwrap_or_default();
                self.faults.push(format!("a script failed: {what}"));
            }
            "Runtime.consoleAPICalled" if said["type"] == "error" => {
                self.faults.push(format!("an error: {}", said["args"]));
            }
            "Log.entryAdded" if said["entry"]["level"] == "error" => {
                let (entry, text) = (&said["entry"], said["entry"]["text"].as_str());
                let (text, url) = (text.unwrap_or_default(), entry["url"].as_str());
                let url = url.unwrap_or_default();
                self.faults.push(format!("an error: {text} ({url})"));
            }
            "Audits.issueAdded" => {
                let details = &said["issue"]["details"]["contentSecurityPolicyIssueDetails"];
                if !details.is_null() {
                    self.faults.push(format!("against the policy: {details}"));
                }
            }
            "Network.requestWillBeSent" => {
                let url = said["request"]["url"].as_str().unwrap_or_default();
                self.asked.extend(origin(url));
            }
            _ => {}
        }
    }

    /// What nobody excused, strangers that were asked included.
    pub(super) fn faults(&self) -> Vec<String> {
        let excused = |fault: &String| self.excused.iter().any(|text| fault.contains(text));
        let strangers = self.asked.difference(&self.known);
        let strangers = strangers.map(|origin| format!("it asked {origin}"));
        let faults = self.faults.iter().cloned().chain(strangers);
        faults.filter(|fault| !excused(fault)).collect()
    }
}

impl Browser {
    /// What contains `text` is no fault: the test brings it about on purpose.
    pub fn excuse(&mut self, text: &str) {
        self.watch.excused.push(text.to_owned());
    }

    /// Waits until a fault that contains `text` was told.
    pub async fn finds(&mut self, text: &str) -> Result<(), String> {
        let end = Instant::now() + PATIENCE;
        loop {
            let faults = self.faults().await?;
            if faults.iter().any(|fault| fault.contains(text)) {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(format!("never told: {text}; but {faults:?}"));
            }
            sleep(PAUSE).await;
        }
    }

    /// Everything that went wrong so far; a test that plants a fault looks here.
    pub async fn faults(&mut self) -> Result<Vec<String>, String> {
        // What happened before this answer was told before it.
        self.evaluate("true").await?;
        Ok(self.watch.faults())
    }
}

/// `http://127.0.0.1:8080` of a longer address; what is no question to a server has none.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    matches!(scheme, "http" | "https" | "ws" | "wss").then(|| format!("{scheme}://{host}"))
}
