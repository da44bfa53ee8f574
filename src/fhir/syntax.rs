//! What the readers of JSON and XML can say of a text that is not as it should be, and their limits.
//!
//! Says nothing of types or profiles: only what is wrong before any definition is looked at.

use std::error::Error;
use std::fmt;

use crate::diag::Text;
use crate::fhir::element::Span;
use crate::fhir::locate;
use crate::text;

/// Deepest nesting of objects and lists, or of elements, that we read.
pub const MAX_DEPTH: usize = 128;

/// Largest text that we read, in bytes: 512 MiB.
pub const MAX_BYTES: usize = 512 << 20;

/// Most elements in one text; each takes some 150 bytes of memory.
pub const MAX_ELEMENTS: usize = 4_000_000;

/// Most attributes on one XML element that we read.
pub const MAX_ATTRIBUTES: usize = 64;

/// Most problems of one text that are listed; one more tells that there are more.
pub const MAX_PROBLEMS: usize = 10_000;

/// The XML namespace of FHIR.
pub const NAMESPACE: &str = "http://hl7.org/fhir";

/// Text that is no FHIR JSON or XML, or that is beyond our limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong there.
    pub kind: ParseErrorKind,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseErrorKind {
    /// It has more than [`MAX_BYTES`] bytes.
    TooLarge,
    /// It has more than [`MAX_ELEMENTS`] elements.
    TooManyElements,
    /// It nests deeper than [`MAX_DEPTH`].
    TooDeep,
    /// There is nothing in it.
    Empty,
    /// It begins like neither JSON nor XML.
    NeitherFormat,
    /// It is UTF-16.
    Utf16,
    /// Its bytes are no UTF-8.
    NotUtf8,
    /// It ends too early.
    UnexpectedEnd,
    /// Something else was expected here.
    Expected(&'static str),
    /// A number that JSON does not allow (`01`, `1.`, `+1`).
    BadNumber,
    /// An escape that JSON does not know, or half a surrogate pair.
    BadEscape,
    /// A control character in a string.
    ControlCharacter,
    /// Text after the end.
    TrailingText,
    /// The outermost value is no object.
    NotAnObject,
    /// It is no well-formed XML; the text says why.
    NotXml(String),
    /// It has a document type declaration, which FHIR forbids.
    DocumentType,
    /// An element has more than [`MAX_ATTRIBUTES`] attributes.
    TooManyAttributes,
    /// The outermost element is not of FHIR but of this namespace.
    WrongNamespace(String),
}

impl ParseError {
    /// What is wrong at this byte of a text.
    pub(in crate::fhir) fn at(text: &[u8], offset: usize, kind: ParseErrorKind) -> ParseError {
        let (line, column) = locate::line_column(text, offset);
        ParseError { line, column, kind }
    }
}

/// The bytes as text, when they are UTF-8 and not more than [`MAX_BYTES`].
pub(in crate::fhir) fn text_of(bytes: &[u8]) -> Result<&str, ParseError> {
    if bytes.len() > MAX_BYTES {
        return Err(ParseError { line: 1, column: 1, kind: ParseErrorKind::TooLarge });
    }
    std::str::from_utf8(bytes).map_err(|error| ParseError::at(bytes, error.valid_up_to(), ParseErrorKind::NotUtf8))
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "read the resource: line {}, column {}: {}", self.line, self.column, self.kind)
    }
}

impl fmt::Display for ParseErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl ParseErrorKind {
    /// What is wrong and what to do, for people.
    pub fn text(&self) -> Text {
        match self {
            ParseErrorKind::TooLarge => {
                let most = MAX_BYTES >> 20;
                text!("meer dan {most} MiB; splits het bestand", "more than {most} MiB; split the file")
            }
            ParseErrorKind::TooManyElements => text!(
                "meer dan {MAX_ELEMENTS} elementen; splits het bestand",
                "more than {MAX_ELEMENTS} elements; split the file"
            ),
            ParseErrorKind::TooDeep => text!(
                "dieper genest dan {MAX_DEPTH} niveaus; maak het vlakker",
                "nested deeper than {MAX_DEPTH} levels; flatten it"
            ),
            ParseErrorKind::Empty => text!(
                "er staat niets in; stuur een resource in JSON of XML",
                "there is nothing in it; send a resource in JSON or XML"
            ),
            ParseErrorKind::NeitherFormat => text!(
                "begint niet als JSON (`{{`) en niet als XML (`<`); stuur een resource",
                "begins neither like JSON (`{{`) nor like XML (`<`); send a resource"
            ),
            ParseErrorKind::Utf16 => {
                text!("de tekst is UTF-16; bewaar haar als UTF-8", "the text is UTF-16; save it as UTF-8")
            }
            ParseErrorKind::NotUtf8 => text!(
                "bytes die geen UTF-8 zijn; bewaar de tekst als UTF-8",
                "bytes that are no UTF-8; save the text as UTF-8"
            ),
            ParseErrorKind::UnexpectedEnd => {
                text!("de tekst houdt te vroeg op; stuur haar helemaal", "the text ends too early; send all of it")
            }
            ParseErrorKind::Expected(what) => {
                let dutch = match *what {
                    "a property name in quotes" => "een naam van een eigenschap tussen aanhalingstekens",
                    "a value" => "een waarde",
                    "`,` or `]`" => "`,` of `]`",
                    "`,` or `}`" => "`,` of `}`",
                    other => other,
                };
                text!("hier wordt {dutch} verwacht", "expected {what}")
            }
            ParseErrorKind::BadNumber => text!(
                "een getal dat JSON niet toestaat; schrijf het als `-1.50`",
                "a number that JSON does not allow; write it like `-1.50`"
            ),
            ParseErrorKind::BadEscape => text!(
                "een escape die JSON niet toestaat; schrijf hem als `\\n` of `\\u00e9`",
                "an escape that JSON does not allow; write it like `\\n` or `\\u00e9`"
            ),
            ParseErrorKind::ControlCharacter => text!(
                "een stuurteken in een tekst; schrijf het als escape",
                "a control character in a string; escape it"
            ),
            ParseErrorKind::TrailingText => text!(
                "tekst na het einde van de resource; haal die weg",
                "text after the end of the resource; remove it"
            ),
            ParseErrorKind::NotXml(why) => text!("geen welgevormde XML: {why}", "no well-formed XML: {why}"),
            ParseErrorKind::DocumentType => text!(
                "een document type declaration, die FHIR verbiedt; haal die weg",
                "a document type declaration, which FHIR forbids; remove it"
            ),
            ParseErrorKind::TooManyAttributes => text!(
                "meer dan {MAX_ATTRIBUTES} attributen op één element; FHIR kent er drie",
                "more than {MAX_ATTRIBUTES} attributes on one element; FHIR has three"
            ),
            ParseErrorKind::WrongNamespace(found) => text!(
                "de naamruimte is `{found}`; declareer `xmlns=\"{NAMESPACE}\"`",
                "the namespace is `{found}`; declare `xmlns=\"{NAMESPACE}\"`"
            ),
            ParseErrorKind::NotAnObject => {
                text!("hier hoort een object met een `resourceType`", "expected an object with a `resourceType`")
            }
        }
    }
}

impl Error for ParseError {}

/// JSON or XML that FHIR does not allow; what could be read of it is in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeProblem {
    /// The property.
    pub name: Box<str>,
    /// The way to it from the root: names as written, without `_`, with the position where they repeat.
    pub steps: Vec<(Box<str>, Option<u32>)>,
    /// Where it stands.
    pub span: Span,
    /// What is wrong with it.
    pub kind: ShapeProblemKind,
}

/// What FHIR does not allow in JSON or XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShapeProblemKind {
    /// The outermost object has no `resourceType`, or it is no string.
    NoResourceType,
    /// The same property twice in an object; the first was kept.
    DuplicateKey,
    /// `null` where a value or an extension must be.
    LoneNull,
    /// A list without items.
    EmptyList,
    /// An object without properties.
    EmptyObject,
    /// A list in a list; it was left out.
    NestedList,
    /// `_name` is no object or list of objects, or has another shape than `name`.
    ExtensionShape,
    /// `_name` is a list of another length than `name`.
    ExtensionCount,
    /// An XML attribute that FHIR does not have there; it was left out.
    UnknownAttribute,
    /// Text between XML elements; it was left out.
    StrayText,
    /// An XML element of another namespace; it was left out.
    ForeignElement,
    /// More than a resource where one resource must be; only the first was read.
    NotOneResource,
}

/// Lists a problem, unless there are enough.
pub(super) fn list(problems: &mut Vec<ShapeProblem>, problem: ShapeProblem) {
    if problems.len() <= MAX_PROBLEMS {
        problems.push(problem);
    }
}

/// Puts a step before the way to each of these problems: they were found inside an element of this name.
pub(super) fn found_inside(problems: &mut [ShapeProblem], name: &str, index: Option<u32>) {
    for problem in problems {
        problem.steps.insert(0, (name.into(), index));
    }
}

impl ShapeProblemKind {
    /// Stable id of the problem.
    pub fn id(self) -> &'static str {
        match self {
            ShapeProblemKind::NoResourceType => "json-no-resource-type",
            ShapeProblemKind::DuplicateKey => "json-duplicate-key",
            ShapeProblemKind::LoneNull => "json-lone-null",
            ShapeProblemKind::EmptyList => "json-empty-list",
            ShapeProblemKind::EmptyObject => "json-empty-object",
            ShapeProblemKind::NestedList => "json-nested-list",
            ShapeProblemKind::ExtensionShape => "json-extension-shape",
            ShapeProblemKind::ExtensionCount => "json-extension-count",
            ShapeProblemKind::UnknownAttribute => "xml-unknown-attribute",
            ShapeProblemKind::StrayText => "xml-stray-text",
            ShapeProblemKind::ForeignElement => "xml-foreign-element",
            ShapeProblemKind::NotOneResource => "xml-not-one-resource",
        }
    }
}

impl fmt::Display for ShapeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.kind {
            ShapeProblemKind::NoResourceType => write!(f, "no `resourceType`; add it as a string"),
            ShapeProblemKind::DuplicateKey => write!(f, "`{name}` occurs twice; keep one"),
            ShapeProblemKind::LoneNull => write!(f, "`{name}` is null; leave it out"),
            ShapeProblemKind::EmptyList => write!(f, "`{name}` is an empty list; leave it out"),
            ShapeProblemKind::EmptyObject => write!(f, "`{name}` is an empty object; leave it out"),
            ShapeProblemKind::NestedList => write!(f, "`{name}` has a list in a list; FHIR has no such thing"),
            ShapeProblemKind::ExtensionShape => {
                write!(f, "`_{name}` has another shape than `{name}`; give both one shape")
            }
            ShapeProblemKind::ExtensionCount => {
                write!(f, "`_{name}` has another length than `{name}`; fill the shorter list with null")
            }
            ShapeProblemKind::UnknownAttribute => {
                write!(f, "FHIR has no attribute `{name}` here; remove it, or write it as an element")
            }
            ShapeProblemKind::StrayText => write!(f, "`{name}` contains text; write a value as attribute `value`"),
            ShapeProblemKind::ForeignElement => write!(f, "`{name}` is not in the namespace of FHIR; remove it"),
            ShapeProblemKind::NotOneResource => write!(f, "`{name}` must contain one resource and nothing else"),
        }
    }
}
