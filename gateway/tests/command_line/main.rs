//! The binary as people and scripts meet it.
//!
//! Each test runs the built program in a directory of its own and compares what it says, where it says it, and the
//! code that it ends with. `answers`: each command's own · `manners`: what all have in common · `pages`: completions
//! in a real bash, manual pages under real checkers · `service`: what a service manager
//! hears.
#![allow(clippy::unwrap_used)]

mod answers;
mod manners;
mod pages;
mod service;

use std::path::Path;
use std::process::{Command, Output, Stdio};

const ZONES: &str = r#"{ "type": "FeatureCollection", "features": [
{ "type": "Feature", "properties": { "id": "quay" },
  "geometry": { "type": "Polygon", "coordinates": [[[1, 0], [1.001, 0], [1.001, 0.001], [1, 0.001], [1, 0]]] } }
] }"#;

/// The program in `directory`, with an environment that asks for nothing.
fn command(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_citysense"));
    command.current_dir(directory).stdin(Stdio::null());
    for name in ["RUST_LOG", "NO_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command
}

fn citysense(arguments: &[&str], directory: &Path) -> Output {
    command(directory).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A directory with the city `town` in it: one zone, one node.
fn city() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("town")).unwrap();
    std::fs::write(dir.path().join("town/zones.geojson"), ZONES).unwrap();
    std::fs::write(dir.path().join("town/nodes.csv"), "node,zone\na,quay\n").unwrap();
    dir
}
