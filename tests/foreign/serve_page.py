#!/usr/bin/env python3
"""Goes through scenarios at the page of `toetsbank serve` in headless Chromium, as a tester does, and takes pictures of it.

The reference DVP stands in for the DVP; the person's browser is a second one, which finds the world by its proxy.
Exit 0: the scenarios became green, and the page asked nothing of any other host.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import TimeoutError, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from ports import free_port, wait_for  # noqa: E402

HOST = "pgo.toetsbank.example"
FIRST = """[candidate]
role = "dvp"
vendor = "x"
product = "x"
version = "1"
environment = "test"
release = "2.2"
systeemrollen = ["MM-3.0-BZR-FHIR"]
[client]
client_id = "pgo.toetsbank.example"
redirect_uri = "https://pgo.toetsbank.example/cb"
[world]
folder = "world"
"""


def main():
    options = arguments()
    options.pictures.mkdir(parents=True, exist_ok=True)
    running = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            return tour(options, Path(folder), running)
    finally:
        for process in running:
            process.kill()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toetsbank", type=Path, default=HERE.parent.parent / "target/debug/toetsbank")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--pictures", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--lang", default="nl")
    return parser.parse_args()


def tour(options, folder, running):
    toetsbank = str(options.toetsbank.resolve())
    world = next(port for port in iter(free_port, None))
    (folder / "first.toml").write_text(FIRST)
    # Makes the test CA of the world, which the DVP is to trust.
    subprocess.run([toetsbank, "check", "first.toml"], cwd=folder, stdout=subprocess.DEVNULL, check=True)
    command = [toetsbank, "simulate", "dvp", "--proxy", f"127.0.0.1:{world + 1}", "--ca", "world/ca.pem", "--write-candidate", "dvp.toml"]
    running.append(subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL))
    while not (folder / "dvp.toml").exists():
        time.sleep(0.1)
    text = (folder / "dvp.toml").read_text()
    own = re.search(rf'"{HOST}:443" = "(127\.0\.0\.1:\d+)"', text)[1]
    # People drive it: the file does not say how collecting begins.
    (folder / "dvp.toml").write_text(re.sub(r"(?ms)^\[drive\].*?(?=^\[|\Z)", "", text))
    port = free_port()
    command = [toetsbank, "serve", "bgz", "--candidate", "dvp.toml", "--out", "run", "--port", str(port), "--lang", options.lang]
    serving = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    running.append(serving)
    wait_for(port, "the page does not open")
    with sync_playwright() as playwright:
        start = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
        rules = f"MAP {HOST}:443 {own}"
        proxy = {"server": f"http://127.0.0.1:{world + 1}", "bypass": HOST}
        person = playwright.chromium.launch(executable_path=options.chromium, proxy=proxy, args=["--no-sandbox", f"--host-resolver-rules={rules}"])
        desk = start.new_page(viewport={"width": 1280, "height": 900})
        asked = []
        desk.on("request", lambda request: asked.append(urlsplit(request.url).netloc))
        desk.goto(f"http://127.0.0.1:{port}/")
        take(desk, options.pictures, "1-begin")
        first = desk.locator("#task input[name=key]").get_attribute("value")
        go(desk, first)
        take(desk, options.pictures, "2-task")
        collect(desk, person)
        press(desk, "/done")
        desk.wait_for_selector(f'tr[id="{first}"].green', timeout=60_000)
        altered = desk.locator("#scenarios tr[id^='flow-dvp/2.1']").get_attribute("id")
        go(desk, altered)
        take(desk, options.pictures, "3-altered")
        collect(desk, person)
        press(desk, "/came-back")
        desk.wait_for_selector(f'tr[id="{altered}"].green', timeout=60_000)
        cancelled = desk.locator("#scenarios tr[id^='flow-dvp/1.2']").get_attribute("id")
        go(desk, cancelled)
        press(desk, "/done")
        desk.wait_for_selector(f'tr[id="{cancelled}"].not-checked', timeout=60_000)
        take(desk, options.pictures, "4-after")
        press(desk, "/finish")
        desk.wait_for_selector("#task")
        time.sleep(0.5)
        take(desk, options.pictures, "5-end")
        start.close()
        person.close()
    serving.wait(timeout=60)
    strangers = {host for host in asked if host != f"127.0.0.1:{port}"}
    print(f"{len(asked)} requests of the page, other hosts: {sorted(strangers) or 'none'}; pictures in {options.pictures}")
    return 1 if strangers else 0


def go(desk, key):
    button = desk.locator(f'tr[id="{key}"] form[action="/start"] button')
    # While something is judged nothing can be started.
    button.wait_for(timeout=60_000)
    button.click()
    try:
        desk.wait_for_selector("#task ol li", timeout=60_000)
    except TimeoutError:
        print(desk.content()[:3000])
        raise


def press(desk, action):
    desk.locator(f'form[action="{action}"] button').first.click()


def collect(desk, person):
    """What the task says, by the login and password that the page shows."""
    lines = desk.locator("#task ol li").all_inner_texts()
    login, password = desk.locator("#login code").all_inner_texts()
    context = person.new_context(ignore_https_errors=True)
    page = context.new_page()
    provider = re.search(r"\S+@medmij", " ".join(lines))[0]
    page.goto(f"https://{HOST}/verzamelen?aanbieder={provider}&dienst=48")
    page.click("#verder")
    page.fill("#naam", login)
    page.fill("#wachtwoord", password)
    page.click("#aanmelden")
    page.click("#toestaan")
    page.wait_for_url(f"https://{HOST}/cb*", timeout=60_000)
    context.close()


def take(page, folder, name):
    """A picture of the whole page, wide and narrow."""
    for width, kind in ((1280, "wide"), (390, "narrow")):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=str(folder / f"{name}-{kind}.png"), full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


if __name__ == "__main__":
    sys.exit(main())
