//! What a StructureDefinition says, in one form for STU3 and R4.
//!
//! Types only: `read.rs` beside this file makes them from a resource and removes what differs between FHIR versions.
//! Facts for judging, no prose. Knows nothing of snapshots: a list of elements is a list of elements.

use std::sync::Arc;

use crate::fhir::element::Element;

/// A StructureDefinition: a datatype, resource, extension or profile.
#[derive(Clone, Debug)]
pub struct StructureDefinition {
    /// Canonical URL, without version.
    pub url: Box<str>,
    /// Business version.
    pub version: Option<Box<str>>,
    /// Name for computers.
    pub name: Box<str>,
    /// The version of FHIR it was written for, as stated (`3.0.2`).
    pub fhir_version: Option<Box<str>>,
    /// What it describes.
    pub kind: StructureKind,
    /// Whether instances of exactly this type cannot exist (`Resource`, `Element`).
    pub is_abstract: bool,
    /// The FHIR type it defines or constrains (`Observation`, `Extension`, `string`).
    pub type_name: Box<str>,
    /// Canonical of the definition it starts from; absent on `Element` and on STU3's and R4's `Resource`.
    pub base: Option<Box<str>>,
    /// Whether it defines a type or constrains one.
    pub derivation: Derivation,
    /// Where an extension may stand; empty on anything else.
    pub contexts: Vec<ExtensionContext>,
    /// FHIRPath that must hold where the extension stands, with `%extension` for the extension itself.
    pub context_invariants: Vec<Box<str>>,
    /// The complete list of elements, root first, when it was published with one. Compact definitions of a type keep this.
    pub snapshot: Vec<ElementDefinition>,
    /// Only what differs from `base`. Empty in compact definitions that keep a snapshot.
    pub differential: Vec<ElementDefinition>,
}

/// What a StructureDefinition describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StructureKind {
    /// A primitive datatype.
    PrimitiveType,
    /// A complex datatype, an extension too.
    ComplexType,
    /// A resource.
    Resource,
    /// A logical model.
    Logical,
}

/// How a StructureDefinition relates to its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derivation {
    /// Defines a new type.
    Specialization,
    /// Constrains the type of its base: a profile. An extension definition is one too.
    Constraint,
}

/// One place where an extension may stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionContext {
    /// How to read `expression`.
    pub kind: ContextKind,
    /// Element id or path, datatype name, canonical of an extension, or FHIRPath.
    pub expression: Box<str>,
}

/// How an extension context is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextKind {
    /// An element by id or path, or a type (`Patient.contact`, `Observation`, `Element`). STU3's `resource` and `datatype` are read as this.
    Element,
    /// Another extension, by canonical URL.
    Extension,
    /// FHIRPath that selects the elements.
    FhirPath,
}

/// One element of a StructureDefinition. What is absent was not said (in a differential: comes from the base).
#[derive(Clone, Debug, Default)]
pub struct ElementDefinition {
    /// Id (`Observation.component:SystolicBP.value[x]`); made from the path when the source has none.
    pub id: Box<str>,
    /// Path (`Observation.component.value[x]`); profiles may write `valueQuantity` for one type of a choice.
    pub path: Box<str>,
    /// Name of the slice that starts here.
    pub slice_name: Option<Box<str>>,
    /// Least number of occurrences.
    pub min: Option<u32>,
    /// Greatest number of occurrences.
    pub max: Option<Max>,
    /// Allowed types. Entries with the same code and profiles are one entry; STU3's entry per target profile is gone.
    pub types: Arc<[ElementType]>,
    /// How the repetitions are told apart.
    pub slicing: Option<Slicing>,
    /// The value must be exactly this.
    pub fixed: Option<Box<TypedValue>>,
    /// The value must have at least this.
    pub pattern: Option<Box<TypedValue>>,
    /// Where its codes come from.
    pub binding: Option<Binding>,
    /// Invariants.
    pub constraints: Arc<[Constraint]>,
    /// Id of the element whose children hold here too (`Questionnaire.item`), without URL and `#`.
    pub content_reference: Option<Box<str>>,
    /// Whether it changes the meaning of what contains it.
    pub is_modifier: Option<bool>,
    /// Whether the profile demands support for it.
    pub must_support: Option<bool>,
    /// Longest text, in characters.
    pub max_length: Option<u32>,
    /// Extensions one of which must stand where a primitive has no value; empty: the profile asks for none.
    pub value_alternatives: Vec<Box<str>>,
    /// What the parts of a narrative must tell; `None`: the profile asks nothing.
    pub narrative: Option<Box<NarrativeControl>>,
    /// Least value, inclusive.
    pub min_value: Option<Box<TypedValue>>,
    /// Greatest value, inclusive.
    pub max_value: Option<Box<TypedValue>>,
    /// How XML writes it, when not as a child element.
    pub representation: Representation,
}

impl ElementDefinition {
    /// The last part of the path (`value[x]`); the type name on the root.
    pub fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or_default()
    }

    /// The name without `[x]`, or `None` when it is no choice of types.
    pub fn choice_name(&self) -> Option<&str> {
        self.name().strip_suffix("[x]")
    }
}

/// What a profile asks of the parts of a narrative, by extensions of its element `text`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NarrativeControl {
    /// Languages that must have a section, as the profile writes them: `_no`, `_yes`, `_resource` or a code.
    pub languages: Vec<Box<str>>,
    /// How bad text is that does not tell its source: `error`, `warning`, `hint`; absent: not asked.
    pub source: Option<Box<str>>,
}

/// Upper bound of a cardinality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Max {
    /// `*`
    Many,
    /// A number.
    Count(u32),
}

impl Max {
    /// Whether this many are allowed.
    pub fn allows(self, count: usize) -> bool {
        match self {
            Max::Many => true,
            Max::Count(max) => count <= max as usize,
        }
    }
}

/// One allowed type of an element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ElementType {
    /// Type name (`Quantity`, `Reference`, `string`), or a `http://hl7.org/fhirpath/System.…` type on the `value` of a primitive.
    pub code: Box<str>,
    /// The value must conform to one of these; empty: to the type only.
    pub profiles: Vec<Box<str>>,
    /// What a Reference or canonical points to must conform to one of these; empty: anything.
    pub target_profiles: Vec<Box<str>>,
    /// Where the target of a reference may be; empty: anywhere.
    pub aggregation: Vec<Aggregation>,
    /// Form of the text of a primitive (on its `value` element), to be matched as a whole.
    pub regex: Option<Box<str>>,
}

/// Where the target of a reference may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregation {
    /// In the resource itself.
    Contained,
    /// Anywhere else.
    Referenced,
    /// In the same Bundle.
    Bundled,
}

/// How repetitions of an element are divided into slices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slicing {
    /// What tells the slices apart; all must match. May be empty.
    pub discriminators: Vec<Discriminator>,
    /// What may stand outside the slices.
    pub rules: SlicingRules,
    /// Whether instances must follow the order of the slices.
    pub ordered: bool,
}

/// One thing to look at to know the slice of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discriminator {
    /// What is compared.
    pub kind: DiscriminatorKind,
    /// Restricted FHIRPath from the sliced element (`$this`, `code.coding`, `resolve()`).
    pub path: Box<str>,
}

/// What a discriminator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscriminatorKind {
    /// The fixed value, pattern or required binding at the path.
    Value,
    /// The pattern at the path.
    Pattern,
    /// The type at the path.
    Type,
    /// Conformance to the profile at the path.
    Profile,
    /// Whether there is anything at the path.
    Exists,
}

/// What may stand outside the slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlicingRules {
    /// Nothing.
    Closed,
    /// Anything, anywhere.
    Open,
    /// Anything, after the slices.
    OpenAtEnd,
}

/// A value in a definition, with the type its name told (`fixedUri`).
#[derive(Clone, Debug)]
pub struct TypedValue {
    /// FHIR type (`uri`, `CodeableConcept`): a primitive starts with a small letter.
    pub kind: Box<str>,
    /// The value itself.
    pub value: Element,
}

/// Where codes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// How strict it is.
    pub strength: BindingStrength,
    /// Canonical of the value set, perhaps with `|version`; absent when only described.
    pub value_set: Option<Box<str>>,
    /// Canonical of the value set that bounds an extensible or preferred binding.
    pub max_value_set: Option<Box<str>>,
    /// Canonical of the value set that a system must support at least.
    pub min_value_set: Option<Box<str>>,
}

/// How strict a binding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingStrength {
    /// The code must be in the value set.
    Required,
    /// It must, unless the value set has none that fits.
    Extensible,
    /// It should.
    Preferred,
    /// Only an illustration.
    Example,
}

/// An invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// Key (`obs-7`).
    pub key: Box<str>,
    /// What breaking it means.
    pub severity: ConstraintSeverity,
    /// FHIRPath; absent when only prose or XPath was given.
    pub expression: Option<Box<str>>,
    /// Where it was first declared: a canonical, in STU3 a type name.
    pub source: Option<Box<str>>,
    /// Whether it is best practice rather than a rule (`elementdefinition-bestpractice`).
    pub best_practice: bool,
}

/// What breaking an invariant means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintSeverity {
    /// Not conformant.
    Error,
    /// Unwise.
    Warning,
}

/// How XML writes an element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Representation {
    /// As a child element.
    #[default]
    Element,
    /// As an attribute.
    Attribute,
    /// As XHTML.
    Xhtml,
}
