"""nginx in front: it ends TLS, demands the client certificate, and hands it on in a header, as many a hospital has it. It asks for
patience (429) when requests come fast."""

import subprocess
from urllib.parse import unquote

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

HEADER = "X-Kade-Certificate"
# What the application answers to a host that is not listed; nginx makes a closed connection of it.
UNLISTED = 470

CONFIGURATION = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
user {user};
worker_processes 2;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server_tokens off;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;
  ssl_ecdh_curve X25519:prime256v1:secp384r1;
  ssl_prefer_server_ciphers off;
  ssl_session_cache shared:kade:1m;
  gzip on;
  gzip_types application/fhir+json application/fhir+xml application/json;
  limit_req_zone $server_port zone=pace:1m rate=20r/s;
  limit_req zone=pace burst=8 nodelay;
  limit_req_status 429;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
{servers}
}}
"""

SERVER = """
  server {{
    listen 127.0.0.1:{port} ssl;
    server_name {host};
    ssl_certificate {certificate};
    ssl_certificate_key {key};
{client}
    location / {{ proxy_pass http://127.0.0.1:{behind}; proxy_set_header {header} $ssl_client_escaped_cert; }}
  }}
"""

CLIENT = """
    ssl_client_certificate {ca};
    ssl_verify_client on;
    ssl_verify_depth 3;
    proxy_intercept_errors on;
    error_page {unlisted} = @close;
    location @close {{ return 444; }}
"""


def start(folder, user, servers, clients_ca):
    """nginx before these servers: host, port, certificate, key, port behind it, whether it asks clients who they are."""
    blocks = []
    for host, port, certificate, key, behind, asks in servers:
        client = CLIENT.format(ca=clients_ca, unlisted=UNLISTED) if asks else ""
        blocks.append(SERVER.format(host=host, port=port, certificate=certificate, key=key, behind=behind, client=client, header=HEADER))
    path = folder / "nginx.conf"
    path.write_text(CONFIGURATION.format(folder=folder, user=user, servers="".join(blocks)))
    return subprocess.Popen(["nginx", "-p", str(folder), "-c", str(path)])


def with_names(application):
    """The names of the certificate in the header, as the application behind it takes them."""

    def wrapped(environ, start_response):
        text = unquote(environ.pop("HTTP_" + HEADER.upper().replace("-", "_"), ""))
        environ["foreign.names"] = names(x509.load_pem_x509_certificate(text.encode())) if text else []
        return application(environ, start_response)

    return wrapped


def names(certificate):
    common = [part.value for part in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    try:
        extension = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    except x509.ExtensionNotFound:
        return common
    return common + extension.value.get_values_for_type(x509.DNSName)
