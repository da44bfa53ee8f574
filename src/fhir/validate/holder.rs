//! What an extension stands on: the way to it from its resource, with the types of all elements on that way.
//!
//! Found by searching the tree, so it costs nothing where no extension names its contexts. Knows nothing of profiles.

use crate::fhir::Element;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::path::Model;
use crate::fhir::validate::work::Work;

/// Elements whose value is an example or a rule for values elsewhere: what that may hold, this one may not know.
const DEFINED_VALUES: &[&str] =
    &["ElementDefinition.example.value", "ElementDefinition.pattern", "ElementDefinition.fixed"];

/// The way from a resource to the element that an extension stands on.
pub struct Holder<'a> {
    steps: Vec<Step<'a>>,
}

struct Step<'a> {
    element: &'a Element,
    /// Type, or path of a backbone element.
    kind: &'a str,
    /// Name in the definition, without `[x]`.
    name: &'a str,
}

impl<'a> Holder<'a> {
    /// What `extension` stands on; `None` when it is not in the resource.
    pub fn of(
        resource: &'a Element,
        extension: &Element,
        definitions: &'a DefinitionSet,
        work: &Work,
    ) -> Option<Holder<'a>> {
        let kind = resource.resource_type.as_deref()?;
        let mut steps = vec![Step { element: resource, kind, name: kind }];
        search(&mut steps, extension, definitions, work).then_some(Holder { steps })
    }

    /// The element itself.
    pub fn element(&self) -> &'a Element {
        self.steps[self.steps.len() - 1].element
    }

    /// The url of the extension that it is, when it is one.
    pub fn extension_url(&self) -> Option<&'a str> {
        let last = &self.steps[self.steps.len() - 1];
        if last.kind == "Extension" { last.element.text("url") } else { None }
    }

    /// Path within the resource, without positions.
    pub fn path(&self) -> String {
        self.path_from(0, self.steps[0].kind)
    }

    /// Whether it is, or lies in, a value that a definition gives as example, fixed value or pattern.
    pub fn is_value_of_definition(&self) -> bool {
        (0..self.steps.len()).any(|from| {
            let path = self.path_from(from, self.steps[from].kind);
            DEFINED_VALUES
                .iter()
                .any(|known| path.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
        })
    }

    /// Whether a context of kind `element` means it: by its type or one that this derives from, or by a path from the
    /// type of any element on the way. What is no path of a type of FHIR is not ours to read and counts as yes.
    pub fn answers(&self, expression: &str, definitions: &DefinitionSet) -> bool {
        let path = plain(expression);
        let kind = path.split('.').next().unwrap_or(&path);
        if !is_path(&path) || matches!(kind, "Any" | "Element") || !definitions.is_type(kind) {
            return true;
        }
        let below = path.get(kind.len()..).unwrap_or_default();
        (0..self.steps.len()).any(|from| {
            let step = &self.steps[from];
            let own = self.path_from(from, "");
            let typed = self.typed_path(from);
            (own == below || typed == below)
                && (definitions.is_subtype(step.kind, kind) || is_backbone(step.kind, kind))
                || self.path_from(from, step.kind) == *path
        })
    }

    fn path_from(&self, from: usize, kind: &str) -> String {
        let mut path = kind.to_owned();
        for step in &self.steps[from + 1..] {
            path.push('.');
            path.push_str(step.name);
        }
        path
    }

    /// The path with the names of the instance, which tell the type of a choice: `.effectivePeriod`.
    fn typed_path(&self, from: usize) -> String {
        self.steps[from + 1..].iter().map(|step| format!(".{}", step.element.name)).collect()
    }
}

/// A backbone element is one by its path, in the model; that it derives from `BackboneElement` goes without saying.
fn is_backbone(kind: &str, asked: &str) -> bool {
    kind.contains('.') && asked == "BackboneElement"
}

fn search<'a>(steps: &mut Vec<Step<'a>>, target: &Element, definitions: &'a DefinitionSet, work: &Work) -> bool {
    let Some(last) = steps.last() else { return false };
    let (parent, kind) = (last.element, last.kind);
    if !work.spend(parent.children.len() as u64) {
        return false;
    }
    for child in &parent.children {
        if std::ptr::eq(child, target) {
            return true;
        }
        if child.children.is_empty() {
            continue;
        }
        let facts = definitions.child(kind, &child.name);
        let name = facts.map_or(&*child.name, |facts| facts.base_name);
        let (kind, name) = match child.resource_type.as_deref() {
            Some(own) => (own, own),
            None => (facts.map_or("", |facts| facts.kind), name),
        };
        steps.push(Step { element: child, kind, name });
        if search(steps, target, definitions, work) {
            // Another resource on the way: what is around it does not matter.
            return true;
        }
        steps.pop();
    }
    false
}

/// An element id without the names of slices and the marks of choices.
fn plain(id: &str) -> String {
    let path = id.rsplit_once('#').map_or(id, |(_, path)| path);
    let steps = path.split('.').map(|step| step.split(':').next().unwrap_or(step).trim_end_matches("[x]"));
    steps.collect::<Vec<_>>().join(".")
}

fn is_path(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}
