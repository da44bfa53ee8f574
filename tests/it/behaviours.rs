//! Runs against the reference DVA with each behaviour that is allowed: nothing may be found for any of them.

use toetsbank::event::RunVerdict;
use toetsbank::event::ScenarioOutcome;
use toetsbank::event::Verdict;
use toetsbank::plan::Selection;
use toetsbank::simulator::BEHAVIOURS;
use toetsbank::simulator::Behaviour;
use toetsbank::simulator::behaviours;
use toetsbank::suite::model::Format;

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

#[test]
fn no_behaviour_alone_brings_a_finding() {
    let only = std::env::var("TOETSBANK_BEHAVIOUR").ok();
    let chosen = BEHAVIOURS.iter().filter(|behaviour| only.as_deref().is_none_or(|name| name == behaviour.name));
    // Only what shows the behaviour: the flow, or the content in one format.
    let alone = |behaviour: &'static Behaviour| {
        accusations(&[behaviour.suite], &[behaviour], |selection| {
            selection.formats = vec![if behaviour.decides == "xml" { Format::Xml } else { Format::Json }];
            if !behaviour.in_content {
                selection.scenarios = vec!["flow-dva".to_owned()];
            }
        })
    };
    let wrong: Vec<_> = chosen.filter_map(alone).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn all_behaviours_together_bring_no_finding() {
    let servers = behaviours::together();
    let wrong: Vec<_> = servers
        .iter()
        .filter_map(|chosen| accusations(&["bgz", "ggz", "pdfa", "delen-pdfa"], chosen, |_| {}))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
