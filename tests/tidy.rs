//! The repository's own rules, read from its text: what no compiler or linter holds.
//!
//! Each test walks the files that git would see (all but `target` and hidden folders) and lists every place
//! that breaks its rule, so that one run tells all.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Longest file of code, in lines.
const FILE_LINES_MAX: usize = 400;

#[test]
fn no_file_is_too_long() {
    list_nothing(
        "files too long to read at once: split them by duty",
        |file| {
            let lines = file.text.lines().count();
            let too_long = file.is_rust() && lines > FILE_LINES_MAX;
            too_long
                .then(|| format!("{} has {lines} lines", file.path))
                .into_iter()
                .collect()
        },
    );
}

#[test]
fn every_file_of_code_says_what_it_is_for() {
    list_nothing("files that do not begin with a module doc", |file| {
        let silent = file.is_rust() && !file.is_test_module() && !file.text.starts_with("//!");
        silent.then(|| file.path.clone()).into_iter().collect()
    });
}

#[test]
fn nothing_is_left_for_later() {
    // Written in two parts, so that this file does not name itself.
    let words = [
        concat!("todo", "!("),
        concat!("unimpl", "emented!("),
        concat!("FIX", "ME"),
        concat!("#[ign", "ore"),
        concat!("should_", "panic"),
        concat!("dbg", "!("),
    ];
    list_nothing("words that put something off", |file| {
        file.lines_with(&words)
    });
}

#[test]
fn only_the_pipeline_knows_its_dataflow() {
    let crates = [
        "timely::",
        "differential_dataflow::",
        "timely.workspace",
        "differential-dataflow.",
    ];
    list_nothing("users of timely or differential beside pipeline", |file| {
        if file.path.starts_with("pipeline/") || file.path == "tests/tidy.rs" {
            return Vec::new();
        }
        file.lines_with(&crates)
    });
}

#[test]
fn only_the_clock_reads_the_clock() {
    let words = [
        concat!("SystemTime", "::now"),
        concat!("Utc", "::now"),
        concat!("Zoned", "::now"),
    ];
    list_nothing(
        "readers of the machine's clock beside gateway/src/clock.rs",
        |file| {
            let may = file.path == "gateway/src/clock.rs" || file.is_test();
            if may {
                Vec::new()
            } else {
                file.lines_with(&words)
            }
        },
    );
}

#[test]
fn the_core_does_no_input_or_output() {
    let words = [
        "std::fs",
        "std::net",
        "tokio",
        "std::time::Instant",
        "println!",
        "eprintln!",
    ];
    list_nothing(
        "input, output or clocks in the pipeline or the wire",
        |file| {
            let core = [
                "pipeline/src/",
                "edge-firmware/src/",
                "edge-firmware/wire/src/",
            ];
            let pure = core.iter().any(|room| file.path.starts_with(room));
            if pure && !file.is_test_module() {
                file.code_lines_with(&words)
            } else {
                Vec::new()
            }
        },
    );
}

#[test]
fn no_place_on_somebodys_machine_is_named() {
    let places = [
        concat!("/wo", "rk/"),
        concat!("/tm", "p/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/Us", "ers/"),
    ];
    list_nothing("paths of one machine", |file| file.lines_with(&places));
}

#[test]
fn every_metric_that_is_shown_or_described_exists() {
    let files = files();
    let code: String = files
        .iter()
        .filter(|file| file.path.starts_with("gateway/src/"))
        .map(|file| file.text.as_str())
        .collect();
    let exists = |name: &str| {
        let bare = name.trim_start_matches("citysense_");
        code.contains(&format!("\"{name}\"")) || code.contains(&format!("\"{bare}\""))
    };
    let mut missing = BTreeSet::new();
    for file in files
        .iter()
        .filter(|f| f.path.starts_with("dashboards/") || f.path == "README.md")
    {
        for name in metric_names(&file.text) {
            let of_histogram = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|suffix| name.strip_suffix(suffix))
                .is_some_and(exists);
            if !exists(name) && !of_histogram {
                missing.insert(format!("{}: {name}", file.path));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "metrics that nobody registers: {missing:#?}"
    );
}

#[test]
fn the_readme_names_every_room_and_there_are_no_others() {
    let rooms = [
        "edge-firmware",
        "wire",
        "pipeline",
        "gateway",
        "dashboards",
        "tests",
    ];
    if let Ok(readme) = fs::read_to_string(root().join("README.md")) {
        for room in rooms {
            assert!(readme.contains(room), "README.md does not mention `{room}`");
        }
    }
    let top: BTreeSet<String> = files()
        .iter()
        .filter_map(|file| Some(file.path.split_once('/')?.0.to_owned()))
        .filter(|name| !rooms.contains(&name.as_str()))
        .collect();
    assert!(
        top.is_empty(),
        "folders at the top that the design does not have: {top:?}"
    );
}

#[test]
fn every_story_is_played() {
    let runners = ["tests/scenarios.rs", "tests/scenarios_hazard.rs"];
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap_or_default();
    let runner: String = runners.map(read).concat();
    list_nothing("stories that no test plays", |file| {
        let name = file
            .path
            .strip_prefix("tests/scenarios/")
            .and_then(|n| n.strip_suffix(".txt"));
        let forgotten = name.filter(|name| !runner.contains(&format!("check(\"{name}\")")));
        forgotten.map(str::to_owned).into_iter().collect()
    });
}

/// Fails with all places that `find` names in any file.
#[track_caller]
fn list_nothing(what: &str, find: impl Fn(&File) -> Vec<String>) {
    let found: Vec<String> = files().iter().flat_map(find).collect();
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

/// A file of the repository.
struct File {
    /// From the root, with `/`.
    path: String,
    text: String,
}

impl File {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// A module that is compiled for tests only, by its name.
    fn is_test_module(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        let folders = ["/tests/", "_tests/"];
        name.ends_with("tests.rs") || folders.iter().any(|folder| self.path.contains(folder))
    }

    fn is_test(&self) -> bool {
        self.is_test_module() || self.path.starts_with("tests/") || self.path.contains("/benches/")
    }

    fn lines_with(&self, words: &[&str]) -> Vec<String> {
        self.places(self.text.lines().collect(), words)
    }

    /// Lines before the file's own tests that are not comments.
    fn code_lines_with(&self, words: &[&str]) -> Vec<String> {
        let code = self.text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default());
        self.places(lines.collect(), words)
    }

    fn places(&self, lines: Vec<&str>, words: &[&str]) -> Vec<String> {
        let hit = |line: &str| words.iter().any(|word| line.contains(word));
        lines
            .iter()
            .enumerate()
            .filter(|(_, line)| hit(line))
            .map(|(at, line)| format!("{}:{}: {}", self.path, at + 1, line.trim()))
            .collect()
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every text file but lock files; folders that begin with a dot and build output are left out.
fn files() -> Vec<File> {
    let mut files = Vec::new();
    walk(&root(), "", &mut files);
    assert!(
        files.len() > 50,
        "only {} files found: this walk looks in the wrong place",
        files.len()
    );
    files
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<File>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || name == "target" || name == "Cargo.lock" {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.path().is_dir() {
            walk(&entry.path(), &format!("{path}/"), files);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.push(File { path, text });
        }
    }
}

/// Words of the form `citysense_…`.
fn metric_names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| word.starts_with("citysense_") && word.len() > "citysense_".len())
}
