//! Redaction at capture: each secret becomes a placeholder of this run, with the facts that rules need beside it.
//!
//! Equal secrets get the equal placeholder, in every encoding (plain, percent-encoded, base64, JSON-escaped), so that
//! rules can compare them without seeing them.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::Serialize;

use crate::exchange::needles;
use crate::exchange::needles::Needles;

/// Kinds of secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SecretKind {
    /// Authorization code.
    Code,
    /// Access token.
    AccessToken,
    /// Refresh token.
    RefreshToken,
    /// Value of a cookie.
    Cookie,
    /// Hidden field of a form.
    FormField,
    /// Login name or password of a test patient.
    Login,
    /// Burgerservicenummer of a test patient.
    Bsn,
    /// Private key.
    Key,
}

impl SecretKind {
    fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::AccessToken => "access-token",
            Self::RefreshToken => "refresh-token",
            Self::Cookie => "cookie",
            Self::FormField => "form-field",
            Self::Login => "login",
            Self::Bsn => "bsn",
            Self::Key => "key",
        }
    }
}

/// What rules may know of a secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretFacts {
    /// The text that stands in its place.
    pub placeholder: String,
    /// Its kind.
    pub kind: SecretKind,
    /// Length in characters.
    pub length: usize,
    /// Size of the smallest usual alphabet that holds all its characters: 10, 16, 36, 62 or 64; 95 for anything else.
    pub alphabet: u32,
    /// Upper bound of its entropy in bits, by length and alphabet; 122 for a version 4 UUID.
    pub bits: f64,
    /// How often it was issued: put into an answer by the candidate.
    pub issued: u32,
    /// Characters that it has in common with the one of its kind that was issued before it, at the beginning and the end.
    #[serde(default)]
    pub shared: usize,
    /// Names of the claims, when it is a JWT.
    pub claims: Vec<String>,
    /// Whether a BSN of a test patient stands in it, also inside a JWT.
    pub holds_bsn: bool,
}

/// The secrets of a run.
#[derive(Debug, Default)]
pub struct Secrets {
    known: Vec<(String, SecretFacts)>,
    /// Every form of each of them, and of the texts that everyone knows, in which a secret that is part of them stays.
    forms: Needles<Owner>,
}

/// Whose a form is: an index into `known`; `None`, which counts first, for a text that stays.
type Owner = Option<usize>;

/// Where a text comes from, which decides what is replaced in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The front channel: requests, headers, pages. Everything is replaced.
    Flow,
    /// The back channel but for content. Passwords, cookies and form fields do not come there.
    Back,
    /// Content of the resource interface. Passwords and the like may be ordinary words there, which must stay what they are.
    Content,
}

/// Shorter values are not replaced: they would hit ordinary text.
const SHORTEST: usize = needles::START;

/// Shorter codes and tokens are not replaced in content, of which they may be part by chance.
const SHORTEST_IN_CONTENT: usize = 8;

impl Secrets {
    /// Takes a text that is known to everyone, such as an address: a secret that is part of it is not replaced there.
    pub fn public(&mut self, text: &str) {
        for form in encodings(text) {
            self.forms.insert(&form, None);
        }
    }

    /// Takes a secret and gives its placeholder; the same one for an equal value.
    pub fn add(&mut self, kind: SecretKind, value: &str) -> String {
        if let Some((_, facts)) = self.known.iter().find(|(known, _)| known == value) {
            return facts.placeholder.clone();
        }
        let count = self.known.iter().filter(|(_, facts)| facts.kind == kind).count();
        let placeholder = format!("REDACTED.{}.{}", kind.word(), count + 1);
        let facts = self.facts_of(kind, value, placeholder.clone());
        if value.len() >= SHORTEST {
            for form in encodings(value) {
                self.forms.insert(&form, Some(self.known.len()));
            }
        }
        self.known.push((value.to_owned(), facts));
        placeholder
    }

    /// Takes over the secrets of an earlier part of the run, of which only the facts are left: their placeholders stay taken.
    pub fn go_on(&mut self, earlier: &[SecretFacts]) {
        // No value holds a line feed beside its own placeholder, so that none is taken for it.
        self.known.extend(earlier.iter().map(|facts| (format!("\n{}\n", facts.placeholder), facts.clone())));
    }

    /// The same for a secret that the candidate issued in an answer: counts how often it did.
    pub fn issued(&mut self, kind: SecretKind, value: &str) -> String {
        let before =
            self.known.iter().rev().find(|(known, facts)| facts.kind == kind && facts.issued > 0 && known != value);
        let shared = before.map_or(0, |(known, _)| shared(known, value));
        let placeholder = self.add(kind, value);
        if let Some((_, facts)) = self.known.iter_mut().find(|(_, facts)| facts.placeholder == placeholder) {
            facts.issued += 1;
            facts.shared = facts.shared.max(shared);
        }
        placeholder
    }

    /// The text with every known secret replaced.
    pub fn redact(&self, text: &str, scope: Scope) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (hit, owner) in self.forms.find(text.as_bytes(), |owner| self.is_looked_for(owner, scope)) {
            let Some((_, facts)) = owner.and_then(|owner| self.known.get(owner)) else { continue };
            // Nine digits within a longer number are no burgerservicenummer, a few characters within a word no secret.
            let is_part = match facts.kind {
                SecretKind::Bsn => is_within(text, &hit, u8::is_ascii_digit),
                _ => hit.len() < SHORTEST_IN_CONTENT && is_within(text, &hit, u8::is_ascii_alphanumeric),
            };
            if is_part {
                continue;
            }
            out.push_str(&text[at..hit.start]);
            out.push_str(&facts.placeholder);
            at = hit.end;
        }
        out.push_str(&text[at..]);
        out
    }

    /// The bytes of a body that is no text, with every known secret overwritten; the length stays, as formats count on it.
    pub fn mask(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        let hits = self.forms.find(&bytes, |owner| self.is_looked_for(owner, Scope::Content));
        for (hit, _) in hits.into_iter().filter(|(_, owner)| owner.is_some()) {
            bytes[hit].fill(b'X');
        }
        bytes
    }

    fn is_looked_for(&self, owner: Owner, scope: Scope) -> bool {
        let Some((value, facts)) = owner.and_then(|owner| self.known.get(owner)) else { return true };
        let is_given = matches!(facts.kind, SecretKind::Code | SecretKind::AccessToken | SecretKind::RefreshToken);
        match scope {
            Scope::Flow => true,
            Scope::Content if is_given && value.len() < SHORTEST_IN_CONTENT => false,
            Scope::Back | Scope::Content => !may_be_content(facts.kind, value),
        }
    }

    /// The secret behind a placeholder; only for the sender, never for what is kept.
    pub fn reveal(&self, placeholder: &str) -> Option<&str> {
        self.known.iter().find(|(_, facts)| facts.placeholder == placeholder).map(|(value, _)| value.as_str())
    }

    /// The facts, in order of first sight.
    pub fn facts(&self) -> Vec<SecretFacts> {
        self.known.iter().map(|(_, facts)| facts.clone()).collect()
    }

    fn facts_of(&self, kind: SecretKind, value: &str, placeholder: String) -> SecretFacts {
        let length = value.chars().count();
        let alphabet = alphabet(value);
        // Only the written form with hyphens: one in sixteen random texts of 32 hexadecimal digits looks like a version 4.
        let is_uuid = length == 36 && uuid::Uuid::try_parse(value).is_ok_and(|uuid| uuid.get_version_num() == 4);
        let bits = if is_uuid { 122.0 } else { length as f64 * f64::from(alphabet).log2() };
        let claims = jwt_claims(value);
        let holds_bsn = kind != SecretKind::Bsn && self.bsn_in(value, claims.as_ref());
        let claims = claims.and_then(|json| json.as_object().map(|o| o.keys().cloned().collect())).unwrap_or_default();
        SecretFacts { placeholder, kind, length, alphabet, bits, issued: 0, shared: 0, claims, holds_bsn }
    }

    fn bsn_in(&self, value: &str, claims: Option<&serde_json::Value>) -> bool {
        let inside = claims.map(ToString::to_string).unwrap_or_default();
        let decoded = STANDARD.decode(value).or_else(|_| URL_SAFE_NO_PAD.decode(value)).unwrap_or_default();
        let decoded = String::from_utf8_lossy(&decoded);
        self.known
            .iter()
            .filter(|(_, facts)| facts.kind == SecretKind::Bsn)
            .any(|(bsn, _)| value.contains(bsn) || inside.contains(bsn) || decoded.contains(bsn.as_str()))
    }
}

/// Whether the value may as well be an ordinary word or name in content, which must stay what it is.
fn may_be_content(kind: SecretKind, value: &str) -> bool {
    let mixes = |text: &str| {
        text.chars().any(|c| c.is_ascii_digit())
            && text.chars().any(char::is_alphabetic)
            && !text.contains([' ', '/', ':'])
    };
    match kind {
        SecretKind::Login => value.len() < 8 || !mixes(value),
        SecretKind::Cookie => value.len() < 16 || !mixes(value),
        SecretKind::FormField => true,
        _ => false,
    }
}

/// Whether such characters stand around a place; those of a percent-encoded character do not count.
fn is_within(text: &str, place: &Range<usize>, such: fn(&u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let (start, end) = (place.start, place.end);
    let encoded = start >= 3 && bytes.get(start - 3) == Some(&b'%');
    bytes.get(end).is_some_and(such) || (start > 0 && bytes.get(start - 1).is_some_and(such) && !encoded)
}

/// The forms in which a value may stand in a message.
fn encodings(value: &str) -> Vec<String> {
    let percent = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string();
    let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let json = serde_json::to_string(value).unwrap_or_default();
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        hex.to_ascii_uppercase(),
        hex,
        value.to_owned(),
        percent.to_ascii_lowercase(),
        percent,
        form,
        json.trim_matches('"').to_owned(),
        html,
        STANDARD.encode(value),
        URL_SAFE_NO_PAD.encode(value),
    ];
    forms.sort();
    forms.dedup();
    forms
}

/// Characters that two values have in common at the beginning and the end.
fn shared(a: &str, b: &str) -> usize {
    let common = |pairs: &mut dyn Iterator<Item = (char, char)>| pairs.take_while(|(a, b)| a == b).count();
    let start = common(&mut a.chars().zip(b.chars()));
    let rest = |text: &str| text.chars().skip(start).collect::<Vec<_>>();
    let (a, b) = (rest(a), rest(b));
    start + common(&mut a.into_iter().rev().zip(b.into_iter().rev()))
}

fn alphabet(value: &str) -> u32 {
    let all = |test: fn(char) -> bool| value.chars().all(test);
    if all(|c| c.is_ascii_digit()) {
        10
    } else if all(|c| matches!(c, '0'..='9' | 'a'..='f' | '-')) || all(|c| matches!(c, '0'..='9' | 'A'..='F' | '-')) {
        16
    } else if all(|c| matches!(c, '0'..='9' | 'a'..='z')) || all(|c| matches!(c, '0'..='9' | 'A'..='Z')) {
        36
    } else if all(|c| c.is_ascii_alphanumeric()) {
        62
    } else if all(|c| c.is_ascii_alphanumeric() || "-_+/=.~".contains(c)) {
        64
    } else {
        95
    }
}

fn jwt_claims(value: &str) -> Option<serde_json::Value> {
    let mut parts = value.split('.');
    let (header, payload) = (parts.next()?, parts.next()?);
    parts.next()?;
    let json = |part: &str| serde_json::from_slice::<serde_json::Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    json(header)?.get("alg")?;
    json(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_secrets_get_the_equal_placeholder_in_every_encoding() {
        let mut secrets = Secrets::default();
        let placeholder = secrets.add(SecretKind::Code, "a b/c+d&e=f");
        assert_eq!(secrets.add(SecretKind::AccessToken, "a b/c+d&e=f"), placeholder);
        for text in [
            "code=a%20b%2Fc%2Bd%26e%3Df&x=1",
            "code=a+b%2Fc%2Bd%26e%3Df&x=1",
            "code=a%20b%2fc%2bd%26e%3df&x=1",
            "code=a b/c+d&amp;e=f&x=1",
        ] {
            assert_eq!(secrets.redact(text, Scope::Flow), format!("code={placeholder}&x=1"), "{text}");
        }
        let basic = STANDARD.encode("a b/c+d&e=f");
        assert_eq!(secrets.redact(&format!("Basic {basic}"), Scope::Flow), format!("Basic {placeholder}"));
    }

    #[test]
    fn placeholders_of_an_earlier_part_are_not_given_again() {
        let mut first = Secrets::default();
        first.issued(SecretKind::Code, "eerste-code");
        let mut second = Secrets::default();
        second.go_on(&first.facts());
        assert_eq!(second.issued(SecretKind::Code, "tweede-code"), "REDACTED.code.2");
        assert_eq!(second.redact("x REDACTED.code.1 tweede-code", Scope::Flow), "x REDACTED.code.1 REDACTED.code.2");
        assert_eq!(second.facts().len(), 2);
        assert_eq!(second.facts()[0], first.facts()[0]);
    }

    #[test]
    fn a_password_that_is_a_word_leaves_content_alone() {
        let mut secrets = Secrets::default();
        let placeholder = secrets.add(SecretKind::Login, "hoofdpijn");
        assert_eq!(secrets.redact("w=hoofdpijn", Scope::Flow), format!("w={placeholder}"));
        assert_eq!(secrets.redact("hoofdpijn", Scope::Content), "hoofdpijn");
        let placeholder = secrets.add(SecretKind::Login, "Geheim-2026!");
        assert_eq!(secrets.redact("Geheim-2026!", Scope::Content), placeholder);
    }

    #[test]
    fn binary_bodies_keep_their_length() {
        let mut secrets = Secrets::default();
        assert_eq!(secrets.mask(b"\xff-abcdefgh-\xfe".to_vec()), b"\xff-abcdefgh-\xfe");
        secrets.add(SecretKind::AccessToken, "abcdefgh");
        assert_eq!(secrets.mask(b"\xff-abcdefgh-6162636465666768".to_vec()), b"\xff-XXXXXXXX-XXXXXXXXXXXXXXXX");
    }

    #[test]
    fn a_password_that_is_part_of_an_address_leaves_the_address_alone() {
        let mut secrets = Secrets::default();
        let placeholder = secrets.add(SecretKind::Login, "test");
        secrets.public("https://pgo-test.example/cb");
        secrets.public("pgo-test.example");
        let text = "w=test&u=https%3A%2F%2Fpgo-test.example%2Fcb&v=https://pgo-test.example/cb?code=1";
        assert_eq!(secrets.redact(text, Scope::Flow), text.replacen("=test", &format!("={placeholder}"), 1));
        assert_eq!(secrets.redact("Bearer test", Scope::Back), "Bearer test");
    }

    #[test]
    fn a_short_code_and_digits_of_a_longer_number_leave_content_alone() {
        let mut secrets = Secrets::default();
        let code = secrets.add(SecretKind::Code, "1234");
        let bsn = secrets.add(SecretKind::Bsn, "999900006");
        assert_eq!(secrets.redact("\"12345\"", Scope::Content), "\"12345\"");
        assert_eq!(secrets.redact("code=1234", Scope::Back), format!("code={code}"));
        assert_eq!(secrets.redact("code%3D1234&max-age=123456", Scope::Flow), format!("code%3D{code}&max-age=123456"));
        assert_eq!(secrets.redact("urn:oid:2.1.9999000061", Scope::Content), "urn:oid:2.1.9999000061");
        assert_eq!(secrets.redact("x1999900006", Scope::Content), "x1999900006");
        assert_eq!(secrets.redact("bsn%20999900006|", Scope::Content), format!("bsn%20{bsn}|"));
        assert_eq!(secrets.redact("\"999900006\"", Scope::Content), format!("\"{bsn}\""));
    }

    #[test]
    fn the_longest_secret_wins() {
        let mut secrets = Secrets::default();
        secrets.add(SecretKind::Code, "abcd");
        let longer = secrets.add(SecretKind::AccessToken, "abcdef");
        assert_eq!(secrets.redact("x=abcdef", Scope::Flow), format!("x={longer}"));
    }

    #[test]
    fn what_follows_a_pattern_has_much_in_common() {
        let mut secrets = Secrets::default();
        for value in ["0000000000000041", "0000000000000042", "9f3c5a7700112233", "9f3c5a7700112233"] {
            secrets.issued(SecretKind::AccessToken, value);
        }
        let shared: Vec<usize> = secrets.facts().iter().map(|facts| facts.shared).collect();
        assert_eq!(shared, [0, 15, 0]);
        assert_eq!(super::shared("abcXdef", "abcYYdef"), 6);
        assert_eq!(super::shared("aa", "aaa"), 2);
    }

    #[test]
    fn facts_tell_length_alphabet_claims_but_not_the_value() {
        let mut secrets = Secrets::default();
        secrets.add(SecretKind::Bsn, "999900006");
        let payload = URL_SAFE_NO_PAD.encode(r#"{"sub":"999900006","exp":1}"#);
        let token = format!("{}.{payload}.sig", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#));
        secrets.issued(SecretKind::AccessToken, &token);
        secrets.issued(SecretKind::AccessToken, "0123456789abcdef");
        secrets.issued(SecretKind::AccessToken, "0123456789abcdef");
        let facts = secrets.facts();
        assert!(facts[1].holds_bsn);
        assert_eq!(facts[1].claims, ["sub", "exp"]);
        assert_eq!((facts[2].length, facts[2].alphabet, facts[2].bits, facts[2].issued), (16, 16, 64.0, 2));
        assert!(!serde_json::to_string(&facts).unwrap().contains("0123456789abcdef"));
    }
}
