//! Rules of TLS, certificates and the network.

pub mod tls_13;
