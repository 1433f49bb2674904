//! Certificates for peers that speak TLS, made anew for each test.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// Who vouches for the certificate.
pub const AUTHORITY: &str = "ca.pem";
pub const CERTIFICATE: &str = "certificate.pem";
pub const KEY: &str = "key.pem";

/// An authority of its own, and a certificate for `localhost` from it.
#[allow(clippy::unwrap_used)]
pub fn make_certificates(dir: &Path) {
    let mut params = CertificateParams::default();
    // Of another name than the certificate, which else looks as if it vouched for itself.
    let name = "citysense test authority";
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    // Not the authority's, or OpenSSL takes the certificate for one that vouches for itself.
    params
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    let certificate = params.signed_by(&key, &authority).unwrap();
    std::fs::write(dir.join(AUTHORITY), authority.pem()).unwrap();
    std::fs::write(dir.join(CERTIFICATE), certificate.pem()).unwrap();
    std::fs::write(dir.join(KEY), key.serialize_pem()).unwrap();
}
