//! Runs against the reference DVA with each behaviour that is allowed: nothing may be found for any of them.

use toetsbank::event::RunVerdict;
use toetsbank::event::ScenarioOutcome;
use toetsbank::event::Verdict;
use toetsbank::plan::Selection;
use toetsbank::simulator::BEHAVIOURS;
use toetsbank::simulator::Behaviour;
use toetsbank::simulator::behaviours;
use toetsbank::suite::model::Format;

use crate::matrix::on_all_cores;
use crate::reference::Done;
use crate::reference::findings;
use crate::reference::run_with;

/// What is said of a server with these behaviours, when it is anything but that it conforms.
fn accusations(suites: &[&str], chosen: &[&'static Behaviour], change: impl FnOnce(&mut Selection)) -> Option<String> {
    let Done { outcome, .. } = run_with(suites, &[], chosen, |_, selection| change(selection));
    let mut said = findings(&outcome);
    let leaves = |scenario: &&ScenarioOutcome| {
        scenario.suite == "flow-dva" && chosen.iter().any(|behaviour| behaviour.leaves.contains(&scenario.id.as_str()))
    };
    let undone = outcome.scenarios.iter().filter(|scenario| match leaves(scenario) {
        true => scenario.verdict != Verdict::NotChecked,
        false => scenario.verdict != Verdict::Pass,
    });
    said.extend(undone.map(|scenario| format!("{} {:?}: {:?}", scenario.key, scenario.verdict, scenario.reason)));
    // A part of the scenarios is incomplete, and conforms as far as it goes.
    if said.is_empty() && matches!(outcome.verdict, RunVerdict::Conformant | RunVerdict::Incomplete) {
        return None;
    }
    let names = chosen.iter().map(|behaviour| behaviour.name).collect::<Vec<_>>().join(" ");
    said.truncate(8);
    Some(format!("{names}: {:?}\n    {}", outcome.verdict, said.join("\n    ")))
}

/// How many behaviours are tried at a time.
const FEW: usize = 5;

/// Only what shows these behaviours, which are shown alike: the flow, or the content in one format.
fn where_shown(few: &[&'static Behaviour]) -> Option<String> {
    let first = few.first()?;
    accusations(&[first.suite], few, |selection| {
        selection.formats = vec![if first.decides == "xml" { Format::Xml } else { Format::Json }];
        if !first.in_content {
            selection.scenarios = vec!["flow-dva".to_owned()];
        }
    })
}

/// Servers with a few behaviours each, that do not exclude each other and are shown by the same scenarios.
fn few_at_a_time() -> Vec<Vec<&'static Behaviour>> {
    let mut servers: Vec<Vec<&'static Behaviour>> = Vec::new();
    let alike = |one: &Behaviour, other: &Behaviour| {
        let shown = |b: &Behaviour| (b.suite, b.in_content, b.decides == "xml");
        shown(one) == shown(other) && one.decides != other.decides
    };
    for behaviour in BEHAVIOURS.iter() {
        // What keeps scenarios from being gone through would hide what the others do there.
        let is_open = |few: &[&Behaviour]| few.iter().all(|own| own.leaves.is_empty() && alike(own, behaviour));
        let fits = |few: &&mut Vec<&'static Behaviour>| few.len() < FEW && behaviour.leaves.is_empty() && is_open(few);
        match servers.iter_mut().find(fits) {
            Some(few) => few.push(behaviour),
            None => servers.push(vec![behaviour]),
        }
    }
    servers
}

/// A few at a time, and one at a time where those few are accused, so that it says which; each alone when
/// `TOETSBANK_BEHAVIOUR` is `each`, one of them when it is a name.
#[test]
fn no_behaviour_brings_a_finding() {
    let servers = match std::env::var("TOETSBANK_BEHAVIOUR").ok() {
        None => few_at_a_time(),
        Some(each) if each == "each" => BEHAVIOURS.iter().map(|behaviour| vec![behaviour]).collect(),
        Some(name) => vec![vec![behaviours::find(&name).unwrap()]],
    };
    let accused = |few: &Vec<&'static Behaviour>| {
        let together = where_shown(few)?;
        let alone: Vec<_> = few.iter().filter(|_| few.len() > 1).filter_map(|one| where_shown(&[one])).collect();
        Some(if alone.is_empty() { together } else { alone.join("\n") })
    };
    let wrong: Vec<_> = on_all_cores(&servers, accused).into_iter().flatten().collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn all_behaviours_together_bring_no_finding() {
    let servers = behaviours::together();
    let everywhere =
        |chosen: &Vec<&'static Behaviour>| accusations(&["bgz", "ggz", "pdfa", "delen-pdfa"], chosen, |_| {});
    let wrong: Vec<_> = on_all_cores(&servers, everywhere).into_iter().flatten().collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
