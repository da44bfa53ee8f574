//! The grammar of media types (BCP 13: RFC 6838, section 4.2, with the parameters of RFC 2045, section 5.1). Knows no
//! registered types.
//!
//! Entry point: [`is_media_type`].

/// What FHIR itself calls formats by a short name (http.html, "Content Types and encodings"), such as in a
/// CapabilityStatement.
const SHORT: &[&str] = &["xml", "json", "ttl", "html"];

/// Longest name of a type or subtype.
const LONGEST: usize = 127;

/// Whether a text is a media type, perhaps with parameters.
pub(super) fn is_media_type(text: &str) -> bool {
    if SHORT.contains(&text) {
        return true;
    }
    let mut parts = parameters(text).into_iter();
    let names = parts.next().and_then(|first| first.trim_end().split_once('/'));
    let is_name = |name: &str| name.len() <= LONGEST && is_token(name);
    names.is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype))
        && parts.all(|part| is_parameter(part.trim()))
}

/// The text between semicolons that stand in no quotes.
fn parameters(text: &str) -> Vec<&str> {
    let (mut parts, mut from, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

/// `name=value`, or nothing, which HTTP lets stand (RFC 9110, section 5.6.6).
fn is_parameter(part: &str) -> bool {
    if part.is_empty() {
        return true;
    }
    let Some((name, value)) = part.split_once('=') else { return false };
    let (name, value) = (name.trim_end(), value.trim_start());
    let quoted = value.len() >= 2 && value.starts_with('"') && value.ends_with('"');
    is_token(name) && (quoted || is_token(value))
}

/// A token of RFC 2045: visible ASCII without the characters that have a meaning.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::is_media_type;

    #[test]
    fn media_types_follow_the_grammar() {
        let good = [
            "application/pdf",
            "APPLICATION/PDF",
            "image/svg+xml",
            "x-eigen/y",
            "application/fhir+json; fhirVersion=4.0",
            "text/plain;charset=utf-8",
            "text/plain; charset=\"utf-8; x\"",
            "multipart/related;type=\"a/b\";",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "json",
        ];
        for text in good {
            assert!(is_media_type(text), "{text}");
        }
        let bad = [
            "",
            "pdf",
            "application/",
            "/pdf",
            "application pdf",
            "application/pdf; charset",
            "a/b/c",
            "a/b;c=",
            "a/é",
        ];
        for text in bad {
            assert!(!is_media_type(text), "{text}");
        }
    }
}
