//! The data directory and the disk under it: what is kept there, who may read it, how long there is room.

use std::path::{Path, PathBuf};

use pipeline::calendar::{DAY, HOUR, Millis};

use super::finding::Finding;
use crate::config::show_duration;

/// What is known of a data directory without opening its journal, which a running gateway holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub dir: PathBuf,
    /// Whether it holds a journal; why that cannot be known otherwise.
    pub journal: Option<Result<(), String>>,
    pub writable: bool,
    /// Of the journal, in bytes.
    pub bytes: u64,
    /// On the disk that it lies on, for those who are not root, in bytes.
    pub free: Option<u64>,
    pub size: Option<u64>,
    /// Since its first start.
    pub age: Option<Millis>,
}

impl Facts {
    pub fn of(dir: &Path, now: Millis) -> Facts {
        let version = std::fs::metadata(dir.join("FORMAT"));
        let made = version.as_ref().ok().and_then(|file| file.modified().ok());
        let age = made.and_then(|made| {
            let since = made.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(now - since.as_millis() as Millis)
        });
        let journal = match version {
            Ok(_) => Some(Ok(())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => Some(Err(error.to_string())),
        };
        let disk = rustix::fs::statvfs(dir).ok();
        Facts {
            dir: dir.to_owned(),
            journal,
            writable: rustix::fs::access(dir, rustix::fs::Access::WRITE_OK).is_ok(),
            bytes: bytes_below(dir),
            free: disk
                .as_ref()
                .map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize)),
            size: disk.map(|disk| disk.f_blocks.saturating_mul(disk.f_frsize)),
            age,
        }
    }
}

/// Files that vanish while they are counted are gone: the journal tidies up behind itself.
fn bytes_below(dir: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return 0;
    };
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => bytes_below(&entry.path()),
        Ok(meta) => meta.len(),
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}

/// `kept`: how long the journal keeps what came in.
pub fn judge(facts: &Facts, kept: Millis) -> Vec<Finding> {
    let dir = facts.dir.display();
    match &facts.journal {
        None => {
            return vec![Finding::warning(
                "data",
                format!("{dir} holds no journal"),
                "the gateway's first start makes it; is it another directory? say it with --data",
            )];
        }
        Some(Err(why)) => {
            return vec![Finding::warning(
                "data",
                format!("{dir} cannot be read: {why}"),
                "run this as root or as the gateway's user",
            )];
        }
        Some(Ok(())) => {}
    }
    let data = match facts.writable {
        true => Finding::ok("data", format!("{dir}, {} of journal", size(facts.bytes))),
        false => Finding::warning(
            "data",
            format!("{dir} is not writable for whoever runs this command"),
            "it must be for the gateway's user: run this as that user, or `chown -R citysense` it",
        ),
    };
    let mut findings = vec![data];
    findings.extend(disk(facts));
    findings.push(growth(facts, kept));
    findings
}

const FREE_WRONG: u64 = 64 * 1024 * 1024;
const FREE_WARNING: u64 = 1024 * 1024 * 1024;

fn disk(facts: &Facts) -> Option<Finding> {
    let (free, whole) = (facts.free?, facts.size?);
    let said = format!("{} of {} free", size(free), size(whole));
    Some(match free {
        free if free < FREE_WRONG => Finding::wrong(
            "disk",
            said,
            "make room: a gateway whose journal cannot be written acknowledges nothing",
        ),
        // A small disk may be full of what it is for.
        free if free < FREE_WARNING && free < whole / 10 => Finding::warning(
            "disk",
            said,
            "make room soon, or keep the journal for less: [retention] journal",
        ),
        _ => Finding::ok("disk", said),
    })
}

/// What a younger journal says of days to come is a guess.
const AGE_MIN: Millis = 6 * HOUR;

/// What the journal will take by the time that it forgets as fast as it grows.
fn growth(facts: &Facts, kept: Millis) -> Finding {
    let Some(age) = facts.age.filter(|age| *age >= AGE_MIN) else {
        return Finding::ok("growth", "the journal is too young to say");
    };
    let span = age.min(kept).max(1);
    let a_day = (u128::from(facts.bytes) * DAY as u128 / span as u128) as u64;
    let full = (u128::from(facts.bytes) * kept as u128 / span as u128) as u64;
    let more = full.saturating_sub(facts.bytes);
    let said = format!(
        "{} a day; {} of it will take {}",
        size(a_day),
        show_duration(kept),
        size(full)
    );
    match facts.free {
        Some(free) if more > free => Finding::wrong(
            "growth",
            format!("{said}, and {} are free", size(free)),
            "a larger disk, or a shorter [retention] journal, before it is full",
        ),
        _ => Finding::ok("growth", said),
    }
}

/// Bytes as people say them.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} B"),
        _ => format!("{value:.1} {}", UNITS[unit]),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::doctor::finding::Verdict;

    const GB: u64 = 1_000_000_000;

    fn facts() -> Facts {
        Facts {
            dir: PathBuf::from("data"),
            journal: Some(Ok(())),
            writable: true,
            bytes: GB,
            free: Some(100 * GB),
            size: Some(200 * GB),
            age: Some(10 * DAY),
        }
    }

    #[test]
    fn room_is_judged_by_what_is_free_and_what_will_be_needed() {
        // The facts, the check, how bad it is, a word of what is said.
        let table = [
            (facts(), "disk", Verdict::Ok, "100.0 GB of 200.0 GB free"),
            (
                Facts {
                    free: Some(GB / 2),
                    ..facts()
                },
                "disk",
                Verdict::Warning,
                "500.0 MB",
            ),
            (
                Facts {
                    free: Some(GB / 2),
                    size: Some(2 * GB),
                    ..facts()
                },
                "disk",
                Verdict::Ok,
                "500.0 MB",
            ),
            (
                Facts {
                    free: Some(0),
                    ..facts()
                },
                "disk",
                Verdict::Wrong,
                "0 B",
            ),
            // A tenth of a gigabyte a day is three in thirty days.
            (
                facts(),
                "growth",
                Verdict::Ok,
                "100.0 MB a day; 30d of it will take 3.0 GB",
            ),
            (
                Facts {
                    free: Some(GB),
                    ..facts()
                },
                "growth",
                Verdict::Wrong,
                "1.0 GB are free",
            ),
            // It forgets already: what is there is what there will be.
            (
                Facts {
                    age: Some(300 * DAY),
                    free: Some(2 * GB),
                    ..facts()
                },
                "growth",
                Verdict::Ok,
                "will take 1.0 GB",
            ),
            (
                Facts {
                    age: Some(HOUR),
                    free: Some(0),
                    ..facts()
                },
                "growth",
                Verdict::Ok,
                "too young",
            ),
            (
                Facts {
                    writable: false,
                    ..facts()
                },
                "data",
                Verdict::Warning,
                "not writable",
            ),
            (
                Facts {
                    journal: None,
                    ..facts()
                },
                "data",
                Verdict::Warning,
                "no journal",
            ),
            (
                Facts {
                    journal: Some(Err("denied".to_owned())),
                    ..facts()
                },
                "data",
                Verdict::Warning,
                "denied",
            ),
        ];
        for (facts, check, verdict, word) in table {
            let findings = judge(&facts, 30 * DAY);
            let found = findings.iter().find(|finding| finding.check == check);
            let found = found.unwrap_or_else(|| panic!("{check}: {findings:?}"));
            assert_eq!(found.verdict, verdict, "{found:?}");
            assert!(found.said.contains(word), "{found:?}");
        }
    }

    #[test]
    fn a_real_directory_is_measured() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("journal")).unwrap();
        std::fs::write(dir.path().join("journal/a"), [0; 100]).unwrap();
        std::fs::write(dir.path().join("FORMAT"), "5\n").unwrap();
        let facts = Facts::of(dir.path(), i64::MAX);
        assert_eq!((facts.bytes, facts.writable), (102, true));
        assert!(facts.free.unwrap() <= facts.size.unwrap());
        assert_eq!(facts.journal, Some(Ok(())));
        assert_eq!(Facts::of(&dir.path().join("none"), 0).journal, None);
    }
}
