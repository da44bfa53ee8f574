//! The only language between the runner and the reports: verdicts, outcomes, and events as a run goes.
//!
//! Plain values: no rendering, no judging. Entry points: [`RunEvent`] while it runs, [`RunOutcome`] when it is judged.

use crate::diag::Severity;
use crate::diag::Text;
use crate::suite::model::Format;

/// The verdict on a scenario or a requirement, worst first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// A finding of severity error.
    Fail,
    /// We, the network or the suite failed; never the candidate's fault alone.
    Error,
    /// Findings of severity warning only.
    Warning,
    /// Not judged, for a reason that is given. Never rolls up to pass.
    NotChecked,
    /// Judged on at least one occasion, nothing found.
    Pass,
    /// Recorded; no rule text good enough to judge by.
    Observed,
}

impl Verdict {
    /// The word in `report.json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::NotChecked => "notChecked",
            Self::Pass => "pass",
            Self::Observed => "observed",
        }
    }

    /// The words for people.
    pub fn text(self) -> Text {
        match self {
            Self::Fail => Text::new("voldoet niet", "fail"),
            Self::Error => Text::new("kon niet toetsen", "error"),
            Self::Warning => Text::new("let op", "warning"),
            Self::NotChecked => Text::new("niet getoetst", "not checked"),
            Self::Pass => Text::new("voldoet", "pass"),
            Self::Observed => Text::new("waargenomen", "observed"),
        }
    }
}

/// The verdict on a whole run, worst first; its place decides the exit status.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum RunVerdict {
    /// Something fails that is not waived (exit 1).
    NotConformant,
    /// Something could not be judged (exit 3).
    Error,
    /// A required scenario was not run or waits for a person (exit 4).
    Incomplete,
    /// All that was selected conforms (exit 0).
    Conformant,
}

/// Whom a finding points at.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub enum Party {
    /// The DVA: its Authorization Server or Resource Server.
    #[serde(rename = "DVA")]
    Dva,
    /// The DVP.
    #[serde(rename = "DVP")]
    Dvp,
    /// The source system (XIS) behind the DVA: the content.
    #[serde(rename = "bronsysteem")]
    Bronsysteem,
    /// The provider.
    #[serde(rename = "aanbieder")]
    Aanbieder,
    /// The framework's own lists.
    #[serde(rename = "stelsel")]
    Stelsel,
    /// The harness.
    #[serde(rename = "harness")]
    Harness,
}

/// One finding, complete for a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Stable id: the same finding has it in every run (`TOK-20/token-cache-control/1a2b3c4d`).
    pub id: String,
    /// Local id of the register row.
    pub rule: String,
    /// Whom it points at.
    pub party: Party,
    /// Severity after the register's cap.
    pub severity: Severity,
    /// Kind of deviation, such as `cardinality-min`.
    pub kind: String,
    /// Key of the scenario instance, when it belongs to one.
    pub scenario: Option<String>,
    /// Number of the exchange that shows it.
    pub exchange: Option<u32>,
    /// Where in it.
    pub place: String,
    /// Line and column in the body.
    pub position: Option<(u32, u32)>,
    /// What the rule asks.
    pub expected: Text,
    /// What was seen.
    pub seen: Text,
    /// Profile that asks it, for FHIR findings.
    pub profile: Option<String>,
    /// Id of the finding that explains this one; `None` for a root.
    pub explained_by: Option<String>,
    /// The waiver that lets it through, as its reason, when one does.
    pub waived: Option<String>,
}

/// Outcome of one scenario instance.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioOutcome {
    /// Key: `bgz-3-0/1.3/rich/json`.
    pub key: String,
    /// Suite id.
    pub suite: String,
    /// Scenario id: `1.3`.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Name of the candidate's patient.
    pub patient: Option<String>,
    /// Format.
    pub format: Option<Format>,
    /// Whether the verdict of the run needs it.
    pub required: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it was not checked or could not be judged.
    pub reason: Option<Text>,
    /// Numbers of its exchanges.
    pub exchanges: Vec<u32>,
    /// Its steps.
    pub steps: Vec<StepOutcome>,
}

/// Outcome of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepOutcome {
    /// Id of the step.
    pub id: String,
    /// What it did, such as `GET Condition`.
    pub operation: String,
    /// The verdict of its expectations.
    pub verdict: Verdict,
    /// Numbers of its exchanges.
    pub exchanges: Vec<u32>,
}

/// Outcome of one register row.
#[derive(Clone, Debug, PartialEq)]
pub struct RequirementOutcome {
    /// Local id.
    pub rule: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it was not checked.
    pub reason: Option<Text>,
    /// On how many occasions it was judged.
    pub occasions: u32,
}

/// Something in a resource that the validator could not decide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotChecked {
    /// Kind: `terminology`, `reference`, `profile`, `extension`, `invariant`, …
    pub kind: String,
    /// Why, for people.
    pub reason: Text,
    /// Key of the scenario instance.
    pub scenario: Option<String>,
    /// Exchange that carries it.
    pub exchange: Option<u32>,
    /// Place in the body.
    pub place: String,
}

/// A table of building blocks, filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct TableOutcome {
    /// Suite id.
    pub suite: String,
    /// Title.
    pub title: Text,
    /// Sets with their title.
    pub sets: Vec<(String, Text)>,
    /// Rows: name, sets, and how many resources delivered it; `None` when the information standard does not ask for it.
    pub rows: Vec<(Text, Vec<String>, Option<u32>)>,
}

/// All of a judged run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunOutcome {
    /// The verdict.
    pub verdict: RunVerdict,
    /// Scenario instances in order of the plan.
    pub scenarios: Vec<ScenarioOutcome>,
    /// Every row of the register, in its order.
    pub requirements: Vec<RequirementOutcome>,
    /// Findings: in order of scenario and exchange.
    pub findings: Vec<Finding>,
    /// What validation could not decide.
    pub not_checked: Vec<NotChecked>,
    /// Tables of building blocks.
    pub tables: Vec<TableOutcome>,
    /// Waivers that fail the run: past their date, or without a finding although their rule was judged.
    pub stale_waivers: Vec<(String, Text)>,
    /// Whether something went wrong on our side or the run was broken off, so that not all was judged.
    pub is_cut_short: bool,
}

impl RunOutcome {
    /// The verdict when only these findings count, in the order of the exit status.
    pub fn verdict_on(&self, counts: impl Fn(&Finding) -> bool) -> RunVerdict {
        let fails = |finding: &Finding| finding.severity == Severity::Error && finding.waived.is_none();
        let is_bare = |scenario: &ScenarioOutcome| scenario.required && scenario.verdict == Verdict::NotChecked;
        if self.findings.iter().any(|finding| fails(finding) && counts(finding)) || !self.stale_waivers.is_empty() {
            RunVerdict::NotConformant
        } else if self.is_cut_short || self.scenarios.iter().any(|scenario| scenario.verdict == Verdict::Error) {
            RunVerdict::Error
        } else if self.scenarios.iter().any(is_bare) {
            RunVerdict::Incomplete
        } else {
            RunVerdict::Conformant
        }
    }
}

/// What happens while a run goes.
#[derive(Clone, Debug)]
pub enum RunEvent<'a> {
    /// The plan is made; so many scenario instances follow.
    RunStarted {
        /// Number of scenario instances.
        scenarios: usize,
        /// Titles of the suites.
        suites: Vec<Text>,
    },
    /// A scenario instance begins.
    ScenarioStarted {
        /// Its key.
        key: &'a str,
        /// Its title.
        title: &'a Text,
    },
    /// A step is done.
    StepFinished {
        /// Key of the scenario instance.
        key: &'a str,
        /// Id of the step.
        step: &'a str,
        /// Its exchanges so far.
        exchanges: usize,
    },
    /// A scenario instance is done; its preliminary outcome (findings of rules over the whole run come later).
    ScenarioFinished(&'a ScenarioOutcome),
    /// All is judged.
    RunFinished(&'a RunOutcome),
}
