//! A TOML file walked by hand, so that every mistake in it is said at once and with its line.
//!
//! A derived deserialiser would stop at the first mistake.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::hint::nearest;
use super::problems::Problems;

/// A parsed file; sections borrow from it.
pub(crate) struct Document<'a> {
    file: &'static str,
    text: &'a str,
    problems: &'a Problems,
    table: Spanned<DeTable<'a>>,
}

/// A table of a document, whose keys are asked for one by one; [`Section::finish`] reports the rest.
pub(crate) struct Section<'d> {
    document: &'d Document<'d>,
    /// Where the section starts.
    at: Range<usize>,
    /// As it is written in the file: `[broker.tls]`; empty for the top of the file.
    title: String,
    left: Vec<(&'d str, Range<usize>, &'d Spanned<DeValue<'d>>)>,
    asked: Vec<&'static str>,
}

impl<'a> Document<'a> {
    /// What can be parsed is; syntax errors go to `problems`.
    pub(crate) fn parse(file: &'static str, text: &'a str, problems: &'a Problems) -> Document<'a> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let document = Document {
            file,
            text,
            problems,
            table,
        };
        for error in errors {
            match error.span() {
                Some(span) => document.problem(&span, error.message().to_owned()),
                None => problems.add(file, None, error.message().to_owned()),
            }
        }
        document
    }

    pub(crate) fn root(&self) -> Section<'_> {
        Section::new(self, String::new(), 0..0, Some(self.table.get_ref()))
    }

    fn problem(&self, at: &Range<usize>, message: String) {
        self.problems.add(self.file, Some(self.line(at)), message);
    }

    fn line(&self, at: &Range<usize>) -> u32 {
        let before = &self.text.as_bytes()[..at.start.min(self.text.len())];
        1 + before.iter().filter(|&&byte| byte == b'\n').count() as u32
    }
}

impl<'d> Section<'d> {
    fn new(
        document: &'d Document<'d>,
        title: String,
        at: Range<usize>,
        table: Option<&'d DeTable<'d>>,
    ) -> Section<'d> {
        let entries = table.into_iter().flatten();
        Section {
            document,
            at,
            title,
            left: entries
                .map(|(key, value)| (key.get_ref().as_ref(), key.span(), value))
                .collect(),
            asked: Vec::new(),
        }
    }

    fn take(&mut self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.asked.push(key);
        let place = self.left.iter().position(|(name, ..)| *name == key)?;
        Some(self.left.swap_remove(place).2)
    }

    /// The value of `key`, read by `parse`, whose complaint becomes an error at the value.
    pub(crate) fn read<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.take(key)?;
        match parse(value.get_ref()) {
            Ok(parsed) => Some(parsed),
            Err(complaint) => {
                self.document
                    .problem(&value.span(), format!("{key}: {complaint}"));
                None
            }
        }
    }

    /// Like [`Section::read`], for a key that must be there.
    pub(crate) fn need<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<T> {
        if !self.has(key) {
            self.problem(format!("{key} is missing"));
        }
        self.read(key, parse)
    }

    /// The table under `key`; empty when it is not there.
    pub(crate) fn section(&mut self, key: &'static str) -> Section<'d> {
        let title = match self.title.as_str() {
            "" => key.to_owned(),
            outer => format!("{outer}.{key}"),
        };
        let value = self.take(key);
        let at = value.map_or(self.at.clone(), |value| value.span());
        let table = value.and_then(|value| value.get_ref().as_table());
        if value.is_some() && table.is_none() {
            self.document
                .problem(&at, format!("{key} must be a table: [{title}]"));
        }
        Section::new(self.document, title, at, table)
    }

    /// The array of tables under `key`: `[[rule]]`.
    pub(crate) fn sections(&mut self, key: &'static str) -> Vec<Section<'d>> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            let message = format!("{key} must be a list of tables: [[{key}]]");
            self.document.problem(&value.span(), message);
            return Vec::new();
        };
        let tables = items.iter().filter_map(|item| {
            let table = item.get_ref().as_table();
            if table.is_none() {
                let message = format!("{key} must be a list of tables: [[{key}]]");
                self.document.problem(&item.span(), message);
            }
            let title = format!("[{key}]");
            table.map(|table| Section::new(self.document, title, item.span(), Some(table)))
        });
        tables.collect()
    }

    /// All keys that nobody asked for, for sections whose keys are data.
    pub(crate) fn rest(&mut self) -> Vec<Entry<'d>> {
        let document = self.document;
        let left = std::mem::take(&mut self.left);
        let entry = |(key, key_span, value)| Entry {
            document,
            key,
            key_span,
            value,
        };
        left.into_iter().map(entry).collect()
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.left.iter().any(|(name, ..)| *name == key)
    }

    /// From here on errors name the section so, instead of by its place.
    pub(crate) fn call(&mut self, title: String) {
        self.title = title;
    }

    /// The line in which it starts, for mistakes that show only beside other files.
    pub(crate) fn line(&self) -> u32 {
        self.document.line(&self.at)
    }

    /// The title of a part of it.
    pub(crate) fn title_of(&self, part: &str) -> String {
        format!("{}: {part}", self.title)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// An error about the section as a whole.
    pub(crate) fn problem(&self, message: String) {
        let message = match self.title.as_str() {
            "" => message,
            title => format!("[{title}] {message}"),
        };
        self.document.problem(&self.at, message);
    }

    /// Every key that was not asked for is an error, with the nearest one that could have been meant.
    pub(crate) fn finish(mut self) {
        for entry in self.rest() {
            let place = match self.title.as_str() {
                "" => String::new(),
                title => format!(" in [{title}]"),
            };
            let hint = nearest(entry.key, self.asked.iter().copied());
            entry.unknown(&format!("unknown key `{}`{place}{hint}", entry.key));
        }
    }
}

/// A key that is data, with its value.
pub(crate) struct Entry<'d> {
    document: &'d Document<'d>,
    pub(crate) key: &'d str,
    key_span: Range<usize>,
    value: &'d Spanned<DeValue<'d>>,
}

impl Entry<'_> {
    pub(crate) fn read<T>(
        &self,
        parse: impl FnOnce(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<T> {
        match parse(self.value.get_ref()) {
            Ok(parsed) => Some(parsed),
            Err(complaint) => {
                let message = format!("{}: {complaint}", self.key);
                self.document.problem(&self.value.span(), message);
                None
            }
        }
    }

    /// An error at the key.
    pub(crate) fn unknown(&self, message: &str) {
        self.document.problem(&self.key_span, message.to_owned());
    }
}
