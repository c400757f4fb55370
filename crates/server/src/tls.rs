//! Certificate and key from files, and again from files when told to.

use std::path::Path;
use std::sync::{Arc, RwLock};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::config::TlsFiles;

/// Why TLS cannot be spoken with these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file cannot be read as PEM.
    #[error("{0}: {1}")]
    File(String, String),
    /// Certificate and key do not belong together, or are of a kind that cannot be used.
    #[error("certificate and key do not fit: {0}")]
    Unfit(String),
}

/// The certificate in use; can be replaced while serving.
#[derive(Debug)]
pub struct Certificate {
    files: TlsFiles,
    now: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads the files.
    ///
    /// # Errors
    /// Fails where they cannot be read or do not belong together.
    pub fn load(files: &TlsFiles) -> Result<Certificate, TlsError> {
        Ok(Certificate { files: files.clone(), now: RwLock::new(Arc::new(read(files)?)) })
    }

    /// Reads the files again; what is in use stays where they are bad.
    ///
    /// # Errors
    /// As [`Certificate::load`].
    pub fn reload(&self) -> Result<(), TlsError> {
        let fresh = Arc::new(read(&self.files)?);
        *self.now.write().unwrap_or_else(std::sync::PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// When the certificate ends, unix seconds, where that can be read from it.
    #[must_use]
    pub fn ends(&self) -> Option<i64> {
        let now = self.now.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        now.cert.first().and_then(|cert| not_after(cert))
    }

    /// The rustls configuration that serves it, HTTP/2 first.
    ///
    /// # Errors
    /// Fails where ring and rustls do not agree on protocol versions.
    pub fn server_config(self: &Arc<Self>) -> Result<Arc<rustls::ServerConfig>, TlsError> {
        let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Unfit(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.send_tls13_tickets = 1;
        Ok(Arc::new(config))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.now.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone())
    }
}

fn read(files: &TlsFiles) -> Result<CertifiedKey, TlsError> {
    let told = |path: &Path, error: &dyn std::fmt::Display| {
        TlsError::File(path.display().to_string(), error.to_string())
    };
    let chain = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| told(&files.cert, &error))?;
    if chain.is_empty() {
        return Err(told(&files.cert, &"no certificate in it"));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| told(&files.key, &error))?;
    let certified = CertifiedKey::from_der(chain, key, &ring::default_provider())
        .map_err(|error| TlsError::Unfit(error.to_string()))?;
    certified.keys_match().map_err(|error| TlsError::Unfit(error.to_string()))?;
    Ok(certified)
}

/// The end of validity of a DER certificate: Certificate → TBSCertificate → validity → notAfter.
fn not_after(cert: &[u8]) -> Option<i64> {
    let (_, certificate, _) = element(cert)?;
    let (_, mut rest, _) = element(certificate)?;
    if rest.first() == Some(&0xA0) {
        rest = element(rest)?.2;
    }
    // serial number, signature algorithm, issuer
    for _ in 0..3 {
        rest = element(rest)?.2;
    }
    let (_, validity, _) = element(rest)?;
    let (tag, end, _) = element(element(validity)?.2)?;
    let text = std::str::from_utf8(end).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag {
        0x17 => {
            let short: i16 = text.get(..2)?.parse().ok()?;
            (if short < 50 { 2000 + short } else { 1900 + short }, text.get(2..)?)
        }
        0x18 => (text.get(..4)?.parse().ok()?, text.get(4..)?),
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2)?.parse::<i8>().ok();
    let date = jiff::civil::DateTime::new(year, part(0)?, part(2)?, part(4)?, part(6)?, part(8)?, 0).ok()?;
    Some(jiff::tz::TimeZone::UTC.to_timestamp(date).ok()?.as_second())
}

/// The first DER element: its tag, its content, what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, first) = (*der.first()?, usize::from(*der.get(1)?));
    let (len, head) = if first < 0x80 {
        (first, 2)
    } else {
        let bytes = first & 0x7F;
        if bytes == 0 || bytes > 4 {
            return None;
        }
        let len = der.get(2..2 + bytes)?.iter().fold(0_usize, |len, byte| len << 8 | usize::from(*byte));
        (len, 2 + bytes)
    };
    let end = head.checked_add(len)?;
    Some((tag, der.get(head..end)?, der.get(end..)?))
}
