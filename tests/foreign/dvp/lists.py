"""The lists of the stelselnode: fetched when they are ten minutes old, kept when a new one cannot be read."""

import threading
import time
from dataclasses import dataclass, field
from xml.etree import ElementTree

STELSELNODE = "stelselnode.toetsbank.example"
FRESH = 600


@dataclass
class Place:
    """Where a provider offers a service."""

    authorization: str
    token: str
    resource: dict = field(default_factory=dict)  # systeemrolcode -> address


def local(element):
    return element.tag.rsplit("}", 1)[-1]


def all_of(element, name):
    return [child for child in element.iter() if local(child) == name]


def text(element, name):
    found = all_of(element, name)
    return found[0].text.strip() if found and found[0].text else ""


class Shelf:
    """What was fetched last."""

    def __init__(self, session):
        self.session = session
        self.lock = threading.Lock()
        self.fetched = None
        self.places = {}
        self.hosts = set()

    def refresh(self):
        with self.lock:
            if self.fetched is not None and time.monotonic() - self.fetched < FRESH:
                return
            try:
                self.places = self.read_places(self.fetch("MedMij_Zorgaanbiederslijst.xml"))
                self.hosts = self.read_hosts(self.fetch("MedMij_Whitelist.xml"))
                self.fetched = time.monotonic()
            except (OSError, ElementTree.ParseError):
                # The lists of before hold until there are others.
                pass

    def fetch(self, name):
        answer = self.session.get(f"https://{STELSELNODE}/{name}", params={"api": "2"}, timeout=30, allow_redirects=False)
        if answer.status_code != 200:
            raise OSError(f"{name}: status {answer.status_code}")
        return ElementTree.fromstring(answer.content)

    def read_places(self, root):
        places = {}
        for provider in all_of(root, "Zorgaanbieder"):
            for service in all_of(provider, "Gegevensdienst"):
                place = Place(text(service, "AuthorizationEndpointuri"), text(service, "TokenEndpointuri"))
                for role in all_of(service, "Systeemrol"):
                    place.resource[text(role, "Systeemrolcode")] = text(role, "ResourceEndpointuri").rstrip("/")
                places[text(provider, "Zorgaanbiedernaam"), text(service, "GegevensdienstId")] = place
        return places

    def read_hosts(self, root):
        return {node.text.strip().lower() for node in all_of(root, "MedMijNode") + all_of(root, "Hostname") if node.text}
