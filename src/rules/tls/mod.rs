//! Rules of TLS, certificates and the network.

pub mod whitelist;

pub mod tls_13;
pub mod tls_14;
pub mod tls_17;
pub mod tls_26;
pub mod tls_28;
