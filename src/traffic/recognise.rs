//! Which interface of the Afsprakenstelsel each exchange of a capture belongs to, by what it is and what is around it.
//!
//! What could as well be other traffic (a login broker, the source system behind a DVA) is left out. Knows the candidate's
//! addresses where they are given; needs none. Entry point: [`interfaces`].

use std::collections::BTreeSet;

use url::Url;

use crate::candidate::Candidate;
use crate::exchange::Interface;
use crate::exchange::foreign::Sighted;

/// Parameters of the authorization request.
const ASKED: &[&str] = &["response_type", "client_id", "redirect_uri", "scope", "state"];

/// Names of the lists, as their addresses have them, in lower case.
const LISTS: &[&str] = &["zorgaanbiederslijst", "oauthclientlist", "gegevensdienstnamenlijst", "whitelist"];

/// The interface of each entry; `None` for what belongs to none.
pub fn interfaces(entries: &[Sighted], candidate: Option<&Candidate>) -> Vec<Option<Interface>> {
    let looks: Vec<Look> = entries.iter().map(Look::of).collect();
    let known = Known::learn(&looks, candidate);
    let mut seen_states = BTreeSet::new();
    looks.iter().map(|look| known.interface(look, &mut seen_states)).collect()
}

/// An entry with what is looked at more than once.
struct Look<'a> {
    entry: &'a Sighted,
    address: String,
    host: String,
    query: Vec<(String, String)>,
    form: Vec<(String, String)>,
    bearer: Option<String>,
    /// Members of the JSON of an answer to a POST, which may be a token response.
    answer: Option<serde_json::Value>,
    is_fhir: bool,
    has_tracing: bool,
}

impl<'a> Look<'a> {
    fn of(entry: &'a Sighted) -> Self {
        let url = Url::parse(&entry.request.url).ok();
        let request = &entry.request;
        let header = |name: &str| request.header(name).unwrap_or_default().to_ascii_lowercase();
        let is_form = header("content-type").contains("x-www-form-urlencoded")
            || request.method == "POST" && request.body.text().is_some_and(|text| text.contains("grant_type="));
        let query = request.query();
        let form = if is_form { request.body.form() } else { Vec::new() };
        let bearer = request.header("authorization").and_then(|value| value.split_once(' '));
        let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let bearer = bearer.map(|(_, token)| token.trim().to_owned());
        let response = entry.response.as_ref();
        let media_type = response.and_then(|response| response.media_type()).unwrap_or_default();
        let is_fhir = [header("accept"), header("content-type"), media_type].iter().any(|text| text.contains("fhir"));
        let has =
            |name: &str| request.header(name).is_some() || query.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
        let has_tracing = has("MedMij-Request-ID") || has("X-Correlation-ID");
        let small = response.filter(|response| response.body.bytes().len() < 65_536);
        let answer = small.filter(|_| request.method == "POST").and_then(|response| response.body.json());
        let address = url.as_ref().map(address).unwrap_or_default();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned();
        Self { entry, address, host, query, form, bearer, answer, is_fhir, has_tracing }
    }

    fn sent(&self, name: &str) -> Option<&str> {
        let all = self.query.iter().chain(&self.form);
        all.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// An authorization request by itself: of a DVP rather than of a login broker.
    fn asks_authorization(&self) -> bool {
        let names_host = self.sent("client_id").is_some_and(|id| id.contains('.') && !id.contains([' ', '/', '@']));
        let is_openid = self.sent("scope").is_some_and(|scope| scope.split(' ').any(|word| word == "openid"));
        self.sent("response_type").is_some() && (names_host || self.has_tracing) && !is_openid
    }

    /// A token request by itself: of a code or refresh token, and not of OpenID Connect.
    fn asks_token(&self) -> bool {
        let grants = matches!(self.sent("grant_type"), Some("authorization_code" | "refresh_token"));
        let is_openid = self.answer.as_ref().is_some_and(|answer| answer.get("id_token").is_some());
        self.entry.request.method != "OPTIONS" && grants && !is_openid
    }

    fn given(&self, name: &str) -> Option<&str> {
        self.answer.as_ref()?.get(name)?.as_str()
    }

    fn location(&self) -> Option<Url> {
        let response = self.entry.response.as_ref()?;
        Url::parse(&self.entry.request.url).ok()?.join(response.header("location")?).ok()
    }

    /// A redirect to the same place over TLS, which browsers make by themselves.
    fn is_upgrade(&self) -> bool {
        let Ok(mut url) = Url::parse(&self.entry.request.url) else { return false };
        url.scheme() == "http" && url.set_scheme("https").is_ok() && self.location().is_some_and(|to| to == url)
    }
}

/// What the capture as a whole tells.
#[derive(Default)]
struct Known {
    authorization: BTreeSet<String>,
    authorization_hosts: BTreeSet<String>,
    token: BTreeSet<String>,
    redirect: BTreeSet<String>,
    tokens: BTreeSet<String>,
    /// Addresses up to the resource type at which data is asked.
    bases: BTreeSet<String>,
}

impl Known {
    fn learn(looks: &[Look], candidate: Option<&Candidate>) -> Self {
        let mut known = Self::default();
        if let Some(candidate) = candidate {
            known.authorization.insert(address(&candidate.endpoints.authorization));
            known.authorization_hosts.extend(candidate.endpoints.authorization.host_str().map(str::to_owned));
            known.token.insert(address(&candidate.endpoints.token));
            known.redirect.insert(address(&candidate.client.redirect_uri));
            let bases = candidate.endpoints.resource.values();
            known.bases.extend(bases.map(|url| address(url).trim_end_matches('/').to_owned()));
        }
        for look in looks {
            if look.asks_authorization() {
                known.authorization.insert(look.address.clone());
                known.authorization_hosts.insert(look.host.clone());
                let back = look.sent("redirect_uri").and_then(|uri| Url::parse(uri).ok());
                known.redirect.extend(back.as_ref().map(address));
            }
            if look.asks_token() {
                known.token.insert(look.address.clone());
                known.tokens.extend(look.given("access_token").map(str::to_owned));
                let back = look.sent("redirect_uri").and_then(|uri| Url::parse(uri).ok());
                known.redirect.extend(back.as_ref().map(address));
            }
        }
        known.learn_bases(looks);
        known
    }

    /// Data is asked where a token of the capture goes; where it holds none, where a request of MedMij goes; else where any
    /// token goes with a FHIR request.
    fn learn_bases(&mut self, looks: &[Look]) {
        let data = || looks.iter().filter(|look| look.entry.request.method != "OPTIONS");
        let carries = |look: &&Look| look.bearer.as_ref().is_some_and(|token| self.tokens.contains(token));
        let mut bases: BTreeSet<String> = data().filter(carries).map(|look| base(&look.address)).collect();
        let is_data = |look: &&Look| look.is_fhir && !self.token.contains(&look.address);
        if bases.is_empty() {
            bases = data().filter(is_data).filter(|look| look.has_tracing).map(|look| base(&look.address)).collect();
        }
        if bases.is_empty() {
            bases = data().filter(is_data).filter(|l| l.bearer.is_some()).map(|look| base(&look.address)).collect();
        }
        self.bases.extend(bases);
    }

    fn interface(&self, look: &Look, states: &mut BTreeSet<(String, String)>) -> Option<Interface> {
        let request = &look.entry.request;
        if matches!(request.method.as_str(), "OPTIONS" | "CONNECT") || look.is_upgrade() {
            return None;
        }
        if self.authorization.contains(&look.address) {
            let count = ASKED.iter().filter(|name| look.sent(name).is_some()).count();
            let client = look.sent("client_id").unwrap_or_default().to_owned();
            // The server may come back to its own address, with the request still in it.
            let is_new = |states: &mut BTreeSet<(String, String)>| match look.sent("state") {
                Some(state) => {
                    let id = look.sent("MedMij-Request-ID").unwrap_or_default();
                    states.insert((client, format!("{state} {id}")))
                }
                None => request.method == "GET",
            };
            if count >= 2 && is_new(states) {
                return Some(Interface::Authorization);
            }
        }
        let is_grant = look.asks_token() || look.sent("code").is_some() && request.method == "POST";
        if look.asks_token() || self.token.contains(&look.address) && is_grant {
            return Some(Interface::Token);
        }
        if self.redirect.contains(&look.address) && (look.sent("state").is_some() || look.sent("code").is_some()) {
            return Some(Interface::Client);
        }
        let path = look.address.to_ascii_lowercase();
        if LISTS.iter().any(|list| path.contains(list)) && !look.is_fhir {
            return Some(Interface::List);
        }
        let is_data = self.bases.iter().any(|known| is_below(&look.address, known));
        if is_data && !self.token.contains(&look.address) && (look.is_fhir || look.bearer.is_some()) {
            return Some(Interface::Resource);
        }
        let sends_back = look.location().is_some_and(|to| self.redirect.contains(&address(&to)));
        let is_own_page = self.authorization_hosts.contains(&look.host) && look.entry.is_page != Some(false);
        (sends_back || is_own_page && look.bearer.is_none()).then_some(Interface::Page)
    }
}

/// An address without query and fragment.
pub fn address(url: &Url) -> String {
    url[..url::Position::AfterPath].to_owned()
}

/// The ResourceEndpoint of an address: what stands before the resource type, an operation or `metadata`.
pub fn base(address: &str) -> String {
    let Ok(url) = Url::parse(address) else { return address.to_owned() };
    let mut out = url[..url::Position::BeforePath].to_owned();
    for part in url.path().split('/').filter(|part| !part.is_empty()) {
        let is_type =
            part.starts_with(|c: char| c.is_ascii_uppercase()) && part.chars().all(|c| c.is_ascii_alphabetic());
        if is_type || part.starts_with(['$', '_']) || part == "metadata" {
            break;
        }
        out.push('/');
        out.push_str(part);
    }
    out
}

fn is_below(address: &str, base: &str) -> bool {
    address.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::foreign;
    use serde_json::Value;
    use serde_json::json;

    fn recognised(entries: Value) -> Vec<Option<Interface>> {
        let har = json!({"log": {"entries": entries}}).to_string();
        interfaces(&foreign::read(har.as_bytes()).unwrap(), None)
    }

    fn get(url: &str, headers: Value) -> Value {
        json!({"request": {"method": "GET", "url": url, "headers": headers}})
    }

    fn authorize() -> Value {
        get(
            "https://as.example/a?response_type=code&client_id=pgo.example&redirect_uri=https%3A%2F%2Fpgo.example%2Fcb&scope=z&state=s",
            json!([]),
        )
    }

    #[test]
    fn a_flow_is_recognised_without_being_told() {
        let mut back = get("https://as.example/consent", json!([{"name": "Accept", "value": "text/html"}]));
        back["response"] =
            json!({"status": 302, "headers": [{"name": "location", "value": "https://pgo.example/cb?code=c&state=s"}]});
        let token = json!({"request": {"method": "POST", "url": "https://token.example/t",
            "postData": {"mimeType": "application/x-www-form-urlencoded", "text": "grant_type=authorization_code&code=c"}},
            "response": {"status": 200, "content": {"text": "{\"access_token\":\"tok\",\"token_type\":\"Bearer\"}"}}});
        let entries = json!([
            authorize(),
            back,
            get("https://pgo.example/cb?code=c&state=s", json!([])),
            token,
            get("https://fhir.example/bgz/Patient", json!([{"name": "authorization", "value": "Bearer tok"}])),
            get("https://fhir.example/bgz/Condition", json!([{"name": "accept", "value": "application/fhir+json"}])),
            get("https://stelsel.example/Zorgaanbiederslijst", json!([])),
            get("https://cdn.example/script.js", json!([])),
        ]);
        use Interface::*;
        let expect = [
            Some(Authorization),
            Some(Page),
            Some(Client),
            Some(Token),
            Some(Resource),
            Some(Resource),
            Some(List),
            None,
        ];
        assert_eq!(recognised(entries), expect);
    }

    #[test]
    fn other_traffic_is_left_out() {
        let entries = json!([
            authorize(),
            // The login broker of the DVA, and the login of the PGO.
            get(
                "https://broker.example/authorize?response_type=code&client_id=dva.example&scope=openid&state=t",
                json!([])
            ),
            // The source system behind the DVA.
            get(
                "https://intern.example/fhir/Patient",
                json!([{"name": "authorization", "value": "Bearer intern"}, {"name": "accept", "value": "application/fhir+json"}])
            ),
            {"request": {"method": "POST", "url": "https://token.example/t",
                "postData": {"text": "grant_type=authorization_code&code=c"}},
             "response": {"status": 200, "content": {"text": "{\"access_token\":\"tok\"}"}}},
            get("https://fhir.example/Patient", json!([{"name": "authorization", "value": "Bearer tok"}])),
        ]);
        use Interface::*;
        assert_eq!(recognised(entries), [Some(Authorization), None, None, Some(Token), Some(Resource)]);
    }

    #[test]
    fn the_request_that_comes_by_again_is_a_page() {
        let entries = json!([authorize(), authorize()]);
        assert_eq!(recognised(entries), [Some(Interface::Authorization), Some(Interface::Page)]);
    }

    #[test]
    fn the_base_ends_before_the_resource_type() {
        assert_eq!(base("https://fhir.example/r3/bgz/Observation/$lastn"), "https://fhir.example/r3/bgz");
        assert_eq!(base("https://fhir.example/metadata"), "https://fhir.example");
    }
}
