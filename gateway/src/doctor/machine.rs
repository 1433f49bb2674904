//! The machine: network time, memory, and what the gateway's process may open, as the system tells it in text.

use std::path::Path;
use std::process::Command;

use super::data::size;
use super::finding::Finding;

/// What `/proc` and the time service say; what they do not say is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether the clock is kept to network time.
    pub synchronized: Option<bool>,
    /// In bytes.
    pub memory_available: Option<u64>,
    pub memory_total: Option<u64>,
    /// Of the gateway's process, where it runs on this machine and may be looked at.
    pub process: Option<Process>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Process {
    pub files_open: u64,
    pub files_max: Option<u64>,
    /// In bytes.
    pub resident: u64,
}

impl Facts {
    /// `data` tells which process is the gateway, if several run.
    pub fn here() -> Facts {
        let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        Facts {
            synchronized: synchronized(),
            memory_available: kilobytes(&memory, "MemAvailable:"),
            memory_total: kilobytes(&memory, "MemTotal:"),
            process: gateway(),
        }
    }
}

/// By systemd's own service, else by whoever tells `timedatectl`.
fn synchronized() -> Option<bool> {
    if Path::new("/run/systemd/timesync/synchronized").exists() {
        return Some(true);
    }
    let asked = Command::new("timedatectl")
        .args(["show", "--property=NTPSynchronized", "--value"])
        .output()
        .ok()?;
    match String::from_utf8_lossy(&asked.stdout).trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// The first process that is `citysense run` or `citysense demo`.
fn gateway() -> Option<Process> {
    let processes = std::fs::read_dir("/proc").ok()?;
    processes.flatten().find_map(|entry| {
        let dir = entry.path();
        let words = std::fs::read(dir.join("cmdline")).ok()?;
        is_gateway(&words).then(|| process(&dir))?
    })
}

fn is_gateway(words: &[u8]) -> bool {
    let mut words = words.split(|byte| *byte == 0);
    let program = words.next().unwrap_or_default();
    let name = program.rsplit(|byte| *byte == b'/').next();
    let runs = |word: &[u8]| matches!(word, b"run" | b"demo");
    name == Some(b"citysense") && words.any(runs)
}

fn process(dir: &Path) -> Option<Process> {
    let limits = std::fs::read_to_string(dir.join("limits")).ok()?;
    let status = std::fs::read_to_string(dir.join("status")).ok()?;
    Some(Process {
        files_open: std::fs::read_dir(dir.join("fd")).ok()?.count() as u64,
        files_max: files_max(&limits),
        resident: kilobytes(&status, "VmRSS:")?,
    })
}

/// The soft limit of open files; `None`: unlimited, or not said.
fn files_max(limits: &str) -> Option<u64> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(number.saturating_mul(1024))
}

/// `nodes`: how many connections the embedded broker must hold; each is a file to the system.
pub fn judge(facts: &Facts, nodes: u64) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(facts.synchronized.map(|kept| match kept {
        true => Finding::ok("network time", "this machine's clock is kept"),
        false => Finding::warning(
            "network time",
            "nobody keeps this machine's clock",
            "`timedatectl set-ntp true`, or install systemd-timesyncd or chrony",
        ),
    }));
    findings.extend(memory(facts));
    if let Some(process) = &facts.process {
        findings.push(files(process, nodes));
    }
    findings
}

fn memory(facts: &Facts) -> Option<Finding> {
    let (available, total) = (facts.memory_available?, facts.memory_total?);
    let resident = facts.process.map_or(String::new(), |process| {
        format!("; the gateway holds {}", size(process.resident))
    });
    let said = format!("{} of {} available{resident}", size(available), size(total));
    Some(match available {
        available if available < total / 20 => Finding::warning(
            "memory",
            said,
            "find who takes it (`top`); the pipeline's own grows with nodes and [horizon], see README, Figures",
        ),
        _ => Finding::ok("memory", said),
    })
}

/// Files that the gateway needs beside its connections: the journal's, its own, those of readers of the page.
const FILES_BESIDE: u64 = 512;

fn files(process: &Process, nodes: u64) -> Finding {
    let Process {
        files_open: open,
        files_max,
        ..
    } = *process;
    let Some(max) = files_max else {
        return Finding::ok("open files", format!("{open}, without a limit"));
    };
    let needed = nodes + FILES_BESIDE;
    let said = format!("{open} of {max} at most");
    let advice = "raise LimitNOFILE in the unit (`systemctl edit citysense`) or `ulimit -n`";
    match max {
        max if open * 10 > max * 9 => Finding::wrong("open files", said, advice),
        max if needed > max => Finding::warning(
            "open files",
            format!("{said}; {nodes} nodes and the rest may need {needed}"),
            advice,
        ),
        _ => Finding::ok("open files", said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Verdict;

    const GB: u64 = 1 << 30;

    fn verdicts(facts: &Facts, nodes: u64) -> Vec<(&'static str, Verdict)> {
        let findings = judge(facts, nodes).into_iter();
        findings
            .map(|finding| (finding.check, finding.verdict))
            .collect()
    }

    #[test]
    fn what_the_system_says_is_judged_and_silence_is_not() {
        assert_eq!(verdicts(&Facts::default(), 10), []);
        let process = Process {
            files_open: 100,
            files_max: Some(1024),
            resident: GB,
        };
        let facts = Facts {
            synchronized: Some(true),
            memory_available: Some(GB),
            memory_total: Some(4 * GB),
            process: Some(process),
        };
        let with = |time, memory, files| {
            [
                ("network time", time),
                ("memory", memory),
                ("open files", files),
            ]
        };
        let (ok, warning, wrong) = (Verdict::Ok, Verdict::Warning, Verdict::Wrong);
        assert_eq!(verdicts(&facts, 100), with(ok, ok, ok));
        assert_eq!(verdicts(&facts, 1000), with(ok, ok, warning));
        let full = Process {
            files_open: 1000,
            ..process
        };
        let poor = Facts {
            synchronized: Some(false),
            memory_available: Some(GB / 10),
            process: Some(full),
            ..facts.clone()
        };
        assert_eq!(verdicts(&poor, 100), with(warning, warning, wrong));
        let endless = Process {
            files_max: None,
            ..full
        };
        let facts = Facts {
            process: Some(endless),
            ..facts
        };
        assert_eq!(verdicts(&facts, 1000), with(ok, ok, ok));
    }

    #[test]
    fn texts_of_the_system_are_read() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max open files            1024                 524288               files     \n";
        assert_eq!(files_max(limits), Some(1024));
        assert_eq!(
            files_max("Max open files            unlimited            unlimited\n"),
            None
        );
        assert_eq!(
            kilobytes(
                "MemTotal:       2 kB\nMemAvailable:   1 kB\n",
                "MemAvailable:"
            ),
            Some(1024)
        );
        assert_eq!(kilobytes("nonsense", "MemAvailable:"), None);
        assert!(is_gateway(b"/usr/bin/citysense\0run\0--city\0x\0"));
        assert!(!is_gateway(b"/usr/bin/citysense\0doctor\0"));
        assert!(!is_gateway(b"vim\0citysense\0run\0"));
        assert!(!is_gateway(b""));
    }
}
