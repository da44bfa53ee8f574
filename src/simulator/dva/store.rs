//! The resources of one data set, as each patient may see them.
//!
//! A patient's are those that refer to the Patient, by whatever element, and what those refer to in turn; never what
//! belongs to another patient. No BSN leaves the store: it is masked when the store is made.
//! Entry point: [`Store::new`].

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use crate::fhir::Element;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::search;
use crate::simulator::dva::tree;

/// The NamingSystem of the burgerservicenummer.
pub(super) const BSN: &str = "http://fhir.nl/fhir/NamingSystem/bsn";

/// The resources of one data set.
pub(super) struct Store {
    types: BTreeSet<String>,
    patients: BTreeMap<String, Dossier>,
}

/// What one patient may see.
pub(super) struct Dossier {
    /// The resources that belong to the patient and what they refer to, in the order of the data.
    pub(super) records: search::Store<'static>,
    /// How many of them belong to the patient.
    pub(super) own: usize,
    /// The BSN that the data held, before it was masked.
    pub(super) bsn: Option<String>,
}

impl Store {
    /// Puts resources in order; those without an id cannot be served and are left out.
    pub(super) fn new(mut resources: Vec<Element>, definitions: &'static DefinitionSet) -> Self {
        resources.retain(|resource| resource.text("id").is_some_and(|id| !id.is_empty()));
        let numbers: Vec<Option<String>> = resources.iter().map(number_of_patient).collect();
        let known: BTreeSet<&String> = numbers.iter().flatten().collect();
        for resource in &mut resources {
            mask(resource, &known);
        }
        let by_key: HashMap<String, usize> =
            resources.iter().enumerate().map(|(i, resource)| (key(resource), i)).collect();
        let links: Vec<Vec<usize>> = resources.iter().map(|resource| links(resource, &by_key)).collect();
        let is_patient = |i: usize| resources.get(i).is_some_and(|resource| &*resource.name == "Patient");
        // To whom each resource belongs: the patients it refers to; a Patient to itself alone.
        let owners: Vec<BTreeSet<usize>> = links
            .iter()
            .enumerate()
            .map(|(i, links)| match is_patient(i) {
                true => BTreeSet::from([i]),
                false => links.iter().copied().filter(|link| is_patient(*link)).collect(),
            })
            .collect();
        let mut patients = BTreeMap::new();
        for (i, resource) in resources.iter().enumerate().filter(|(i, _)| is_patient(*i)) {
            let belongs = |owned: &BTreeSet<usize>| owned.contains(&i);
            let own: Vec<usize> = (0..owners.len()).filter(|o| owners.get(*o).is_some_and(belongs)).collect();
            let may = |o: usize| owners.get(o).is_none_or(|owned| owned.is_empty() || belongs(owned));
            let visible = closure(&own, &links, may).into_iter().filter_map(|o| resources.get(o).cloned()).collect();
            let dossier = Dossier {
                records: search::Store::new(visible, definitions),
                own: own.len(),
                bsn: numbers.get(i).cloned().flatten(),
            };
            patients.insert(resource.text("id").unwrap_or_default().to_owned(), dossier);
        }
        Self { types: resources.iter().map(|resource| resource.name.to_string()).collect(), patients }
    }

    /// What a patient may see, by the id of the Patient.
    pub(super) fn dossier(&self, patient: &str) -> Option<&Dossier> {
        self.patients.get(patient)
    }

    /// The dossiers by id of the Patient.
    pub(super) fn dossiers(&self) -> impl Iterator<Item = (&str, &Dossier)> {
        self.patients.iter().map(|(id, dossier)| (id.as_str(), dossier))
    }

    /// The types of resource that there are.
    pub(super) fn types(&self) -> &BTreeSet<String> {
        &self.types
    }
}

fn key(resource: &Element) -> String {
    format!("{}/{}", resource.name, resource.text("id").unwrap_or_default())
}

/// Indexes that a resource refers to: literal references, and urls of Binaries in attachments.
fn links(resource: &Element, by_key: &HashMap<String, usize>) -> Vec<usize> {
    let mut found = Vec::new();
    tree::walk(resource, &mut |element| {
        let points = match &*element.name {
            "reference" => true,
            "url" => element.as_text().is_some_and(|url| url.contains("Binary/")),
            _ => false,
        };
        let target = element.as_text().filter(|_| points).and_then(tree::literal);
        if let Some(index) = target.and_then(|(kind, id)| by_key.get(&format!("{kind}/{id}"))) {
            found.push(*index);
        }
    });
    found
}

/// All that can be reached from `start` by links, through what may be seen.
fn closure(start: &[usize], links: &[Vec<usize>], may: impl Fn(usize) -> bool) -> BTreeSet<usize> {
    let mut reached: BTreeSet<usize> = start.iter().copied().collect();
    let mut next: Vec<usize> = start.to_vec();
    while let Some(index) = next.pop() {
        for link in links.get(index).into_iter().flatten() {
            if may(*link) && reached.insert(*link) {
                next.push(*link);
            }
        }
    }
    reached
}

fn is_bsn(identifier: &Element) -> bool {
    identifier.text("system") == Some(BSN)
}

fn number_of_patient(resource: &Element) -> Option<String> {
    let mut numbers = resource.all("identifier").filter(|identifier| is_bsn(identifier));
    numbers.find_map(|identifier| identifier.text("value")).map(str::to_owned)
}

/// Masks each identifier with the system of the BSN, and the numbers themselves wherever they stand.
pub(super) fn mask(resource: &mut Element, known: &BTreeSet<&String>) {
    tree::walk_mut(resource, &mut |element| {
        if is_bsn(element)
            && let Some(value) = element.children.iter_mut().find(|child| &*child.name == "value")
            && value.value.take().is_some()
        {
            value.children.retain(|child| &*child.name != "extension");
            value.children.push(masked());
        }
        if let Some(scalar) = &mut element.value {
            for number in known {
                if scalar.text.contains(number.as_str()) {
                    scalar.text = scalar.text.replace(number.as_str(), "*********").into();
                }
            }
        }
    });
}

/// The extension that says that a value is there but not shown.
fn masked() -> Element {
    let url = tree::text("url", "http://hl7.org/fhir/StructureDefinition/data-absent-reason");
    let mut extension = tree::object("extension", vec![url, tree::text("valueCode", "masked")]);
    extension.index = Some(0);
    extension
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Env;
    use crate::fhir::definitions::FhirVersion;
    use crate::fhir::json;
    use crate::packages::embedded;
    use crate::simulator::dva::data::DataSet;

    fn store(texts: &[&str]) -> Store {
        let resources = texts.iter().map(|text| json::parse(text.as_bytes()).unwrap().0).collect();
        Store::new(resources, embedded::definitions(FhirVersion::Stu3))
    }

    fn visible(store: &Store, patient: &str) -> Vec<String> {
        store.dossier(patient).unwrap().records.resources().iter().map(key).collect()
    }

    #[test]
    fn a_patient_sees_what_refers_to_it_and_what_that_refers_to() {
        let store = store(&[
            r#"{"resourceType":"Patient","id":"a","link":[{"other":{"reference":"Patient/b"}}]}"#,
            r#"{"resourceType":"Patient","id":"b"}"#,
            r#"{"resourceType":"Condition","id":"c","subject":{"reference":"https://x.example/fhir/Patient/a"},
                "asserter":{"reference":"Practitioner/p"}}"#,
            r#"{"resourceType":"Practitioner","id":"p"}"#,
            r#"{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/b"}}"#,
            r#"{"resourceType":"DocumentReference","id":"d","subject":{"reference":"Patient/b"},
                "related":[{"ref":{"reference":"Condition/c"}}],
                "content":[{"attachment":{"url":"Binary/x"}}]}"#,
            r#"{"resourceType":"Binary","id":"x"}"#,
        ]);
        assert_eq!(visible(&store, "a"), ["Patient/a", "Condition/c", "Practitioner/p"]);
        assert_eq!(visible(&store, "b"), ["Patient/b", "Observation/o", "DocumentReference/d", "Binary/x"]);
    }

    #[test]
    fn no_bsn_leaves_the_store() {
        let store = store(&[r#"{"resourceType":"Patient","id":"a","text":{"div":"<div>BSN 999990019</div>"},
            "identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}]}"#]);
        let text = json::write(
            &store.dossier("a").unwrap().records.resources()[0],
            Some(embedded::definitions(FhirVersion::Stu3)),
        );
        assert!(!text.contains("999990019"), "{text}");
        assert!(text.contains(r#""_value":{"extension""#), "{text}");
        assert_eq!(store.dossier("a").unwrap().bsn.as_deref(), Some("999990019"));
    }

    #[test]
    fn the_sparse_patients_of_our_own_see_themselves_alone() {
        for set in DataSet::own(&Env::seeded(1)).unwrap() {
            let suite = set.suites.first().copied().unwrap();
            let store = Store::new(set.resources, embedded::definitions(FhirVersion::Stu3));
            assert_eq!(visible(&store, &format!("{suite}-sparse")), [format!("Patient/{suite}-sparse")]);
            assert!(store.dossier(&format!("{suite}-rich")).unwrap().own >= 8);
        }
    }
}
