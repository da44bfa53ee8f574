//! Tables of building blocks: which were delivered, by the profiles that resources claim.

use jiff::Timestamp;

use crate::event::TableOutcome;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::fhir::Element;
use crate::fhir::path::Context;
use crate::fhir::path::Expression;
use crate::fhir::path::Node;
use crate::fhir::path::Temporal;
use crate::judge::body;
use crate::judge::check::claims;
use crate::judge::check::resources_in;
use crate::plan::PlannedSuite;
use crate::plan::TestPlan;
use crate::suite::model::TableFile;
use crate::suite::model::TableRow;

/// Fills in the tables of the suites in the plan.
pub fn fill(plan: &TestPlan, run: &Run) -> Vec<TableOutcome> {
    let mut out = Vec::new();
    for (i, suite) in plan.suites.iter().enumerate().filter(|(_, suite)| !suite.head.tables.is_empty()) {
        let keys: Vec<&str> = plan.scenarios.iter().filter(|s| s.suite == i).map(|s| s.key.as_str()).collect();
        let traces = run.traces.iter().filter(|trace| keys.contains(&trace.scenario.as_str()));
        let exchanges = traces.flat_map(|trace| &trace.exchanges);
        let regular = exchanges.filter(|e| e.interface == Interface::Resource && e.probe.is_none());
        let resources: Vec<Element> =
            regular.filter_map(|e| body::read(e).ok()).map(|resource| resource.root).collect();
        out.extend(suite.head.tables.iter().map(|table| filled(suite, table, &resources)));
    }
    out
}

fn filled(suite: &PlannedSuite, table: &TableFile, answers: &[Element]) -> TableOutcome {
    let row = |row: &TableRow| {
        let count = (!row.profiles.is_empty()).then(|| delivered(suite, row, answers));
        (row.title.clone(), row.sets.clone(), count)
    };
    TableOutcome {
        suite: suite.head.id.clone(),
        title: table.title.clone(),
        sets: table.sets.iter().map(|set| (set.id.clone(), set.title.clone())).collect(),
        rows: table.rows.iter().map(row).collect(),
    }
}

/// How many different resources deliver the block: by type and id, as each is asked for in both formats.
fn delivered(suite: &PlannedSuite, row: &TableRow, answers: &[Element]) -> u32 {
    // An element that does not parse delivers nothing; the loader of suites does not let one pass.
    let element = row.element.as_deref().map(Expression::parse);
    let mut known: Vec<(&str, &str)> = Vec::new();
    for resource in answers.iter().flat_map(resources_in) {
        let holds_it = match &element {
            None => true,
            Some(Ok(expression)) => has(suite, resource, expression),
            Some(Err(_)) => false,
        };
        let name = (resource.resource_type.as_deref().unwrap_or(""), resource.text("id").unwrap_or(""));
        if holds_it && row.profiles.iter().any(|profile| claims(resource, profile)) && !known.contains(&name) {
            known.push(name);
        }
    }
    u32::try_from(known.len()).unwrap_or(u32::MAX)
}

/// Whether the expression gives something on the resource. The clock has no part in what was delivered.
fn has(suite: &PlannedSuite, resource: &Element, expression: &Expression) -> bool {
    let definitions = suite.validator.schemas().definitions();
    let context = Context::new(&**definitions, resource, Temporal::from_timestamp(Timestamp::UNIX_EPOCH));
    let kind = resource.resource_type.as_deref().unwrap_or("");
    expression.evaluate(Node::new(resource, kind), &context).is_ok_and(|items| !items.is_empty())
}
