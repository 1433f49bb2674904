//! The sections of a stored value, one behind the other.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoredError;

/// Puts a section behind the others.
pub(super) fn section(into: &mut Vec<u8>, section: &impl Serialize) -> Result<(), StoredError> {
    let bytes = bincode::serde::encode_to_vec(section, bincode::config::standard())
        .map_err(|error| StoredError(error.to_string()))?;
    into.extend(bytes);
    Ok(())
}

/// The next section, unless the value ends here.
pub(super) fn next<T: DeserializeOwned>(
    rest: &mut &[u8],
) -> Result<Option<T>, bincode::error::DecodeError> {
    if rest.is_empty() {
        return Ok(None);
    }
    // No section is longer than its value: a length that lies cannot ask for more memory than that.
    let config = bincode::config::standard().with_limit::<VALUE_LEN_MAX>();
    let (section, len) = bincode::serde::decode_from_slice(rest, config)?;
    *rest = rest.get(len..).unwrap_or_default();
    Ok(Some(section))
}

/// A section that was not known when the value was written says nothing.
pub(super) fn or_nothing<T: Default>(
    read: Result<Option<T>, bincode::error::DecodeError>,
) -> Result<T, String> {
    read.map(Option::unwrap_or_default)
        .map_err(|error| error.to_string())
}

/// Longest stored value in bytes that is read; one with every text at its longest is far below.
const VALUE_LEN_MAX: usize = 1 << 20;
