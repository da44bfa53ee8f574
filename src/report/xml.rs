//! Writes XML: elements, attributes and text, escaped, without what XML 1.0 cannot hold.

use std::fmt::Write;

use crate::fhir::xml::escape;

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
            let _ = write!(self.out, " {key}=\"{}\"", escaped(value));
        }
        self.open.push((name, Content::None));
    }

    /// Text of the element that was begun last.
    pub fn text(&mut self, text: &str) {
        self.close_tag(Content::Text);
        self.out.push_str(&escaped(text));
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

/// Text for an attribute or an element: line ends and tabs of an element are kept as references too.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(text, true, &mut out);
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
