//! `citysense password`: the hash of a password, for a row of `[access]` in `city.toml`.

use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};

use crate::access::password;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  citysense password                              asks twice, and prints the hash for city.toml
  citysense password < secret.txt                 the first line of standard input

The hash goes into a row of city.toml:

  [[access.user]]
  name = \"ada\"
  role = \"operator\"
  password = \"$argon2id$v=19$…\"")]
pub struct Args {}

pub fn run(_: Args) -> anyhow::Result<ExitCode> {
    let password = match io::stdin().is_terminal() {
        true => asked_twice()?,
        false => first_line(&mut io::stdin().lock())?,
    };
    let hash = hashed(&password)?;
    writeln!(io::stdout(), "{hash}")?;
    Ok(ExitCode::SUCCESS)
}

fn asked_twice() -> anyhow::Result<String> {
    let ask = |prompt| rpassword::prompt_password(prompt).context("the terminal cannot be asked");
    let password = ask("Password: ")?;
    if ask("Once more: ")? != password {
        bail!("the two were not the same; nothing was made");
    }
    Ok(password)
}

fn first_line(input: &mut impl BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    input
        .read_line(&mut line)
        .context("standard input cannot be read as text")?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

fn hashed(password: &str) -> anyhow::Result<String> {
    if password.chars().count() < password::LEN_MIN {
        bail!(
            "a password has {} characters at least; a few words in a row are good ones",
            password::LEN_MIN
        );
    }
    if password.len() > password::LEN_MAX {
        bail!("a password has {} bytes at most", password::LEN_MAX);
    }
    password::hash(password).map_err(anyhow::Error::msg)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_a_hash_that_a_city_takes() {
        let line = first_line(&mut "four words in a row\r\nmore".as_bytes()).unwrap();
        assert_eq!(line, "four words in a row");
        assert_eq!(password::check(&hashed(&line).unwrap()), Ok(()));
        for wrong in ["", "short", &"x".repeat(257)] {
            assert!(hashed(wrong).is_err(), "{wrong}");
        }
        assert!(first_line(&mut &b"\xff\n"[..]).is_err());
    }
}
