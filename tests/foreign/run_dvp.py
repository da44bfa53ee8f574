#!/usr/bin/env python3
"""Starts a DVP that is none of ours, tests it with toetsbank, and compares the findings with what is known to be true.

By `run`, which drives it, or with `--serve` by hand: at the page of the tester, with a browser beside it.
Exit 0: toetsbank found what `findings.csv` explains for the look `pgo`, no more and no less.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import tester  # noqa: E402
from dva import tls  # noqa: E402
from dva.pki import CLIENT, SERVER, Authority, pem  # noqa: E402
from dvp import pgo  # noqa: E402
from ports import free_port, wait_for  # noqa: E402
from run import compare, toml  # noqa: E402

FRONT, BACK = "pgo.werf.example", "achterkant.werf.example"
REDIRECT_URI = f"https://{FRONT}/terug/verzameld"
ROLES = ["MM-3.0-BZR-FHIR", "MM-3.0-PLR-FHIR", "MM-3.0-PDR-FHIR"]


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        file = folder / "dvp.toml"
        own = free_port()
        # The world takes the port and the next.
        world = next(port for port in iter(free_port, None) if own not in (port, port + 1))
        issuer = Authority("Werf Issuing")
        ours = {}
        for name, host, purpose in (("front", FRONT, SERVER), ("back", BACK, CLIENT)):
            chain, key = issuer.issue(host, [host], purpose)
            ours[name] = (write(folder / f"{name}.pem", chain), write(folder / f"{name}.key", key))
        ca = write(folder / "werf-ca.pem", pem(issuer.certificate))
        write(file, candidate(ca, own, world, is_driven=not options.serve))
        toetsbank = str(options.toetsbank)
        # Makes the test CA of the world, which the DVP is to trust.
        subprocess.run([toetsbank, "check", str(file)], stdout=subprocess.DEVNULL)
        wire = pgo.Wire(ours["back"], str(folder / "world/ca.pem"), f"http://127.0.0.1:{world + 1}")
        server = tls.serve(pgo.app(wire, FRONT, REDIRECT_URI), *ours["front"])
        server.bind_addr = ("127.0.0.1", own)
        server.prepare()
        threading.Thread(target=server.serve, daemon=True).start()
        wait_for(own, "the DVP does not answer")
        out = options.out or folder / "report"
        told = None if options.verbose else subprocess.DEVNULL
        command = [*(options.suite or ["bgz", "documenten"]), "--candidate", str(file), "--out", str(out), "--report", "html,json", "--lang", "en"]
        if options.serve:
            both = write(folder / "both.pem", Path(ca).read_text() + (folder / "world/ca.pem").read_text())
            status = by_hand([toetsbank, "serve", *command], told, tester.Browser(FRONT, own, wire.proxy, both))
        else:
            status = subprocess.run([toetsbank, "run", *command], stdout=told).returncode
        report = json.loads((out / "report.json").read_text())
    return compare(report, ("pgo",) if options.serve else ("pgo", "pgo driven"), status)


def by_hand(command, told, browser):
    """Does what the tester's page asks, scenario after scenario; gives the exit status of toetsbank."""
    port = free_port()
    serving = subprocess.Popen([*command, "--port", str(port)], stdout=told)
    try:
        wait_for(port, "the page does not open")
        desk = tester.Desk(port)
        count, longest = tester.carry_out(desk, browser, f"https://{FRONT}/verzamelen", urlsplit(REDIRECT_URI).path)
        print(f"{count} scenarios by hand; at most {longest:.1f} s until one was judged")
        desk.press("/finish")
        return serving.wait(timeout=120)
    finally:
        serving.kill()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toetsbank", type=Path, default=HERE.parent.parent / "target/debug/toetsbank")
    parser.add_argument("--suite", action="append", help="default: bgz and documenten")
    parser.add_argument("--serve", action="store_true", help="by hand: at the page of `toetsbank serve`, with a browser of our own")
    parser.add_argument("--out", type=Path, help="keep the report here")
    parser.add_argument("--verbose", action="store_true", help="show what toetsbank prints")
    return parser.parse_args()


def write(path, text):
    path.touch(mode=0o600)
    path.write_text(text)
    return str(path)


def candidate(ca, own, world, is_driven):
    sections = [
        ("candidate", {"role": "dvp", "vendor": "Werf", "product": "Werf PGO", "version": "1", "environment": "test",
                       "release": "2.2", "systeemrollen": ROLES}),
        ("client", {"client_id": FRONT, "redirect_uri": REDIRECT_URI, "hosts": [BACK]}),
        ("world", {"folder": "world", "port": world}),
        ("trust", {"ca": [ca]}),
        ("trust.connect", {f"{FRONT}:443": f"127.0.0.1:{own}"}),
        ("drive", {"start": f"https://{FRONT}/verzamelen?aanbieder=${{provider}}&dienst=${{service}}", "settle": 0.3}),
        ("probes", {"active": True}),
    ]
    lines = []
    for name, table in sections:
        if name == "drive" and not is_driven:
            continue
        lines += [f"[{name}]", *(f"{json.dumps(key)} = {toml(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    try:
        status = main()
    except Exception:
        traceback.print_exc()
        status = 2
    sys.stdout.flush()
    # The threads of the server wait for requests that never come.
    os._exit(status)
