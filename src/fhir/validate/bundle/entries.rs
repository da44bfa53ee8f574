//! The entries of a Bundle by address, and which of them a reference means.
//!
//! The rules are those of bundle.html, "Resolving references in Bundles". Nothing is judged here.

use crate::fhir::Element;
use std::collections::HashMap;

/// The entries of a Bundle that hold a resource.
#[derive(Default)]
pub struct Entries<'a> {
    wants_addresses: bool,
    by_url: HashMap<&'a str, Vec<&'a Element>>,
    /// By type, then by id.
    by_type: HashMap<&'a str, HashMap<&'a str, Vec<&'a Element>>>,
    /// The `fullUrl` of each resource, by where the resource is in memory.
    addresses: HashMap<usize, Option<&'a str>>,
}

/// Which entry a reference means.
#[derive(Clone, Copy)]
pub enum Match<'a> {
    /// This resource.
    One(&'a Element),
    /// So many that it does not tell which.
    Several(usize),
    /// A resource with this UUID, of another type than the reference names.
    OtherType(&'a Element),
    /// None here.
    None,
}

impl<'a> Entries<'a> {
    /// The entries of a resource that has any (`entry.resource`); `None` when it has not.
    pub fn of(resource: &'a Element) -> Option<Entries<'a>> {
        let kind = resource.text("type").unwrap_or_default();
        let mut entries = Entries { wants_addresses: wants_addresses(kind), ..Entries::default() };
        for entry in resource.all("entry") {
            let Some(inner) = entry.child("resource") else { continue };
            let url = entry.text("fullUrl");
            if let Some(url) = url {
                entries.by_url.entry(url).or_default().push(inner);
            }
            entries.addresses.insert(std::ptr::from_ref(inner) as usize, url);
            if let (Some(kind), Some(id)) = (inner.resource_type.as_deref(), inner.text("id")) {
                entries.by_type.entry(kind).or_default().entry(id).or_default().push(inner);
            }
        }
        if entries.addresses.is_empty() { None } else { Some(entries) }
    }

    /// Whether each entry of this kind of Bundle must have an address.
    pub fn wants_addresses(&self) -> bool {
        self.wants_addresses
    }

    /// The `fullUrl` of the entry with this resource, when it has one; `None` for a resource that is no entry.
    pub fn address(&self, resource: &Element) -> Option<Option<&'a str>> {
        self.addresses.get(&(std::ptr::from_ref(resource) as usize)).copied()
    }

    /// The entry that a reference in the entry with address `base` means.
    pub fn find(&self, reference: &str, base: Option<&str>, is_type: &dyn Fn(&str) -> bool) -> Match<'a> {
        let bare = reference.split('#').next().unwrap_or(reference);
        let (bare, version) = match bare.split_once("/_history/") {
            Some((bare, version)) => (bare, Some(version)),
            None => (bare, None),
        };
        if is_absolute(bare) {
            return self.at(bare, version);
        }
        let (Some(base), Some((kind, id))) = (base, bare.split_once('/')) else { return Match::None };
        if !is_type(kind) {
            return Match::None;
        }
        if let Some(root) = rest_root(base, is_type) {
            return self.at(&format!("{root}{bare}"), version);
        }
        // A UUID is of one thing in the world: what has the id of the reference is what it means, or contradicts it.
        let Some(found) = base.rsplit_once(':').filter(|_| base.starts_with("urn:")) else { return Match::None };
        match self.at(&format!("{}:{id}", found.0), version) {
            Match::One(entry) if entry.resource_type.as_deref() != Some(kind) => Match::OtherType(entry),
            found => found,
        }
    }

    /// The entries with the type and id of a relative reference, whatever their address.
    pub fn namesakes(&self, reference: &str) -> &[&'a Element] {
        let mut parts = reference.split('#').next().unwrap_or(reference).split('/');
        let (Some(kind), Some(id)) = (parts.next(), parts.next()) else { return &[] };
        self.by_type.get(kind).and_then(|by_id| by_id.get(id)).map_or(&[], Vec::as_slice)
    }

    fn at(&self, url: &str, version: Option<&str>) -> Match<'a> {
        let all = self.by_url.get(url).map_or(&[][..], Vec::as_slice);
        let is_version = |entry: &Element| {
            version.is_none() || entry.child("meta").and_then(|meta| meta.text("versionId")) == version
        };
        let mut fitting = all.iter().filter(|entry| is_version(entry));
        match (fitting.next(), fitting.count()) {
            (None, _) => Match::None,
            (Some(entry), 0) => Match::One(entry),
            (Some(_), more) => Match::Several(more + 1),
        }
    }
}

/// Whether each entry of a Bundle of this type must have an address (`Bundle.entry.fullUrl`).
pub fn wants_addresses(kind: &str) -> bool {
    !matches!(kind, "" | "transaction" | "transaction-response" | "batch" | "batch-response")
}

/// Whether an address starts with a scheme.
pub fn is_absolute(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, rest)| {
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "+-.".contains(letter);
        scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && scheme.chars().all(is_letter)
            && !rest.is_empty()
    })
}

/// What stands before `Type/id` in the address of a resource on a FHIR server; `None` for another address.
///
/// An address that is only `Type/id` is wrong by itself, but tells the same: all that is relative has the same root.
pub fn rest_root<'u>(url: &'u str, is_type: &dyn Fn(&str) -> bool) -> Option<&'u str> {
    match url.split_once('/') {
        Some((kind, id)) if is_type(kind) && is_id(id) => return Some(""),
        _ => {}
    }
    let (kind, id) = rest_parts(url)?;
    is_type(kind).then(|| &url[..url.len() - kind.len() - 1 - id.len()])
}

/// The last two parts of an http address, when the last may be an id.
pub fn rest_parts(url: &str) -> Option<(&str, &str)> {
    let path = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let mut parts = path.rsplit('/');
    let (id, kind) = (parts.next()?, parts.next()?);
    parts.next()?;
    is_id(id).then_some((kind, id))
}

fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-.".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::json;

    fn is_type(name: &str) -> bool {
        matches!(name, "Patient" | "Organization")
    }

    fn bundle() -> Element {
        let text = r#"{"resourceType": "Bundle", "type": "collection", "entry": [
            {"fullUrl": "http://a.example/fhir/Patient/1", "resource": {"resourceType": "Patient", "id": "1"}},
            {"fullUrl": "http://a.example/fhir/Organization/1", "resource": {"resourceType": "Organization", "id": "1", "meta": {"versionId": "1"}}},
            {"fullUrl": "http://a.example/fhir/Organization/1", "resource": {"resourceType": "Organization", "id": "1", "meta": {"versionId": "2"}}},
            {"fullUrl": "urn:uuid:11111111-1111-4111-8111-111111111111", "resource": {"resourceType": "Organization"}}]}"#;
        json::parse(text.as_bytes()).unwrap().0
    }

    fn seen(reference: &str, base: Option<&str>) -> String {
        let bundle = bundle();
        match Entries::of(&bundle).unwrap().find(reference, base, &is_type) {
            Match::One(entry) => {
                format!("{} {}", entry.resource_type.as_deref().unwrap(), entry.text("id").unwrap_or("-"))
            }
            Match::Several(count) => format!("{count}"),
            Match::OtherType(_) => "other type".into(),
            Match::None => "none".into(),
        }
    }

    #[test]
    fn a_relative_reference_goes_by_the_root_of_its_entry() {
        assert_eq!(seen("Patient/1", Some("http://a.example/fhir/Organization/1")), "Patient 1");
        assert_eq!(seen("Patient/1", Some("http://b.example/fhir/Organization/1")), "none");
        assert_eq!(seen("Patient/1", Some("urn:uuid:22222222-2222-4222-8222-222222222222")), "none");
        assert_eq!(seen("Patient/1", None), "none");
        assert_eq!(seen("http://a.example/fhir/Patient/1#part", None), "Patient 1");
    }

    #[test]
    fn a_version_tells_entries_with_one_address_apart() {
        let base = Some("http://a.example/fhir/Patient/1");
        assert_eq!(seen("Organization/1", base), "2");
        assert_eq!(seen("Organization/1/_history/2", base), "Organization 1");
        assert_eq!(seen("http://a.example/fhir/Organization/1/_history/1", None), "Organization 1");
        assert_eq!(seen("Organization/1/_history/3", base), "none");
    }

    #[test]
    fn a_uuid_is_of_one_resource() {
        let base = Some("urn:uuid:22222222-2222-4222-8222-222222222222");
        assert_eq!(seen("Organization/11111111-1111-4111-8111-111111111111", base), "Organization -");
        assert_eq!(seen("Patient/11111111-1111-4111-8111-111111111111", base), "other type");
    }

    #[test]
    fn addresses_are_told_from_relative_ones() {
        assert!(is_absolute("urn:uuid:1") && is_absolute("https://a.example"));
        assert!(!is_absolute("Patient/1") && !is_absolute("1:2") && !is_absolute(""));
        assert_eq!(rest_root("https://a.example/fhir/Patient/1", &is_type), Some("https://a.example/fhir/"));
        assert_eq!(rest_root("https://a.example/fhir/Thing/1", &is_type), None);
        assert_eq!(rest_root("Patient/1", &is_type), Some(""));
        assert_eq!(rest_root("urn:uuid:11111111-1111-4111-8111-111111111111", &is_type), None);
    }
}
