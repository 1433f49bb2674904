//! Completions in a real bash, manual pages under the checkers of those who make `man`.

use std::path::Path;
use std::process::Command;

use crate::{citysense, text};

/// What bash offers for the last of `words`, with the script that the program prints.
fn offered(directory: &Path, words: &[&str]) -> Vec<String> {
    let script = r#"
        source completions.bash || exit 9
        complete -p citysense > /dev/null || exit 8
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        previous=
        if [ "$COMP_CWORD" -gt 0 ]; then previous=${COMP_WORDS[COMP_CWORD-1]}; fi
        _citysense citysense "${COMP_WORDS[COMP_CWORD]}" "$previous" 2> errors
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let bash = Command::new("bash")
        .args(["--norc", "-c", script, "bash"])
        .args(words)
        .current_dir(directory)
        .output()
        .expect("bash: install it (apt-get install bash)");
    assert!(bash.status.success(), "{bash:?}");
    text(&bash.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_arguments_and_values() {
    let dir = tempfile::tempdir().unwrap();
    let script = citysense(&["completions", "bash"], dir.path());
    std::fs::write(dir.path().join("completions.bash"), &script.stdout).unwrap();
    assert_eq!(offered(dir.path(), &["citysense", "rep"]), ["replay"]);
    assert_eq!(
        offered(dir.path(), &["citysense", "replay", "--jou"]),
        ["--journal"]
    );
    assert_eq!(
        offered(dir.path(), &["citysense", "check", "--color", ""]),
        ["auto", "always", "never"]
    );
    assert_eq!(
        offered(dir.path(), &["citysense", "completions", "f"]),
        ["fish"]
    );
    std::fs::create_dir(dir.path().join("harbour")).unwrap();
    assert_eq!(
        offered(dir.path(), &["citysense", "check", "--city", "har"]),
        ["harbour"]
    );
}

#[test]
fn other_shells_have_theirs() {
    let dir = tempfile::tempdir().unwrap();
    for (shell, sign) in [
        ("zsh", "#compdef citysense"),
        ("fish", "complete -c citysense"),
    ] {
        let said = citysense(&["completions", shell], dir.path());
        assert_eq!(said.status.code(), Some(0));
        assert!(text(&said.stdout).contains(sign), "{shell}");
    }
}

#[test]
fn the_manual_has_a_page_a_command_and_no_checker_finds_fault() {
    let dir = tempfile::tempdir().unwrap();
    let said = citysense(&["man", "--out", "man1"], dir.path());
    assert_eq!(said.status.code(), Some(0), "{}", text(&said.stderr));
    let commands: Vec<String> = gateway::cli::command()
        .get_subcommands()
        .map(|word| format!("citysense-{}.1", word.get_name()))
        .collect();
    let mut pages = vec!["citysense.1".to_owned()];
    pages.extend(commands);
    for page in &pages {
        let file = dir.path().join("man1").join(page);
        assert!(file.is_file(), "{page} is missing");
        let lint = Command::new("mandoc")
            .args(["-T", "lint", "-W", "warning"])
            .arg(&file)
            .output()
            .expect("mandoc: install it (apt-get install mandoc)");
        assert_eq!(text(&lint.stdout), "", "mandoc on {page}");
        let groff = Command::new("groff")
            .args(["-Kutf8", "-man", "-ww", "-z"])
            .arg(&file)
            .output()
            .expect("groff: install it (apt-get install groff)");
        assert_eq!(text(&groff.stderr), "", "groff on {page}");
    }
    let count = std::fs::read_dir(dir.path().join("man1")).unwrap().count();
    assert_eq!(count, pages.len());

    // As `man` shows it.
    let shown = Command::new("mandoc")
        .args(["-T", "utf8"])
        .arg(dir.path().join("man1/citysense-replay.1"))
        .output()
        .unwrap();
    let shown = text(&shown.stdout);
    // Bold and underlined by overstriking, which a pager turns into the real thing.
    let plain: String = plain(&shown);
    for part in [
        "citysense-replay",
        "EXAMPLES",
        "  citysense replay --city harbour --readings june.csv.gz july.csv.gz --out summer",
        "EXIT STATUS",
        "more than half of the rows were refused",
        "SEE ALSO",
    ] {
        assert!(plain.contains(part), "{part}: {plain}");
    }
}

/// Without what stands under a backspace.
fn plain(shown: &str) -> String {
    let mut plain = String::new();
    for letter in shown.chars() {
        match letter {
            '\u{8}' => drop(plain.pop()),
            letter => plain.push(letter),
        }
    }
    plain
}
