//! The StructureDefinitions of a compact file: elements as rows of a table that all definitions of the file share.
//!
//! Most elements differ from others in their path only, and most of their text is the same few lists of types and of
//! constraints. So a definition is its head (JSON), the name of its list, and a line for each element: path, row, and
//! the id where it is not the path, separated by tabs. A row is the rest of an element (JSON) after the rows of its
//! types and constraints; a row that starts with `{` is such a list. Each row is read when it is first asked for.
//! Knows nothing of files.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::OnceLock;

use crate::fhir::definitions::read::read_facts;
use crate::fhir::definitions::structure::ElementDefinition;
use crate::fhir::definitions::structure::StructureDefinition;
use crate::fhir::element::Element;
use crate::fhir::json;
use crate::fhir::syntax::MAX_ELEMENTS;

/// The lists of a StructureDefinition; a pruned one has one of them.
const LISTS: [&str; 2] = ["snapshot", "differential"];

/// Most elements of a definition: what is read from JSON has two elements at least for each.
const MAX_ROWS: usize = MAX_ELEMENTS / 2;

/// A table in the making.
#[derive(Default)]
pub(super) struct RowsMade {
    numbers: HashMap<String, usize>,
    text: String,
}

impl RowsMade {
    /// The text of a pruned StructureDefinition; what is new in its elements is added to the table.
    pub(super) fn add(&mut self, definition: &Element) -> String {
        let mut head = definition.clone();
        head.children.retain(|child| !LISTS.contains(&&*child.name));
        let mut text = json::write(&head, None);
        for list in definition.children.iter().filter(|child| LISTS.contains(&&*child.name)) {
            text.push('\n');
            text.push_str(&list.name);
            for element in list.all("element") {
                let row = self.element(element);
                text.push_str(&format!("\n{}\t{row}", one_field(element.text("path").unwrap_or_default())));
                if let Some(id) = element.text("id") {
                    text.push('\t');
                    text.push_str(&one_field(id));
                }
            }
        }
        text
    }

    /// The whole table.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    fn element(&mut self, element: &Element) -> usize {
        let [types, constraints] = ["type", "constraint"].map(|name| {
            let list: Vec<Element> = element.all(name).cloned().collect();
            if list.is_empty() { String::new() } else { self.row(write(list)).to_string() }
        });
        let own = |child: &&Element| !["id", "path", "type", "constraint"].contains(&&*child.name);
        let rest = write(element.children.iter().filter(own).cloned().collect());
        self.row(format!("{types}\t{constraints}\t{rest}"))
    }

    fn row(&mut self, line: String) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry(line).or_insert_with_key(|line| {
            self.text.push_str(line);
            self.text.push('\n');
            next
        })
    }
}

fn write(children: Vec<Element>) -> String {
    json::write(&Element { children, ..Element::default() }, None)
}

/// A table that was made before.
pub(super) struct Rows {
    text: String,
    rows: Vec<Row>,
}

struct Row {
    start: usize,
    end: usize,
    read: OnceLock<Option<Box<ElementDefinition>>>,
}

impl Rows {
    /// Finds the rows; reads none.
    pub(super) fn new(text: String) -> Rows {
        let mut rows = Vec::new();
        let mut start = 0;
        for line in text.split_terminator('\n') {
            let end = start + line.len();
            rows.push(Row { start, end, read: OnceLock::new() });
            start = end + 1;
        }
        Rows { text, rows }
    }

    /// Reads what [`RowsMade::add`] wrote; `None` when it is damaged.
    pub(super) fn structure(&self, text: &str) -> Option<StructureDefinition> {
        let mut lines = text.split('\n');
        let (head, _) = json::parse(lines.next()?.as_bytes()).ok()?;
        let mut definition = StructureDefinition::read(&head).ok()?;
        let Some(list) = lines.next() else { return Some(definition) };
        // Every line has a tab, so this is as long as the list at most.
        let mut elements = Vec::with_capacity(lines.clone().count().min(MAX_ROWS));
        for line in lines {
            if elements.len() == MAX_ROWS {
                return None;
            }
            elements.push(self.element(line)?);
        }
        match list {
            "snapshot" => definition.snapshot = elements,
            "differential" => definition.differential = elements,
            _ => return None,
        }
        Some(definition)
    }

    fn element(&self, line: &str) -> Option<ElementDefinition> {
        let (path, rest) = line.split_once('\t')?;
        let (row, id) = rest.split_once('\t').unwrap_or((rest, ""));
        let row = self.rows.get(row.parse::<usize>().ok()?)?;
        let shared = row.read.get_or_init(|| self.read(row).map(Box::new)).as_deref()?;
        Some(ElementDefinition { id: id.into(), path: path.into(), ..shared.clone() })
    }

    fn read(&self, row: &Row) -> Option<ElementDefinition> {
        let mut fields = self.text.get(row.start..row.end)?.splitn(3, '\t');
        let (types, constraints, rest) = (fields.next()?, fields.next()?, fields.next()?);
        let mut element = read_row(rest)?;
        if let Some(list) = self.list(types)? {
            element.types = Arc::clone(&list.types);
        }
        if let Some(list) = self.list(constraints)? {
            element.constraints = Arc::clone(&list.constraints);
        }
        Some(element)
    }

    /// The row of a list; nothing for no number. Only a list can be meant, so that no row leads to itself.
    fn list(&self, number: &str) -> Option<Option<&ElementDefinition>> {
        if number.is_empty() {
            return Some(None);
        }
        let row = self.rows.get(number.parse::<usize>().ok()?)?;
        let text = self.text.get(row.start..row.end).filter(|text| text.starts_with('{'))?;
        row.read.get_or_init(|| read_row(text).map(Box::new)).as_deref().map(Some)
    }
}

fn read_row(text: &str) -> Option<ElementDefinition> {
    let (element, _) = json::parse(text.as_bytes()).ok()?;
    // Pruning leaves nothing in it that the path decides.
    read_facts("", &element).ok()
}

/// A tab or line end within a field would break the line.
fn one_field(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFINITION: &str = r#"{"resourceType":"StructureDefinition","url":"http://a.b/c","kind":"resource","type":"C",
        "snapshot":{"element":[{"path":"C","min":0,"max":"*"},
        {"path":"C.d","min":0,"max":"1","type":[{"code":"string"}],"constraint":[{"key":"k","severity":"error"}]},
        {"path":"C.e","min":0,"max":"1","type":[{"code":"string"}],"constraint":[{"key":"k","severity":"error"}]},
        {"id":"C.e:f","path":"C.e","sliceName":"f","max":"1","fixedString":"\t","type":[{"code":"string"}]}]}}"#;

    fn made() -> (String, Rows) {
        let (definition, _) = json::parse(DEFINITION.as_bytes()).unwrap();
        let mut made = RowsMade::default();
        let text = made.add(&definition);
        (text, Rows::new(made.text().to_string()))
    }

    #[test]
    fn equal_elements_share_a_row_and_its_lists() {
        let (text, rows) = made();
        assert_eq!(rows.rows.len(), 5, "{}", rows.text);
        let read = rows.structure(&text).unwrap();
        let (definition, _) = json::parse(DEFINITION.as_bytes()).unwrap();
        let whole = StructureDefinition::read(&definition).unwrap();
        assert_eq!((&read.url, read.kind, read.snapshot.len()), (&whole.url, whole.kind, whole.snapshot.len()));
        for (read, whole) in read.snapshot.iter().zip(&whole.snapshot) {
            assert_eq!((&read.id, &read.path, read.min, read.max), (&whole.id, &whole.path, whole.min, whole.max));
            assert_eq!((&read.types, &read.constraints), (&whole.types, &whole.constraints));
            let text = |one: &ElementDefinition| Some(one.fixed.as_ref()?.value.as_text()?.to_string());
            assert_eq!((&read.slice_name, text(read)), (&whole.slice_name, text(whole)));
        }
        assert!(Arc::ptr_eq(&read.snapshot[1].constraints, &read.snapshot[2].constraints));
        assert!(Arc::ptr_eq(&read.snapshot[1].types, &read.snapshot[3].types));
    }

    #[test]
    fn damage_is_no_definition() {
        let (text, rows) = made();
        for damaged in
            ["", "{", &text.replace("snapshot", "nothing"), &text.replace('\t', "\t9"), &format!("{text}\nC")]
        {
            assert!(rows.structure(damaged).is_none(), "{damaged}");
        }
        // A row of types that is no list, and one that leads to itself.
        for table in ["\t\t{}\n0\t\t{}\n", "\t\t{}\n1\t\t{}\n", "\t\t{}\n{\"type\":[{}]}\n", "{}\n"] {
            let rows = Rows::new(table.to_string());
            assert!(rows.structure(&text.replace('1', "0").replace('2', "1")).is_none(), "{table}");
        }
    }
}
