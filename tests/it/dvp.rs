//! Runs against the built-in reference DVP in its world: clean, and with each planted defect.

use jiff::civil::date;
use toetsbank::cli::counterpart::Counterpart;
use toetsbank::cli::outcome;
use toetsbank::env::Env;
use toetsbank::event::RunOutcome;
use toetsbank::event::RunVerdict;
use toetsbank::event::Verdict;
use toetsbank::exchange::har;
use toetsbank::judge;
use toetsbank::plan::Selection;
use toetsbank::requirement::Role;
use toetsbank::runner::client;
use toetsbank::simulator::Defect;
use toetsbank::simulator::Expect;
use toetsbank::simulator::dvp::DEFECTS;
use toetsbank::simulator::stelsel::TWISTS;
use toetsbank::simulator::stelselnode::offer;
use toetsbank::suite;

use crate::reference::Nobody;
use crate::reference::findings;

/// Runs these suites against the reference DVP with these defects; also judged again from the saved trace.
fn run(suites: &[&str], defects: &[&'static Defect]) -> RunOutcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let env = Env::system();
        let counterpart = Counterpart::reference(&env, Role::Dvp, defects).await.unwrap();
        let all = suite::load::embedded().unwrap();
        let ids = suites.iter().map(|name| suite::load::find(&all, name).unwrap().head.id.clone()).collect();
        let selection = Selection { suites: ids, ..Default::default() };
        let plan = outcome::plan(&all, &counterpart.candidate, &selection).unwrap();
        let world = counterpart.world.as_ref().unwrap();
        let run = client::run(&plan, &env, &world.stelsel, &world.log, &mut Nobody).await.unwrap();
        counterpart.stop().await;
        let judged = judge::judge(&plan, &run, date(2026, 1, 15));
        let text = har::write(&run, &serde_json::Value::Null).unwrap();
        let (again, _) = har::read(&text).unwrap();
        assert_eq!(judge::judge(&plan, &again, date(2026, 1, 15)), judged, "judged again from the trace");
        judged
    })
}

#[test]
fn the_clean_reference_dvp_conforms() {
    let outcome = run(&["bgz", "ggz", "pdfa"], &[]);
    assert_eq!(outcome.verdict, RunVerdict::Conformant, "\n{}", findings(&outcome).join("\n"));
    assert_eq!(findings(&outcome), Vec::<String>::new());
    for scenario in &outcome.scenarios {
        assert_eq!(scenario.verdict, Verdict::Pass, "{}: {:?}", scenario.key, scenario.reason);
    }
}

#[test]
fn each_defect_of_the_dvp_is_found_on_its_own_rule() {
    let mut wrong = Vec::new();
    for defect in DEFECTS {
        let outcome = run(&[defect.suite], &[defect]);
        let row = outcome.requirements.iter().find(|row| row.rule == defect.rule).unwrap();
        let expected = match defect.expect {
            Expect::Fail => Verdict::Fail,
            Expect::Warning => Verdict::Warning,
            Expect::Observed => Verdict::Observed,
        };
        if row.verdict != expected {
            wrong.push(format!(
                "{}: {} is {:?}\n{}",
                defect.name,
                defect.rule,
                row.verdict,
                findings(&outcome).join("\n")
            ));
        }
        let masked = |rule: &str| defect.masks.iter().any(|mask| rule.starts_with(mask));
        let roots = outcome.findings.iter().filter(|f| f.explained_by.is_none());
        let others: Vec<&str> =
            roots.map(|f| f.rule.as_str()).filter(|rule| *rule != defect.rule && !masked(rule)).collect();
        if !others.is_empty() {
            wrong.push(format!("{}: {others:?} as well\n{}", defect.name, findings(&outcome).join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A name that the world does not know would stop a scenario.
#[test]
fn the_world_knows_every_deviation_of_the_suites() {
    let suites = suite::load::embedded().unwrap();
    let mut asked: Vec<(Role, String)> = Vec::new();
    for (role, scenario) in suites.iter().flat_map(|suite| &suite.scenarios) {
        let names = scenario.steps.iter().filter_map(|step| step.world.clone()).flatten();
        asked.extend(names.map(|name| (*role, name)));
    }
    assert!(asked.len() > 30, "{asked:?}");
    for (role, name) in asked {
        let is_known = match role {
            Role::Dvp => TWISTS.iter().any(|twist| twist.name == name),
            Role::Dva => offer::TWISTS.contains(&&*name),
        };
        assert!(is_known, "{name}");
    }
}
