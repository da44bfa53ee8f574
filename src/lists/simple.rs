//! The simple types of the lists: what a text may be, in a table. Facets are those of the XSDs.
//!
//! Knows nothing of where a value stands. Entry point: [`Simple::holds`].

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;

use jiff::civil::Date;
use regex::Regex;

/// A simple type.
#[derive(Debug)]
pub struct Simple {
    /// Its name in the XSD, or the element's where no XSD was seen.
    pub name: &'static str,
    /// The row of the register that asks it; that of the schema when `None`.
    pub rule: Option<&'static str>,
    /// What a value must be.
    pub form: Form,
    /// The same for people: Dutch, English.
    pub words: (&'static str, &'static str),
    /// What to do about another value: Dutch, English.
    pub fix: (&'static str, &'static str),
}

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Any text.
    Any,
    /// xs:dateTime of at least 20 characters.
    DateTime,
    /// xs:positiveInteger.
    Positive,
    /// So many characters, at least and at most.
    Length(usize, usize),
    /// This pattern, from begin to end.
    Pattern(&'static str),
}

const HOST: &str = "(([a-z0-9])([a-z0-9-])*(\\.))+([a-z0-9])([a-z0-9-])*([a-z0-9])";
const FRONT: &str = "https://(([a-z0-9])([a-z0-9-])*(\\.))+([a-z0-9])([a-z0-9-])*([a-z0-9])?(/[^?#/]+)*";
const BACK: &str = "https://(([a-z0-9])([a-z0-9-])*(\\.))+([a-z0-9])([a-z0-9-])*([a-z0-9])(:(\\d){1,5})?(/[^?#/]+)*";
const NAME: &str = "([a-z]+[0-9]{0,4})+([-&.]([a-z]+[0-9]{0,4})+)*@medmij";

/// The provider name that the XSD of ZAL release2 knows: letters only, 10 to 57 characters.
pub static OLD_NAME: Form = Form::Pattern("([a-z])+@medmij");

/// Any text.
pub static ANY: Simple =
    Simple { name: "tekst", rule: None, form: Form::Any, words: ("een tekst", "a text"), fix: ("", "") };

/// Moment of publication.
pub static DATUM_TIJD: Simple = Simple {
    name: "DatumTijd",
    rule: Some("LIST-23"),
    form: Form::DateTime,
    words: (
        "een xs:dateTime van minstens 20 tekens, dus met tijdzone",
        "an xs:dateTime of at least 20 characters, so with a time zone",
    ),
    fix: ("schrijf `2026-01-05T08:30:00+01:00`", "write `2026-01-05T08:30:00+01:00`"),
};

/// Sequence number.
pub static POSITIEFNUMMER: Simple = Simple {
    name: "Positiefnummer",
    rule: None,
    form: Form::Positive,
    words: ("een geheel getal vanaf 1", "a whole number from 1"),
    fix: ("schrijf alleen cijfers", "write digits only"),
};

/// Host name.
pub static HOSTNAME: Simple = Simple {
    name: "Hostname",
    rule: Some("LIST-24"),
    form: Form::Pattern(HOST),
    words: (
        "een hostnaam in kleine letters, van minstens twee delen, zonder poort",
        "a host name in lower case, of at least two labels, without port",
    ),
    fix: (
        "schrijf alleen a-z, 0-9, `-` en `.`, zonder punt aan het eind en zonder spaties eromheen",
        "write only a-z, 0-9, `-` and `.`, without a dot at the end and without blanks around it",
    ),
};

/// Id of a service.
pub static GEGEVENSDIENST_ID: Simple = Simple {
    name: "GegevensdienstId",
    rule: Some("LIST-31"),
    form: Form::Length(1, 30),
    words: ("1 tot 30 tekens", "1 to 30 characters"),
    fix: ("neem het id uit de Catalogus over", "take the id from the Catalogus"),
};

/// Code of a system role.
pub static SYSTEEMROLCODE: Simple = Simple {
    name: "Systeemrolcode",
    rule: Some("LIST-31"),
    form: Form::Length(1, 30),
    words: ("1 tot 30 tekens", "1 to 30 characters"),
    fix: ("neem de code uit de Catalogus over", "take the code from the Catalogus"),
};

/// Name of a service, for people.
pub static WEERGAVENAAM: Simple = Simple {
    name: "Weergavenaam",
    rule: Some("LIST-19"),
    form: Form::Length(3, 50),
    words: ("3 tot 50 tekens", "3 to 50 characters"),
    fix: ("kies een naam van 3 tot 50 tekens", "choose a name of 3 to 50 characters"),
};

/// Name of a DVP, for people.
pub static ORGANISATIENAAM: Simple = Simple {
    name: "OAuthclientOrganisatienaam",
    rule: Some("LIST-17"),
    form: Form::Length(3, 50),
    words: ("3 tot 50 tekens", "3 to 50 characters"),
    fix: ("kies een naam van 3 tot 50 tekens", "choose a name of 3 to 50 characters"),
};

/// MedMij name of a provider, by the grammar of today.
pub static ZORGAANBIEDERNAAM: Simple = Simple {
    name: "Zorgaanbiedernaam",
    rule: Some("LIST-28"),
    form: Form::Pattern(NAME),
    words: (
        "delen van kleine letters en hooguit vier cijfers erachter, met één `-`, `&` of `.` ertussen, en dan `@medmij`",
        "segments of lower case letters with at most four digits behind them, one `-`, `&` or `.` between them, then `@medmij`",
    ),
    fix: ("schrijf een naam als `ziekenhuis-noord@medmij`", "write a name such as `ziekenhuis-noord@medmij`"),
};

/// Address in the front channel.
pub static FRONTCHANNELURI: Simple = Simple {
    name: "Frontchanneluri",
    rule: Some("LIST-25"),
    form: Form::Pattern(FRONT),
    words: (
        "`https://`, een hostnaam in kleine letters en eventueel een pad; geen poort, query, fragment of schuine streep aan het eind",
        "`https://`, a host name in lower case and perhaps a path; no port, query, fragment or slash at the end",
    ),
    fix: ("schrijf `https://host.example/pad`", "write `https://host.example/path`"),
};

/// Address in the back channel.
pub static BACKCHANNELURI: Simple = Simple {
    name: "Backchanneluri",
    rule: Some("LIST-26"),
    form: Form::Pattern(BACK),
    words: (
        "`https://`, een hostnaam in kleine letters, eventueel een poort van 1 tot 5 cijfers en een pad; geen query, fragment of \
         schuine streep aan het eind",
        "`https://`, a host name in lower case, perhaps a port of 1 to 5 digits and a path; no query, fragment or slash at the end",
    ),
    fix: ("schrijf `https://host.example:8443/pad`", "write `https://host.example:8443/path`"),
};

/// Kind of provider.
pub static AANBIEDERTYPE: Simple = Simple {
    name: "Aanbiedertype",
    rule: Some("LIST-16"),
    form: Form::Pattern("ZA|BAZB|APD"),
    words: ("`ZA` of `BAZB` (`APD` is voorgesteld)", "`ZA` or `BAZB` (`APD` is proposed)"),
    fix: ("schrijf `ZA` voor een zorgaanbieder", "write `ZA` for a provider of care"),
};

/// Version of the interfaces.
pub static INTERFACEVERSIE_ID: Simple = Simple {
    name: "InterfaceversieId",
    rule: Some("LIST-15"),
    form: Form::Pattern("1\\.[0-9]+\\.[0-9]+|[1-9][0-9]*"),
    words: ("een hoofdnummer zoals `2`, of `1.4.0`", "a major number such as `2`, or `1.4.0`"),
    fix: ("schrijf vanaf release 2 alleen het hoofdnummer", "from release 2 write only the major number"),
};

/// Longest subscription, in days.
pub static MAXIMALE_DUUR: Simple = Simple {
    name: "MaximaleDuur",
    rule: None,
    form: Form::Positive,
    words: ("een aantal dagen", "a number of days"),
    fix: ("schrijf alleen cijfers, zoals `90`", "write digits only, such as `90`"),
};

/// Address for subscriptions.
pub static SUBSCRIPTION_ENDPOINT: Simple = Simple { name: "SubscriptionEndpointuri", rule: None, ..backchannel() };

/// Number of a provider in the AGB register.
pub static AGB: Simple = digits("AGB", "[0-9]{8}", ("8 cijfers", "8 digits"));

/// Number of a provider in the UZI register.
pub static URA: Simple = digits("URA", "[0-9]{8}", ("8 cijfers", "8 digits"));

/// Number of an organisation in the OIN register.
pub static OIN: Simple = digits("OIN", "[0-9]{20}", ("20 cijfers", "20 digits"));

const fn backchannel() -> Simple {
    Simple {
        name: "Backchanneluri",
        rule: None,
        form: Form::Pattern(BACK),
        words: (
            "een adres van het backchannel: `https://host:poort/pad`",
            "a back-channel address: `https://host:port/path`",
        ),
        fix: ("schrijf `https://host.example:8443/pad`", "write `https://host.example:8443/path`"),
    }
}

const fn digits(name: &'static str, pattern: &'static str, words: (&'static str, &'static str)) -> Simple {
    let fix =
        ("vergelijk met het register waaruit het nummer komt", "compare with the register that the number is from");
    Simple { name, rule: None, form: Form::Pattern(pattern), words, fix }
}

impl Simple {
    /// Whether a text is a value of this type, blanks around it included where the type does not take them away.
    pub fn holds(&self, text: &str) -> bool {
        self.form.holds(text)
    }
}

impl Form {
    /// Whether a text has this form.
    pub fn holds(self, text: &str) -> bool {
        match self {
            Form::Any => true,
            Form::DateTime => {
                let text = collapsed(text);
                text.chars().count() >= 20 && is_date_time(text)
            }
            Form::Positive => {
                let digits = collapsed(text);
                let digits = digits.strip_prefix('+').unwrap_or(digits);
                digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.bytes().any(|byte| byte != b'0')
            }
            Form::Length(least, most) => (least..=most).contains(&text.chars().count()),
            Form::Pattern(pattern) => matches(pattern, text),
        }
    }
}

/// A text as types other than xs:string read it. Blanks inside make such a value wrong anyway.
pub fn collapsed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}

/// Whether an xs:dateTime names a time zone.
pub fn has_zone(text: &str) -> bool {
    let text = collapsed(text);
    text.ends_with('Z')
        || text.len() > 6 && text.as_bytes().get(text.len() - 6).is_some_and(|sign| b"+-".contains(sign))
}

/// Whether a text is an xs:dateTime of XML Schema 1.0.
fn is_date_time(text: &str) -> bool {
    static PATTERN: &str = "-?([1-9][0-9]{4,}|[0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\\.[0-9]+)?\
                            (Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))?";
    let Some(regex) = compiled(PATTERN) else { return false };
    let Some(found) = regex.captures(text) else { return false };
    let number = |at: usize| found.get(at).and_then(|part| part.as_str().parse::<u64>().ok());
    let (Some(year), Some(month), Some(day), Some(hour), Some(minute), Some(second)) =
        (number(1), number(2), number(3), number(4), number(5), number(6))
    else {
        return false;
    };
    // A year of the same kind that the calendar of `jiff` knows: leap years come back after 400 years.
    let like = i16::try_from(2000 + year % 400).unwrap_or(2000);
    let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else { return false };
    let fraction = found.get(7).is_some_and(|part| part.as_str().bytes().any(|byte| (b'1'..=b'9').contains(&byte)));
    let midnight = hour == 24 && minute == 0 && second == 0 && !fraction;
    year > 0 && Date::new(like, month, day).is_ok() && (hour < 24 || midnight) && minute < 60 && second < 60
}

fn matches(pattern: &'static str, text: &str) -> bool {
    compiled(pattern).is_some_and(|regex| regex.is_match(text))
}

/// The pattern as XSD means it: from begin to end.
fn compiled(pattern: &'static str) -> Option<Regex> {
    static KNOWN: OnceLock<Mutex<BTreeMap<&'static str, Regex>>> = OnceLock::new();
    let mut known = KNOWN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = known.get(pattern) {
        return Some(regex.clone());
    }
    let regex = Regex::new(&format!("\\A(?:{pattern})\\z")).ok()?;
    known.insert(pattern, regex.clone());
    Some(regex)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(simple: &Simple, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(simple.holds(text), "{}: `{text}` is right", simple.name);
        }
        for text in bad {
            assert!(!simple.holds(text), "{}: `{text}` is wrong", simple.name);
        }
    }

    #[test]
    fn moments() {
        check(
            &DATUM_TIJD,
            &[
                "2026-01-05T08:30:00+01:00",
                "2026-01-05T08:30:00Z",
                " 2026-01-05T08:30:00Z\n",
                // Long enough, and so right by the letter of the schema.
                "2026-01-05T08:30:00.0",
                "2024-02-29T24:00:00Z",
                "12026-01-05T08:30:00Z",
                "2026-01-05T08:30:00-14:00",
            ],
            &[
                "2026-01-05T08:30:00",
                "2026-01-05 08:30:00+01:00",
                "2026-02-29T08:30:00Z",
                "2026-01-05T24:00:01Z",
                "2026-01-05T08:60:00Z",
                "2026-01-05T08:30:00+14:01",
                "0000-01-05T08:30:00Z",
                "02026-01-05T08:30:00Z",
                "5 januari 2026, half negen",
                "",
            ],
        );
        assert!(has_zone("2026-01-05T08:30:00Z") && has_zone("2026-01-05T08:30:00.0-01:00 "));
        assert!(!has_zone("2026-01-05T08:30:00.0") && !has_zone("2026-01-05T08:30:00.000000"));
    }

    #[test]
    fn numbers() {
        check(
            &POSITIEFNUMMER,
            &["1", "007", "+3", " 4 ", "123456789012345678901"],
            &["0", "000", "-1", "", "+", "1.0", "1 2"],
        );
    }

    #[test]
    fn hosts() {
        check(
            &HOSTNAME,
            &["a.nl", "dva.toets.test", "1.2.3.44", "a-.nl", "xn--a.nl"],
            &[
                "A.nl",
                "localhost",
                "a_b.nl",
                "a.nl.",
                "a.n",
                "-a.nl",
                "*.a.nl",
                "a.nl:443",
                " a.nl",
                "a..nl",
                "a.nl-",
                "",
            ],
        );
    }

    #[test]
    fn addresses() {
        check(
            &FRONTCHANNELURI,
            &["https://a.nl", "https://a.nl/x/y", "https://a.n", "https://a.nl/x y"],
            &[
                "http://a.nl",
                "https://a.nl/",
                "https://a.nl:443",
                "https://a.nl/x?y",
                "https://a.nl/x#y",
                "https://a.nl//x",
                "https://A.nl",
                "https://u@a.nl",
            ],
        );
        check(
            &BACKCHANNELURI,
            &["https://a.nl:18444/x", "https://a.nl:99999", "https://a.nl/x"],
            &["https://a.n", "https://a.nl:", "https://a.nl:123456", "https://a.nl:1/", "https://a.nl/x/"],
        );
    }

    #[test]
    fn names() {
        check(
            &ZORGAANBIEDERNAAM,
            &["ziekenhuisnoord@medmij", "a1.b2-c&d1234@medmij", "a1b2c3@medmij"],
            &[
                "Ziekenhuis@medmij",
                "a--b@medmij",
                "1a@medmij",
                "a12345@medmij",
                "a.@medmij",
                "a@medmij.nl",
                "a",
                "@medmij",
                "é@medmij",
            ],
        );
        assert!(OLD_NAME.holds("ziekenhuis@medmij") && !OLD_NAME.holds("ziekenhuis2@medmij"));
        check(&ORGANISATIENAAM, &["abc", "€€€"], &["ab", &"x".repeat(51)]);
    }
}
