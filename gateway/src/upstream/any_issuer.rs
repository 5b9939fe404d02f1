//! `insecureSkipVerification`: a server's certificate is checked for its name and its dates, but anybody may have issued it.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/api/API_TlsConfig.html>

use rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};
use std::sync::Arc;

/// Believes whoever issued the last certificate that the server sends.
#[derive(Debug)]
pub(super) struct AnyIssuer(pub(super) Arc<CryptoProvider>);

impl ServerCertVerifier for AnyIssuer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = ParsedCertificate::try_from(end_entity)?;
        let mut roots = RootCertStore::empty();
        roots.add(intermediates.last().unwrap_or(end_entity).clone().into_owned())?;
        let algorithms = self.0.signature_verification_algorithms.all;
        let chain = verify_server_cert_signed_by_trust_anchor(&certificate, &roots, intermediates, now, algorithms);
        match chain {
            Ok(()) => {}
            // A certificate that one signs for oneself is an authority's most often. Its dates have been checked by then.
            Err(Error::InvalidCertificate(CertificateError::Other(other)))
                if other.0.to_string() == "CaUsedAsEndEntity" => {}
            Err(error) => return Err(error),
        }
        verify_server_name(&certificate, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Signed by itself for `backend.test`, until 2126; the first one is an authority's.
    const AUTHORITY: &[u8] = include_bytes!("any_issuer/authority.der");
    const SERVER: &[u8] = include_bytes!("any_issuer/server.der");

    fn verified(certificate: &'static [u8], name: &'static str, year: u64) -> bool {
        let verifier = AnyIssuer(Arc::new(rustls::crypto::ring::default_provider()));
        let now = UnixTime::since_unix_epoch(Duration::from_secs((year - 1970) * 31_557_600));
        let name = ServerName::try_from(name).unwrap();
        verifier.verify_server_cert(&CertificateDer::from(certificate), &[], &name, &[], now).is_ok()
    }

    #[test]
    fn only_the_issuer_does_not_matter() {
        for certificate in [AUTHORITY, SERVER] {
            assert!(verified(certificate, "backend.test", 2030));
            assert!(!verified(certificate, "other.test", 2030), "the name");
            assert!(!verified(certificate, "backend.test", 2020), "not valid yet");
            assert!(!verified(certificate, "backend.test", 2130), "expired");
        }
    }

    #[test]
    fn a_broken_certificate_is_none() {
        assert!(!verified(SERVER.get(..SERVER.len() - 1).unwrap(), "backend.test", 2030));
    }
}
