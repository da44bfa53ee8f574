"""The pages of the PGO: choose, go to the provider, come back. OAuth by Authlib, sessions in a signed cookie of Flask."""

import secrets
import uuid
from html import escape
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask, redirect, request, session

from .fhir import Collector, Refused
from .lists import Shelf


class Wire:
    """Connections with the certificate of the DVP, by the proxy that finds the names."""

    def __init__(self, certificate, authority, proxy):
        self.certificate, self.authority, self.proxy = certificate, authority, proxy

    def dress(self, client):
        client.cert, client.verify, client.trust_env = self.certificate, self.authority, False
        client.proxies = {"https": self.proxy}
        return client


def app(wire, client_id, redirect_uri):
    pages = Flask("pgo")
    pages.secret_key = secrets.token_bytes(32)
    pages.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax")
    shelf = Shelf(wire.dress(requests.Session()))
    begun = {}

    def oauth(**more):
        made = OAuth2Session(client_id, None, token_endpoint_auth_method="none", redirect_uri=redirect_uri, code_challenge_method="S256", **more)
        return wire.dress(made)

    @pages.get("/verzamelen")
    def collect():
        shelf.refresh()
        provider, service = request.args.get("aanbieder", ""), request.args.get("dienst", "")
        place = shelf.places.get((provider, service))
        if place is None:
            return page("Deze zorgaanbieder biedt deze gegevens niet aan.")
        correlation, verifier = str(uuid.uuid4()), secrets.token_urlsafe(48)
        tracing = {"MedMij-Request-ID": str(uuid.uuid4()), "X-Correlation-ID": correlation}
        url, state = oauth(scope=provider.removesuffix("@medmij")).create_authorization_url(place.authorization, code_verifier=verifier, **tracing)
        begun[state] = (service, place, correlation, verifier)
        session["states"] = [*session.get("states", []), state][-5:]
        return redirect(url, 303)

    @pages.get(urlsplit(redirect_uri).path)
    def back():
        states = request.args.getlist("state")
        known = len(states) == 1 and states[0] in session.get("states", [])
        flow = begun.pop(states[0], None) if known else None
        if flow is None:
            return page("Dit antwoord hoort bij geen vraag van u.", 400)
        codes = request.args.getlist("code")
        if "error" in request.args or len(codes) != 1 or not codes[0]:
            return page("Er zijn geen gegevens opgehaald.")
        service, place, correlation, verifier = flow
        try:
            token = swap(place, codes[0], correlation, verifier)
            collector = Collector(wire.dress(requests.Session()), place, shelf.hosts, token, correlation)
            return page(f"{collector.collect(service)} gegevens opgehaald.")
        except (Refused, AuthlibBaseError, ValueError, KeyError, requests.RequestException):
            return page("De zorgaanbieder gaf de gegevens niet. Probeer het later opnieuw.")

    def swap(place, code, correlation, verifier):
        if urlsplit(place.token).hostname not in shelf.hosts:
            raise Refused("not on the Whitelist")
        tracing = {"MedMij-Request-ID": str(uuid.uuid4()), "X-Correlation-ID": correlation}
        answer = oauth().fetch_token(place.token, grant_type="authorization_code", code=code, code_verifier=verifier, headers={**HEADERS, **tracing}, timeout=70, allow_redirects=False)
        if answer["token_type"].lower() != "bearer":
            raise Refused("not a Bearer token")
        return answer["access_token"]

    return pages


HEADERS = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}


def page(text, status=200):
    html = f"<!DOCTYPE html><html lang='nl'><title>PGO</title><body><h1>Mijn gegevens</h1><p>{escape(text)}</p></body></html>"
    return html, status, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
