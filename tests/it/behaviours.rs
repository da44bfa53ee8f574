//! Runs against the reference DVA with each behaviour that is allowed: nothing may be found for any of them.

use toetsbank::event::RunVerdict;
use toetsbank::event::Verdict;
use toetsbank::simulator::BEHAVIOURS;
use toetsbank::simulator::Behaviour;
use toetsbank::simulator::behaviours;

use crate::reference::Done;
use crate::reference::findings;
use crate::reference::run_with;

/// What is said of a server with these behaviours, when it is anything but that it conforms.
fn accusations(suites: &[&str], chosen: &[&'static Behaviour]) -> Option<String> {
    let Done { outcome, .. } = run_with(suites, &[], chosen, |_, _| {});
    let mut said = findings(&outcome);
    let undone = outcome.scenarios.iter().filter(|scenario| scenario.verdict != Verdict::Pass);
    said.extend(undone.map(|scenario| format!("{} {:?}: {:?}", scenario.key, scenario.verdict, scenario.reason)));
    if said.is_empty() && outcome.verdict == RunVerdict::Conformant {
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
    let wrong: Vec<_> = chosen.filter_map(|behaviour| accusations(&["bgz"], &[behaviour])).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn all_behaviours_together_bring_no_finding() {
    let servers = behaviours::together();
    let wrong: Vec<_> = servers.iter().filter_map(|chosen| accusations(&["bgz", "ggz", "pdfa"], chosen)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
