//! Bytes to a tree of the elements that a schema knows, with every breach of the schema on the way.
//!
//! Works from the table in `schema` and knows no list by itself, apart from which schema of several a text follows.
//! Refuses what costs too much before it parses: no document types, so no entities of its own.

use std::collections::BTreeSet;

use roxmltree::Document;
use roxmltree::Node;
use roxmltree::ParsingOptions;

use crate::diag::Severity;
use crate::diag::Text;
use crate::diag::did_you_mean;
use crate::diag::suggestion;
use crate::fhir::syntax::ParseErrorKind;
use crate::fhir::xml;
use crate::lists::Tree;
use crate::lists::mistake::Collector;
use crate::lists::mistake::Said;
use crate::lists::mistake::Spot;
use crate::lists::mistake::shown;
use crate::lists::recognise;
use crate::lists::schema::Content;
use crate::lists::schema::Part;
use crate::lists::schema::Schema;
use crate::lists::simple::Simple;
use crate::text;

/// Largest list that is read, in bytes: 128 MiB, some ten thousand providers with ten services each.
pub const LARGEST: usize = 128 << 20;

/// Most elements and texts in a list.
const MOST_NODES: u32 = 8_000_000;

const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The row that asks for XML as such.
pub(super) const XML: &str = "LIST-12";

/// Reads a text by the schema that it claims. No schema when none was recognised; no tree when it is no XML either.
pub fn read(text: &str, found: &mut Collector) -> (Option<&'static Schema>, Option<Tree>) {
    let fail = |found: &mut Collector, offset: usize, seen: Text, fix: Text| {
        let expected = Text::new("welgevormde XML 1.0", "well-formed XML 1.0");
        let spot = Spot { place: String::new(), span: (offset, 1) };
        found.add(text, XML, Severity::Error, "not-xml", spot, Said { expected, seen, fix });
        (None, None)
    };
    if text.trim().is_empty() {
        let fix = Text::new("geef het bestand van de lijst", "give the file of the list");
        return fail(found, 0, Text::new("een leeg bestand", "an empty file"), fix);
    }
    if let Err((offset, kind)) = xml::refuse_costly(text.as_bytes()) {
        let seen = match kind {
            ParseErrorKind::DocumentType => Text::new("een document type declaration", "a document type declaration"),
            ParseErrorKind::TooManyAttributes => {
                Text::new("meer dan 64 attributen op een element", "more than 64 attributes on an element")
            }
            other => other.text(),
        };
        return fail(found, offset, seen, Text::new("haal dat weg", "take that out"));
    }
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = match Document::parse_with_options(text, options) {
        Ok(document) => document,
        Err(error) => {
            let position = error.pos();
            let offset = offset_of(text, position.row as usize, position.col as usize);
            let seen = match error {
                roxmltree::Error::NodesLimitReached => text!(
                    "meer dan {MOST_NODES} elementen en teksten, die toetsbank niet leest",
                    "more than {MOST_NODES} elements and texts, which toetsbank does not read"
                ),
                other => Text::same(shown(&other.to_string())),
            };
            return fail(found, offset, seen, Text::default());
        }
    };
    declaration(text, found);
    let root = document.root_element();
    let Some(schema) = recognise::schema(text, root, found) else { return (None, None) };
    found.by(schema.evidence);
    let namespace = root.tag_name().namespace().unwrap_or_default();
    let mut reader = Reader { text, namespace, schema, path: Vec::new(), prefixed: false, found };
    reader.layout(root);
    let tree = reader.element(root, &schema.root, None);
    (Some(schema), Some(tree))
}

/// The bytes of a list as text: UTF-8, UTF-16 with a byte order mark, or ISO-8859-1 that says so.
pub fn decode(bytes: &[u8]) -> Option<String> {
    let units = |read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
        bytes.len().is_multiple_of(2).then(|| String::from_utf16(&units).ok()).flatten()
    };
    match bytes {
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Some(text.to_owned()),
            Err(_) => {
                let head = String::from_utf8_lossy(bytes.get(..200).unwrap_or(bytes)).to_ascii_lowercase();
                let declares = head.split("?>").next().is_some_and(|head| head.contains("iso-8859-1"));
                declares.then(|| bytes.iter().map(|byte| char::from(*byte)).collect())
            }
        },
    }
}

/// Another version than XML 1.0.
fn declaration(text: &str, found: &mut Collector) {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let head = text.get(start..).and_then(|text| text.strip_prefix("<?xml")).and_then(|rest| rest.split("?>").next());
    let Some(head) = head else { return };
    if !head.contains("\"1.0\"") && !head.contains("'1.0'") {
        let said = Said {
            expected: Text::same("XML 1.0"),
            seen: Text::new("een andere versie van XML", "another version of XML"),
            fix: Text::new("schrijf `<?xml version=\"1.0\"", "write `<?xml version=\"1.0\""),
        };
        let spot = Spot { place: String::new(), span: (start, head.len() + 7) };
        found.add(text, XML, Severity::Error, "xml-version", spot, said);
    }
}

/// The offset of a line and column as the parser counts them.
fn offset_of(text: &str, row: usize, column: usize) -> usize {
    let line = text.split_inclusive('\n').take(row.saturating_sub(1)).map(str::len).sum::<usize>();
    let rest = text.get(line..).unwrap_or_default();
    line + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at)
}

/// One reading.
struct Reader<'r> {
    text: &'r str,
    namespace: &'r str,
    schema: &'static Schema,
    path: Vec<(&'static str, Option<usize>)>,
    prefixed: bool,
    found: &'r mut Collector,
}

impl Reader<'_> {
    fn element(&mut self, node: Node<'_, '_>, part: &Part, index: Option<usize>) -> Tree {
        self.path.push((part.name, index));
        self.prefix(node);
        self.attributes(node);
        let mut tree = Tree { name: part.name, text: String::new(), span: tag(self.text, node), children: Vec::new() };
        match part.content {
            Content::Text(simple) => self.value(node, simple, &mut tree),
            Content::Parts(parts) => {
                self.no_text(node);
                self.sequence(node, parts, &mut tree);
            }
            Content::OneOf(parts) => {
                self.no_text(node);
                self.choice(node, parts, &mut tree);
            }
        }
        if let Some(name) = part.unique {
            self.unique(&tree, name);
        }
        self.path.pop();
        tree
    }

    /// Text of a simple type.
    fn value(&mut self, node: Node<'_, '_>, simple: &'static Simple, tree: &mut Tree) {
        for child in node.children().filter(Node::is_element) {
            let name = child.tag_name().name();
            self.wrong(
                "element-in-text",
                tag(self.text, child),
                Said {
                    expected: Text::new("alleen tekst", "text only"),
                    seen: text!("het element `{name}`", "the element `{name}`"),
                    fix: Text::new("haal het element weg", "take the element out"),
                },
            );
        }
        let texts: Vec<Node<'_, '_>> = node.children().filter(Node::is_text).collect();
        tree.text = texts.iter().filter_map(|text| text.text()).collect();
        if let (Some(first), Some(last)) = (texts.first(), texts.last()) {
            let start = first.range().start;
            tree.span = (start, last.range().end - start);
        }
        if !simple.holds(&tree.text) {
            let seen = if tree.text.is_empty() {
                Text::new("niets", "nothing")
            } else {
                let value = shown(&tree.text);
                text!("`{value}`", "`{value}`")
            };
            let said = Said {
                expected: Text::new(simple.words.0, simple.words.1),
                seen,
                fix: Text::new(simple.fix.0, simple.fix.1),
            };
            let rule = simple.rule.unwrap_or(self.schema.rule);
            let spot = Spot { place: self.place(), span: tree.span };
            self.found.push(self.text, rule, Severity::Error, "value", spot, said);
        }
    }

    /// Elements in an order.
    fn sequence(&mut self, node: Node<'_, '_>, parts: &'static [Part], tree: &mut Tree) {
        let mut at = 0;
        let mut counts = vec![0_usize; parts.len()];
        for child in node.children().filter(Node::is_element) {
            let Some(position) = self.known(child, parts) else { continue };
            let part = &parts[position];
            counts[position] += 1;
            let name = part.name;
            if counts[position] > 1 && !part.is_many {
                self.wrong(
                    "too-many",
                    tag(self.text, child),
                    Said {
                        expected: text!("één `{name}`", "one `{name}`"),
                        seen: text!("nog een `{name}`", "another `{name}`"),
                        fix: Text::new("haal het tweede weg", "take the second out"),
                    },
                );
            } else if position < at {
                let after = parts[at].name;
                self.wrong(
                    "order",
                    tag(self.text, child),
                    Said {
                        expected: text!("`{name}` vóór `{after}`", "`{name}` before `{after}`"),
                        seen: text!("`{name}` na `{after}`", "`{name}` after `{after}`"),
                        fix: Text::new(
                            "zet de elementen in de volgorde van het schema",
                            "put the elements in the order of the schema",
                        ),
                    },
                );
            }
            at = at.max(position);
            let index = part.is_many.then_some(counts[position]);
            tree.children.push(self.element(child, part, index));
        }
        for (part, count) in parts.iter().zip(&counts) {
            if part.is_required && *count == 0 {
                let name = part.name;
                let (nl, en) = if part.is_many { ("minstens één", "at least one") } else { ("één", "one") };
                self.wrong(
                    "element-missing",
                    tree.span,
                    Said {
                        expected: text!("{nl} `{name}`", "{en} `{name}`"),
                        seen: text!("geen `{name}`", "no `{name}`"),
                        fix: text!("voeg `{name}` toe", "add `{name}`"),
                    },
                );
            }
        }
    }

    /// Exactly one of several elements.
    fn choice(&mut self, node: Node<'_, '_>, parts: &'static [Part], tree: &mut Tree) {
        let names = parts.iter().map(|part| format!("`{}`", part.name)).collect::<Vec<_>>().join(", ");
        for child in node.children().filter(Node::is_element) {
            let Some(position) = self.known(child, parts) else { continue };
            if !tree.children.is_empty() {
                self.wrong(
                    "too-many",
                    tag(self.text, child),
                    Said {
                        expected: text!("één van {names}", "one of {names}"),
                        seen: Text::new("nog een", "another one"),
                        fix: Text::new("geef elk een eigen element", "give each its own element"),
                    },
                );
            }
            tree.children.push(self.element(child, &parts[position], None));
        }
        if tree.children.is_empty() {
            self.wrong(
                "element-missing",
                tree.span,
                Said {
                    expected: text!("één van {names}", "one of {names}"),
                    seen: Text::new("geen daarvan", "none of them"),
                    fix: Text::new("voeg er een toe", "add one"),
                },
            );
        }
    }

    /// Which of the parts a child is.
    fn known(&mut self, child: Node<'_, '_>, parts: &'static [Part]) -> Option<usize> {
        let name = child.tag_name().name();
        let is_own = child.tag_name().namespace() == Some(self.namespace);
        let position = parts.iter().position(|part| is_own && part.name == name);
        if position.is_none() {
            let listed = parts.iter().map(|part| format!("`{}`", part.name)).collect::<Vec<_>>().join(", ");
            let name = shown(name);
            let fix = match suggestion(&name, parts.iter().map(|part| part.name)) {
                Some(near) if near == name => {
                    Text::new("gebruik de namespace van de lijst", "use the namespace of the list")
                }
                Some(near) => did_you_mean(near),
                None => Text::new("haal het element weg", "take the element out"),
            };
            self.wrong(
                "element-unknown",
                tag(self.text, child),
                Said {
                    expected: listed_of(&listed),
                    seen: if is_own {
                        text!("het onbekende element `{name}`", "the unknown element `{name}`")
                    } else {
                        text!("`{name}` uit een andere namespace", "`{name}` of another namespace")
                    },
                    fix,
                },
            );
        }
        position
    }

    fn attributes(&mut self, node: Node<'_, '_>) {
        for attribute in node.attributes() {
            let name = attribute.name();
            let is_instance = attribute.namespace() == Some(SCHEMA_INSTANCE);
            if is_instance && matches!(name, "schemaLocation" | "noNamespaceSchemaLocation") {
                continue;
            }
            let range = attribute.range();
            let span = (range.start, range.len());
            let said = Said {
                expected: Text::new("geen attributen", "no attributes"),
                seen: text!("het attribuut `{name}`", "the attribute `{name}`"),
                fix: Text::new("haal het attribuut weg", "take the attribute out"),
            };
            // A type that is named again may well be the right one.
            let severity = if is_instance && name == "type" { Severity::Warning } else { Severity::Error };
            let spot = Spot { place: self.place(), span };
            self.found.push(self.text, self.schema.rule, severity, "attribute", spot, said);
        }
    }

    fn no_text(&mut self, node: Node<'_, '_>) {
        let stray = |child: &Node<'_, '_>| {
            child.is_text() && child.text().is_some_and(|text| !text.trim_matches([' ', '\t', '\n', '\r']).is_empty())
        };
        for child in node.children().filter(stray) {
            let value = shown(child.text().unwrap_or_default().trim());
            self.wrong(
                "text-not-allowed",
                (child.range().start, child.range().len()),
                Said {
                    expected: Text::new("alleen elementen", "elements only"),
                    seen: text!("de tekst `{value}`", "the text `{value}`"),
                    fix: Text::new(
                        "haal de tekst weg, of zet haar in een element",
                        "take the text out, or put it in an element",
                    ),
                },
            );
        }
    }

    /// Values that occur twice among the children.
    fn unique(&mut self, tree: &Tree, name: &'static str) {
        let mut seen = BTreeSet::new();
        for child in &tree.children {
            let Some(value) = (if name == "." { Some(child) } else { child.child(name) }) else { continue };
            if !seen.insert(value.text.as_str()) {
                let (what, text, around) = (value.name, shown(&value.text), tree.name);
                self.wrong(
                    "duplicate",
                    value.span,
                    Said {
                        expected: text!("iedere `{what}` één keer in `{around}`", "each `{what}` once in `{around}`"),
                        seen: text!("nog eens `{text}`", "`{text}` again"),
                        fix: Text::new("voeg de twee samen, of haal er een weg", "join the two, or take one out"),
                    },
                );
            }
        }
    }

    /// A prefix on an element, told once.
    fn prefix(&mut self, node: Node<'_, '_>) {
        let name = self.text.get(node.range().start + 1..).unwrap_or_default();
        if self.prefixed || name.starts_with(node.tag_name().name()) && !has_prefix(name) {
            return;
        }
        self.prefixed = true;
        let spot = Spot { place: self.place(), span: tag(self.text, node) };
        self.found.push(
            self.text,
            XML,
            Severity::Error,
            "prefix",
            spot,
            Said {
                expected: Text::new(
                    "de namespace als default, zonder prefix",
                    "the namespace as default, without prefix",
                ),
                seen: Text::new("een prefix voor de naam van het element", "a prefix before the name of the element"),
                fix: Text::new(
                    "schrijf `xmlns=\"…\"` en laat de prefix weg",
                    "write `xmlns=\"…\"` and leave the prefix out",
                ),
            },
        );
    }

    /// A list on one line.
    fn layout(&mut self, root: Node<'_, '_>) {
        let whole = self.text.get(root.range()).unwrap_or_default();
        if !whole.contains(['\n', '\r']) {
            let spot = Spot { place: root.tag_name().name().to_owned(), span: tag(self.text, root) };
            self.found.push(
                self.text,
                XML,
                Severity::Warning,
                "layout",
                spot,
                Said {
                    expected: Text::new("elementen op eigen regels", "elements on lines of their own"),
                    seen: Text::new("de hele lijst op één regel", "the whole list on one line"),
                    fix: Text::new(
                        "publiceer de lijst met regeleinden en inspringen",
                        "publish the list with line breaks and indents",
                    ),
                },
            );
        }
    }

    /// A breach of the schema.
    fn wrong(&mut self, code: &'static str, span: (usize, usize), said: Said) {
        let spot = Spot { place: self.place(), span };
        self.found.push(self.text, self.schema.rule, Severity::Error, code, spot, said);
    }

    fn place(&self) -> String {
        let step = |(name, index): &(&str, Option<usize>)| match index {
            Some(index) => format!("{name}[{index}]"),
            None => (*name).to_owned(),
        };
        self.path.iter().map(step).collect::<Vec<_>>().join("/")
    }
}

fn listed_of(names: &str) -> Text {
    text!("hier kunnen staan: {names}", "known here: {names}")
}

fn has_prefix(tag: &str) -> bool {
    tag.find(|c: char| c == ':' || c == '>' || c == '/' || c.is_whitespace())
        .is_some_and(|at| tag[at..].starts_with(':'))
}

/// The start tag of an element.
pub(super) fn tag(text: &str, node: Node<'_, '_>) -> (usize, usize) {
    let start = node.range().start;
    let rest = text.get(node.range()).unwrap_or_default();
    (start, rest.find('>').map_or(rest.len(), |end| end + 1))
}
