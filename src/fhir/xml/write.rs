//! [`Element`] to FHIR XML text.
//!
//! The definitions, when given, say the order of the elements, which XML demands and JSON does not.

use roxmltree::Document;

use crate::fhir::element::Element;
use crate::fhir::path::Model;
use crate::fhir::syntax::NAMESPACE;
use crate::fhir::xml::XHTML;
use crate::fhir::xml::escape;

/// Writes a resource as XML without white space.
pub fn write(root: &Element, model: Option<&dyn Model>) -> String {
    start(root, model, None)
}

/// Writes a resource as XML with two blanks for each level and a line feed at the end.
pub fn write_pretty(root: &Element, model: Option<&dyn Model>) -> String {
    let mut out = start(root, model, Some(0));
    out.push('\n');
    out
}

fn start(root: &Element, model: Option<&dyn Model>, indent: Option<usize>) -> String {
    let mut writer = Writer { out: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"), model, indent };
    writer.resource(root, true);
    writer.out
}

struct Writer<'a> {
    out: String,
    model: Option<&'a dyn Model>,
    /// Depth, when lines are broken.
    indent: Option<usize>,
}

impl Writer<'_> {
    fn resource(&mut self, resource: &Element, is_root: bool) {
        let kind = resource.resource_type.as_deref();
        let name = kind.unwrap_or(&resource.name);
        self.out.push('<');
        self.name(name);
        if is_root {
            self.attribute("xmlns", NAMESPACE);
        }
        self.close(name, &in_order(&resource.children, kind, self.model), kind);
    }

    fn element(&mut self, element: &Element, kind: Option<&str>) {
        let name = &*element.name;
        if element.resource_type.is_some() {
            self.out.push('<');
            self.name(name);
            self.out.push('>');
            self.deeper(1);
            self.line();
            self.resource(element, false);
            self.deeper(-1);
            self.line();
            self.end(name);
            return;
        }
        if let (true, Some(text)) = (kind == Some("xhtml") || (kind.is_none() && name == "div"), element.as_text()) {
            self.narrative(text);
            return;
        }
        let is_extension = matches!(name, "extension" | "modifierExtension");
        self.out.push('<');
        self.name(name);
        let is_attribute = |child: &Element| &*child.name == "id" || (is_extension && &*child.name == "url");
        for part in ["id", "url"] {
            if let Some(text) = element.child(part).filter(|child| is_attribute(child)).and_then(Element::as_text) {
                self.attribute(part, text);
            }
        }
        if let Some(text) = element.as_text() {
            self.attribute("value", text);
        }
        let mut children = in_order(&element.children, kind, self.model);
        children.retain(|child| !is_attribute(child));
        self.close(name, &children, kind);
    }

    /// Ends the start tag and writes the children.
    fn close(&mut self, name: &str, children: &[&Element], kind: Option<&str>) {
        if children.is_empty() {
            self.out.push_str("/>");
            return;
        }
        self.out.push('>');
        self.deeper(1);
        for child in children {
            self.line();
            let facts = match (self.model, kind) {
                (Some(model), Some(kind)) => model.child(kind, &child.name),
                _ => None,
            };
            self.element(child, facts.map(|facts| facts.kind));
        }
        self.deeper(-1);
        self.line();
        self.end(name);
    }

    /// The narrative as it is when that is XHTML, else as text in a `div`.
    fn narrative(&mut self, text: &str) {
        let text = text.trim();
        let is_xhtml = Document::parse(text).is_ok_and(|document| {
            let root = document.root_element().tag_name();
            root.name() == "div" && root.namespace() == Some(XHTML)
        });
        if is_xhtml && text.starts_with("<div") {
            self.out.push_str(text);
            return;
        }
        self.out.push_str("<div");
        self.attribute("xmlns", XHTML);
        self.out.push('>');
        escape(text, false, &mut self.out);
        self.out.push_str("</div>");
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(value, true, &mut self.out);
        self.out.push('"');
    }

    fn end(&mut self, name: &str) {
        self.out.push_str("</");
        self.name(name);
        self.out.push('>');
    }

    /// JSON allows any property name; XML does not.
    fn name(&mut self, name: &str) {
        let mut letters = name.chars();
        let starts_well = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '_');
        if starts_well && letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.')) {
            self.out.push_str(name);
        } else {
            self.out.push('_');
            self.out.extend(name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }));
        }
    }

    fn deeper(&mut self, step: isize) {
        self.indent = self.indent.map(|depth| depth.saturating_add_signed(step));
    }

    fn line(&mut self) {
        if let Some(depth) = self.indent {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", depth));
        }
    }
}

/// The children in the order of the definitions; unknown ones last.
fn in_order<'e>(children: &'e [Element], kind: Option<&str>, model: Option<&dyn Model>) -> Vec<&'e Element> {
    let mut ordered: Vec<&Element> = children.iter().collect();
    if let (Some(kind), Some(model)) = (kind, model) {
        ordered.sort_by_cached_key(|child| model.position(kind, &child.name).unwrap_or(u32::MAX));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use crate::fhir::json;
    use crate::fhir::syntax::MAX_DEPTH;
    use crate::fhir::syntax::ParseErrorKind;
    use crate::fhir::syntax::ShapeProblemKind;
    use crate::fhir::xml::parse;

    use super::*;
    use crate::fhir::mutation;

    const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

    fn check(body: &str) {
        let text = format!("{HEAD}{body}");
        let (root, problems) = parse(text.as_bytes()).unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(write(&root, None), text);
    }

    fn problems(body: &str, expect: &[ShapeProblemKind]) {
        let (_, problems) = parse(format!("<P xmlns=\"{NAMESPACE}\">{body}</P>").as_bytes()).unwrap();
        assert_eq!(problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(), expect, "{body}");
    }

    fn fails(text: &str, line: u32, column: u32, kind: &ParseErrorKind) {
        let error = parse(text.as_bytes()).unwrap_err();
        assert_eq!((error.line, error.column, &error.kind), (line, column, kind), "{text:.80}");
    }

    #[test]
    fn what_is_read_is_written() {
        check(r#"<Patient xmlns="http://hl7.org/fhir"/>"#);
        check(
            r#"<Patient xmlns="http://hl7.org/fhir"><id value="a"/><text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml">a<br/>&amp;</div></text><contained><Basic><id value="b"/></Basic></contained><extension url="u"><valueString id="x" value="a&#10;&quot;é"/></extension><name id="n"><given value="A"/><given><extension url="v"/></given></name></Patient>"#,
        );
    }

    #[test]
    fn the_tree_is_that_of_json() {
        let (root, _) = parse(
            br#"<Bundle xmlns="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><entry><resource><P><text>
               <h:div>x<h:br/></h:div></text></P></resource></entry></Bundle>"#,
        )
        .unwrap();
        assert_eq!(
            json::write(&root, None),
            r#"{"resourceType":"Bundle","entry":{"resource":{"resourceType":"P","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x<br/></div>"}}}}"#
        );
    }

    #[test]
    fn a_narrative_that_is_no_xhtml_is_escaped() {
        let (root, _) = json::parse(br#"{"resourceType":"P","text":{"div":"<div>&nbsp;"}}"#).unwrap();
        let text = write(&root, None);
        assert!(text.contains(">&lt;div&gt;&amp;nbsp;</div>"), "{text}");
    }

    #[test]
    fn wrong_shapes_are_listed() {
        problems("<a colour=\"red\"/>", &[ShapeProblemKind::UnknownAttribute]);
        problems("<a url=\"u\"/>", &[ShapeProblemKind::UnknownAttribute]);
        problems("<a>text</a>", &[ShapeProblemKind::StrayText]);
        problems("<a xmlns=\"\"/>", &[ShapeProblemKind::ForeignElement]);
        problems("<contained><A/><B/></contained>", &[ShapeProblemKind::NotOneResource]);
    }

    #[test]
    fn text_that_is_no_fhir_xml() {
        fails("<a/>", 1, 1, &ParseErrorKind::WrongNamespace(String::new()));
        fails("<!DOCTYPE a><a/>", 1, 1, &ParseErrorKind::DocumentType);
        fails("\n<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", 2, 1, &ParseErrorKind::DocumentType);
        assert!(matches!(parse(b"<a>&b;</a>").unwrap_err().kind, ParseErrorKind::NotXml(_)));
        assert!(matches!(parse(b"").unwrap_err().kind, ParseErrorKind::NotXml(_)));
        assert!(matches!(parse(b"{}").unwrap_err().kind, ParseErrorKind::NotXml(_)));
    }

    #[test]
    fn depth_and_attributes_have_limits() {
        let deep = |levels: usize| {
            format!("<a xmlns=\"{NAMESPACE}\">{}{}</a>", "<a>".repeat(levels - 1), "</a>".repeat(levels - 1))
        };
        assert!(parse(deep(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(parse(deep(MAX_DEPTH + 1).as_bytes()).unwrap_err().kind, ParseErrorKind::TooDeep);
        assert_eq!(parse("<a>".repeat(1_000_000).as_bytes()).unwrap_err().kind, ParseErrorKind::TooDeep);
        let many: String = (0..100_000).map(|number| format!(" a{number}=''")).collect();
        assert_eq!(parse(format!("<a{many}/>").as_bytes()).unwrap_err().kind, ParseErrorKind::TooManyAttributes);
    }

    /// Mutated bytes must never panic, and what parses must survive being written.
    #[test]
    fn mutated_bytes() {
        let seed: &[u8] = br#"<P xmlns="http://hl7.org/fhir"><id value="a"/><text><div xmlns="http://www.w3.org/1999/xhtml">&amp;<!-- c --><b>x</b></div></text><contained><Q><![CDATA[]]></Q></contained><extension url="u" id="i"/></P>"#;
        mutation::each(seed, b"<>/=\"'&;!-[]? adivP\xc3\xa9", 10_000, 3, |bytes| {
            if let Ok((root, _)) = parse(bytes) {
                let written = write(&root, None);
                assert!(parse(written.as_bytes()).is_ok(), "{}\n{written}", String::from_utf8_lossy(bytes));
            }
        });
    }
}
