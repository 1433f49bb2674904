//! What the reader does: keys that are really pressed, and a mouse that really points.

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{Browser, PATIENCE, PAUSE};

/// The bit by which the protocol says that Shift is held.
const SHIFT: u32 = 8;

impl Browser {
    /// Presses and lets go of a key: `Tab`, `Shift+Tab`, `Enter`, `Space`, `Escape`, `ArrowDown`, … or one character.
    pub async fn press(&mut self, key: &str) -> Result<(), String> {
        let (key, modifiers) = match key.strip_prefix("Shift+") {
            Some(key) => (key, SHIFT),
            None => (key, 0),
        };
        let (name, text, code) = key_of(key);
        let event = |kind: &str| {
            json!({
                "type": kind, "key": name, "code": if key.len() == 1 { "" } else { key },
                "windowsVirtualKeyCode": code, "modifiers": modifiers,
            })
        };
        let mut down = event(if text.is_empty() {
            "rawKeyDown"
        } else {
            "keyDown"
        });
        if !text.is_empty() {
            down["text"] = Value::from(text);
        }
        self.call("Input.dispatchKeyEvent", down).await?;
        self.call("Input.dispatchKeyEvent", event("keyUp")).await?;
        Ok(())
    }

    /// Types a text where the keyboard's focus is, character by character.
    pub async fn type_text(&mut self, text: &str) -> Result<(), String> {
        for letter in text.chars() {
            self.press(letter.encode_utf8(&mut [0; 4])).await?;
        }
        Ok(())
    }

    /// Presses Tab until what has the focus matches `selector`; how often says how far the reader had to go.
    pub async fn tab_to(&mut self, selector: &str) -> Result<usize, String> {
        const STEPS_MAX: usize = 400;
        let there = format!("!!document.activeElement?.matches({})", json!(selector));
        for steps in 0..STEPS_MAX {
            if self.evaluate(&there).await? == Value::Bool(true) {
                return Ok(steps);
            }
            self.press("Tab").await?;
        }
        Err(format!("the keyboard does not reach {selector}"))
    }

    /// Points at the middle of what `selector` names and clicks, once it is there and nothing lies over it.
    pub async fn click(&mut self, selector: &str) -> Result<(), String> {
        let wanted = json!(selector);
        let place = format!(
            "(() => {{
                const part = document.querySelector({wanted});
                if (!part) return 'it is not there';
                if (document.readyState !== 'complete') return 'the page is being loaded';
                part.scrollIntoView({{ block: 'center', inline: 'center', behavior: 'instant' }});
                const box = part.getBoundingClientRect();
                const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
                const top = document.elementFromPoint(x, y);
                if (!top) return 'it is outside of the window';
                if (!part.contains(top) && !top.contains(part)) return 'under ' + top.outerHTML.slice(0, 200);
                return [x, y];
            }})()"
        );
        let end = Instant::now() + PATIENCE;
        // What moves is not pressed: a style or a figure that has just come shifts what is below it.
        let mut before = None;
        let (x, y) = loop {
            let found = self.evaluate(&place).await?;
            let at = found[0].as_f64().zip(found[1].as_f64());
            match (before, at) {
                (Some(before), Some(at)) if before == at => break at,
                _ => before = at,
            }
            if Instant::now() > end {
                return Err(format!("{selector} cannot be clicked: {found}"));
            }
            sleep(PAUSE).await;
        };
        for (kind, buttons) in [("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0)] {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            let event = json!({
                "type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", event).await?;
        }
        Ok(())
    }

    /// Clicks into a field, empties it and types.
    pub async fn fill(&mut self, selector: &str, text: &str) -> Result<(), String> {
        self.click(selector).await?;
        let empty = format!(
            "document.querySelector({}).select?.(); true",
            json!(selector)
        );
        self.until(&empty).await?;
        self.press("Backspace").await?;
        self.type_text(text).await
    }
}

/// Name, text and code of a key by its short name.
fn key_of(key: &str) -> (&str, &str, u32) {
    match key {
        "Tab" => (key, "", 9),
        "Enter" => (key, "\r", 13),
        "Escape" => (key, "", 27),
        "Space" => (" ", " ", 32),
        "Backspace" => (key, "", 8),
        "Delete" => (key, "", 46),
        "End" => (key, "", 35),
        "Home" => (key, "", 36),
        "ArrowLeft" => (key, "", 37),
        "ArrowUp" => (key, "", 38),
        "ArrowRight" => (key, "", 39),
        "ArrowDown" => (key, "", 40),
        letter => (letter, letter, code(letter)),
    }
}

/// The code of a letter or digit; other characters have none that matters here.
fn code(letter: &str) -> u32 {
    let letter = letter.chars().next().map(|c| c.to_ascii_uppercase());
    letter
        .filter(char::is_ascii_alphanumeric)
        .map_or(0, u32::from)
}
