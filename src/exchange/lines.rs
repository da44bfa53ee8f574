//! The trace as it grows: a line of JSON for what was asked, then one for each scenario, written as the run goes.
//!
//! A run that is killed leaves this file; whole lines are read back, a last one that was cut is left. The finished run is
//! a [`har`]. Entry points: [`first`] and [`Lines::next`] to write, [`read`].

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::exchange::Run;
use crate::exchange::SecretFacts;
use crate::exchange::StepRecord;
use crate::exchange::Trace;
use crate::exchange::har;
use crate::exchange::har::Entry;
use crate::exchange::har::HarError;

#[derive(Serialize, Deserialize)]
struct First {
    format: u32,
    context: Value,
}

#[derive(Serialize, Deserialize)]
struct Line {
    scenario: String,
    steps: Vec<StepRecord>,
    entries: Vec<Entry>,
    /// What is new or has changed among the facts of secrets, by their place in the list.
    secrets: Vec<(usize, SecretFacts)>,
}

/// Makes the lines after the first; knows which facts of secrets were told already.
#[derive(Debug, Default)]
pub struct Lines {
    told: Vec<SecretFacts>,
}

/// The first line: what `rejudge` needs to make the same plan again.
///
/// # Errors
/// A context that cannot be JSON.
pub fn first(context: &Value) -> Result<String, serde_json::Error> {
    serde_json::to_string(&First { format: har::FORMAT, context: context.clone() }).map(|line| line + "\n")
}

impl Lines {
    /// The line of the trace that came last; nothing before the first.
    ///
    /// # Errors
    /// A trace that cannot be JSON.
    pub fn next(&mut self, run: &Run) -> Result<String, serde_json::Error> {
        let Some(trace) = run.traces.last() else { return Ok(String::new()) };
        let is_new = |(i, facts): &(usize, &SecretFacts)| self.told.get(*i) != Some(*facts);
        let secrets: Vec<_> =
            run.secrets.iter().enumerate().filter(is_new).map(|(i, facts)| (i, facts.clone())).collect();
        self.told.clone_from(&run.secrets);
        let line = Line {
            scenario: trace.scenario.clone(),
            steps: trace.steps.clone(),
            entries: trace.exchanges.iter().map(har::entry).collect(),
            secrets,
        };
        serde_json::to_string(&line).map(|line| line + "\n")
    }
}

/// Reads the run as far as it came, and its context.
///
/// # Errors
/// When the first line is none of ours, or of a newer format.
pub fn read(text: &str) -> Result<(Run, Value), HarError> {
    let mut lines = text.split_inclusive('\n');
    let First { format, context } = serde_json::from_str(lines.next().unwrap_or("")).map_err(HarError::Shape)?;
    if format > har::FORMAT {
        return Err(HarError::Newer(format));
    }
    let mut run = Run::default();
    for line in lines.filter(|line| line.ends_with('\n')) {
        // What follows a damaged line may lean on it.
        let Ok(Line { scenario, steps, entries, secrets }) = serde_json::from_str(line) else { break };
        run.traces.push(Trace { scenario, steps, exchanges: entries.into_iter().map(har::exchange).collect() });
        for (i, facts) in secrets {
            match run.secrets.get_mut(i) {
                Some(known) => *known = facts,
                None => run.secrets.push(facts),
            }
        }
    }
    Ok((run, context))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::SecretKind;
    use crate::exchange::Secrets;

    #[test]
    fn whole_lines_come_back_and_half_a_line_costs_only_itself() {
        let context = serde_json::json!({"runId": "x"});
        let mut text = first(&context).unwrap();
        let (mut lines, mut run, mut secrets) = (Lines::default(), Run::default(), Secrets::default());
        let mut states = Vec::new();
        for scenario in ["s/1", "s/2", "s/3"] {
            secrets.issued(SecretKind::Code, "the same each time");
            secrets.issued(SecretKind::AccessToken, scenario);
            run.traces.push(Trace { scenario: scenario.into(), ..Default::default() });
            run.secrets = secrets.facts();
            text += &lines.next(&run).unwrap();
            states.push(run.clone());
        }
        assert_eq!(read(&text).unwrap(), (run, context.clone()));
        assert_eq!(read(&text[..text.len() - 1]).unwrap(), (states[1].clone(), context.clone()));
        assert_eq!(read(text.lines().next().unwrap()).unwrap(), (Run::default(), context));
        assert!(read("").is_err() && read("{}\n").is_err());
        assert!(read("{\"format\":99,\"context\":null}\n").unwrap_err().to_string().contains("newer"));
    }
}
