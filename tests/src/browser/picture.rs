//! What the page looks like: screenshots for people to look at, and the sheets that a printer would make of it.

use std::fs;
use std::path::PathBuf;

use data_encoding::BASE64;
use serde_json::json;

use super::Browser;

impl Browser {
    /// Saves the whole page, as long as it is, as `screenshots/NAME.png` in the build directory.
    pub async fn screenshot(&mut self, name: &str) -> Result<PathBuf, String> {
        let metrics = self.call("Page.getLayoutMetrics", json!({})).await?;
        let size = &metrics["cssContentSize"];
        let clip =
            json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        self.captured(name, json!({ "captureBeyondViewport": true, "clip": clip }))
            .await
    }

    /// Saves what the window shows now.
    pub async fn window_shot(&mut self, name: &str) -> Result<PathBuf, String> {
        self.captured(name, json!({})).await
    }

    async fn captured(
        &mut self,
        name: &str,
        parameters: serde_json::Value,
    ) -> Result<PathBuf, String> {
        let answer = self.call("Page.captureScreenshot", parameters).await?;
        save(&format!("{name}.png"), &decoded(&answer["data"])?)
    }

    /// Prints the page to A4 sheets, saved as `screenshots/NAME.pdf`; answers how many they are.
    pub async fn printed(&mut self, name: &str) -> Result<usize, String> {
        let paper = json!({ "paperWidth": 8.27, "paperHeight": 11.69, "printBackground": false });
        let answer = self.call("Page.printToPDF", paper).await?;
        let sheets = decoded(&answer["data"])?;
        save(&format!("{name}.pdf"), &sheets)?;
        // Each sheet is one object of this type, in clear text; `/Pages` is the list of them.
        let text = String::from_utf8_lossy(&sheets);
        let starts = text.matches("/Type /Page").count();
        Ok(starts - text.matches("/Type /Pages").count())
    }
}

/// Folder below the build directory, which git does not see.
fn save(name: &str, bytes: &[u8]) -> Result<PathBuf, String> {
    let folder = build_directory().join("screenshots");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let path = folder.join(name);
    fs::write(&path, bytes).map_err(|error| error.to_string())?;
    Ok(path)
}

/// Where cargo builds, and `tests/run` puts what tests need.
pub(super) fn build_directory() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target"))
}

fn decoded(text: &serde_json::Value) -> Result<Vec<u8>, String> {
    let text = text.as_str().unwrap_or_default();
    BASE64
        .decode(text.as_bytes())
        .map_err(|error| format!("no picture: {error}"))
}
