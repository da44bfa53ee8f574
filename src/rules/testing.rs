//! Hand-made recordings for the tests of rules: exchanges from short literals.
//!
//! A request method adds an exchange, an answer method fills in the last one:
//! `Recording::new().authorize(&[]).redirect("?code=REDACTED.code.1&state=s1").run()`.

use jiff::Timestamp;

use crate::candidate::Candidate;
use crate::candidate::testing;
use crate::diag::Issue;
use crate::exchange::Actor;
use crate::exchange::Attested;
use crate::exchange::Body;
use crate::exchange::Certificate;
use crate::exchange::Connection;
use crate::exchange::Exchange;
use crate::exchange::Failure;
use crate::exchange::FailureKind;
use crate::exchange::Handshake;
use crate::exchange::Interface;
use crate::exchange::NodeWatch;
use crate::exchange::Request;
use crate::exchange::Response;
use crate::exchange::Run;
use crate::exchange::SecretFacts;
use crate::exchange::SecretKind;
use crate::exchange::StepRecord;
use crate::exchange::Stop;
use crate::exchange::StopKind;
use crate::exchange::Stretch;
use crate::exchange::TlsFacts;
use crate::exchange::Trace;
use crate::lists::schema::Kind;
use crate::requirement::Release;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::Rule;

pub use crate::candidate::testing::REDIRECT_URI;

/// Value of a parameter that is left out.
pub const OMIT: &str = "\0";

/// Address of the stelselnode.
pub const NODE: &str = "127.0.0.1:8444";

/// A recording in the making.
#[derive(Debug, Default)]
pub struct Recording {
    run: Run,
    probe: Option<String>,
    number: u32,
    /// Seconds since 1970 at which the next exchanges begin.
    clock: i64,
}

impl Recording {
    /// An empty recording with one scenario.
    pub fn new() -> Self {
        Self::default().scenario("flow/1")
    }

    /// The next exchanges belong to this scenario, and are no probe until `probe` says so.
    pub fn scenario(mut self, key: &str) -> Self {
        self.run.traces.push(Trace { scenario: key.to_owned(), ..Trace::default() });
        self.probe = None;
        self
    }

    /// The next exchanges carry this probe.
    pub fn probe(mut self, name: &str) -> Self {
        self.probe = Some(name.to_owned());
        self
    }

    /// The next exchanges begin so many minutes after 1970 did.
    pub fn minute(mut self, minute: i64) -> Self {
        self.clock = minute * 60;
        self
    }

    /// The next exchanges begin so many seconds after 1970 did.
    pub fn second(mut self, second: i64) -> Self {
        self.clock = second;
        self
    }

    /// A stelselnode of ours listens from the first to the last of these minutes, with unsound certificates between the others.
    pub fn watched(mut self, from: i64, until: i64, unsound: &[(i64, i64)]) -> Self {
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        let stretch = |(from, until): &(i64, i64)| Stretch { from: at(*from), until: at(*until) };
        let unsound = unsound.iter().map(stretch).collect();
        self.run.node =
            Some(NodeWatch { address: NODE.to_owned(), from: at(from), until: at(until), unsound, shut: vec![] });
        self
    }

    /// The candidate fetches a list, with the certificate of this host, and gets this text; an empty one is an answer 404.
    pub fn fetch(mut self, kind: Kind, host: &str, text: &str) -> Self {
        let url = format!("https://{NODE}/{}?api=2", kind.file_name().unwrap());
        let probe = self.probe.take();
        self = self.exchange(Interface::List, "GET", &url, Body::Empty);
        self.probe = probe;
        let certificate = Some(host.to_owned()).filter(|host| !host.is_empty()).map(Certificate::Other);
        self.last().certificate = certificate.unwrap_or(Certificate::None);
        self.answer(if text.is_empty() { 404 } else { 200 }, "application/xml", text)
    }

    /// The candidate begins a connection to an address of ours.
    pub fn connects(mut self, at: &str, handshake: Handshake) -> Self {
        let started = Timestamp::from_second(self.clock).unwrap();
        self.run.connections.push(Connection { at: at.to_owned(), handshake, started, ..Connection::default() });
        self
    }

    /// The candidate begins a connection of which this is known.
    pub fn connection(mut self, connection: Connection) -> Self {
        self.run.connections.push(connection);
        self
    }

    /// A whole passage that succeeds: a code, a token and data.
    pub fn passes(self) -> Self {
        let granted = self.authorize(&[]).redirect("?code=REDACTED.code.1&state=s1");
        let token = granted.token(&[("code", "REDACTED.code.1")]).json(200, r#"{"access_token": "t"}"#);
        token.get("Patient").json(200, r#"{"resourceType": "Bundle"}"#)
    }

    /// A right authorization request, but for these parameters; one named twice is sent twice, [`OMIT`] leaves it out.
    pub fn authorize(self, changes: &[(&str, &str)]) -> Self {
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", "pgo.example"),
            ("redirect_uri", REDIRECT_URI),
            ("scope", "ziekenhuis"),
            ("state", "s1"),
        ];
        parameters.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        parameters.extend(changes.iter().filter(|(_, value)| *value != OMIT));
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.exchange(Interface::Authorization, "GET", &format!("https://as.example/authorize?{query}"), Body::Empty)
    }

    /// A visit of a page of the Authorization Server.
    pub fn visit(self, path: &str) -> Self {
        self.exchange(Interface::Page, "GET", &format!("https://as.example/{path}"), Body::Empty)
    }

    /// A form sent to the Authorization Server.
    pub fn submit(self, path: &str, form: &str) -> Self {
        self.exchange(Interface::Page, "POST", &format!("https://as.example/{path}"), Body::Text(form.to_owned()))
    }

    /// A token request with these parameters.
    pub fn token(self, parameters: &[(&str, &str)]) -> Self {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.exchange(Interface::Token, "POST", "https://token.example/token", Body::Text(form))
    }

    /// A resource request.
    pub fn get(self, query: &str) -> Self {
        self.exchange(Interface::Resource, "GET", &format!("https://fhir.example/bgz/{query}"), Body::Empty)
    }

    /// Something sent to the resource interface; an empty path is the base.
    pub fn post(self, path: &str, body: &str) -> Self {
        let url = format!("https://fhir.example/bgz/{path}");
        self.exchange(Interface::Resource, "POST", url.trim_end_matches('/'), Body::Text(body.to_owned()))
    }

    /// It shows another certificate.
    pub fn showing(mut self, name: &str) -> Self {
        self.last().certificate = Certificate::Other(name.to_owned());
        self
    }

    /// It is answered with this status, media type and body.
    pub fn answer(mut self, status: u16, media_type: &str, body: &str) -> Self {
        let headers =
            if media_type.is_empty() { vec![] } else { vec![("Content-Type".to_owned(), media_type.to_owned())] };
        let body = Body::from_bytes(body.as_bytes().to_vec());
        self.last().response = Some(Response { status, headers, body });
        self
    }

    /// It is answered with JSON.
    pub fn json(self, status: u16, body: &str) -> Self {
        self.answer(status, "application/json", body)
    }

    /// It is answered with an HTML page.
    pub fn page(self, status: u16, body: &str) -> Self {
        self.answer(status, "text/html", body)
    }

    /// The answer has this header too.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Some(response) = &mut self.last().response {
            response.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// It is answered with a redirect to the client, with this query or fragment.
    pub fn redirect(self, suffix: &str) -> Self {
        self.forward(&format!("{REDIRECT_URI}{suffix}"))
    }

    /// It is answered with a redirect to any address.
    pub fn forward(mut self, address: &str) -> Self {
        self = self.answer(302, "", "").header("Location", address);
        self.last().forward = Some(address.to_owned());
        self
    }

    /// The server showed these certificates.
    pub fn tls(mut self, facts: Option<TlsFacts>) -> Self {
        self.last().tls = facts;
        self
    }

    /// No whole answer comes.
    pub fn fails(mut self, kind: FailureKind) -> Self {
        self.last().failure = Some(Failure { kind, detail: "detail".to_owned() });
        self
    }

    /// The scenario stopped.
    pub fn stop(mut self, kind: StopKind) -> Self {
        let stop = Stop { kind, code: "test".to_owned(), nl: String::new(), en: String::new() };
        let step = StepRecord { step: "login".to_owned(), exchanges: vec![], stopped: Some(stop), attested: None };
        self.run.traces.last_mut().unwrap().steps.push(step);
        self
    }

    /// Somebody says this of a step.
    pub fn attested(mut self, attested: Attested) -> Self {
        let step =
            StepRecord { step: "collect".to_owned(), exchanges: vec![], stopped: None, attested: Some(attested) };
        self.run.traces.last_mut().unwrap().steps.push(step);
        self
    }

    /// Facts of a secret.
    pub fn secret(mut self, placeholder: &str, kind: SecretKind, bits: f64) -> Self {
        self.run.secrets.push(SecretFacts {
            placeholder: placeholder.to_owned(),
            kind,
            length: 22,
            alphabet: 64,
            bits,
            issued: 1,
            shared: 0,
            claims: vec![],
            holds_bsn: false,
        });
        self
    }

    /// The last secret has so many characters in common with the one before.
    pub fn sharing(mut self, characters: usize) -> Self {
        self.run.secrets.last_mut().unwrap().shared = characters;
        self
    }

    /// The last secret holds a burgerservicenummer.
    pub fn holding_bsn(mut self) -> Self {
        self.run.secrets.last_mut().unwrap().holds_bsn = true;
        self
    }

    /// The recording as a run.
    pub fn run(self) -> Run {
        self.run
    }

    /// A visit of the browser to a page of the DVP.
    pub fn client(self, url: &str) -> Self {
        self.exchange(Interface::Client, "GET", url, Body::Empty)
    }

    /// A resource request at any address.
    pub fn resource(self, url: &str) -> Self {
        self.exchange(Interface::Resource, "GET", url, Body::Empty)
    }

    /// A request for a list.
    pub fn list(self, url: &str) -> Self {
        self.exchange(Interface::List, "GET", url, Body::Empty)
    }

    /// The last request has another method.
    pub fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.last().request.method);
        self
    }

    /// The last request has this header as well.
    pub fn sending(mut self, name: &str, value: &str) -> Self {
        self.last().request.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The last request goes to another address.
    pub fn to(mut self, url: &str) -> Self {
        url.clone_into(&mut self.last().request.url);
        self
    }

    /// The last request shows no certificate.
    pub fn bare(mut self) -> Self {
        self.last().certificate = Certificate::None;
        self
    }

    /// A server of ours on the back channel met the client at this host.
    pub fn met(mut self, host: &str) -> Self {
        self.run.connections.push(Connection { host: host.to_owned(), is_back: true, ..Connection::default() });
        self
    }

    /// The last request was sent at this second since 1970.
    pub fn started(mut self, second: i64) -> Self {
        self.last().started = Timestamp::from_second(second).unwrap();
        self
    }

    fn exchange(mut self, interface: Interface, method: &str, url: &str, body: Body) -> Self {
        self.number += 1;
        let trace = self.run.traces.last_mut().unwrap();
        trace.exchanges.push(Exchange {
            number: self.number,
            scenario: trace.scenario.clone(),
            step: "step".to_owned(),
            interface,
            actor: Actor::Dvp,
            probe: self.probe.clone(),
            certificate: Certificate::Own,
            started: Timestamp::from_second(self.clock).unwrap(),
            wait_ms: 1.0,
            total_ms: 1.0,
            request: Request { method: method.to_owned(), url: url.to_owned(), headers: vec![], body },
            response: None,
            failure: None,
            forward: None,
            tls: None,
        });
        self
    }

    fn last(&mut self) -> &mut Exchange {
        self.run.traces.last_mut().unwrap().exchanges.last_mut().unwrap()
    }
}

/// What a rule says of a recording.
pub fn judge(rule: &Rule, recording: Recording) -> Judgement {
    judge_run(rule, &testing::candidate(), &recording.run())
}

/// What a rule says of a run of this candidate.
pub fn judge_run(rule: &Rule, candidate: &Candidate, run: &Run) -> Judgement {
    rule.judge(&Context { candidate, release: Release::V2_2, role: Role::Dva }, run)
}

/// The issues, each as `severity code #exchange place: expected / seen` in English. Nothing seen gives `not seen`.
pub fn issues(rule: &Rule, recording: Recording) -> Vec<String> {
    lines(&judge(rule, recording))
}

/// The same for this candidate.
pub fn issues_with(rule: &Rule, candidate: &Candidate, recording: Recording) -> Vec<String> {
    lines(&judge_run(rule, candidate, &recording.run()))
}

/// The same for a candidate that was changed first.
pub fn issues_of(rule: &Rule, recording: Recording, change: impl FnOnce(&mut Candidate)) -> Vec<String> {
    let mut candidate = testing::candidate();
    change(&mut candidate);
    issues_with(rule, &candidate, recording)
}

/// The same for a run as it is.
pub fn issues_in(rule: &Rule, run: &Run) -> Vec<String> {
    lines(&judge_run(rule, &testing::candidate(), run))
}

/// Codes of the issues that a rule of a DVP finds; `not seen` when it saw nothing.
pub fn client_issues(rule: &Rule, recording: Recording) -> Vec<String> {
    client_issues_in(rule, &recording.run())
}

/// The same for a run as it is.
pub fn client_issues_in(rule: &Rule, run: &Run) -> Vec<String> {
    let candidate = testing::candidate();
    let context = Context { candidate: &candidate, release: Release::V2_2, role: Role::Dvp };
    match rule.judge(&context, run) {
        Judgement::NotSeen(_) => vec!["not seen".to_owned()],
        Judgement::Seen { issues, .. } => issues.iter().map(|issue| issue.code.to_owned()).collect(),
    }
}

/// The codes of what a rule finds in two equal connections of a DVP, whose good offer is changed.
pub fn offered(rule: &Rule, change: impl FnOnce(&mut Connection)) -> Vec<String> {
    let mut run = Recording::new().met("token.example").run();
    let mut connection = run.connections.pop().unwrap();
    connection.hello.versions = vec!["TLSv1.3".into(), "TLSv1.2".into()];
    connection.hello.suites = vec!["TLS_AES_128_GCM_SHA256".into(), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256".into()];
    connection.hello.groups = vec!["X25519MLKEM768".into(), "x25519".into(), "secp521r1".into()];
    connection.hello.schemes = vec![0x0804, 0x0201];
    change(&mut connection);
    run.connections.extend([connection.clone(), connection]);
    client_issues_in(rule, &run)
}

/// Fetches of an OAuth Client List whose newest has service 99 for us, under a new name, and then a probe.
pub fn with_other_services(probe: &str) -> Recording {
    let list = |name: &str, services: &str| {
        format!(
            "<OAuthclientlist xmlns=\"xmlns://afsprakenstelsel.medmij.nl/oauthclientlist/release2/\">\
             <Tijdstempel>2026-01-05T08:30:00Z</Tijdstempel><Volgnummer>1</Volgnummer><OAuthclients><OAuthclient>\
             <Hostname>pgo.example</Hostname><OAuthclientOrganisatienaam>{name}</OAuthclientOrganisatienaam>{services}\
             </OAuthclient></OAuthclients></OAuthclientlist>"
        )
    };
    let services = "<Interfaceversies><Interfaceversie><InterfaceversieId>2</InterfaceversieId><Gegevensdiensten>\
                    <Gegevensdienst><GegevensdienstId>99</GegevensdienstId></Gegevensdienst></Gegevensdiensten>\
                    </Interfaceversie></Interfaceversies>";
    let fetch = |all: Recording, text: &str| all.fetch(Kind::OAuthclientlist, "dva.example", text);
    let before = fetch(Recording::new().watched(0, 40, &[]), &list("Een PGO", ""));
    fetch(before.scenario("flow/2").minute(10), &list("Een nieuwe PGO", services)).probe(probe).minute(18)
}

/// A judgement as lines.
pub fn lines(judgement: &Judgement) -> Vec<String> {
    match judgement {
        Judgement::NotSeen(_) => vec!["not seen".to_owned()],
        Judgement::Seen { issues, .. } => issues.iter().map(line).collect(),
    }
}

/// Asserts the codes of the issues that a rule finds; `["not seen"]` when it saw nothing.
#[track_caller]
pub fn expect(rule: &Rule, recording: Recording, codes: &[&str]) {
    let found = issues(rule, recording);
    let seen: Vec<_> = found.iter().map(|line| line.split(' ').nth(1).unwrap_or(line)).collect();
    let want: Vec<_> = codes.iter().map(|code| if *code == "not seen" { "seen" } else { code }).collect();
    assert_eq!(seen, want, "{found:#?}");
}

fn line(issue: &Issue) -> String {
    let severity = format!("{:?}", issue.severity).to_lowercase();
    let at = issue.exchange.map(|number| format!(" #{number}")).unwrap_or_default();
    format!("{severity} {}{at} {}: {} / {}", issue.code, issue.place, issue.expected.en, issue.seen.en)
}
