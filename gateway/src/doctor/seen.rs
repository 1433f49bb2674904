//! What certificate a server shows, whoever has signed it.

use std::sync::{Arc, OnceLock};

use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::crypto::{
    WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

/// Takes whatever certificate is shown and keeps it, to be compared with a file: for a connection over which nothing is
/// said that anybody may not hear. That the server has the certificate's key is verified.
#[derive(Debug)]
pub(super) struct Seen {
    shown: OnceLock<CertificateDer<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Seen {
    /// The settings of one connection, and what it will have seen.
    pub(super) fn config() -> Result<(Arc<ClientConfig>, Arc<Seen>), Error> {
        let provider = Arc::new(default_provider());
        let seen = Arc::new(Seen {
            shown: OnceLock::new(),
            algorithms: provider.signature_verification_algorithms,
        });
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(seen.clone())
            .with_no_client_auth();
        Ok((Arc::new(config), seen))
    }

    /// The server's own certificate; `None`: it has shown none yet.
    pub(super) fn shown(&self) -> Option<&CertificateDer<'static>> {
        self.shown.get()
    }
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _chain: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // Of one connection there is one.
        let _ = self.shown.set(certificate.clone().into_owned());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
