//! The Debian package, as an administrator meets it: built, inspected, installed, used, removed, purged.
//!
//! Goal: what is installed serves its page as its own user, with its own configuration, keeps its secret to itself, and
//! leaves nothing behind but data, after a purge not even those. Method: the package is made of the binary under test by
//! `gateway/packaging/build`, checked by `dpkg-deb`, `lintian` and `systemd-analyze`, and then installed by the real `dpkg`
//! into a copy of this system that lives in memory only: an overlay in mount, process and network namespaces of its own.
//! A second copy is booted by a systemd of its own, under which the service is started, killed, frozen and told nonsense.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

fn packaging() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs a program that `tests/run` installs.
fn tool(name: &str, arguments: &[&str]) -> Output {
    Command::new(name)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{name}: {error}; tests/run installs it"))
}

/// The package, made once for all tests of this file that run in one process; other processes wait, because it is staged in
/// one place.
fn package() -> &'static Path {
    static MADE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, file) = MADE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let built = Command::new("flock")
            .arg(packaging())
            .arg(packaging().join("build"))
            .arg(env!("CARGO_BIN_EXE_citysense"))
            .arg(dir.path())
            .output()
            .unwrap();
        assert!(built.status.success(), "{}", text(&built.stderr));
        let mut files = std::fs::read_dir(dir.path()).unwrap();
        let file = files.next().unwrap().unwrap().path();
        (dir, file)
    });
    file
}

#[test]
fn it_is_installed_serves_as_its_own_user_and_leaves_nothing_behind() {
    let package = package().to_str().unwrap();
    contents(package);
    let lint = tool(
        "lintian",
        &["--fail-on", "error,warning", "--allow-root", package],
    );
    assert!(lint.status.success(), "{}", text(&lint.stdout));

    let expected = [
        "installed: user citysense of /var/lib/citysense with shell /usr/sbin/nologin",
        "installed: /var/lib/citysense 750 citysense citysense",
        "installed: /etc/citysense 755 root root",
        "installed: conffiles kept by dpkg: 4",
        "installed: the unit is enabled",
        "check: 0",
        "ready: READY=1",
        "page: A new city",
        "secret: 600 citysense citysense",
        "runs as: citysense",
        "doctor: 0",
        "stopped: 0",
        "completes: replay",
        "manual: citysense-replay",
        "removed: no binary",
        "removed: data stay",
        "removed: configuration stays",
        "purged: no configuration",
        "purged: no data",
        "purged: no user",
        "purged: no unit",
    ];
    told(&["--mount", "--pid", "--net", "--fork"], "story", &expected);
}

#[test]
fn a_living_systemd_starts_it_confines_it_and_starts_it_again() {
    let expected = [
        "started: active, takes readings; page at http://127.0.0.1:8080",
        "page: A new city",
        "runs as: citysense",
        "confined: privileges 0000000000000000, no new ones 1, system calls filtered 2",
        "doctor: 0",
        "killed: another is there, A new city",
        "frozen: another is there, A new city",
        "frozen: found out by the watchdog",
        "nonsense: failed, exit code 2",
        "mended: active, A new city",
        "stopped: inactive, success",
    ];
    told(&["--mount"], "living", &expected);
}

/// What a script of `tests/package` says of the package, in namespaces of its own.
fn told(namespaces: &[&str], script: &str, expected: &[&str]) {
    let script = packaging().join("../tests/package").join(script);
    let rest = [
        "bash",
        script.to_str().unwrap(),
        package().to_str().unwrap(),
    ];
    let told = tool("unshare", &[namespaces, &rest].concat());
    let (said, errors) = (text(&told.stdout), text(&told.stderr));
    assert!(told.status.success(), "{said}\n{errors}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines, expected, "{errors}");
}

/// What is where, whose, and who may do what with it.
fn contents(package: &str) {
    let listed = text(&tool("dpkg-deb", &["-c", package]).stdout);
    for (mode, place) in [
        ("-rwxr-xr-x", "usr/bin/citysense"),
        ("-rw-r--r--", "lib/systemd/system/citysense.service"),
        ("-rw-r--r--", "etc/citysense/city.toml"),
        ("-rw-r--r--", "etc/citysense/nodes.csv"),
        ("-rw-r--r--", "etc/citysense/zones.geojson"),
        ("-rw-r--r--", "usr/share/man/man1/citysense.1.gz"),
        ("-rw-r--r--", "usr/share/man/man1/citysense-doctor.1.gz"),
        (
            "-rw-r--r--",
            "usr/share/bash-completion/completions/citysense",
        ),
        ("-rw-r--r--", "usr/share/doc/citysense/copyright"),
        (
            "-rw-r--r--",
            "usr/share/doc/citysense/examples/harbour/rules.toml",
        ),
    ] {
        let line = listed
            .lines()
            .find(|line| line.ends_with(&format!(" {place}")));
        let line = line.unwrap_or_else(|| panic!("{place} is missing: {listed}"));
        assert!(line.starts_with(mode) && line.contains(" 0/0 "), "{line}");
    }
    assert!(
        !listed.contains("secret"),
        "secrets are made where they are used: {listed}"
    );
}

#[test]
fn the_unit_is_sound_and_gives_away_little() {
    // The unit as it is, but for the program, which is not installed here.
    let dir = tempfile::tempdir().unwrap();
    let unit = std::fs::read_to_string(packaging().join("citysense.service")).unwrap();
    let unit = unit.replace("/usr/bin/citysense", "/usr/bin/env");
    // Manual pages are looked for too.
    let unit: String = unit
        .lines()
        .filter(|line| !line.starts_with("Documentation="))
        .map(|line| line.to_owned() + "\n")
        .collect();
    let file = dir.path().join("citysense.service");
    std::fs::write(&file, unit).unwrap();
    let file = file.to_str().unwrap();
    let verified = tool(
        "systemd-analyze",
        &["verify", "--recursive-errors=no", file],
    );
    assert!(verified.status.success(), "{}", text(&verified.stderr));
    assert_eq!(text(&verified.stderr), "");
    // 0 to 10, in tenths here: a service without any of it has 96.
    let secure = tool(
        "systemd-analyze",
        &[
            "security",
            "--offline=yes",
            "--threshold=20",
            "--no-pager",
            file,
        ],
    );
    assert!(secure.status.success(), "{}", text(&secure.stdout));
}
