//! The city secret: what every node's key is derived from. Made once, readable by its owner alone, never logged.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rand::RngCore;

/// Length of the secret in bytes.
pub const SECRET_LEN: usize = 32;
const FILE: &str = "secret";

/// Why there is no secret.
#[derive(Debug)]
pub enum SecretError {
    /// The file is not 64 hexadecimal digits.
    Malformed(PathBuf),
    /// Others can read or change the file.
    TooOpen(PathBuf),
    Io(PathBuf, io::Error),
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretError::Malformed(path) => write!(
                f,
                "{} must hold 64 hexadecimal digits; bring back the original, or every node must be given a new key",
                path.display()
            ),
            SecretError::TooOpen(path) => write!(
                f,
                "{0} can be read by others; chmod 600 {0}",
                path.display()
            ),
            SecretError::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for SecretError {}

/// The secret in the data directory; made from the system's randomness when there is none yet.
pub fn secret(data: &Path) -> Result<[u8; SECRET_LEN], SecretError> {
    let path = data.join(FILE);
    let failed = |error| SecretError::Io(path.clone(), error);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            if is_open_to_others(&path).map_err(failed)? {
                return Err(SecretError::TooOpen(path));
            }
            from_hex(text.trim()).ok_or(SecretError::Malformed(path))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::fs::create_dir_all(data).map_err(failed)?;
            let mut secret = [0; SECRET_LEN];
            rand::rng().fill_bytes(&mut secret);
            write_private(&path, to_hex(&secret).as_bytes()).map_err(failed)?;
            Ok(secret)
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(SecretError::Malformed(path))
        }
        Err(error) => Err(failed(error)),
    }
}

/// Writes a file that its owner alone can read: beside its place and moved there, so that a crash leaves no half of it.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_path: &Path) -> io::Result<bool> {
    Ok(false)
}

fn to_hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits + "\n"
}

fn from_hex(text: &str) -> Option<[u8; SECRET_LEN]> {
    let mut bytes = [0; SECRET_LEN];
    if text.len() != 2 * SECRET_LEN || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_kept_to_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let made = secret(&data).unwrap();
        assert_ne!(made, [0; SECRET_LEN]);
        assert_eq!(secret(&data).unwrap(), made);

        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = data.join(FILE);
            let mode =
                |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            assert!(!is_open_to_others(&path).unwrap());
            mode(0o640);
            assert!(matches!(secret(&data), Err(SecretError::TooOpen(_))));
            mode(0o600);
        }
        std::fs::write(data.join(FILE), "not hexadecimal").unwrap();
        assert!(matches!(secret(&data), Err(SecretError::Malformed(_))));
    }
}
