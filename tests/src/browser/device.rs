//! What the reader has in front of them: a window, colours, a language, cookies, a printer.

use serde_json::json;

use super::Browser;

/// A window, in pixels of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub name: &'static str,
    pub width: u32,
    pub height: u32,
}

pub const PHONE: Size = Size {
    name: "phone",
    width: 360,
    height: 740,
};
pub const DESK: Size = Size {
    name: "desk",
    width: 1280,
    height: 800,
};
/// The wall of an operations centre: 4K.
pub const WALL: Size = Size {
    name: "wall",
    width: 3840,
    height: 2160,
};

/// Colours that the reader's system asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Light,
    Dark,
}

impl Scheme {
    pub const ALL: [Scheme; 2] = [Scheme::Light, Scheme::Dark];

    pub fn name(self) -> &'static str {
        match self {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        }
    }
}

impl Browser {
    /// Makes the window that large.
    pub async fn size(&mut self, size: Size) -> Result<(), String> {
        self.resize(size.width, size.height).await
    }

    /// Makes the window as large as that of another device, in its pixels; a narrow one is a phone's.
    pub async fn resize(&mut self, width: u32, height: u32) -> Result<(), String> {
        let parameters = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        let done = self.call("Emulation.setDeviceMetricsOverride", parameters);
        done.await.map(|_| ())
    }

    /// Colours that the reader's system asks for, from now on.
    pub async fn scheme(&mut self, scheme: Scheme) -> Result<(), String> {
        self.media("", &[("prefers-color-scheme", scheme.name())])
            .await
    }

    /// Shows the page as it would be printed.
    pub async fn as_printed(&mut self) -> Result<(), String> {
        self.media("print", &[("prefers-color-scheme", "light")])
            .await
    }

    /// The medium (empty: the screen) and what the reader's system prefers.
    pub async fn media(&mut self, medium: &str, features: &[(&str, &str)]) -> Result<(), String> {
        let features: Vec<_> = features
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        let parameters = json!({ "media": medium, "features": features });
        let done = self.call("Emulation.setEmulatedMedia", parameters);
        done.await.map(|_| ())
    }

    /// The `Accept-Language` of every question from now on, as the browser's settings would have it.
    pub async fn language(&mut self, accepted: &str) -> Result<(), String> {
        let headers = json!({ "headers": { "accept-language": accepted } });
        let done = self.call("Network.setExtraHTTPHeaders", headers);
        done.await.map(|_| ())
    }

    /// Sets a cookie for the server of `url`, as if it had set it.
    pub async fn cookie(&mut self, url: &str, name: &str, value: &str) -> Result<(), String> {
        let cookie = json!({ "url": url, "name": name, "value": value });
        self.call("Network.setCookie", cookie).await.map(|_| ())
    }
}
