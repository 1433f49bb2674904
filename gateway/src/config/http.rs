//! `[http]`: where page, API and metrics are served, and by which certificate.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::document::Section;
use super::{Identity, value};

/// Reads `[http]`; `has_access`: the city says who may read and act.
pub(crate) fn resolve(
    mut http: Section<'_>,
    default: SocketAddr,
    has_access: bool,
    directory: &Path,
) -> (SocketAddr, Option<Identity>) {
    let bind = http.read("bind", value::address).unwrap_or(default);
    if !bind.ip().is_loopback() && !has_access {
        http.problem(format!(
            "bind = \"{bind}\" lets anybody in the network read; say in [access] who may, or bind to 127.0.0.1"
        ));
    }
    let mut tls = http.section("tls");
    let is_there = !tls.is_empty();
    let [certificate, key] =
        ["certificate", "key"].map(|key| tls.read(key, |value| file(value, directory)));
    let identity = certificate
        .zip(key)
        .map(|(certificate, key)| Identity { certificate, key });
    if is_there && identity.is_none() {
        tls.problem("certificate and key are needed, both files that are there".to_owned());
    }
    tls.finish();
    http.finish();
    (bind, identity)
}

/// A file that must be there; relative paths start at the city directory.
pub(super) fn file(value: &toml::de::DeValue<'_>, directory: &Path) -> Result<PathBuf, String> {
    let path = directory.join(value::text(value)?);
    match path.is_file() {
        true => Ok(path),
        false => Err(format!("there is no file {}", path.display())),
    }
}
