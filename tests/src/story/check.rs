//! A story of `scenarios/` against the lines that stand below its ruler.

use std::path::PathBuf;

use super::{RULER, parse, play};

/// Plays a story and compares what was said with what stands below its ruler.
#[track_caller]
pub fn check(name: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("scenarios")
        .join(format!("{name}.txt"));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => panic!("{name}: {error}"),
    };
    let (story, expected) = text.split_once(RULER).unwrap_or((&text, ""));
    let plot = parse(story);
    let said = play(&plot, 1);
    assert_eq!(
        said,
        play(&plot, 2),
        "{name}: one worker and two say different things"
    );
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let text = format!("{story}{RULER}\n{said}");
        if let Err(error) = std::fs::write(&path, text) {
            panic!("{name}: {error}");
        }
        return;
    }
    assert!(
        said.trim() == expected.trim(),
        "{name}\n--- expected\n{}\n--- said\n{said}",
        expected.trim()
    );
}
