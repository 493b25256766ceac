use ureq::tls::{Certificate, RootCerts};

/// The certificates that TLS connections trust: the host's, so that a company's own are trusted, or
/// those of browsers if the host has none.
pub(crate) fn root_certificates() -> RootCerts {
    let found = rustls_native_certs::load_native_certs().certs;
    if found.is_empty() {
        return RootCerts::WebPki;
    }
    let certificates: Vec<Certificate<'static>> = found
        .iter()
        .map(|certificate| Certificate::from_der(certificate.as_ref()).to_owned())
        .collect();
    RootCerts::new_with_certs(&certificates)
}
