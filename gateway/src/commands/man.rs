//! `citysense man`: the manual pages, one a command, from the same description that parses the command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::exit;
use crate::config::nearest;
use crate::{cli, terminal};

const AFTER: &str = "\
Examples:
  citysense man | man -l -                 the page of citysense
  citysense man replay | man -l -          the page of one command
  citysense man --out man/man1             all of them as files";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub struct Args {
    /// Of which command [default: of citysense itself]
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    pub command: Option<String>,
    /// Directory to write all pages into, as citysense.1, citysense-run.1 and so on
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let pages = pages()?;
    if let Some(dir) = &args.out {
        write(&pages, dir)?;
        terminal::tell(&format!(
            "{} pages written into {}",
            pages.len(),
            dir.display()
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    let name = match &args.command {
        None => "citysense".to_owned(),
        Some(command) => format!("citysense-{command}"),
    };
    let found = pages.iter().find(|page| page.name == name);
    let found = found.with_context(|| {
        let known = pages.iter().filter_map(|page| page.name.split_once('-'));
        let asked = args.command.as_deref().unwrap_or_default();
        let hint = nearest(asked, known.map(|(_, word)| word));
        format!("no command is called `{asked}`{hint}")
    })?;
    terminal::print(&found.text)?;
    Ok(ExitCode::SUCCESS)
}

/// When what the pages say last changed.
const CHANGED: &str = "2026-11-27";

/// A manual page: its name without the section, and its text for `man`.
struct Page {
    name: String,
    text: String,
}

fn write(pages: &[Page], dir: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    for Page { name, text } in pages {
        let file = dir.join(format!("{name}.1"));
        std::fs::write(&file, text).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

fn pages() -> anyhow::Result<Vec<Page>> {
    let mut whole = cli::command().disable_help_subcommand(true);
    whole.build();
    let mut pages = vec![page("citysense".to_owned(), "citysense", &whole)?];
    for word in whole.get_subcommands() {
        let word_name = word.get_name().to_owned();
        let name = format!("citysense-{word_name}");
        pages.push(page(name, &word_name, word)?);
    }
    Ok(pages)
}

fn page(name: String, word: &str, command: &Command) -> anyhow::Result<Page> {
    let after = command.get_after_help().map(ToString::to_string);
    let after = after.unwrap_or_default();
    let man = Man::new(command.clone().display_name(&name))
        .source(concat!("citysense ", env!("CARGO_PKG_VERSION")))
        .date(CHANGED)
        .manual("City sensing");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    let mut rest = Roff::new();
    write_after(&mut rest, &after);
    write_codes(&mut rest, word);
    write_see_also(&mut rest, command);
    rest.to_writer(&mut text)?;
    let text = String::from_utf8(text).context("a manual page that is no text")?;
    // A list of values brings breaks around an empty line that breaks already, which checkers mark.
    let text = text.replace(".br\n\n.br\n", ".sp\n");
    Ok(Page { name, text })
}

/// What stands below a help's arguments: paragraphs under one head, then those with a head of their own, which keep
/// their lines as examples do.
fn write_after(page: &mut Roff, after: &str) {
    let codes = |paragraph: &&str| !paragraph.starts_with("Exit codes:");
    let headed = |paragraph: &&str| {
        let head = paragraph.split_once(":\n").map(|(head, _)| head);
        head.is_some_and(|head| !head.contains('\n'))
    };
    let paragraphs = after
        .split("\n\n")
        .filter(codes)
        .filter(|text| !text.is_empty());
    let (headed, plain): (Vec<&str>, Vec<&str>) = paragraphs.partition(headed);
    if !plain.is_empty() {
        page.control("SH", ["NOTES"]);
    }
    for (place, paragraph) in plain.into_iter().enumerate() {
        if place > 0 {
            page.control("PP", []);
        }
        page.text([roman(paragraph)]);
    }
    for (head, body) in headed.into_iter().filter_map(|text| text.split_once(":\n")) {
        page.control("SH", [head.to_uppercase().as_str()]);
        page.control("nf", []);
        page.text([roman(body)]);
        page.control("fi", []);
    }
}

fn write_codes(page: &mut Roff, word: &str) {
    page.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in exit::codes(word) {
        page.control("TP", []);
        page.text([roman(code.to_string())]);
        page.text([roman(meaning)]);
    }
}

fn write_see_also(page: &mut Roff, command: &Command) {
    page.control("SH", ["SEE ALSO"]);
    let names: Vec<String> = match command.has_subcommands() {
        true => command
            .get_subcommands()
            .map(|word| format!("citysense-{}(1)", word.get_name()))
            .collect(),
        false => vec!["citysense(1)".to_owned()],
    };
    page.text([roman(names.join(", "))]);
}
