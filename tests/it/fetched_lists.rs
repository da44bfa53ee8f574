//! A DVA with a clock of its own that fetches its lists from the stelselnode of the candidate file, as somebody's does.

use std::net::TcpListener;
use std::time::Duration;

use jiff::civil::date;
use toetsbank::candidate::Candidate;
use toetsbank::candidate::Stelselnode;
use toetsbank::cli::outcome;
use toetsbank::env::Env;
use toetsbank::event::RunOutcome;
use toetsbank::event::Verdict;
use toetsbank::exchange::Interface;
use toetsbank::exchange::Run;
use toetsbank::exchange::har;
use toetsbank::judge;
use toetsbank::pki::Authority;
use toetsbank::plan::Selection;
use toetsbank::runner;
use toetsbank::runner::Surroundings;
use toetsbank::simulator::dva;
use toetsbank::simulator::dva::DvaConfig;
use toetsbank::simulator::dva::Source;
use toetsbank::simulator::stelselnode::HOST;
use toetsbank::simulator::stelselnode::Node;
use toetsbank::simulator::stelselnode::of_candidate;
use toetsbank::suite;

use crate::reference::Nobody;

/// Runs the flow for this candidate; `change` may alter it first. The DVA has fetched its lists once when the run begins.
fn run(change: impl FnOnce(&mut Candidate)) -> (Run, RunOutcome) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let (ours, theirs) = (Env::system(), Env::system());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let authority = Authority::new(&theirs, "toetsbank test CA").unwrap();
        let identity = authority.server(&[HOST]).unwrap();
        let source = Source { host: HOST.to_owned(), port };
        let config = DvaConfig::own(&theirs).unwrap();
        let config = DvaConfig { authority: Some(authority), lists: Some(source), ..config };
        // Nobody serves lists yet: it lets nobody in, and tries again by its own clock.
        let dva = dva::start(config).await.unwrap();
        let node =
            Stelselnode { listen: ([127, 0, 0, 1], port).into(), certificate: identity.certificate, key: identity.key };
        let mut candidate =
            Candidate { stelselnode: Some(node.clone()), shares_clock: false, ..dva.candidate().clone() };
        change(&mut candidate);
        let mut node = match &candidate.stelselnode {
            Some(_) => Some(Node::start(of_candidate::config(&ours, &candidate, &node)).await.unwrap()),
            None => None,
        };
        theirs.pass(Duration::from_secs(600)).await;
        let all = suite::load::embedded().unwrap();
        let selection = Selection {
            suites: vec!["bgz-3-0".to_owned()],
            scenarios: vec!["flow-dva".to_owned()],
            ..Selection::default()
        };
        let plan = outcome::plan(&all, &candidate, &selection).unwrap();
        let surroundings = Surroundings { node: node.as_mut(), ..Surroundings::default() };
        let run = runner::run_within(&plan, &ours, &mut Nobody, &mut Nobody, surroundings).await.unwrap();
        dva.stop().await;
        if let Some(node) = node {
            node.stop().await;
        }
        let outcome = judge::judge(&plan, &run, date(2026, 1, 15));
        // The saved run says the same.
        let (again, _) = har::read(&har::write(&run, &serde_json::Value::Null).unwrap()).unwrap();
        assert_eq!(again, run);
        assert_eq!(judge::judge(&plan, &again, date(2026, 1, 15)), outcome);
        (run, outcome)
    })
}

fn reason(outcome: &RunOutcome, rule: &str) -> String {
    let row = outcome.requirements.iter().find(|row| row.rule == rule).unwrap();
    assert_eq!(row.verdict, Verdict::NotChecked, "{rule}");
    row.reason.as_ref().map(|reason| reason.en.clone()).unwrap_or_default()
}

#[test]
fn a_candidate_gets_in_by_the_lists_that_it_fetched_from_us() {
    let (run, outcome) = run(|_| {});
    let fetched: Vec<_> = run.exchanges().filter(|exchange| exchange.interface == Interface::List).collect();
    assert_eq!(fetched.len(), 4, "each list once");
    assert!(
        fetched.iter().all(|exchange| exchange.status() == Some(200) && exchange.request.header("cookie").is_none())
    );
    let access = outcome.scenarios.iter().find(|scenario| scenario.id == "0.1").unwrap();
    assert_eq!(access.verdict, Verdict::Pass, "{:?}", access.reason);
    let shown = outcome.requirements.iter().find(|row| row.rule == "TLS-21").unwrap();
    assert_eq!((shown.verdict, shown.occasions), (Verdict::Pass, 4));
    // Nothing of it waits without being asked to.
    let changes = outcome.scenarios.iter().find(|scenario| scenario.id == "8.1").unwrap();
    assert!(changes.verdict == Verdict::NotChecked && changes.reason.as_ref().unwrap().en.contains("`--wait`"));
    assert!(reason(&outcome, "LIST-06").contains("watch longer with `--wait`"));
    assert!(reason(&outcome, "LIST-42").contains("`--wait`"));
}

#[test]
fn without_a_stelselnode_the_rules_of_lists_say_that() {
    let (_, outcome) = run(|candidate| candidate.stelselnode = None);
    for rule in
        ["LIST-06", "LIST-07", "LIST-08", "LIST-09", "LIST-40", "LIST-42", "TLS-21", "TLS-25", "TOK-19", "FLOW-34"]
    {
        assert!(reason(&outcome, rule).contains("`listen` under `[stelselnode]`"), "{rule}");
    }
}
