//! Colour, width and harmless text for a terminal.

use colored::Color as Hue;
use colored::control::ShouldColorize;

use crate::event::Verdict;
use crate::report::console::Color;

/// Puts colour on text, or does not.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    is_on: bool,
}

impl Paint {
    /// Colour as asked, and as the environment allows.
    pub fn new(color: Color, is_terminal: bool) -> Self {
        let is_on = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if std::env::var_os("CLICOLOR_FORCE").is_some() => ShouldColorize::from_env().should_colorize(),
            Color::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        Self { is_on }
    }

    /// Text in the colour of a verdict.
    pub fn verdict(self, verdict: Verdict, text: &str) -> String {
        let hue = match verdict {
            Verdict::Fail => Hue::BrightRed,
            Verdict::Error => Hue::Magenta,
            Verdict::Warning => Hue::Yellow,
            Verdict::NotChecked => return self.dim(text),
            Verdict::Pass => Hue::Green,
            Verdict::Observed => Hue::Cyan,
        };
        self.codes(&format!("1;{}", hue.to_fg_str()), text)
    }

    /// Text in a colour.
    pub fn hue(self, hue: Hue, text: &str) -> String {
        self.codes(&hue.to_fg_str(), text)
    }

    /// Text that stands out.
    pub fn strong(self, text: &str) -> String {
        self.codes("1", text)
    }

    /// Text that stands back.
    pub fn dim(self, text: &str) -> String {
        self.codes("2", text)
    }

    fn codes(self, codes: &str, text: &str) -> String {
        if self.is_on { format!("\x1b[{codes}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Text without what steers a terminal or turns the writing direction: what the candidate sent must not.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' | '\r' => ' ',
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// Text of at most so many characters; what is cut off shows as `…`.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(width.saturating_sub(1)).collect();
    if width > 0 {
        out.push('…');
    }
    out
}

/// Lines of at most so many characters, broken at spaces where there are any.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        if length > 0 && length + 1 + word.len() > width {
            lines.push(std::mem::take(&mut line));
            length = 0;
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        // A word that is longer than a line, such as an address, is broken anywhere.
        while word.len() > width {
            let rest = word.split_off(width);
            lines.push(word.iter().collect());
            word = rest;
        }
        length += word.len();
        line.extend(word);
    }
    if length > 0 || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_cannot_steer_the_terminal() {
        assert_eq!(plain("a\x1b[2Jb\r\nc\u{202e}d\u{9b}"), "a\u{fffd}[2Jb  c\u{fffd}d\u{fffd}");
    }

    #[test]
    fn lines_are_no_longer_than_asked() {
        assert_eq!(wrap("een twee drie", 8), ["een twee", "drie"]);
        assert_eq!(wrap("abcdefghijkl mn", 8), ["abcdefgh", "ijkl mn"]);
        assert_eq!(wrap("", 8), [""]);
    }

    #[test]
    fn cutting_counts_characters() {
        assert_eq!(cut("ééé", 3), "ééé");
        assert_eq!(cut("éééé", 3), "éé…");
        assert_eq!(cut("éééé", 0), "");
    }

    #[test]
    fn no_colour_is_no_codes() {
        assert_eq!(Paint::new(Color::Never, true).verdict(Verdict::Fail, "x"), "x");
        assert_eq!(Paint::new(Color::Always, false).strong("x"), "\x1b[1mx\x1b[0m");
        assert_eq!(Paint::new(Color::Never, true).dim("x"), "x");
    }
}
