//! One file a command: its arguments (`Args`) and what it does (`run`). [`exit`] says what it may end with.

use std::io::Read;
use std::path::Path;

use anyhow::Context;

pub mod acl;
pub mod audit;
pub mod check;
pub mod compare;
pub mod completions;
pub mod demo;
pub mod doctor;
pub mod explain;
pub mod export;
pub mod history;
pub mod import;
pub mod index;
pub mod man;
pub mod password;
pub mod performance;
pub mod plot;
pub mod provision;
pub mod replay;
pub mod rules;
pub mod run;
pub mod simulate;
pub mod token;

pub mod exit;
mod stop;

/// The text of a file, or of standard input where it is called `-`.
fn read_text(file: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        let read = std::io::stdin().lock().read_to_string(&mut text);
        read.context("standard input")?;
        return Ok(text);
    }
    std::fs::read_to_string(file).with_context(|| file.display().to_string())
}
