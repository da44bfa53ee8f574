//! Carries out one scenario instance, step by step.

mod back;
mod front;

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::task;
use std::task::Poll;

use reqwest::Method;
use reqwest::Request;
use reqwest::cookie::Jar;
use reqwest::header::HeaderName;
use reqwest::header::HeaderValue;

use crate::candidate::Candidate;
use crate::candidate::Standing;
use crate::diag::Text;
use crate::exchange::Actor;
use crate::exchange::Certificate;
use crate::exchange::Exchange;
use crate::exchange::Failure;
use crate::exchange::FailureKind;
use crate::exchange::Interface;
use crate::exchange::Scope;
use crate::exchange::StepRecord;
use crate::exchange::Stop;
use crate::exchange::StopKind;
use crate::exchange::Trace;
use crate::fhir::Element;
use crate::fhir::json;
use crate::fhir::path::Context;
use crate::fhir::path::Node;
use crate::fhir::path::Temporal;
use crate::fhir::xml;
use crate::plan::Operation;
use crate::plan::PlannedScenario;
use crate::plan::PlannedStep;
use crate::plan::TestPlan;
use crate::runner::Person;
use crate::runner::capture::Answer;
use crate::runner::capture::Label;
use crate::runner::capture::Recorder;
use crate::runner::flow;
use crate::runner::flow::Parameters;
use crate::runner::let_pass;
use crate::runner::lists::Lists;
use crate::runner::sender::RunnerError;
use crate::runner::sender::Sender;
use crate::runner::variables;
use crate::suite::model::MessageFile;
use crate::text;

/// Values that steps kept, by variable name; secrets among them, so never recorded.
#[derive(Clone, Debug, Default)]
pub struct Captures(BTreeMap<String, String>);

impl Captures {
    /// Keeps a value.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// The value of a name.
    pub fn value(&self, name: &str) -> Option<&String> {
        self.0.get(name)
    }

    /// Forgets a value.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Takes over the values of another scenario.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(other.0.clone());
    }
}

/// Carries out the steps until one stops; gives the trace and the values kept.
pub async fn carry_out(
    plan: &TestPlan,
    scenario: &PlannedScenario,
    captures: Captures,
    world: World<'_, '_>,
) -> (Trace, Captures) {
    let World { sender, recorder, person, lists } = world;
    let mut trace = Trace { scenario: scenario.key.clone(), ..Default::default() };
    let mut session = Session {
        plan,
        candidate: &plan.candidate,
        scenario,
        sender,
        recorder,
        person,
        lists,
        captures,
        jar: Arc::default(),
        page: None,
        probe: None,
        step: String::new(),
    };
    for step in &scenario.steps {
        session.step.clone_from(&step.id);
        session.probe = step.probe.clone().or(session.probe);
        let stopped = safely(session.step(step)).await.err();
        let stopped = stopped.filter(|stop| !step.optional || stop.kind != StopKind::Needed);
        let stopped = stopped.map(|stop| session.redacted(stop));
        let exchanges = std::mem::take(&mut session.recorder.exchanges);
        let numbers = exchanges.iter().map(|exchange| exchange.number).collect();
        trace.exchanges.extend(exchanges);
        trace.exchanges.extend(session.fetched());
        let ends = stopped.is_some();
        trace.steps.push(StepRecord { step: step.id.clone(), exchanges: numbers, stopped, attested: None });
        if ends {
            break;
        }
    }
    session.lists.restore().await;
    (trace, session.captures)
}

/// What a scenario has to do with beside the candidate.
pub struct World<'a, 'n> {
    /// Connections.
    pub sender: &'a Sender,
    /// Where everything is put down.
    pub recorder: &'a mut Recorder,
    /// Who logs in by hand.
    pub person: &'a mut dyn Person,
    /// The stelselnode.
    pub lists: &'a mut Lists<'n>,
}

/// Carries out a step; a bug of ours that what the candidate sent brings to light ends this scenario and no other.
async fn safely(step: impl Future<Output = Result<(), Stop>>) -> Result<(), Stop> {
    let mut step = pin!(step);
    let poll = |context: &mut task::Context<'_>| {
        catch_unwind(AssertUnwindSafe(|| step.as_mut().poll(context))).unwrap_or_else(|_| {
            let reason = Text::new("fout in toetsbank bij het uitvoeren", "bug in toetsbank while running");
            Poll::Ready(Err(stop(StopKind::Ours, "bug", reason)))
        })
    };
    poll_fn(poll).await
}

struct Session<'a, 'n> {
    plan: &'a TestPlan,
    candidate: &'a Candidate,
    scenario: &'a PlannedScenario,
    sender: &'a Sender,
    recorder: &'a mut Recorder,
    person: &'a mut dyn Person,
    lists: &'a mut Lists<'n>,
    captures: Captures,
    jar: Arc<Jar>,
    /// The page that the browser is at.
    page: Option<Answer>,
    probe: Option<String>,
    step: String,
}

impl Session<'_, '_> {
    async fn step(&mut self, step: &PlannedStep) -> Result<(), Stop> {
        match &step.operation {
            Operation::Authorize(change) => self.authorize(change).await,
            Operation::Login(login) => self.login(login).await,
            Operation::Token(change) => self.token(change).await,
            Operation::Refresh(change) => self.refresh(change).await,
            Operation::Visit(address) => self.visit(address).await,
            Operation::Withdraw => self.withdraw().await,
            Operation::Get { target, systeemrol, pages, change } => {
                let answer = self.get(target, systeemrol.as_deref(), change).await?;
                self.save(step, &answer)?;
                if *pages { self.follow_pages(answer, systeemrol.as_deref(), change).await } else { Ok(()) }
            }
            Operation::Wait(span) => {
                let_pass(self.candidate, &self.recorder.env, span.0).await;
                Ok(())
            }
            Operation::Post { target, systeemrol, body, change } => {
                let answer = self.post(target, systeemrol.as_deref(), body, change).await?;
                self.save(step, &answer)
            }
            Operation::World(names) => {
                // What came before belongs to the lists as they were.
                let fetched = self.fetched();
                self.recorder.exchanges.extend(fetched);
                self.lists.set(names).await
            }
            Operation::Collect { .. } | Operation::Await { .. } => Err(stop(
                StopKind::NotSelected,
                "await",
                Text::new("wachten op een DVP kan alleen met `serve`", "waiting for a DVP needs `serve`"),
            )),
        }
    }

    /// What the candidate fetched from the stelselnode since it was asked last.
    fn fetched(&mut self) -> Vec<Exchange> {
        let label = self.label(Interface::List, Actor::Dva, Certificate::None);
        self.lists.take(self.recorder, &label)
    }

    /// The stop without what the candidate may have put into its words.
    fn redacted(&mut self, stop: Stop) -> Stop {
        let secrets = &mut self.recorder.secrets;
        Stop { nl: secrets.redact(&stop.nl, Scope::Flow), en: secrets.redact(&stop.en, Scope::Flow), ..stop }
    }

    /// Keeps what later steps need of the answer.
    fn save(&mut self, step: &PlannedStep, answer: &Answer) -> Result<(), Stop> {
        if step.save.is_empty() {
            return Ok(());
        }
        let nothing = |name: &str| {
            stop(
                StopKind::Candidate,
                "nothing-to-save",
                text!("het antwoord geeft geen waarde voor `{name}`", "the answer gives no value for `{name}`"),
            )
        };
        let resource = parse(answer);
        let validator = &self.plan.suite_of(self.scenario).validator;
        let definitions = validator.schemas().definitions();
        for (name, expression) in &step.save {
            let value = resource.as_ref().and_then(|root| {
                let context = Context::new(&**definitions, root, Temporal::from_timestamp(self.recorder.env.now()));
                let kind = root.resource_type.as_deref().unwrap_or("");
                let items = expression.evaluate(Node::new(root, kind), &context).ok()?;
                items.first()?.text().map(|text| text.into_owned())
            });
            self.captures.set(name, value.ok_or_else(|| nothing(name))?);
        }
        Ok(())
    }

    /// The changes of a step with their variables filled in.
    fn filled(&self, change: &MessageFile) -> Result<MessageFile, Stop> {
        let mut out = change.clone();
        for value in out.set.values_mut().chain(out.repeat.values_mut()).chain(out.headers.values_mut()) {
            *value = self.filled_text(value)?;
        }
        Ok(out)
    }

    fn filled_text(&self, text: &str) -> Result<String, Stop> {
        let look_up = |name: &str| self.variable(name);
        variables::fill(text, self.recorder.env.now(), &look_up).map_err(|unknown| {
            stop(
                StopKind::Needed,
                "no-value",
                text!("{unknown}: een eerdere stap gaf het niet", "{unknown}: an earlier step did not give it"),
            )
        })
    }

    /// A resource with the variables in its texts filled in.
    fn filled_resource(&self, element: &Element) -> Result<Element, Stop> {
        let mut out = element.clone();
        if let Some(scalar) = out.value.as_mut().filter(|scalar| scalar.text.contains("${")) {
            scalar.text = self.filled_text(&scalar.text)?.into();
        }
        out.children = element.children.iter().map(|child| self.filled_resource(child)).collect::<Result<_, _>>()?;
        Ok(out)
    }

    fn variable(&self, name: &str) -> Option<String> {
        let client = &self.candidate.client;
        let patient = self.scenario.patient.map(|i| &self.candidate.patients[i]);
        let other = self.candidate.identity(Standing::Listed);
        match name {
            "clientId" => Some(client.client_id.clone()),
            "otherClientId" => other.map(|identity| identity.client_id.clone()),
            "otherRedirectUri" => Some(other?.redirect_uri.as_ref()?.to_string()),
            "authorizationOrigin" => Some(self.candidate.endpoints.authorization.origin().ascii_serialization()),
            "redirectUri" => Some(client.redirect_uri.to_string()),
            "redirectUriOtherCase" => Some(flow::other_case(&client.redirect_uri)),
            "redirectHost" => client.redirect_uri.host_str().map(str::to_owned),
            "scope" => Some(self.candidate.scope().to_owned()),
            "provider" => Some(self.candidate.provider.clone()),
            "otherProvider" => {
                let address = self.candidate.probes.other_provider.as_deref()?;
                Some(address.trim_end_matches('/').to_owned())
            }
            "patient.name" => patient.map(|patient| patient.name.clone()),
            "patient.login" => patient.map(|patient| patient.login.clone()),
            "patient.password" => patient.map(|patient| patient.password.clone()),
            "uuid" => Some(self.recorder.env.uuid()),
            _ => self.captures.value(name).cloned(),
        }
    }

    fn label(&self, interface: Interface, actor: Actor, certificate: Certificate) -> Label {
        Label {
            scenario: self.scenario.key.clone(),
            step: self.step.clone(),
            probe: self.probe.clone(),
            interface,
            actor,
            certificate,
        }
    }
}

fn parse(answer: &Answer) -> Option<Element> {
    // A byte order mark is no white space.
    let text = answer.text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let read = if text.starts_with('<') { xml::parse(text.as_bytes()) } else { json::parse(text.as_bytes()) };
    read.ok().map(|(root, _)| root)
}

fn method(change: &MessageFile, right: Method) -> Method {
    change.method.as_deref().and_then(|name| Method::from_bytes(name.as_bytes()).ok()).unwrap_or(right)
}

pub(super) fn set_headers(request: &mut Request, headers: &Parameters) {
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.to_ascii_lowercase().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            request.headers_mut().insert(name, value);
        }
    }
}

pub(super) fn set_form(request: &mut Request, parameters: &Parameters) {
    let form = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    set_headers(request, &form);
    *request.body_mut() = Some(flow::form_body(parameters).into());
}

/// Stops where nobody can tell whose doing a failure is: the candidate is not accused of it.
fn undecided(failure: &Failure) -> Result<(), Stop> {
    let detail = &failure.detail;
    let reason = match failure.kind {
        FailureKind::UnknownIssuer => text!(
            "het certificaat is van een uitgever die niet in `[trust] ca` van het kandidaatbestand staat ({detail})",
            "the certificate is of an issuer that `[trust] ca` of the candidate file does not name ({detail})"
        ),
        FailureKind::Unresolved => text!(
            "de hostnaam heeft geen adres; zet hem zo nodig in `[trust.connect]` ({detail})",
            "the host name has no address; add it to `[trust.connect]` if needed ({detail})"
        ),
        kind if kind.is_undecided() => text!("niet te versturen: {detail}", "cannot be sent: {detail}"),
        _ => return Ok(()),
    };
    Err(stop(StopKind::Ours, "cannot-reach", reason))
}

/// Stops where the candidate asks for more patience than we have: nothing was refused, and nothing was seen.
fn hurried(answer: &Answer) -> Result<(), Stop> {
    if !answer.asks_for_patience {
        return Ok(());
    }
    let status = answer.status.unwrap_or(0);
    let reason = text!(
        "de kandidaat vraagt langer te wachten dan toetsbank doet (status {status})",
        "the candidate asks to wait longer than toetsbank does (status {status})"
    );
    Err(stop(StopKind::NotSelected, "too-many-requests", reason))
}

fn ours(error: RunnerError) -> Stop {
    let message = error.to_string();
    stop(StopKind::Ours, "cannot-send", Text::same(message))
}

fn stop(kind: StopKind, code: &str, reason: Text) -> Stop {
    Stop { kind, code: code.to_owned(), nl: reason.nl, en: reason.en }
}
