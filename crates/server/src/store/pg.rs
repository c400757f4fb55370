//! The way to PostgreSQL: in clear on this machine or a line of one's own, over TLS where the URL says `sslmode=require`.

use std::sync::Arc;

use postgres::{Client, Config, NoTls, config::SslMode};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::DbError;

/// Connects. With `sslmode=require` the server has to show a certificate for its name that this machine trusts, which is
/// more than the same word means to libpq: encryption to whoever answers would protect nothing.
///
/// # Errors
/// Fails where the server cannot be reached or does not prove who it is.
pub fn connect(config: &Config) -> Result<Client, DbError> {
    match config.get_ssl_mode() {
        SslMode::Require => Ok(config.connect(tls()?)?),
        _ => Ok(config.connect(NoTls)?),
    }
}

fn tls() -> Result<MakeRustlsConnect, DbError> {
    let mut trusted = RootCertStore::empty();
    // One that cannot be read is one that is not trusted.
    trusted.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| DbError::Address(error.to_string()))?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
