//! The resource in the body of an answer, read by its media type.

use crate::diag::Text;
use crate::exchange::Exchange;
use crate::fhir::Element;
use crate::fhir::json;
use crate::fhir::syntax::ShapeProblem;
use crate::fhir::xml;
use crate::text;

/// A resource with what its reader found odd.
pub struct Resource<'a> {
    /// The exchange that carried it.
    pub exchange: &'a Exchange,
    /// The text it was read from.
    pub text: &'a str,
    /// The tree.
    pub root: Element,
    /// Shapes that JSON does not allow; empty for XML.
    pub problems: Vec<ShapeProblem>,
}

impl Resource<'_> {
    /// Type of the resource.
    pub fn kind(&self) -> &str {
        self.root.resource_type.as_deref().unwrap_or(&self.root.name)
    }
}

/// Why there is no resource: what came instead, and where reading stopped.
pub struct NoResource {
    /// What was seen.
    pub seen: Text,
    /// Line and column at which reading stopped.
    pub position: Option<(u32, u32)>,
}

/// Reads the resource of an answer.
///
/// # Errors
/// No answer, an empty body, a body that is no text, or one that does not parse.
pub fn read(exchange: &Exchange) -> Result<Resource<'_>, NoResource> {
    let nothing = |seen| Err(NoResource { seen, position: None });
    if let Some(failure) = &exchange.failure {
        let detail = &failure.detail;
        return nothing(text!("geen heel antwoord ({detail})", "no whole answer ({detail})"));
    }
    let Some(response) = &exchange.response else {
        return nothing(Text::new("geen antwoord", "no answer"));
    };
    let coding = response.header("content-encoding").unwrap_or("identity").trim();
    // What could be unpacked was, when it was recorded.
    let is_open = ["", "identity", "gzip", "x-gzip", "deflate"].iter().any(|open| coding.eq_ignore_ascii_case(open));
    if response.body.text().is_none() && !is_open {
        return nothing(text!(
            "een body met Content-Encoding `{coding}`, waar niet om gevraagd is",
            "a body with Content-Encoding `{coding}`, which was not asked for"
        ));
    }
    let Some(text) = response.body.text() else {
        let size = response.body.bytes().len();
        return nothing(text!("een lege of binaire body van {size} bytes", "an empty or binary body of {size} bytes"));
    };
    let media_type = response.media_type().unwrap_or_default();
    let as_xml = media_type.contains("xml") || !media_type.contains("json") && text.trim_start().starts_with('<');
    let parsed = if as_xml { xml::parse(text.as_bytes()) } else { json::parse(text.as_bytes()) };
    match parsed {
        Ok((root, problems)) if root.resource_type.is_some() => Ok(Resource { exchange, text, root, problems }),
        Ok(_) => nothing(text!("geen FHIR-resource ({media_type})", "no FHIR resource ({media_type})")),
        Err(error) => Err(NoResource {
            seen: text!("geen leesbare FHIR ({media_type}): {error}", "no readable FHIR ({media_type}): {error}"),
            position: Some((error.line, error.column)),
        }),
    }
}
