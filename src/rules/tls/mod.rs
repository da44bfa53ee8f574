//! Rules of TLS, certificates and the network.

pub mod ncsc;
mod offer;
pub mod scan;
pub mod shown;
pub mod tls_01;
pub mod tls_05;
pub mod tls_06;
pub mod tls_07;
pub mod tls_08;
pub mod tls_09;
pub mod tls_10;
pub mod tls_13;
pub mod tls_14;
pub mod tls_15;
pub mod tls_17;
pub mod tls_18;
pub mod tls_20;
pub mod tls_21;
pub mod tls_22;
pub mod tls_23;
pub mod tls_24;
pub mod tls_25;
pub mod tls_26;
pub mod tls_28;
pub mod tls_30;
pub mod tls_31;
pub mod whitelist;
