//! Makes the plan: instances of scenarios for patients and formats, in an order in which each need comes first.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::candidate::Candidate;
use crate::diag::Severity;
use crate::fhir::Element;
use crate::fhir::json;
use crate::fhir::path::Expression;
use crate::fhir::path::PathError;
use crate::fhir::syntax::ParseError;
use crate::fhir::validate::Validator;
use crate::plan::Check;
use crate::plan::Expectation;
use crate::plan::Operation;
use crate::plan::PlannedScenario;
use crate::plan::PlannedStep;
use crate::plan::PlannedSuite;
use crate::plan::Selection;
use crate::plan::Sent;
use crate::plan::TestPlan;
use crate::plan::inline;
use crate::plan::usual::ANY_REQUEST;
use crate::plan::usual::EACH_REQUEST;
use crate::plan::usual::UsualRequest;
use crate::requirement::Role;
use crate::requirement::register;
use crate::suite::model::ExpectFile;
use crate::suite::model::Format;
use crate::suite::model::ScenarioFile;
use crate::suite::model::StepFile;
use crate::suite::model::Suite;
use crate::suite::model::SuiteFile;

/// Why no plan can be made. The loader of suites finds these first, with line and column.
#[derive(Debug)]
pub enum PlanError {
    /// A suite that does not exist.
    UnknownSuite(String),
    /// A shared file that does not exist.
    UnknownShared(String),
    /// A resource to send that does not exist.
    UnknownFixture(String),
    /// A resource to send that cannot be read.
    Fixture(String, ParseError),
    /// Shared files or scenarios that need each other.
    Circle(String),
    /// A FHIRPath expression that does not parse.
    Expression(String, PathError),
    /// A step or an expectation without, or with more than one, operation.
    Shape(String),
    /// Definitions that a suite needs cannot be opened.
    Definitions(String, String),
    /// No suite is left to run.
    Nothing(String),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownSuite(name) => write!(f, "there is no suite `{name}`; see `toetsbank suites list`"),
            Self::UnknownShared(name) => write!(f, "there is no shared file `{name}` in the folder `_shared`"),
            Self::UnknownFixture(path) => write!(f, "there is no `{path}`, which a step sends"),
            Self::Fixture(path, error) => write!(f, "`{path}` cannot be read: {error}"),
            Self::Circle(name) => write!(f, "`{name}` needs itself; take one of the uses out"),
            Self::Expression(text, error) => write!(f, "the expression `{text}` does not parse: {error}"),
            Self::Shape(place) => write!(f, "{place} must have exactly one operation"),
            Self::Definitions(suite, error) => {
                write!(f, "the definitions of suite `{suite}` cannot be opened: {error}")
            }
            Self::Nothing(what) => write!(f, "nothing is left to run: {what}"),
        }
    }
}

impl std::error::Error for PlanError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Expression(_, error) => Some(error),
            Self::Fixture(_, error) => Some(error),
            _ => None,
        }
    }
}

/// Makes the plan for these suites (ids), with the validator that `open` gives for each suite.
///
/// # Errors
/// See [`PlanError`].
pub fn resolve(
    all: &[Suite],
    candidate: &Candidate,
    selection: &Selection,
    open: &dyn Fn(&Suite) -> Result<Arc<Validator>, PlanError>,
) -> Result<TestPlan, PlanError> {
    let mut planner =
        Planner { all, candidate, selection, suites: Vec::new(), scenarios: Vec::new(), parsed: BTreeMap::new() };
    let chosen = planner.chosen(open)?;
    for suite in &chosen {
        planner.suite(suite)?;
    }
    let Planner { suites, scenarios, .. } = planner;
    let scenarios = in_order_of_needs(scenarios)?;
    let scenarios = waits_last(scenarios);
    if scenarios.is_empty() {
        return Err(PlanError::Nothing(selection.suites.join(", ")));
    }
    Ok(TestPlan { candidate: candidate.clone(), selection: selection.clone(), suites, scenarios })
}

pub(super) struct Planner<'a> {
    pub(super) all: &'a [Suite],
    pub(super) candidate: &'a Candidate,
    selection: &'a Selection,
    pub(super) suites: Vec<PlannedSuite>,
    scenarios: Vec<PlannedScenario>,
    /// Expressions, parsed once however often a shared file is used.
    parsed: BTreeMap<String, Arc<Expression>>,
}

impl<'a> Planner<'a> {
    /// The chosen suites with those that run along, each once; content suites first.
    fn chosen(
        &mut self,
        open: &dyn Fn(&Suite) -> Result<Arc<Validator>, PlanError>,
    ) -> Result<Vec<&'a Suite>, PlanError> {
        let find = |id: &String| self.all.iter().find(|suite| suite.head.id == *id);
        let mut chosen: Vec<&Suite> = Vec::new();
        for id in &self.selection.suites {
            chosen.push(find(id).ok_or_else(|| PlanError::UnknownSuite(id.clone()))?);
        }
        for i in 0..chosen.len() {
            for id in &chosen[i].head.along {
                let suite = find(id).ok_or_else(|| PlanError::UnknownSuite(id.clone()))?;
                let has_work = suite.scenarios.iter().any(|(role, _)| *role == self.candidate.role);
                if has_work && !chosen.iter().any(|known| known.head.id == suite.head.id) {
                    chosen.push(suite);
                }
            }
        }
        for suite in &chosen {
            // What runs along asks its questions where the suite that brings it asks its own.
            let brings = |other: &&&Suite| other.head.along.contains(&suite.head.id);
            let hosts = chosen.iter().filter(brings).chain(chosen.iter());
            let systeemrol = [*suite].iter().chain(hosts).find_map(|suite| self.systeemrol(suite));
            self.suites.push(PlannedSuite { head: suite.head.clone(), validator: open(suite)?, systeemrol });
        }
        Ok(chosen)
    }

    /// The first systeemrol of the suite that the candidate has an endpoint for.
    fn systeemrol(&self, suite: &Suite) -> Option<String> {
        let known = |code: &&String| self.candidate.endpoints.resource.contains_key(*code);
        suite.head.systeemrollen.iter().find(known).or_else(|| suite.head.systeemrollen.first()).cloned()
    }

    fn suite(&mut self, suite: &Suite) -> Result<(), PlanError> {
        for (role, scenario) in &suite.scenarios {
            if *role != self.candidate.role || !self.is_selected(scenario, suite) {
                continue;
            }
            let formats: Vec<Option<Format>> = scenario.formats.iter().copied().map(Some).collect();
            let formats = if formats.is_empty() { vec![None] } else { formats };
            for (patient, stands_for) in self.patients(suite, scenario) {
                for format in &formats {
                    if format.is_some_and(|format| !self.selects_format(format)) {
                        continue;
                    }
                    self.instance(suite, *role, scenario, patient, stands_for.clone(), *format)?;
                }
            }
        }
        Ok(())
    }

    fn is_selected(&self, scenario: &ScenarioFile, suite: &Suite) -> bool {
        let wanted = &self.selection.scenarios;
        wanted.is_empty()
            || wanted.iter().any(|id| {
                *id == scenario.id || *id == suite.head.id || *id == format!("{}/{}", suite.head.id, scenario.id)
            })
    }

    fn selects_format(&self, format: Format) -> bool {
        self.selection.formats.is_empty() || self.selection.formats.contains(&format)
    }

    /// The candidate's patients for a scenario: index, and what each stands for. A word that nobody stands for gives `None`.
    fn patients(&self, suite: &Suite, scenario: &ScenarioFile) -> Vec<(Option<usize>, Option<String>)> {
        let fits = |i: &usize| self.is_for(*i, suite) && self.selects_patient(*i);
        let indices = 0..self.candidate.patients.len();
        if scenario.each_service {
            let of = |suite: &Suite| indices.clone().find(|i| self.is_for(*i, suite) && self.selects_patient(*i));
            let patients: BTreeSet<usize> = self.services().filter_map(of).collect();
            return patients.into_iter().map(|i| (Some(i), None)).collect();
        }
        if scenario.patients.is_empty() {
            return vec![(indices.clone().find(|i| fits(i)), None)];
        }
        let mut out = Vec::new();
        for word in &scenario.patients {
            let here: Vec<usize> = indices
                .clone()
                .filter(|i| self.candidate.patients[*i].stands_for == *word && self.is_for(*i, suite))
                .collect();
            let wanted = &self.selection.patients;
            if here.is_empty() && (wanted.is_empty() || wanted.contains(word)) {
                out.push((None, Some(word.clone())));
            }
            out.extend(here.into_iter().filter(|i| self.selects_patient(*i)).map(|i| (Some(i), Some(word.clone()))));
        }
        out
    }

    /// Whether a patient of the candidate is for this suite: named by id, by its name without the version (`bgz`), or by an
    /// alias.
    pub(super) fn is_for(&self, patient: usize, suite: &Suite) -> bool {
        let suites = &self.candidate.patients[patient].suites;
        let named = |head: &SuiteFile| suites.iter().any(|name| head.goes_by(name));
        suites.is_empty()
            || suite.head.systeemrollen.is_empty() && self.suites.iter().any(|planned| named(&planned.head))
            || named(&suite.head)
    }

    fn selects_patient(&self, patient: usize) -> bool {
        let wanted = &self.selection.patients;
        let patient = &self.candidate.patients[patient];
        wanted.is_empty() || wanted.iter().any(|word| *word == patient.name || *word == patient.stands_for)
    }

    /// Plans one instance, with the instances that it needs, unless it is there already. Gives its key.
    fn instance(
        &mut self,
        suite: &Suite,
        role: Role,
        scenario: &ScenarioFile,
        patient: Option<usize>,
        stands_for: Option<String>,
        format: Option<Format>,
    ) -> Result<String, PlanError> {
        let who = patient.map(|i| self.candidate.patients[i].name.clone()).or_else(|| stands_for.clone());
        let parts = [Some(suite.head.id.clone()), Some(scenario.id.clone()), who, format.map(|f| f.word().to_owned())];
        let key = parts.into_iter().flatten().collect::<Vec<_>>().join("/");
        if self.scenarios.iter().any(|planned| planned.key == key) {
            return Ok(key);
        }
        let index = self.suites.iter().position(|s| s.head.id == suite.head.id).unwrap_or(0);
        let inlined = inline::steps(&scenario.steps, &suite.shared, 0)?;
        let skip = self.skip(index, scenario, &inlined, patient, stands_for.as_deref());
        let mut planned = PlannedScenario {
            key: key.clone(),
            suite: index,
            id: scenario.id.clone(),
            title: scenario.title.clone(),
            role,
            required: scenario.required && !self.goes_unasked(index, scenario),
            patient,
            stands_for: stands_for.clone(),
            format,
            needs: Vec::new(),
            steps: self.steps(suite, scenario, &inlined, patient, stands_for.as_deref())?,
            skip,
        };
        // Its place is taken before its needs are planned, so that a circle ends; the order is made at the end.
        let place = self.scenarios.len();
        self.scenarios.push(planned.clone());
        for need in &scenario.needs {
            let (suite_id, id) = need.rsplit_once('/').unwrap_or((suite.head.id.as_str(), need));
            let other = self
                .all
                .iter()
                .find(|s| s.head.id == suite_id)
                .ok_or_else(|| PlanError::UnknownSuite(suite_id.into()))?;
            let Some((_, needed)) = other.scenarios.iter().find(|(r, s)| *r == role && s.id == id) else {
                return Err(PlanError::UnknownShared(need.clone()));
            };
            planned.needs.push(self.instance(other, role, needed, patient, stands_for.clone(), None)?);
        }
        self.scenarios[place] = planned;
        Ok(key)
    }

    fn steps(
        &mut self,
        suite: &Suite,
        scenario: &ScenarioFile,
        inlined: &[StepFile],
        patient: Option<usize>,
        stands_for: Option<&str>,
    ) -> Result<Vec<PlannedStep>, PlanError> {
        let applies = |patients: &[String]| {
            patients.is_empty() || stands_for.is_some_and(|word| patients.iter().any(|p| p == word))
        };
        let mut out = Vec::new();
        for (i, step) in inlined.iter().enumerate() {
            if !applies(&step.patients) || self.is_spared(&suite.head, step) {
                continue;
            }
            let mut expectations = Vec::new();
            for expect in step.expect.iter().filter(|expect| applies(&expect.patients)) {
                expectations.push(self.expectation(expect, scenario)?);
            }
            let mut save = Vec::new();
            for (name, text) in &step.save {
                save.push((name.clone(), self.expression(text)?));
            }
            let id = step.id.clone().unwrap_or_else(|| (i + 1).to_string());
            for (n, operation) in self.operations(suite, scenario, step, patient)?.into_iter().enumerate() {
                let id = if n == 0 { id.clone() } else { format!("{id}-{}", n + 1) };
                let (probe, save, expectations) = (step.probe.clone(), save.clone(), expectations.clone());
                out.push(PlannedStep { id, operation, probe, optional: step.optional, save, expectations });
            }
        }
        Ok(out)
    }

    /// What a step does; a request of each service is as many operations.
    fn operations(
        &self,
        suite: &Suite,
        scenario: &ScenarioFile,
        step: &StepFile,
        patient: Option<usize>,
    ) -> Result<Vec<Operation>, PlanError> {
        if step.get.as_deref() != Some(EACH_REQUEST) {
            return Ok(vec![self.operation(suite, scenario, step, patient)?]);
        }
        let change = step.request.clone().unwrap_or_default();
        let of_service = |usual: UsualRequest| Operation::Get {
            target: usual.target,
            systeemrol: usual.systeemrol,
            pages: false,
            change: change.clone(),
        };
        Ok(self.usual_requests(patient).into_iter().map(of_service).collect())
    }

    fn operation(
        &self,
        suite: &Suite,
        scenario: &ScenarioFile,
        step: &StepFile,
        patient: Option<usize>,
    ) -> Result<Operation, PlanError> {
        let change = step.request.clone().unwrap_or_default();
        if let Some(message) = &step.authorize {
            return Ok(Operation::Authorize(message.clone()));
        }
        if let Some(login) = &step.login {
            return Ok(Operation::Login(login.clone()));
        }
        if let Some(message) = &step.token {
            return Ok(Operation::Token(message.clone()));
        }
        if let Some(message) = &step.refresh {
            return Ok(Operation::Refresh(message.clone()));
        }
        if let Some(address) = &step.visit {
            return Ok(Operation::Visit(address.clone()));
        }
        if step.withdraw.is_some() {
            return Ok(Operation::Withdraw);
        }
        if let Some(target) = &step.get {
            let usual = self.any_request(patient).filter(|_| target.contains(ANY_REQUEST));
            let systeemrol = step.systeemrol.clone().or_else(|| match &usual {
                Some(usual) => usual.systeemrol.clone(),
                None => self.default_role(suite),
            });
            let target = target.replace(ANY_REQUEST, usual.as_ref().map_or("metadata", |usual| &usual.target));
            let pages = step.pages.unwrap_or(!target.contains("://") && !target.contains("${"));
            return Ok(Operation::Get { target, systeemrol, pages, change });
        }
        if let Some(span) = step.wait {
            return Ok(Operation::Wait(span));
        }
        if let Some(names) = &step.world {
            return Ok(Operation::World(names.clone()));
        }
        if let Some(how) = &step.collect {
            let of_run = || self.suites.iter().find_map(|planned| planned.head.gegevensdienst.clone());
            let service = how.service.clone().or_else(|| suite.head.gegevensdienst.clone()).or_else(of_run);
            return Ok(Operation::Collect { service: service.unwrap_or_default(), how: how.clone() });
        }
        if let Some(target) = &step.post {
            let systeemrol = step.systeemrol.clone().or_else(|| self.default_role(suite));
            let body = match (&step.body, &step.raw_body) {
                (Some(name), _) => Sent::Resource(resource(suite, name)?),
                (None, text) => Sent::Text(text.clone().unwrap_or_default()),
            };
            return Ok(Operation::Post { target: target.clone(), systeemrol, body, change });
        }
        if let Some(wait) = &step.await_request {
            let (get, post) = (wait.get.clone(), wait.post);
            return Ok(Operation::Await { interface: wait.interface, get, post, seconds: wait.seconds });
        }
        Err(PlanError::Shape(format!("a step of scenario `{}/{}`", suite.head.id, scenario.id)))
    }

    /// The systeemrol that the steps of a suite ask where they name none.
    fn default_role(&self, suite: &Suite) -> Option<String> {
        self.suites.iter().find(|planned| planned.head.id == suite.head.id)?.systeemrol.clone()
    }

    fn expectation(&mut self, expect: &ExpectFile, scenario: &ScenarioFile) -> Result<Expectation, PlanError> {
        let known = |id: &&String| register().row(id).is_some();
        let rule = expect.verifies.as_ref().or_else(|| scenario.verifies.iter().find(known));
        let check = if !expect.status.is_empty() {
            Check::Status(expect.status.clone())
        } else if !expect.status_not.is_empty() {
            Check::StatusNot(expect.status_not.clone())
        } else if !expect.media_type.is_empty() {
            Check::MediaType(expect.media_type.clone())
        } else if let Some(text) = &expect.fhirpath {
            Check::Holds(self.expression(text)?)
        } else if let (Some(each), Some(holds)) = (&expect.each, &expect.holds) {
            Check::Each(self.expression(each)?, self.expression(holds)?)
        } else if expect.conforms == Some(true) {
            Check::Conforms
        } else if expect.self_link == Some(true) {
            Check::SelfLink
        } else if let Some(entries) = &expect.entries {
            Check::Entries {
                kind: entries.r#type.clone(),
                profile: entries.profile.clone(),
                at_least: entries.at_least,
                at_most: entries.at_most,
            }
        } else if let Some(text) = &expect.pdfa {
            Check::Pdfa(if text == "$body" { None } else { Some(self.expression(text)?) })
        } else {
            return Err(PlanError::Shape(format!("an expectation of scenario `{}`", scenario.id)));
        };
        Ok(Expectation {
            rule: rule.cloned().unwrap_or_else(|| "FLOW-35".to_owned()),
            severity: expect.severity.unwrap_or(Severity::Error),
            title: expect.title.clone(),
            check,
        })
    }

    fn expression(&mut self, text: &str) -> Result<Arc<Expression>, PlanError> {
        if let Some(known) = self.parsed.get(text) {
            return Ok(known.clone());
        }
        let parsed = Expression::parse(text).map_err(|error| PlanError::Expression(text.to_owned(), error))?;
        let parsed = Arc::new(parsed);
        self.parsed.insert(text.to_owned(), parsed.clone());
        Ok(parsed)
    }
}

/// A resource of the folder `fixtures` of a suite.
fn resource(suite: &Suite, name: &str) -> Result<Arc<Element>, PlanError> {
    let place = format!("{}/fixtures/{name}.json", suite.head.id);
    let Some(text) = suite.fixtures.get(name) else { return Err(PlanError::UnknownFixture(place)) };
    match json::parse(text.as_bytes()) {
        Ok((root, _)) => Ok(Arc::new(root)),
        Err(error) => Err(PlanError::Fixture(place, error)),
    }
}

/// The instances in the order planned, but each need right before the first that needs it.
fn in_order_of_needs(planned: Vec<PlannedScenario>) -> Result<Vec<PlannedScenario>, PlanError> {
    let mut out = Vec::with_capacity(planned.len());
    let mut waiting: Vec<Option<PlannedScenario>> = planned.into_iter().map(Some).collect();
    for i in 0..waiting.len() {
        emit(i, &mut waiting, &mut out, 0)?;
    }
    Ok(out)
}

/// After a wait the tokens of other instances are worth nothing: who waits, and who needs one that does, comes last.
fn waits_last(scenarios: Vec<PlannedScenario>) -> Vec<PlannedScenario> {
    let (mut soon, mut late): (Vec<PlannedScenario>, Vec<PlannedScenario>) = (Vec::new(), Vec::new());
    for scenario in scenarios {
        let is_late = scenario.waits() || late.iter().any(|other| scenario.needs.contains(&other.key));
        if is_late { late.push(scenario) } else { soon.push(scenario) }
    }
    soon.extend(late);
    soon
}

fn emit(
    i: usize,
    waiting: &mut [Option<PlannedScenario>],
    out: &mut Vec<PlannedScenario>,
    depth: usize,
) -> Result<(), PlanError> {
    let Some(scenario) = &waiting[i] else { return Ok(()) };
    if depth > waiting.len() {
        return Err(PlanError::Circle(scenario.key.clone()));
    }
    for need in scenario.needs.clone() {
        if let Some(first) = waiting.iter().position(|s| s.as_ref().is_some_and(|s| s.key == need)) {
            emit(first, waiting, out, depth + 1)?;
        }
    }
    out.extend(waiting[i].take());
    Ok(())
}
