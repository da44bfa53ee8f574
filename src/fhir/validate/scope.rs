//! What a reference can reach: the resource it stands in, what that contains, and the Bundle around it.

use crate::fhir::Element;
use std::collections::HashMap;

/// The resources around an element.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The resource with the element, or the one that contains it.
    pub container: &'a Element,
    /// The resource with the element itself.
    pub resource: &'a Element,
    /// The outermost resource.
    pub outermost: &'a Element,
    /// The Bundle, when there is one, with its entries by address.
    pub bundle: Option<&'a Entries<'a>>,
    /// Address of the Bundle's entry that the container is.
    pub full_url: Option<&'a str>,
}

/// The entries of a Bundle by address.
#[derive(Default)]
pub struct Entries<'a> {
    by_url: HashMap<&'a str, &'a Element>,
    by_type: HashMap<(&'a str, &'a str), &'a Element>,
}

/// Where a reference leads.
pub enum Target<'a> {
    /// To this resource.
    Found(&'a Element),
    /// To a resource outside, of this type when the address tells.
    Outside(Option<&'a str>),
    /// Nowhere: the resource must be here and is not.
    Missing,
    /// The text is no reference.
    Malformed,
}

impl<'a> Entries<'a> {
    /// The entries of a resource that has any (`entry.resource`); `None` when it has not.
    pub fn of(resource: &'a Element) -> Option<Entries<'a>> {
        let mut entries = Entries::default();
        for entry in resource.all("entry") {
            let Some(inner) = entry.child("resource") else { continue };
            if let Some(url) = entry.text("fullUrl") {
                entries.by_url.entry(url).or_insert(inner);
            }
            if let (Some(kind), Some(id)) = (inner.resource_type.as_deref(), inner.text("id")) {
                entries.by_type.entry((kind, id)).or_insert(inner);
            }
        }
        if entries.by_url.is_empty() && entries.by_type.is_empty() { None } else { Some(entries) }
    }
}

impl<'a> Scope<'a> {
    /// The scope of a resource that stands alone.
    pub fn of(container: &'a Element) -> Scope<'a> {
        Scope { container, resource: container, outermost: container, bundle: None, full_url: None }
    }

    /// Where a reference leads. `is_type` tells the names of resource types.
    pub fn resolve(&self, reference: &'a str, is_type: &dyn Fn(&str) -> bool) -> Target<'a> {
        if let Some(id) = reference.strip_prefix('#') {
            if id.is_empty() {
                return Target::Found(self.container);
            }
            let inner = self.container.all("contained").find(|inner| inner.text("id") == Some(id));
            return inner.map_or(Target::Missing, Target::Found);
        }
        if reference.is_empty() || reference.chars().any(char::is_whitespace) {
            return Target::Malformed;
        }
        let bare = reference.split('#').next().unwrap_or(reference);
        if let Some(found) = self.bundle.and_then(|entries| entries.by_url.get(bare)) {
            return Target::Found(found);
        }
        if reference.starts_with("urn:") {
            return Target::Outside(None);
        }
        let absolute = bare.contains("://");
        let path = bare.split_once("://").map_or(bare, |(_, path)| path);
        let path = path.split("/_history/").next().unwrap_or(path);
        let mut parts = path.rsplit('/');
        let (id, kind) = (parts.next(), parts.next());
        match (kind, id) {
            (Some(kind), Some(id)) if is_type(kind) => {
                let local = !absolute || self.full_url.is_some_and(|own| same_server(own, bare));
                let found = self.bundle.filter(|_| local).and_then(|entries| entries.by_type.get(&(kind, id)));
                found.map_or(Target::Outside(Some(kind)), |found| Target::Found(found))
            }
            // Not `Type/id` of this FHIR version: an address of something else, whose type it does not tell.
            // In a Bundle a relative address is one of its server.
            _ if !absolute && self.bundle.is_some() => Target::Malformed,
            _ => Target::Outside(None),
        }
    }
}

/// Whether two addresses of resources lie on one server.
fn same_server(one: &str, other: &str) -> bool {
    let base = |url: &str| url.rsplitn(3, '/').nth(2).map(str::to_owned);
    base(one).is_some() && base(one) == base(other)
}
