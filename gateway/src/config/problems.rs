//! Where all mistakes of a city directory come together.

use std::cell::RefCell;
use std::fmt;

/// One mistake in a city directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigError {
    /// Name in the city directory.
    pub file: String,
    /// From 1, where a line can be named.
    pub line: Option<u32>,
    /// What is wrong and what would be right.
    pub message: String,
}

/// `rules.toml:12: …`
impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

/// Collects errors and notes; shared by everything that reads a city directory.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    errors: RefCell<Vec<ConfigError>>,
    notes: RefCell<Vec<String>>,
}

impl Problems {
    pub(crate) fn add(&self, file: &str, line: Option<u32>, message: impl Into<String>) {
        self.errors.borrow_mut().push(ConfigError {
            file: file.to_owned(),
            line,
            message: message.into(),
        });
    }

    /// Something to know that is no mistake.
    pub(crate) fn note(&self, note: impl Into<String>) {
        self.notes.borrow_mut().push(note.into());
    }

    /// So far nothing is wrong with `file`.
    pub(crate) fn none_in(&self, file: &str) -> bool {
        !self.errors.borrow().iter().any(|error| error.file == file)
    }

    /// The notes if there was no error, the errors by file and line otherwise.
    pub(crate) fn into_result(self) -> Result<Vec<String>, Vec<ConfigError>> {
        let mut errors = self.errors.into_inner();
        if errors.is_empty() {
            return Ok(self.notes.into_inner());
        }
        errors.sort();
        errors.dedup();
        Err(errors)
    }
}
