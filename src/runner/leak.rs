//! Finds tokens and codes in text that no parser took: cut answers, members that stand twice, forms instead of JSON.

use std::sync::OnceLock;

use regex::Regex;

use crate::exchange::SecretKind;

/// The values that stand behind the names of tokens and, in addresses, of codes. Short ones are left: they are words.
pub fn secrets_in(text: &str) -> Vec<(SecretKind, String)> {
    static FORM: OnceLock<Option<Regex>> = OnceLock::new();
    if !["_token", "code="].iter().any(|name| text.contains(name)) {
        return Vec::new();
    }
    let pattern = r#"(?:\b(access_token|refresh_token|id_token)["']?\s*[=:]\s*["']?|[?&#;](?:amp;)?(code)=)([^"'&#\s<>,;{}]{8,})"#;
    let Some(form) = FORM.get_or_init(|| Regex::new(pattern).ok()) else { return Vec::new() };
    let found = form.captures_iter(text).filter_map(|parts| {
        let kind = match (parts.get(1).map(|name| name.as_str()), parts.get(2)) {
            (Some("refresh_token"), _) => SecretKind::RefreshToken,
            (Some(_), _) => SecretKind::AccessToken,
            _ => SecretKind::Code,
        };
        Some((kind, decoded(parts.get(3)?.as_str())))
    });
    found.collect()
}

/// The value behind its percent-encoding; it is looked for in both forms.
fn decoded(value: &str) -> String {
    percent_encoding::percent_decode_str(value)
        .decode_utf8()
        .map_or_else(|_| value.to_owned(), |text| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let found: Vec<String> = secrets_in(text).into_iter().map(|(_, value)| value).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn secrets_are_found_in_what_no_parser_takes() {
        check(
            r#"{"access_token": "first-token", "access_token":"second-token","expires_in":900}"#,
            &["first-token", "second-token"],
        );
        check(r#"{"token_type":"Bearer","access_token":"cut-in-ha"#, &["cut-in-ha"]);
        check("access_token=form-token&refresh_token=other%2Dtoken", &["form-token", "other-token"]);
        check(r#"<a href="https://pgo.example/cb?state=1&amp;code=0123456789">"#, &["0123456789"]);
        check("https://pgo.example/cb?code=short", &[]);
        check("the access_token is missing; error_code=invalid_request", &[]);
    }
}
