"""The lists of the stelselnode as this DVA keeps them: fetched every ten minutes, checked by lxml with a schema, and the last
good one kept. Nobody is known and nobody comes in before there are lists."""

import http.client
import socket
import ssl
import threading
import time
from pathlib import Path

from lxml import etree

EVERY, SOON = 600, 2
WHITELIST, CLIENTS, NAMES = "MedMij_Whitelist", "MedMij_OAuthclientlist", "MedMij_Gegevensdienstnamenlijst"
SCHEMAS = Path(__file__).with_name("lists.xsd.in").read_text()
# No entities, no network: a list is data of a stranger until it is checked.
PARSER = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def schemas():
    """A schema for each list: the parts of one file, each with its namespace."""
    common, *parts = SCHEMAS.split("<!-- list ")
    found = {}
    for part in parts:
        head, body = part.split(" -->", 1)
        name, namespace = head.split()
        begin = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{namespace}" targetNamespace="{namespace}" elementFormDefault="qualified">'
        found[name] = etree.XMLSchema(etree.fromstring(f"{begin}{common}{body}</xs:schema>"))
    return found


class Lists:
    """What was fetched last from `host`, which is at `address`."""

    def __init__(self, host, address, trust, certificate, services):
        self.host, self.address, self.services = host, address, services
        self.context = ssl.create_default_context(cafile=trust)
        self.context.load_cert_chain(*certificate)
        self.schemas = schemas()
        self.hosts, self.clients = set(), {}

    def start(self):
        threading.Thread(target=self.keep, daemon=True).start()

    def keep(self):
        while True:
            begun = time.monotonic()
            for name in (WHITELIST, CLIENTS, NAMES):
                try:
                    self.take(name, self.fetch(name))
                except (OSError, http.client.HTTPException, etree.LxmlError):
                    # The list of before holds until there is a good one.
                    continue
            wait = EVERY if self.hosts and self.clients else SOON
            time.sleep(max(SOON, wait - (time.monotonic() - begun)))

    def fetch(self, name):
        """A redirect is not followed: core.whl.307 lets us visit nobody but the node without a Whitelist check."""
        with socket.create_connection(self.address, timeout=30) as plain:
            with self.context.wrap_socket(plain, server_hostname=self.host) as secured:
                connection = http.client.HTTPConnection(self.host, self.address[1], timeout=30)
                connection.sock = secured
                connection.request("GET", f"/{name}.xml?api=2", headers={"Accept": "application/xml"})
                answer = connection.getresponse()
                body = answer.read(10_000_000)
        if answer.status != 200:
            raise OSError(f"{name}: status {answer.status}")
        return body

    def take(self, name, body):
        document = etree.fromstring(body, etree.XMLParser(**PARSER))
        self.schemas[name].assertValid(document)
        if name == WHITELIST:
            self.hosts = set(document.xpath("//*[local-name()='Hostname']/text()"))
        elif name == CLIENTS:
            clients = document.xpath("//*[local-name()='OAuthclient']")
            text = lambda client, element: client.xpath(f".//*[local-name()='{element}']/text()")  # noqa: E731
            self.clients = {text(client, "Hostname")[0]: text(client, "GegevensdienstId") for client in clients}

    def lists_client(self, client_id):
        return client_id in self.clients

    def supports_some(self, client_id):
        """Whether the client supports a service of ours; a list without services says nothing of it."""
        told = self.clients.get(client_id) or []
        return not told or any(service in told for service in self.services)
