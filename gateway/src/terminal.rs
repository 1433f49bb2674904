//! What a person at a terminal meets: results on standard output, colours, progress, and what can be left unsaid.
//!
//! The command line sets it once ([`behave`]); until then, as in tests, nothing is coloured and nothing moves.

use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// When results and messages are coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set; with CLICOLOR_FORCE anywhere
    #[default]
    Auto,
    /// Even into files
    Always,
    /// Nowhere
    Never,
}

/// How the process behaves towards people.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour {
    pub color: Color,
    /// Only results and errors are said.
    pub quiet: bool,
}

static BEHAVIOUR: OnceLock<Behaviour> = OnceLock::new();

/// Sets it for the whole process; the first word counts.
pub fn behave(behaviour: Behaviour) {
    // Told a second time only by a test of the command line.
    let _ = BEHAVIOUR.set(behaviour);
}

/// Writes a result. A reader that has seen enough (`| head`) is an error that `main` takes for success.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Says what went well, unless nobody wants to hear it.
pub fn tell(text: &str) -> io::Result<()> {
    match BEHAVIOUR.get().is_some_and(|set| set.quiet) {
        true => Ok(()),
        false => print(&format!("{text}\n")),
    }
}

/// What a word is painted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    Good,
    Doubtful,
    Bad,
}

/// `text` in its colour, if standard output has colours. The word itself must say the same.
pub fn painted(paint: Paint, text: &str) -> String {
    let Some(set) = BEHAVIOUR.get() else {
        return text.to_owned();
    };
    match is_colored(set.color, io::stdout().is_terminal(), variable) {
        true => format!("\x1b[{}m{text}\x1b[0m", code(paint)),
        false => text.to_owned(),
    }
}

fn code(paint: Paint) -> u8 {
    match paint {
        Paint::Good => 32,
        Paint::Doubtful => 33,
        Paint::Bad => 31,
    }
}

/// Whether what goes to standard error is coloured.
pub fn colors_errors(color: Color) -> bool {
    is_colored(color, io::stderr().is_terminal(), variable)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The customs of `NO_COLOR`, `CLICOLOR_FORCE` and `TERM=dumb`; a word on the command line goes before them.
fn is_colored(color: Color, is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let is_forced =
        variable("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0");
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if is_set("NO_COLOR") => false,
        Color::Auto if is_forced => true,
        Color::Auto => is_terminal && variable("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// What long work is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Of files.
    Bytes,
    /// Of the journal, in milliseconds.
    Time,
}

/// How far long work is, with its rate and the time that is left; hidden where nobody watches, where quiet is asked for,
/// and where nobody knows how much there is.
pub fn progress(what: &'static str, total: Option<u64>, measure: Measure) -> ProgressBar {
    let wanted = BEHAVIOUR.get().is_some_and(|set| !set.quiet) && io::stderr().is_terminal();
    let Some(total) = total.filter(|_| wanted) else {
        return ProgressBar::hidden();
    };
    let template = match measure {
        Measure::Bytes => {
            "{msg:20} {bar:30} {percent:>3}% {binary_bytes_per_sec} {elapsed} (eta {eta})"
        }
        Measure::Time => "{msg:20} {bar:30} {percent:>3}% {speed} {elapsed} (eta {eta})",
    };
    let bar = ProgressBar::new(total).with_message(what);
    // A progress bar must never be the reason that a command fails: without a style it looks plain.
    let Ok(style) = ProgressStyle::with_template(template) else {
        return bar;
    };
    let speed = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        // A string takes everything.
        let _ = write!(out, "{:.0} times real time", state.per_sec() / 1000.0);
    };
    bar.with_style(style.with_key("speed", speed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_the_customs() {
        let with = |set: &'static [(&str, &str)]| {
            move |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            }
        };
        // What was asked for, a terminal or not, the environment, coloured or not.
        type Row = (Color, bool, &'static [(&'static str, &'static str)], bool);
        let table: [Row; 11] = [
            (Color::Auto, true, &[], true),
            (Color::Auto, false, &[], false),
            (Color::Auto, true, &[("NO_COLOR", "1")], false),
            (Color::Auto, true, &[("NO_COLOR", "")], true),
            (Color::Auto, true, &[("TERM", "dumb")], false),
            (Color::Auto, true, &[("TERM", "xterm-256color")], true),
            (Color::Auto, false, &[("CLICOLOR_FORCE", "1")], true),
            (Color::Auto, false, &[("CLICOLOR_FORCE", "0")], false),
            (
                Color::Auto,
                false,
                &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
                false,
            ),
            (Color::Always, false, &[("NO_COLOR", "1")], true),
            (Color::Never, true, &[("CLICOLOR_FORCE", "1")], false),
        ];
        for (color, is_terminal, set, expected) in table {
            assert_eq!(
                is_colored(color, is_terminal, with(set)),
                expected,
                "{color:?} on a terminal: {is_terminal} {set:?}"
            );
        }
    }

    #[test]
    fn unset_nothing_is_coloured() {
        assert_eq!(painted(Paint::Bad, "wrong"), "wrong");
    }
}
