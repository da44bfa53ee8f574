//! What the rules of a DVP share: its requests by interface, their parameters and their tracing ids.

use std::collections::BTreeSet;

use url::Url;

use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Attested;
use crate::exchange::Certificate;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::Trace;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::text;

/// Requests at an interface, in order, whatever our side did wrong on purpose at that moment.
pub fn requests(run: &Run, interface: Interface) -> impl Iterator<Item = &Exchange> {
    run.exchanges().filter(move |exchange| exchange.interface == interface)
}

/// Requests for data: what is public at a resource server (its CapabilityStatement) needs neither token nor tracing.
pub fn data_requests(run: &Run) -> impl Iterator<Item = &Exchange> {
    requests(run, Interface::Resource).filter(|exchange| !path(exchange).ends_with("/metadata"))
}

/// The path of a request.
pub fn path(exchange: &Exchange) -> String {
    Url::parse(&exchange.request.url).map(|url| url.path().to_owned()).unwrap_or_default()
}

/// The host of a request.
pub fn host(exchange: &Exchange) -> String {
    Url::parse(&exchange.request.url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// The parameters of the query and of a form body.
pub fn parameters(exchange: &Exchange) -> Vec<(String, String)> {
    let mut all = exchange.request.query();
    all.extend(exchange.request.body.form());
    all
}

/// The values of one parameter.
pub fn values(parameters: &[(String, String)], name: &str) -> Vec<String> {
    parameters.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
}

/// Values of `X-Correlation-ID` of the authorization requests of a trace.
pub fn correlations(trace: &Trace) -> BTreeSet<String> {
    let requests = trace.exchanges.iter().filter(|exchange| exchange.interface == Interface::Authorization);
    requests.flat_map(|exchange| tracing(exchange, "X-Correlation-ID")).collect()
}

/// Whether a token request swaps a refresh token, or is meant to.
pub fn is_refresh(exchange: &Exchange) -> bool {
    if exchange.interface != Interface::Token {
        return false;
    }
    let parameters = parameters(exchange);
    let has = |name: &str| parameters.iter().any(|(key, _)| key == name);
    values(&parameters, "grant_type").iter().any(|grant| grant == "refresh_token")
        || has("refresh_token") && !has("code")
}

/// Values of a tracing id of an authorization request: in the query as the rule says, or in a header as an example has it.
pub fn tracing(exchange: &Exchange, name: &str) -> Vec<String> {
    let mut found = values(&parameters(exchange), name);
    found.extend(exchange.request.header(name).map(str::to_owned));
    found
}

/// Whether a text is a UUID in the usual form.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// What is wrong with the tracing headers of a back-channel request; `seen` holds the request ids so far.
pub fn tracing_headers(exchange: &Exchange, flow: &BTreeSet<String>, seen: &mut BTreeSet<String>) -> Vec<Issue> {
    let mut issues = Vec::new();
    for name in ["MedMij-Request-ID", "X-Correlation-ID"] {
        let value = exchange.request.header(name);
        if value.is_none_or(|value| !is_uuid(value)) {
            let expected = text!("header {name} met een UUID", "header {name} with a UUID");
            let seen = value.map_or_else(|| Text::new("geen", "none"), |value| Text::same(format!("`{value}`")));
            issues.push(Issue::error("tracing-id", name, expected, seen).at(exchange.number));
        }
    }
    let id = exchange.request.header("MedMij-Request-ID").filter(|value| is_uuid(value));
    if let Some(id) = id.filter(|id| !seen.insert((*id).to_owned())) {
        let expected = Text::new("een nieuwe waarde voor elk verzoek", "a new value for each request");
        let told = text!("`{id}` is al gebruikt", "`{id}` was used before");
        issues.push(Issue::error("request-id-repeats", "MedMij-Request-ID", expected, told).at(exchange.number));
    }
    let correlation = exchange.request.header("X-Correlation-ID").filter(|value| is_uuid(value));
    if let Some(id) = correlation.filter(|id| !flow.is_empty() && !flow.contains(*id)) {
        let expected = Text::new("de waarde van het autorisatieverzoek", "the value of the authorization request");
        let told = Text::same(format!("`{id}`"));
        issues.push(Issue::error("other-correlation-id", "X-Correlation-ID", expected, told).at(exchange.number));
    }
    issues
}

/// Whether a code was presented after a way back with one of these probes, on which it had to be refused. That none was tells
/// something only where the way back reached the DVP.
pub fn presents_no_code(run: &Run, probes: &[&str], none: Text) -> Judgement {
    let probed: Vec<&Trace> = probes.iter().flat_map(|probe| run.probe_traces(probe)).collect();
    let presents = |trace: &Trace| trace.exchanges.iter().any(|exchange| exchange.interface == Interface::Token);
    let reason = match probed.iter().any(|trace| was_sent_back(trace)) {
        true => Text::new(
            "de browser werd teruggestuurd, maar niets toont dat hij bij de DVP aankwam",
            "the browser was sent back, but nothing shows that it reached the DVP",
        ),
        false => none,
    };
    let met = probed.into_iter().filter(|trace| came_back(trace, 1) || presents(trace));
    Judgement::each(met, reason, |trace| {
        let token = trace.exchanges.iter().find(|exchange| exchange.interface == Interface::Token);
        let expected = Text::new("geen tokenverzoek", "no token request");
        let told = Text::new("een tokenverzoek met de code", "a token request with the code");
        let issue = token.map(|token| Issue::error("code-presented", "state", expected, told).at(token.number));
        issue.into_iter().collect()
    })
}

/// What is wrong with parameters that must each stand once, with a value.
pub fn each_once(exchange: &Exchange, names: &[&str]) -> Vec<Issue> {
    let parameters = parameters(exchange);
    let mut issues = Vec::new();
    for name in names {
        let count = values(&parameters, name).iter().filter(|value| !value.is_empty()).count();
        if count != 1 {
            let expected = text!("parameter {name}, een keer", "parameter {name}, once");
            let told = text!("{count} keer", "{count} times");
            issues.push(Issue::error("parameter-count", *name, expected, told).at(exchange.number));
        }
    }
    issues
}

/// The judgement over the values of a parameter at an interface; one that is not there is for AUTH-02 and TOK-02.
pub fn each_value<I: IntoIterator<Item = Issue>>(
    run: &Run,
    interface: Interface,
    name: &str,
    judge: impl Fn(&str) -> I,
) -> Judgement {
    let given = requests(run, interface).flat_map(|exchange| {
        let values = values(&parameters(exchange), name).into_iter().filter(|value| !value.is_empty());
        values.map(|value| (exchange.number, value))
    });
    let none = text!("geen verzoek met {name}", "no request with {name}");
    Judgement::each(given, none, |(number, value)| judge(&value).into_iter().map(|issue| issue.at(number)).collect())
}

/// Whether the DVP names itself as the OAuth Client List does, in any case.
pub fn each_client_id(context: &Context, run: &Run, interface: Interface) -> Judgement {
    let own = &context.candidate.client.client_id;
    each_value(run, interface, "client_id", |value| {
        let (expected, seen) = (Text::same(format!("`{own}`")), Text::same(format!("`{value}`")));
        (!value.eq_ignore_ascii_case(own)).then(|| Issue::error("other-client-id", "client_id", expected, seen))
    })
}

/// Whether an address, as it stands, was in an answer that the DVP got in the same scenario: it is not of its own making.
pub fn was_given(run: &Run, exchange: &Exchange) -> bool {
    let before = run.exchanges().filter(|other| other.scenario == exchange.scenario && other.number < exchange.number);
    let target = exchange.request.url.as_str();
    let (escaped, in_xml) = (target.replace('/', "\\/"), target.replace('&', "&amp;"));
    let texts = before.filter_map(|other| other.response.as_ref()?.body.text());
    texts.into_iter().any(|text| [target, &escaped, &in_xml].iter().any(|form| text.contains(*form)))
}

/// A request on the back channel without client certificate, at a server of ours that asks for one.
pub fn without_certificate(run: &Run, exchange: &Exchange) -> Option<Issue> {
    let host = host(exchange);
    // Recordings of others do not tell what was shown: only our own servers do.
    let is_ours = run.connections.iter().any(|connection| connection.is_back && connection.host == host);
    let is_bare = exchange.certificate == Certificate::None;
    let expected = Text::new("een clientcertificaat", "a client certificate");
    let issue = || Issue::error("no-certificate", "TLS", expected, Text::new("geen", "none")).at(exchange.number);
    (is_ours && is_bare).then(issue)
}

/// Whether a visit of the browser reached the DVP: an answer came, and not from something in front of it that reached nobody.
pub fn arrived(visit: &Exchange) -> bool {
    visit.status().is_some_and(|status| !(502..=504).contains(&status))
}

/// Whether the browser came back to the DVP in a trace, so many times, with a code or error: visits of our browser that were
/// answered, or redirects of ours of which somebody attests that another browser followed them.
pub fn came_back(trace: &Trace, times: usize) -> bool {
    let visits = trace.exchanges.iter().filter(|exchange| exchange.interface == Interface::Client && arrived(exchange));
    let seen = visits.filter(|visit| Url::parse(&visit.request.url).is_ok_and(|url| is_way_back(&url))).count();
    let words = [Attested::CameBackTwice, Attested::CameBack];
    let attested = trace.is_attested(if times > 1 { &words[..1] } else { &words });
    seen >= times || attested && was_sent_back(trace)
}

/// Whether our authorization server sent the browser back in a trace.
fn was_sent_back(trace: &Trace) -> bool {
    let is_front = |exchange: &&Exchange| matches!(exchange.interface, Interface::Authorization | Interface::Page);
    trace.exchanges.iter().filter(is_front).any(|exchange| {
        let target = exchange.response.as_ref().and_then(|response| response.header("location"));
        target.and_then(|target| Url::parse(target).ok()).is_some_and(|url| is_way_back(&url))
    })
}

fn is_way_back(url: &Url) -> bool {
    url.query_pairs().any(|(name, _)| name == "code" || name == "error")
}

/// Why nothing of a kind could be judged.
pub fn nothing(what_nl: &str, what_en: &str) -> Text {
    text!("er kwam geen {what_nl}", "no {what_en} came")
}
