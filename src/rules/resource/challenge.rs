//! How a resource request is refused: status 401 and the scheme Bearer in `WWW-Authenticate` (RFC 9110, section 11.6.1).

use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;

/// What a refusal with this status lacks: the challenge, what `of_error` says of the error code in it, and status 401
/// (a warning by the id `status_id`).
pub fn refusal(
    exchange: &Exchange,
    status: u16,
    status_id: &'static str,
    of_error: impl Fn(Option<&str>) -> Option<Issue>,
) -> Vec<Issue> {
    let mut issues = Vec::new();
    match challenge(exchange) {
        None => {
            let seen = Text::new("geen challenge Bearer", "no challenge Bearer");
            issues.push(Issue::error("no-bearer-challenge", "WWW-Authenticate", Text::same("Bearer"), seen));
        }
        Some(parameters) => {
            let error = parameters.iter().find(|(name, _)| name == "error").map(|(_, value)| value.as_str());
            issues.extend(of_error(error));
        }
    }
    if status != 401 {
        issues.push(Issue::warning(status_id, "status", Text::same("401"), Text::same(format!("{status}"))));
    }
    issues
}

/// The error code in the Bearer challenge of an answer.
pub fn error(exchange: &Exchange) -> Option<String> {
    challenge(exchange)?.into_iter().find(|(name, _)| name == "error").map(|(_, value)| value)
}

/// Parameters of the Bearer challenge in an answer, names in lower case; `None` when there is no such challenge.
fn challenge(exchange: &Exchange) -> Option<Vec<(String, String)>> {
    let headers = &exchange.response.as_ref()?.headers;
    let values = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"));
    values.into_iter().find_map(|(_, value)| bearer(value))
}

/// A header value may hold several challenges; an element that is no `name=value` begins one.
fn bearer(value: &str) -> Option<Vec<(String, String)>> {
    let mut found = None;
    for element in elements(value) {
        let (first, rest) = element.split_once(char::is_whitespace).unwrap_or((&element, ""));
        // Blanks may stand around the equals sign (RFC 9110, section 11.2).
        let begins = !first.contains('=') && !rest.trim_start().starts_with('=');
        let parameter = if begins { rest.trim() } else { element.as_str() };
        match (&mut found, begins) {
            (None, true) if first.eq_ignore_ascii_case("bearer") => found = Some(Vec::new()),
            (Some(_), true) => break,
            (None, _) => continue,
            (Some(_), false) => {}
        }
        if let (Some(parameters), Some((name, value))) = (&mut found, parameter.split_once('=')) {
            let value = value.trim().trim_matches('"').replace("\\\"", "\"");
            parameters.push((name.trim().to_ascii_lowercase(), value));
        }
    }
    found
}

/// Parts between commas that stand outside quotes.
fn elements(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in value.chars() {
        if c == ',' && !quoted {
            parts.push(String::new());
            continue;
        }
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && c == '\\' && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expect: Option<&[(&str, &str)]>) {
        let owned = |pair: &(&str, &str)| (pair.0.to_owned(), pair.1.to_owned());
        assert_eq!(bearer(value), expect.map(|pairs| pairs.iter().map(owned).collect()), "{value}");
    }

    #[test]
    fn reads_the_bearer_challenge_among_others() {
        check("Bearer", Some(&[]));
        check("bearer error=invalid_token", Some(&[("error", "invalid_token")]));
        check(
            "Basic realm=\"a, b\", Bearer realm=\"x\", ERROR=\"invalid_token\", Negotiate",
            Some(&[("realm", "x"), ("error", "invalid_token")]),
        );
        let blanks = "Bearer realm = \"x\", error = \"invalid_token\"";
        check(blanks, Some(&[("realm", "x"), ("error", "invalid_token")]));
        check("Basic realm=\"Bearer\"", None);
        check("", None);
    }
}
