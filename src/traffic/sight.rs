//! What a flow rule may judge of recorded traffic: which rules judge it at all, and which exchanges each may see.
//!
//! A rule that needs a probe or a handshake of ours is not checked; one that reads what a recorder left out does not see
//! that exchange. So a capture that holds less than a run accuses nobody. Entry point: [`judge`].

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use url::Url;

use crate::candidate::Candidate;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::Trace;
use crate::exchange::foreign::Held;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::Rule;
use crate::rules::is_refresh;

/// What stands in the place of a burgerservicenummer.
const BSN: &str = "REDACTED.bsn.";

/// Marks, in the sight of the rules on it, a code that the DVP presents again.
const REPLAY: &str = "code-replay";

/// What was held of each exchange, by number.
pub type HeldBy = BTreeMap<u32, Held>;

/// Which exchanges a rule sees.
type Sees = fn(&Exchange, Held) -> bool;

/// The rules that judge recorded traffic of a DVP: what it sends.
const OF_DVP: &[(&str, Sees)] = &[
    ("AUTH-01", shows_authorization),
    ("AUTH-02", shows_authorization),
    ("AUTH-03", shows_authorization),
    ("AUTH-05", shows_authorization),
    ("AUTH-06", |e, held| e.interface != Interface::Authorization || asked(e, held) && !refuses_scope(e)),
    ("AUTH-07", shows_authorization),
    ("AUTH-12", |_, _| true),
    ("TOK-01", |e, held| e.interface != Interface::Token || held.request_headers && held.request_body && held.plain),
    ("TOK-02", shows_form),
    ("TOK-03", shows_form),
    ("TOK-04", shows_form),
    ("TOK-05", shows_form),
    ("TOK-08", |e, held| e.interface != Interface::Token || held.plain && e.request.method != "OPTIONS"),
    ("TOK-14", shows_form),
    ("RES-01", |e, held| e.interface != Interface::Resource || held.authorization || has_token_parameter(e)),
    ("RES-02", |e, held| e.interface != Interface::Resource || held.request_headers && held.plain),
    ("FHIR-01", |_, _| true),
    ("FHIR-02", |e, held| {
        e.interface != Interface::Resource || held.plain && (e.request.method == "GET" || held.request_body)
    }),
    ("FHIR-16", |e, held| e.interface != Interface::Resource || held.request_headers && held.response_headers),
    ("FLOW-14", |e, held| held.plain && !refuses_scope(e)),
    ("SEC-13", |e, held| held.plain && is_of_its_making(e)),
    ("TLS-20", |e, held| held.response_headers && e.request.url.starts_with("https:")),
];

/// The same of a DVA: what it answers.
const OF_DVA: &[(&str, Sees)] = &[
    ("FLOW-08", |e, _| !is_refresh(e) || holds(e, "access_token")),
    ("FLOW-14", |e, held| held.plain && !refuses_scope(e)),
    ("FLOW-15", |_, held| held.plain),
    ("FLOW-16", |_, held| held.plain),
    ("AUTH-07", |e, held| held.plain && !refuses_scope(e)),
    ("AUTH-11", |_, held| held.plain),
    ("AUTH-21", |_, _| true),
    ("AUTH-25", |e, held| held.plain && comes_back_whole(e)),
    ("AUTH-26", |_, held| held.plain),
    ("TOK-09", |e, held| {
        e.interface != Interface::Token || held.response_body && (held.plain || holds(e, "access_token"))
    }),
    ("TOK-10", |e, held| e.interface != Interface::Token || held.response_body),
    ("TOK-11", |e, held| e.interface != Interface::Token || held.response_body && held.plain),
    ("TOK-15", |e, held| e.interface != Interface::Token || held.request_body && held.response_body && held.plain),
    ("TOK-17", |_, held| held.time),
    ("TOK-20", |e, held| e.interface != Interface::Token || held.response_headers && held.response_body),
    ("TOK-22", |e, held| e.interface != Interface::Token || held.request_body && held.response_body && held.plain),
    ("TOK-24", |e, held| e.interface != Interface::Token || held.response_body),
    ("CON-05", |e, held| e.interface != Interface::Token || held.response_body && held.plain),
    ("CON-12", |e, held| e.interface != Interface::Token || held.response_body),
    ("RES-03", |_, held| held.time),
    ("RES-04", |e, held| held.response_headers && !e.request.url.contains(BSN)),
    ("RES-14", |_, held| held.request_headers && held.response_headers),
    ("SEC-01", |_, held| held.plain),
    ("SEC-02", |_, held| held.plain),
    ("SEC-06", |_, held| held.response_headers),
    ("SEC-09", |e, held| held.response_headers && e.request.url.starts_with("https:")),
    ("TLS-20", |e, held| held.response_headers && e.request.url.starts_with("https:")),
];

/// Rules that are about addresses of the candidate: only where a candidate file tells them.
const WITH_CANDIDATE: &[(&str, Sees)] = &[("TLS-17", |_, held| held.response_body)];

/// Rules about what a DVP is called: only where its own candidate file tells.
const WITH_DVP: &[(&str, Sees)] = &[("AUTH-04", shows_authorization)];

/// What the rule says of the traffic; `file` is the candidate file of one of the sides.
pub fn judge(rule: &Rule, context: &Context, run: &Run, held: &HeldBy, file: Option<&Candidate>) -> Judgement {
    let find = |list: &'static [(&str, Sees)]| list.iter().find(|(id, _)| *id == rule.id).map(|(_, sees)| *sees);
    let is_of_dvp = file.is_some_and(|file| file.role == Role::Dvp);
    let own = file.and_then(|_| find(WITH_CANDIDATE)).or(if is_of_dvp { find(WITH_DVP) } else { None });
    let of_role = match context.role {
        Role::Dva => OF_DVA,
        Role::Dvp => OF_DVP,
    };
    let Some(sees) = find(of_role).or(own) else {
        return Judgement::NotSeen(why_not(rule.id));
    };
    let is_seen = |exchange: &Exchange| sees(exchange, held.get(&exchange.number).copied().unwrap_or(Held::ALL));
    let mut seen = Run { secrets: run.secrets.clone(), ..Run::default() };
    seen.traces = run.traces.iter().map(|trace| reduced(trace, is_seen)).collect();
    match rule.id {
        "TOK-01" | "RES-02" => without_followed(&mut seen),
        "TOK-15" | "TOK-22" => mark_replays(&mut seen),
        "FLOW-16" => each_once(&mut seen),
        // Whether a DVP names itself in the same way twice.
        "TOK-05" if !is_of_dvp => seen.traces.retain(|trace| named(trace, Interface::Authorization).is_some()),
        _ => {}
    }
    let judgements: Vec<Judgement> = parts(&seen)
        .into_iter()
        .map(|(party, part)| {
            let mut candidate = context.candidate.clone();
            candidate.client.redirect_uri = party.uri.unwrap_or(candidate.client.redirect_uri);
            if !is_of_dvp {
                candidate.client.client_id = party.client_id.unwrap_or(candidate.client.client_id);
            }
            if rule.id == "SEC-13" {
                candidate.patients = file.map(|file| file.patients.clone()).unwrap_or_default();
            }
            rule.judge(&Context { candidate: &candidate, ..*context }, &part)
        })
        .collect();
    merged(judgements)
}

/// Why a rule does not judge recorded traffic.
fn why_not(id: &str) -> Text {
    match id {
        "LIST-05" => Text::new(
            "een opname hoeft niet alles te bevatten: wanneer lijsten zijn opgehaald, is er niet aan te zien",
            "a capture need not hold everything: it does not show when lists were fetched",
        ),
        "AUTH-04" => Text::new(
            "hoe de DVP in de OAuth Client List staat, zegt alleen haar eigen kandidaatbestand",
            "how the DVP stands in the OAuth Client List is told by its own candidate file only",
        ),
        "SEC-08" => Text::new(
            "aan een opname is niet te zien welke hosts van de aanbieder zijn",
            "a capture does not show which hosts are of the provider",
        ),
        "SEC-05" | "SEC-07" | "TOK-13" | "RES-10" => Text::new(
            "vraagt een antwoord dat niet klopt of een weigering, en die doet alleen een run (`toetsbank serve`)",
            "needs an answer that is wrong or a refusal, and only a run does that (`toetsbank serve`)",
        ),
        "CON-06" => Text::new(
            "aan een opname is niet te zien welke toestemming de persoon gaf",
            "a capture does not show which consent the person gave",
        ),
        "FHIR-18" | "FLOW-36" | "LIST-25" | "LIST-26" | "LIST-28" | "TLS-17" => Text::new(
            "gaat over de adressen en de naam in het kandidaatbestand; in een opname kunnen adressen van een proxy staan",
            "is about the addresses and the name in the candidate file; a capture may hold addresses of a proxy",
        ),
        "TLS-13" | "TLS-14" | "TLS-26" | "TLS-28" | "TOK-23" | "RES-13" | "FLOW-33" => Text::new(
            "vraagt een verbinding van toetsbank met een ander clientcertificaat; een opname zegt daar niets over",
            "needs a connection of toetsbank with another client certificate; a capture tells nothing of it",
        ),
        id if id.starts_with("TLS-") => Text::new(
            "vraagt een TLS-handshake van toetsbank; een opname bevat die niet",
            "needs a TLS handshake of toetsbank; a capture holds none",
        ),
        "RES-04" => Text::new(
            "een opname kan van meer personen zijn: wie een verzoek noemt, is er niet aan te zien",
            "a capture may be of several persons: it does not show whom a request names",
        ),
        _ => Text::new(
            "wordt niet aan een opname beoordeeld: dat vraagt een proef of omgeving die alleen een run heeft (`toetsbank run`)",
            "is not judged from a capture: that takes a probe or surroundings that only a run has (`toetsbank run`)",
        ),
    }
}

fn merged(judgements: Vec<Judgement>) -> Judgement {
    let (mut count, mut all) = (0, Vec::new());
    for judgement in judgements {
        if let Judgement::Seen { occasions, issues } = judgement {
            count += occasions;
            all.extend(issues);
        }
    }
    if count == 0 && all.is_empty() {
        return Judgement::NotSeen(Text::new(
            "de opname bevat dit niet, of niet volledig genoeg om te beoordelen",
            "the capture does not hold it, or not completely enough to judge",
        ));
    }
    Judgement::Seen { occasions: count.max(1), issues: all }
}

fn reduced(trace: &Trace, is_seen: impl Fn(&Exchange) -> bool) -> Trace {
    let exchanges = trace.exchanges.iter().filter(|exchange| is_seen(exchange)).cloned().collect();
    Trace { scenario: trace.scenario.clone(), exchanges, steps: Vec::new() }
}

/// Who a flow is of, as far as it tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Party {
    uri: Option<Url>,
    client_id: Option<String>,
}

/// The `client_id` in the first request of a flow at an interface.
fn named(trace: &Trace, interface: Interface) -> Option<String> {
    let request = &trace.exchanges.iter().find(|exchange| exchange.interface == interface)?.request;
    let mut sent = request.query().into_iter().chain(request.body.form());
    sent.find(|(name, _)| name == "client_id").map(|(_, value)| value)
}

/// The run by DVP and redirect URI, as rules know one only; flows that tell neither go with the first.
fn parts(run: &Run) -> Vec<(Party, Run)> {
    let of = |trace: &Trace| {
        let asked = trace.exchanges.iter().find(|exchange| exchange.interface == Interface::Authorization);
        let uri = asked.and_then(|asked| Url::parse(&asked.request.parameter("redirect_uri")?).ok());
        let client_id = named(trace, Interface::Authorization).or_else(|| named(trace, Interface::Token));
        Party { uri, client_id }
    };
    let mut parts: Vec<(Party, Run)> = Vec::new();
    // Those that tell most come first: the others find theirs among them.
    let mut rest: Vec<(Party, Trace)> = Vec::new();
    let part = |party: Party, trace: &Trace| {
        (party, Run { traces: vec![trace.clone()], secrets: run.secrets.clone(), ..Run::default() })
    };
    for trace in &run.traces {
        let party = of(trace);
        match parts.iter_mut().find(|(known, _)| *known == party) {
            _ if party.uri.is_none() => rest.push((party, trace.clone())),
            Some((_, part)) => part.traces.push(trace.clone()),
            None => parts.push(part(party, trace)),
        }
    }
    for (party, trace) in rest {
        let same = |(known, _): &&mut (Party, Run)| party.client_id.is_none() || known.client_id == party.client_id;
        match parts.iter_mut().find(same) {
            Some((_, part)) => part.traces.push(trace),
            None => parts.push(part(party, &trace)),
        }
    }
    if parts.is_empty() {
        parts.push((Party::default(), Run { secrets: run.secrets.clone(), ..Run::default() }));
    }
    parts
}

/// Leaves out what a library sent by itself where an answer led: with the same headers, as it does.
fn without_followed(run: &mut Run) {
    for trace in &mut run.traces {
        let mut led = BTreeSet::new();
        trace.exchanges.retain(|exchange| {
            let Some(id) = exchange.request.header("MedMij-Request-ID") else { return true };
            let is_followed = led.contains(id);
            if exchange.status().is_some_and(|status| (300..400).contains(&status)) {
                led.insert(id.to_owned());
            }
            !is_followed
        });
    }
}

/// Marks what presents a code again after it gave a token: what toetsbank does itself as a probe.
fn mark_replays(run: &mut Run) {
    for trace in &mut run.traces {
        let mut spent: BTreeSet<String> = BTreeSet::new();
        for exchange in trace.exchanges.iter_mut().filter(|exchange| exchange.interface == Interface::Token) {
            let form = exchange.request.body.form();
            let Some((_, code)) = form.into_iter().find(|(name, _)| name == "code") else { continue };
            if spent.contains(&code) {
                exchange.probe = Some(REPLAY.to_owned());
            } else if holds(exchange, "access_token") {
                spent.insert(code);
            }
        }
    }
}

/// Keeps of one flow each answer with the same code or token once: a page that is loaded again brings nothing new.
fn each_once(run: &mut Run) {
    for trace in &mut run.traces {
        let mut seen = BTreeSet::new();
        trace.exchanges.retain(|exchange| {
            if exchange.interface != Interface::Token {
                return true;
            }
            let body = exchange.response.as_ref().map(|response| response.body.bytes().to_vec()).unwrap_or_default();
            body.is_empty() || seen.insert(body)
        });
    }
}

/// All but authorization requests of which a part is missing.
fn shows_authorization(exchange: &Exchange, held: Held) -> bool {
    exchange.interface != Interface::Authorization || asked(exchange, held)
}

/// All but token requests whose form is missing.
fn shows_form(exchange: &Exchange, held: Held) -> bool {
    exchange.interface != Interface::Token || held.request_body && held.plain
}

fn asked(exchange: &Exchange, held: Held) -> bool {
    held.plain && (exchange.request.method == "GET" || held.request_body)
}

fn holds(exchange: &Exchange, name: &str) -> bool {
    let json = exchange.response.as_ref().and_then(|response| response.body.json());
    json.as_ref().and_then(|json| json.get(name)?.as_str()).is_some_and(|value| !value.is_empty())
}

fn has_token_parameter(exchange: &Exchange) -> bool {
    exchange.request.parameter("access_token").is_some()
}

/// A refusal of the scope: nobody can tell whether the DVP named a provider that is there.
fn refuses_scope(exchange: &Exchange) -> bool {
    exchange.forward.as_deref().is_some_and(|to| to.contains("error=invalid_scope"))
}

/// What a DVP makes by itself. An address for data may have been given to it by an answer that is not in the capture, and what
/// a person fills in at a page is the person's.
fn is_of_its_making(exchange: &Exchange) -> bool {
    match exchange.interface {
        Interface::Authorization | Interface::Token => true,
        Interface::Resource => !exchange.request.url.contains(BSN),
        Interface::Page | Interface::List | Interface::Client => false,
    }
}

/// A way on with a code, or none: recorders cut parameters off, and a proxy may show pages and the DVP at one origin.
fn comes_back_whole(exchange: &Exchange) -> bool {
    exchange.forward.as_deref().is_none_or(|to| to.contains("code="))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    #[test]
    fn every_rule_that_is_named_is_there_and_each_other_says_why_not() {
        for (id, _) in OF_DVP.iter().chain(OF_DVA).chain(WITH_CANDIDATE).chain(WITH_DVP) {
            assert!(rules::rule(id).is_some(), "{id}");
        }
        for rule in rules::ALL {
            assert!(!why_not(rule.id).en.is_empty());
        }
    }
}
