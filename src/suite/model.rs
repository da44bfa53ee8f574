//! What a suite file may hold, typed. The editor schema in `suites/schema` is generated from these types.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use schemars::Schema;
use schemars::SchemaGenerator;
use schemars::json_schema;
use serde::Deserialize;
use serde::Serialize;

use crate::diag::Severity;
use crate::diag::Text;
use crate::requirement::Role;

/// Variables that every step knows beside those that it saves: name and what it stands for.
///
/// Dates relative to the day of the run have a form of their own, that of the official scripts: `${DATE, T, D, -365}`.
pub const VARIABLES: &[(&str, &str)] = &[
    ("anyRequest", "the first resource request of the suites that are run: one that the candidate must know"),
    ("eachRequest", "the same of each of those suites that the patient is for: as a whole `get`, one step for each"),
    ("clientId", "our `client_id`"),
    ("otherClientId", "the `client_id` of the second DVP that we can be, when the candidate file has it"),
    ("otherRedirectUri", "its `redirect_uri`, when the candidate file has it"),
    ("authorizationOrigin", "scheme, host and port of the AuthorizationEndpoint"),
    ("redirectUri", "our `redirect_uri`"),
    ("redirectUriOtherCase", "the same with another case of letters in its path"),
    ("redirectHost", "the host of our `redirect_uri`"),
    ("scope", "the scope for Verzamelen: the provider's name without suffix"),
    ("provider", "the provider's name with its suffix"),
    ("otherProvider", "the ResourceEndpoint of another provider at the same DVA, when the candidate file has it"),
    ("patient.name", "name of the patient, as the candidate file has it"),
    ("patient.login", "login name of the patient"),
    ("patient.password", "password of the patient"),
    ("uuid", "a fresh UUID"),
    ("state", "the `state` of the last authorization request"),
    ("code", "the authorization code that came back"),
    ("accessToken", "the access token that came back"),
    ("accessTokenTruncated", "the first half of it"),
    ("refreshToken", "the refresh token that came back last, after this authorization request"),
    ("usedRefreshToken", "the refresh token that was swapped last"),
    ("correlationId", "the X-Correlation-ID of this flow"),
];

/// A suite with its scenarios, as loaded: shared sequences are still named, not yet put in.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The head, `suite.yaml`.
    pub head: SuiteFile,
    /// The scenarios, in the order of their file names, with the role their folder gives them.
    pub scenarios: Vec<(Role, ScenarioFile)>,
    /// The shared files that scenarios may use, by name (`_shared/bundle`).
    pub shared: BTreeMap<String, SharedFile>,
    /// The resources of its folder `fixtures` that steps send: name without `.json`, text.
    pub fixtures: BTreeMap<String, String>,
}

/// `suite.yaml`: one gegevensdienst and version, or the flow rules that several of them share.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SuiteFile {
    /// Name of the folder: `bgz-3-0`.
    pub id: String,
    /// Other names that it goes by on the command line and in candidate files: `documenten`.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Title for reports.
    pub title: Text,
    /// GegevensdienstId in the Catalogus, such as "48"; absent for the flow rules.
    #[serde(default)]
    pub gegevensdienst: Option<String>,
    /// FHIR version of the resource interface.
    pub fhir: FhirVersion,
    /// FHIR packages to validate by, newest first: `nictiz.fhir.nl.stu3.zib2017@2.2.18`.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Codes of the systeemrollen of the DVA that this suite tests; the first is the one that steps ask by default.
    #[serde(default)]
    pub systeemrollen: Vec<String>,
    /// Codes of the systeemrollen of the DVP, for the other role.
    #[serde(default)]
    pub client_systeemrollen: Vec<String>,
    /// Suites that are run along with this one, once a run.
    #[serde(default)]
    pub along: Vec<String>,
    /// The patients that scenarios ask for, by the word that a candidate's patient `stands_for`.
    #[serde(default)]
    pub patients: BTreeMap<String, Text>,
    /// Tables of the report that show which building blocks were delivered.
    #[serde(default)]
    pub tables: Vec<TableFile>,
    /// Where the content comes from: address or title.
    #[serde(default)]
    pub sources: Vec<String>,
}

impl SuiteFile {
    /// Whether a name in a candidate file means this suite: its id, its id without the version, or an alias.
    pub fn goes_by(&self, name: &str) -> bool {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let is_version = |rest: &str| rest.strip_prefix('-').is_some_and(|rest| rest.split('-').all(is_number));
        let rest = self.id.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || is_version(rest)) || self.aliases.iter().any(|alias| alias == name)
    }
}

impl SuiteFile {
    /// Codes of the systeemrollen that it tests of a candidate of this role.
    pub fn roles(&self, role: Role) -> &[String] {
        match role {
            Role::Dva => &self.systeemrollen,
            Role::Dvp => &self.client_systeemrollen,
        }
    }
}

/// FHIR versions that suites can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FhirVersion {
    /// FHIR 3.0 (STU3).
    Stu3,
    /// FHIR 4.0 (R4).
    R4,
}

impl FhirVersion {
    /// The value of the media type parameter `fhirVersion`.
    pub fn number(self) -> &'static str {
        match self {
            Self::Stu3 => "3.0",
            Self::R4 => "4.0",
        }
    }
}

/// A table of building blocks (zibs): which were delivered, against named sets.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableFile {
    /// Title of the table.
    pub title: Text,
    /// The sets, in order: `A1`, `A2`.
    pub sets: Vec<TableSet>,
    /// The rows.
    pub rows: Vec<TableRow>,
}

/// A named set of rows with how many of them it asks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableSet {
    /// Short name.
    pub id: String,
    /// What it is.
    pub title: Text,
}

/// One building block.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableRow {
    /// Name of the building block.
    pub title: Text,
    /// Sets that hold it.
    pub sets: Vec<String>,
    /// Profiles whose resources deliver it. Empty: the information standard of the suite does not ask for it.
    #[serde(default)]
    pub profiles: Vec<String>,
    /// FHIRPath on such a resource that must give something for the block to be delivered (`maritalStatus`).
    #[serde(default)]
    pub element: Option<String>,
}

/// A scenario: the smallest thing with a verdict.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScenarioFile {
    /// Number as published where there is one: "1.3".
    pub id: String,
    /// Title for reports.
    pub title: Text,
    /// Whether the verdict of the run needs it.
    #[serde(default = "yes")]
    pub required: bool,
    /// Whether it sends what is not well-formed; then only with `[probes] active = true`, never to production.
    #[serde(default)]
    pub active: bool,
    /// Scenarios whose captures this one goes on with, for the same patient (`authorize/0.1` of a suite run along, or "0.1").
    #[serde(default)]
    pub needs: Vec<String>,
    /// Patients to run it for, each an instance of its own. Empty: once, with the first patient there is.
    #[serde(default)]
    pub patients: Vec<String>,
    /// Run it for the first patient of each gegevensdienst in the run, rather than for the first patient there is.
    #[serde(default)]
    pub each_service: bool,
    /// Formats to run it in, each an instance of its own. Empty: once, in JSON.
    #[serde(default)]
    pub formats: Vec<Format>,
    /// Rows of the register that a failed expectation belongs to, where the expectation names none.
    #[serde(default)]
    pub verifies: Vec<String>,
    /// What is done, in order.
    pub steps: Vec<StepFile>,
}

/// Serialisation of resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// application/fhir+json
    Json,
    /// application/fhir+xml
    Xml,
}

impl Format {
    /// The media type of FHIR.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/fhir+json",
            Self::Xml => "application/fhir+xml",
        }
    }

    /// `json` or `xml`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
        }
    }
}

/// One step. Exactly one operation: `use`, `wait`; `authorize`, `login`, `token`, `refresh`, `visit`, `withdraw`, `get` or
/// `post` (role DVA); `collect` or `await` (role DVP); `world` (both).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StepFile {
    /// Name within the scenario; for messages and references.
    #[serde(default)]
    pub id: Option<String>,
    /// Put the steps of a shared file here.
    #[serde(default, rename = "use")]
    pub use_file: Option<String>,
    /// Values for the `${name}` variables of that file.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    /// Send the authorization request, as a browser that the DVP sends on.
    #[serde(default)]
    pub authorize: Option<MessageFile>,
    /// Go through the pages until the browser is sent back to the DVP.
    #[serde(default)]
    pub login: Option<LoginFile>,
    /// Send the token request.
    #[serde(default)]
    pub token: Option<MessageFile>,
    /// Swap the refresh token for an access token, without the person.
    #[serde(default)]
    pub refresh: Option<MessageFile>,
    /// Open an address with the browser: absolute, on a host of the candidate file.
    #[serde(default)]
    pub visit: Option<String>,
    /// Have the person end the long consent, by the pages that the candidate file names.
    #[serde(default)]
    pub withdraw: Option<WithdrawFile>,
    /// Ask the resource interface: path and query relative to the ResourceEndpoint, not percent-encoded. `${url}` may be absolute.
    #[serde(default)]
    pub get: Option<String>,
    /// Send something to the resource interface: path relative to the ResourceEndpoint; empty for the endpoint itself, as a
    /// transaction goes.
    #[serde(default)]
    pub post: Option<String>,
    /// The resource that a `post` sends, in the format of the scenario: a file of the suite's folder `fixtures`, without
    /// `.json`. The variables in its texts are filled in.
    #[serde(default)]
    pub body: Option<String>,
    /// What a `post` sends as it stands, in place of `body`: for what is no resource.
    #[serde(default)]
    pub raw_body: Option<String>,
    /// Changes to a resource request.
    #[serde(default)]
    pub request: Option<MessageFile>,
    /// Follow `next` links: the answer's pages are all fetched. Default true for a search.
    #[serde(default)]
    pub pages: Option<bool>,
    /// Systeemrolcode whose ResourceEndpoint is asked; default the suite's first.
    #[serde(default)]
    pub systeemrol: Option<String>,
    /// Let so much time pass, such as `16m`: only with `--wait`, but for the built-in counterparts, whose clock is moved.
    #[serde(default)]
    pub wait: Option<Span>,
    /// From now on the world around the candidate deviates in these ways, by name, and no other; `[]`: in none. For a DVA that
    /// is the stelselnode; at the end of a scenario it is as usual again.
    #[serde(default)]
    pub world: Option<Vec<String>>,
    /// A person collects with the DVP.
    #[serde(default)]
    pub collect: Option<CollectFile>,
    /// Wait for the candidate (role DVP) to send something.
    #[serde(default, rename = "await")]
    pub await_request: Option<AwaitFile>,
    /// The deviation of this request from what is right, named; marks its exchanges as a probe.
    #[serde(default)]
    pub probe: Option<String>,
    /// Whether the scenario is done all the same when the code or token that this step goes on with was refused.
    #[serde(default)]
    pub optional: bool,
    /// Only for these patients; empty: all of the scenario.
    #[serde(default)]
    pub patients: Vec<String>,
    /// Values to keep from the answer: name -> FHIRPath on the resource in it.
    #[serde(default)]
    pub save: BTreeMap<String, String>,
    /// What must hold of the answer.
    #[serde(default)]
    pub expect: Vec<ExpectFile>,
}

/// A length of time: a number with `s`, `m` or `h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(pub Duration);

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bad = || format!("`{text}` is no length of time; write `90s`, `16m` or `1h`");
        let unit = text.chars().last().ok_or_else(bad)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            _ => return Err(bad()),
        };
        let number = text.trim_end_matches(unit).parse::<u32>().map_err(|_| bad())?;
        Ok(Self(Duration::from_secs(u64::from(number) * seconds)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_secs() {
            seconds if seconds % 60 == 0 => write!(f, "{} min", seconds / 60),
            seconds => write!(f, "{seconds} s"),
        }
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of time: a number with `s`, `m` or `h`.",
            "type": "string",
            "pattern": "^[1-9][0-9]{0,4}[smh]$",
        })
    }
}

/// Changes to a message that is otherwise right.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MessageFile {
    /// HTTP method instead of the right one.
    #[serde(default)]
    pub method: Option<String>,
    /// Parameters to set to another value, or to add.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// Parameters to leave out.
    #[serde(default)]
    pub omit: Vec<String>,
    /// Parameters to send a second time, with this value.
    #[serde(default)]
    pub repeat: BTreeMap<String, String>,
    /// Headers to set to another value, or to add.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Headers to leave out.
    #[serde(default)]
    pub without_headers: Vec<String>,
    /// The client certificate to show.
    #[serde(default)]
    pub certificate: CertificateFile,
    /// Send the token parameters in the query instead of the body.
    #[serde(default)]
    pub in_query: bool,
    /// Percent-encode all that may be in the values of the authorization request, not only what must be.
    #[serde(default)]
    pub fully_encoded: bool,
}

/// Client certificates that a step can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CertificateFile {
    /// The one that the candidate knows us by.
    #[default]
    Own,
    /// None at all.
    None,
    /// Of another DVP that the candidate knows.
    Listed,
    /// Of a host that is not on the Whitelist.
    Unlisted,
    /// With our host as Common Name alone.
    CommonName,
    /// With our host as a Subject Alternative Name alone.
    AlternativeName,
    /// Expired.
    Expired,
    /// Not for use as client.
    WrongUsage,
    /// For our host, signed by itself.
    SelfSigned,
}

/// How the pages are gone through.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoginFile {
    /// Whether the flow is expected to end at the redirect; false for probes that must not get there.
    #[serde(default = "yes")]
    pub complete: bool,
    /// Choose consent for an indefinite time.
    #[serde(default)]
    pub indefinite: bool,
    /// Cancel at the page of this name instead of going on.
    #[serde(default)]
    pub cancel: Option<String>,
}

/// How a consent is ended. There is nothing to choose yet.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WithdrawFile {}
/// A person who collects with the DVP, from its button to where the browser comes back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CollectFile {
    /// GegevensdienstId; default the suite's, else that of the first suite that is run.
    #[serde(default)]
    pub service: Option<String>,
    /// The provider, by its place in the Zorgaanbiederslijst, from 1.
    #[serde(default = "first")]
    pub provider: usize,
    /// Cancel at the page of this name instead of going on.
    #[serde(default)]
    pub cancel: Option<String>,
    /// Choose consent for an indefinite time, where the page offers it.
    #[serde(default)]
    pub indefinite: bool,
    /// In the browser of the collecting before it in this scenario: the same person goes on.
    #[serde(default)]
    pub same_browser: bool,
    /// What happens to the browser's way back to the DVP.
    #[serde(default)]
    pub callback: Option<CallbackFile>,
}

/// How the way back differs from what the Authorization Server sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallbackFile {
    /// Parameters to set to another value, or to add.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// Parameters to leave out.
    #[serde(default)]
    pub omit: Vec<String>,
    /// Parameters to send a second time, with this value.
    #[serde(default)]
    pub repeat: BTreeMap<String, String>,
    /// The browser that comes back.
    #[serde(default)]
    pub browser: BrowserFile,
    /// Whether it comes back a second time in the same way.
    #[serde(default)]
    pub again: bool,
}

/// The browser that comes back to the DVP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BrowserFile {
    /// The one that left.
    #[default]
    Own,
    /// One without any cookie.
    New,
    /// One in which somebody else began to collect as well.
    Other,
}

/// What to wait for from a DVP.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AwaitFile {
    /// The interface at which the request must arrive.
    pub interface: crate::exchange::Interface,
    /// Path and query relative to the ResourceEndpoint, when it is a resource request; parameters in any order.
    #[serde(default)]
    pub get: Option<String>,
    /// Whether it is something that is sent (POST) rather than asked; expectations of the step are about what was sent.
    #[serde(default)]
    pub post: bool,
    /// Seconds to wait.
    #[serde(default)]
    pub seconds: Option<u32>,
}

/// One expectation: exactly one of its checks.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpectFile {
    /// Put the expectations of a shared file here.
    #[serde(default, rename = "use")]
    pub use_file: Option<String>,
    /// Row of the register that a breach belongs to; default the scenario's first, else FLOW-35.
    #[serde(default)]
    pub verifies: Option<String>,
    /// Severity of a breach; default error. The register's verdict caps it.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// What is expected, in words, for the finding.
    #[serde(default)]
    pub title: Option<Text>,
    /// Only for these patients; empty: all.
    #[serde(default)]
    pub patients: Vec<String>,
    /// Status of the answer is one of these.
    #[serde(default)]
    pub status: Vec<u16>,
    /// Status of the answer is none of these; no answer at all is right as well.
    #[serde(default)]
    pub status_not: Vec<u16>,
    /// A FHIRPath expression on the resource in the answer that must be true.
    #[serde(default)]
    pub fhirpath: Option<String>,
    /// FHIRPath of the items that `holds` is asked of, each a place of its own.
    #[serde(default)]
    pub each: Option<String>,
    /// FHIRPath that must be true of every item of `each`.
    #[serde(default)]
    pub holds: Option<String>,
    /// The resource, and every resource in its Bundle, conforms to the base and to the profiles that it claims.
    #[serde(default)]
    pub conforms: Option<bool>,
    /// The parameters of the request are in the self link of the answer.
    #[serde(default)]
    pub self_link: Option<bool>,
    /// Resources that must come.
    #[serde(default)]
    pub entries: Option<EntriesFile>,
    /// FHIRPath of the base64Binary values (or `$body` for the body itself) that must be PDF/A as they claim.
    #[serde(default)]
    pub pdfa: Option<String>,
    /// Media type of the answer is one of these.
    #[serde(default)]
    pub media_type: Vec<String>,
}

/// How many resources of a type, and of which profile, must come.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EntriesFile {
    /// Resource type.
    pub r#type: String,
    /// Profile that each of them claims.
    #[serde(default)]
    pub profile: Option<String>,
    /// Least number.
    #[serde(default)]
    pub at_least: Option<u32>,
    /// Greatest number.
    #[serde(default)]
    pub at_most: Option<u32>,
}

/// A shared file: steps or expectations, for several scenarios.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SharedFile {
    /// What it is for.
    pub title: Text,
    /// Names of the variables that `with` must give.
    #[serde(default)]
    pub variables: Vec<String>,
    /// Steps.
    #[serde(default)]
    pub steps: Vec<StepFile>,
    /// Expectations.
    #[serde(default)]
    pub expect: Vec<ExpectFile>,
}

fn first() -> usize {
    1
}

fn yes() -> bool {
    true
}
