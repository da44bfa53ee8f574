"""HTTP/1.1 over TLS: cheroot, with OpenSSL below it. The back channel demands a client certificate in the handshake."""

import ssl

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

# ECDHE with an AEAD; TLS 1.3 has its own list.
SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"


class Adapter(BuiltinSSLAdapter):
    """Hands the names in the client certificate to the application."""

    def get_environ(self, sock):
        environ = super().get_environ(sock)
        shown = sock.getpeercert() or {}
        common = [value for part in shown.get("subject", ()) for key, value in part if key == "commonName"]
        names = [value for kind, value in shown.get("subjectAltName", ()) if kind == "DNS"]
        environ["foreign.names"] = common + names
        return environ


def plain(application):
    """A server without TLS at a free port of loopback, for behind a proxy; not started yet."""
    server = Server(("127.0.0.1", 0), application, numthreads=8, server_name="kade")
    # A scan breaks off handshakes by the hundred; each would be told.
    server.error_log = lambda *_, **__: None
    return server


def serve(application, certificate, key, clients_ca=None):
    """A server at a free port of loopback, not started yet."""
    adapter = Adapter(certificate, key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(SUITES)
    # One good group: OpenSSL would offer groups of its own that the guideline does not rate as good.
    context.set_ecdh_curve("prime256v1")
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.load_cert_chain(certificate, key)
    if clients_ca:
        context.load_verify_locations(clients_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    adapter.context = context
    server = plain(application)
    server.ssl_adapter = adapter
    return server
