//! What a reference can reach: the resource it stands in, what that contains, and the Bundle around it.

use crate::fhir::Element;
use crate::fhir::path::Lookups;
use crate::fhir::validate::bundle::Entries;
use crate::fhir::validate::bundle::Match;

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
    /// What was looked up before in the outermost resource.
    pub lookups: &'a Lookups,
    /// Address of the Bundle's entry that the container is.
    pub full_url: Option<&'a str>,
}

/// Where a reference leads.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// To this resource.
    Found(&'a Element),
    /// To so many resources of the Bundle.
    Several(usize),
    /// To this resource of the Bundle, which is not of the type that the reference names.
    OtherType(&'a Element),
    /// To a resource outside, of this type when the address tells.
    Outside(Option<&'a str>),
    /// Nowhere: the resource must be here and is not.
    Missing,
    /// Nowhere that can be told: a relative reference in an entry that should have an address and has none.
    Adrift,
    /// The text is no reference.
    Malformed,
}

impl<'a> Scope<'a> {
    /// The scope of a resource that stands alone.
    pub fn of(container: &'a Element, lookups: &'a Lookups) -> Scope<'a> {
        Scope { container, resource: container, outermost: container, bundle: None, lookups, full_url: None }
    }

    /// The scope of a resource of its own: an entry of the Bundle, or one that a reference leads to.
    pub fn within(&self, resource: &'a Element) -> Scope<'a> {
        let full_url = self.bundle.and_then(|entries| entries.address(resource)).unwrap_or(self.full_url);
        Scope { container: resource, full_url, ..*self }
    }

    /// Whether the container contains this resource.
    pub fn contains(&self, resource: &Element) -> bool {
        let is_it = |one: &Element| std::ptr::eq(one, resource);
        resource.text("id").and_then(|id| self.lookups.contained(self.container, id)).is_some_and(is_it)
            || self.container.all("contained").any(is_it)
    }

    /// Where a reference leads by the rules of bundle.html, "Resolving references in Bundles". `is_type` tells the names of
    /// resource types.
    pub fn resolve(&self, reference: &'a str, is_type: &dyn Fn(&str) -> bool) -> Target<'a> {
        if let Some(id) = reference.strip_prefix('#') {
            if id.is_empty() {
                return Target::Found(self.container);
            }
            let inner = self.lookups.contained(self.container, id);
            return inner.map_or(Target::Missing, Target::Found);
        }
        if reference.is_empty() || reference.chars().any(char::is_whitespace) {
            return Target::Malformed;
        }
        if let Some(entries) = self.bundle {
            match entries.find(reference, self.full_url, is_type) {
                Match::One(entry) => return Target::Found(entry),
                Match::Several(count) => return Target::Several(count),
                Match::OtherType(entry) => return Target::OtherType(entry),
                Match::None => {}
            }
        }
        if reference.starts_with("urn:") {
            return Target::Outside(None);
        }
        let bare = reference.split('#').next().unwrap_or(reference);
        // What a conditional reference asks for may hold an address of its own.
        let address = bare.split('?').next().unwrap_or(bare);
        let absolute = address.contains("://");
        if !absolute
            && let Some((kind, _)) = bare.split_once('?')
            && is_type(kind)
        {
            return Target::Outside(Some(kind));
        }
        let in_bundle = !absolute && self.bundle.is_some();
        if in_bundle && !matches!(bare.matches('/').count(), 1 | 3) {
            return Target::Malformed;
        }
        let adrift = |entries: &Entries<'_>| entries.wants_addresses() && entries.address(self.container) == Some(None);
        if in_bundle && self.bundle.is_some_and(adrift) {
            return Target::Adrift;
        }
        let path = address.split_once("://").map_or(address, |(_, path)| path);
        let path = path.split("/_history/").next().unwrap_or(path);
        let mut parts = path.rsplit('/');
        let (id, kind) = (parts.next(), parts.next());
        match (kind, id) {
            (Some(kind), Some(_)) if is_type(kind) => Target::Outside(Some(kind)),
            // Not `Type/id` of this FHIR version: an address of something else, whose type it does not tell.
            // In a Bundle a relative address is one of its server.
            _ if in_bundle => Target::Malformed,
            _ => Target::Outside(None),
        }
    }

    /// Like [`Scope::resolve`], but a relative reference that leads nowhere goes to the entry with its type and id, whatever
    /// its address: what telling slices apart and evaluating expressions need, and no judgement on the reference itself.
    pub fn resolve_leniently(&self, reference: &'a str, is_type: &dyn Fn(&str) -> bool) -> Target<'a> {
        let target = self.resolve(reference, is_type);
        match (target, self.bundle) {
            (Target::Outside(Some(_)) | Target::Adrift, Some(entries)) => {
                entries.namesakes(reference).first().map_or(target, |entry| Target::Found(entry))
            }
            _ => target,
        }
    }
}
