"""The back channel: the Whitelist before all else, then the token interface and the resource interface."""

import re
from urllib.parse import parse_qsl

from authlib.integrations.flask_oauth2 import ResourceProtector
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import MissingAuthorizationError
from flask import Flask, Response, request

from . import oauth
from .fhir import Problem, capability, dump, outcome
from .proxy import UNLISTED

TOKEN_PATH = "/koppelvlak/oauth/token"


def app(memory, is_listed, stores, look, base):
    """The back channel. `is_listed` tells of a host whether it is on the Whitelist; `stores` are the resources of a person by
    the path of a ResourceEndpoint and provider."""
    web = Flask(__name__)
    server = oauth.server(web, memory)
    protector = ResourceProtector()
    protector.register_token_validator(oauth.Bearer(memory))

    @web.before_request
    def listed():
        """core.whl.306 and .309: before any other step, and without a word of explanation."""
        names = request.environ.get("foreign.names", [])
        return None if any(is_listed(name) for name in names) else Response(status=UNLISTED if look.proxy else 403)

    @web.post(TOKEN_PATH)
    def token():
        return server.create_token_response()

    def allowed(scope):
        try:
            return protector.acquire_token(scope), None
        except OAuth2Error as error:
            status, body, headers = error()
            challenge = dict(headers).get("WWW-Authenticate")
            if isinstance(error, MissingAuthorizationError):
                # RFC 6750, section 3.1: no error code for who brought nothing.
                status, challenge = 401, 'Bearer realm="fhir"'
            elif challenge is None:
                challenge = f'Bearer realm="fhir", error="{error.error}"'
            if look.outcome_errors:
                refusal = fhir_response(outcome("security", error.get_error_description(), status), status)
            else:
                refusal = Response(web.json.dumps(body), status, mimetype="application/json")
            refusal.headers["WWW-Authenticate"] = challenge
            return None, refusal

    @web.get("/fhir/<provider>/<service>/", defaults={"rest": ""})
    @web.get("/fhir/<provider>/<service>/<path:rest>")
    def resource(provider, service, rest):
        store = stores.get((provider, service))
        if rest == "metadata" and look.open_metadata:
            return fhir_response(capability(f"{base}/fhir/{provider}/{service}"), 200)
        token, refusal = allowed(provider)
        if refusal:
            return refusal
        try:
            wanted = media_type(look)
            if store is None:
                raise Problem(404, "not-found", "Dit adres hoort bij geen gegevensdienst.")
            if rest == "metadata":
                return fhir_response(capability(f"{base}/fhir/{provider}/{service}"), 200, wanted)
            address = f"{base}/fhir/{provider}/{service}"
            parameters = parse_qsl(request.query_string.decode(), keep_blank_values=True)
            found = store.answer(token.user, address, rest, parameters, wanted)
        except Problem as problem:
            refused = fhir_response(outcome(problem.code, problem.text, problem.status), problem.status)
            if problem.code == "invalid" and look.outcome_errors:
                refused.headers["WWW-Authenticate"] = 'Bearer error="invalid_request"'
            return refused
        if isinstance(found, bytes):
            return Response(found, 200, mimetype="application/pdf")
        return fhir_response(found, 200, wanted)

    def fhir_response(resource, status, wanted=None):
        wanted = wanted or ("application/fhir+xml" if "fhir+xml" in request.headers.get("Accept", "") else "application/fhir+json")
        kind = "application/fhir+xml" if "xml" in wanted else "application/fhir+json"
        response = Response(dump(resource, kind), status)
        response.headers["Content-Type"] = f"{kind}; fhirVersion=3.0; charset=utf-8"
        response.headers["Cache-Control"] = "no-store"
        return response

    return web


KNOWN = ("application/fhir+json", "application/fhir+xml", "application/json", "application/xml", "application/pdf", "*/*")


def media_type(look):
    """The media type that is asked for, of a version that is spoken."""
    for part in request.headers.get("Accept", "*/*").split(","):
        kind, *parameters = [piece.strip() for piece in part.split(";")]
        versions = [p.split("=", 1)[1].strip('"') for p in parameters if re.match(r"(?i)fhirVersion=", p)]
        if kind in KNOWN and all(version.startswith("3.0") for version in versions):
            return kind if kind != "*/*" else "application/fhir+json"
    raise Problem(look.version_status, "not-supported" if look.version_status == 406 else "invalid", "Dit formaat is er niet.")
