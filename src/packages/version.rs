//! Versions of packages, and what a dependency may ask: `1.0.2`, `1.0.x`, `^1.0`, `~1.0.2`, `latest`, `current`.
//!
//! The FHIR package specification knows exact versions and `x` for a part; published packages use npm's `^` and `~` too.

use std::cmp::Ordering;
use std::error::Error;
use std::fmt;

/// What a package or a user asks of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    text: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// This text and no other.
    Exact,
    /// The numbers before the `x`.
    Wildcard(Vec<u64>),
    /// At least the version, with the same numbers up to this many.
    From { version: Vec<u64>, same: usize },
    /// What the registry calls the latest; the newest where nobody says.
    Latest,
}

/// A requirement, or a name, that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WantError {
    /// This is no version.
    Version(String),
    /// This is no name of a package.
    Name(String),
    /// There is no version in it.
    NoVersion(String),
}

impl fmt::Display for WantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WantError::Version(text) => {
                write!(f, "understand version `{text}`; write it as 1.0.2, 1.0.x, ^1.0, ~1.0.2, latest or current")
            }
            WantError::Name(text) => {
                write!(
                    f,
                    "understand package name `{text}`; it has letters, digits, dots and hyphens, as hl7.fhir.r4.core"
                )
            }
            WantError::NoVersion(text) => write!(f, "understand `{text}`; give NAME@VERSION, such as `{text}@latest`"),
        }
    }
}

impl Error for WantError {}

/// A package that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// Its name.
    pub name: String,
    /// Which versions will do.
    pub requirement: Requirement,
}

impl Want {
    /// Reads `NAME@VERSION` or `NAME#VERSION`.
    pub fn parse(text: &str) -> Result<Want, WantError> {
        let (name, version) = text.split_once(['@', '#']).ok_or_else(|| WantError::NoVersion(text.to_string()))?;
        Want::new(name, version)
    }

    /// A name and what `package.json` says of its version.
    pub fn new(name: &str, version: &str) -> Result<Want, WantError> {
        // Names and versions become paths and addresses.
        if !is_plain(name) {
            return Err(WantError::Name(name.to_string()));
        }
        Ok(Want { name: name.to_string(), requirement: Requirement::parse(version)? })
    }
}

impl fmt::Display for Want {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.requirement.text)
    }
}

impl Requirement {
    fn parse(text: &str) -> Result<Requirement, WantError> {
        let wrong = || WantError::Version(text.to_string());
        let numbers = |text: &str| -> Result<Vec<u64>, WantError> {
            let core = text.split(['-', '+']).next().unwrap_or(text);
            let parts = core.split('.').take_while(|part| !matches!(*part, "x" | "X" | "*"));
            let parts: Result<Vec<u64>, _> = parts.map(str::parse).collect();
            parts.map_err(|_| wrong())
        };
        let kind = match text.trim() {
            "latest" => Kind::Latest,
            "*" | "x" | "X" => Kind::Wildcard(Vec::new()),
            text if text.starts_with('^') => {
                let version = numbers(&text[1..])?;
                // In `0.3.1` the second number promises what the first does elsewhere.
                let zeros = version.iter().take_while(|number| **number == 0).count();
                Kind::From { same: (zeros + 1).min(version.len()), version }
            }
            text if text.starts_with('~') => {
                let version = numbers(&text[1..])?;
                Kind::From { same: version.len().min(2), version }
            }
            text if !is_plain(text) && !text.ends_with(".*") => return Err(wrong()),
            text if text.split('.').any(|part| matches!(part, "x" | "X" | "*")) => Kind::Wildcard(numbers(text)?),
            // `2.1` promises no third number.
            text if text.split('.').count() < 3 && numbers(text).is_ok() && !text.contains('-') => {
                Kind::Wildcard(numbers(text)?)
            }
            _ => Kind::Exact,
        };
        Ok(Requirement { text: text.trim().to_string(), kind })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it names one version, and which.
    pub fn exact(&self) -> Option<&str> {
        (self.kind == Kind::Exact).then_some(&*self.text)
    }

    /// Whether it is what a registry calls the latest.
    pub fn is_latest(&self) -> bool {
        self.kind == Kind::Latest
    }

    /// Whether this version will do.
    pub fn allows(&self, version: &str) -> bool {
        let found = core(version);
        match &self.kind {
            Kind::Exact => version == self.text,
            Kind::Latest => !found.is_empty(),
            Kind::Wildcard(numbers) => !found.is_empty() && found.starts_with(numbers),
            Kind::From { version: least, same } => {
                let at_least = order(version, self.text.trim_start_matches(['^', '~'])) != Ordering::Less;
                found.get(..*same) == least.get(..*same) && at_least
            }
        }
    }

    /// The one of these that is wanted most: the newest that will do, one that is no preview where there is one.
    pub fn choose<'a>(&self, versions: impl Iterator<Item = &'a str>) -> Option<&'a str> {
        let will_do = versions.filter(|version| self.allows(version));
        will_do.max_by(|a, b| is_preview(b).cmp(&is_preview(a)).then_with(|| order(a, b)))
    }
}

/// Orders versions as semantic versioning does: `2.0.0-rc.7` comes before `2.0.0`, `1.10.0` after `1.9.0`.
pub fn order(a: &str, b: &str) -> Ordering {
    let label = |text: &str| text.split_once('-').map(|(_, label)| label.to_string());
    let mut cores = (core(a), core(b));
    let len = cores.0.len().max(cores.1.len());
    cores.0.resize(len, 0);
    cores.1.resize(len, 0);
    cores.0.cmp(&cores.1).then_with(|| match (label(a), label(b)) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => labels(&a, &b),
    })
}

fn labels(a: &str, b: &str) -> Ordering {
    let key = |text: &str| -> Vec<(bool, u64, String)> {
        let parts = text.split(['.', '-']);
        parts
            .map(|part| match part.parse() {
                Ok(number) => (false, number, String::new()),
                Err(_) => (true, 0, part.to_string()),
            })
            .collect()
    };
    key(a).cmp(&key(b))
}

/// The numbers of a version; none when it does not begin with one.
fn core(version: &str) -> Vec<u64> {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    core.split('.').map_while(|part| part.parse().ok()).collect()
}

fn is_preview(version: &str) -> bool {
    version.contains('-')
}

/// Whether a text can be part of a path and of an address as it is.
pub fn is_plain(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    !text.is_empty() && text.len() <= 128 && !text.starts_with('.') && text.chars().all(plain) && !text.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(requirement: &str, versions: &str, expect: Option<&str>) {
        let requirement = Requirement::parse(requirement).unwrap();
        assert_eq!(requirement.choose(versions.split(' ')), expect, "{requirement:?} of {versions}");
    }

    #[test]
    fn the_newest_that_will_do() {
        let zib = "2.0.6 2.2.18 2.0.13 1.3.19 2.10.0-rc.1 3.0.0";
        check("2.0.6", zib, Some("2.0.6"));
        check("2.0.7", zib, None);
        check("2.0.x", zib, Some("2.0.13"));
        check("2.x", zib, Some("2.2.18"));
        check("2.0", zib, Some("2.0.13"));
        check("2.0.*", zib, Some("2.0.13"));
        check("*", zib, Some("3.0.0"));
        check("latest", zib, Some("3.0.0"));
        check("^2.0", zib, Some("2.2.18"));
        check("^2.1.0", zib, Some("2.2.18"));
        check("^2.3.0", zib, Some("2.10.0-rc.1"));
        check("~2.0.7", zib, Some("2.0.13"));
        check("~2.0.14", zib, None);
        check("^0.3.1", "0.3.0 0.3.2 0.4.0", Some("0.3.2"));
        check("1.0.x", "current dev", None);
        check("current", "1.0.0 current", Some("current"));
        check("0.11.x", "0.11.0-beta.1 0.11.0-beta.10 0.11.0-beta.9", Some("0.11.0-beta.10"));
        check("latest", "current", None);
    }

    #[test]
    fn what_is_no_version_or_name_is_refused() {
        for text in ["", "^", "^a", "1.0 || 2.0", ">=1.0.0", "npm:other@1", "../1", "1/2", "a.x"] {
            assert!(Want::new("a.b", text).is_err(), "{text}");
        }
        for text in ["@scope/name@1.0.0", "a/b@1.0.0", "../b@1.0.0", "a..b@1.0.0", "name", ".a@1", "a%2fb@1.0.0"] {
            assert!(Want::parse(text).is_err(), "{text}");
        }
        assert_eq!(Want::parse("a.b#1.0.x").unwrap().to_string(), "a.b@1.0.x");
    }

    #[test]
    fn previews_come_before_what_they_precede() {
        let mut versions = ["1.0.0", "1.0.0-rc.2", "1.0.0-beta.3", "1.0.0-rc.10", "0.9.9", "1.0.0-alpha.6"];
        versions.sort_by(|a, b| order(a, b));
        assert_eq!(versions, ["0.9.9", "1.0.0-alpha.6", "1.0.0-beta.3", "1.0.0-rc.2", "1.0.0-rc.10", "1.0.0"]);
    }
}
