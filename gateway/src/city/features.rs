//! The features of a GeoJSON file, each as text with its line, so that every mistake is said where it is.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::config::Problems;

/// The file's outer shape.
#[derive(Deserialize)]
struct Collection<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    features: Vec<&'a RawValue>,
}

/// Line and text of every feature of `file`; none when it is no feature collection, which is said.
pub(super) fn features<'a>(file: &str, text: &'a str, problems: &Problems) -> Vec<(u32, &'a str)> {
    if !problems.none_in(file) {
        return Vec::new();
    }
    let collection: Collection<'a> = match serde_json::from_str(text) {
        Ok(collection) => collection,
        Err(error) => {
            let line = (error.line() > 0).then_some(error.line() as u32);
            let message = format!("not a GeoJSON feature collection: {error}");
            problems.add(file, line, message);
            return Vec::new();
        }
    };
    if collection.kind != "FeatureCollection" {
        let message = format!("a FeatureCollection is expected, not a {}", collection.kind);
        problems.add(file, None, message);
    }
    let place = |raw: &'a RawValue| {
        // The raw text is a part of `text`: its distance from the start is where it stands.
        let offset = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let before = &text.as_bytes()[..offset.min(text.len())];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count() as u32;
        (line, raw.get())
    };
    collection.features.into_iter().map(place).collect()
}
