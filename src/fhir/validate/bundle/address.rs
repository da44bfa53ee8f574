//! Constraint: the addresses of a Bundle's entries (bundle.html, "Resource URL & Uniqueness rules in a bundle").

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::validate::bundle::entries;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::fhir::validate::walk::nothing;
use crate::text;

/// Entries that are named in one finding; of more only the number is told.
const NAMED: usize = 5;

/// Entries with the same mistake in their address.
#[derive(Default)]
struct Wrong<'a> {
    first: Option<&'a Element>,
    seen: Vec<String>,
}

impl<'a> Wrong<'a> {
    fn add(&mut self, entry: &'a Element, seen: String) {
        self.first = self.first.or(Some(entry));
        self.seen.push(seen);
    }
}

impl Run<'_> {
    /// Judges the presence and form of each `fullUrl`.
    ///
    /// What is wrong with the addresses of several entries is one finding at the list of entries, which names them.
    pub fn addresses(&mut self, spot: Spot<'_>, kind: &str) {
        let (mut relative, mut anonymous, mut other) = (Wrong::default(), Wrong::default(), Wrong::default());
        for (at, entry) in spot.element.all("entry").enumerate() {
            let resource = entry.child("resource");
            let Some(url) = entry.text("fullUrl") else {
                let place = spot.place.below("entry", u32::try_from(at).ok());
                if entries::wants_addresses(kind) && resource.is_some_and(is_identified) {
                    let expected = text!(
                        "een `fullUrl` bij elke resource, behalve in een transaction of batch",
                        "a `fullUrl` for each resource, except in a transaction or batch"
                    );
                    let there = Spot { element: entry, place: &place, ..spot };
                    self.misfit(there, "bundle-address-missing", expected, nothing());
                }
                continue;
            };
            if !entries::is_absolute(url) {
                relative.add(entry, format!("`{url}` (entry[{at}])"));
                continue;
            }
            let Some(resource) = resource else { continue };
            let Some(own) = resource.resource_type.as_deref() else { continue };
            let Some((named, last)) = entries::rest_parts(url) else { continue };
            if !self.is_resource_type(named) {
                continue;
            }
            match resource.text("id") {
                None => anonymous.add(entry, format!("`{url}` (entry[{at}])")),
                Some(id) if named != own || last != id => {
                    other.add(entry, format!("`{url}` (entry[{at}]: `{own}/{id}`)"));
                }
                Some(_) => {}
            }
        }
        let absolute = text!("een absolute URL als `fullUrl`", "an absolute URL as `fullUrl`");
        self.address_list(spot, "bundle-address-relative", absolute, &relative);
        let id = text!(
            "een id in een resource waarvan de `fullUrl` op `Type/id` eindigt",
            "an id in a resource whose `fullUrl` ends with `Type/id`"
        );
        self.address_list(spot, "bundle-address-id", id, &anonymous);
        let same = text!(
            "een `fullUrl` die eindigt op type en id van de resource",
            "a `fullUrl` that ends with the type and id of the resource"
        );
        self.address_list(spot, "bundle-address", same, &other);
    }

    fn address_list(&mut self, spot: Spot<'_>, code: &'static str, expected: Text, wrong: &Wrong<'_>) {
        let Some(first) = wrong.first else { return };
        let named = wrong.seen.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let seen = match wrong.seen.len().saturating_sub(NAMED) {
            0 => Text::same(named),
            more => text!("{named} en nog {more}", "{named} and {more} more"),
        };
        let place = spot.place.below("entry", None);
        self.misfit(Spot { element: first, place: &place, ..spot }, code, expected, seen);
    }
}

/// Whether a resource has an identity that an address can tell: an OperationOutcome without an id is just a message
/// (bundle.html: "results from operations might involve resources that are not identified").
fn is_identified(resource: &Element) -> bool {
    resource.resource_type.as_deref() != Some("OperationOutcome") || resource.child("id").is_some()
}
