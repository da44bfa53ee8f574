"""Certificates for one run: a root, an issuer under it, servers, and every client that the suite needs."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


def pem(thing):
    """The PEM text of a certificate or a private key."""
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM).decode()
    form = serialization.PrivateFormat.PKCS8
    return thing.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def name(common, unit):
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Kade Koppelingen (fictief)"),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    return x509.Name(parts)


class Authority:
    """A certificate that signs others."""

    def __init__(self, common, parent=None):
        self.key = ec.generate_private_key(ec.SECP384R1())
        self.subject = name(common, "PKI")
        self.parent = parent
        signer = parent or self
        builder = begin(self.subject, signer.subject, self.key.public_key(), -DAY, 400 * DAY)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        builder = builder.add_extension(usage(sign=True), critical=True)
        self.certificate = builder.sign(signer.key, hashes.SHA384())

    def issue(self, common, names, purpose, *, strong_rsa=False, start=-DAY, end=90 * DAY):
        """A leaf with this Common Name and these Subject Alternative Names; its chain and key as PEM."""
        key = rsa.generate_private_key(65537, 3072) if strong_rsa else ec.generate_private_key(ec.SECP256R1())
        builder = begin(name(common, "Productie"), self.subject, key.public_key(), start, end)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(usage(sign=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        builder = builder.add_extension(x509.SubjectAlternativeName([general(n) for n in names]), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        leaf = builder.sign(self.key, hashes.SHA256())
        return pem(leaf) + pem(self.certificate), pem(key)


def begin(subject, issuer, public_key, start, end):
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder(issuer, subject, public_key, x509.random_serial_number())
    return builder.not_valid_before(now + start).not_valid_after(now + end)


def general(text):
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def usage(sign):
    return x509.KeyUsage(
        digital_signature=not sign, key_cert_sign=sign, crl_sign=sign, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )


SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


# Host name of the stelselnode that the server is told to fetch its lists from.
NODE = "stelsel.voorbeeld.example"


class World:
    """All certificates of one run, in a folder for OpenSSL and as text for the candidate file."""

    def __init__(self, folder: Path, servers, client, other_client, strong_rsa):
        self.root = Authority("Kade Root")
        self.issuer = Authority("Kade Issuing", self.root)
        self.folder = folder
        self.files = {}
        for host in servers:
            chain, key = self.issuer.issue(host, [host], SERVER, strong_rsa=strong_rsa)
            self.files[host] = (self.write(f"{host}.pem", chain), self.write(f"{host}.key", key))
        self.ca_file = self.write("clients-ca.pem", pem(self.issuer.certificate) + pem(self.root.certificate))
        stranger = "nergens-bekend.voorbeeld.example"
        self.client = self.issuer.issue(client, [client], CLIENT)
        # For the stelselnode, and for the server where it fetches its lists.
        self.node = self.issuer.issue(NODE, [NODE], SERVER)
        chain, key = self.issuer.issue(servers[-1], [servers[-1]], CLIENT)
        self.root_file = self.write("root.pem", pem(self.root.certificate))
        self.fetcher = (self.write("fetcher.pem", chain), self.write("fetcher.key", key))
        self.identities = {
            "listed": (other_client, self.issuer.issue(other_client, [other_client], CLIENT)),
            "unlisted": (stranger, self.issuer.issue(stranger, [stranger], CLIENT)),
            "common-name": (client, self.issuer.issue(client, [stranger], CLIENT)),
            "alternative-name": (client, self.issuer.issue(stranger, [stranger, client], CLIENT)),
            "expired": (client, self.issuer.issue(client, [client], CLIENT, start=-90 * DAY, end=-30 * DAY)),
            "wrong-usage": (client, self.issuer.issue(client, [client], SERVER)),
        }

    def write(self, name, text):
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        return str(path)
