//! Plans from small suites: who is run for whom, in which order, and why not.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::candidate::Candidate;
use crate::candidate::Environment;
use crate::candidate::LoginMode;
use crate::candidate::testing;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::definitions::FhirVersion;
use crate::fhir::validate::Validator;
use crate::plan::Operation;
use crate::plan::PlanError;
use crate::plan::PlannedStep;
use crate::plan::Selection;
use crate::plan::TestPlan;
use crate::plan::resolve;
use crate::suite::Suite;
use crate::suite::load;
use crate::suite::model::Format;

fn candidate() -> Candidate {
    let mut candidate = testing::candidate();
    let address = "https://fhir.voorbeeld.example/bgz".parse().unwrap();
    candidate.endpoints.resource.insert("MM-3.0-BZB-FHIR".to_owned(), address);
    candidate.patients = vec![testing::patient()];
    candidate
}

fn suites() -> Vec<Suite> {
    load::embedded().unwrap()
}

fn plan(candidate: &Candidate, selection: Selection) -> Result<TestPlan, PlanError> {
    let open = |_: &Suite| Ok(Arc::new(Validator::new(Arc::new(DefinitionSet::new(FhirVersion::Stu3, Vec::new())))));
    resolve(&suites(), candidate, &selection, &open)
}

fn bgz() -> Selection {
    Selection { suites: vec!["bgz-3-0".into()], ..Default::default() }
}

fn keys(plan: &TestPlan) -> Vec<&str> {
    plan.scenarios.iter().map(|scenario| scenario.key.as_str()).collect()
}

#[test]
fn each_need_stands_before_what_needs_it_and_replay_comes_last() {
    let plan = plan(&candidate(), bgz()).unwrap();
    let keys = keys(&plan);
    assert_eq!(keys[..2], ["flow-dva/0.1/De Rijk", "bgz-3-0/1.1/De Rijk/json"]);
    // What waits comes after everything else: its tokens are those of nobody.
    let last = plan.scenarios.iter().rfind(|scenario| !scenario.waits()).unwrap();
    assert!(last.key.starts_with("flow-dva/9.1"));
    let first = plan.scenarios.iter().position(|scenario| scenario.waits()).unwrap_or(keys.len());
    assert!(plan.scenarios[first..].iter().all(|scenario| scenario.waits()));
    for scenario in &plan.scenarios {
        let at = |key: &str| keys.iter().position(|known| *known == key).unwrap();
        assert!(scenario.needs.iter().all(|need| at(need) < at(&scenario.key)), "{}", scenario.key);
    }
}

/// A suite whose first scenario lets time pass.
fn waiting(candidate: &Candidate) -> TestPlan {
    let head = "id: a-1\ntitle: { nl: a, en: a }\nfhir: stu3\nsysteemrollen: [MM-3.0-BZB-FHIR]\n";
    let scenario = |id: &str, steps: &str| format!("id: \"{id}\"\ntitle: {{ nl: a, en: a }}\nsteps: [{steps}]\n");
    let files = [
        ("a-1/suite.yaml", head.to_owned()),
        ("a-1/server/1.yaml", scenario("1", "{ wait: 16m }, { get: Patient }")),
        ("a-1/server/2.yaml", scenario("2", "{ get: Patient }") + "needs: [\"1\"]\n"),
        ("a-1/server/3.yaml", scenario("3", "{ get: Patient }")),
    ];
    let files = files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect();
    let suites = load::load(&files).unwrap();
    let open = |_: &Suite| Ok(Arc::new(Validator::new(Arc::new(DefinitionSet::new(FhirVersion::Stu3, Vec::new())))));
    let selection = Selection { suites: vec!["a-1".into()], ..Default::default() };
    resolve(&suites, candidate, &selection, &open).unwrap()
}

#[test]
fn what_waits_comes_last_and_only_when_it_may() {
    let plan = waiting(&candidate());
    assert_eq!(keys(&plan), ["a-1/3/De Rijk", "a-1/1/De Rijk", "a-1/2/De Rijk"]);
    let skip = |plan: &TestPlan| plan.scenario("a-1/1/De Rijk").unwrap().skip.clone();
    assert!(skip(&plan).unwrap().en.contains("`--wait`"));
    let mut patient = candidate();
    patient.probes.wait = true;
    assert_eq!(skip(&waiting(&patient)), None);
    let ours = Candidate { shares_clock: true, ..candidate() };
    assert_eq!(skip(&waiting(&ours)), None);
}

#[test]
fn a_word_that_nobody_stands_for_stays_in_the_plan_with_the_reason() {
    let plan = plan(&candidate(), bgz()).unwrap();
    let sparse = plan.scenario("bgz-3-0/1.1/sparse/xml").unwrap();
    assert!(sparse.required && sparse.skip.as_ref().unwrap().en.contains("`sparse`"));
}

#[test]
fn filters_take_out_what_is_not_chosen_but_not_what_it_needs() {
    let selection =
        Selection { scenarios: vec!["1.3".into()], formats: vec![Format::Xml], patients: vec!["rich".into()], ..bgz() };
    let plan = plan(&candidate(), selection).unwrap();
    let content: Vec<&str> = keys(&plan).into_iter().filter(|key| key.starts_with("bgz")).collect();
    assert_eq!(content, ["bgz-3-0/1.3/De Rijk/xml"]);
    assert!(plan.scenario("flow-dva/0.1/De Rijk").is_some());
}

#[test]
fn probes_wait_for_permission_and_are_never_sent_to_production() {
    let mut allowed = candidate();
    let probe = |candidate: &Candidate| {
        let plan = plan(candidate, bgz()).unwrap();
        plan.scenario("flow-dva/9.1/De Rijk").unwrap().skip.clone()
    };
    assert_eq!(probe(&allowed), None);
    allowed.environment = Environment::Production;
    assert!(probe(&allowed).unwrap().en.contains("probes are off"));
    let mut asked = candidate();
    asked.probes.active = false;
    assert!(probe(&asked).is_some());
}

#[test]
fn with_a_fixed_token_the_flow_is_not_required() {
    let mut fixed = candidate();
    fixed.login.mode = LoginMode::Token;
    let plan = plan(&fixed, bgz()).unwrap();
    let flow = plan.scenario("flow-dva/0.1/De Rijk").unwrap();
    assert!(!flow.required && flow.skip.is_some());
    assert_eq!(plan.scenario("bgz-3-0/1.1/De Rijk/json").unwrap().skip, None);
}

#[test]
fn a_probe_of_the_resource_interface_asks_what_the_suite_asks() {
    let plan = plan(&candidate(), bgz()).unwrap();
    let targets: Vec<&str> = plan
        .scenarios
        .iter()
        .filter(|scenario| ["3.1", "3.2", "3.3", "3.4", "3.5", "3.9"].contains(&scenario.id.as_str()))
        .flat_map(|scenario| &scenario.steps)
        .filter_map(|step| match &step.operation {
            Operation::Get { target, .. } => Some(target.as_str()),
            _ => None,
        })
        .collect();
    assert!(!targets.is_empty() && targets.iter().all(|target| *target == "AllergyIntolerance"), "{targets:?}");
}

/// Who only shares has no request that gives data: nothing stands in for it.
#[test]
fn a_probe_without_a_request_to_ask_is_not_run() {
    let mut only = candidate();
    only.patients.iter_mut().for_each(|patient| patient.suites.clear());
    only.endpoints.resource = [("57".to_owned(), "https://fhir.example/delen".parse().unwrap())].into();
    let chosen = Selection { suites: vec!["delen-pdfa-3-0".into(), "flow-dva".into()], ..Default::default() };
    let plan = plan(&only, chosen).unwrap();
    let skipped =
        |key: &str| plan.scenarios.iter().find(|scenario| scenario.key.starts_with(key)).unwrap().skip.clone();
    assert!(skipped("flow-dva/3.1").unwrap().en.contains("none of the chosen suites asks for data"));
    assert!(skipped("flow-dva/2.5").is_none());
}

/// A fixed token takes the place of the steps that get one; probes of the scope are not sent.
#[test]
fn with_a_fixed_token_a_suite_that_shares_only_sends() {
    let mut fixed = candidate();
    fixed.login.mode = LoginMode::Token;
    fixed.patients.iter_mut().for_each(|patient| patient.suites.clear());
    fixed.endpoints.resource = [("57".to_owned(), "https://fhir.example/delen".parse().unwrap())].into();
    let plan = plan(&fixed, Selection { suites: vec!["delen-pdfa-3-0".into()], ..Default::default() }).unwrap();
    let of = |id: &str| plan.scenarios.iter().find(|scenario| scenario.id == id).unwrap();
    assert!(of("3.1").required && of("3.1").skip.is_none());
    assert!(matches!(of("3.1").steps.as_slice(), [PlannedStep { operation: Operation::Post { .. }, .. }]));
    for id in ["0.1", "4.1"] {
        assert!(of(id).skip.as_ref().unwrap().en.contains("fixed token") && !of(id).required, "{id}");
    }
}

#[test]
fn shared_files_that_use_each_other_are_a_circle_not_a_hang() {
    let mut all = suites();
    let suite = all.iter_mut().find(|suite| suite.head.id == "bgz-3-0").unwrap();
    let mut shared: BTreeMap<_, _> = suite.shared.clone();
    let bundle = shared.get_mut("_shared/bundle").unwrap();
    let again = bundle.expect.iter().find(|expect| expect.use_file.is_some()).unwrap().clone();
    bundle.expect.push(crate::suite::model::ExpectFile { use_file: Some("_shared/bundle".into()), ..again });
    suite.shared = shared;
    let open = |_: &Suite| Ok(Arc::new(Validator::new(Arc::new(DefinitionSet::new(FhirVersion::Stu3, Vec::new())))));
    let error = resolve(&all, &candidate(), &bgz(), &open).unwrap_err();
    assert!(matches!(error, PlanError::Circle(_)), "{error}");
}

#[test]
fn an_unknown_suite_is_said_with_advice() {
    let error = plan(&candidate(), Selection { suites: vec!["bzg".into()], ..Default::default() }).unwrap_err();
    assert!(error.to_string().contains("suites list"));
}
