#!/usr/bin/env python3
"""Compares `toetsbank probe tls` with sslyze on OpenSSL servers, and prints how long each takes.

Exit 0: for every server both see the same versions, the same suites and the same demand for a client certificate, and
toetsbank takes no longer than a second.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from dva.pki import SERVER, Authority, pem  # noqa: E402
from ports import free_port, wait_for  # noqa: E402

# What the servers are started with, beside certificate and key.
SERVERS = {
    "legacy": ["-min_protocol", "TLSv1", "-cipher", "ALL:COMPLEMENTOFDEFAULT:!PSK:!SRP:@SECLEVEL=0", "-legacy_renegotiation"],
    "good": ["-min_protocol", "TLSv1.2", "-cipher", "ECDHE+AESGCM:ECDHE+CHACHA20", "-groups", "X25519:P-256", "-serverpref"],
    "weak-1.2": ["-tls1_2", "-cipher", "AES128-SHA:AES256-SHA256:ECDHE-RSA-AES128-SHA:DHE-RSA-AES128-GCM-SHA256"],
    "mutual": ["-min_protocol", "TLSv1.2", "-cipher", "ECDHE+AESGCM", "-Verify", "2", "-verify_return_error"],
    "mutual-1.2": ["-tls1_2", "-cipher", "ECDHE+AESGCM", "-Verify", "2", "-verify_return_error"],
}
VERSIONS = {
    "ssl_3_0_cipher_suites": "SSLv3", "tls_1_0_cipher_suites": "TLSv1.0", "tls_1_1_cipher_suites": "TLSv1.1",
    "tls_1_2_cipher_suites": "TLSv1.2", "tls_1_3_cipher_suites": "TLSv1.3",
}
LONGEST = 1.0


def main():
    options = arguments()
    good = True
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        authority = Authority("Vergelijking")
        chain, key = authority.issue("localhost", ["localhost", "127.0.0.1"], SERVER, strong_rsa=True)
        (folder / "chain.pem").write_text(chain)
        (folder / "key.pem").touch(mode=0o600)
        (folder / "key.pem").write_text(key)
        (folder / "ca.pem").write_text(pem(authority.certificate))
        for name, settings in SERVERS.items():
            good = compare(name, settings, folder, options.toetsbank) and good
    return 0 if good else 1


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toetsbank", type=Path, default=HERE.parent.parent / "target/release/toetsbank")
    return parser.parse_args()


def compare(name, settings, folder, toetsbank):
    port = free_port()
    files = ["-cert", folder / "chain.pem", "-cert_chain", folder / "chain.pem", "-key", folder / "key.pem", "-CAfile", folder / "ca.pem"]
    command = ["openssl", "s_server", "-quiet", "-www", "-accept", f"127.0.0.1:{port}", *files, *settings]
    server = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, "openssl s_server does not answer")
        ours, our_time = timed(lambda: of_toetsbank(toetsbank, port))
        (theirs, tried), their_time = timed(lambda: of_sslyze(port))
    finally:
        server.kill()
        server.wait()
    # What sslyze does not offer it cannot find.
    for version, suites in ours["suites"].items():
        if untried := suites - tried[version]:
            print(f"  {version}: sslyze does not offer {sorted(untried)}, which this server accepts")
            suites -= untried
    same = ours == theirs and our_time <= LONGEST
    told = {version: len(suites) for version, suites in ours["suites"].items()}
    print(f"{name:<12} {'same' if ours == theirs else 'DIFFERENT':<10} toetsbank {our_time:.2f} s, sslyze {their_time:.2f} s; suites {told}, client certificate {ours['client certificate']}")
    for version in sorted(set(ours["suites"]) | set(theirs["suites"])):
        mine, other = ours["suites"].get(version, set()), theirs["suites"].get(version, set())
        if mine != other:
            print(f"  {version}: only toetsbank {sorted(mine - other)}, only sslyze {sorted(other - mine)}")
    if ours["client certificate"] != theirs["client certificate"]:
        print(f"  client certificate: toetsbank {ours['client certificate']}, sslyze {theirs['client certificate']}")
    return same


def of_toetsbank(toetsbank, port):
    command = [str(toetsbank), "probe", "tls", f"localhost:{port}", "--connect", f"127.0.0.1:{port}", "--format", "json"]
    scan = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout)
    suites = {one["version"]: set(one["suites"]) for one in scan["versions"] if one["suites"]}
    return {"suites": suites, "client certificate": scan["clientCertificate"]}


def of_sslyze(port):
    target = folder_file()
    options = ["--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3"]
    command = [sys.executable, "-m", "sslyze", *options, f"--json_out={target}", f"localhost:{port}"]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    result = json.loads(Path(target).read_text())["server_scan_results"][0]
    Path(target).unlink()
    suites, tried = {}, {}
    for command_name, version in VERSIONS.items():
        seen = result["scan_result"][command_name].get("result") or {}
        accepted, rejected = (names(seen.get(kind, [])) for kind in ("accepted_cipher_suites", "rejected_cipher_suites"))
        tried[version] = accepted | rejected
        if accepted:
            suites[version] = accepted
    asked = result["connectivity_result"]["client_auth_requirement"] != "DISABLED"
    return {"suites": suites, "client certificate": asked}, tried


def names(found):
    return {one["cipher_suite"]["name"] for one in found}


def folder_file():
    with tempfile.NamedTemporaryFile(suffix=".json", delete=False) as file:
        return file.name


def timed(work):
    began = time.monotonic()
    return work(), time.monotonic() - began



if __name__ == "__main__":
    sys.exit(main())
