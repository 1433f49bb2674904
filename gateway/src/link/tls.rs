//! TLS towards an outside broker or an Alertmanager: whom the gateway trusts, and what it shows of itself.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::config::{Identity, Trust};

/// Why no TLS connection can be tried.
#[derive(Debug)]
pub enum TlsError {
    /// A PEM file, and what is wrong with it.
    File(PathBuf, pem::Error),
    /// The file has no certificate in it.
    Empty(PathBuf),
    /// The system's own authorities could not be read.
    System(String),
    /// Certificate and key do not fit, or the library cannot use them.
    Unusable(String),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TlsError::File(path, error) => write!(f, "{}: {error}", path.display()),
            TlsError::Empty(path) => {
                write!(f, "{}: no certificate in it", path.display())
            }
            TlsError::System(error) => write!(
                f,
                "the system's certificate authorities cannot be read: {error}; name a file by ca"
            ),
            TlsError::Unusable(error) => {
                write!(f, "certificate and key: {error}")
            }
        }
    }
}

impl std::error::Error for TlsError {}

/// Reads the files that `trust` names; without `ca` the system's authorities are trusted.
pub fn client_config(trust: &Trust) -> Result<Arc<ClientConfig>, TlsError> {
    let unusable = |error: tokio_rustls::rustls::Error| TlsError::Unusable(error.to_string());
    let mut roots = RootCertStore::empty();
    match &trust.authorities {
        Some(path) => {
            for certificate in certificates(path)? {
                roots.add(certificate).map_err(unusable)?;
            }
        }
        None => {
            let system = rustls_native_certs::load_native_certs();
            let (added, _) = roots.add_parsable_certificates(system.certs);
            if added == 0 {
                let cause = system.errors.first().map(ToString::to_string);
                return Err(TlsError::System(
                    cause.unwrap_or_else(|| "there are none".to_owned()),
                ));
            }
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_root_certificates(roots);
    let config = match &trust.identity {
        None => config.with_no_client_auth(),
        Some(Identity { certificate, key }) => {
            let chain = certificates(certificate)?;
            let key = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| TlsError::File(key.clone(), error))?;
            config.with_client_auth_cert(chain, key).map_err(unusable)?
        }
    };
    Ok(Arc::new(config))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |error| TlsError::File(path.to_owned(), error);
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(failed)?
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    match certificates.is_empty() {
        true => Err(TlsError::Empty(path.to_owned())),
        false => Ok(certificates),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_none_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        let said = |authorities: &Path| {
            let trust = Trust {
                authorities: Some(authorities.to_owned()),
                identity: None,
            };
            client_config(&trust).unwrap_err().to_string()
        };
        assert!(said(&path).contains("ca.pem"), "missing: {}", said(&path));
        std::fs::write(&path, "not PEM at all").unwrap();
        assert!(
            said(&path).ends_with("ca.pem: no certificate in it"),
            "{}",
            said(&path)
        );
        std::fs::write(
            &path,
            "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n",
        )
        .unwrap();
        assert!(said(&path).contains("ca.pem"), "broken: {}", said(&path));
    }
}
