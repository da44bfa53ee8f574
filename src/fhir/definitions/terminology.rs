//! What ValueSets, CodeSystems and SearchParameters say, in one form for STU3 and R4.
//!
//! Types only; `read_terminology.rs` beside this file makes them. Says what was written, decides nothing about membership.

/// A ValueSet.
#[derive(Clone, Debug)]
pub struct ValueSet {
    /// Canonical URL, without version.
    pub url: Box<str>,
    /// Business version.
    pub version: Option<Box<str>>,
    /// Name for computers.
    pub name: Option<Box<str>>,
    /// What is in it. Empty when there is only an expansion.
    pub includes: Vec<ConceptSet>,
    /// What is taken out again.
    pub excludes: Vec<ConceptSet>,
    /// Whether codes that are no longer to be used are in it; unsaid in most.
    pub inactive: Option<bool>,
    /// The codes that somebody worked out.
    pub expansion: Option<Expansion>,
}

/// One `include` or `exclude` of a ValueSet: the codes that satisfy all of its parts.
#[derive(Clone, Debug, Default)]
pub struct ConceptSet {
    /// Code system.
    pub system: Option<Box<str>>,
    /// Version of the code system.
    pub version: Option<Box<str>>,
    /// Exactly these codes. Empty with no filters: the whole code system.
    pub concepts: Vec<ListedConcept>,
    /// Only codes that satisfy every filter.
    pub filters: Vec<Filter>,
    /// Only codes that are in every one of these value sets (canonicals).
    pub value_sets: Vec<Box<str>>,
}

/// A code that a ValueSet names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedConcept {
    /// Code.
    pub code: Box<str>,
    /// Display, where it is known; compact definitions drop it.
    pub display: Option<Box<str>>,
    /// Texts in other languages or for other uses; compact definitions drop them.
    pub designations: Vec<Box<str>>,
}

/// A condition on the codes of a code system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Property, or `concept`.
    pub property: Box<str>,
    /// Operator (`is-a`, `=`, `regex`, …).
    pub op: Box<str>,
    /// What to compare with.
    pub value: Box<str>,
}

/// The codes of a ValueSet as somebody worked them out.
#[derive(Clone, Debug, Default)]
pub struct Expansion {
    /// All codes, nested ones too. Abstract groupings are left out.
    pub codes: Vec<ExpandedCode>,
    /// Whether it is known to hold every code: no page, no limit, no closure left out.
    pub complete: bool,
}

/// One code of an expansion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpandedCode {
    /// Code system.
    pub system: Box<str>,
    /// Code.
    pub code: Box<str>,
    /// Display, where it is known.
    pub display: Option<Box<str>>,
    /// Texts in other languages or for other uses; compact definitions drop them.
    pub designations: Vec<Box<str>>,
}

/// A CodeSystem.
#[derive(Clone, Debug)]
pub struct CodeSystem {
    /// Canonical URL, without version: the `system` of its codes.
    pub url: Box<str>,
    /// Business version.
    pub version: Option<Box<str>>,
    /// Name for computers.
    pub name: Option<Box<str>>,
    /// Whether case matters; unsaid in many STU3 ones.
    pub case_sensitive: Option<bool>,
    /// How much of the code system is here.
    pub content: CodeSystemContent,
    /// Canonical of the value set that holds all its codes.
    pub value_set: Option<Box<str>>,
    /// Canonical of the code system that this one adds to.
    pub supplements: Option<Box<str>>,
    /// All concepts; a child stands after its parent.
    pub concepts: Vec<Concept>,
}

/// How much of a code system a CodeSystem resource holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeSystemContent {
    /// Nothing.
    NotPresent,
    /// A few, as an illustration.
    Example,
    /// Some.
    Fragment,
    /// All.
    Complete,
    /// Additions to another code system.
    Supplement,
}

/// A concept of a code system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concept {
    /// Code.
    pub code: Box<str>,
    /// Display, where it is known.
    pub display: Option<Box<str>>,
    /// Texts in other languages or for other uses.
    pub designations: Vec<Box<str>>,
    /// Position of its parent in [`CodeSystem::concepts`].
    pub parent: Option<u32>,
    /// Properties: code and value as text. Further parents and children may be told here too (`parent`, `subsumedBy`).
    pub properties: Vec<(Box<str>, Box<str>)>,
}

/// A SearchParameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchParameter {
    /// Canonical URL, without version.
    pub url: Box<str>,
    /// Name in a query (`code`).
    pub code: Box<str>,
    /// Resource types it works on.
    pub base: Vec<Box<str>>,
    /// Kind of parameter (`token`, `reference`, `date`, …).
    pub kind: Box<str>,
    /// FHIRPath for the elements it searches; absent on special ones.
    pub expression: Option<Box<str>>,
    /// Resource types that a reference may point to.
    pub targets: Vec<Box<str>>,
}
