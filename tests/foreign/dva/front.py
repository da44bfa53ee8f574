"""The pages of the authorization interface: landing, login, consent; and the host that knows the person."""

import hmac
import secrets

from authlib.oauth2 import OAuth2Error
from flask import Flask, redirect, request, session, url_for
from markupsafe import Markup, escape

from . import oauth

PATH = "/toegang/oauth"


def app(memory, people, look, login_url, return_url):
    """The front channel: `people` are passwords by user name. With a login of elsewhere, `login_url` is that host."""
    web = Flask(__name__)
    web.secret_key = secrets.token_hex(32)
    web.config.update(
        SESSION_COOKIE_NAME="__Host-kade", SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
    )
    server = oauth.server(web, memory)
    tickets = {}

    @web.after_request
    def protect(response):
        response.headers["Strict-Transport-Security"] = "max-age=63072000"
        response.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    def asked():
        """The grant that the address asks for, or the answer that refuses it."""
        try:
            return server.get_consent_grant(), None
        except OAuth2Error as error:
            if error.redirect_uri:
                return None, server.handle_error_response(None, error)
            reason = error.get_error_description() or "De vraag van uw PGO klopt niet."
            return None, (page("Dit lukt niet", Markup("<p>{}</p><p>Neem contact op met uw PGO.</p>").format(reason)), 400)

    def here(endpoint):
        """Another page of the same authorization request: the request stays in the address."""
        return f"{url_for(endpoint)}?{request.query_string.decode()}"

    def token():
        return session.setdefault("form", secrets.token_urlsafe(18))

    def is_ours():
        return hmac.compare_digest(request.form.get("form", ""), session.get("form", "-"))

    @web.get(f"{PATH}/start")
    def start():
        grant, refusal = asked()
        if refusal:
            return refusal
        title, provider = grant.client.title, request.args["scope"]
        intro = Markup("<p>{} vraagt namens u uw gegevens op bij {}.</p>").format(title, provider)
        return page("Gegevens verzamelen", intro + form(here("start"), token(), button("stap", "door", "Doorgaan")))

    @web.post(f"{PATH}/start")
    def started():
        _, refusal = asked()
        if refusal or not is_ours():
            return refusal or (page("Begin opnieuw", Markup("<p>Deze pagina is verlopen.</p>")), 403)
        if look.own_login:
            return redirect(here("login"), 303)
        ticket = secrets.token_urlsafe(18)
        tickets[ticket] = here("consent")
        session["ticket"] = ticket
        return redirect(f"{login_url}?ticket={ticket}", 302)

    @web.get(f"{PATH}/inloggen")
    def login():
        return login_page(here("login"), token())

    @web.post(f"{PATH}/inloggen")
    def logged_in():
        user = known(people)
        if user is None or not is_ours():
            return login_page(here("login"), token(), "Gebruikersnaam of wachtwoord is onjuist."), 200
        # A new session after login.
        session.clear()
        session["user"] = user
        return redirect(here("consent"), 303)

    @web.post("/toegang/terug")
    def returned():
        onward = tickets.pop(request.form.get("ticket", ""), None)
        user = ELSEWHERE.pop(request.form.get("assertion", ""), None)
        if onward is None or user is None:
            return page("Begin opnieuw", Markup("<p>Inloggen is niet gelukt.</p>")), 403
        session.clear()
        session["user"] = user
        return redirect(onward, 303)

    @web.get(f"{PATH}/toestemming")
    def consent():
        grant, refusal = asked()
        if refusal:
            return refusal
        if "user" not in session:
            return redirect(here("start"), 303)
        text = Markup("<p>Geeft u {} toestemming om uw gegevens bij {} op te halen?</p>")
        text = text.format(grant.client.title, request.args["scope"])
        choice = Markup('<label><input type="checkbox" name="blijvend" value="1"> Voor onbepaalde tijd</label>')
        buttons = button("antwoord", "ja", "Ja, ik geef toestemming") + button("antwoord", "nee", "Nee")
        return page("Uw toestemming", text + form(here("consent"), token(), choice + buttons))

    @web.post(f"{PATH}/toestemming")
    def decided():
        grant, refusal = asked()
        if refusal or "user" not in session or not is_ours():
            return refusal or redirect(here("start"), 303)
        granted = session["user"] if request.form.get("antwoord") == "ja" else None
        session.clear()
        return server.create_authorization_response(grant_user=granted, grant=grant)

    web.extensions["oauth"] = server
    web.extensions["return"] = return_url
    return web


# Who logged in elsewhere, by what the form brought back.
ELSEWHERE = {}


def elsewhere(people, return_url):
    """The host of the authentication service: a page, and a form that posts itself back."""
    web = Flask(f"{__name__}.elsewhere")

    @web.get("/aanmelden")
    def ask():
        field = Markup('<input type="hidden" name="ticket" value="{}">').format(request.args.get("ticket", ""))
        return login_page("/aanmelden", None, extra=field)

    @web.post("/aanmelden")
    def answer():
        user = known(people)
        ticket = request.form.get("ticket", "")
        if user is None:
            return login_page("/aanmelden", None, "Onbekend.", Markup('<input type="hidden" name="ticket" value="{}">').format(ticket))
        assertion = secrets.token_urlsafe(32)
        ELSEWHERE[assertion] = user
        fields = Markup('<input type="hidden" name="ticket" value="{}"><input type="hidden" name="assertion" value="{}">')
        body = Markup('<form method="post" action="{}">{}<noscript><button>Verder</button></noscript></form>')
        body = body.format(return_url, fields.format(ticket, assertion))
        return f'<!doctype html><html lang="nl"><title>Verder</title><body onload="document.forms[0].submit()">{body}'

    return web


def known(people):
    user, password = request.form.get("gebruikersnaam", ""), request.form.get("geheim", "")
    return user if user in people and hmac.compare_digest(people[user], password) else None


def login_page(action, token, message="", extra=Markup("")):
    fields = Markup(
        "<p role=alert>{}</p><p><label>Gebruikersnaam <input name=gebruikersnaam autocomplete=username></label>"
        "<p><label>Wachtwoord <input type=password name=geheim></label>{}"
    ).format(message, extra)
    return page("Inloggen", form(action, token, fields + Markup("<p><button class=primair>Inloggen</button>")))


def form(action, token, content):
    hidden = Markup('<input type="hidden" name="form" value="{}">').format(token) if token else ""
    return Markup('<form method="post" action="{}">{}{}</form>').format(action, hidden, content)


def button(name, value, text):
    return Markup('<button name="{}" value="{}">{}</button>').format(name, value, text)


def page(title, content):
    return (
        '<!DOCTYPE html>\n<html lang="nl"><head><meta charset="utf-8"><title>'
        f'{escape(title)}</title></head>\n<body><main><h1>{escape(title)}</h1>{content}</main></body></html>'
    )


def steps(look):
    """The pages for the candidate file."""
    person = {"input[name=gebruikersnaam]": "${patient.login}", "input[name=geheim]": "${patient.password}"}
    submit = "button.primair"
    return [
        {"page": "landing", "submit": "button[name=stap]"},
        {"page": "login", "fill": person, "submit": submit},
        {"page": "consent", "submit": "button[value=ja]"},
    ]
