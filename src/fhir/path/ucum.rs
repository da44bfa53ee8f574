//! Enough of UCUM to compare quantities: a unit as an exact factor and a product of base units.
//!
//! Units on a scale with another zero (`Cel`, `[degF]`, `[pH]`) are comparable with themselves only.

use crate::fhir::path::decimal::Decimal;

/// A unit in base units: `factor` × the atoms with their exponents, sorted by atom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    factor: Ratio,
    atoms: Vec<(&'static str, i32)>,
}

/// A fraction, always reduced and with a positive denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    fn new(numerator: i128, denominator: i128) -> Option<Ratio> {
        if denominator == 0 {
            return None;
        }
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()?.max(1) * denominator.signum();
        Some(Ratio { numerator: numerator / divisor, denominator: denominator / divisor })
    }

    fn multiply(self, other: Ratio) -> Option<Ratio> {
        // Reduced crosswise first, so that the products stay small.
        let left = Ratio::new(self.numerator, other.denominator)?;
        let right = Ratio::new(other.numerator, self.denominator)?;
        Ratio::new(left.numerator.checked_mul(right.numerator)?, left.denominator.checked_mul(right.denominator)?)
    }

    fn inverse(self) -> Option<Ratio> {
        Ratio::new(self.denominator, self.numerator)
    }

    fn power(self, exponent: i32) -> Option<Ratio> {
        let base = if exponent < 0 { self.inverse()? } else { self };
        let mut result = Ratio { numerator: 1, denominator: 1 };
        for _ in 0..exponent.unsigned_abs() {
            result = result.multiply(base)?;
        }
        Some(result)
    }

    fn of(number: Decimal) -> Option<Ratio> {
        Ratio::new(number.mantissa(), 10i128.checked_pow(u32::from(number.scale()))?)
    }

    /// As a decimal, to 18 decimals when it does not end.
    fn to_decimal(self) -> Option<Decimal> {
        Decimal::new(self.numerator, 0).divide(Decimal::new(self.denominator, 0))
    }
}

fn gcd(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

/// The decimals of `number` when its unit becomes `to`; `None` when the units cannot be compared.
pub(crate) fn convert(number: Decimal, from: &str, to: &str) -> Option<Decimal> {
    if from == to {
        return Some(number);
    }
    let (from, to) = (parse(from)?, parse(to)?);
    if from.atoms != to.atoms {
        return None;
    }
    let factor = from.factor.multiply(to.factor.inverse()?)?;
    if factor.denominator == 1 {
        return number.multiply(Decimal::new(factor.numerator, 0));
    }
    Ratio::of(number)?.multiply(factor)?.to_decimal()
}

/// Whether both units measure the same; `None` when one of them is unknown.
pub(crate) fn comparable(left: &str, right: &str) -> Option<bool> {
    if left == right {
        return Some(true);
    }
    Some(parse(left)?.atoms == parse(right)?.atoms)
}

/// A unit of UCUM; `None` when it is not in the table below.
pub(crate) fn parse(text: &str) -> Option<Unit> {
    let mut parser = Parser { text, at: 0, nesting: 0 };
    let unit = parser.product()?;
    (parser.at == text.len()).then_some(unit)
}

impl Unit {
    fn one() -> Unit {
        Unit { factor: Ratio { numerator: 1, denominator: 1 }, atoms: Vec::new() }
    }

    fn multiply(mut self, other: Unit) -> Option<Unit> {
        self.factor = self.factor.multiply(other.factor)?;
        for (atom, exponent) in other.atoms {
            match self.atoms.binary_search_by(|(known, _)| known.cmp(&atom)) {
                Ok(at) => self.atoms[at].1 += exponent,
                Err(at) => self.atoms.insert(at, (atom, exponent)),
            }
        }
        self.atoms.retain(|(_, exponent)| *exponent != 0);
        Some(self)
    }

    fn power(mut self, exponent: i32) -> Option<Unit> {
        self.factor = self.factor.power(exponent)?;
        for atom in &mut self.atoms {
            atom.1 = atom.1.checked_mul(exponent)?;
        }
        Some(self)
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    nesting: u8,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn product(&mut self) -> Option<Unit> {
        let mut unit = Unit::one();
        let mut divide = self.rest().starts_with('/');
        self.at += usize::from(divide);
        loop {
            let component = self.component()?;
            unit = unit.multiply(if divide { component.power(-1)? } else { component })?;
            match self.rest().chars().next() {
                Some('.') => divide = false,
                Some('/') => divide = true,
                _ => return Some(unit),
            }
            self.at += 1;
        }
    }

    fn component(&mut self) -> Option<Unit> {
        if self.rest().starts_with('(') {
            self.nesting += 1;
            if self.nesting > 20 {
                return None;
            }
            self.at += 1;
            let inner = self.product()?;
            if !self.rest().starts_with(')') {
                return None;
            }
            self.at += 1;
            self.nesting -= 1;
            return Some(inner);
        }
        let symbol = self.symbol();
        let unit = if symbol.is_empty() {
            match self.number() {
                Some(number) => Unit { factor: Ratio::new(number, 1)?, atoms: Vec::new() },
                // An annotation alone stands for one.
                None if self.rest().starts_with('{') => Unit::one(),
                None => return None,
            }
        } else {
            let exponent = self.exponent()?;
            atom(&symbol)?.power(exponent)?
        };
        if self.rest().starts_with('{') {
            self.at += self.rest().find('}')? + 1;
        }
        Some(unit)
    }

    fn symbol(&mut self) -> String {
        let mut bracketed = false;
        let mut length = 0;
        for c in self.rest().chars() {
            match c {
                '[' => bracketed = true,
                ']' => bracketed = false,
                _ if bracketed => {}
                'a'..='z' | 'A'..='Z' | '%' | '\'' | '"' | '_' => {}
                '*' if self.rest().starts_with("10*") => {}
                '0' | '1' if self.rest().starts_with("10*") && length < 2 => {}
                '^' if self.rest().starts_with("10^") => {}
                '0' | '1' if self.rest().starts_with("10^") && length < 2 => {}
                _ => break,
            }
            length += c.len_utf8();
        }
        let symbol = self.rest()[..length].to_owned();
        self.at += length;
        symbol
    }

    fn number(&mut self) -> Option<i128> {
        let length = self.rest().find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest().len());
        let number = self.rest()[..length].parse().ok();
        self.at += length;
        number
    }

    fn exponent(&mut self) -> Option<i32> {
        let rest = self.rest();
        let signed = usize::from(rest.starts_with(['-', '+']));
        let digits = rest[signed..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - signed);
        if digits == 0 {
            return (signed == 0).then_some(1);
        }
        let exponent: i32 = rest[..signed + digits].trim_start_matches('+').parse().ok()?;
        self.at += signed + digits;
        (exponent.abs() <= 30).then_some(exponent)
    }
}

fn atom(symbol: &str) -> Option<Unit> {
    if let Some(unit) = known(symbol) {
        return Some(unit);
    }
    let (prefix, exponent) =
        PREFIXES.iter().find(|(prefix, _)| symbol.strip_prefix(prefix).is_some_and(|rest| METRIC.contains(&rest)))?;
    let mut unit = known(&symbol[prefix.len()..])?;
    unit.factor = unit.factor.multiply(Ratio { numerator: 10, denominator: 1 }.power(*exponent)?)?;
    Some(unit)
}

fn known(symbol: &str) -> Option<Unit> {
    if let Some(base) = BASES.iter().find(|base| **base == symbol) {
        return Some(Unit { factor: Ratio { numerator: 1, denominator: 1 }, atoms: vec![(base, 1)] });
    }
    let (_, number, definition) = DERIVED.iter().find(|(name, _, _)| *name == symbol)?;
    let mut unit = parse(definition)?;
    unit.factor = unit.factor.multiply(Ratio::of(Decimal::parse(number)?)?)?;
    Some(unit)
}

/// Two-letter prefixes first.
const PREFIXES: [(&str, i32); 17] = [
    ("da", 1),
    ("Y", 24),
    ("Z", 21),
    ("E", 18),
    ("P", 15),
    ("T", 12),
    ("G", 9),
    ("M", 6),
    ("k", 3),
    ("h", 2),
    ("d", -1),
    ("c", -2),
    ("m", -3),
    ("u", -6),
    ("n", -9),
    ("p", -12),
    ("f", -15),
];

/// Units that take a prefix.
const METRIC: [&str; 30] = [
    "m", "g", "s", "L", "l", "mol", "K", "A", "cd", "Pa", "J", "N", "W", "V", "C", "Hz", "Ohm", "F", "S", "bar", "cal",
    "eq", "osm", "U", "kat", "m[Hg]", "m[H2O]", "[IU]", "[iU]", "Bq",
];

/// The base units, and the units that are comparable with themselves only.
const BASES: [&str; 17] = [
    "m", "g", "s", "rad", "K", "C", "cd", "Cel", "[degF]", "[IU]", "[pH]", "B", "[arb'U]", "[drp]", "[CFU]", "[PFU]",
    "[hp'_X]",
];

/// Name, number and unit that it is.
const DERIVED: [(&str, &str, &str); 62] = [
    ("1", "1", ""),
    ("10*", "10", "1"),
    ("10^", "10", "1"),
    ("%", "0.01", "1"),
    ("[ppth]", "0.001", "1"),
    ("[ppm]", "0.000001", "1"),
    ("mol", "602213670000000000000000", "1"),
    ("eq", "1", "mol"),
    ("osm", "1", "mol"),
    ("L", "1", "dm3"),
    ("l", "1", "dm3"),
    ("ar", "100", "m2"),
    ("min", "60", "s"),
    ("h", "60", "min"),
    ("d", "24", "h"),
    ("wk", "7", "d"),
    ("a", "365.25", "d"),
    ("a_j", "365.25", "d"),
    ("mo", "30.4375", "d"),
    ("mo_j", "30.4375", "d"),
    ("t", "1000", "kg"),
    ("Hz", "1", "s-1"),
    ("Bq", "1", "s-1"),
    ("N", "1", "kg.m/s2"),
    ("Pa", "1", "N/m2"),
    ("J", "1", "N.m"),
    ("W", "1", "J/s"),
    ("A", "1", "C/s"),
    ("V", "1", "J/C"),
    ("F", "1", "C/V"),
    ("Ohm", "1", "V/A"),
    ("S", "1", "Ohm-1"),
    ("bar", "100000", "Pa"),
    ("atm", "101325", "Pa"),
    ("m[Hg]", "133.322", "kPa"),
    ("m[H2O]", "9.80665", "kPa"),
    ("cal", "4.184", "J"),
    ("[Cal]", "4184", "J"),
    ("kat", "1", "mol/s"),
    ("U", "1", "umol/min"),
    ("[iU]", "1", "[IU]"),
    ("deg", "0.01745329251994329577", "rad"),
    ("[in_i]", "2.54", "cm"),
    ("[ft_i]", "12", "[in_i]"),
    ("[yd_i]", "3", "[ft_i]"),
    ("[mi_i]", "5280", "[ft_i]"),
    ("[in_us]", "0.0254000508001016", "m"),
    ("[lb_av]", "453.59237", "g"),
    ("[oz_av]", "28.349523125", "g"),
    ("[gr]", "64.79891", "mg"),
    ("[stone_av]", "14", "[lb_av]"),
    ("[gal_us]", "231", "[in_i]3"),
    ("[qt_us]", "0.25", "[gal_us]"),
    ("[pt_us]", "0.125", "[gal_us]"),
    ("[foz_us]", "0.0078125", "[gal_us]"),
    ("[tbs_us]", "0.5", "[foz_us]"),
    ("[tsp_us]", "0.16666666666666666667", "[foz_us]"),
    ("[cup_us]", "16", "[tbs_us]"),
    ("g%", "1", "g/dL"),
    ("[diop]", "1", "m-1"),
    ("kat_h", "1", "mol/h"),
    ("[knot_i]", "1852", "m/h"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(number: &str, from: &str, to: &str, expect: Option<&str>) {
        let seen = convert(Decimal::parse(number).unwrap(), from, to);
        assert_eq!(seen, expect.map(|text| Decimal::parse(text).unwrap()), "{number} {from} to {to}");
    }

    #[test]
    fn units_of_one_kind_convert_exactly() {
        check("4", "g", "mg", Some("4000"));
        check("1", "[in_i]", "cm", Some("2.54"));
        check("7", "d", "wk", Some("1"));
        check("4", "cm.m", "m2", Some("0.04"));
        check("1", "mol/L", "mmol/mL", Some("1"));
        check("120", "mm[Hg]", "kPa", Some("15.99864"));
        check("1", "/min", "min-1", Some("1"));
        check("5", "10*9/L", "10*6/mL", Some("5"));
        check("1", "{score}", "1", Some("1"));
    }

    #[test]
    fn units_of_different_kinds_do_not() {
        check("1", "cm", "s", None);
        check("37", "Cel", "K", None);
        check("1", "no such unit", "cm", None);
        assert_eq!(comparable("cm", "[in_i]"), Some(true));
        assert_eq!(comparable("cm", "s"), Some(false));
        assert_eq!(comparable("cm", "furlong"), None);
    }

    #[test]
    fn every_unit_of_the_table_is_understood() {
        for (name, _, _) in DERIVED {
            assert!(name == "1" || parse(name).is_some(), "{name}");
        }
    }
}
