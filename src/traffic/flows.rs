//! Groups redacted exchanges into flows: by `state`, then by the code, then by the tokens that came of it.
//!
//! What was got with a refresh token is a flow of its own: it may be long after. Judges nothing. Entry point: [`group`].

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use url::Url;

use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::StepRecord;
use crate::exchange::Trace;
use crate::rules::is_refresh;

/// The flows of exchanges that stand in order of time.
pub fn group(exchanges: Vec<Exchange>) -> Vec<Trace> {
    let mut flows = Flows::default();
    for exchange in exchanges {
        let flow = flows.place(&exchange);
        flows.take(flow, exchange);
    }
    flows.traces
}

#[derive(Default)]
struct Flows {
    traces: Vec<Trace>,
    /// The flow of each `state`, code and token.
    of: BTreeMap<String, usize>,
    /// Flows whose browser is not back yet.
    open: BTreeSet<usize>,
    /// The flow in which a host was last asked.
    last: BTreeMap<String, usize>,
    /// Where what belongs nowhere else is put.
    rest: Option<usize>,
}

impl Flows {
    fn place(&mut self, exchange: &Exchange) -> usize {
        let known = |keys: &[String]| keys.iter().find_map(|key| self.of.get(key).copied());
        match exchange.interface {
            Interface::Authorization => self.begin(),
            Interface::Page => {
                let by_state = known(&back(exchange));
                // With one person on the way it is clear whose page it is.
                let only = self.open.iter().next().copied().filter(|_| self.open.len() == 1);
                by_state.or(only).unwrap_or_else(|| self.rest())
            }
            Interface::Client => known(&named(exchange.request.query())).unwrap_or_else(|| self.rest()),
            Interface::Token if is_refresh(exchange) => self.begin(),
            Interface::Token => {
                let keys = named(exchange.request.body.form().into_iter().chain(exchange.request.query()));
                known(&keys).unwrap_or_else(|| self.begin())
            }
            Interface::Resource => {
                let keys: Vec<String> = bearer(exchange).into_iter().collect();
                let host = host(exchange);
                match (known(&keys), keys.is_empty()) {
                    (Some(flow), _) => flow,
                    (None, true) => self.last.get(&host).copied().unwrap_or_else(|| self.begin()),
                    (None, false) => self.begin(),
                }
            }
            Interface::List => self.rest(),
        }
    }

    fn take(&mut self, flow: usize, mut exchange: Exchange) {
        match exchange.interface {
            Interface::Authorization => {
                self.open.insert(flow);
                let state = exchange.request.query().into_iter().chain(exchange.request.body.form());
                self.of.extend(named(state.filter(|(name, _)| name == "state")).into_iter().map(|key| (key, flow)));
                self.came_back(flow, &exchange);
            }
            Interface::Page => self.came_back(flow, &exchange),
            Interface::Client => {
                self.open.remove(&flow);
                self.learn(flow, named(exchange.request.query()));
            }
            Interface::Token => {
                let form = exchange.request.body.form().into_iter();
                if !is_refresh(&exchange) {
                    self.learn(flow, named(form.filter(|(name, _)| name == "code")));
                }
                let answer = exchange.response.as_ref().and_then(|response| response.body.json());
                let token = answer.as_ref().and_then(|json| json.get("access_token")?.as_str());
                self.learn(flow, token.map(|token| format!("token {token}")).into_iter().collect());
            }
            Interface::Resource => {
                self.last.insert(host(&exchange), flow);
                self.learn(flow, bearer(&exchange).into_iter().collect());
            }
            Interface::List => {}
        }
        let trace = &mut self.traces[flow];
        exchange.scenario.clone_from(&trace.scenario);
        exchange.step = format!("{}", trace.exchanges.len() + 1);
        let (step, number) = (exchange.step.clone(), exchange.number);
        trace.steps.push(StepRecord { step, exchanges: vec![number], stopped: None, attested: None });
        trace.exchanges.push(exchange);
    }

    fn came_back(&mut self, flow: usize, exchange: &Exchange) {
        let keys = back(exchange);
        if !keys.is_empty() {
            self.open.remove(&flow);
            self.learn(flow, keys);
        }
    }

    /// The first flow of a key keeps it.
    fn learn(&mut self, flow: usize, keys: Vec<String>) {
        for key in keys {
            self.of.entry(key).or_insert(flow);
        }
    }

    fn begin(&mut self) -> usize {
        let number = self.traces.len() + 1;
        self.traces.push(Trace { scenario: format!("traffic/{number}"), ..Trace::default() });
        number - 1
    }

    fn rest(&mut self) -> usize {
        match self.rest {
            Some(flow) => flow,
            None => {
                let flow = self.begin();
                self.rest = Some(flow);
                flow
            }
        }
    }
}

/// Keys of `state` and code among parameters.
fn named(parameters: impl IntoIterator<Item = (String, String)>) -> Vec<String> {
    let telling =
        parameters.into_iter().filter(|(name, value)| matches!(name.as_str(), "state" | "code") && !value.is_empty());
    telling.map(|(name, value)| format!("{name} {value}")).collect()
}

/// The same of where an answer sends the browser.
fn back(exchange: &Exchange) -> Vec<String> {
    let url = exchange.forward.as_deref().and_then(|forward| Url::parse(forward).ok());
    let pairs: Vec<(String, String)> = url.iter().flat_map(|url| url.query_pairs().into_owned()).collect();
    let comes_back = pairs.iter().any(|(name, _)| matches!(name.as_str(), "code" | "error"));
    if comes_back { named(pairs) } else { Vec::new() }
}

fn bearer(exchange: &Exchange) -> Option<String> {
    let (_, token) = exchange.request.header("authorization")?.split_once(' ')?;
    Some(format!("token {}", token.trim()))
}

fn host(exchange: &Exchange) -> String {
    Url::parse(&exchange.request.url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Actor;
    use crate::exchange::Body;
    use crate::exchange::Certificate;
    use crate::exchange::Request;
    use crate::exchange::Response;
    use jiff::Timestamp;

    fn exchange(interface: Interface, url: &str, form: &str, answer: &str) -> Exchange {
        let forward = answer.starts_with("https:").then(|| answer.to_owned());
        let body = if forward.is_none() { Body::from_bytes(answer.into()) } else { Body::Empty };
        Exchange {
            number: 0,
            scenario: String::new(),
            step: String::new(),
            interface,
            actor: Actor::Dvp,
            probe: None,
            certificate: Certificate::None,
            started: Timestamp::UNIX_EPOCH,
            wait_ms: 0.0,
            total_ms: 0.0,
            request: Request {
                method: "GET".into(),
                url: url.into(),
                headers: vec![],
                body: Body::from_bytes(form.into()),
            },
            response: Some(Response { status: 200, headers: vec![], body }),
            failure: None,
            forward,
            tls: None,
        }
    }

    fn get(token: &str) -> Exchange {
        let mut get = exchange(Interface::Resource, "https://fhir.example/Patient", "", "");
        get.request.headers.push(("authorization".into(), format!("Bearer {token}")));
        get
    }

    fn sizes(exchanges: Vec<Exchange>) -> Vec<usize> {
        group(exchanges).iter().map(|trace| trace.exchanges.len()).collect()
    }

    #[test]
    fn flows_that_cross_are_told_apart() {
        let (a, p, t) = (Interface::Authorization, Interface::Page, Interface::Token);
        let exchanges = vec![
            exchange(a, "https://as.example/a?state=s1", "", ""),
            exchange(a, "https://as.example/a?state=s2", "", ""),
            exchange(p, "https://as.example/p", "", "https://pgo.example/cb?code=c2&state=s2"),
            exchange(p, "https://as.example/p", "", "https://pgo.example/cb?code=c1&state=s1"),
            exchange(t, "https://t.example/", "grant_type=authorization_code&code=c1", r#"{"access_token":"t1"}"#),
            exchange(t, "https://t.example/", "grant_type=authorization_code&code=c2", r#"{"access_token":"t2"}"#),
            get("t2"),
            get("t1"),
            get("t2"),
        ];
        assert_eq!(sizes(exchanges), [4, 5]);
    }

    #[test]
    fn what_a_refresh_token_brings_is_a_flow_of_its_own() {
        let t = Interface::Token;
        let exchanges = vec![
            exchange(t, "https://t.example/", "grant_type=authorization_code&code=c1", r#"{"access_token":"t1"}"#),
            get("t1"),
            exchange(t, "https://t.example/", "grant_type=refresh_token&refresh_token=r", r#"{"access_token":"t2"}"#),
            get("t2"),
            get("t1"),
        ];
        assert_eq!(sizes(exchanges), [3, 2]);
    }
}
