//! The ids and extensions of primitives, which JSON has in `_name` beside `name`.

use std::collections::HashMap;

use crate::fhir::element::Element;
use crate::fhir::json::read::Entry;
use crate::fhir::json::read::Reader;
use crate::fhir::json::read::span;
use crate::fhir::json::scan::Step;
use crate::fhir::syntax::ShapeProblemKind;

impl<'a> Reader<'a> {
    /// Reads the value of `_name`.
    pub(super) fn shadow(&mut self, name: &str) -> Step<(Vec<Option<Element>>, bool)> {
        let start = self.scan.at;
        let is_list = self.scan.peek() == Some(b'[');
        let mut items = Vec::new();
        let one = |reader: &mut Reader<'a>, items: &mut Vec<Option<Element>>| -> Step<()> {
            reader.count()?;
            let at = reader.scan.at;
            match reader.scan.peek() {
                Some(b'{') => {
                    let mut item = Element { name: name.into(), span: span(at), ..Element::default() };
                    let index = is_list.then_some(u32::try_from(items.len()).unwrap_or(u32::MAX));
                    reader.inside(name, index, |reader| reader.object(&mut item, false))?;
                    items.push(Some(item));
                }
                Some(b'n') => {
                    reader.scan.literal("null")?;
                    items.push(None);
                }
                Some(b'[') => {
                    reader.inside(name, None, Reader::skip_list)?;
                    reader.problem(name, at, ShapeProblemKind::ExtensionShape);
                }
                _ => {
                    reader.inside(name, None, |reader| reader.value(&mut Element::default()))?;
                    reader.problem(name, at, ShapeProblemKind::ExtensionShape);
                }
            }
            Ok(())
        };
        if is_list {
            self.items(|reader| one(reader, &mut items))?;
            if items.is_empty() {
                self.problem(name, start, ShapeProblemKind::EmptyList);
            }
            return Ok((items, true));
        }
        one(self, &mut items)?;
        if matches!(items.first(), Some(None)) {
            self.problem(name, start, ShapeProblemKind::LoneNull);
            items.clear();
        }
        Ok((items, false))
    }

    /// Joins `_name` with `name` and drops what occurs twice.
    pub(super) fn merge(&mut self, element: &mut Element, base: usize) {
        let entries: Vec<Entry<'a>> = self.entries.drain(base..).collect();
        let mut shadows: HashMap<&str, &Entry<'a>> = HashMap::new();
        let mut values: HashMap<&str, usize> = HashMap::new();
        for (position, entry) in entries.iter().enumerate() {
            let is_new = match &entry.shadow {
                Some(_) => shadows.insert(&entry.name, entry).is_none(),
                None => values.insert(&entry.name, position).is_none(),
            };
            if !is_new {
                self.problem(&entry.name, entry.at, ShapeProblemKind::DuplicateKey);
            }
        }
        // Of what occurs twice the first stays.
        for (position, entry) in entries.iter().enumerate().rev() {
            match &entry.shadow {
                Some(_) => drop(shadows.insert(&entry.name, entry)),
                None => drop(values.insert(&entry.name, position)),
            }
        }
        let mut old = std::mem::take(&mut element.children).into_iter();
        for (position, entry) in entries.iter().enumerate() {
            let items: Vec<Element> = old.by_ref().take(entry.count).collect();
            match &entry.shadow {
                None if values.get(&*entry.name) == Some(&position) => {
                    let shadow = shadows.get(&*entry.name).copied();
                    self.join(&mut element.children, entry, items, shadow);
                }
                Some(_)
                    if !values.contains_key(&*entry.name)
                        && shadows.get(&*entry.name).is_some_and(|first| std::ptr::eq(*first, entry)) =>
                {
                    self.join(&mut element.children, entry, Vec::new(), Some(entry));
                }
                _ => {}
            }
        }
    }

    fn join(
        &mut self,
        children: &mut Vec<Element>,
        entry: &Entry<'a>,
        mut items: Vec<Element>,
        shadow: Option<&Entry<'a>>,
    ) {
        let extras = shadow.and_then(|shadow| shadow.shadow.as_deref()).unwrap_or_default();
        if let Some(shadow) = shadow.filter(|shadow| !std::ptr::eq(*shadow, entry)) {
            if shadow.is_list != entry.is_list && !items.is_empty() {
                self.problem(&entry.name, shadow.at, ShapeProblemKind::ExtensionShape);
            } else if entry.is_list && extras.len() != items.len() && !extras.is_empty() {
                self.problem(&entry.name, shadow.at, ShapeProblemKind::ExtensionCount);
            }
        }
        let is_list = entry.is_list || shadow.is_some_and(|shadow| shadow.is_list);
        for (position, extra) in extras.iter().enumerate() {
            if position >= items.len() {
                let index = is_list.then_some(position as u32);
                let at = extra.as_ref().map_or(span(entry.at), |extra| extra.span);
                items.push(Element { name: (&*entry.name).into(), index, span: at, ..Element::default() });
            }
            let Some(extra) = extra else { continue };
            let item = &mut items[position];
            if item.value.is_none() && !item.children.is_empty() {
                // `name` is an object: extensions belong inside it.
                self.problem(&entry.name, extra.span.offset as usize, ShapeProblemKind::ExtensionShape);
            } else {
                item.children = extra.children.clone();
            }
        }
        for item in items {
            // An object without properties stays, and has its own problem already.
            let written = self.scan.bytes.get(item.span.offset as usize);
            if is_hole(&item) && is_list && written != Some(&b'{') {
                if written == Some(&b'n') {
                    self.problem_at(&entry.name, item.index, item.span.offset as usize, ShapeProblemKind::LoneNull);
                }
                continue;
            }
            children.push(item);
        }
    }
}

/// An element that holds nothing: a `null` in a list, or an empty object.
pub(super) fn is_hole(element: &Element) -> bool {
    element.value.is_none() && element.children.is_empty() && element.resource_type.is_none()
}
