#!/usr/bin/env python3
"""Starts a DVA that is none of ours, tests it with toetsbank, and compares the findings with what is known to be true.

Exit 0: toetsbank found what `findings.csv` explains, no more and no less.
"""

import argparse
import csv
import getpass
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from dva import back, front, lists, oauth, proxy, tls  # noqa: E402
from dva.fhir import Store  # noqa: E402
from dva.look import LOOKS, dressed  # noqa: E402
from dva.pki import NODE, World, pem  # noqa: E402
from ports import free_port, wait_for  # noqa: E402

AUTH, EID, DATA = "inloggen.kade.example", "eid.voorbeeld.example", "koppelvlak.kade.example"
CLIENT, OTHER = "pgo.voorbeeld.example", "anders.voorbeeld.example"
PROVIDER, NEIGHBOUR = "ziekenhuisdekade", "huisartsaandewerf"
SERVICES = {"bgz": ("MM-3.0-BZB-FHIR", "bgz-3-0"), "documenten": ("MM-3.0-PLB-FHIR", "pdfa-3-0")}
SUITES = ["bgz", "pdfa"]
CHILDREN = []


def main():
    options = arguments()
    if options.faketime and "LD_PRELOAD" not in os.environ:
        hasten(options.faketime)
    look = LOOKS[options.look]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        text = start(look, options.data, folder, options.lists)
        file = folder / "kandidaat.toml"
        file.touch(mode=0o600)
        file.write_text(text)
        if options.serve:
            print(f"{file}\nstop with Ctrl-C")
            threading.Event().wait()
        out = options.out or folder / "report"
        command = [options.toetsbank, "run", *(options.suite or SUITES), "--candidate", file, "--out", out, "--report", "html,json", "--lang", "en"]
        command += ["--wait"] if options.lists else []
        ended = subprocess.run([str(part) for part in command], stdout=None if options.verbose else subprocess.DEVNULL)
        report = json.loads((out / "report.json").read_text())
    return compare(report, (look.name, "dva"), ended.returncode)


def hasten(library):
    """Begins anew under libfaketime, here and in toetsbank: a minute takes a second."""
    os.environ.update(LD_PRELOAD=str(library), FAKETIME="+0 x60", DONT_FAKE_MONOTONIC="0")
    os.execv(sys.executable, [sys.executable, *sys.argv])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toetsbank", type=Path, default=HERE.parent.parent / "target/debug/toetsbank")
    parser.add_argument("--look", choices=sorted(LOOKS), default="kade")
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "fixtures", help="folder with the resources, by suite")
    parser.add_argument("--suite", action="append", help="default: bgz and pdfa")
    parser.add_argument("--out", type=Path, help="keep the report here")
    parser.add_argument("--lists", action="store_true", help="the server fetches its lists from toetsbank, which waits for it: hours")
    parser.add_argument("--faketime", type=Path, help="with --lists: libfaketimeMT.so.1, which makes minutes of the hours")
    parser.add_argument("--serve", action="store_true", help="only start the server and write its candidate file")
    parser.add_argument("--verbose", action="store_true", help="show what toetsbank prints")
    return parser.parse_args()


def start(look, data, folder, fetches):
    """Starts all servers; gives the candidate file. `fetches`: who may come is told by the lists of toetsbank."""
    world = World(folder, [AUTH, EID, DATA], CLIENT, OTHER, look.strong_rsa)
    people, patients = {}, []
    for suite, prefix in (("bgz", "bgz"), ("pdfa", "pdfa")):
        for kind in ("rich", "sparse"):
            user, password = f"{prefix}-{kind}", secrets.token_hex(8)
            people[user] = password
            patients.append({"name": user, "stands_for": kind, "login": user, "password": password, "suites": [suite]})
    clients = [oauth.Client(CLIENT, "Mijn PGO"), oauth.Client(OTHER, "Anders PGO")]
    kept, node = None, None
    if fetches:
        node = free_port()
        kept = lists.Lists(NODE, ("127.0.0.1", node), world.root_file, world.fetcher, {"48", "51"})
        kept.start()
    memory = oauth.Memory(clients, {PROVIDER, NEIGHBOUR}, kept)
    hosts = {CLIENT, OTHER}
    stores = {(PROVIDER, service): Store(data / name, look) for service, (_, name) in SERVICES.items()}
    port = free_port()
    base = f"https://{DATA}:{port}"
    return_url, login_url = f"https://{AUTH}/toegang/terug", f"https://{EID}/aanmelden"
    apps = {DATA: back.app(memory, lambda host: host in (kept.hosts if kept else hosts), stores, look, base)}
    apps[AUTH] = front.app(memory, people, look, login_url, return_url)
    if not look.own_login:
        apps[EID] = front.elsewhere(people, return_url)
    connect, behind = {}, []
    for host, app in apps.items():
        own = port if host == DATA else free_port()
        connect[f"{host}:{port if host == DATA else 443}"] = f"127.0.0.1:{own}"
        clients_ca = world.ca_file if host == DATA else None
        if look.proxy:
            server = tls.plain(proxy.with_names(dressed(app, look)))
            server.prepare()
            behind.append((host, own, *world.files[host], server.bind_addr[1], clients_ca is not None))
        else:
            server = tls.serve(dressed(app, look), *world.files[host], clients_ca=clients_ca)
            server.bind_addr = ("127.0.0.1", own)
            server.prepare()
        threading.Thread(target=server.serve, daemon=True).start()
    if behind:
        CHILDREN.append(proxy.start(folder, getpass.getuser(), behind, world.ca_file))
        wait_for(port, "nginx does not answer; is it installed?")
    resource = {code: f"{base}/fhir/{PROVIDER}/{service}" for service, (code, _) in SERVICES.items()}
    resource["MM-3.0-PDB-FHIR"] = resource["MM-3.0-PLB-FHIR"]
    return candidate(look, world, patients, base, resource, connect, node)

def candidate(look, world, patients, base, resource, connect, node):
    sections = [
        ("candidate", {"role": "dva", "vendor": "Kade", "product": f"Kade ({look.name})", "version": "1", "environment": "test",
                       "release": "2.2", "systeemrollen": sorted(resource)}),
        ("provider", {"name": f"{PROVIDER}@medmij"}),
        ("endpoints", {"authorization": f"https://{AUTH}{front.PATH}/start", "token": base + back.TOKEN_PATH}),
        ("endpoints.resource", resource),
        ("client", {"client_id": CLIENT, "redirect_uri": f"https://{CLIENT}/terug/hier", "certificate": world.client[0], "key": world.client[1]}),
        ("trust", {"ca": [pem(world.root.certificate)]}),
        ("trust.connect", connect),
        ("login", {"mode": "form", "steps": front.steps(look)}),
        ("probes", {"active": True, "tls": True, "samples": 20, "other_provider": f"{base}/fhir/{NEIGHBOUR}/bgz"}),
    ]
    if node is not None:
        certificate, key = world.node
        sections.append(("stelselnode", {"listen": f"127.0.0.1:{node}", "certificate": certificate, "key": key}))
    lines = []
    for name, table in sections:
        lines += [f"[{name}]", *(f"{json.dumps(key)} = {toml(value)}" for key, value in table.items())]
    for standing, (client_id, (certificate, key)) in world.identities.items():
        table = {"standing": standing, "client_id": client_id, "certificate": certificate, "key": key}
        lines += ["[[identities]]", *(f"{name} = {toml(value)}" for name, value in table.items())]
    for patient in patients:
        lines += ["[[patients]]", *(f"{name} = {toml(value)}" for name, value in patient.items())]
    return "\n".join(lines) + "\n"


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return json.dumps(value)


def compare(report, looks, exit_status):
    """What was found against what is explained; only what counts."""
    found = {}
    for finding in report["findings"]:
        if finding["severity"] != "information":
            found.setdefault((finding["rule"], finding["id"].split("@")[0]), []).append(finding)
    rules = {rule for rule, _ in found}
    with open(HERE / "findings.csv", newline="") as file:
        known = {row["rule"]: row["why"] for row in csv.DictReader(file) if row["look"] in looks}
    for (rule, _), findings in sorted(found.items()):
        for finding in findings[:3]:
            print(rule, finding["severity"], finding.get("scenario"), finding["place"], "|", finding["expected"], "|", finding["seen"])
    counts = {}
    for row in report["requirements"]:
        counts[row["verdict"]] = counts.get(row["verdict"], 0) + 1
    print(f"{looks[0]}: verdict {report['verdict']} (exit {exit_status}); rows: {counts}")
    for rule in sorted(rules):
        print(f"{rule}: {known.get(rule, 'NOT EXPLAINED')}")
    for rule in sorted(set(known) - rules):
        print(f"{rule}: explained, but no longer found")
    return 0 if rules == set(known) else 1


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    for child in CHILDREN:
        child.terminate()
    # The threads of the servers wait for requests that never come.
    os._exit(status)
