//! What readers with a screen reader, a keyboard or weak eyes would stumble over, as axe-core finds it.
//!
//! `tests/run` puts axe-core below the build directory; it runs inside the page, asks nobody anything, and is not part
//! of the product.

use std::fs;

use serde_json::{Value, json};

use super::Browser;
use super::picture::build_directory;

/// Where `tests/run` has npm put it.
const AXE: &str = "npm/node_modules/axe-core/axe.min.js";

impl Browser {
    /// Fails with every finding of serious or critical impact on the page as it is now, each with its place.
    pub async fn no_serious_findings(&mut self) -> Result<(), String> {
        let findings = self.findings().await?;
        let serious: Vec<String> = findings
            .iter()
            .filter(|f| is_serious(f))
            .map(told)
            .collect();
        match serious.as_slice() {
            [] => Ok(()),
            list => {
                let at = self.evaluate("location.href").await?;
                Err(format!("{at}: not accessible\n{}", list.join("\n")))
            }
        }
    }

    /// Everything that axe-core finds, of whatever impact.
    pub async fn findings(&mut self) -> Result<Vec<Value>, String> {
        let path = build_directory().join(AXE);
        let script = fs::read_to_string(&path).map_err(|error| {
            format!("axe-core is needed at target/{AXE}: run tests/run, or its step install_axe ({error})")
        })?;
        if self.evaluate("typeof axe").await? != "object" {
            self.evaluate(&format!("{script}; true")).await?;
        }
        // Style sheets are read as the browser has them, not asked for again.
        let options = json!({ "preload": false, "resultTypes": ["violations"] });
        let run = format!("axe.run(document, {options}).then((found) => found.violations)");
        let found = self.evaluate(&run).await?;
        let found = found.as_array().cloned();
        found.ok_or_else(|| "axe-core gave no list".to_owned())
    }
}

fn is_serious(finding: &Value) -> bool {
    finding["impact"] == "serious" || finding["impact"] == "critical"
}

/// The rule, what is wrong, and each place by its selector.
fn told(finding: &Value) -> String {
    let word = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    let mut text = format!("{} ({}): {}", word("id"), word("impact"), word("help"));
    for node in finding["nodes"].as_array().into_iter().flatten() {
        let why = node["failureSummary"].as_str().unwrap_or_default();
        let why = why.replace('\n', " ");
        text += &format!("\n  {}: {why}", node["target"]);
    }
    text
}
