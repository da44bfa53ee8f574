//! Constraint: the XHTML of a narrative.
//!
//! Well-formed, in the namespace of XHTML, only the elements and attributes that FHIR allows, nothing active, and not empty.

use crate::diag::Text;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

/// The namespace that the outermost element must be in.
const NAMESPACE: &str = "http://www.w3.org/1999/xhtml";

/// Elements of chapters 7 to 11 (without 9.4) and 15 of HTML 4.0, `a` and images: Narrative, invariant txt-1.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "area",
    "b",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "kbd",
    "li",
    "map",
    "ol",
    "p",
    "pre",
    "q",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "ul",
    "var",
];

/// Attributes of those elements in HTML 4.0; which element has which is not told apart.
const ATTRIBUTES: &[&str] = &[
    "abbr",
    "accesskey",
    "align",
    "alt",
    "axis",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "char",
    "charoff",
    "charset",
    "cite",
    "class",
    "clear",
    "color",
    "colspan",
    "compact",
    "coords",
    "datetime",
    "dir",
    "face",
    "frame",
    "headers",
    "height",
    "href",
    "hreflang",
    "hspace",
    "id",
    "ismap",
    "lang",
    "longdesc",
    "name",
    "nohref",
    "noshade",
    "nowrap",
    "rel",
    "rev",
    "rowspan",
    "rules",
    "scope",
    "shape",
    "size",
    "span",
    "src",
    "start",
    "style",
    "summary",
    "tabindex",
    "target",
    "title",
    "type",
    "usemap",
    "valign",
    "value",
    "vspace",
    "width",
];

/// What is wrong with the XHTML of a narrative.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fault {
    /// It does not start with an element.
    NoElement,
    /// The outermost element is no `div` of XHTML.
    Namespace,
    /// An element that FHIR does not allow.
    Element(String),
    /// An attribute that FHIR does not allow.
    Attribute(String),
    /// An attribute that starts a script.
    Active(String),
    /// A reference to a character that XML does not have, such as `&nbsp;`, or a loose `&`.
    Entity(String),
    /// A tag is not closed, or closed twice, or cannot be read.
    Unbalanced(String),
    /// There is no text and no image.
    Empty,
}

impl Run<'_> {
    /// Judges the text of a `div`.
    pub fn narrative(&mut self, spot: Spot<'_>, rule: Rule<'_>, value: &str) {
        let Some(fault) = check(value) else { return };
        let (code, expected, seen) = match fault {
            Fault::NoElement => {
                ("xhtml-format", text!("een `div` met XHTML", "a `div` of XHTML"), text!("losse tekst", "loose text"))
            }
            Fault::Namespace => {
                let seen = text!("geen of een andere naamruimte", "no or another namespace");
                (
                    "xhtml-namespace",
                    text!("een `div` in naamruimte `{NAMESPACE}`", "a `div` in namespace `{NAMESPACE}`"),
                    seen,
                )
            }
            Fault::Element(name) => {
                let expected = text!("alleen de opmaak die FHIR toestaat", "only the formatting that FHIR allows");
                ("xhtml-element", expected, Text::same(format!("`<{name}>`")))
            }
            Fault::Attribute(name) => {
                let expected = text!("alleen attributen van HTML 4.0", "only attributes of HTML 4.0");
                ("xhtml-attribute", expected, Text::same(format!("`{name}`")))
            }
            Fault::Active(name) => {
                ("xhtml-active", text!("geen actieve inhoud", "no active content"), Text::same(format!("`{name}`")))
            }
            Fault::Entity(name) => {
                let expected = text!(
                    "het teken zelf of zijn nummer (`&#160;`); namen van HTML kent XML niet",
                    "the character itself or its number (`&#160;`); XML does not know the names of HTML"
                );
                ("xhtml-format", expected, Text::same(format!("`{name}`")))
            }
            Fault::Unbalanced(name) => {
                let expected = text!("welgevormde XHTML", "well-formed XHTML");
                ("xhtml-format", expected, Text::same(format!("`{name}`")))
            }
            Fault::Empty => {
                let expected = text!("tekst of een afbeelding in de `div`", "text or an image in the `div`");
                ("xhtml-empty", expected, text!("niets", "nothing"))
            }
        };
        self.find(spot, code, rule, expected, seen);
    }
}

/// Whether nothing is wrong with the XHTML itself.
pub fn is_sound(value: &str) -> bool {
    check(value).is_none()
}

/// The first fault, if there is one.
fn check(value: &str) -> Option<Fault> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = value.trim_start();
    let mut filled = false;
    let mut first = true;
    if !rest.starts_with('<') {
        return Some(Fault::NoElement);
    }
    while let Some(at) = rest.find('<') {
        let text = &rest[..at];
        if let Some(name) = unknown_entity(text) {
            return Some(Fault::Entity(name));
        }
        filled |= !open.is_empty() && text.chars().any(|letter| !letter.is_whitespace());
        rest = &rest[at..];
        if let Some(after) = skip(rest) {
            rest = after;
            continue;
        }
        let Some(end) = tag_end(rest) else { return Some(Fault::Unbalanced(shorten(rest))) };
        let (tag, after) = (&rest[1..end], &rest[end + 1..]);
        if let Some(name) = unknown_entity(tag) {
            return Some(Fault::Entity(name));
        }
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name.trim()) {
                return Some(Fault::Unbalanced(format!("</{}>", name.trim())));
            }
            continue;
        }
        let closed = tag.ends_with('/');
        let tag = tag.trim_end_matches('/');
        let name = tag.split(char::is_whitespace).next().unwrap_or_default();
        let attributes = attributes(&tag[name.len()..]);
        if first {
            let namespace = attributes.iter().find(|(key, _)| *key == "xmlns").map(|(_, value)| *value);
            if name != "div" || namespace != Some(NAMESPACE) {
                return Some(Fault::Namespace);
            }
        } else if open.is_empty() {
            return Some(Fault::Unbalanced(format!("<{name}>")));
        }
        first = false;
        if !ELEMENTS.contains(&name) {
            return Some(Fault::Element(name.to_owned()));
        }
        let active = attributes.iter().find(|(key, value)| {
            key.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("on"))
                || (*key == "href"
                    && value.trim_start().get(..11).is_some_and(|start| start.eq_ignore_ascii_case("javascript:")))
        });
        if let Some((key, _)) = active {
            return Some(Fault::Active((*key).to_owned()));
        }
        // What is in another namespace is no XHTML.
        if attributes.iter().any(|(key, value)| *key == "xmlns" && *value != NAMESPACE) {
            return Some(Fault::Namespace);
        }
        // Those with a prefix are of XML itself, or declare one.
        let is_known = |key: &str| key == "xmlns" || key.contains(':') || ATTRIBUTES.contains(&key);
        if let Some((key, _)) = attributes.iter().find(|(key, _)| !is_known(key)) {
            return Some(Fault::Attribute((*key).to_owned()));
        }
        filled |= name == "img";
        if !closed {
            open.push(name);
        }
    }
    if let Some(name) = open.last() {
        return Some(Fault::Unbalanced(format!("<{name}>")));
    }
    (!filled).then_some(Fault::Empty)
}

/// The first `&` that refers to no character (narrative.html: no entities of HTML; XML 1.0, section 4.6 has five).
fn unknown_entity(text: &str) -> Option<String> {
    text.match_indices('&').map(|(at, _)| &text[at..]).find_map(|found| {
        let name = found.split_once(';').map_or("", |(name, _)| &name[1..]);
        let is_known = matches!(name, "lt" | "gt" | "amp" | "quot" | "apos")
            || name.strip_prefix("#x").is_some_and(|number| u32::from_str_radix(number, 16).is_ok())
            || name.strip_prefix('#').is_some_and(|number| number.parse::<u32>().is_ok());
        let is_name = !name.is_empty() && name.chars().all(char::is_alphanumeric);
        (!is_known).then(|| if is_name { format!("&{name};") } else { shorten(found) })
    })
}

/// What follows a comment, declaration or character section at the start of the text.
pub fn skip(text: &str) -> Option<&str> {
    let end = if text.starts_with("<!--") {
        "-->"
    } else if text.starts_with("<![CDATA[") {
        "]]>"
    } else if text.starts_with("<?") {
        "?>"
    } else {
        return None;
    };
    Some(text.split_once(end).map_or("", |(_, after)| after))
}

/// Where the tag at the start of the text ends, quotes respected.
pub fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return Some(at),
            _ => {}
        }
    }
    None
}

/// Names and values of the attributes in a tag.
pub fn attributes(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|letter| matches!(letter, '"' | '\'')) else { break };
        let Some((value, next)) = after[1..].split_once(quote) else { break };
        found.push((name.trim(), value));
        rest = next.trim_start();
    }
    found
}

fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_good_from_bad() {
        let div = |inner: &str| format!("<div xmlns=\"{NAMESPACE}\">{inner}</div>");
        assert_eq!(check(&div("<p class='a>b'>tekst<br/></p>")), None);
        assert_eq!(check(&div("<img src=\"#a\"/>")), None);
        assert_eq!(check(&div("  <p> </p>")), Some(Fault::Empty));
        assert_eq!(check("geen xhtml"), Some(Fault::NoElement));
        assert_eq!(check("<div>x</div>"), Some(Fault::Namespace));
        assert_eq!(check(&div("<script>x</script>")), Some(Fault::Element("script".to_owned())));
        assert_eq!(check(&div("<p onclick=\"x\">x</p>")), Some(Fault::Active("onclick".to_owned())));
        assert_eq!(check(&div("<p valeu=\"x\">x</p>")), Some(Fault::Attribute("valeu".to_owned())));
        assert_eq!(check(&div("<td colspan='2' xml:lang=\"nl\" id='a'>x</td>")), None);
        assert_eq!(check(&div("<p xmlns=\"urn:x\">x</p>")), Some(Fault::Namespace));
        assert_eq!(check(&div(&format!("<p xmlns=\"{NAMESPACE}\">x</p>"))), None);
        assert_eq!(check(&div("<p>x")), Some(Fault::Unbalanced("</div>".to_owned())));
        assert_eq!(check(&div("&lt; &#160; &#xA0; &amp;amp; <![CDATA[ & ]]>")), None);
        assert_eq!(check(&div("a&nbsp;b")), Some(Fault::Entity("&nbsp;".to_owned())));
        assert_eq!(check(&div("<p title=\"&copy;\">x</p>")), Some(Fault::Entity("&copy;".to_owned())));
        assert_eq!(check(&div("a & b")), Some(Fault::Entity("& b".to_owned())));
        assert!(matches!(check("<div"), Some(Fault::Unbalanced(_))));
    }
}
