//! Published invariants that are known to be wrong, with the reason and what is asked instead. Data only.

use crate::fhir::Element;
use crate::fhir::definitions::FhirVersion;

/// One published invariant that is not applied as it is.
#[derive(Clone, Copy, Debug)]
pub struct Override {
    /// Key of the invariant.
    pub key: &'static str,
    /// The expression as published, for each version of FHIR where it is wrong; another text with the same key is applied.
    pub published: &'static [(FhirVersion, &'static str)],
    /// Why it is wrong, in Dutch.
    pub nl: &'static str,
    /// Why it is wrong, in English.
    pub en: &'static str,
    /// Whether the published text could answer otherwise for an element of the type that has the invariant: there it is
    /// said that it was not applied.
    pub differs: fn(&Element) -> bool,
    /// What is asked instead; `None`: nothing.
    pub replacement: Option<&'static str>,
}

impl Override {
    /// The row for an invariant as this version of FHIR publishes it.
    pub fn of(version: FhirVersion, key: &str, expression: &str) -> Option<&'static Override> {
        OVERRIDES.iter().find(|known| known.key == key && known.published.contains(&(version, expression)))
    }
}

/// Where an extension may stand that its published definition places too narrowly: its url and a further context.
const CONTEXTS: &[(&str, &str)] = &[
    // The definitions of FHIR's own types have it on the type.
    ("http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type", "ElementDefinition.type"),
    ("http://hl7.org/fhir/StructureDefinition/regex", "ElementDefinition.type"),
    // FHIR's own resources have them in many places more than their definitions name.
    ("http://hl7.org/fhir/StructureDefinition/structuredefinition-normative-version", "Element"),
    ("http://hl7.org/fhir/StructureDefinition/capabilitystatement-expectation", "Element"),
    ("http://hl7.org/fhir/StructureDefinition/capabilitystatement-prohibited", "Element"),
];

/// The context of kind `element` that an extension has beside those published.
pub fn further_context(url: &str) -> Option<&'static str> {
    CONTEXTS.iter().find(|(known, _)| *known == url).map(|(_, meant)| *meant)
}

/// All of them.
const OVERRIDES: &[Override] = &[
    Override {
        key: "bdl-8",
        published: &[
            (FhirVersion::Stu3, "fullUrl.contains('/_history/').not()"),
            (FhirVersion::R4, "fullUrl.contains('/_history/').not()"),
        ],
        nl: "zij heeft geen antwoord voor een entry zonder fullUrl, zoals een OperationOutcome tussen de resultaten",
        en: "it has no answer for an entry without fullUrl, such as an OperationOutcome among the results",
        differs: |bundle| bundle.all("entry").any(|entry| entry.child("fullUrl").is_none()),
        replacement: Some("fullUrl.empty() or fullUrl.contains('/_history/').not()"),
    },
    Override {
        key: "obs-7",
        published: &[(FhirVersion::Stu3, "value.empty() or code!=component.code")],
        nl: "zonder componenten heeft de vergelijking geen antwoord, en met meer dan een vergelijkt zij een code met een lijst",
        en: "without components the comparison has no answer, and with several it compares a code with a list",
        differs: |observation| observation.child("value").is_some(),
        replacement: Some("value.empty() or (code in component.code).not()"),
    },
    Override {
        key: "ras-2",
        published: &[
            (FhirVersion::Stu3, "probability is decimal implies probability.as(decimal) <= 100"),
            (FhirVersion::R4, "probability is decimal implies (probability as decimal) <= 100"),
        ],
        nl: "zij heeft geen antwoord voor een voorspelling zonder kans",
        en: "it has no answer for a prediction without a probability",
        differs: |assessment| assessment.all("prediction").any(|prediction| prediction.child("probability").is_none()),
        replacement: Some("probability.empty() or (probability is decimal).not() or probability.as(decimal) <= 100"),
    },
    Override {
        key: "con-4",
        published: &[(
            FhirVersion::Stu3,
            "abatement.empty() or (abatement as boolean).not()  or clinicalStatus='resolved' or clinicalStatus='remission' or clinicalStatus='inactive'",
        )],
        nl: "zij heeft geen antwoord voor een abatement die geen boolean is, en een datum kan in de toekomst liggen",
        en: "it has no answer for an abatement that is no boolean, and a date may lie in the future",
        differs: |condition| condition.child("abatement").is_some(),
        replacement: Some(
            "abatement.empty() or (abatement is boolean).not() or (abatement as boolean).not() or clinicalStatus = 'resolved' or clinicalStatus = 'remission' or clinicalStatus = 'inactive'",
        ),
    },
    Override {
        key: "ref-1",
        published: &[
            (
                FhirVersion::Stu3,
                "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %resource.contained.id.trace('ids'))",
            ),
            (
                FhirVersion::R4,
                "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))",
            ),
        ],
        nl: "zij heeft geen antwoord zonder verwijzing, en die van STU3 zoekt het doel in de contained resource zelf",
        en: "it has no answer without a reference, and that of STU3 looks for the target in the contained resource itself",
        differs: is_hard_to_follow,
        replacement: Some(
            "reference.hasValue().not() or reference = '#' or reference.startsWith('#').not() or (reference.substring(1) in %rootResource.contained.id)",
        ),
    },
    Override {
        key: "que-7",
        published: &[(FhirVersion::R4, "operator = 'exists' implies (answer is Boolean)")],
        nl: "zij vraagt naar de boolean van FHIRPath, en het antwoord is er een van FHIR",
        en: "it asks for the boolean of FHIRPath, and the answer is one of FHIR",
        differs: |questionnaire| questionnaire.child("item").is_some(),
        replacement: Some("operator = 'exists' implies (answer is boolean)"),
    },
    Override {
        key: "dom-3",
        published: &[
            (FhirVersion::Stu3, "contained.where(('#'+id in %resource.descendants().reference).not()).empty()"),
            (
                FhirVersion::R4,
                "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()",
            ),
        ],
        nl: "zij zegt niet welke contained resource het is, dus elk wordt apart beoordeeld; `as` in die van R4 neemt een item en krijgt er veel",
        en: "it does not tell which contained resource, so each is judged by itself; `as` in that of R4 takes one item and is given many",
        differs: |resource| resource.child("contained").is_some(),
        replacement: None,
    },
    // Of nl-core-address in zib2017; its XPath asks for the country where it stands, in any case.
    Override {
        key: "nl-postal-code-pattern",
        published: &[(
            FhirVersion::Stu3,
            r"(country in 'nl' | 'nld' | 'nederland').not() or matches('^\\d{4}[A-Z]{2}$')",
        )],
        nl: "zij zoekt het land in de postcode zelf, en keurt daarmee elke buitenlandse postcode af",
        en: "it looks for the country in the postal code itself, and so refuses every postal code abroad",
        differs: |address| address.text("postalCode").is_some_and(|code| !is_dutch(code)),
        replacement: Some(
            r"matches('^\\d{4}[A-Z]{2}$') or %resource.descendants().where(postalCode = %context and country.lower() in ('nl' | 'nld' | 'nederland')).empty()",
        ),
    },
];

/// A postal code in the pattern of the Netherlands.
fn is_dutch(code: &str) -> bool {
    let (digits, letters) = code.split_at_checked(4).unwrap_or_default();
    letters.len() == 2
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && letters.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A reference without an address, or to a contained resource.
fn is_hard_to_follow(reference: &Element) -> bool {
    reference.text("reference").is_none_or(|address| address.starts_with('#'))
}
