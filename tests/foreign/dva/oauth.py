"""Authorization and token interface of the Afsprakenstelsel, by Authlib."""

import secrets
import time
from urllib.parse import urlsplit

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, InvalidScopeError, TokenMixin, UnauthorizedClientError, grants
from authlib.oauth2.rfc6750 import BearerTokenValidator

TOKEN_SECONDS = 900
CODE_SECONDS = 300


class Client(ClientMixin):
    """A DVP as the OAuth Client List has it: its host name is its client_id."""

    def __init__(self, host, title):
        self.client_id, self.title = host, title

    def get_client_id(self):
        return self.client_id

    def get_default_redirect_uri(self):
        # core.authint.200: redirect_uri is mandatory.
        return None

    def get_allowed_scope(self, scope):
        return scope

    def check_redirect_uri(self, redirect_uri):
        """https, on the host of the list, without user information or fragment (core.authint.200)."""
        try:
            parts = urlsplit(redirect_uri)
            port = parts.port
        except ValueError:
            return False
        plain = parts.netloc.lower() in (self.client_id, f"{self.client_id}:443") and port in (None, 443)
        return parts.scheme == "https" and plain and "#" not in redirect_uri

    def check_client_secret(self, client_secret):
        return False

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "tls_client_auth"

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type == "authorization_code"


class Code(AuthorizationCodeMixin):
    """An authorization code."""

    def __init__(self, client_id, redirect_uri, scope, user):
        self.client_id, self.redirect_uri, self.scope, self.user = client_id, redirect_uri, scope, user
        self.until = time.time() + CODE_SECONDS

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope


class Token(TokenMixin):
    """An access token: the client, the person and the provider that it is for."""

    def __init__(self, client_id, scope, user, code):
        self.client_id, self.scope, self.user, self.code = client_id, scope, user, code
        self.until, self.revoked = time.time() + TOKEN_SECONDS, False

    def check_client(self, client):
        return self.client_id == client.get_client_id()

    def get_scope(self):
        return self.scope

    def get_expires_in(self):
        return TOKEN_SECONDS

    def is_expired(self):
        return time.time() >= self.until

    def is_revoked(self):
        return self.revoked


class Memory:
    """Codes and tokens that were given out."""

    def __init__(self, clients, providers, lists=None):
        self.clients = {client.client_id: client for client in clients}
        self.lists = lists
        self.providers = providers
        self.codes, self.spent, self.tokens = {}, set(), {}

    def client(self, client_id):
        """The client, when it is known: by the OAuth Client List, where that is fetched."""
        is_listed = self.lists is None or self.lists.lists_client(client_id)
        return self.clients.get(client_id) if is_listed else None

    def revoke_of(self, code):
        for token in self.tokens.values():
            if token.code == code:
                token.revoked = True


def grant_of(memory):
    """The authorization code grant over this memory."""

    class Grant(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["tls_client_auth"]

        def save_authorization_code(self, code, request):
            payload = request.payload
            memory.codes[code] = Code(request.client.client_id, payload.redirect_uri, request.scope, request.user)

        def query_authorization_code(self, code, client):
            if code in memory.spent:
                # RFC 6749, section 4.1.2: what came of it is taken back.
                memory.revoke_of(code)
                return None
            # core.tknint.204: presented is spent, whatever comes of it.
            known = memory.codes.pop(code, None)
            memory.spent.add(code)
            if memory.lists is not None and not memory.lists.supports_some(client.client_id):
                raise UnauthorizedClientError("the OAuth Client List has no service of ours for this client")
            if known is None or known.client_id != client.client_id or known.until <= time.time():
                return None
            known.text = code
            return known

        def delete_authorization_code(self, authorization_code):
            pass

        def authenticate_user(self, authorization_code):
            return authorization_code.user

    return Grant


def by_certificate(query_client, request):
    """RFC 8705, section 2: TLS has checked the certificate and the Whitelist its name; client_id says which DVP it is."""
    client_id = request.payload.client_id
    return query_client(client_id) if client_id else None


class Server(AuthorizationServer):
    """Authlib takes a request without scope, the Afsprakenstelsel does not."""

    def validate_requested_scope(self, scope):
        if scope not in self.scopes_supported:
            raise InvalidScopeError()


def server(app, memory):
    """The authorization server of an application."""

    def save_token(token, request):
        code = getattr(request.authorization_code, "text", None)
        memory.tokens[token["access_token"]] = Token(request.client.client_id, token["scope"], request.user, code)

    app.config["OAUTH2_ACCESS_TOKEN_GENERATOR"] = lambda *_, **__: secrets.token_urlsafe(32)
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {"authorization_code": TOKEN_SECONDS}
    app.config["OAUTH2_SCOPES_SUPPORTED"] = list(memory.providers)
    server = Server(app, memory.client, save_token)
    server.register_grant(grant_of(memory))
    server.register_client_auth_method("tls_client_auth", by_certificate)
    return server


class Bearer(BearerTokenValidator):
    """Tokens of this memory."""

    def __init__(self, memory):
        super().__init__(realm="fhir")
        self.memory = memory

    def authenticate_token(self, token_string):
        return self.memory.tokens.get(token_string)
