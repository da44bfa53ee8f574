//! From suites, candidate and filters to a [`TestPlan`]: every name resolved, every expression parsed, immutable.
//!
//! Knows no network and no verdicts. A scenario that cannot be run for this candidate stays in the plan with the reason,
//! so that the report shows it as not checked. Entry point: [`resolve`].

mod inline;
mod resolve;
mod skip;
#[cfg(test)]
mod tests;
mod usual;

pub use resolve::PlanError;
pub use resolve::resolve;

use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::candidate::Candidate;
use crate::candidate::Standing;
use crate::diag::Severity;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::fhir::Element;
use crate::fhir::path::Expression;
use crate::fhir::validate::Validator;
use crate::requirement::Role;
use crate::suite::model::CertificateFile;
use crate::suite::model::CollectFile;
use crate::suite::model::Format;
use crate::suite::model::LoginFile;
use crate::suite::model::MessageFile;
use crate::suite::model::Span;
use crate::suite::model::SuiteFile;

/// What the user chose to run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Selection {
    /// Ids of the suites, resolved.
    pub suites: Vec<String>,
    /// Ids of scenarios (`1.3`, `bgz-3-0/1.3`) or of suites, for all their scenarios; empty: all.
    pub scenarios: Vec<String>,
    /// Names of patients, or what they stand for; empty: all.
    pub patients: Vec<String>,
    /// Formats; empty: all.
    pub formats: Vec<Format>,
    /// Prefixes of rules to judge: local id, official code or area; empty: all.
    pub select: Vec<String>,
    /// Prefixes of rules to leave out.
    pub ignore: Vec<String>,
}

/// The work list of a run.
#[derive(Clone, Debug)]
pub struct TestPlan {
    /// Who is tested.
    pub candidate: Candidate,
    /// What was chosen.
    pub selection: Selection,
    /// The suites in it.
    pub suites: Vec<PlannedSuite>,
    /// The scenario instances, in the order of running.
    pub scenarios: Vec<PlannedScenario>,
}

impl TestPlan {
    /// The scenario instance with this key.
    pub fn scenario(&self, key: &str) -> Option<&PlannedScenario> {
        self.scenarios.iter().find(|scenario| scenario.key == key)
    }

    /// The suite of a scenario instance.
    pub fn suite_of(&self, scenario: &PlannedScenario) -> &PlannedSuite {
        &self.suites[scenario.suite]
    }
}

/// A suite of the plan.
#[derive(Clone)]
pub struct PlannedSuite {
    /// Its head.
    pub head: SuiteFile,
    /// The validator over its packages.
    pub validator: Arc<Validator>,
    /// The systeemrolcode that its resource requests go to by default.
    pub systeemrol: Option<String>,
}

impl std::fmt::Debug for PlannedSuite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlannedSuite").field("head", &self.head).field("systeemrol", &self.systeemrol).finish()
    }
}

/// One instance of a scenario: for one patient, in one format.
#[derive(Clone, Debug)]
pub struct PlannedScenario {
    /// `suite/id/patient/format`, as far as they apply.
    pub key: String,
    /// Index into [`TestPlan::suites`].
    pub suite: usize,
    /// Id in the suite.
    pub id: String,
    /// Title.
    pub title: Text,
    /// The role that it judges.
    pub role: Role,
    /// Whether the verdict of the run needs it.
    pub required: bool,
    /// Index into the candidate's patients.
    pub patient: Option<usize>,
    /// What the patient stands for, for messages, when no patient of the candidate does.
    pub stands_for: Option<String>,
    /// Format.
    pub format: Option<Format>,
    /// Keys of the instances that come first and whose captures it goes on with.
    pub needs: Vec<String>,
    /// The steps.
    pub steps: Vec<PlannedStep>,
    /// Why it is not run.
    pub skip: Option<Text>,
}

/// One step with everything in it resolved but what only the run can tell.
#[derive(Clone, Debug)]
pub struct PlannedStep {
    /// Name within the scenario.
    pub id: String,
    /// What is done.
    pub operation: Operation,
    /// The named deviation that begins with this step.
    pub probe: Option<String>,
    /// Whether the scenario is done all the same when what it goes on with was refused.
    pub optional: bool,
    /// Values to keep: name and expression.
    pub save: Vec<(String, Arc<Expression>)>,
    /// What must hold.
    pub expectations: Vec<Expectation>,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Send the authorization request.
    Authorize(MessageFile),
    /// Go through the pages.
    Login(LoginFile),
    /// Send the token request.
    Token(MessageFile),
    /// Swap the refresh token for an access token.
    Refresh(MessageFile),
    /// Open an address with the browser; variables still in it.
    Visit(String),
    /// End the long consent.
    Withdraw,
    /// Ask the resource interface.
    Get {
        /// Path and query relative to the endpoint, or an absolute URL; variables still in it.
        target: String,
        /// Systeemrolcode of the endpoint.
        systeemrol: Option<String>,
        /// Whether `next` links are followed.
        pages: bool,
        /// Changes to the request.
        change: MessageFile,
    },
    /// Let time pass.
    Wait(Span),
    /// Let the world around a DVP deviate in these ways.
    World(Vec<String>),
    /// A person collects with the DVP.
    Collect {
        /// GegevensdienstId.
        service: String,
        /// Who, what and how.
        how: CollectFile,
    },
    /// Send something to the resource interface.
    Post {
        /// Path relative to the endpoint, or empty for the endpoint itself; variables still in it.
        target: String,
        /// Systeemrolcode of the endpoint.
        systeemrol: Option<String>,
        /// What is sent.
        body: Sent,
        /// Changes to the request.
        change: MessageFile,
    },
    /// Wait for a request of the candidate.
    Await {
        /// Where it must arrive.
        interface: Interface,
        /// Which resource request.
        get: Option<String>,
        /// Whether it is something that is sent.
        post: bool,
        /// Seconds to wait for it.
        seconds: Option<u32>,
    },
}

impl PlannedScenario {
    /// Whether it lets time pass, so that what was given out before it may have expired.
    pub fn waits(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.operation, Operation::Wait(_)))
    }
}

/// The body of a request to the resource interface; variables still in it.
#[derive(Clone, Debug)]
pub enum Sent {
    /// A resource, to be written in the format of the scenario.
    Resource(Arc<Element>),
    /// A text as it stands.
    Text(String),
}

impl Operation {
    /// Short form for people: `GET Condition`.
    pub fn label(&self) -> String {
        match self {
            Self::Authorize(_) => "authorization request".to_owned(),
            Self::Login(_) => "login".to_owned(),
            Self::Token(_) => "token request".to_owned(),
            Self::Refresh(_) => "refresh request".to_owned(),
            Self::Visit(address) => format!("visit {address}"),
            Self::Withdraw => "withdrawal".to_owned(),
            Self::Get { target, change, .. } => {
                format!("{} {target}", change.method.as_deref().unwrap_or("GET"))
            }
            Self::Wait(span) => format!("wait {span}"),
            Self::World(names) if names.is_empty() => "world as usual".to_owned(),
            Self::World(names) => format!("world: {}", names.join(", ")),
            Self::Collect { service, .. } => format!("collect {service}"),
            Self::Post { target, change, .. } => {
                let target = if target.is_empty() { "[base]" } else { target };
                format!("{} {target}", change.method.as_deref().unwrap_or("POST"))
            }
            Self::Await { post: true, .. } => "await POST".to_owned(),
            Self::Await { get, .. } => format!("await {}", get.as_deref().unwrap_or("request")),
        }
    }
}

/// The identity of the candidate file whose certificate a step shows; `None` when it takes none of them.
pub fn standing(certificate: CertificateFile) -> Option<Standing> {
    match certificate {
        CertificateFile::Own | CertificateFile::None | CertificateFile::SelfSigned => None,
        CertificateFile::Listed => Some(Standing::Listed),
        CertificateFile::Unlisted => Some(Standing::Unlisted),
        CertificateFile::CommonName => Some(Standing::CommonName),
        CertificateFile::AlternativeName => Some(Standing::AlternativeName),
        CertificateFile::Expired => Some(Standing::Expired),
        CertificateFile::WrongUsage => Some(Standing::WrongUsage),
    }
}

/// One expectation with the row that a breach belongs to.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Local id of the row.
    pub rule: String,
    /// Severity of a breach before the cap.
    pub severity: Severity,
    /// What is expected, in the suite's words.
    pub title: Option<Text>,
    /// The check.
    pub check: Check,
}

/// Checks of an answer.
#[derive(Clone, Debug)]
pub enum Check {
    /// Status is one of these.
    Status(Vec<u16>),
    /// Status, where there is an answer, is none of these.
    StatusNot(Vec<u16>),
    /// Media type is one of these.
    MediaType(Vec<String>),
    /// The expression is true of the resource.
    Holds(Arc<Expression>),
    /// Every item of the first is one of which the second is true.
    Each(Arc<Expression>, Arc<Expression>),
    /// Base and claimed profiles hold of every resource in it.
    Conforms,
    /// The parameters of the request are in the self link.
    SelfLink,
    /// So many resources of a type, with a profile.
    Entries {
        /// Resource type.
        kind: String,
        /// Profile that each claims.
        profile: Option<String>,
        /// Least number.
        at_least: Option<u32>,
        /// Greatest number.
        at_most: Option<u32>,
    },
    /// The documents are PDF/A as they claim; `None` for the body itself.
    Pdfa(Option<Arc<Expression>>),
}
