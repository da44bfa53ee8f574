//! What `toetsbank.toml` may hold, as it is written. The editor schema `suites/schema/candidate.schema.json` is
//! generated from these types.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::candidate::Environment;
use crate::candidate::LoginMode;
use crate::candidate::LoginStep;
use crate::candidate::Probes;
use crate::candidate::Standing;
use crate::requirement::Release;
use crate::requirement::Role;

/// The candidate file. In every text `${env:NAME}` stands for the environment variable NAME.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CandidateFile {
    /// Who is tested.
    pub candidate: HeadFile,
    /// The provider that the candidate gives access to.
    pub provider: ProviderFile,
    /// A Zorgaanbiederslijst that has the addresses of the provider, in place of `endpoints`: a path. Under `provider` it
    /// means the same.
    #[serde(default)]
    pub zal: Option<String>,
    /// Where its interfaces are.
    #[serde(default)]
    pub endpoints: Option<EndpointsFile>,
    /// Us, as the candidate's lists know us.
    pub client: ClientFile,
    /// Other DVPs that we can be, to try what they may not have; one of each standing.
    #[serde(default)]
    pub identities: Vec<IdentityFile>,
    /// Whom we trust, and where names lead.
    #[serde(default)]
    pub trust: TrustFile,
    /// Where the candidate can fetch its lists from us.
    #[serde(default)]
    pub stelselnode: Option<StelselnodeFile>,
    /// How a person gets through the pages.
    #[serde(default)]
    pub login: LoginFile,
    /// How a person ends a long consent at the candidate.
    #[serde(default)]
    pub withdrawal: Option<WithdrawalFile>,
    /// The test patients.
    pub patients: Vec<PatientFile>,
    /// What may be tried beside well-formed traffic.
    #[serde(default)]
    pub probes: Probes,
    /// Findings that were agreed to be let through for a while.
    #[serde(default)]
    pub waivers: Vec<WaiverFile>,
}

/// Who is tested.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeadFile {
    /// Which side it is: `dva` or `dvp`.
    pub role: Role,
    /// Who makes it.
    pub vendor: String,
    /// Name of the product.
    pub product: String,
    /// Version of the product.
    pub version: String,
    /// Where it runs; decides what may be tried.
    pub environment: Environment,
    /// The release of the Afsprakenstelsel to judge it by.
    pub release: Release,
    /// Codes of the systeemrollen that it claims; `run` without a suite runs these.
    pub systeemrollen: Vec<String>,
}

/// The provider.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderFile {
    /// MedMij name with its suffix, such as `voorbeeldziekenhuis@medmij`.
    pub name: String,
    /// A Zorgaanbiederslijst that has its addresses, in place of `endpoints`: a path.
    #[serde(default)]
    pub zal: Option<String>,
}

/// Addresses, https only.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointsFile {
    /// AuthorizationEndpoint (front channel).
    pub authorization: String,
    /// TokenEndpoint (back channel).
    pub token: String,
    /// ResourceEndpoint of each systeemrolcode; they may lie on different servers. Where no source shows the code (Delen), the
    /// GegevensdienstId stands in its place.
    pub resource: BTreeMap<String, String>,
}

/// The DVP that the harness plays.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientFile {
    /// Host name in the OAuth Client List.
    pub client_id: String,
    /// Where the browser comes back: https, on the host of `client_id`.
    pub redirect_uri: String,
    /// Client certificate chain for the back channel: a path, or PEM.
    pub certificate: String,
    /// Its private key: a path, or PEM.
    pub key: String,
}

/// A DVP beside the one that the candidate knows us by.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityFile {
    /// What the candidate is to make of it.
    pub standing: Standing,
    /// Host name in the OAuth Client List; needed for standing `listed`, left out: that of [client].
    #[serde(default)]
    pub client_id: Option<String>,
    /// Where a browser comes back to it, with standing `listed`: https, on the host of `client_id`. Without it the candidate
    /// is not asked to treat two DVPs alike.
    #[serde(default)]
    pub redirect_uri: Option<String>,
    /// Client certificate chain: a path, or PEM.
    pub certificate: String,
    /// Its private key: a path, or PEM.
    pub key: String,
}

/// Trust in the candidate's servers.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrustFile {
    /// Certificates of the authorities that are accepted: paths, or PEM.
    #[serde(default)]
    pub ca: Vec<String>,
    /// `host:port` -> `address:port`, for names that no public server resolves.
    #[serde(default)]
    pub connect: BTreeMap<String, String>,
}

/// Our list server.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StelselnodeFile {
    /// Address to listen at, such as `127.0.0.1:8444`.
    pub listen: String,
    /// Server certificate chain, for the host that the candidate fetches its lists from: a path, or PEM. Left out: that of
    /// [client].
    #[serde(default)]
    pub certificate: Option<String>,
    /// Its private key: a path, or PEM. Left out: that of [client].
    #[serde(default)]
    pub key: Option<String>,
}

/// How the person logs in.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginFile {
    /// `form`: the harness fills in the pages; `manual`: a person does; `token`: a fixed token a patient.
    #[serde(default)]
    pub mode: LoginMode,
    /// The pages in order, for mode `form`.
    #[serde(default)]
    pub steps: Vec<LoginStep>,
    /// CSS selector of the choice of consent for an indefinite time: a box to tick, an option of a list, or a button of its
    /// own. Without it long consent is not tested.
    #[serde(default)]
    pub indefinite: Option<String>,
}

/// How a person ends a long consent at the candidate (Beheren toestemmingen). Without it nothing is ended, and what comes
/// after that is not tested.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalFile {
    /// Address at which the browser begins.
    pub start: String,
    /// The pages in order, login among them where it is asked; the last one ends the consent.
    pub steps: Vec<LoginStep>,
}

/// A test patient.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientFile {
    /// Name for reports.
    pub name: String,
    /// The patient of the suites that this one stands for: `rich` has every building block that the suite asks, `sparse` has
    /// nothing but the Patient itself, so that every other answer must be empty.
    pub stands_for: String,
    /// Login name.
    #[serde(default)]
    pub login: Option<String>,
    /// Password.
    #[serde(default)]
    pub password: Option<String>,
    /// Fixed access token, for mode `token`.
    #[serde(default)]
    pub token: Option<String>,
    /// Burgerservicenummer: searched for in the traffic, never printed.
    #[serde(default)]
    pub bsn: Option<String>,
    /// Suites this patient is for (`bgz`, or `bgz-3-0`); left out: all.
    #[serde(default)]
    pub suites: Vec<String>,
    /// Number of resources of a type that must come.
    #[serde(default)]
    pub expect: BTreeMap<String, u32>,
}

/// A finding that was agreed to be let through until a date.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiverFile {
    /// Local id of the rule, such as `TOK-20`.
    pub rule: String,
    /// Part of the finding's place.
    pub r#where: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Last day it holds.
    pub expires: String,
}
