//! Broken and malicious candidates: each is a classified finding or failure, with the reports written and no secret in them.

mod answers;
mod bench;

use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use toetsbank::candidate::LoginMode;
use toetsbank::event::RunVerdict;
use toetsbank::event::Verdict;
use toetsbank::exchange::FailureKind;
use toetsbank::exchange::Interface;
use toetsbank::plan::TestPlan;
use url::Url;

use crate::hostile::bench::bench;
use crate::hostile_server::ALERT;
use crate::hostile_server::EXPIRED;
use crate::hostile_server::GOOD;
use crate::hostile_server::PLAIN;
use crate::hostile_server::RESET;
use crate::hostile_server::UNKNOWN;
use crate::hostile_server::WRONG_HOST;

#[test]
fn whatever_a_resource_server_answers_is_a_finding_with_the_reports_written() {
    let bench = bench();
    let clean = bench.case("clean");
    assert_eq!(clean.search().exchanges.len(), 1, "{}", clean.words());
    // Case, and what is said of it.
    let cases = [
        ("html", "text/html"),
        ("cut", "no whole answer"),
        ("cut-without-close", "no whole answer"),
        ("chunked-without-end", "no whole answer"),
        ("slow", "no whole answer within 1 s"),
        ("hang", "no whole answer within 1 s"),
        ("gigantic", "more than 2097152 bytes"),
        ("redirect-loop", "302"),
        ("redirect-host", "302"),
        ("invalid-utf8", "binary body"),
        ("deep-json", "no readable FHIR"),
        ("deep-xml", "no readable FHIR"),
        ("xml-dtd", "no readable FHIR"),
        ("status-204", "204"),
        ("status-1xx", "101"),
        ("status-1xx-endless", "no whole answer"),
        ("status-799", "799"),
        ("status-none", "no whole answer"),
        ("header-bomb", "no whole answer"),
        ("header-long", "no whole answer"),
        ("header-bytes", "no readable FHIR"),
        ("gzip", "no whole `gzip`"),
        ("gzip-bomb", "more than 2097152 bytes when unpacked"),
        ("br", "Content-Encoding `br`"),
        ("duplicate-keys", "duplicate"),
        ("echo", "401"),
        ("hostile-fields", "evil"),
        ("next-other-host", "not followed"),
        ("next-plain-http", "not followed"),
        ("next-loop", "the search never ends"),
        ("next-endless", "more than 4 pages"),
    ];
    let mut wrong = Vec::new();
    for (case, said) in cases {
        let began = Instant::now();
        let done = bench.case(case);
        let took = began.elapsed();
        let fits = done.words().contains(said) && done.search().verdict == Verdict::Fail && done.status == 1;
        if !fits || took > Duration::from_secs(10) {
            let verdict = done.search().verdict;
            wrong.push(format!("{case} ({took:?}): {verdict:?}, exit {}\n{}", done.status, done.words()));
        }
        let hosts = done
            .run
            .exchanges()
            .filter_map(|e| Url::parse(&e.request.url).ok())
            .map(|url| url.host_str().unwrap().to_owned());
        assert!(hosts.into_iter().all(|host| host == GOOD), "{case} led to another host");
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

/// Nothing was refused and nothing was seen: that is no finding, and no pass either.
#[test]
fn who_asks_for_more_patience_than_we_have_is_not_accused() {
    let bench = bench();
    for (case, attempts) in [("status-429", 1), ("status-429-now", 9), ("status-503", 1)] {
        let done = bench.case(case);
        let asked = done.run.exchanges().filter(|exchange| exchange.asks_for_patience()).count();
        assert_eq!(done.search().verdict, Verdict::NotChecked, "{case}: {}", done.words());
        assert!(done.words().contains("asks to wait longer") && !done.words().contains("FHIR-03"), "{}", done.words());
        assert_eq!(asked, attempts, "{case}");
    }
}

#[test]
fn what_comes_before_a_deadline_or_a_cut_is_kept_as_evidence() {
    let bench = bench();
    for case in ["slow", "cut", "chunked-without-end"] {
        let done = bench.case(case);
        let last = done.run.exchanges().last().unwrap();
        let body = last.response.as_ref().and_then(|response| response.body.text()).unwrap_or("");
        assert!(last.failure.is_some() && body.starts_with("{\"resourceType\":"), "{case}: {body}");
    }
    let big = bench.case("gigantic");
    let last = big.run.exchanges().last().unwrap();
    assert_eq!(last.failure.as_ref().map(|failure| failure.kind), Some(FailureKind::TooLarge));
    assert!(last.response.as_ref().unwrap().body.bytes().len() <= 64 << 10);
}

#[test]
fn a_login_that_leads_nowhere_stops_the_run_with_the_reason() {
    let bench = bench();
    let cases = [
        ("auth-loop", "redirects in a row"),
        ("auth-other-host", "`login.somebody-else.example:443`, which the candidate file does not name"),
        ("auth-no-element", "has no `form#inloggen`"),
        ("auth-form-elsewhere", "`steal.example:443`, which the candidate file does not name"),
        ("auth-html-bomb", "no `form#inloggen`"),
        ("auth-error", "back at the DVP with `error=REDACTED.login.1`"),
        ("auth-hang", "no whole answer within 1 s"),
        ("auth-403", "status 403"),
        ("token-cut", "no access token"),
        ("token-html", "no access token"),
        ("token-deep", "no access token"),
    ];
    let mut wrong = Vec::new();
    for (case, said) in cases {
        let began = Instant::now();
        let done = bench.case(case);
        let took = began.elapsed();
        let reason = done.search().reason.clone().map(|text| text.en).unwrap_or_default();
        let code = done.run.stopped.as_ref().map(|stop| stop.code.as_str());
        let fits =
            reason.contains(said) && code == Some("nobody-logs-in") && done.search().verdict == Verdict::NotChecked;
        // A fail goes before "could not be judged" in the exit status.
        let is_status =
            matches!((done.outcome.verdict, done.status), (RunVerdict::Error, 3) | (RunVerdict::NotConformant, 1));
        if !fits || !is_status || took > Duration::from_secs(10) {
            wrong.push(format!("{case} ({took:?}): exit {}\n{reason}\n{}", done.status, done.words()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
    let twice = bench.case("token-twice");
    assert!(twice.run.stopped.is_none(), "{}", twice.words());
}

#[test]
fn a_certificate_that_does_not_hold_is_told_plainly() {
    let bench = bench();
    let cases = [
        (WRONG_HOST, "a certificate that cannot be trusted"),
        (EXPIRED, "a certificate that cannot be trusted"),
        (UNKNOWN, "of an issuer that `[trust] ca` does not name"),
        (PLAIN, "can be used"),
    ];
    for (host, said) in cases {
        let done = bench.run(&bench.at(host, "clean"));
        let scenarios = &done.outcome.scenarios;
        assert_eq!((done.status, done.run.exchanges().count()), (3, 0), "{host}");
        for scenario in scenarios {
            let reason = scenario.reason.as_ref().map(|text| text.en.as_str()).unwrap_or("");
            assert!(scenario.verdict == Verdict::NotChecked && reason.contains(said), "{host}: {reason}");
        }
        assert!(done.words().contains(&format!("{host}:443")), "{host}: {}", done.words());
    }
    // The Resource Server alone: the run goes on, and its part is judged or said to be undecided.
    let cases = [
        (WRONG_HOST, Verdict::Fail, "not valid for"),
        (EXPIRED, Verdict::Fail, "expired"),
        (UNKNOWN, Verdict::Error, "of an issuer that `[trust] ca` of the candidate file does not name"),
        (ALERT, Verdict::Fail, "no whole answer"),
        (PLAIN, Verdict::Fail, "no whole answer"),
        (RESET, Verdict::Fail, "no whole answer"),
    ];
    let mut wrong = Vec::new();
    for (host, verdict, said) in cases {
        let mut plan = bench.at(GOOD, "clean");
        let there = bench.at(host, "clean").candidate.endpoints.resource;
        plan.candidate.endpoints.resource = there;
        let done = bench.run(&plan);
        let tokens = done.run.exchanges().filter(|e| e.interface == Interface::Token && e.succeeded()).count();
        let search = done.search();
        if search.verdict != verdict || !done.words().contains(said) || tokens == 0 {
            wrong.push(format!("{host}: {:?} {}\n{}", search.verdict, done.status, done.words()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

#[test]
fn addresses_that_nobody_answers_at() {
    let bench = bench();
    let nowhere = |plan: &mut TestPlan, host: &str| {
        plan.candidate.trust.connect.insert(format!("{host}:443"), "127.0.0.1:1".to_owned());
    };
    let mut all = bench.at("gone.example", "clean");
    nowhere(&mut all, "gone.example");
    let done = bench.run(&all);
    assert_eq!(done.status, 3);
    for scenario in &done.outcome.scenarios {
        let reason = scenario.reason.as_ref().map(|text| text.nl.as_str()).unwrap_or("");
        assert_eq!(scenario.verdict, Verdict::NotChecked);
        assert!(reason.starts_with("geen enkel adres van de kandidaat is te gebruiken: gone.example:443"), "{reason}");
    }
    // One of them: the run goes on, and the refusal is the candidate's.
    let mut one = bench.at(GOOD, "clean");
    one.candidate.endpoints.resource = bench.at("gone.example", "clean").candidate.endpoints.resource;
    nowhere(&mut one, "gone.example");
    let done = bench.run(&one);
    assert!(done.run.stopped.is_none());
    assert_eq!((done.status, done.search().verdict), (1, Verdict::Fail), "{}", done.words());
    // A name without address may as well be our network's doing.
    one.candidate.trust.connect.remove("gone.example:443");
    one.candidate.endpoints.resource = bench.at("gone.invalid", "clean").candidate.endpoints.resource;
    let done = bench.run(&one);
    assert_eq!(done.search().verdict, Verdict::Error, "{}", done.words());
    assert!(done.words().contains("`[trust.connect]`"), "{}", done.words());
}

#[test]
fn a_login_by_hand_that_nobody_does_waits_for_a_person() {
    let bench = bench();
    let mut plan = bench.at(GOOD, "clean");
    plan.candidate.login.mode = LoginMode::Manual;
    let done = bench.run(&plan);
    assert_eq!((done.status, done.outcome.verdict), (4, RunVerdict::Incomplete), "{}", done.words());
    assert!(done.search().reason.as_ref().is_some_and(|text| text.en.contains("login")), "{}", done.words());
    assert!(Path::new(&done.folder.path().join("report.json")).exists());
}
