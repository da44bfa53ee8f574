"""A tester at the page of `toetsbank serve`, and the browser of the person at the DVP: both know only what their pages say."""

import re
import time
from urllib.parse import urlencode, urljoin, urlsplit

import requests
import urllib3.util.connection
from lxml import html


class Desk:
    """The page of the tester: reads it, and presses its buttons."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}/"
        self.http = requests.Session()
        self.http.trust_env = False

    def read(self):
        return html.fromstring(self.http.get(self.url, timeout=30).text)

    def press(self, action, key=None):
        page = self.read()
        form = next((form for form in page.xpath(f"//form[@action='{action}']") if key in (None, form.fields.get("key"))), None)
        if form is None:
            raise RuntimeError(f"there is no button {action} {key or ''}")
        answer = self.http.post(urljoin(self.url, action), data=dict(form.fields), allow_redirects=False, timeout=30)
        if answer.status_code != 303:
            raise RuntimeError(f"{action}: status {answer.status_code}")

    def until(self, is_so, seconds=300):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            page = self.read()
            if is_so(page):
                return page
            time.sleep(0.1)
        raise RuntimeError("the page does not come to what was waited for")


def task_number(page):
    found = page.xpath("//*[@id='task']//input[@name='task']/@value")
    return found[0] if found else None


def tasks(page):
    return [item.text_content() for item in page.xpath("//*[@id='task']//ol/li")]


def next_key(page):
    found = page.xpath("//*[@id='task']//form[@action='/start']//input[@name='key']/@value")
    return found[0] if found else None


def state(page, key):
    return next(row for row in page.xpath("//*[@id='scenarios']//tbody/tr") if row.get("id") == key).get("class")


def password(page, login):
    for row in page.xpath("//*[@id='patients']//tbody/tr"):
        cells = [code.text_content() for code in row.xpath(".//code")]
        if cells[:1] == [login]:
            return cells[1]
    raise RuntimeError(f"the page names no password of {login}")


class Browser:
    """A browser that finds `front` at a port of this machine, and every other host by the proxy of the world."""

    def __init__(self, front, port, proxy, trusted):
        connect = urllib3.util.connection.create_connection

        def here(address, *args, **kwargs):
            return connect(("127.0.0.1", port) if address[0] == front else address, *args, **kwargs)

        urllib3.util.connection.create_connection = here
        self.front, self.proxy, self.trusted = front, proxy, trusted

    def collect(self, start, way_back, lines, login, secret):
        """Does what the lines say; gives whether a provider was visited, and whether the browser came back to the DVP."""
        session = requests.Session()
        session.trust_env, session.verify = False, self.trusted
        text = " ".join(lines)
        at_landing, at_login = "on the first page" in text, "on the login page" in text
        decision = "weigeren" if "refuse the consent" in text else "toestaan"
        visited = returned = False
        request = ("GET", start, {})
        for _ in range(40):
            method, url, fields = request
            is_front = urlsplit(url).hostname == self.front
            visited |= not is_front
            proxies = {} if is_front else {"https": self.proxy}
            answer = session.request(method, url, data=fields or None, proxies=proxies, allow_redirects=False, timeout=180)
            returned |= is_front and urlsplit(url).path == way_back
            if answer.is_redirect:
                request = ("GET", urljoin(url, answer.headers["location"]), {})
                continue
            if is_front:
                break
            page = html.fromstring(answer.text)
            request = press(page, url, at_landing, at_login, decision, login, secret)
            if request is None:
                break
        return visited, returned


def press(page, url, at_landing, at_login, decision, login, secret):
    """What the person does at a page of the provider."""
    form = next(iter(page.forms), None)
    cancel = page.xpath("//a[@id='annuleren']/@href")
    if form is None:
        on = page.xpath("//p[@class='knoppen']/a[@class='knop']/@href")
        link = cancel if at_landing and cancel else on
        return ("GET", urljoin(url, link[0]), {}) if link else None
    if page.xpath("//input[@type='password']"):
        if at_login:
            return "GET", urljoin(url, cancel[0]), {}
        form.fields["naam"], form.fields["wachtwoord"] = login, secret
        return "POST", urljoin(url, form.action), dict(form.form_values())
    return "POST", urljoin(url, form.action), {**dict(form.form_values()), "besluit": decision}


def carry_out(desk, browser, start, way_back):
    """Does all that the page asks, one scenario after another, until nothing is left to start.

    Gives how often, and the longest wait in seconds between a button and what came of the scenario.
    """
    count, longest = 0, 0.0
    while (key := next_key(desk.read())) is not None:
        desk.press("/start", key)
        done, pressed = None, time.monotonic()
        while True:
            page = desk.until(lambda page: task_number(page) not in (None, done) or state(page, key) not in ("todo", "running"))
            if task_number(page) in (None, done):
                break
            done = task_number(page)
            do(desk, page, browser, start, way_back)
            pressed = time.monotonic()
        count, longest = count + 1, max(longest, time.monotonic() - pressed)
    return count, longest


def do(desk, page, browser, start, way_back):
    """Does what the page asks now, and presses the button that says what became of it."""
    lines = tasks(page)
    ask = next(filter(None, (re.search(r"collect service (\S+) at (\S+) in the DVP", line) for line in lines)))
    found = re.search(r"\(([^()]+)\)$", next((line for line in lines if line.startswith("log in as")), ""))
    login = found[1] if found else page.xpath("//*[@id='patients']//code")[0].text_content()
    url = start + "?" + urlencode({"aanbieder": ask[2], "dienst": ask[1]})
    visited, returned = browser.collect(url, way_back, lines, login, password(page, login))
    if not visited:
        desk.press("/not-begun")
    elif page.xpath("//form[@action='/came-back']"):
        desk.press("/came-back" if returned else "/not-back")
    else:
        desk.press("/done")
