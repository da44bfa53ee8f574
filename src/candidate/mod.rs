//! The candidate: who is tested, where it is, how to get in, and what is waived.
//!
//! [`Candidate`] is the resolved form, in which every key is PEM text and every address a URL. Entry points: [`load()`]
//! for `toetsbank.toml` with all mistakes at once, [`to_toml`] to write it, [`file`] for its form.

mod check;
pub mod dvp;
pub mod file;
mod load;
#[cfg(test)]
pub mod testing;
mod write;
mod zal;

pub use load::Loaded;
pub use load::load;
pub use load::read;
pub use write::to_toml;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Date;
use serde::Deserialize;
use serde::Serialize;
use url::Url;

use crate::requirement::Release;
use crate::requirement::Role;

/// A system under test.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
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
    /// The release of the Afsprakenstelsel to judge it by.
    pub release: Release,
    /// Codes of the systeemrollen that it claims.
    pub systeemrollen: Vec<String>,
    /// MedMij name of the provider with its suffix: `voorbeeldziekenhuis@medmij`.
    pub provider: String,
    /// Where its interfaces are.
    pub endpoints: Endpoints,
    /// Us, as the candidate's lists know us.
    pub client: Client,
    /// Other DVPs that we can be, to try what they may not have.
    #[serde(default)]
    pub identities: Vec<Identity>,
    /// Whom we trust, and where names lead.
    pub trust: Trust,
    /// Where it can fetch its lists from us, when it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stelselnode: Option<Stelselnode>,
    /// How a person gets through the pages.
    pub login: Login,
    /// How a person ends a long consent, when the candidate file says so.
    #[serde(default)]
    pub withdrawal: Option<Withdrawal>,
    /// How collecting begins at a DVP, when it can begin without a person.
    #[serde(default)]
    pub drive: Option<Drive>,
    /// The world around it, when it is a DVP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub world: Option<World>,
    /// The test patients.
    pub patients: Vec<Patient>,
    /// What may be tried beside well-formed traffic.
    pub probes: Probes,
    /// Findings that were agreed to be let through for a while.
    pub waivers: Vec<Waiver>,
    /// Whether it is a counterpart of ours that goes by the clock of the run: time is made to pass for it, not waited for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shares_clock: bool,
}

/// Where a candidate runs; decides what may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// A test system.
    Test,
    /// An acceptance system.
    Acceptance,
    /// Production: active probes are refused.
    Production,
}

/// Addresses of the interfaces.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Endpoints {
    /// AuthorizationEndpoint (front channel).
    pub authorization: Url,
    /// TokenEndpoint (back channel).
    pub token: Url,
    /// ResourceEndpoint of each systeemrolcode (back channel).
    pub resource: BTreeMap<String, Url>,
}

/// The DVP that the harness plays.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    /// `client_id`: the host name in the OAuth Client List.
    pub client_id: String,
    /// Where the browser comes back.
    pub redirect_uri: Url,
    /// Client certificate chain for the back channel, PEM.
    pub certificate: String,
    /// Its private key, PEM. Never saved.
    #[serde(skip)]
    pub key: String,
}

/// A DVP beside the one that the candidate knows us by.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// How it differs from our own.
    pub standing: Standing,
    /// `client_id`: its host name.
    pub client_id: String,
    /// Where a browser comes back to it, when the candidate knows that.
    #[serde(default)]
    pub redirect_uri: Option<Url>,
    /// Client certificate chain, PEM.
    pub certificate: String,
    /// Its private key, PEM. Never saved.
    #[serde(skip)]
    pub key: String,
}

/// What the candidate is to make of another client certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Another DVP: in the OAuth Client List and on the Whitelist, as we are.
    Listed,
    /// A sound certificate for a host that is not on the Whitelist.
    Unlisted,
    /// Our own host as Common Name alone; the Subject Alternative Names are not on the Whitelist.
    CommonName,
    /// Our own host as a Subject Alternative Name; the Common Name is not on the Whitelist.
    AlternativeName,
    /// For our own host, but expired.
    Expired,
    /// For our own host, but not for use as client.
    WrongUsage,
}

impl Standing {
    /// The word in the candidate file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Unlisted => "unlisted",
            Self::CommonName => "common-name",
            Self::AlternativeName => "alternative-name",
            Self::Expired => "expired",
            Self::WrongUsage => "wrong-usage",
        }
    }
}

/// Trust in the candidate's servers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Trust {
    /// Certificates of the authorities we accept, PEM, each text one or more.
    pub ca: Vec<String>,
    /// `host:port` -> `address:port`, for names that no public server resolves.
    pub connect: BTreeMap<String, String>,
}

/// The stelselnode that we are for the candidate during a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stelselnode {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its server certificate chain, PEM: of the host that the candidate is told to fetch its lists from.
    pub certificate: String,
    /// Its private key, PEM. Never saved.
    #[serde(skip)]
    pub key: String,
}

/// How collecting begins at a DVP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Drive {
    /// Address that the person's browser opens; `${provider}`, `${service}` and `${patient}` are filled in.
    #[serde(default)]
    pub start: Option<String>,
    /// Pages of the DVP itself that the person passes. Never saved: a password may stand there.
    #[serde(skip)]
    pub steps: Vec<LoginStep>,
    /// What starts collecting. Never saved.
    #[serde(skip)]
    pub collect: Option<Hook>,
    /// Whether the DVP goes its own way after `collect`, with a browser of its own.
    #[serde(default)]
    pub own_browser: bool,
    /// What opens an address in the browser of the DVP's user. Never saved.
    #[serde(skip)]
    pub open: Option<Hook>,
    /// Seconds of silence after which the DVP is taken to be done.
    pub settle: f64,
}

/// Something of the candidate's side that is called for a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Hook {
    /// What is called.
    pub call: HookCall,
    /// How long it may take.
    pub timeout: Duration,
}

/// Ways to call.
#[derive(Clone, Debug, PartialEq)]
pub enum HookCall {
    /// A program.
    Command {
        /// Program and arguments, in which `${…}` is filled in.
        words: Vec<String>,
        /// Where it runs: the folder of the candidate file.
        folder: PathBuf,
    },
    /// An HTTP call.
    Post {
        /// Where to.
        url: Url,
        /// Fields of its head.
        headers: BTreeMap<String, String>,
    },
}

/// The world that is started around a DVP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct World {
    /// Name of the DVP for people, in the OAuth Client List.
    pub name: String,
    /// Hosts of the DVP on the back channel, beside its `client_id`.
    pub hosts: Vec<String>,
    /// Where the authority of the world is kept.
    #[serde(skip)]
    pub folder: Option<PathBuf>,
    /// Its port.
    #[serde(skip)]
    pub port: Option<u16>,
    /// Domain under which its hosts are named, instead of ours.
    #[serde(skip)]
    pub host_suffix: Option<String>,
    /// Certificates of somebody's own with their private keys, PEM: shown by the hosts that they name.
    #[serde(skip)]
    pub certificates: Vec<(String, String)>,
}

/// How the person logs in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Login {
    /// The way.
    pub mode: LoginMode,
    /// The pages, in order (mode `form`).
    pub steps: Vec<LoginStep>,
    /// CSS selector of the choice of consent for an indefinite time: a box, an option, or a button of its own.
    #[serde(default)]
    pub indefinite: Option<String>,
}

/// How a person ends a long consent at the candidate (Beheren toestemmingen).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Where the browser begins.
    pub start: Url,
    /// The pages, in order.
    pub steps: Vec<LoginStep>,
}

/// Ways to log in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LoginMode {
    /// The harness fills in the declared pages.
    #[default]
    Form,
    /// A person does it in a browser and gives back the address that it ended at.
    Manual,
    /// No flow: a fixed token a patient, as the official qualification does. Acceptatie is then not checked.
    Token,
}

/// One page on the way to the redirect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginStep {
    /// Name of the page, for messages; `landing`, `login` and `consent` are known to the rules.
    pub page: String,
    /// CSS selector of the link to follow.
    #[serde(default)]
    pub follow: Option<String>,
    /// CSS selector of each field and the value to put in it; `${patient.login}` and `${patient.password}` are filled in.
    #[serde(default)]
    pub fill: BTreeMap<String, String>,
    /// CSS selector of the form to submit, or of the button in it to press.
    #[serde(default)]
    pub submit: Option<String>,
    /// CSS selector of the link or button by which the person cancels here.
    #[serde(default)]
    pub cancel: Option<String>,
}

/// A test patient.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Patient {
    /// Name for reports.
    pub name: String,
    /// The patient of the suite that this one stands for: `rich`, `sparse`, `empty`.
    pub stands_for: String,
    /// Login name.
    #[serde(skip)]
    pub login: String,
    /// Password.
    #[serde(skip)]
    pub password: String,
    /// Fixed access token (mode `token`).
    #[serde(skip)]
    pub token: Option<String>,
    /// Burgerservicenummer, searched for in the traffic; never printed.
    #[serde(skip)]
    pub bsn: Option<String>,
    /// Suites this patient is for; empty: all.
    pub suites: Vec<String>,
    /// Counts a resource type that must come.
    pub expect: BTreeMap<String, u32>,
}

/// What may be tried beside well-formed traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Probes {
    /// Malformed requests, code replay, bursts, injection-like values.
    pub active: bool,
    /// TLS scans.
    pub tls: bool,
    /// Codes and tokens to collect for uniqueness and entropy.
    pub samples: u32,
    /// Checks that take many minutes.
    pub wait: bool,
    /// ResourceEndpoint of another provider at the same DVA: our access token must not work there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_provider: Option<String>,
}

impl Default for Probes {
    fn default() -> Self {
        Self { active: false, tls: false, samples: 1, wait: false, other_provider: None }
    }
}

/// A finding that was agreed to be let through until a date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Local id of the rule.
    pub rule: String,
    /// Part of the finding's place.
    pub r#where: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Last day it holds.
    pub expires: Date,
}

impl Candidate {
    /// One of this role of which only its addresses are known: no names, no people, nothing that may be tried.
    pub fn bare(role: Role, release: Release, endpoints: Endpoints, client: Client) -> Self {
        Self {
            role,
            vendor: String::new(),
            product: String::new(),
            version: String::new(),
            environment: Environment::Test,
            release,
            systeemrollen: Vec::new(),
            provider: String::new(),
            endpoints,
            client,
            identities: Vec::new(),
            trust: Trust::default(),
            stelselnode: None,
            login: Login::default(),
            withdrawal: None,
            drive: None,
            world: None,
            patients: Vec::new(),
            probes: Probes::default(),
            waivers: Vec::new(),
            shares_clock: false,
        }
    }

    /// The `scope` for Verzamelen in release 2.x: the provider's name without `@medmij` (core.authint.200).
    pub fn scope(&self) -> &str {
        self.provider.strip_suffix("@medmij").unwrap_or(&self.provider)
    }

    /// The identity with this standing.
    pub fn identity(&self, standing: Standing) -> Option<&Identity> {
        self.identities.iter().find(|identity| identity.standing == standing)
    }

    /// Whether what takes minutes may be done: asked for, or time can be made to pass.
    pub fn allows_waiting(&self) -> bool {
        self.probes.wait || self.shares_clock
    }

    /// Whether active probes may be sent: asked for, and not in production.
    pub fn allows_probes(&self) -> bool {
        self.probes.active && self.environment != Environment::Production
    }
}
