//! Which form of a resource the client asks for: `Accept` and `_format`.

use crate::simulator::http::Received;

/// The version of FHIR that is served, as the parameter `fhirVersion` names it.
pub(super) const FHIR_VERSION: &str = "3.0";

/// A form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Xml,
}

impl Form {
    /// The media type of an answer.
    pub(super) fn media_type(self) -> String {
        let name = match self {
            Self::Json => "application/fhir+json",
            Self::Xml => "application/fhir+xml",
        };
        format!("{name}; fhirVersion={FHIR_VERSION}; charset=utf-8")
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// A resource in FHIR JSON or XML, named as such.
    Fhir(Form),
    /// Anything: JSON will do.
    Any,
    /// Only other media types, such as `application/pdf`; in lower case.
    Other(Vec<String>),
    /// FHIR, in a version that is not served.
    Version,
}

/// The form in which a resource was sent; `None` for what is no FHIR.
pub(super) fn sent(received: &Received) -> Option<Form> {
    let name = received.header("content-type")?.split(';').next()?.trim().to_ascii_lowercase();
    form(&name)
}

fn form(name: &str) -> Option<Form> {
    match name {
        "application/fhir+json" | "application/json+fhir" | "application/json" | "text/json" => Some(Form::Json),
        "application/fhir+xml" | "application/xml+fhir" | "application/xml" | "text/xml" => Some(Form::Xml),
        _ => None,
    }
}

/// Which `fhirVersion` passes beside the one that is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lax {
    /// None.
    No,
    /// Every other that there is.
    Published,
    /// Anything.
    All,
}

/// What a request asks; `lax` lets more versions pass.
pub(super) fn asked(received: &Received, lax: Lax) -> Asked {
    let format = received.parameters().into_iter().find(|(name, _)| name == "_format").map(|(_, value)| value);
    // A plus sign in `_format` that was not encoded arrives as a blank.
    let accept = format.map(|value| match value.as_str() {
        "json" => "application/fhir+json".to_owned(),
        "xml" => "application/fhir+xml".to_owned(),
        other => other.replace("fhir json", "fhir+json").replace("fhir xml", "fhir+xml"),
    });
    let accept = accept.as_deref().or(received.header("accept")).unwrap_or("*/*");
    choose(accept, lax)
}

fn choose(accept: &str, lax: Lax) -> Asked {
    let mut ranges: Vec<(f32, String, Option<String>)> = accept
        .split(',')
        .map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let parameters: Vec<(String, &str)> = parts
                .filter_map(|part| part.split_once('='))
                .map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim().trim_matches('"')))
                .collect();
            let parameter = |key: &str| parameters.iter().find(|(name, _)| name == key).map(|(_, value)| *value);
            let quality = parameter("q").and_then(|q| q.parse().ok()).unwrap_or(1.0);
            (quality, name, parameter("fhirversion").map(str::to_owned))
        })
        .filter(|(quality, name, _)| *quality > 0.0 && !name.is_empty())
        .collect();
    // Stable: of equal weight the first counts.
    ranges.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut other_version = false;
    for (_, name, version) in &ranges {
        let served = version.as_deref().is_none_or(|version| serves(version) || passes(version, lax));
        if matches!(name.as_str(), "*/*" | "application/*") {
            return Asked::Any;
        }
        let Some(form) = form(name) else { continue };
        if served {
            return Asked::Fhir(form);
        }
        other_version = true;
    }
    match other_version {
        true => Asked::Version,
        false if ranges.is_empty() => Asked::Any,
        false => Asked::Other(ranges.into_iter().map(|(_, name, _)| name).collect()),
    }
}

fn passes(version: &str, lax: Lax) -> bool {
    match lax {
        Lax::No => false,
        Lax::Published => ["1.0", "4.0", "4.3", "5.0"].contains(&version),
        Lax::All => true,
    }
}

/// `3.0`, or a release of it such as `3.0.2`.
fn serves(version: &str) -> bool {
    version.strip_prefix(FHIR_VERSION).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accept: &str, expect: Asked) {
        assert_eq!(choose(accept, Lax::No), expect, "{accept}");
    }

    #[test]
    fn the_form_follows_from_accept() {
        check("application/fhir+xml; fhirVersion=3.0", Asked::Fhir(Form::Xml));
        check("application/fhir+json;fhirVersion=\"3.0.2\"", Asked::Fhir(Form::Json));
        check("application/fhir+json;q=0.5, application/fhir+xml", Asked::Fhir(Form::Xml));
        check("*/*", Asked::Any);
        check("", Asked::Any);
        check("application/fhir+json; fhirVersion=4.0, application/fhir+xml; fhirVersion=3.0", Asked::Fhir(Form::Xml));
    }

    #[test]
    fn what_is_not_served_is_told_apart() {
        check("application/fhir+json; fhirVersion=9.9", Asked::Version);
        check("application/fhir+json; fhirVersion=3.01", Asked::Version);
        check("application/pdf", Asked::Other(vec!["application/pdf".into()]));
        assert_eq!(choose("application/fhir+json; fhirVersion=9.9", Lax::All), Asked::Fhir(Form::Json));
        assert_eq!(choose("application/fhir+json; fhirVersion=4.0", Lax::Published), Asked::Fhir(Form::Json));
        assert_eq!(choose("application/fhir+json; fhirVersion=9.9", Lax::Published), Asked::Version);
    }
}
