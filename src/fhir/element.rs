//! The tree that every judgement works on: one resource, read from JSON or XML.
//!
//! Both formats give the same tree. JSON's `_birthDate` is merged into `birthDate`; a JSON list becomes repeated
//! children that remember their index. No definitions are needed to read it, so it says nothing of types.

/// Where an element starts in the text it was read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Byte offset in the source text.
    pub offset: u32,
}

/// How a primitive value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarKind {
    /// A JSON string.
    Text,
    /// A JSON number; its text is kept as it was written (`1.0` stays `1.0`).
    Number,
    /// A JSON boolean.
    Boolean,
    /// A `value` attribute of FHIR XML, which does not show its type.
    Attribute,
}

/// A primitive value with the text it was written as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The value as written, after unescaping.
    pub text: Box<str>,
    /// The way it was written.
    pub kind: ScalarKind,
}

/// One element of a resource: a resource, a complex datatype, or a primitive with its id and extensions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Name as in the instance (`valueQuantity`, `given`); for a resource root its type.
    pub name: Box<str>,
    /// Type of the resource, when this element is one (root, contained, `Bundle.entry.resource`).
    pub resource_type: Option<Box<str>>,
    /// Value of a primitive. A primitive may have children (id, extension) and no value.
    pub value: Option<Scalar>,
    /// Children in document order; the items of a list stand one after another with the same name.
    pub children: Vec<Element>,
    /// Position in its JSON list; `None` when it was no list, or when it was read from XML.
    pub index: Option<u32>,
    /// Where it starts in the source text.
    pub span: Span,
}

impl Element {
    /// The first child with this name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| &*child.name == name)
    }

    /// All children with this name, in document order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> + 'a {
        self.children.iter().filter(move |child| &*child.name == name)
    }

    /// The choice with this base name, whatever its type: `valueQuantity` for `value`.
    pub fn choice(&self, base: &str) -> Option<&Element> {
        self.children.iter().find(|child| type_of_choice(&child.name, base).is_some())
    }

    /// Its extensions with this URL.
    pub fn extensions<'a>(&'a self, url: &str) -> impl Iterator<Item = &'a Element> {
        self.all("extension").filter(move |extension| extension.text("url") == Some(url))
    }

    /// The text of a primitive child.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.child(name).and_then(Element::as_text)
    }

    /// The text of this primitive.
    pub fn as_text(&self) -> Option<&str> {
        self.value.as_ref().map(|scalar| &*scalar.text)
    }
}

/// The type that the name of a choice tells, as it is written there: `Quantity` of `valueQuantity` for `value`. `None` for any
/// other name.
pub fn type_of_choice<'n>(name: &'n str, base: &str) -> Option<&'n str> {
    name.strip_prefix(base).filter(|kind| kind.starts_with(|first: char| first.is_ascii_uppercase()))
}
