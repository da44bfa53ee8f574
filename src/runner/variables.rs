//! `${name}` in steps: looked up, never computed, but for the dates that the official scripts write.

use std::fmt;

use jiff::Timestamp;

use crate::fhir::relative_date;

/// A variable that nothing has filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown(pub String);

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`${{{}}}` has no value", self.0)
    }
}

/// The text with its variables filled in by `look_up`. `${DATE, T, D, -365}` is the day so many days (D), months (M) or
/// years (Y) from now, in UTC.
///
/// # Errors
/// The first name that has no value.
pub fn fill(text: &str, now: Timestamp, look_up: &dyn Fn(&str) -> Option<String>) -> Result<String, Unknown> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let Some(end) = from.find('}') else {
            out.push_str(from);
            return Ok(out);
        };
        let name = &from[2..end];
        let day = relative_date::reckon(name, relative_date::today(now)).map(|day| day.to_string());
        let value = day.or_else(|| look_up(name.trim()));
        out.push_str(&value.ok_or_else(|| Unknown(name.to_owned()))?);
        rest = &from[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, &str>) {
        let now = "2026-01-15T12:00:00Z".parse().unwrap();
        let look_up = |name: &str| (name == "code").then(|| "abc".to_owned());
        let filled = fill(text, now, &look_up);
        assert_eq!(filled, expect.map(str::to_owned).map_err(|name| Unknown(name.to_owned())));
    }

    #[test]
    fn names_are_looked_up_and_dates_reckoned() {
        check("x=${code}&y=${ code }", Ok("x=abc&y=abc"));
        check("${DATE, T, D,-365}|${DATE, T, D, -15}|${DATE, T, M, +1}", Ok("2025-01-15|2025-12-31|2026-02-15"));
        check("${nothing}", Err("nothing"));
        check("no end ${code", Ok("no end ${code"));
    }
}
