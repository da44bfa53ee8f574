//! Writes XML: elements, attributes and text, escaped, without what XML 1.0 cannot hold.

use std::fmt::Write;

/// A document being written. Elements are closed by [`Writer::end`] in the order in which they were begun.
#[derive(Debug)]
pub struct Writer {
    out: String,
    open: Vec<(&'static str, Content)>,
    /// How deep a part stands in the document.
    depth: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    None,
    Elements,
    Text,
}

impl Writer {
    /// A document with its declaration.
    pub fn new() -> Self {
        Self { out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), open: Vec::new(), depth: 0 }
    }

    /// A part of a document, that will stand so deep in it.
    pub fn part(depth: usize) -> Self {
        Self { out: String::new(), open: Vec::new(), depth }
    }

    /// A part that was written before, inside the element that was begun last.
    pub fn raw(&mut self, part: &str) {
        self.close_tag(Content::Elements);
        self.out.push_str(part);
    }

    /// Begins an element.
    pub fn begin(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.close_tag(Content::Elements);
        self.indent();
        self.out.push('<');
        self.out.push_str(name);
        for (key, value) in attributes {
            let _ = write!(self.out, " {key}=\"{}\"", escape(value));
        }
        self.open.push((name, Content::None));
    }

    /// Text of the element that was begun last.
    pub fn text(&mut self, text: &str) {
        self.close_tag(Content::Text);
        self.out.push_str(&escape(text));
    }

    /// Ends the element that was begun last.
    pub fn end(&mut self) {
        let Some((name, content)) = self.open.pop() else { return };
        match content {
            Content::None => self.out.push_str("/>\n"),
            Content::Text => {
                let _ = writeln!(self.out, "</{name}>");
            }
            Content::Elements => {
                self.indent();
                let _ = writeln!(self.out, "</{name}>");
            }
        }
    }

    /// The document, with what is still open ended.
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.out
    }

    fn close_tag(&mut self, now: Content) {
        if let Some((_, content)) = self.open.last_mut() {
            if *content == Content::None {
                self.out.push_str(if now == Content::Text { ">" } else { ">\n" });
            }
            *content = now;
        }
    }

    fn indent(&mut self) {
        self.out.extend(std::iter::repeat_n("  ", self.depth + self.open.len()));
    }
}

/// Text for an attribute or an element. What XML 1.0 cannot hold becomes U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_writes_reads_back() {
        let hostile = "a<b>&\"'\u{0}\u{1b}\n]]>";
        let mut writer = Writer::new();
        writer.begin("root", &[("name", hostile)]);
        writer.begin("empty", &[]);
        writer.end();
        writer.begin("text", &[]);
        writer.text(hostile);
        let text = writer.finish();
        let document = roxmltree::Document::parse(&text).unwrap();
        let kept = "a<b>&\"'\u{fffd}\u{fffd}\n]]>";
        assert_eq!(document.root_element().attribute("name"), Some(kept));
        assert_eq!(document.root_element().last_element_child().and_then(|node| node.text()), Some(kept));
        assert!(text.contains("\n  <empty/>\n"), "{text}");
    }
}
