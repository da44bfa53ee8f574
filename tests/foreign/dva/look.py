"""Looks of the same server: how it puts things where the texts leave it free."""

import gzip
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Look:
    """What differs between the looks."""

    name: str
    # Certificates of servers: RSA of 3072 bits, or P-256.
    strong_rsa: bool
    # The person logs in at another host, which sends a form back that posts itself (as SAML does).
    own_login: bool
    # References in resources are absolute addresses.
    absolute_references: bool
    # Resources on one page of a search.
    page_size: int
    # Bundles say how many there are in all.
    tells_total: bool
    # CapabilityStatement without token.
    open_metadata: bool
    # Errors of the resource interface as OperationOutcome, or as Authlib writes them.
    outcome_errors: bool
    # Status for a FHIR version that is not spoken.
    version_status: int
    # nginx in front, which closes the connection of a host that is not listed.
    proxy: bool
    # Pack bodies, send them in chunks, close after each answer, names of headers in capitals.
    packs: bool
    chunks: bool
    closes: bool
    capitals: bool


KADE = Look(
    name="kade", strong_rsa=True, own_login=True, absolute_references=False, page_size=3, tells_total=True,
    open_metadata=True, outcome_errors=False, version_status=406, packs=False, chunks=True, closes=False, capitals=False,
    proxy=False,
)
WERF = Look(
    name="werf", strong_rsa=False, own_login=False, absolute_references=True, page_size=50, tells_total=False,
    open_metadata=False, outcome_errors=True, version_status=400, packs=True, chunks=False, closes=True, capitals=True,
    proxy=False,
)
DOK = replace(KADE, name="dok", strong_rsa=False, outcome_errors=True, open_metadata=False, page_size=20, proxy=True)
LOOKS = {look.name: look for look in (KADE, WERF, DOK)}


def dressed(application, look):
    """The application with the HTTP side of a look."""

    def wrapped(environ, start_response):
        held = {}

        def hold(status, headers, exc_info=None):
            held["status"], held["headers"] = status, headers

        body = b"".join(application(environ, hold))
        headers = [(name, value) for name, value in held["headers"] if name.lower() != "content-length"]
        # Also where it is not asked: a server should heed Accept-Encoding, and need not (RFC 9110, section 12.5.3).
        if look.packs and body:
            body = gzip.compress(body)
            headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
        has_body = held["status"][:3] not in ("204", "304")
        if not look.chunks and has_body:
            headers.append(("Content-Length", str(len(body))))
        if look.closes:
            headers.append(("Connection", "close"))
        if look.capitals:
            headers = [(name.upper(), value) for name, value in headers]
        start_response(held["status"], headers)
        return [body[at : at + 700] for at in range(0, len(body), 700)]

    return wrapped
