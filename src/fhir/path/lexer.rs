//! Text to tokens.

use crate::fhir::path::error::PathError;
use crate::fhir::path::temporal::Temporal;

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// A name or keyword.
    Word(String),
    /// A name between backticks (or, as in older expressions, double quotes): never a keyword.
    Quoted(String),
    Text(String),
    Number(String),
    Temporal(Temporal),
    /// `$this`, `$index`, `$total`, without the sign.
    Dollar(String),
    /// `%name`, without the sign.
    Variable(String),
    /// An operator or punctuation.
    Symbol(&'static str),
    End,
}

impl Token {
    /// For messages.
    pub fn describe(&self) -> String {
        match self {
            Token::Word(text) | Token::Quoted(text) | Token::Number(text) => format!("`{text}`"),
            Token::Text(text) => format!("`'{text}'`"),
            Token::Temporal(value) => format!("`@{value}`"),
            Token::Dollar(text) => format!("`${text}`"),
            Token::Variable(text) => format!("`%{text}`"),
            Token::Symbol(text) => format!("`{text}`"),
            Token::End => "the end".to_owned(),
        }
    }
}

/// Longer ones first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 23] = [
    "<=", ">=", "!=", "!~", "(", ")", "[", "]", "{", "}", ".", ",", "=", "~", "<", ">", "|", "+", "-", "*", "/", "&",
    ";",
];

/// The tokens of an expression with the offset of each; the last is [`Token::End`].
pub(crate) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, PathError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut found = Vec::new();
    loop {
        lexer.skip_blanks()?;
        let start = lexer.at;
        let token = lexer.token()?;
        let end = token == Token::End;
        found.push((start, token));
        if end {
            return Ok(found);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn wrong(&self, expected: &str) -> PathError {
        let seen = self.rest().chars().next().map_or("the end".to_owned(), |c| format!("`{c}`"));
        PathError::Syntax { offset: self.at, expected: expected.to_owned(), seen }
    }

    fn skip_blanks(&mut self) -> Result<(), PathError> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                let Some(end) = trimmed.find("*/") else {
                    self.at = self.text.len();
                    return Err(self.wrong("`*/`"));
                };
                self.at += end + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Token, PathError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(Token::End) };
        match first {
            'A'..='Z' | 'a'..='z' | '_' => Ok(Token::Word(self.word().to_owned())),
            '0'..='9' => Ok(Token::Number(self.number())),
            '\'' => self.delimited('\'').map(Token::Text),
            '`' | '"' => self.delimited(first).map(Token::Quoted),
            '@' => self.temporal(),
            '$' => {
                self.at += 1;
                Ok(Token::Dollar(self.word().to_owned()))
            }
            '%' => {
                self.at += 1;
                match self.rest().chars().next() {
                    Some(quote @ ('`' | '\'' | '"')) => self.delimited(quote).map(Token::Variable),
                    Some(c) if c.is_ascii_alphabetic() || c == '_' => Ok(Token::Variable(self.variable().to_owned())),
                    _ => Err(self.wrong("the name of a variable")),
                }
            }
            _ => match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
                Some(symbol) => {
                    self.at += symbol.len();
                    Ok(Token::Symbol(symbol))
                }
                None => Err(self.wrong("an expression")),
            },
        }
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn word(&mut self) -> &'t str {
        self.take_while(|c| c.is_ascii_alphanumeric() || c == '_')
    }

    /// Names such as `%vs-name` occur without quotes in older expressions; a hyphen before a letter belongs to it.
    fn variable(&mut self) -> &'t str {
        let start = self.at;
        self.word();
        let name = &self.text[start..self.at];
        if name == "vs" || name == "ext" {
            self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        }
        &self.text[start..self.at]
    }

    fn number(&mut self) -> String {
        let start = self.at;
        self.take_while(|c| c.is_ascii_digit());
        let mut after = self.rest().chars();
        if after.next() == Some('.') && after.next().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        self.text[start..self.at].to_owned()
    }

    fn delimited(&mut self, quote: char) -> Result<String, PathError> {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((offset, c)) = chars.next() {
            if c == quote {
                self.at = start + offset + 1;
                return Ok(text);
            }
            if c != '\\' {
                text.push(c);
                continue;
            }
            let Some((_, escaped)) = chars.next() else { break };
            match escaped {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                'f' => text.push('\u{c}'),
                'u' => {
                    let digits: String = chars.by_ref().take(4).map(|(_, digit)| digit).collect();
                    let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4);
                    let Some(code) = code else {
                        self.at = start + offset;
                        return Err(self.wrong("four hexadecimal digits after `\\u`"));
                    };
                    text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                '\\' | '/' | '\'' | '"' | '`' => text.push(escaped),
                // Patterns in published invariants write `\.` and `\d` where `\\.` is meant.
                other => {
                    text.push('\\');
                    text.push(other);
                }
            }
        }
        self.at = self.text.len();
        Err(self.wrong(&format!("a closing `{quote}`")))
    }

    fn temporal(&mut self) -> Result<Token, PathError> {
        let start = self.at;
        self.at += 1;
        let bytes = self.text.as_bytes();
        let mut end = self.at;
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        let pair = |at: usize| digit(at) && digit(at + 1);
        let is = |at: usize, c: u8| bytes.get(at) == Some(&c);
        if pair(end) && pair(end + 2) {
            end += 4;
            for _ in 0..2 {
                if is(end, b'-') && pair(end + 1) {
                    end += 3;
                }
            }
        }
        if is(end, b'T') {
            end += 1;
            if pair(end) {
                end += 2;
                for _ in 0..2 {
                    if is(end, b':') && pair(end + 1) {
                        end += 3;
                    }
                }
                if is(end, b'.') && digit(end + 1) {
                    end += 1;
                    while digit(end) {
                        end += 1;
                    }
                }
                if is(end, b'Z') {
                    end += 1;
                } else if (is(end, b'+') || is(end, b'-')) && pair(end + 1) && is(end + 3, b':') && pair(end + 4) {
                    end += 6;
                }
            }
        }
        let literal = &self.text[self.at..end];
        let value = match literal.strip_prefix('T') {
            Some(time) => Temporal::parse_time(time),
            None if literal.contains('T') => Temporal::parse_date_time(literal),
            None => Temporal::parse_date(literal),
        };
        match value {
            Some(value) => {
                self.at = end;
                Ok(Token::Temporal(value))
            }
            None => {
                self.at = start;
                Err(self.wrong("a date, date-time or time"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let seen: Vec<String> = tokens(text).unwrap().iter().map(|(_, token)| token.describe()).collect();
        assert_eq!(seen, expect);
    }

    #[test]
    fn a_point_after_a_number_is_a_call_unless_a_digit_follows() {
        check("1.is(x)", &["`1`", "`.`", "`is`", "`(`", "`x`", "`)`", "the end"]);
        check("1.50.x", &["`1.50`", "`.`", "`x`", "the end"]);
        check("@2015.is", &["`@2015`", "`.`", "`is`", "the end"]);
    }

    #[test]
    fn comments_are_blanks() {
        check("1 // one\n + /* two */ 2", &["`1`", "`+`", "`2`", "the end"]);
        assert!(tokens("1 /* open").is_err());
    }

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(tokens(r"'a\u0041\n\'\d'").unwrap()[0].1, Token::Text("aA\n'\\d".to_owned()));
        assert!(tokens("'open").is_err());
        assert!(tokens("'\\u12'").is_err());
    }

    #[test]
    fn a_time_has_no_zone() {
        assert!(tokens("@T14:34:28Z").is_err());
        assert!(tokens("@T14:34:28").is_ok());
    }
}
