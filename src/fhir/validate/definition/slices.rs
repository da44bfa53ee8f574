//! Whether the slices of extensions keep to the slicing that they are in: "extensions are always sliced by (at least) url",
//! as the definition of `extension` on every type says.

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::validate::definition::Entry;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// Judges the slices of extensions that define a slicing again; told at the definition, in the text at the slice.
    pub fn slices_of_extensions(&mut self, spot: Spot<'_>, entries: &[Entry<'_>]) {
        for (slice, around) in entries.iter().zip(slicings_around(entries)) {
            let Some(own) = slice.element.child("slicing") else { continue };
            let is_extension = slice.path.ends_with(".extension") || slice.path.ends_with(".modifierExtension");
            if !is_extension || slice.element.child("sliceName").is_none() || is_by_url(own) {
                continue;
            }
            let Some(around) = around.and_then(|at| entries.get(at)) else { continue };
            let there = Spot { element: own, ..spot };
            let (name, around) = (slice.name(), around.name());
            let expected = text!(
                "slice `{name}` verdeeld zoals `{around}`: naar `url`, met wat daar nog bij komt",
                "slice `{name}` divided as `{around}` is: by `url`, with what comes beside it"
            );
            self.misfit(there, "definition-slicing", expected, told(own));
        }
    }
}

/// For each slice the position of the element that carries the slicing it is in: the one before it with the same path and
/// without a name, unless another path that is not below it came between and ended the set.
fn slicings_around(entries: &[Entry<'_>]) -> Vec<Option<usize>> {
    let mut open: Vec<(&str, Option<usize>)> = Vec::new();
    let mut around = Vec::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        while open.last().is_some_and(|(path, _)| !is_at_or_below(entry.path, path)) {
            open.pop();
        }
        let is_slice = entry.element.child("sliceName").is_some();
        let before = open.pop_if(|(path, _)| *path == entry.path).and_then(|(_, carrier)| carrier);
        let own = entry.element.child("slicing").map(|_| at);
        open.push((entry.path, if is_slice { before } else { own }));
        around.push(before.filter(|_| is_slice));
    }
    around
}

fn is_at_or_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn is_by_url(slicing: &Element) -> bool {
    slicing.all("discriminator").any(|one| one.text("path") == Some("url"))
}

fn told(slicing: &Element) -> Text {
    let paths: Vec<&str> = slicing.all("discriminator").filter_map(|one| one.text("path")).collect();
    match paths.as_slice() {
        [] => text!("een slicing zonder discriminator", "a slicing without discriminator"),
        _ => Text::same(format!("`{}`", paths.join("`, `"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::json;

    #[test]
    fn a_shorter_or_other_path_ends_the_set_of_slices() {
        let list = br#"{"element": [
            {"path": "Patient.extension", "slicing": {"rules": "open"}},
            {"path": "Patient.extension", "sliceName": "a"},
            {"path": "Patient.extension.value[x]"},
            {"path": "Patient.extension", "sliceName": "b"},
            {"path": "Patient.contact"},
            {"path": "Patient.extension", "sliceName": "c"},
            {"path": "Patient.contact.extension"},
            {"path": "Patient.contact.extension", "sliceName": "d"}
        ]}"#;
        let (list, _) = json::parse(list).unwrap();
        let entries: Vec<Entry<'_>> = list.all("element").map(Entry::of).collect();
        assert_eq!(slicings_around(&entries), [None, Some(0), None, Some(0), None, None, None, None]);
    }
}
