//! The query string of a search.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// One parameter of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Name with modifier and chain, decoded (`code:not`, `medication.code`).
    pub name: String,
    /// Value, decoded.
    pub value: String,
    /// As it was written, name and value, still encoded: for the self link.
    pub written: String,
}

/// The parameters of a raw query string (without `?`), in order.
pub fn parse(raw: &str) -> Vec<Parameter> {
    raw.split('&').filter(|part| !part.is_empty()).map(Parameter::read).collect()
}

impl Parameter {
    fn read(written: &str) -> Parameter {
        let (name, value) = written.split_once('=').unwrap_or((written, ""));
        Parameter { name: decode(name), value: decode(value), written: written.to_owned() }
    }

    /// The code of the search parameter: the name without modifier and chain.
    pub fn code(&self) -> &str {
        self.name.split(['.', ':']).next().unwrap_or(&self.name)
    }

    /// What follows `:` behind the code.
    pub fn modifier(&self) -> Option<&str> {
        let head = self.name.split('.').next().unwrap_or(&self.name);
        head.split_once(':').map(|(_, modifier)| modifier)
    }

    /// The parameter to apply to what the code refers to, when this is a chain.
    pub fn rest(&self) -> Option<Parameter> {
        let (_, rest) = self.name.split_once('.')?;
        Some(Parameter { name: rest.to_owned(), ..self.clone() })
    }

    /// The alternatives of the value, still with their escapes.
    pub(crate) fn alternatives(&self) -> Vec<&str> {
        split(&self.value, ',')
    }
}

fn decode(text: &str) -> String {
    let plus = if text.contains('+') { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    percent_decode_str(&plus).decode_utf8_lossy().into_owned()
}

/// The parts between separators that are not escaped.
pub(crate) fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if c == separator {
            parts.push(&text[start..at]);
            start = at + c.len_utf8();
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Without the escapes of FHIR (`\,`, `\|`, `\$`, `\\`).
pub(crate) fn unescape(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => result.extend(chars.next()),
            _ => result.push(c),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded() {
        let parameters = parse("code%3Anot=http%3A%2F%2Fa%7C1,b&medication.code=x&&_count=5");
        assert_eq!(parameters.len(), 3);
        assert_eq!((parameters[0].code(), parameters[0].modifier()), ("code", Some("not")));
        assert_eq!(parameters[0].value, "http://a|1,b");
        assert_eq!(parameters[0].written, "code%3Anot=http%3A%2F%2Fa%7C1,b");
        assert_eq!(parameters[1].rest().unwrap().name, "code");
        assert_eq!(parameters[2].rest(), None);
    }

    #[test]
    fn a_modifier_of_a_chain_is_that_of_its_head() {
        let [parameter] = &parse("context:Encounter.episodeofcare=1")[..] else { panic!() };
        assert_eq!((parameter.code(), parameter.modifier()), ("context", Some("Encounter")));
        assert_eq!(parameter.rest().unwrap().code(), "episodeofcare");
        let [parameter] = &parse("subject.name:exact=1")[..] else { panic!() };
        assert_eq!((parameter.code(), parameter.modifier()), ("subject", None));
    }

    #[test]
    fn escaped_separators_do_not_split() {
        assert_eq!(split(r"a\,b,c", ','), [r"a\,b", "c"]);
        assert_eq!(unescape(r"a\,b\\"), r"a,b\");
    }
}
