//! SEC-09: the cookie of a session is for the server alone.

use std::collections::BTreeMap;

use jiff::fmt::rfc2822;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::text;

declare_rule! {
    /// A cookie that may stand for the session of a person goes over TLS only, and no script reads it.
    ///
    /// ## How it is tested
    /// Every cookie that the host of the AuthorizationEndpoint sets, with a value of 64 bits or more and for a day at most, has
    /// `Secure` and `HttpOnly`. A cookie against forged requests (its name has `csrf` or `xsrf`) may be there for scripts. Each
    /// name counts once.
    /// ## Not covered
    /// `SameSite`: without it browsers take `Lax`, and `None` is needed when an authentication service comes back by POST.
    /// Whether the session gets another number after login: which cookie is that of the session is not told. Cookies of other
    /// hosts.
    /// ## Source
    /// RFC 6819, section 4.4.1.11 and RFC 6265, sections 4.1.2.5 and 4.1.2.6.
    pub static RULE = {
        id: "SEC-09",
        summary: "cookies of a session have Secure and HttpOnly",
        roles: &[Role::Dva],
        check: check,
    }
}

/// Values with fewer bits tell nobody apart.
const SESSION_BITS: f64 = 64.0;

/// What is kept longer, in seconds, is no session.
const LONGEST_SESSION: i64 = 86_400;

/// Cookie in an answer.
struct Cookie<'a> {
    exchange: &'a Exchange,
    name: &'a str,
    value: &'a str,
    /// Attributes, names in lower case.
    attributes: Vec<(String, &'a str)>,
}

fn check(context: &Context, run: &Run) -> Judgement {
    let host = context.candidate.endpoints.authorization.host_str();
    let own = run.exchanges().filter(|exchange| {
        let is_front = matches!(exchange.interface, Interface::Authorization | Interface::Page);
        is_front && url::Url::parse(&exchange.request.url).is_ok_and(|url| url.host_str() == host)
    });
    let cookies = own.flat_map(cookies).filter(|cookie| cookie.may_be_a_session(run));
    // The first answer that sets it badly, or else the first that sets it.
    let mut by_name: BTreeMap<&str, Cookie> = BTreeMap::new();
    for cookie in cookies {
        let known = by_name.get(cookie.name).map(|known| known.missing().len());
        if known.is_none_or(|known| known < cookie.missing().len()) {
            by_name.insert(cookie.name, cookie);
        }
    }
    let none = Text::new(
        "geen cookie van de autorisatieserver gezien dat van een sessie kan zijn",
        "no cookie of the Authorization Server was seen that may be of a session",
    );
    Judgement::each(by_name.into_values(), none, |cookie| {
        cookie.missing().into_iter().map(|attribute| issue(&cookie, attribute)).collect()
    })
}

fn cookies(exchange: &Exchange) -> Vec<Cookie<'_>> {
    let headers = exchange.response.iter().flat_map(|response| &response.headers);
    let set = headers.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    set.filter_map(|(_, text)| {
        let mut parts = text.split(';');
        let (name, value) = parts.next()?.split_once('=')?;
        let attributes = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
        let attributes = attributes.map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim())).collect();
        Some(Cookie { exchange, name: name.trim(), value: value.trim().trim_matches('"'), attributes })
    })
    .collect()
}

impl Cookie<'_> {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().rev().find(|(own, _)| own == name).map(|(_, value)| *value)
    }

    fn may_be_a_session(&self, run: &Run) -> bool {
        let is_random = run.secret(self.value).is_some_and(|facts| facts.bits >= SESSION_BITS);
        // Of both, Max-Age counts (RFC 6265, section 4.1.2.2).
        let until = self.attribute("expires").and_then(|date| rfc2822::parse(date).ok());
        let left = until.map(|until| until.timestamp().as_second() - self.exchange.started.as_second());
        let lasts = self.attribute("max-age").and_then(|seconds| seconds.parse().ok()).or(left);
        is_random && lasts.is_none_or(|seconds: i64| (1..=LONGEST_SESSION).contains(&seconds))
    }

    fn missing(&self) -> Vec<&'static str> {
        let name = self.name.to_ascii_lowercase();
        let is_for_scripts = name.contains("csrf") || name.contains("xsrf");
        let asked = [("Secure", true), ("HttpOnly", !is_for_scripts)];
        let is_missing = |attribute: &str| self.attribute(&attribute.to_ascii_lowercase()).is_none();
        asked.into_iter().filter(|(name, asked)| *asked && is_missing(name)).map(|(name, _)| name).collect()
    }
}

fn issue(cookie: &Cookie, attribute: &str) -> Issue {
    let kind = if attribute == "Secure" { "cookie-without-secure" } else { "cookie-without-http-only" };
    let name = cookie.name;
    let expected = text!("een cookie met {attribute}", "a cookie with {attribute}");
    let seen = text!("cookie `{name}` zonder {attribute}", "cookie `{name}` without {attribute}");
    Issue::warning(kind, "Set-Cookie", expected, seen).at(cookie.exchange.number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::SecretKind;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;

    const ID: &str = "REDACTED.cookie.1";

    fn page(cookie: &str) -> Recording {
        let page = Recording::new().secret(ID, SecretKind::Cookie, 128.0).authorize(&[]).page(200, "");
        page.header("Set-Cookie", &cookie.replace("ID", ID))
    }

    #[test]
    fn attributes_are_read_in_any_form() {
        expect(&RULE, page("sid=ID; Path=/; Secure; HttpOnly; SameSite=Lax"), &[]);
        expect(&RULE, page("sid=\"ID\";secure;HTTPONLY;samesite=none;max-age=900"), &[]);
        expect(&RULE, page("XSRF-TOKEN=ID; secure"), &[]);
    }

    #[test]
    fn what_is_missing_is_told_once_a_cookie() {
        let bad = page("sid=ID; Path=/");
        expect(&RULE, bad, &["cookie-without-secure", "cookie-without-http-only"]);
        let twice = page("sid=ID; Secure; HttpOnly").visit("login").page(200, "");
        expect(&RULE, twice.header("Set-Cookie", &format!("sid={ID}; HttpOnly")), &["cookie-without-secure"]);
    }

    #[test]
    fn what_is_no_session_is_not_judged() {
        for cookie in ["taal=nl", "lb=REDACTED.cookie.2", "bezoeker=ID; Max-Age=31536000", "oud=ID; Max-Age=0"] {
            expect(&RULE, page(cookie), &["not seen"]);
        }
        expect(&RULE, page("bezoeker=ID; Expires=Wed, 01 Jan 2031 00:00:00 GMT"), &["not seen"]);
    }
}
