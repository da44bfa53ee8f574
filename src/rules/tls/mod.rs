//! Rules of TLS, certificates and the network.

pub mod tls_13;
pub mod tls_17;
