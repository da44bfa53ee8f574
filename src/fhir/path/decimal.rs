//! Exact decimals: a mantissa and a count of decimals, so that `1.10` keeps its precision and `0.1 + 0.2` is `0.3`.

use std::cmp::Ordering;
use std::fmt;

/// The most decimals kept; division stops here.
const MOST_SCALE: u8 = 18;

/// A decimal number with the precision it was written with.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    mantissa: i128,
    scale: u8,
}

/// Ten to the power `exponent`; `None` when it does not fit.
fn ten(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

impl Decimal {
    /// `mantissa` × 10^-`scale`.
    pub fn new(mantissa: i128, scale: u8) -> Decimal {
        Decimal { mantissa, scale }
    }

    /// Reads `-12.50` or `1.2e-3`; `None` when it is no decimal or does not fit.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (digits, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match digits.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, digits.strip_prefix('+').unwrap_or(digits)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() || (digits.contains('.') && fraction.is_empty()) || fraction.len() > 30 {
            return None;
        }
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            if !digit.is_ascii_digit() {
                return None;
            }
            mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
        }
        if negative {
            mantissa = -mantissa;
        }
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        if scale < 0 {
            let factor = ten(u32::try_from(-scale).ok()?)?;
            return Some(Decimal::new(mantissa.checked_mul(factor)?, 0));
        }
        u8::try_from(scale).ok().filter(|scale| *scale <= 36).map(|scale| Decimal::new(mantissa, scale))
    }

    /// The nearest decimal with at most 15 significant digits; `None` when it is not finite or too large.
    pub fn from_float(number: f64) -> Option<Decimal> {
        if !number.is_finite() {
            return None;
        }
        Decimal::parse(&format!("{number:.14e}")).map(Decimal::stripped)
    }

    /// The nearest floating-point number, for functions whose results no decimal holds (roots, logarithms).
    pub fn to_float(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The digits as one integer.
    pub fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// How many decimals.
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// Without trailing zeros after the point.
    pub fn stripped(mut self) -> Decimal {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }

    /// The same number with exactly `scale` decimals; `None` when it does not fit. Digits that fall off are rounded by `mode`.
    pub fn rescale(self, scale: u8, mode: Rounding) -> Option<Decimal> {
        if scale >= self.scale {
            let mantissa = self.mantissa.checked_mul(ten(u32::from(scale - self.scale))?)?;
            return Some(Decimal::new(mantissa, scale));
        }
        let Some(divisor) = ten(u32::from(self.scale - scale)) else { return Some(Decimal::new(0, scale)) };
        let (quotient, rest) = (self.mantissa / divisor, self.mantissa % divisor);
        let away = match mode {
            Rounding::Truncate => false,
            Rounding::HalfUp => rest.unsigned_abs() * 2 >= divisor.unsigned_abs(),
            Rounding::Floor => rest < 0,
            Rounding::Ceiling => rest > 0,
        };
        let step = if self.mantissa < 0 { -1 } else { 1 };
        Some(Decimal::new(if away { quotient + step } else { quotient }, scale))
    }

    /// The whole number when there are no digits other than zero behind the point.
    pub fn to_integer(self) -> Option<i64> {
        let stripped = self.stripped();
        if stripped.scale > 0 { None } else { i64::try_from(stripped.mantissa).ok() }
    }

    /// Both with the same count of decimals.
    fn aligned(self, other: Decimal) -> Option<(i128, i128, u8)> {
        let scale = self.scale.max(other.scale);
        let left = self.rescale(scale, Rounding::Truncate)?;
        let right = other.rescale(scale, Rounding::Truncate)?;
        Some((left.mantissa, right.mantissa, scale))
    }

    /// Sum; `None` on overflow.
    pub fn plus(self, other: Decimal) -> Option<Decimal> {
        let (left, right, scale) = self.aligned(other)?;
        Some(Decimal::new(left.checked_add(right)?, scale))
    }

    /// Difference; `None` on overflow.
    pub fn minus(self, other: Decimal) -> Option<Decimal> {
        self.plus(other.negate())
    }

    /// Product; `None` on overflow.
    pub fn multiply(self, other: Decimal) -> Option<Decimal> {
        let mantissa = self.mantissa.checked_mul(other.mantissa)?;
        let product = Decimal::new(mantissa, self.scale.checked_add(other.scale)?);
        if product.scale > MOST_SCALE { product.rescale(MOST_SCALE, Rounding::HalfUp) } else { Some(product) }
    }

    /// Quotient, exact or to 18 decimals; `None` when divided by zero or on overflow.
    pub fn divide(self, other: Decimal) -> Option<Decimal> {
        if other.mantissa == 0 {
            return None;
        }
        let mut scale = MOST_SCALE;
        loop {
            // a×10^-s ÷ b×10^-t = (a×10^(k+t-s) ÷ b)×10^-k
            let shift = i32::from(scale) + i32::from(other.scale) - i32::from(self.scale);
            let scaled = if shift >= 0 {
                ten(shift.unsigned_abs()).and_then(|factor| self.mantissa.checked_mul(factor))
            } else {
                ten(shift.unsigned_abs()).map(|factor| self.mantissa / factor)
            };
            match scaled {
                Some(scaled) => return Some(Decimal::new(scaled / other.mantissa, scale).stripped()),
                None if scale > 0 => scale -= 1,
                None => return None,
            }
        }
    }

    /// Whole part of the quotient; `None` when divided by zero or when it does not fit.
    pub fn whole_quotient(self, other: Decimal) -> Option<i64> {
        let (left, right, _) = self.aligned(other)?;
        i64::try_from(left.checked_div(right)?).ok()
    }

    /// Remainder with the sign of the dividend; `None` when divided by zero.
    pub fn remainder(self, other: Decimal) -> Option<Decimal> {
        let (left, right, scale) = self.aligned(other)?;
        Some(Decimal::new(left.checked_rem(right)?, scale))
    }

    /// With the other sign.
    pub fn negate(self) -> Decimal {
        Decimal::new(self.mantissa.wrapping_neg(), self.scale)
    }

    /// Without its sign.
    pub fn absolute(self) -> Decimal {
        Decimal::new(self.mantissa.wrapping_abs(), self.scale)
    }

    /// Equal after rounding both to the decimals of the less precise one (FHIRPath's equivalence).
    pub fn is_equivalent(self, other: Decimal) -> bool {
        let scale = self.stripped().scale.min(other.stripped().scale);
        match (self.rescale(scale, Rounding::HalfUp), other.rescale(scale, Rounding::HalfUp)) {
            (Some(left), Some(right)) => left.mantissa == right.mantissa,
            _ => false,
        }
    }
}

/// What to do with digits that fall off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Towards zero.
    Truncate,
    /// To the nearest; a half goes away from zero.
    HalfUp,
    /// Towards minus infinity.
    Floor,
    /// Towards plus infinity.
    Ceiling,
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Decimal) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        match self.aligned(*other) {
            Some((left, right, _)) => left.cmp(&right),
            // Too far apart to write with the same decimals: the stripped forms differ in size by far.
            None => self.to_float().total_cmp(&other.to_float()),
        }
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Decimal {
        Decimal::new(i128::from(number), 0)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let scale = usize::from(self.scale);
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn arithmetic_is_exact() {
        assert_eq!(decimal("0.1").plus(decimal("0.2")).unwrap().to_string(), "0.3");
        assert_eq!(decimal("1.2").multiply(decimal("1.8")).unwrap().to_string(), "2.16");
        assert_eq!(decimal("1").divide(decimal("3")).unwrap().to_string(), "0.333333333333333333");
        assert_eq!(decimal("1").divide(decimal("0")), None);
        assert_eq!(decimal("2.2").remainder(decimal("1.8")).unwrap(), decimal("0.4"));
    }

    #[test]
    fn precision_is_kept_and_ignored_by_equality() {
        assert_eq!(decimal("1.10").to_string(), "1.10");
        assert_eq!(decimal("1.10"), decimal("1.1"));
        assert_eq!(decimal("-0.05").to_string(), "-0.05");
        assert!(decimal("0.6666667").is_equivalent(decimal("0.67")));
    }

    #[test]
    fn exponents_are_read() {
        assert_eq!(decimal("1.2e-3"), decimal("0.0012"));
        assert_eq!(decimal("12E2"), decimal("1200"));
        for wrong in ["", ".", "1.", ".5", "1a", "--1", "1e", "e5"] {
            assert!(Decimal::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn rounding_has_a_direction() {
        let round = |text: &str, mode| decimal(text).rescale(1, mode).unwrap().to_string();
        assert_eq!(round("1.25", Rounding::HalfUp), "1.3");
        assert_eq!(round("-1.25", Rounding::Truncate), "-1.2");
        assert_eq!(round("-1.21", Rounding::Floor), "-1.3");
        assert_eq!(round("-1.29", Rounding::Ceiling), "-1.2");
    }
}
