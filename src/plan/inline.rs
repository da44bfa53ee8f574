//! Puts shared steps and expectations where a scenario uses them, with the values it gives them.

use std::collections::BTreeMap;

use crate::plan::PlanError;
use crate::suite::model::ExpectFile;
use crate::suite::model::MessageFile;
use crate::suite::model::SharedFile;
use crate::suite::model::StepFile;

/// Shared files may use each other so deep; deeper is taken for a circle.
const DEEPEST: usize = 8;

/// The steps with every `use` replaced by what it names.
///
/// # Errors
/// A name that no shared file has, or a circle.
pub fn steps(
    list: &[StepFile],
    shared: &BTreeMap<String, SharedFile>,
    depth: usize,
) -> Result<Vec<StepFile>, PlanError> {
    let mut out = Vec::new();
    for step in list {
        let mut step = step.clone();
        step.expect = expectations(&step.expect, shared, depth)?;
        match &step.use_file {
            None => out.push(step),
            Some(name) => {
                let file = find(shared, name, depth)?;
                for inner in steps(&file.steps, shared, depth + 1)? {
                    let mut inner = substitute(inner, &step.with);
                    if inner.patients.is_empty() {
                        inner.patients.clone_from(&step.patients);
                    }
                    out.push(inner);
                }
            }
        }
    }
    Ok(out)
}

/// The expectations with every `use` replaced by what it names.
fn expectations(
    list: &[ExpectFile],
    shared: &BTreeMap<String, SharedFile>,
    depth: usize,
) -> Result<Vec<ExpectFile>, PlanError> {
    let mut out = Vec::new();
    for expect in list {
        match &expect.use_file {
            None => out.push(expect.clone()),
            Some(name) => {
                let file = find(shared, name, depth)?;
                for mut inner in expectations(&file.expect, shared, depth + 1)? {
                    if inner.patients.is_empty() {
                        inner.patients.clone_from(&expect.patients);
                    }
                    out.push(inner);
                }
            }
        }
    }
    Ok(out)
}

fn find<'a>(shared: &'a BTreeMap<String, SharedFile>, name: &str, depth: usize) -> Result<&'a SharedFile, PlanError> {
    if depth > DEEPEST {
        return Err(PlanError::Circle(name.to_owned()));
    }
    shared.get(name).ok_or_else(|| PlanError::UnknownShared(name.to_owned()))
}

/// The step with `${name}` replaced by the values given; other variables stay for the run.
fn substitute(mut step: StepFile, with: &BTreeMap<String, String>) -> StepFile {
    if with.is_empty() {
        return step;
    }
    let fill = |text: &mut String| {
        for (name, value) in with {
            *text = text.replace(&format!("${{{name}}}"), value);
        }
    };
    let message = |message: &mut MessageFile| {
        message.set.values_mut().chain(message.repeat.values_mut()).chain(message.headers.values_mut()).for_each(fill);
    };
    [
        &mut step.get,
        &mut step.post,
        &mut step.raw_body,
        &mut step.visit,
        &mut step.probe,
        &mut step.systeemrol,
        &mut step.id,
    ]
    .into_iter()
    .flatten()
    .for_each(fill);
    [&mut step.authorize, &mut step.token, &mut step.refresh, &mut step.request]
        .into_iter()
        .flatten()
        .for_each(message);
    step
}
