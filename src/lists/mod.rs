//! The lists of the stelselnode: ZAL, OCL, GNL, whitelist and koppellijst. Text in; model and mistakes out.
//!
//! Pure: knows no files, no network and no clock. The schemas are one table (`schema`), with which a text is read as strictly
//! as a validator with the XSD does, where an XSD was seen. Entry points: [`parse`] for who uses a list, [`read`] for who
//! checks one, [`across`] for several together, [`write()`] to make one.

mod across;
mod build;
mod check;
mod mistake;
pub mod model;
mod read;
mod recognise;
pub mod roles;
pub mod schema;
pub mod simple;
mod write;

pub use across::across;
pub use mistake::Mistake;
pub use model::List;
pub use read::LARGEST;
pub use write::write;

use std::io;
use std::io::Read;

use crate::diag::Severity;
use crate::diag::Text;
use crate::lists::mistake::Collector;
use crate::lists::mistake::Said;
use crate::lists::mistake::Spot;
use crate::lists::schema::Schema;
use crate::text;

/// The rows of the register that a check of lists judges.
pub const RULES: &[&str] = &[
    "LIST-02", "LIST-10", "LIST-11", "LIST-12", "LIST-13", "LIST-14", "LIST-15", "LIST-16", "LIST-17", "LIST-18",
    "LIST-19", "LIST-20", "LIST-21", "LIST-22", "LIST-23", "LIST-24", "LIST-25", "LIST-26", "LIST-28", "LIST-31",
    "LIST-36", "LIST-41",
];

/// An element that a schema knows, with its place in the text.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    name: &'static str,
    /// Its text as it stands; empty for an element with elements.
    text: String,
    /// Byte offset and length: of the text, else of the start tag.
    span: (usize, usize),
    children: Vec<Tree>,
}

impl Tree {
    fn child(&self, name: &str) -> Option<&Tree> {
        self.children.iter().find(|child| child.name == name)
    }

    fn all<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t Tree> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of an element one or more levels down.
    fn text_of(&self, path: &[&str]) -> Option<&str> {
        self.at(path).map(|tree| tree.text.as_str())
    }

    fn at(&self, path: &[&str]) -> Option<&Tree> {
        path.iter().try_fold(self, |tree, name| tree.child(name))
    }

    /// All elements at the end of a path.
    fn under<'t>(&'t self, path: &[&str]) -> Vec<&'t Tree> {
        path.iter().fold(vec![self], |trees, name| {
            trees.into_iter().flat_map(|tree| tree.children.iter().filter(|child| child.name == *name)).collect()
        })
    }
}

/// A list that was read for checking: what it is, and all that is wrong with it.
#[derive(Debug)]
pub struct Reading {
    /// Name of the file, or `-`.
    pub name: String,
    /// The text, as UTF-8.
    pub text: String,
    /// The schema that it follows, or claims to; none when it is no list that we know.
    pub schema: Option<&'static Schema>,
    /// The list, when enough of it is there.
    pub list: Option<List>,
    /// What is wrong, in the order of the text.
    pub mistakes: Vec<Mistake>,
    tree: Option<Tree>,
}

/// The bytes of a list, but no more of them than show that it is too large.
///
/// # Errors
/// What the reader says.
pub fn bytes(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads the bytes of a list as a receiver does that validates with the schema.
///
/// # Errors
/// All mistakes, when one of them is an error or when the list cannot be used.
pub fn parse(bytes: &[u8]) -> Result<List, Vec<Mistake>> {
    let Reading { list, mistakes, .. } = read("", bytes);
    match list {
        Some(list) if mistakes.iter().all(|mistake| mistake.severity < Severity::Error) => Ok(list),
        _ => Err(mistakes),
    }
}

/// Reads a list and finds all that is wrong with it. The name of the file, without folder, counts for LIST-10.
pub fn read(name: &str, bytes: &[u8]) -> Reading {
    let nothing = |seen: Text, fix: Text| {
        let mut found = Collector::new("");
        let spot = Spot { place: String::new(), span: (0, 0) };
        let expected = Text::new("een lijst in XML", "a list in XML");
        found.add("", read::XML, Severity::Error, "not-xml", spot, Said { expected, seen, fix });
        let mistakes = found.finish();
        Reading { name: name.to_owned(), text: String::new(), schema: None, list: None, mistakes, tree: None }
    };
    if bytes.len() > LARGEST {
        let most = LARGEST >> 20;
        let seen = text!("meer dan {most} MiB", "more than {most} MiB");
        return nothing(
            seen,
            Text::new("een lijst is kleiner; controleer het bestand", "a list is smaller; check the file"),
        );
    }
    let Some(text) = read::decode(bytes) else {
        let seen = Text::new("bytes die geen UTF-8 zijn", "bytes that are no UTF-8");
        return nothing(seen, Text::new("bewaar het bestand als UTF-8", "save the file as UTF-8"));
    };
    let mut found = Collector::new(&text);
    let (schema, tree) = read::read(&text, &mut found);
    if let (Some(schema), Some(tree)) = (schema, &tree) {
        check::check(&text, schema, tree, &mut found);
        check::file_name(&text, name, schema, tree, &mut found);
    }
    let list = schema.zip(tree.as_ref()).and_then(|(schema, tree)| build::list(schema, tree));
    Reading { name: name.to_owned(), text, schema, list, mistakes: found.finish(), tree }
}
