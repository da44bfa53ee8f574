//! `toetsbank.toml` into a [`Candidate`], with all mistakes at once.
//!
//! The tree, the form by the schema of the types, the variables, the checks, the typed parse. Entry point: [`load`].

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value;

use crate::candidate::Candidate;
use crate::candidate::Client;
use crate::candidate::Endpoints;
use crate::candidate::Identity;
use crate::candidate::Login;
use crate::candidate::Patient;
use crate::candidate::Stelselnode;
use crate::candidate::Trust;
use crate::candidate::Waiver;
use crate::candidate::Withdrawal;
use crate::candidate::check::Checked;
use crate::candidate::check::Found;
use crate::candidate::check::check;
use crate::candidate::check::unusable;
use crate::candidate::dvp;
use crate::candidate::dvp::DvpFile;
use crate::candidate::file::CandidateFile;
use crate::candidate::file::WaiverFile;
use crate::diag::SourceError;
use crate::diag::SourceErrors;
use crate::document::Document;
use crate::document::Schema;
use crate::document::child;
use crate::document::masked;
use crate::requirement::Role;
use crate::requirement::register;
use crate::text;

/// A candidate file that holds, and what its author may want to know.
#[derive(Debug)]
pub struct Loaded {
    /// The candidate.
    pub candidate: Candidate,
    /// What is odd, but no mistake.
    pub warnings: Vec<SourceError>,
}

/// Reads a candidate file. Paths in it are relative to its folder, `${env:NAME}` is the environment of the process.
///
/// # Errors
/// Everything that is wrong, with its place; secrets are masked in the text that is shown.
pub fn load(path: &Path) -> Result<Loaded, SourceErrors> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        SourceError::file(name.clone(), text!("is niet te lezen: {error}", "cannot be read: {error}"))
            .hint(text!("`toetsbank init` schrijft een kandidaatbestand", "`toetsbank init` writes a candidate file"))
    })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    read(&name, &text, folder, &|variable| std::env::var(variable).ok())
}

/// The same for a text: `folder` is where its paths start, `environment` gives the value of a variable.
///
/// # Errors
/// See [`load`].
pub fn read(
    file: &str,
    text: &str,
    folder: &Path,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Loaded, SourceErrors> {
    static SCHEMAS: [OnceLock<Schema>; 2] = [OnceLock::new(), OnceLock::new()];
    let mut document = Document::toml(file, text).map_err(without_secrets)?;
    conceal_secrets(&mut document);
    let role = match document.value().pointer("/candidate/role").and_then(Value::as_str) {
        Some("dvp") => Role::Dvp,
        _ => Role::Dva,
    };
    let [of_dva, of_dvp] = &SCHEMAS;
    let schema = match role {
        Role::Dva => of_dva.get_or_init(Schema::of::<CandidateFile>),
        Role::Dvp => of_dvp.get_or_init(Schema::of::<DvpFile>),
    };
    let mut errors = schema.check(&document);
    document.replace_texts(|document, pointer, text| fill(document, pointer, text, environment, &mut errors));
    let Checked { errors: more, mut warnings, found } = check(&document, folder, role);
    errors.extend(more);
    if !errors.is_empty() {
        errors.sort_by_key(|error| error.span);
        return Err(SourceErrors(errors));
    }
    warnings.sort_by_key(|warning| warning.span);
    let candidate = match role {
        Role::Dva => build(&document, document.typed()?, &found)?,
        Role::Dvp => {
            let file: DvpFile = document.typed()?;
            let waived = waivers(&document, file.waivers.clone(), &found)?;
            dvp::build(&document, file, &found, folder, waived)?
        }
    };
    Ok(Loaded { candidate, warnings })
}

/// Texts that hold a secret, unless they only name a variable.
fn conceal_secrets(document: &mut Document) {
    let patients = document.value().pointer("/patients").and_then(Value::as_array).map_or(0, Vec::len);
    let of_patients = (0..patients)
        .flat_map(|i| ["password", "token", "bsn"].into_iter().map(move |key| format!("/patients/{i}/{key}")));
    let identities = document.value().pointer("/identities").and_then(Value::as_array).map_or(0, Vec::len);
    let of_world = document.value().pointer("/world/certificates").and_then(Value::as_array).map_or(0, Vec::len);
    let keys = (0..identities)
        .map(|i| format!("/identities/{i}/key"))
        .chain((0..of_world).map(|i| format!("/world/certificates/{i}/key")))
        .chain(["/client/key", "/stelselnode/key"].map(str::to_owned));
    for pointer in of_patients.chain(keys).chain(of_drive(document)) {
        match document.value().pointer(&pointer) {
            Some(Value::String(text)) if text.starts_with("${env:") => {}
            Some(_) => document.conceal(&pointer),
            None => {}
        }
    }
}

/// Texts under `[drive]` that may hold a secret: what is filled in at the DVP's own pages, and the head of a call.
fn of_drive(document: &Document) -> Vec<String> {
    let steps = document.value().pointer("/drive/steps").and_then(Value::as_array).map_or(0, Vec::len);
    let tables = (0..steps).map(|i| format!("/drive/steps/{i}/fill"));
    let tables = tables.chain(["collect", "open"].map(|name| format!("/drive/{name}/headers")));
    let keys = |table: String| {
        let entries = document.value().pointer(&table).and_then(Value::as_object);
        let keys: Vec<String> = entries.into_iter().flatten().map(|(key, _)| child(&table, key)).collect();
        keys
    };
    tables.flat_map(keys).collect()
}

/// Masks what may be a secret in a text that is no TOML, where nothing can be found by its place.
fn without_secrets(errors: SourceErrors) -> SourceErrors {
    static SECRET: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = r#"(?s)\b(?:password|token|bsn|key)\s*=\s*("""[^$].*?"""|"[^"\n]*"|'[^'\n]*'|[^\s,}]+)"#;
    let secret = SECRET.get_or_init(|| Regex::new(pattern).ok());
    let Some(secret) = secret else { return errors };
    let mask = |mut error: SourceError| {
        let source = error.source.clone();
        for found in secret.captures_iter(&source).filter_map(|captures| captures.get(1)) {
            if !found.as_str().starts_with("\"${env:") {
                error.source.replace_range(found.range(), &masked(found.as_str()));
            }
        }
        error
    };
    SourceErrors(errors.0.into_iter().map(mask).collect())
}

/// The text with the values of its `${env:NAME}`; `None` when it has none.
fn fill(
    document: &Document,
    pointer: &str,
    text: &str,
    environment: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<SourceError>,
) -> Option<String> {
    let is_login =
        ["/login/steps/", "/withdrawal/steps/", "/drive/steps/"].iter().any(|start| pointer.starts_with(start))
            && pointer.contains("/fill/");
    let known = if is_login { &["patient.login", "patient.password"] } else { dvp::variables(pointer) };
    let mut out = String::new();
    let mut rest = text;
    let mut is_whole = true;
    while let Some(start) = rest.find("${") {
        let offset = text.len() - rest.len() + start;
        let Some(end) = rest[start..].find('}').map(|end| start + end) else {
            let message = text!("`${{` zonder `}}`", "`${{` without `}}`");
            let hint = text!("sluit de variabele", "close the variable");
            errors.push(document.error_inside(pointer, (offset, 2), message).hint(hint));
            return None;
        };
        let name = &rest[start + 2..end];
        let range = (offset, end + 1 - start);
        out.push_str(&rest[..start]);
        match name.strip_prefix("env:") {
            Some(variable) => match environment(variable) {
                Some(value) => out.push_str(&value),
                None => {
                    is_whole = false;
                    let message = text!(
                        "de omgevingsvariabele `{variable}` heeft geen waarde",
                        "the environment variable `{variable}` is not set"
                    );
                    let hint = text!("geef haar een, of schrijf de waarde hier", "set it, or write the value here");
                    errors.push(document.error_inside(pointer, range, message).hint(hint));
                }
            },
            None if known.contains(&name) => out.push_str(&rest[start..=end]),
            None => {
                let known = known.iter().chain(&["env:NAME"]).map(|name| format!("`${{{name}}}`"));
                let known = known.collect::<Vec<_>>().join(", ");
                let message = text!("onbekende variabele `{name}`", "unknown variable `{name}`");
                let hint = text!("hier zijn bekend: {known}", "known here: {known}");
                errors.push(document.error_inside(pointer, range, message).hint(hint));
            }
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    (is_whole && out != text).then_some(out)
}

fn build(document: &Document, file: CandidateFile, found: &Found) -> Result<Candidate, SourceErrors> {
    let url = |pointer: &str| found.url(document, pointer);
    let pem = |pointer: &str| found.pem(document, pointer);
    let endpoints = match &found.endpoints {
        Some(endpoints) => endpoints.clone(),
        None => {
            let mut resource = BTreeMap::new();
            for code in file.endpoints.iter().flat_map(|endpoints| endpoints.resource.keys()) {
                resource.insert(code.clone(), url(&child("/endpoints/resource", code))?);
            }
            let (authorization, token) = (url("/endpoints/authorization")?, url("/endpoints/token")?);
            Endpoints { authorization, token, resource }
        }
    };
    let ca = (0..file.trust.ca.len()).map(|i| pem(&format!("/trust/ca/{i}"))).collect::<Result<_, _>>()?;
    let mut identities = Vec::new();
    for (i, identity) in file.identities.into_iter().enumerate() {
        identities.push(Identity {
            standing: identity.standing,
            client_id: identity.client_id.unwrap_or_else(|| file.client.client_id.clone()),
            redirect_uri: found.urls.get(&format!("/identities/{i}/redirect_uri")).cloned(),
            certificate: pem(&format!("/identities/{i}/certificate"))?,
            key: pem(&format!("/identities/{i}/key"))?,
        });
    }
    let stelselnode = match &file.stelselnode {
        Some(node) => {
            let part = |name: &str, own: bool| match own {
                true => pem(&format!("/stelselnode/{name}")),
                false => pem(&format!("/client/{name}")),
            };
            Some(Stelselnode {
                listen: node.listen.parse().map_err(|_| unusable(document, "/stelselnode/listen"))?,
                certificate: part("certificate", node.certificate.is_some())?,
                key: part("key", node.key.is_some())?,
            })
        }
        None => None,
    };
    let waivers = waivers(document, file.waivers, found)?;
    let withdrawal = match file.withdrawal {
        Some(section) => Some(Withdrawal { start: url("/withdrawal/start")?, steps: section.steps }),
        None => None,
    };
    let patients = file.patients.into_iter().map(|patient| Patient {
        name: patient.name,
        stands_for: patient.stands_for,
        login: patient.login.unwrap_or_default(),
        password: patient.password.unwrap_or_default(),
        token: patient.token,
        bsn: patient.bsn,
        suites: patient.suites,
        expect: patient.expect,
    });
    Ok(Candidate {
        role: file.candidate.role,
        vendor: file.candidate.vendor,
        product: file.candidate.product,
        version: file.candidate.version,
        environment: file.candidate.environment,
        release: file.candidate.release,
        systeemrollen: file.candidate.systeemrollen,
        provider: file.provider.name,
        endpoints,
        client: Client {
            client_id: file.client.client_id,
            redirect_uri: url("/client/redirect_uri")?,
            certificate: pem("/client/certificate")?,
            key: pem("/client/key")?,
        },
        identities,
        trust: Trust { ca, connect: file.trust.connect },
        stelselnode,
        login: Login { mode: file.login.mode, steps: file.login.steps, indefinite: file.login.indefinite },
        withdrawal,
        drive: None,
        world: None,
        patients: patients.collect(),
        probes: file.probes,
        waivers,
        shares_clock: false,
    })
}

fn waivers(document: &Document, files: Vec<WaiverFile>, found: &Found) -> Result<Vec<Waiver>, SourceErrors> {
    let mut waivers = Vec::new();
    for (i, waiver) in files.into_iter().enumerate() {
        let expires = format!("/waivers/{i}/expires");
        waivers.push(Waiver {
            // The register's own spelling, so that findings are matched whatever case the author used.
            rule: register().row(&waiver.rule).map_or(waiver.rule, |row| row.id.clone()),
            r#where: waiver.r#where,
            reason: waiver.reason,
            owner: waiver.owner,
            expires: *found.dates.get(&expires).ok_or_else(|| unusable(document, &expires))?,
        });
    }
    Ok(waivers)
}

#[cfg(test)]
mod tests;
