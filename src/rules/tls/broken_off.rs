//! Whether a client broke a connection off, rather than that it came to nothing. Judges nothing. Entry point: [`by_client`].

use crate::exchange::Connection;
use crate::exchange::Handshake;

/// Alerts by which a client says that the handshake itself is not to its liking, whoever it is with (RFC 8446, section 6;
/// RFC 7301): close_notify, unexpected_message, bad_record_mac, record_overflow, illegal_parameter, decode_error, decrypt_error,
/// protocol_version, insufficient_security, inappropriate_fallback, user_canceled, no_renegotiation, missing_extension,
/// unsupported_extension, no_application_protocol.
const OF_OTHER_THINGS: [u8; 15] = [0, 10, 20, 22, 47, 50, 51, 70, 71, 86, 90, 100, 109, 110, 120];

/// Whether the client broke this connection off in a way that can be about whom it is with: an alert that says no other reason,
/// or the connection closed at once. Not one that was never answered, that ran out of time, or that our side refused.
pub fn by_client(connection: &Connection) -> bool {
    match connection.handshake {
        Handshake::Alert => connection.alert.is_none_or(|alert| !OF_OTHER_THINGS.contains(&alert)),
        Handshake::Closed | Handshake::Dropped => true,
        Handshake::Finished | Handshake::RefusedByUs | Handshake::Lapsed | Handshake::NotTls => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_about_the_certificate_breaks_off_and_one_about_the_version_does_not() {
        let met = |handshake, alert| by_client(&Connection { handshake, alert, ..Connection::default() });
        // handshake_failure is what some say when the name is another.
        for alert in [40, 42, 43, 44, 45, 46, 48, 49, 80] {
            assert!(met(Handshake::Alert, Some(alert)), "{alert}");
        }
        for alert in [0, 47, 70, 71, 90, 120] {
            assert!(!met(Handshake::Alert, Some(alert)), "{alert}");
        }
        assert!(met(Handshake::Closed, None) && met(Handshake::Dropped, None));
        for handshake in [Handshake::Finished, Handshake::RefusedByUs, Handshake::Lapsed, Handshake::NotTls] {
            assert!(!met(handshake, None), "{handshake:?}");
        }
    }
}
