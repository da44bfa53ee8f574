//! `report.html`: one file that needs nothing else, for screen and paper.
//!
//! The templates beside this file only place what `view` prepared. Everything is escaped when it is placed; the page
//! forbids itself every fetch and every script but its own.

mod evidence;
mod findings;
mod view;

use std::io;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest;
use sha2::Sha256;
use tera::Context;
use tera::Kwargs;
use tera::State;
use tera::Tera;

use crate::exchange::Run;
use crate::report::model::RunReport;
use crate::report::write::ReportError;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
const TEMPLATES: [(&str, &str); 8] = [
    ("components.html", include_str!("components.html")),
    ("head.html", include_str!("head.html")),
    ("verdicts.html", include_str!("verdicts.html")),
    ("findings.html", include_str!("findings.html")),
    ("coverage.html", include_str!("coverage.html")),
    ("manual.html", include_str!("manual.html")),
    ("evidence.html", include_str!("evidence.html")),
    ("report.html", include_str!("report.html")),
];

/// The report as one HTML file. Headers and bodies come from the run, which holds no secrets.
pub fn render(report: &RunReport, run: &Run) -> Result<String, ReportError> {
    let view = view::View::new(report, run);
    let mut context = Context::from_serialize(&view).map_err(ReportError::Template)?;
    context.insert("style", STYLE);
    context.insert("script", SCRIPT);
    context.insert("script_hash", &STANDARD.encode(Sha256::digest(SCRIPT.as_bytes())));
    templates()?.render("report.html", &context).map_err(ReportError::Template)
}

fn templates() -> Result<&'static Tera, ReportError> {
    static TERA: OnceLock<Tera> = OnceLock::new();
    if let Some(tera) = TERA.get() {
        return Ok(tera);
    }
    let mut tera = Tera::new();
    tera.set_escape_fn(escape);
    tera.register_filter("raw_text", RawText);
    tera.register_filter("ticks", Ticks);
    tera.add_raw_templates(TEMPLATES).map_err(ReportError::Template)?;
    Ok(TERA.get_or_init(|| tera))
}

/// Escapes for any place in the page: element text and quoted attributes. Characters that steer a terminal or turn the
/// writing direction are shown as U+FFFD, so that what the candidate sent cannot dress up as something else.
pub(super) fn escape(text: &str, out: &mut dyn io::Write) -> io::Result<()> {
    write_escaped(text, true, out)
}

fn write_escaped(text: &str, quotes: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let mut rest = 0;
    for (at, c) in text.char_indices() {
        let entity = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' if quotes => "&#34;",
            '\'' if quotes => "&#39;",
            '\n' | '\t' => continue,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "\u{fffd}",
            c if c.is_control() => "\u{fffd}",
            _ => continue,
        };
        out.write_all(&text.as_bytes()[rest..at])?;
        out.write_all(entity.as_bytes())?;
        rest = at + c.len_utf8();
    }
    out.write_all(&text.as_bytes()[rest..])
}

/// Filter for long texts between tags: quotes need no escape there, and bodies are full of them.
struct RawText;

impl tera::Filter<&str, String> for RawText {
    fn call(&self, text: &str, _: Kwargs, _: &State) -> String {
        let mut out = Vec::with_capacity(text.len() + text.len() / 8);
        // Writing to a Vec cannot fail.
        let _ = write_escaped(text, false, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    fn is_safe(&self) -> bool {
        true
    }
}

/// Filter for texts in which values stand between backticks: those become code. Everything is escaped first, so a value
/// with a backtick of its own can only move where the code ends.
pub(super) struct Ticks;

impl tera::Filter<&str, String> for Ticks {
    fn call(&self, text: &str, _: Kwargs, _: &State) -> String {
        let mut out = Vec::with_capacity(text.len() + 32);
        let last = text.matches('`').count();
        for (index, part) in text.split('`').enumerate() {
            let is_code = index % 2 == 1 && index < last;
            let tick = if index % 2 == 1 && !is_code { "`" } else { "" };
            let (open, close) = if is_code { ("<code>", "</code>") } else { (tick, "") };
            out.extend_from_slice(open.as_bytes());
            // Writing to a Vec cannot fail.
            let _ = write_escaped(part, true, &mut out);
            out.extend_from_slice(close.as_bytes());
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    fn is_safe(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        escape(text, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn nothing_breaks_out_of_its_place() {
        assert_eq!(escaped("<a b=\"c\" d='e'>&amp;"), "&lt;a b=&#34;c&#34; d=&#39;e&#39;&gt;&amp;amp;");
        assert_eq!(escaped("é\u{1b}[31m\u{202e}x\r\n"), "é\u{fffd}[31m\u{fffd}x\u{fffd}\n");
    }

    #[test]
    fn values_between_backticks_become_code_and_stay_escaped() {
        let rendered = |text: &str| {
            let tera = templates().unwrap().clone();
            let mut context = Context::new();
            context.insert("text", text);
            tera.render_str("{{ text | ticks }}", &context, true).unwrap()
        };
        assert_eq!(rendered("`<b>` is no `c`"), "<code>&lt;b&gt;</code> is no <code>c</code>");
        assert_eq!(rendered("one ` alone"), "one ` alone");
        assert_eq!(rendered("`a` and ` <i>"), "<code>a</code> and ` &lt;i&gt;");
    }

    #[test]
    fn the_templates_parse() {
        assert!(templates().is_ok());
    }
}
