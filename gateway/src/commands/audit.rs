//! `citysense audit`: who came in and what was done, from the data directory of a gateway, running or not.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use crate::access::audit::{self, Entry};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  citysense audit --data /var/lib/citysense                 the latest entries, a line each
  citysense audit --data data --json | jq -r .who           the same as they are kept")]
pub struct Args {
    /// Data directory of the gateway
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// At most so many entries, the latest
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub limit: usize,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let broken = print(&args, &mut io::stdout().lock())?;
    if broken > 0 {
        tracing::warn!(
            broken,
            "lines could not be read: a loss of power cuts the last one off"
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the entries to `out`; how many lines of the log could not be read.
pub fn print(args: &Args, out: &mut impl Write) -> anyhow::Result<usize> {
    let data = &args.data;
    if !data.is_dir() {
        anyhow::bail!("there is no directory {}", data.display());
    }
    let (entries, broken) = audit::read(data, args.limit)
        .with_context(|| format!("the audit log in {}", data.display()))?;
    for entry in &entries {
        match args.json {
            true => writeln!(out, "{}", serde_json::to_string(entry)?)?,
            false => writeln!(out, "{}", line(entry))?,
        }
    }
    Ok(broken)
}

/// One line whatever is in it: what strangers typed reaches a terminal escaped.
fn line(entry: &Entry) -> String {
    let who = entry.who.as_deref().unwrap_or("-");
    let on = entry.on.as_ref().map(|on| format!(" {on}"));
    let text = format!(
        "{} {:<15} {} ({}) {}{}: {}",
        entry.at,
        entry.address,
        who,
        entry.role,
        entry.what,
        on.unwrap_or_default(),
        entry.outcome
    );
    let shown = |c: char| match c.is_control() || c.escape_debug().len() > 2 {
        true => c.escape_debug().to_string(),
        false => c.to_string(),
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    #[test]
    fn what_strangers_typed_reaches_no_terminal_as_it_is() {
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let mut entry = Entry::new(0, here, "POST /sign-in", "403".to_owned());
        entry.on = Some(serde_json::json!({ "name": "王\n\u{1b}[2J\u{202e}\u{85}" }));
        let line = line(&entry);
        assert_eq!(
            line,
            "1970-01-01T00:00:00.000Z 127.0.0.1       - (none) POST /sign-in \
             {\"name\":\"王\\n\\u001b[2J\\u{202e}\\u{85}\"}: 403"
        );
    }
}
