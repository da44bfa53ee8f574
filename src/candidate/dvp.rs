//! The candidate file of a DVP: who it is in our world, and how collecting begins there.
//!
//! What the world adds (providers, people, pages, trust in it) comes when it is started. Entry points: [`DvpFile`] for the
//! form, [`build`] for the candidate that it is. The checks are in `check`.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::candidate::Candidate;
use crate::candidate::Client;
use crate::candidate::Drive;
use crate::candidate::Endpoints;
use crate::candidate::Hook;
use crate::candidate::HookCall;
use crate::candidate::LoginStep;
use crate::candidate::Probes;
use crate::candidate::Trust;
use crate::candidate::Waiver;
use crate::candidate::World;
use crate::candidate::check::Found;
use crate::candidate::file::HeadFile;
use crate::candidate::file::TrustFile;
use crate::candidate::file::WaiverFile;
use crate::diag::SourceErrors;
use crate::document::Document;

/// Seconds of silence after which a DVP is taken to be done.
pub const SETTLE: f64 = 2.0;

/// Seconds that a hook may take.
pub const TIMEOUT: f64 = 60.0;

/// Most seconds for either.
pub const LONGEST: f64 = 3600.0;

/// The candidate file of a DVP. In every text `${env:NAME}` stands for the environment variable NAME.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DvpFile {
    /// Who is tested.
    pub candidate: HeadFile,
    /// The DVP, as the lists of our world are to know it.
    pub client: DvpClientFile,
    /// Whom our browser and our calls trust, and where names of the DVP lead.
    #[serde(default)]
    pub trust: TrustFile,
    /// The world that is started around the DVP.
    #[serde(default)]
    pub world: WorldFile,
    /// How collecting begins without a person.
    #[serde(default)]
    pub drive: Option<DriveFile>,
    /// What may be tried beside what usually happens.
    #[serde(default)]
    pub probes: Probes,
    /// Findings that were agreed to be let through for a while.
    #[serde(default)]
    pub waivers: Vec<WaiverFile>,
}

/// The DVP.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DvpClientFile {
    /// Host name for the OAuth Client List.
    pub client_id: String,
    /// Where the browser comes back: https, on the host of `client_id`.
    pub redirect_uri: String,
    /// Name for people in the OAuth Client List; left out: the product.
    #[serde(default)]
    pub name: Option<String>,
    /// Hosts in its client certificate, for the Whitelist, beside `client_id`.
    #[serde(default)]
    pub hosts: Vec<String>,
}

/// The world.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorldFile {
    /// Folder in which the authority of its certificates is kept, for the DVP to trust (`ca.pem`); made at first use. Left
    /// out: a new authority each time, written in the folder of the reports.
    #[serde(default)]
    pub folder: Option<String>,
    /// Port at which all its hosts listen; the next is that of the proxy. Left out: any free ports.
    #[serde(default)]
    pub port: Option<u16>,
    /// Domain of yours under which all its hosts are named, such as `medmij.voorbeeld.example`: all names under it have to lead to
    /// this machine. Left out: names of our own, found by the proxy or a hosts file.
    #[serde(default)]
    pub host_suffix: Option<String>,
    /// Certificates of your own for hosts of the world, which the DVP trusts already; the others are of the test CA.
    #[serde(default)]
    pub certificates: Vec<CertificateFile>,
}

/// A certificate for hosts of the world.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateFile {
    /// The certificate with its chain, leaf first: a path relative to this file, PEM text, or `${env:NAME}`.
    pub certificate: String,
    /// Its private key, without passphrase, in the same ways.
    pub key: String,
}

/// How collecting begins without a person: at an address, by a hook, or both.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DriveFile {
    /// Address that the person's browser opens; `${provider}`, `${service}` and `${patient}` are filled in.
    #[serde(default)]
    pub start: Option<String>,
    /// What starts collecting. When it gives an address, the person's browser goes on there; when it gives none, at `start`.
    #[serde(default)]
    pub collect: Option<HookFile>,
    /// Whether the DVP then goes its own way, with a browser of its own that logs in at our pages. What needs our browser is
    /// not tested then.
    #[serde(default)]
    pub own_browser: bool,
    /// What opens an address (`${url}`) in the browser of the DVP's user, to come back. Left out: our browser does.
    #[serde(default)]
    pub open: Option<HookFile>,
    /// Pages of the DVP itself that the person passes before it sends the browser on, such as its login.
    #[serde(default)]
    pub steps: Vec<LoginStep>,
    /// Seconds of silence after which the DVP is taken to be done; left out: 2.
    #[serde(default)]
    pub settle: Option<f64>,
}

/// A command or an HTTP call. What it is about is in its arguments where `${…}` stands, in the environment of the command
/// (`TOETSBANK_PROVIDER` and so on), and in the JSON body of the call. It gives an address as the last line of its output, or
/// as `url` in a JSON answer; with a browser of its own, `"returned": true` there says that it came back to the DVP.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HookFile {
    /// Program and arguments; no shell. A path with a stroke is relative to this file.
    #[serde(default)]
    pub command: Vec<String>,
    /// Address to POST to, http or https.
    #[serde(default)]
    pub post: Option<String>,
    /// Fields of the head of the call.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Seconds that it may take; left out: 60.
    #[serde(default)]
    pub timeout: Option<f64>,
}

/// Variables that may stand in a text, by the pointer to it; `None` where only `${env:NAME}` may.
pub fn variables(pointer: &str) -> &'static [&'static str] {
    match pointer {
        "/drive/start" => &["provider", "service", "patient"],
        _ if pointer.starts_with("/drive/collect/command/") => &["provider", "service", "patient", "login", "password"],
        _ if pointer.starts_with("/drive/open/command/") => &["url"],
        _ => &[],
    }
}

/// The candidate of a checked file, before its world is there.
///
/// # Errors
/// A value that the checks let through and that cannot be used all the same.
pub fn build(
    document: &Document,
    file: DvpFile,
    found: &Found,
    folder: &Path,
    waivers: Vec<Waiver>,
) -> Result<Candidate, SourceErrors> {
    let url = |pointer: &str| found.url(document, pointer);
    let ca = (0..file.trust.ca.len()).map(|i| found.pem(document, &format!("/trust/ca/{i}")));
    let ca = ca.collect::<Result<_, _>>()?;
    let redirect_uri = url("/client/redirect_uri")?;
    let certificates = (0..file.world.certificates.len()).map(|i| {
        let of = |part: &str| found.pem(document, &format!("/world/certificates/{i}/{part}"));
        Ok::<_, SourceErrors>((of("certificate")?, of("key")?))
    });
    let certificates = certificates.collect::<Result<_, _>>()?;
    let hook = |hook: Option<HookFile>, pointer: &str| match hook {
        None => Ok::<_, SourceErrors>(None),
        Some(HookFile { command, post: None, timeout, .. }) => {
            let call = HookCall::Command { words: command, folder: folder.to_owned() };
            Ok(Some(Hook { call, timeout: seconds(timeout, TIMEOUT) }))
        }
        Some(HookFile { post: Some(_), headers, timeout, .. }) => {
            let call = HookCall::Post { url: url(&format!("{pointer}/post"))?, headers };
            Ok(Some(Hook { call, timeout: seconds(timeout, TIMEOUT) }))
        }
    };
    let drive = match file.drive {
        None => None,
        Some(drive) => Some(Drive {
            start: drive.start,
            steps: drive.steps,
            collect: hook(drive.collect, "/drive/collect")?,
            own_browser: drive.own_browser,
            open: hook(drive.open, "/drive/open")?,
            settle: drive.settle.unwrap_or(SETTLE),
        }),
    };
    // Those of the world take the place of these.
    let endpoints =
        Endpoints { authorization: redirect_uri.clone(), token: redirect_uri.clone(), resource: BTreeMap::new() };
    let client =
        Client { client_id: file.client.client_id, redirect_uri, certificate: String::new(), key: String::new() };
    let head = file.candidate;
    Ok(Candidate {
        world: Some(World {
            name: file.client.name.unwrap_or_else(|| head.product.clone()),
            hosts: file.client.hosts,
            folder: file.world.folder.map(|path| folder.join(path)),
            port: file.world.port,
            host_suffix: file.world.host_suffix,
            certificates,
        }),
        vendor: head.vendor,
        product: head.product,
        version: head.version,
        environment: head.environment,
        systeemrollen: head.systeemrollen,
        trust: Trust { ca, connect: file.trust.connect },
        drive,
        probes: file.probes,
        waivers,
        ..Candidate::bare(head.role, head.release, endpoints, client)
    })
}

fn seconds(given: Option<f64>, usual: f64) -> Duration {
    Duration::try_from_secs_f64(given.unwrap_or(usual)).unwrap_or_default()
}
