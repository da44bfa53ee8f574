//! The register of official rules: every row of `suites/_requirements/medmij.csv`.
//!
//! A row is known by its local id (`TOK-02`), everywhere; the official code is an attribute, shared by several rows.
//! Knows nothing of how a row is judged: that is `rules`. Entry point: [`register`].

use std::sync::OnceLock;

use crate::diag::Severity;
use crate::diag::Text;

/// Which side of the exchange a candidate is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Dienstverlener aanbieder: Authorization Server and Resource Server.
    Dva,
    /// Dienstverlener persoon: DVP Server.
    Dvp,
}

/// A release of the Afsprakenstelsel that a candidate can be judged by.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub enum Release {
    /// Release 2.0.
    #[serde(rename = "2.0")]
    V2_0,
    /// Release 2.1.
    #[serde(rename = "2.1")]
    V2_1,
    /// Release 2.2.
    #[serde(rename = "2.2")]
    V2_2,
}

impl Release {
    /// The label, such as `2.2`.
    pub fn label(self) -> &'static str {
        match self {
            Self::V2_0 => "2.0",
            Self::V2_1 => "2.1",
            Self::V2_2 => "2.2",
        }
    }
}

/// Who can decide a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Testability {
    /// The harness alone.
    Blackbox,
    /// A person or a test double at the candidate must act.
    NeedsOperator,
    /// Nothing on the wire shows it.
    PaperOnly,
}

/// The most severe outcome that a breach of a row may get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cap {
    /// A finding of severity error.
    Fail,
    /// A warning at most.
    Warn,
    /// Recorded only.
    Observe,
    /// A person decides.
    Manual,
    /// Never judged.
    None,
}

impl Cap {
    /// The word in the register and in `rules --format json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Observe => "observe",
            Self::Manual => "manual",
            Self::None => "none",
        }
    }

    /// The severity that a finding of this severity may have at most under this row.
    pub fn limit(self, severity: Severity) -> Severity {
        let most = match self {
            Self::Fail => Severity::Error,
            Self::Warn => Severity::Warning,
            Self::Observe | Self::Manual | Self::None => Severity::Information,
        };
        severity.min(most)
    }
}

/// One row of the register.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// Our key, such as `TOK-02`.
    pub id: String,
    /// The official code, such as `core.tknint.200`, or what it cites; `-` where none was seen.
    pub code: String,
    /// Area, such as `1-authorization`.
    pub area: String,
    /// Roles it binds, as the framework names them.
    pub roles: Vec<String>,
    /// MUST, SHOULD, MAY or INFO.
    pub level: String,
    /// Who can decide it.
    pub testability: Testability,
    /// Evidence grade A to D.
    pub evidence: String,
    /// The most severe outcome of a breach.
    pub verdict: Cap,
    /// From which release it is judged; `None` when it lapsed.
    pub since: Option<Release>,
    /// Rows whose rules decide this one; empty when it has a rule of its own.
    pub judged_by: Vec<String>,
    /// The rule in our own words (English, as the register has it).
    pub summary: String,
    /// How it is tested, and which reactions pass.
    pub how_to_test: String,
    /// Releases as the sources name them.
    pub seen_in: String,
    /// Addresses of the sources.
    pub source: String,
}

impl Requirement {
    /// Whether it binds a candidate of this role.
    pub fn binds(&self, role: Role) -> bool {
        let words: &[&str] = match role {
            Role::Dva => &[
                "Authorization Server",
                "Resource Server",
                "Authentication",
                "Subscription",
                "Notification Client",
                "DVA",
            ],
            Role::Dvp => &["DVP", "Notification Server"],
        };
        self.roles.iter().any(|r| r == "all nodes" || r == "all" || words.iter().any(|word| r.starts_with(word)))
    }

    /// Why no rule can judge it yet, where that is known: it is of an extension or a service that no suite covers, or it
    /// asks what a candidate file cannot give.
    pub fn unsupported(&self) -> Option<Text> {
        let reason = UNSUPPORTED.iter().find(|(beginning, ..)| self.id.starts_with(beginning));
        reason.map(|(_, nl, en)| Text::new(*nl, *en))
    }

    /// Why a run gives no occasion to judge it of a candidate of this role, where that lies in the row itself.
    pub fn no_occasion(&self, role: Role) -> Option<Text> {
        let reason = OF_DVP.iter().filter(|_| role == Role::Dvp).find(|(id, ..)| *id == self.id);
        reason.map(|(_, nl, en)| Text::new(*nl, *en))
    }

    /// Whether it is judged in this release.
    pub fn applies(&self, release: Release) -> bool {
        self.since.is_some_and(|since| since <= release)
    }
}

/// Rows that cannot be judged yet: beginning of the local id, and why.
const UNSUPPORTED: &[(&str, &str, &str)] = &[
    ("ABO-", "deze extensie wordt nog niet ondersteund", "this extension is not supported yet"),
    ("VERT-", "deze extensie wordt nog niet ondersteund", "this extension is not supported yet"),
    (
        "FHIR-20",
        "geen suite dekt de granulaire diensten van MedMij R4 Core nog",
        "no suite covers the granular services of MedMij R4 Core yet",
    ),
    (
        "FHIR-22",
        "geen suite dekt de granulaire diensten van MedMij R4 Core nog",
        "no suite covers the granular services of MedMij R4 Core yet",
    ),
    (
        "FHIR-24",
        "geen suite dekt de dienst Beeldbeschikbaarheid nog",
        "no suite covers the service Beeldbeschikbaarheid yet",
    ),
    (
        "FHIR-26",
        "geen suite dekt de dienst Beeldbeschikbaarheid nog",
        "no suite covers the service Beeldbeschikbaarheid yet",
    ),
    (
        "TLS-11",
        "geldt voor productie, en alleen het DNS weet van DNSSEC en CAA: toetsbank vraagt niemand anders dan de kandidaat",
        "holds for production, and only the DNS knows of DNSSEC and CAA: toetsbank asks nobody but the candidate",
    ),
];

const IN_PRODUCTION: (&str, &str) = (
    "geldt voor productie, en een DVP wordt in een testwereld getoetst",
    "holds for production, and a DVP is tested in a test world",
);

/// Rows that bind both sides and that nothing shows of a DVP: local id, and why.
const OF_DVP: &[(&str, &str, &str)] = &[
    (
        "FLOW-05",
        "volgt uit AUTH-25, AUTH-26, TOK-20 en TOK-21, die voor een andere rol gelden",
        "follows from AUTH-25, AUTH-26, TOK-20 and TOK-21, which bind another role",
    ),
    (
        "CON-09",
        "in geen gelezen tekst staat hoe een DVP om het overzicht van toestemmingen vraagt",
        "no text that was read says how a DVP asks for the overview of consents",
    ),
    (
        "RES-05",
        "wat een DVP na een fout van de resource interface doet, zegt RES-10",
        "what a DVP does after an error of the resource interface is told by RES-10",
    ),
    (
        "FHIR-15",
        "het register beschrijft er geen toets voor; de headers zelf zijn voor RES-02",
        "the register describes no test for it; the headers themselves are for RES-02",
    ),
    (
        "TLS-05",
        "de versie kiest de server; wat een DVP aanbiedt, zeggen TLS-06 en TLS-22",
        "the server chooses the version; what a DVP offers is told by TLS-06 and TLS-22",
    ),
    ("TLS-07", IN_PRODUCTION.0, IN_PRODUCTION.1),
    ("TLS-08", IN_PRODUCTION.0, IN_PRODUCTION.1),
    ("TLS-09", IN_PRODUCTION.0, IN_PRODUCTION.1),
    ("TLS-10", IN_PRODUCTION.0, IN_PRODUCTION.1),
    (
        "TLS-28",
        "op de back channel is een DVP alleen client en wijst zij niemand af; of zij de Whitelist raadpleegt, zeggen TLS-14 en TLS-25",
        "on the back channel a DVP is a client only and turns nobody away; whether it consults the Whitelist is told by TLS-14 and TLS-25",
    ),
    ("FHIR-05", SHARING.0, SHARING.1),
    ("FHIR-07", SHARING.0, SHARING.1),
    ("FHIR-08", SHARING.0, SHARING.1),
    ("FHIR-09", SHARING.0, SHARING.1),
    ("FHIR-10", SHARING.0, SHARING.1),
    ("FHIR-11", SHARING.0, SHARING.1),
];

const SHARING: (&str, &str) = (
    "gaat over wat een DVP stuurt als de persoon deelt: `run delen --role dvp`",
    "is about what a DVP sends when the person shares: `run delen --role dvp`",
);

/// All rows, in the order of the file.
#[derive(Debug)]
pub struct Register {
    rows: Vec<Requirement>,
}

impl Register {
    /// The rows.
    pub fn rows(&self) -> &[Requirement] {
        &self.rows
    }

    /// A row by local id, in any case.
    pub fn row(&self, id: &str) -> Option<&Requirement> {
        self.rows.iter().find(|row| row.id.eq_ignore_ascii_case(id))
    }
}

/// The register that the binary carries.
pub fn register() -> &'static Register {
    static REGISTER: OnceLock<Register> = OnceLock::new();
    REGISTER.get_or_init(|| Register { rows: read(include_str!("../../suites/_requirements/medmij.csv")) })
}

/// Rows of the file; a row that cannot be read is left out, which the tests of this module would show.
fn read(text: &str) -> Vec<Requirement> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    let column = |name: &str| headers.iter().position(|header| header == name);
    let mut rows = Vec::new();
    for record in reader.records().flatten() {
        let cell = |name: &str| column(name).and_then(|i| record.get(i)).unwrap_or("").trim().to_owned();
        let Some(row) = row(&cell) else { continue };
        rows.push(row);
    }
    rows
}

fn row(cell: &dyn Fn(&str) -> String) -> Option<Requirement> {
    let testability = match cell("testability").as_str() {
        "blackbox" => Testability::Blackbox,
        "needs-operator" => Testability::NeedsOperator,
        "paper-only" => Testability::PaperOnly,
        _ => return None,
    };
    let verdict = [Cap::Fail, Cap::Warn, Cap::Observe, Cap::Manual, Cap::None]
        .into_iter()
        .find(|cap| cap.word() == cell("verdict"))?;
    let since = match cell("releases").as_str() {
        "2.0+" => Some(Release::V2_0),
        "2.1+" => Some(Release::V2_1),
        "2.2+" => Some(Release::V2_2),
        "lapsed" => None,
        _ => return None,
    };
    Some(Requirement {
        id: cell("local_id"),
        code: cell("code"),
        area: cell("area"),
        roles: cell("role").split(" / ").map(str::to_owned).collect(),
        level: cell("level"),
        testability,
        evidence: cell("evidence"),
        verdict,
        since,
        judged_by: cell("judged_by").split_whitespace().map(str::to_owned).collect(),
        summary: cell("summary"),
        how_to_test: cell("how_to_test"),
        seen_in: cell("release"),
        source: cell("source"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_file_is_a_row() {
        let lines = include_str!("../../suites/_requirements/medmij.csv").lines().count() - 1;
        assert_eq!(register().rows().len(), lines);
        assert!(register().rows().iter().all(|row| !row.id.is_empty() && !row.summary.is_empty()));
    }

    #[test]
    fn rows_that_decide_another_exist() {
        for row in register().rows() {
            for other in &row.judged_by {
                assert!(register().row(other).is_some(), "{} is judged by unknown {other}", row.id);
            }
        }
    }

    #[test]
    fn the_cap_is_the_most_severe_outcome() {
        assert_eq!(Cap::Warn.limit(Severity::Error), Severity::Warning);
        assert_eq!(Cap::Fail.limit(Severity::Warning), Severity::Warning);
        assert_eq!(Cap::Observe.limit(Severity::Error), Severity::Information);
    }

    #[test]
    fn roles_bind_the_right_side() {
        let binds = |id: &str, role| register().row(id).unwrap().binds(role);
        assert!(binds("TOK-20", Role::Dva) && !binds("TOK-20", Role::Dvp));
        assert!(binds("TOK-02", Role::Dvp) && !binds("TOK-02", Role::Dva));
        assert!(binds("TLS-01", Role::Dva) && binds("TLS-01", Role::Dvp));
    }
}
