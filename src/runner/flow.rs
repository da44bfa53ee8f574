//! The authorization and token requests of a DVP, right unless a step changes them.

use std::collections::BTreeMap;

use url::Url;

use crate::suite::model::MessageFile;

/// Parameters of a request, in order; a name may stand twice when a probe says so.
pub type Parameters = Vec<(String, String)>;

/// The right parameters with the changes of a step, whose values are filled in already.
pub fn changed(right: Parameters, change: &MessageFile) -> Parameters {
    altered(right, &change.omit, &change.set, &change.repeat)
}

/// The right parameters without some, with others set, and with some a second time.
pub fn altered(
    right: Parameters,
    omit: &[String],
    set: &BTreeMap<String, String>,
    repeat: &BTreeMap<String, String>,
) -> Parameters {
    let mut out: Parameters = right.into_iter().filter(|(name, _)| !omit.contains(name)).collect();
    for (name, value) in set {
        match out.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => old.clone_from(value),
            None => out.push((name.clone(), value.clone())),
        }
    }
    out.extend(repeat.iter().map(|(name, value)| (name.clone(), value.clone())));
    out
}

/// The right headers with the changes of a step.
pub fn changed_headers(right: Vec<(&'static str, String)>, change: &MessageFile) -> Parameters {
    let given = |name: &str, list: &BTreeMap<String, String>| list.keys().any(|known| known.eq_ignore_ascii_case(name));
    let left_out = |name: &str| change.without_headers.iter().any(|known| known.eq_ignore_ascii_case(name));
    let kept = right.into_iter().filter(|(name, _)| !left_out(name) && !given(name, &change.headers));
    let mut out: Parameters = kept.map(|(name, value)| (name.to_owned(), value)).collect();
    out.extend(change.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
    out
}

/// A URL with these parameters added to its query, encoded as RFC 3986 asks.
pub fn with_query(base: &Url, parameters: &Parameters) -> Url {
    let mut url = base.clone();
    let encoded: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let joined = encoded.join("&");
    let query = match base.query().filter(|query| !query.is_empty()) {
        Some(known) => format!("{known}&{joined}"),
        None => joined,
    };
    url.set_query((!query.is_empty()).then_some(query.as_str()));
    url
}

/// The same with every character percent-encoded that need not stand as it is (RFC 3986, section 2.3).
pub fn with_encoded_query(base: &Url, parameters: &Parameters) -> Url {
    let all = |text: &str| percent_encoding::utf8_percent_encode(text, RESERVED).to_string();
    let encoded = parameters.iter().map(|(name, value)| format!("{}={}", all(name), all(value)));
    let mut url = base.clone();
    let query = base.query().filter(|query| !query.is_empty()).map(str::to_owned);
    let query = query.into_iter().chain(encoded).collect::<Vec<_>>().join("&");
    url.set_query((!query.is_empty()).then_some(query.as_str()));
    url
}

/// All but the unreserved characters.
const RESERVED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The URL with the case of the letters of its path swapped; of the scheme, where the path has none.
pub fn other_case(url: &Url) -> String {
    let swap = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    let text = url.as_str();
    let (before, path) = text.split_at(text.len() - url[url::Position::BeforePath..].len());
    if path.chars().any(|c| c.is_ascii_alphabetic()) {
        format!("{before}{}", path.chars().map(swap).collect::<String>())
    } else {
        text.replacen(url.scheme(), &url.scheme().to_ascii_uppercase(), 1)
    }
}

/// A form body (`application/x-www-form-urlencoded`).
pub fn form_body(parameters: &Parameters) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// Percent-encodes a name or value: all but unreserved characters and those that RFC 3986 lets stand in a query and that
/// separate nothing there (`/ : , $ @ ! ' ( ) * ?`).
pub fn encode(text: &str) -> String {
    use percent_encoding::AsciiSet;
    use percent_encoding::NON_ALPHANUMERIC;
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~')
        .remove(b'/')
        .remove(b':')
        .remove(b',')
        .remove(b'$')
        .remove(b'@')
        .remove(b'!')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')')
        .remove(b'*')
        .remove(b'?');
    percent_encoding::utf8_percent_encode(text, KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_leave_the_rest_right() {
        let right = vec![("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())];
        let change = MessageFile {
            set: BTreeMap::from([("a".into(), "9".into()), ("c".into(), "3".into())]),
            omit: vec!["b".into()],
            repeat: BTreeMap::from([("a".into(), "8".into())]),
            ..Default::default()
        };
        let text: Vec<String> = changed(right, &change).iter().map(|(n, v)| format!("{n}{v}")).collect();
        assert_eq!(text, ["a9", "c3", "a8"]);
    }

    #[test]
    fn another_case_is_another_text_of_the_same_host() {
        let other = |text: &str| other_case(&Url::parse(text).unwrap());
        assert_eq!(other("https://pgo.example/cb/Een"), "https://pgo.example/CB/eEN");
        assert_eq!(other("https://pgo.example/"), "HTTPS://pgo.example/");
    }

    #[test]
    fn queries_are_encoded_as_rfc_3986_asks() {
        let base = Url::parse("https://x.example/fhir/Observation/$lastn").unwrap();
        let url = with_query(&base, &vec![("code".into(), "http://loinc.org|8302-2,b c&d".into())]);
        assert_eq!(url.as_str(), "https://x.example/fhir/Observation/$lastn?code=http://loinc.org%7C8302-2,b%20c%26d");
        let url = with_encoded_query(&base, &vec![("redirect_uri".into(), "https://a.b/~c".into())]);
        assert_eq!(url.query(), Some("redirect_uri=https%3A%2F%2Fa.b%2F~c"));
    }
}
