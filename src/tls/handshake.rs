//! Perform a TLS handshake with the usual checks and record the certificate chain and the negotiated
//! parameters. No application data is sent.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error,
    PeerIncompatible, RootCertStore, SignatureScheme, SupportedCipherSuite,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::certificate;
use crate::domain::doctor::facts::{Handshake, TlsProblem};

/// Further certificates of a chain are ignored.
const LONGEST_CHAIN: usize = 10;

/// Forwards every check to the real verifier, and records the chain.
#[derive(Debug)]
struct Watcher {
    judge: Arc<WebPkiServerVerifier>,
    chain: Mutex<Vec<Vec<u8>>>,
}

/// All cipher suites that we support.
pub(crate) fn suites() -> &'static [SupportedCipherSuite] {
    aws_lc_rs::DEFAULT_CIPHER_SUITES
}

/// The suite's name in the IANA registry.
pub(crate) fn name_of(suite: SupportedCipherSuite) -> Option<String> {
    suite.suite().as_str().map(str::to_owned)
}

/// Performs the handshake with these suites, as far as it gets.
pub(crate) async fn handshake<S>(
    stream: &mut S,
    name: &str,
    roots: RootCertStore,
    offer: &[SupportedCipherSuite],
) -> Handshake
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (watcher, mut connection) = match prepared(name, roots, offer) {
        Ok(prepared) => prepared,
        Err(problem) => return Handshake { problem: Some(problem), ..Handshake::default() },
    };
    let problem = driven(&mut connection, stream).await.err();
    let chain = watcher.chain.lock().unwrap_or_else(PoisonError::into_inner);
    Handshake {
        protocol: connection
            .protocol_version()
            .and_then(|version| version.as_str())
            .map(|name| name.replace('_', ".")),
        suite: connection.negotiated_cipher_suite().and_then(name_of),
        shared: Vec::new(),
        chain: chain.iter().filter_map(|der| certificate::read(der)).collect(),
        encoded: chain.clone(),
        problem,
    }
}

fn prepared(
    name: &str,
    roots: RootCertStore,
    offer: &[SupportedCipherSuite],
) -> Result<(Arc<Watcher>, ClientConnection), TlsProblem> {
    let other = |error: &dyn std::fmt::Display| TlsProblem::Other(error.to_string());
    let provider = CryptoProvider { cipher_suites: offer.to_vec(), ..aws_lc_rs::default_provider() };
    let provider = Arc::new(provider);
    let judge = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|error| other(&error))?;
    let watcher = Arc::new(Watcher { judge, chain: Mutex::default() });
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| other(&error))?
        // only a verifier that skips the checks would be dangerous: this one calls the library's own
        .dangerous()
        .with_custom_certificate_verifier(watcher.clone())
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).map_err(|error| other(&error))?;
    let connection = ClientConnection::new(Arc::new(config), name).map_err(|error| other(&error))?;
    Ok((watcher, connection))
}

async fn driven<S>(connection: &mut ClientConnection, stream: &mut S) -> Result<(), TlsProblem>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut buffer = vec![0; 16 * 1024];
    while connection.is_handshaking() {
        flush(connection, stream).await?;
        if !connection.is_handshaking() {
            break;
        }
        let read = stream.read(&mut buffer).await.map_err(|error| broken(&error))?;
        if read == 0 {
            return Err(TlsProblem::HungUp("the connection was closed".to_owned()));
        }
        let mut input = &buffer[..read];
        while !input.is_empty() {
            connection.read_tls(&mut input).map_err(|error| TlsProblem::Other(error.to_string()))?;
            connection.process_new_packets().map_err(|error| problem(&error))?;
        }
    }
    connection.send_close_notify();
    // the session is established; a failure to send the closing alert does not change that
    let _ = flush(connection, stream).await;
    Ok(())
}

async fn flush<S>(connection: &mut ClientConnection, stream: &mut S) -> Result<(), TlsProblem>
where
    S: AsyncWrite + Unpin,
{
    let mut output = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut output).map_err(|error| TlsProblem::Other(error.to_string()))?;
    }
    stream.write_all(&output).await.map_err(|error| broken(&error))
}

fn broken(error: &std::io::Error) -> TlsProblem {
    match error.kind() {
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            TlsProblem::HungUp(error.to_string())
        }
        _ => TlsProblem::Other(error.to_string()),
    }
}

fn problem(error: &Error) -> TlsProblem {
    match error {
        Error::AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity) => {
            TlsProblem::NoSharedSuite
        }
        Error::AlertReceived(AlertDescription::ProtocolVersion)
        | Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => TlsProblem::OldVersion(error.to_string()),
        Error::InvalidMessage(_) => TlsProblem::NotTls(error.to_string()),
        Error::InvalidCertificate(bad) => of_certificate(bad),
        other => TlsProblem::Other(other.to_string()),
    }
}

fn of_certificate(bad: &CertificateError) -> TlsProblem {
    match bad {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => TlsProblem::Dates(bad.to_string()),
        // a CA with the name of a trusted one but another key
        CertificateError::UnknownIssuer | CertificateError::BadSignature => TlsProblem::UnknownIssuer,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsProblem::WrongName
        }
        other => TlsProblem::Certificate(other.to_string()),
    }
}

impl ServerCertVerifier for Watcher {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates).take(LONGEST_CHAIN);
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = chain.map(|der| der.to_vec()).collect();
        self.judge.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    fn roots() -> RootCertStore {
        let key = rcgen::KeyPair::generate().expect("a key");
        let made = rcgen::CertificateParams::new(["ca".to_owned()]).expect("a name").self_signed(&key);
        let mut roots = RootCertStore::empty();
        roots.add(made.expect("a certificate").der().clone()).expect("a CA");
        roots
    }

    async fn against(answer: &[u8]) -> TlsProblem {
        let (mut ours, mut theirs) = duplex(64 * 1024);
        theirs.write_all(answer).await.expect("room");
        drop(theirs.shutdown().await);
        handshake(&mut ours, "dc1.example.com", roots(), suites()).await.problem.expect("a problem")
    }

    #[tokio::test]
    async fn each_response_instead_of_a_server_hello_has_its_own_error() {
        // RFC 8446 section 6: content type alert, version, length, fatal, description
        let alert = |description: u8| [21, 3, 3, 0, 2, 2, description];
        assert_eq!(against(&alert(40)).await, TlsProblem::NoSharedSuite);
        assert_eq!(against(&alert(71)).await, TlsProblem::NoSharedSuite);
        assert!(matches!(against(&alert(70)).await, TlsProblem::OldVersion(_)));
        assert!(matches!(against(b"HTTP/1.1 400 Bad Request\r\n\r\n").await, TlsProblem::NotTls(_)));
        assert!(matches!(against(b"").await, TlsProblem::HungUp(_)));
    }
}
