//! What `[access]` in `city.toml` says: who there is, what each may do, and in which part of the city.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use wire::ZoneId;

use super::{Areas, Asker, Role};
use crate::config::nearest;

/// Who may do what in a city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether the city says anything about it; where it does not, everybody reads and nobody acts.
    pub is_declared: bool,
    /// Whether one may read without saying who one is.
    pub anonymous: bool,
    pub users: Vec<User>,
    pub tokens: Vec<Token>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub role: Role,
    pub reach: Reach,
    /// Argon2id, as a PHC string.
    pub password: Hashed,
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub name: String,
    pub role: Role,
    pub reach: Reach,
    pub digest: Digest,
}

/// A part of the city, as it was written and as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Zone ids and `kind:square`; empty: everything.
    pub wanted: Vec<String>,
    pub areas: Areas,
}

/// The hash of a password; never shown, not even in a log of settings.
#[derive(Clone, PartialEq, Eq)]
pub struct Hashed(pub String);

/// SHA-256 of something random enough that nothing slower is needed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            is_declared: false,
            anonymous: true,
            users: Vec::new(),
            tokens: Vec::new(),
        }
    }
}

impl Default for Reach {
    fn default() -> Reach {
        Reach {
            wanted: Vec::new(),
            areas: Areas::All,
        }
    }
}

impl Reach {
    /// Takes the zones that are wanted out of `zones`, ids and kinds; says what is none of them.
    pub(crate) fn find<'z>(
        &mut self,
        zones: impl Iterator<Item = (ZoneId, &'z str)> + Clone,
    ) -> Result<(), String> {
        if self.wanted.is_empty() {
            self.areas = Areas::All;
            return Ok(());
        }
        let mut found = BTreeSet::new();
        for wanted in &self.wanted {
            let fits = |(id, kind): &(ZoneId, &str)| match wanted.strip_prefix("kind:") {
                Some(of) => *kind == of,
                None => id.as_str() == wanted,
            };
            let mut fitting = zones.clone().filter(fits).peekable();
            let is_none = fitting.peek().is_none();
            found.extend(fitting.map(|(id, _)| id));
            if is_none {
                let known: Vec<String> = zones
                    .clone()
                    .flat_map(|(id, kind)| [id.to_string(), format!("kind:{kind}")])
                    .collect();
                let hint = nearest(wanted, known.iter().map(String::as_str));
                let wanted = wanted.escape_debug();
                return Err(format!("zones.geojson has no zone `{wanted}`{hint}"));
            }
        }
        self.areas = Areas::Zones(Arc::new(found));
        Ok(())
    }
}

impl Policy {
    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    /// The program that shows `token`.
    pub fn bearer(&self, token: &str) -> Option<&Token> {
        let digest = Digest::of(token.as_bytes());
        self.tokens.iter().find(|known| known.digest == digest)
    }

    /// Somebody without a name, if that is allowed.
    pub fn nobody(&self) -> Option<Asker> {
        self.anonymous.then(|| Asker::anyone(Role::Viewer))
    }
}

impl User {
    pub fn asker(&self) -> Asker {
        Asker {
            name: Some(self.name.clone()),
            role: self.role,
            areas: self.reach.areas.clone(),
        }
    }

    /// Another one when anything about the user was changed.
    pub fn row(&self) -> Digest {
        let role = self.role.name();
        let wanted = self.reach.wanted.join("\n");
        Digest::of(format!("{}\n{role}\n{}\n{wanted}", self.name, self.password.0).as_bytes())
    }
}

impl Token {
    pub fn asker(&self) -> Asker {
        Asker {
            name: Some(self.name.clone()),
            role: self.role,
            areas: self.reach.areas.clone(),
        }
    }
}

impl Digest {
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(Sha256::digest(bytes).into())
    }

    /// `sha256:` and 64 hexadecimal digits, as `city.toml` has it.
    pub fn parse(text: &str) -> Option<Digest> {
        let digits = text.strip_prefix("sha256:")?.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16);
            *byte = (digit(0)? * 16 + digit(1)?) as u8;
        }
        Some(Digest(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

impl fmt::Debug for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hashed(…)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_written() {
        let digest = Digest::of(b"abc");
        let text = digest.to_string();
        // FIPS 180-2, appendix B.1.
        assert!(text.starts_with("sha256:ba7816bf8f01cfea414140de5dae2223"));
        assert_eq!(Digest::parse(&text), Some(digest));
        for wrong in [&text[..70], &text[7..], "sha256:zz", "", "sha256:é"] {
            assert_eq!(Digest::parse(wrong), None, "{wrong}");
        }
        assert_eq!(
            format!("{digest:?}{:?}", Hashed("x".to_owned())),
            "Digest(…)Hashed(…)"
        );
    }
}
