//! The audit log: who came in and what was done, one line of JSON each, on disk before anybody is answered.
//!
//! A file a day in `audit` of the data directory, kept as long as the journal. What strangers can cause without end is
//! bounded: past so much in a day only what people with a name do is written, and the rest is counted.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use pipeline::calendar::{DAY, Millis, rfc3339};
use prometheus::{IntCounterVec, Opts, Registry};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Below the data directory.
const FOLDER: &str = "audit";
/// Lines of those without a name stop at this many bytes a day; those of others go on to the second.
const STRANGERS_LEN_MAX: u64 = 16 * 1024 * 1024;
const DAY_LEN_MAX: u64 = 128 * 1024 * 1024;

/// Something that was done, or tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// RFC 3339.
    pub at: String,
    /// `null`: nobody that the city knows.
    pub who: Option<String>,
    pub role: String,
    pub address: String,
    /// `sign-in`, `sign-out`, `broker sign-in`, or the request.
    pub what: String,
    /// As it was understood; of what was refused, what was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Value>,
    /// `accepted`, or why not.
    pub outcome: String,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Audit(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    kept: Millis,
    today: Mutex<Option<Today>>,
    entries: IntCounterVec,
}

struct Today {
    day: i64,
    file: File,
    len: u64,
}

impl Audit {
    /// Below `data`, kept for so long.
    pub fn new(data: &Path, kept: Millis, registry: &Registry) -> Audit {
        let entries = Opts::new(
            "citysense_audit_entries_total",
            "Lines for the audit log, by what became of them",
        );
        // The names and labels are constants that prometheus accepts; the tests scrape them.
        #[allow(clippy::expect_used)]
        let entries = IntCounterVec::new(entries, &["outcome"]).expect("a valid name");
        let _ = registry.register(Box::new(entries.clone()));
        for outcome in ["written", "failed", "dropped"] {
            entries.with_label_values(&[outcome]);
        }
        Audit(Arc::new(Inner {
            folder: data.join(FOLDER),
            kept,
            today: Mutex::default(),
            entries,
        }))
    }

    /// Writes the entry and waits for the disk; not for threads that others wait for.
    pub fn write(&self, now: Millis, entry: &Entry) -> io::Result<()> {
        let written = self.try_write(now, entry);
        let outcome = match &written {
            Ok(true) => "written",
            Ok(false) => "dropped",
            Err(_) => "failed",
        };
        self.0.entries.with_label_values(&[outcome]).inc();
        written.map(|_| ())
    }

    fn try_write(&self, now: Millis, entry: &Entry) -> io::Result<bool> {
        let folder = &self.0.folder;
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        let mut today = self.0.today.lock().unwrap_or_else(PoisonError::into_inner);
        let day = now.div_euclid(DAY);
        if today.as_ref().is_none_or(|today| today.day != day) {
            *today = Some(Today::open(folder, day)?);
            forget(folder, day, self.0.kept)?;
        }
        let Some(today) = today.as_mut() else {
            return Ok(false);
        };
        let room = match entry.who {
            None => STRANGERS_LEN_MAX,
            Some(_) => DAY_LEN_MAX,
        };
        if today.len + line.len() as u64 > room {
            return Ok(false);
        }
        today.file.write_all(&line)?;
        today.file.sync_data()?;
        today.len += line.len() as u64;
        Ok(true)
    }
}

impl Today {
    fn open(folder: &Path, day: i64) -> io::Result<Today> {
        std::fs::create_dir_all(folder)?;
        let mut options = OpenOptions::new();
        options.create(true).append(true).read(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(folder.join(name(day)))?;
        let len = file.seek(SeekFrom::End(0))?;
        // A line that a loss of power cut off must not swallow the next one.
        if len > 0 {
            let mut last = [0];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                file.write_all(b"\n")?;
            }
        }
        File::open(folder)?.sync_all()?;
        Ok(Today { day, file, len })
    }
}

/// `2026-11-22.ndjson`
fn name(day: i64) -> String {
    let text = rfc3339(day * DAY);
    format!("{}.ndjson", &text[..10])
}

fn day_of(name: &str) -> Option<i64> {
    let date = name.strip_suffix(".ndjson")?;
    let begins: Timestamp = format!("{date}T00:00:00Z").parse().ok()?;
    Some(begins.as_millisecond().div_euclid(DAY))
}

/// The days that there are, oldest first.
fn days(folder: &Path) -> io::Result<Vec<i64>> {
    let mut days = Vec::new();
    for file in std::fs::read_dir(folder)? {
        days.extend(file?.file_name().to_str().and_then(day_of));
    }
    days.sort_unstable();
    Ok(days)
}

/// Days that ended longer than `kept` ago go.
fn forget(folder: &Path, today: i64, kept: Millis) -> io::Result<()> {
    let whole_days = kept.div_euclid(DAY) + 1;
    for day in days(folder)? {
        if day < today - whole_days {
            std::fs::remove_file(folder.join(name(day)))?;
        }
    }
    Ok(())
}

/// The latest entries below `data`, oldest first, and how many lines could not be read.
pub fn read(data: &Path, limit: usize) -> io::Result<(Vec<Entry>, usize)> {
    let folder = data.join(FOLDER);
    let (mut entries, mut broken) = (Vec::new(), 0);
    let known = match days(&folder) {
        Ok(days) => days,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    for day in known.into_iter().rev() {
        let text = std::fs::read(folder.join(name(day)))?;
        let lines = text.split(|byte| *byte == b'\n').rev();
        for line in lines.filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line) {
                Ok(entry) => entries.push(entry),
                Err(_) => broken += 1,
            }
            if entries.len() == limit {
                break;
            }
        }
        if entries.len() == limit {
            break;
        }
    }
    entries.reverse();
    Ok((entries, broken))
}

impl Entry {
    pub fn new(now: Millis, address: IpAddr, what: impl Into<String>, outcome: String) -> Entry {
        Entry {
            at: rfc3339(now),
            who: None,
            role: "none".to_owned(),
            address: address.to_string(),
            what: what.into(),
            on: None,
            outcome,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const NOON: Millis = 1_795_309_200_000;

    fn entry(who: Option<&str>, what: &str) -> Entry {
        let here = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
        Entry {
            who: who.map(str::to_owned),
            ..Entry::new(NOON, here, what, "accepted".to_owned())
        }
    }

    fn audit(data: &Path) -> Audit {
        Audit::new(data, 2 * DAY, &Registry::new())
    }

    #[test]
    fn a_name_with_line_breaks_forges_no_line() {
        let dir = tempfile::tempdir().unwrap();
        let forged = entry(None, "sign-in as \"a\"\n{\"who\":\"Ada\"}\u{2028}\u{1b}[2J");
        audit(dir.path()).write(NOON, &forged).unwrap();
        let text = std::fs::read_to_string(dir.path().join("audit/2026-11-22.ndjson")).unwrap();
        assert_eq!(text.lines().count(), 1);
        assert!(!text.trim_end().contains(char::is_control), "{text:?}");
        assert_eq!(read(dir.path(), 10).unwrap(), (vec![forged], 0));
    }

    #[test]
    fn a_line_that_was_cut_off_swallows_nothing_and_old_days_go() {
        let dir = tempfile::tempdir().unwrap();
        let (first, second) = (entry(Some("Ada"), "one"), entry(Some("Ada"), "two"));
        audit(dir.path()).write(NOON, &first).unwrap();
        let path = dir.path().join("audit/2026-11-22.ndjson");
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&whole[..], &whole[..20]].concat()).unwrap();
        audit(dir.path()).write(NOON, &second).unwrap();
        let (entries, broken) = read(dir.path(), 10).unwrap();
        assert_eq!((entries, broken), (vec![first, second.clone()], 1));
        assert_eq!(
            read(dir.path(), 1).unwrap().0,
            std::slice::from_ref(&second)
        );
        let later = audit(dir.path());
        later.write(NOON + 3 * DAY, &second).unwrap();
        assert!(path.exists(), "it ended two days ago and some hours");
        later.write(NOON + 4 * DAY, &second).unwrap();
        assert!(!path.exists());
        assert_eq!(read(dir.path(), 10).unwrap().0.len(), 2);
    }

    #[test]
    fn strangers_cannot_fill_the_disk_nor_push_out_who_has_a_name() {
        let dir = tempfile::tempdir().unwrap();
        let audit = audit(dir.path());
        audit.write(NOON, &entry(None, "first")).unwrap();
        let mut today = audit.0.today.lock().unwrap();
        today.as_mut().unwrap().len = STRANGERS_LEN_MAX;
        drop(today);
        audit.write(NOON, &entry(None, "flood")).unwrap();
        audit.write(NOON, &entry(Some("Ada"), "acts")).unwrap();
        let (entries, _) = read(dir.path(), 10).unwrap();
        let said: Vec<&str> = entries.iter().map(|entry| entry.what.as_str()).collect();
        assert_eq!(said, ["first", "acts"]);
        assert_eq!(audit.0.entries.with_label_values(&["dropped"]).get(), 1);
    }
}
