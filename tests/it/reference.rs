//! Runs against the built-in reference DVA over real sockets, without defects; `defects` plants them.

use jiff::civil::date;
use toetsbank::candidate::Candidate;
use toetsbank::candidate::Environment;
use toetsbank::cli::outcome;
use toetsbank::diag::Severity;
use toetsbank::env::Env;
use toetsbank::event::RunOutcome;
use toetsbank::event::RunVerdict;
use toetsbank::event::Verdict;
use toetsbank::exchange::Run;
use toetsbank::exchange::har;
use toetsbank::judge;
use toetsbank::plan::PlannedScenario;
use toetsbank::plan::Selection;
use toetsbank::plan::TestPlan;
use toetsbank::requirement::Role;
use toetsbank::runner;
use toetsbank::simulator::Behaviour;
use toetsbank::simulator::Defect;
use toetsbank::simulator::dva::DvaConfig;
use toetsbank::simulator::reference;
use toetsbank::suite;

/// A run with what it was judged to be.
pub struct Done {
    pub plan: TestPlan,
    pub run: Run,
    pub outcome: RunOutcome,
}

/// Runs these suites against the reference with these defects; `change` may alter the candidate or the selection first.
pub fn run(suites: &[&str], defects: &[&'static Defect], change: impl FnOnce(&mut Candidate, &mut Selection)) -> Done {
    run_with(suites, defects, &[], change)
}

/// The same, with these behaviours as well.
pub fn run_with(
    suites: &[&str],
    defects: &[&'static Defect],
    behaviours: &[&'static Behaviour],
    change: impl FnOnce(&mut Candidate, &mut Selection),
) -> Done {
    let (defects, behaviours) = (defects.to_vec(), behaviours.to_vec());
    run_as(suites, |own| DvaConfig { defects, behaviours, ..own }, change)
}

/// The same for a reference that is set up in any way.
fn run_as(
    suites: &[&str],
    setting: impl FnOnce(DvaConfig) -> DvaConfig,
    change: impl FnOnce(&mut Candidate, &mut Selection),
) -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let env = Env::system();
        let config = setting(DvaConfig::own(&env).unwrap());
        let mut reference = reference::start(config).await.unwrap();
        let all = suite::load::embedded().unwrap();
        let ids = suites.iter().map(|name| suite::load::find(&all, name).unwrap().head.id.clone()).collect();
        let mut candidate = reference.candidate().clone();
        let mut selection = Selection { suites: ids, ..Default::default() };
        change(&mut candidate, &mut selection);
        let plan = outcome::plan(&all, &candidate, &selection).unwrap();
        let surroundings = runner::Surroundings { node: Some(&mut reference.node), ..Default::default() };
        let run = runner::run_within(&plan, &env, &mut Nobody, &mut Nobody, surroundings).await.unwrap();
        reference.stop().await;
        let outcome = judge::judge(&plan, &run, date(2026, 1, 15));
        Done { plan, run, outcome }
    })
}

/// Nobody to log in by hand, nor to watch a run.
pub struct Nobody;

impl runner::Person for Nobody {
    fn visit(&mut self, _: &str) -> Option<String> {
        None
    }
}

impl runner::Follower for Nobody {
    fn started(&mut self, _: &PlannedScenario) {}
    fn finished(&mut self, _: &PlannedScenario, _: &Run) {}
}

/// What counts, a line each: for messages.
pub fn findings(outcome: &RunOutcome) -> Vec<String> {
    let counts = outcome.findings.iter().filter(|f| f.severity > Severity::Information);
    counts
        .map(|f| {
            let scenario = f.scenario.as_deref().unwrap_or("-");
            let folded = if f.explained_by.is_some() { "  (folded)" } else { "" };
            format!("{} {} {scenario} {} | {} | {}{folded}", f.rule, f.kind, f.place, f.expected.en, f.seen.en)
        })
        .collect()
}

#[test]
fn the_clean_reference_conforms() {
    let Done { plan, run, outcome } = run(&["bgz", "ggz", "pdfa", "delen"], &[], |_, _| {});
    assert_eq!(outcome.verdict, RunVerdict::Conformant, "\n{}", findings(&outcome).join("\n"));
    assert_eq!(findings(&outcome), Vec::<String>::new());
    let passed =
        |suite: &str| outcome.scenarios.iter().filter(|s| s.suite == suite && s.verdict == Verdict::Pass).count();
    assert_eq!(passed("bgz-3-0"), 28 * 2 * 2, "28 requests, 2 patients, 2 formats");
    for scenario in &outcome.scenarios {
        assert_eq!(scenario.verdict, Verdict::Pass, "{}: {:?}", scenario.key, scenario.reason);
    }
    assert_eq!(plan.scenarios.len(), outcome.scenarios.len());
    // The GGZ table: what the information standard asks was delivered, the medication blocks are not asked.
    let [table] = outcome.tables.as_slice() else { panic!("one table: {:?}", outcome.tables) };
    let in_set = |set: &str| table.rows.iter().filter(|(_, sets, _)| sets.iter().any(|s| s == set)).count();
    assert_eq!((in_set("A1"), in_set("A1-inhoud"), in_set("A2")), (13, 16, 29));
    let missing: Vec<_> = table.rows.iter().filter(|(_, _, count)| *count == Some(0)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(table.rows.iter().filter(|(_, _, count)| count.is_none()).count(), 5);
    // The saved trace gives the same verdicts.
    let text = har::write(&run, &serde_json::Value::Null).unwrap();
    let (again, _) = har::read(&text).unwrap();
    assert_eq!(judge::judge(&plan, &again, date(2026, 1, 15)), outcome);
    // No secret is in it: what the reference gave out never gets past the recorder.
    for patient in &plan.candidate.patients {
        assert!(!text.contains(&patient.password), "a password is in the trace");
    }
    assert!(text.contains("Bearer REDACTED.access-token."));
}

#[test]
fn every_rule_that_is_registered_judges_the_clean_reference() {
    // The BgZ gives no links to follow; the documents are some. Delen has rules of its own.
    let Done { outcome, .. } = run(&["bgz", "pdfa", "delen-pdfa"], &[], |_, _| {});
    for rule in toetsbank::rules::ALL.iter().filter(|rule| rule.judges(Role::Dva)) {
        let row = outcome.requirements.iter().find(|row| row.rule == rule.id).unwrap();
        let is_of_production = row.reason.as_ref().is_some_and(|reason| reason.en.starts_with("holds for production"));
        assert_eq!(is_of_production, IN_PRODUCTION.contains(&rule.id), "{}", rule.id);
        assert!(row.verdict != Verdict::NotChecked || is_of_production, "{}: {:?}", rule.id, row.reason);
    }
}

/// Rows that hold in production only.
const IN_PRODUCTION: &[&str] = &["TLS-07", "TLS-08", "TLS-09", "TLS-10"];

#[test]
fn in_production_the_clean_reference_conforms_unprobed_and_its_certificates_are_judged() {
    let setting = |own| DvaConfig { environment: Environment::Production, ..own };
    let Done { run, outcome, .. } = run_as(&["bgz"], setting, |_, _| {});
    assert_eq!(outcome.verdict, RunVerdict::Conformant, "\n{}", findings(&outcome).join("\n"));
    assert_eq!(findings(&outcome), Vec::<String>::new());
    assert!(run.scans.is_empty() && run.exchanges().all(|exchange| exchange.probe.is_none()));
    for id in IN_PRODUCTION {
        let row = outcome.requirements.iter().find(|row| row.rule == *id).unwrap();
        let verdict = if *id == "TLS-08" { Verdict::Observed } else { Verdict::Pass };
        assert_eq!(row.verdict, verdict, "{id}: {:?}", row.reason);
    }
}

#[test]
fn with_a_fixed_token_documents_are_shared_without_the_flow() {
    let Done { outcome, .. } = run(&["delen-pdfa"], &[], |candidate, _| {
        candidate.login.mode = toetsbank::candidate::LoginMode::Token;
    });
    assert_eq!(outcome.verdict, RunVerdict::Conformant, "\n{}", findings(&outcome).join("\n"));
    let verdict = |id: &str| outcome.scenarios.iter().find(|scenario| scenario.id == id).unwrap().verdict;
    let verdicts = ["0.1", "3.1", "3.2", "4.1", "4.2", "4.3"].map(verdict);
    use Verdict::NotChecked as No;
    use Verdict::Pass;
    assert_eq!(verdicts, [No, Pass, Pass, No, No, Pass]);
}

#[test]
fn with_a_fixed_token_the_content_is_judged_and_the_flow_is_not() {
    let Done { outcome, .. } = run(&["bgz"], &[], |candidate, _| {
        candidate.login.mode = toetsbank::candidate::LoginMode::Token;
    });
    assert_eq!(outcome.verdict, RunVerdict::Conformant, "\n{}", findings(&outcome).join("\n"));
    let content = outcome.scenarios.iter().filter(|s| s.suite == "bgz-3-0");
    assert!(content.clone().count() == 112 && content.clone().all(|s| s.verdict == Verdict::Pass));
    let flow = outcome.requirements.iter().find(|row| row.rule == "AUTH-25").unwrap();
    assert_eq!(flow.verdict, Verdict::NotChecked);
}

#[test]
fn without_active_probes_only_well_formed_traffic_is_sent() {
    let Done { run, outcome, .. } = run(&["bgz"], &[], |candidate, _| candidate.probes.active = false);
    assert_eq!(outcome.verdict, RunVerdict::Conformant);
    assert!(run.exchanges().all(|exchange| exchange.probe.is_none()));
}
