//! SEC-09: the cookie of a session is for the server alone, and another one after login.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::fmt::rfc2822;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::SecretKind;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::rules::oauth::Flow;
use crate::text;

declare_rule! {
    /// A cookie that may stand for the session of a person goes over TLS only, no script reads it, and the person gets another
    /// one by logging in.
    ///
    /// ## How it is tested
    /// Every cookie that the host of the AuthorizationEndpoint sets, with a value of 64 bits or more and for a day at most, has
    /// `Secure` and `HttpOnly`. A cookie against forged requests (its name has `csrf` or `xsrf`) may be there for scripts. Each
    /// name counts once.
    /// In each regular flow in which the person sends a password to that host and sees another page of it before the code comes:
    /// when such a cookie was set before, the answer to the password or a later one sets one with another value. Where what the
    /// browser sends later has a value that it did not send before (in an address or a form), the login may be known by that, and
    /// nothing is said.
    /// ## Not covered
    /// `SameSite`: without it browsers take `Lax`, and `None` is needed when an authentication service comes back by POST.
    /// Cookies of other hosts, and logins at other hosts.
    /// ## Source
    /// RFC 6819, section 4.4.1.11; RFC 6265, sections 4.1.2.5, 4.1.2.6 and 8.4.
    pub static RULE = {
        id: "SEC-09",
        summary: "cookies of a session have Secure and HttpOnly, and login renews them",
        dva: check,
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
    let of_attributes = by_name
        .into_values()
        .map(|cookie| cookie.missing().into_iter().map(|attribute| issue(&cookie, attribute)).collect::<Vec<_>>());
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let flows = oauth::flows(run).into_iter().filter(|flow| flow.probe().is_none());
    let renewals: Vec<_> = flows.filter_map(|flow| kept_at_login(context, run, &flow)).collect();
    let of_logins = renewals.into_iter().map(|kept| {
        let new = kept.filter(|cookie| told.insert(cookie.name));
        new.map(|cookie| not_renewed(&cookie)).into_iter().collect()
    });
    Judgement::each(of_attributes.chain(of_logins), none, |issues| issues)
}

/// The cookie of the session that a person keeps when logging in; `None` in it when there is a new one. `None` when nothing
/// tells: no cookie, no password, or no page after it.
fn kept_at_login<'a>(context: &Context, run: &Run, flow: &Flow<'a>) -> Option<Option<Cookie<'a>>> {
    let host = context.candidate.endpoints.authorization.host_str();
    let own = |exchange: &&&Exchange| url::Url::parse(&exchange.request.url).is_ok_and(|url| url.host_str() == host);
    let pages: Vec<&'a Exchange> = flow.pages.iter().filter(own).copied().collect();
    let at = pages.iter().rposition(|page| sends_password(run, page))?;
    let (before, after) = pages.split_at(at);
    let (login, later) = after.split_first()?;
    let sessions = |page: &&'a Exchange| cookies(page).into_iter().filter(|cookie| cookie.may_be_a_session(run));
    let old: Vec<Cookie> = before.iter().flat_map(sessions).filter(|cookie| !cookie.is_for_scripts()).collect();
    if later.is_empty() || old.is_empty() {
        return None;
    }
    let is_new = |value: &str| old.iter().all(|cookie| cookie.value != value);
    if after.iter().flat_map(sessions).any(|cookie| is_new(cookie.value)) {
        return Some(None);
    }
    // The login may be known by something else that the browser carries from now on.
    let known: BTreeSet<String> = before.iter().chain([login]).flat_map(|page| sent(page)).collect();
    if later.iter().flat_map(|page| sent(page)).any(|value| !known.contains(&value)) {
        return None;
    }
    Some(old.into_iter().next())
}

/// Whether a page is asked for with a login name or password of a patient that is a secret.
fn sends_password(run: &Run, page: &Exchange) -> bool {
    let fields = page.request.body.form();
    fields.iter().any(|(_, value)| run.secret(value).is_some_and(|facts| facts.kind == SecretKind::Login))
}

/// The values in an address and a form that could tell one login from another: at least eight characters, with a digit.
fn sent(page: &Exchange) -> Vec<String> {
    let url = url::Url::parse(&page.request.url).ok();
    let path = url.iter().flat_map(|url| url.path().split('/').map(str::to_owned)).collect::<Vec<_>>();
    let parameters = page.request.query().into_iter().chain(page.request.body.form()).map(|(_, value)| value);
    let tells = |value: &String| value.len() >= 8 && value.chars().any(|c| c.is_ascii_digit());
    path.into_iter().chain(parameters).filter(tells).collect()
}

fn not_renewed(cookie: &Cookie) -> Issue {
    let name = cookie.name;
    let expected = Text::new("een nieuw cookie na het inloggen", "a new cookie after login");
    let seen = text!("cookie `{name}` van voor het inloggen blijft", "cookie `{name}` of before the login stays");
    Issue::warning("session-not-renewed", "Set-Cookie", expected, seen).at(cookie.exchange.number)
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
        // Of both, Max-Age counts (RFC 6265, section 4.1.2.2). Older servers write dashes in the date (section 5.1.1); a date that
        // cannot be read is no end of the session.
        let now = self.exchange.started.as_second();
        let until = self.attribute("expires").map(|date| rfc2822::parse(&date.replace('-', " ")));
        let left = until.map(|until| until.map_or(i64::MAX, |until| until.timestamp().as_second() - now));
        let lasts = self.attribute("max-age").and_then(|seconds| seconds.parse().ok()).or(left);
        is_random && lasts.is_none_or(|seconds: i64| (1..=LONGEST_SESSION).contains(&seconds))
    }

    /// Whether it is there against forged requests: scripts may read it.
    fn is_for_scripts(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        name.contains("csrf") || name.contains("xsrf")
    }

    fn missing(&self) -> Vec<&'static str> {
        let asked = [("Secure", true), ("HttpOnly", !self.is_for_scripts())];
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
        for date in
            ["Wed, 01 Jan 2031 00:00:00 GMT", "Wed, 01-Jan-2031 00:00:00 GMT", "Wednesday, 01-Jan-31 00:00:00 GMT"]
        {
            expect(&RULE, page(&format!("bezoeker=ID; Expires={date}")), &["not seen"]);
        }
    }

    /// A flow in which the login is answered with this cookie, and the next page is at this path.
    fn login(cookie: &str, next: &str) -> Recording {
        let start = page("sid=ID; Secure; HttpOnly").secret("REDACTED.cookie.2", SecretKind::Cookie, 128.0);
        let start = start.secret("REDACTED.login.1", SecretKind::Login, 128.0);
        let sent =
            start.submit("login", "naam=iemand&wachtwoord=REDACTED.login.1&t=REDACTED.form-field.1").page(303, "");
        let sent = if cookie.is_empty() { sent } else { sent.header("Set-Cookie", cookie) };
        sent.visit(next).page(200, "")
    }

    #[test]
    fn login_renews_the_session() {
        expect(&RULE, login("sid=REDACTED.cookie.2; Secure; HttpOnly", "toestemming"), &[]);
        expect(&RULE, login("ingelogd=REDACTED.cookie.2; Secure; HttpOnly", "toestemming"), &[]);
        expect(&RULE, login("", "toestemming"), &["session-not-renewed"]);
        expect(&RULE, login("sid=REDACTED.cookie.1; Secure; HttpOnly", "toestemming"), &["session-not-renewed"]);
        expect(
            &RULE,
            login("taal=nl; Secure; HttpOnly", "toestemming?t=REDACTED.form-field.1"),
            &["session-not-renewed"],
        );
    }

    #[test]
    fn what_may_be_known_otherwise_is_not_judged() {
        for next in ["toestemming?s=a1b2c3d4e5", "a1b2c3d4e5/toestemming", "toestemming?t=REDACTED.form-field.2"] {
            expect(&RULE, login("", next), &[]);
        }
        let at_once = page("sid=ID; Secure; HttpOnly").secret("REDACTED.login.1", SecretKind::Login, 128.0);
        expect(&RULE, at_once.submit("login", "w=REDACTED.login.1").redirect("?code=REDACTED.code.1"), &[]);
    }
}
