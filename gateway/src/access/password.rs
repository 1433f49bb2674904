//! Passwords: argon2id, slow on purpose, so never on a thread that others wait for and never many at a time.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use super::policy::Hashed;

/// Longest password in bytes; a sentence fits, a flood does not.
pub const LEN_MAX: usize = 256;
/// Shortest one that `citysense password` takes, in characters.
pub const LEN_MIN: usize = 10;
/// Memory of one try in KiB: less is no protection, more lets a typing error take the machine down.
const MEMORY_KIB: std::ops::RangeInclusive<u32> = 7_168..=262_144;
const ROUNDS_MAX: u32 = 16;
const LANES_MAX: u32 = 8;

/// What an unknown name is compared with where there is no user at all: a salt and an output that no password has.
const STAND_IN: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5aGFzdGhpc29uZQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The hash of a password, with a salt of its own.
pub fn hash(password: &str) -> Result<String, String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string())
        .map_err(|error| error.to_string())
}

/// Whether `password` is the one; takes its time either way. Without a hash it is never.
pub(super) fn verify(hash: Option<&Hashed>, otherwise: Option<&Hashed>, password: &str) -> bool {
    let used = hash.or(otherwise).map_or(STAND_IN, |hash| &hash.0);
    let Ok(parsed) = PasswordHash::new(used) else {
        return false;
    };
    let fits = Argon2::default().verify_password(password.as_bytes(), &parsed);
    fits.is_ok() && hash.is_some()
}

/// Whether a hash in `city.toml` is one that the gateway can work with, or what is wrong.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let expected = "a hash that `citysense password` printed is expected, $argon2id$v=19$…";
    // What is wrong is not said again: somebody may have put the password itself there.
    let parsed = PasswordHash::new(text).map_err(|_| expected.to_owned())?;
    if parsed.algorithm.as_str() != "argon2id" || parsed.hash.is_none() || parsed.salt.is_none() {
        return Err(expected.to_owned());
    }
    let number = |name: &str| parsed.params.get_decimal(name).unwrap_or_default();
    let (memory, rounds, lanes) = (number("m"), number("t"), number("p"));
    let is_fit = MEMORY_KIB.contains(&memory)
        && (1..=ROUNDS_MAX).contains(&rounds)
        && (1..=LANES_MAX).contains(&lanes);
    match is_fit {
        true => Ok(()),
        false => Err(format!(
            "its parameters must be m={}..{}, t=1..{ROUNDS_MAX}, p=1..{LANES_MAX}; make it anew with `citysense password`",
            MEMORY_KIB.start(),
            MEMORY_KIB.end()
        )),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_of_a_known_name_fits() {
        let hashed = Hashed(hash("correct horse battery").unwrap());
        assert_eq!(check(&hashed.0), Ok(()));
        assert!(verify(Some(&hashed), None, "correct horse battery"));
        assert!(!verify(Some(&hashed), None, "correct horse batterz"));
        assert!(!verify(None, Some(&hashed), "correct horse battery"));
        // The stand-in is a whole hash, so it costs what others cost.
        assert_eq!(check(STAND_IN), Ok(()));
        assert!(!verify(None, None, ""));
    }

    #[test]
    fn a_hash_that_is_none_is_refused_without_being_said_again() {
        for wrong in [
            "swordfish",
            "",
            "$argon2id$",
            "$argon2i$v=19$m=19456,t=2,p=1$bm9ib2R5aGFzdGhpc29uZQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$2b$12$abcdefghijklmnopqrstuv",
        ] {
            let said = check(wrong).unwrap_err();
            assert!(said.contains("citysense password"), "{said}");
            assert!(!said.contains("swordfish"), "{said}");
        }
        let greedy = STAND_IN.replace("m=19456", "m=4000000");
        assert!(check(&greedy).unwrap_err().contains("m=7168"));
        assert!(check(&STAND_IN.replace("t=2", "t=900")).is_err());
    }
}
