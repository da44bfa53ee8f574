//! What leaves the process about a run: `report.json`, and what every other report is made of.
//!
//! Plain values with texts in one language. Knows no rendering; [`RunReport::new`] in `fold` fills it.

mod content;
mod traffic;

pub use content::Delivery;
pub use content::NotCheckedGroup;
pub use content::NotCheckedPlace;
pub use content::NotCheckedReason;
pub use content::TableReport;
pub use content::TableRowReport;
pub use content::TableSetReport;
pub use traffic::PartyReport;
pub use traffic::TrafficReport;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::candidate::Environment;
use crate::candidate::LoginMode;
use crate::diag::Severity;
use crate::event::Party;
use crate::event::RunVerdict;
use crate::event::Verdict;
use crate::exchange::Actor;
use crate::exchange::FailureKind;
use crate::exchange::Interface;
use crate::requirement::Role;

/// Version of the format: the first number changes when a field is taken away or changes its meaning.
pub const SCHEMA_VERSION: &str = "1.0";

/// A judged run, as reports show it. Field names are those of `report.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunReport {
    /// Version of this format.
    pub schema_version: String,
    /// What judged.
    pub tool: Tool,
    /// Name of the run; also of its folder.
    pub run_id: String,
    /// Language of the texts: `nl` or `en`.
    pub lang: String,
    /// When it began, RFC 3339.
    pub started: String,
    /// When it was judged, RFC 3339.
    pub finished: String,
    /// Who was tested.
    pub candidate: CandidateReport,
    /// Of recorded traffic: both sides, which `candidate` then names together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<TrafficReport>,
    /// Release of the Afsprakenstelsel judged by.
    pub release: String,
    /// What was asked to be run.
    pub selection: Selection,
    /// Definitions that resources were validated by: `package@version`.
    pub definitions: Vec<String>,
    /// The verdict on the whole.
    pub verdict: RunVerdict,
    /// Why the run stopped before its scenarios, when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// The figures to read beside it.
    pub counts: Counts,
    /// The suites that were run.
    pub suites: Vec<SuiteReport>,
    /// Verdict for each systeemrol.
    pub kwalificatie: Vec<SysteemrolReport>,
    /// Verdict for each area of the rules.
    pub acceptatie: Vec<AreaReport>,
    /// Scenario instances in order of the plan.
    pub scenarios: Vec<ScenarioReport>,
    /// Every row of the register, in its order.
    pub requirements: Vec<RequirementReport>,
    /// Findings in order of scenario and exchange.
    pub findings: Vec<FindingReport>,
    /// What validation could not decide, by kind.
    pub not_checked: Vec<NotCheckedGroup>,
    /// Tables of building blocks.
    pub tables: Vec<TableReport>,
    /// What the candidate file lets through for a while.
    pub waivers: Vec<WaiverReport>,
    /// Waivers that fail the run.
    pub stale_waivers: Vec<StaleWaiver>,
    /// Rows that a person has to judge.
    pub manual_checks: Vec<ManualCheck>,
    /// What was sent and received, in short; whole in `trace.har`.
    pub exchanges: Vec<ExchangeReport>,
}

/// The program that judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// `toetsbank`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Who was tested, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CandidateReport {
    /// Which side it is.
    pub role: Role,
    /// Who makes it.
    pub vendor: String,
    /// Name of the product.
    pub product: String,
    /// Version of the product.
    pub version: String,
    /// Where it runs.
    pub environment: Environment,
    /// MedMij name of the provider.
    pub provider: String,
    /// Codes of the systeemrollen it claims.
    pub systeemrollen: Vec<String>,
    /// Addresses by name: `authorization`, `token`, and each systeemrolcode.
    pub endpoints: BTreeMap<String, String>,
    /// Whether it is the reference that the program carries.
    pub reference: bool,
    /// Defects planted in the reference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub defects: Vec<String>,
}

/// What was asked to be run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    /// The selection in words, as it was given.
    pub text: String,
    /// How the person logs in.
    pub login: LoginMode,
    /// Whether active probes were allowed.
    pub active_probes: bool,
}

/// How many have each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerdictCounts {
    /// All together.
    pub total: u32,
    /// Fail.
    pub fail: u32,
    /// Error.
    pub error: u32,
    /// Warning.
    pub warning: u32,
    /// Not checked.
    pub not_checked: u32,
    /// Pass.
    pub pass: u32,
    /// Observed.
    pub observed: u32,
}

impl VerdictCounts {
    /// Counts verdicts.
    pub fn of(verdicts: impl IntoIterator<Item = Verdict>) -> Self {
        let mut counts = Self::default();
        for verdict in verdicts {
            counts.total += 1;
            *match verdict {
                Verdict::Fail => &mut counts.fail,
                Verdict::Error => &mut counts.error,
                Verdict::Warning => &mut counts.warning,
                Verdict::NotChecked => &mut counts.not_checked,
                Verdict::Pass => &mut counts.pass,
                Verdict::Observed => &mut counts.observed,
            } += 1;
        }
        counts
    }

    /// How many got a verdict: all but not checked and error.
    pub fn judged(&self) -> u32 {
        self.fail + self.warning + self.pass + self.observed
    }
}

/// The figures to read beside the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Scenario instances.
    pub scenarios: VerdictCounts,
    /// Rows of the register that bind this candidate in this release.
    pub requirements: VerdictCounts,
    /// Of those not checked: a person has to judge them.
    pub manual: u32,
    /// Of those not checked: nothing on the wire can show them.
    pub paper: u32,
    /// Rows of another role or release, or lapsed.
    pub not_applicable: u32,
    /// Findings.
    pub findings: FindingCounts,
    /// Places in resources that validation could not decide.
    pub not_checked_places: u32,
    /// Exchanges.
    pub exchanges: u32,
}

/// How many findings there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FindingCounts {
    /// Of severity error, that stand by themselves and are not waived.
    pub error: u32,
    /// Of severity warning, likewise.
    pub warning: u32,
    /// Of severity information, likewise.
    pub information: u32,
    /// Explained by another finding.
    pub consequences: u32,
    /// Let through by a waiver.
    pub waived: u32,
}

/// A suite that was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SuiteReport {
    /// Its id, such as `bgz-3-0`.
    pub id: String,
    /// Title.
    pub title: String,
    /// GegevensdienstId in the Catalogus; absent for rules of the flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gegevensdienst: Option<String>,
    /// Systeemrolcodes that it tests.
    pub systeemrollen: Vec<String>,
    /// Where its content comes from.
    pub sources: Vec<String>,
    /// Worst verdict of its scenarios.
    pub verdict: Verdict,
    /// Its scenario instances.
    pub counts: VerdictCounts,
}

/// The verdict on one systeemrol (kwalificatie).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SysteemrolReport {
    /// Its code.
    pub systeemrol: String,
    /// Whether the candidate claims it.
    pub claimed: bool,
    /// Suites that test it.
    pub suites: Vec<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it was not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Scenario instances.
    pub counts: VerdictCounts,
}

/// The verdict on one area of the rules (acceptatie).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AreaReport {
    /// The area as the register names it.
    pub area: String,
    /// Title.
    pub title: String,
    /// The worst verdict of what binds the candidate and shows on the wire; not checked as long as one of those is.
    pub verdict: Verdict,
    /// Rows that bind the candidate in this release.
    pub counts: VerdictCounts,
    /// Of those not checked: a person has to judge them.
    pub manual: u32,
    /// Of those not checked: nothing on the wire can show them.
    pub paper: u32,
}

/// Outcome of one scenario instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScenarioReport {
    /// Number in its suite, such as `1.3`.
    pub id: String,
    /// Key of the instance; findings and exchanges name it.
    pub key: String,
    /// Suite id.
    pub suite: String,
    /// Title.
    pub title: String,
    /// Name of the candidate's patient.
    pub patient: Option<String>,
    /// `json` or `xml`.
    pub format: Option<String>,
    /// Whether the verdict of the run needs it.
    pub required: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it was not checked or could not be judged.
    pub reason: Option<String>,
    /// Numbers of its exchanges.
    pub exchanges: Vec<u32>,
    /// Its steps.
    pub steps: Vec<StepReport>,
}

/// Outcome of one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepReport {
    /// Its id.
    pub id: String,
    /// What it did.
    pub operation: String,
    /// The verdict of its expectations.
    pub verdict: Verdict,
    /// Numbers of its exchanges.
    pub exchanges: Vec<u32>,
}

/// How a row can be judged for this candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Applies {
    /// It binds the candidate, and the harness can judge it.
    Wire,
    /// It binds the candidate; a person has to judge it.
    Person,
    /// It binds the candidate; the register has it for information: nothing on the wire decides it.
    Paper,
    /// It binds another role, another release, or lapsed.
    No,
}

/// Outcome of one row of the register.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequirementReport {
    /// Local id.
    pub rule: String,
    /// The official code, or what it cites.
    pub code: String,
    /// Area of the register.
    pub area: String,
    /// MUST, SHOULD, MAY or INFO.
    pub level: String,
    /// How it can be judged here.
    pub applies: Applies,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it was not checked.
    pub reason: Option<String>,
    /// On how many occasions it was judged.
    pub occasions: u32,
    /// The rule in short (English, as the register has it).
    pub summary: String,
    /// How it is tested, and which reactions pass (English).
    pub how_to_test: String,
    /// Explanation of the rule that judges it, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// Rows that decide it, when it has no rule of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judged_by: Vec<String>,
    /// Addresses of the sources.
    pub sources: Vec<String>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FindingReport {
    /// Stable id.
    pub id: String,
    /// Local id of the row.
    pub rule: String,
    /// The official code.
    pub code: String,
    /// Whom it points at.
    pub party: Party,
    /// Severity.
    pub severity: Severity,
    /// Kind of deviation; for FHIR findings the validator's own code.
    pub kind: String,
    /// Key of the scenario instance.
    pub scenario: Option<String>,
    /// Number of the exchange.
    pub exchange: Option<u32>,
    /// Where in it.
    pub place: String,
    /// Line in the body, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column in the body, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What the rule asks.
    pub expected: String,
    /// What was seen.
    pub seen: String,
    /// Profile that asks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Id of the root finding; absent on a root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explained_by: Option<String>,
    /// Reason of the waiver that lets it through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<String>,
}

/// What the candidate file lets through for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaiverReport {
    /// Local id of the rule.
    pub rule: String,
    /// Part of the finding's place.
    pub r#where: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Last day it holds, ISO 8601.
    pub expires: String,
    /// Ids of the findings it lets through.
    pub findings: Vec<String>,
}

/// A waiver that fails the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StaleWaiver {
    /// Local id of the rule.
    pub rule: String,
    /// What is wrong with it.
    pub reason: String,
}

/// A row that a person has to judge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManualCheck {
    /// Local id.
    pub rule: String,
    /// The official code.
    pub code: String,
    /// Area of the register.
    pub area: String,
    /// The rule in short (English).
    pub summary: String,
    /// What to do (English).
    pub instructions: String,
}

/// One exchange in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeReport {
    /// Number in the run, from 1.
    pub number: u32,
    /// Key of the scenario instance.
    pub scenario: String,
    /// Id of the step.
    pub step: String,
    /// The interface.
    pub interface: Interface,
    /// Who sent it.
    pub actor: Actor,
    /// The declared deviation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<String>,
    /// Method.
    pub method: String,
    /// Address, redacted.
    pub url: String,
    /// Status of the answer.
    pub status: Option<u16>,
    /// Why no whole answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureKind>,
    /// When it was sent, RFC 3339.
    pub started: String,
    /// Milliseconds until the last byte.
    pub total_ms: f64,
}
