//! The time of one FHIRPath evaluation, next to that of the peer `rh-fhirpath`.
//!
//! Ten invariants, as the definitions of R4 write them, on one resource. Each engine parses the expression and the
//! resource once; only evaluation is timed. Both answers are printed: a quick wrong answer is no answer.

mod invariants;

use std::env;
use std::error::Error;
use std::hint::black_box;
use std::time::Duration;
use std::time::Instant;

use rh_fhirpath::EvaluationContext;
use rh_fhirpath::FhirPathEvaluator;
use rh_fhirpath::FhirPathParser;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::json;
use toetsbank::fhir::path::Context;
use toetsbank::fhir::path::Dialect;
use toetsbank::fhir::path::Expression;
use toetsbank::fhir::path::Item;
use toetsbank::fhir::path::Node;
use toetsbank::fhir::path::Temporal;
use toetsbank::packages::embedded;

use crate::invariants::INVARIANTS;
use crate::invariants::RESOURCE;
use crate::invariants::focus;
use crate::invariants::invariant;

/// What each measurement takes at least; the best of [`ROUNDS`] counts. Short, so that some find the machine at rest.
const SPAN: Duration = Duration::from_millis(2);
const ROUNDS: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let definitions = DefinitionSet::new(FhirVersion::R4, embedded::layers(FhirVersion::R4));
    let now = Temporal::parse_date_time("2024-03-01T10:00:00Z").ok_or("a moment")?;
    // 10:30 in one zone is before 10:00 in another; read as text it is not.
    let zones = RESOURCE.replace("T09:55:00+01:00", "T10:30:00+02:00");
    println!("{:<8}{:>12}{:>12}{:>9}  answers", "", "toetsbank", "peer", "times");
    measure(RESOURCE, &INVARIANTS, &definitions, now)?;
    println!("the period from 10:30+02:00 to 10:00+01:00");
    measure(&zones, &INVARIANTS[9..], &definitions, now)
}

fn measure(
    text: &str,
    invariants: &[(&str, &str, &str)],
    definitions: &DefinitionSet,
    now: Temporal,
) -> Result<(), Box<dyn Error>> {
    let (resource, _) = json::parse(text.as_bytes())?;
    let whole: serde_json::Value = serde_json::from_str(text)?;
    let mut context = Context::new(definitions, &resource, now);
    // dom-3 as published asks `as` of several items.
    context.dialect = Dialect::Lenient;
    // Those named on the command line, or all.
    let named: Vec<String> = env::args().skip(1).collect();
    let wanted = invariants.iter().filter(|(key, ..)| named.is_empty() || named.iter().any(|name| name == key));
    for &(key, declared, member) in wanted {
        let text = invariant(definitions, declared, key).ok_or_else(|| format!("no invariant `{key}`"))?;
        let (ours, answer) = toetsbank(text, focus(definitions, &resource, member), &context)?;
        let (theirs, peer_answer) = peer(text, &whole, member);
        let times = theirs.as_secs_f64() / ours.as_secs_f64();
        println!("{key:<8}{ours:>12?}{theirs:>12?}{times:>8.1}x  {answer}, {peer_answer}");
    }
    Ok(())
}

fn toetsbank<'a>(text: &str, focus: Node<'a>, context: &Context<'a>) -> Result<(Duration, String), Box<dyn Error>> {
    // The items borrow from the expression; the few of a run may live as long as it.
    let expression: &'static Expression = Box::leak(Box::new(Expression::parse(text)?));
    let items = expression.evaluate(focus, context)?;
    let answer = items.first().and_then(Item::boolean).map_or("none".to_owned(), |answer| answer.to_string());
    Ok((best(|| drop(black_box(expression.evaluate(black_box(focus), context)))), answer))
}

fn peer(text: &str, whole: &serde_json::Value, member: &str) -> (Duration, String) {
    let parsed = match FhirPathParser::new().parse(text) {
        Ok(parsed) => parsed,
        Err(error) => return (Duration::ZERO, format!("not parsed: {error}")),
    };
    let mut context = EvaluationContext::new(whole.clone());
    if let Some(element) = whole.get(member) {
        context.current = element.get(0).unwrap_or(element).clone();
    }
    let evaluator = FhirPathEvaluator::new();
    let answer = match evaluator.evaluate(&parsed, &context) {
        Ok(answer) => format!("{answer:?}"),
        Err(error) => format!("error: {error}"),
    };
    let run = || {
        context.clear_trace_logs();
        drop(black_box(evaluator.evaluate(black_box(&parsed), &context)));
    };
    (best(run), answer)
}

/// Time of one call: as many as fill [`SPAN`], the best of [`ROUNDS`].
fn best(run: impl Fn()) -> Duration {
    let mut count = 1u32;
    loop {
        let start = Instant::now();
        (0..count).for_each(|_| run());
        let taken = start.elapsed();
        if taken > SPAN || count >= 1 << 28 {
            break;
        }
        count *= 2;
    }
    let round = || {
        let start = Instant::now();
        (0..count).for_each(|_| run());
        start.elapsed() / count
    };
    (0..ROUNDS).map(|_| round()).min().unwrap_or_default()
}
