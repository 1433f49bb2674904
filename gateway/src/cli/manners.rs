//! What every command understands beside its own arguments: colours, quiet, and what is logged how.

use clap::ColorChoice;
use tracing_subscriber::EnvFilter;

use crate::terminal::{self, Behaviour, Color};

#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Manners {
    /// When to colour; auto: on a terminal, unless NO_COLOR is set
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    pub color: Color,
    /// Say only results and errors: no progress, no summaries
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// How standard error is logged to: text or json, a line an event
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    pub log: LogFormat,
    /// How much: off, error, warn, info, debug or trace [default: RUST_LOG, else info]
    #[arg(
        long,
        global = true,
        value_name = "LEVEL",
        value_enum,
        hide_possible_values = true
    )]
    pub log_level: Option<LogLevel>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl Manners {
    /// Makes the process behave so.
    pub fn keep(self) {
        terminal::behave(Behaviour {
            color: self.color,
            quiet: self.quiet,
        });
        self.log();
    }

    /// Standard output is for results; what happens on the way goes to standard error.
    fn log(self) {
        let (filter, wrong) = self.filter(std::env::var(EnvFilter::DEFAULT_ENV).ok());
        let logging = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr);
        // A second time only where a test runs two command lines in one process.
        let _ = match self.log {
            LogFormat::Text => logging
                .with_ansi(terminal::colors_errors(self.color))
                .try_init(),
            LogFormat::Json => logging
                .json()
                .flatten_event(true)
                .with_ansi(false)
                .try_init(),
        };
        if let Some(wrong) = wrong {
            tracing::warn!(error = wrong, "RUST_LOG is not understood and not followed");
        }
    }

    /// What is logged, and what was wrong with the environment's wish.
    fn filter(self, wish: Option<String>) -> (EnvFilter, Option<String>) {
        if let Some(level) = self.log_level {
            return (EnvFilter::new(level.directives()), None);
        }
        let usual = match self.quiet {
            true => LogLevel::Warn,
            false => LogLevel::Info,
        };
        let usual = || EnvFilter::new(usual.directives());
        match wish.filter(|wish| !wish.trim().is_empty()) {
            None => (usual(), None),
            Some(wish) => match EnvFilter::try_new(wish) {
                Ok(filter) => (filter, None),
                Err(error) => (usual(), Some(error.to_string())),
            },
        }
    }
}

impl LogLevel {
    /// The libraries below talk much and of little that an operator could act on.
    fn directives(self) -> &'static str {
        match self {
            LogLevel::Off => "off",
            LogLevel::Error => "error",
            LogLevel::Warn => "warn",
            LogLevel::Info => "warn,gateway=info",
            LogLevel::Debug => "warn,gateway=debug",
            LogLevel::Trace => "info,gateway=trace",
        }
    }
}

/// What the words of a command line ask of colours, before it is parsed: the parser's own messages follow it too.
pub(super) fn asked_color(words: impl Iterator<Item = String>) -> ColorChoice {
    let mut asked = ColorChoice::Auto;
    let mut words = words.skip(1);
    while let Some(word) = words.next() {
        let value = match word.as_str() {
            "--" => break,
            "--color" => words.next(),
            other => other.strip_prefix("--color=").map(str::to_owned),
        };
        asked = match value.as_deref() {
            Some("always") => ColorChoice::Always,
            Some("never") => ColorChoice::Never,
            _ => asked,
        };
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Manners = Manners {
        color: Color::Auto,
        quiet: false,
        log: LogFormat::Text,
        log_level: None,
    };

    #[test]
    fn the_command_line_goes_before_the_environment_and_a_wrong_wish_is_said() {
        let filter = |manners: Manners, wish: Option<&str>| {
            let (filter, wrong) = manners.filter(wish.map(str::to_owned));
            (filter.to_string(), wrong.is_some())
        };
        let quiet = Manners {
            quiet: true,
            ..PLAIN
        };
        let debug = Manners {
            log_level: Some(LogLevel::Debug),
            ..PLAIN
        };
        assert_eq!(filter(PLAIN, None), ("gateway=info,warn".to_owned(), false));
        assert_eq!(filter(quiet, None), ("warn".to_owned(), false));
        assert_eq!(filter(quiet, Some("debug")), ("debug".to_owned(), false));
        assert_eq!(
            filter(debug, Some("error")),
            ("gateway=debug,warn".to_owned(), false)
        );
        assert_eq!(
            filter(PLAIN, Some("gateway=loud")),
            ("gateway=info,warn".to_owned(), true)
        );
    }

    #[test]
    fn colours_are_asked_for_in_two_ways() {
        let asked = |line: &str| asked_color(line.split(' ').map(str::to_owned));
        assert_eq!(asked("citysense check"), ColorChoice::Auto);
        assert_eq!(asked("citysense --color never check"), ColorChoice::Never);
        assert_eq!(asked("citysense check --color=always"), ColorChoice::Always);
        assert_eq!(asked("citysense check --color"), ColorChoice::Auto);
        assert_eq!(
            asked("citysense check -- --color=always"),
            ColorChoice::Auto
        );
    }
}
