//! The words of JSON: strings, numbers and literals (RFC 8259, sections 3, 6 and 7). Knows no objects or lists.

use std::borrow::Cow;

use crate::fhir::syntax::ParseErrorKind;

/// What a step of reading gives; where it went wrong is where the scanner stands.
pub(super) type Step<T> = Result<T, ParseErrorKind>;

/// A place in a JSON text.
pub(super) struct Scanner<'a> {
    pub(super) text: &'a str,
    /// The bytes of `text`.
    pub(super) bytes: &'a [u8],
    /// The byte to read next.
    pub(super) at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn string(&mut self) -> Step<Cow<'a, str>> {
        let start = self.at + 1;
        let mut end = start;
        loop {
            match self.bytes.get(end) {
                Some(b'"') => {
                    self.at = end + 1;
                    return Ok(Cow::Borrowed(&self.text[start..end]));
                }
                Some(b'\\') => break,
                Some(0..=0x1f) => {
                    self.at = end;
                    return Err(ParseErrorKind::ControlCharacter);
                }
                Some(_) => end += 1,
                None => {
                    self.at = end;
                    return Err(ParseErrorKind::UnexpectedEnd);
                }
            }
        }
        let mut text = String::with_capacity(end - start + 32);
        text.push_str(&self.text[start..end]);
        self.at = end;
        loop {
            let run = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            text.push_str(&self.text[run..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(text));
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => return Err(ParseErrorKind::ControlCharacter),
                None => return Err(ParseErrorKind::UnexpectedEnd),
            }
        }
    }

    fn escape(&mut self) -> Step<char> {
        let letter = *self.bytes.get(self.at + 1).ok_or(ParseErrorKind::UnexpectedEnd)?;
        let plain = match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex(self.at + 2)?;
                if !(0xd800..0xdc00).contains(&first) {
                    let letter = char::from_u32(first).ok_or(ParseErrorKind::BadEscape)?;
                    self.at += 6;
                    return Ok(letter);
                }
                if self.bytes.get(self.at + 6..self.at + 8) != Some(b"\\u") {
                    return Err(ParseErrorKind::BadEscape);
                }
                let second = self.hex(self.at + 8)?;
                if !(0xdc00..0xe000).contains(&second) {
                    return Err(ParseErrorKind::BadEscape);
                }
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                let letter = char::from_u32(code).ok_or(ParseErrorKind::BadEscape)?;
                self.at += 12;
                return Ok(letter);
            }
            _ => return Err(ParseErrorKind::BadEscape),
        };
        self.at += 2;
        Ok(plain)
    }

    fn hex(&self, at: usize) -> Step<u32> {
        let digits = self.bytes.get(at..at + 4).ok_or(ParseErrorKind::UnexpectedEnd)?;
        digits.iter().try_fold(0, |sum, digit| {
            let value = char::from(*digit).to_digit(16).ok_or(ParseErrorKind::BadEscape)?;
            Ok(sum << 4 | value)
        })
    }

    pub(super) fn number(&mut self) -> Step<&'a str> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits()?,
            _ => return Err(ParseErrorKind::BadNumber),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'0'..=b'9' | b'.' | b'a'..=b'z' | b'A'..=b'Z')) {
            return Err(ParseErrorKind::BadNumber);
        }
        Ok(&self.text[start..self.at])
    }

    fn digits(&mut self) -> Step<()> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(ParseErrorKind::BadNumber);
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    pub(super) fn literal(&mut self, word: &'static str) -> Step<()> {
        let rest = &self.bytes[self.at..];
        if !rest.starts_with(word.as_bytes()) {
            return Err(ParseErrorKind::Expected("a value"));
        }
        self.at += word.len();
        Ok(())
    }

    pub(super) fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}
