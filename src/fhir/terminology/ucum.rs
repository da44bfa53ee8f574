//! Whether a text is a unit of UCUM: its grammar, and the names of the units.
//!
//! Units in square brackets are not looked up: later versions of UCUM add such units and never take one away. What a
//! unit measures is FHIRPath's affair. Source: The Unified Code for Units of Measure, sections 2 to 4 (the terminal
//! symbols, the grammar of unit terms, and the tables of units). Entry point: [`is_unit`].

/// Whether a code is a unit: written by the grammar, of units that exist.
pub fn is_unit(code: &str) -> bool {
    let mut reader = Reader { text: code, nesting: 0 };
    reader.text = reader.text.strip_prefix('/').unwrap_or(reader.text);
    reader.term() && reader.text.is_empty()
}

/// Deepest nesting of parentheses that is read.
const DEPTH: usize = 32;

struct Reader<'t> {
    /// What is still to be read.
    text: &'t str,
    nesting: usize,
}

impl Reader<'_> {
    fn term(&mut self) -> bool {
        loop {
            if !self.component() {
                return false;
            }
            match self.text.strip_prefix(['.', '/']) {
                Some(rest) => self.text = rest,
                None => return true,
            }
        }
    }

    fn component(&mut self) -> bool {
        if let Some(rest) = self.text.strip_prefix('(') {
            self.text = rest;
            self.nesting += 1;
            let closed = self.nesting <= DEPTH && self.term() && self.text.starts_with(')');
            self.text = self.text.strip_prefix(')').unwrap_or(self.text);
            self.nesting -= 1;
            return closed;
        }
        let power = ["10*", "10^"].iter().find_map(|ten| self.text.strip_prefix(ten));
        let factor = self.take(|letter| letter.is_ascii_digit());
        match (power, factor) {
            (Some(rest), _) => {
                self.text = rest;
                self.exponent() && self.annotation().unwrap_or(true)
            }
            (None, "") => {
                let symbol = self.symbol();
                match symbol {
                    "" => self.annotation().unwrap_or(false),
                    symbol => exists(symbol) && self.exponent() && self.annotation().unwrap_or(true),
                }
            }
            (None, _) => self.annotation().unwrap_or(true),
        }
    }

    /// Whether the annotation here is closed; `None`: there is none.
    fn annotation(&mut self) -> Option<bool> {
        let inside = self.text.strip_prefix('{')?;
        let Some((_, rest)) = inside.split_once('}') else { return Some(false) };
        self.text = rest;
        Some(true)
    }

    fn symbol(&mut self) -> &str {
        let mut bracketed = false;
        self.take(move |letter| {
            match letter {
                '[' => bracketed = true,
                ']' => bracketed = false,
                _ if bracketed => {}
                _ => return letter.is_ascii_graphic() && !letter.is_ascii_digit() && !"\"().+-/={}".contains(letter),
            }
            true
        })
    }

    /// A sign must have digits.
    fn exponent(&mut self) -> bool {
        let signed = self.text.starts_with(['-', '+']);
        self.text = self.text.strip_prefix(['-', '+']).unwrap_or(self.text);
        !self.take(|letter| letter.is_ascii_digit()).is_empty() || !signed
    }

    fn take(&mut self, mut wanted: impl FnMut(char) -> bool) -> &str {
        let end = self.text.find(|letter| !wanted(letter)).unwrap_or(self.text.len());
        let (taken, rest) = self.text.split_at(end);
        self.text = rest;
        taken
    }
}

/// Whether there is a unit with this name, with or without a prefix.
fn exists(symbol: &str) -> bool {
    let named = |list: &str, name: &str| name.contains('[') || list.split_ascii_whitespace().any(|one| one == name);
    named(METRIC, symbol)
        || named(PLAIN, symbol)
        || PREFIXES.iter().any(|prefix| symbol.strip_prefix(prefix).is_some_and(|rest| named(METRIC, rest)))
}

const PREFIXES: &[&str] = &[
    "Q", "R", "Y", "Z", "E", "P", "T", "G", "M", "k", "h", "da", "d", "c", "m", "u", "n", "p", "f", "a", "z", "y", "r",
    "q", "Ki", "Mi", "Gi", "Ti",
];

/// Units that may have a prefix, but for those with square brackets.
const METRIC: &str = "
    A B Bd Bi Bq By C Cel Ci F G Gal Gb Gy H Hz J K Ky L Lmb Mx N Np Oe Ohm P Pa R RAD REM S St Sv T U V W Wb ar
    bar bit cal cal_IT cal_m cal_th cd dyn eV eq erg g g% gf kat l lm lx m mho mol osm pc ph rad s sb sr st t
    tex u
";

/// Units without a prefix, but for those with square brackets.
const PLAIN: &str = "
    % ' '' AU Ao a a_g a_j a_t atm att b bit_s circ d deg gon h min mo mo_g mo_j mo_s sph wk
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_known_by_grammar_and_name() {
        for code in [
            "mm[Hg]",
            "kg/m2",
            "10*9/L",
            "10^-3",
            "/min",
            "{score}",
            "1",
            "%",
            "mmol/mol{creat}",
            "Cel",
            "[pH]",
            "(g.m)/s2",
            "ug/(kg.min)",
            "wk",
            "24.h",
            "[IU]/mL",
            "U/L",
            "s-1",
            "m[H2O]",
            "[degF]",
            "mg/dL",
            "[new'unit]",
            "dB",
            "bit_s",
        ] {
            assert!(is_unit(code), "{code}");
        }
        for code in [
            "unknown-code",
            "{SCORE}1",
            "CM1",
            "mg/dLx",
            "",
            "/",
            "mg/",
            "(m",
            "m)",
            "24h",
            "mm Hg",
            "mmHg",
            "stuks",
            "{a",
            "graden C",
            "s-",
            "xyz",
            "kwk",
        ] {
            assert!(!is_unit(code), "{code}");
        }
    }
}
