//! FHIRPath (N1, as FHIR uses it): parse once, evaluate often.
//!
//! Knows elements and a [`Model`] that tells their types; knows no resource or datatype by name beyond FHIRPath's own.

/// What FHIRPath must know of the FHIR version it works in. The loaded definitions answer.
///
/// A type is named as in FHIR (`Observation`, `Coding`, `string`); a backbone element by its path (`Observation.component`).
pub trait Model: Sync {
    /// The child `name` (as in the instance: `valueQuantity`) of an element of type `parent`; `None` when unknown.
    fn child(&self, parent: &str, name: &str) -> Option<ChildFacts<'_>>;
    /// Whether `kind` is `ancestor` or is derived from it (`Age` is a `Quantity`).
    fn is_subtype(&self, kind: &str, ancestor: &str) -> bool;
    /// Whether a type of this name exists.
    fn is_type(&self, kind: &str) -> bool;
    /// Whether the type is a primitive of FHIR (`code`, `dateTime`).
    fn is_primitive(&self, kind: &str) -> bool;
    /// Place of the child among its siblings, which the order of XML follows; `None` when unknown.
    fn position(&self, parent: &str, name: &str) -> Option<u32> {
        let _ = (parent, name);
        None
    }
}

/// What the definitions say of one child element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChildFacts<'m> {
    /// Type of the child: a datatype, or the path of a backbone element. `Resource` where any resource may stand.
    pub kind: &'m str,
    /// Name of the element in the definition without `[x]`: `value` for `valueQuantity`.
    pub base_name: &'m str,
    /// Whether it may repeat.
    pub repeats: bool,
}
