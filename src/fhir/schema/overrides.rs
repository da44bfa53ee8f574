//! Published invariants that are known to be wrong, with the reason, what is asked instead, and where that differs.

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

/// A text that both versions publish.
const fn in_both(expression: &'static str) -> [(FhirVersion, &'static str); 2] {
    [(FhirVersion::Stu3, expression), (FhirVersion::R4, expression)]
}

/// All of them.
const OVERRIDES: &[Override] = &[
    Override {
        key: "bdl-8",
        published: &in_both("fullUrl.contains('/_history/').not()"),
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
        // Without components nobody misses the comparison.
        differs: |observation| observation.choice("value").is_some() && observation.child("component").is_some(),
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
        differs: |condition| condition.choice("abatement").is_some() && condition.child("abatementBoolean").is_none(),
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
    // Period.end: "The end value includes any matching date/time".
    Override {
        key: "per-1",
        published: &[
            (FhirVersion::Stu3, "start.empty() or end.empty() or (start <= end)"),
            (FhirVersion::R4, "start.hasValue().not() or end.hasValue().not() or (start <= end)"),
        ],
        nl: "zij heeft geen antwoord voor een begin binnen de dag, de maand of het jaar van het einde, en het einde omvat dat",
        en: "it has no answer for a start within the day, the month or the year of the end, and the end includes it",
        differs: |period| {
            let ends = period.text("start").zip(period.text("end"));
            ends.is_some_and(|(start, end)| start.len() > end.len() && start.starts_with(end))
        },
        replacement: Some(
            "start.hasValue().not() or end.hasValue().not() or (start <= end) or start.toString().startsWith(end.toString())",
        ),
    },
    Override {
        key: "mdd-1",
        published: &in_both("whenHandedOver.empty() or whenPrepared.empty() or whenHandedOver >= whenPrepared"),
        nl: "zij heeft geen antwoord als de twee momenten niet even precies zijn",
        en: "it has no answer when the two moments are not equally precise",
        differs: |dispense| are_unequal(dispense, "whenHandedOver", "whenPrepared"),
        replacement: Some("iif(whenHandedOver < whenPrepared, false, true)"),
    },
    // Of Task.
    Override {
        key: "inv-1",
        published: &in_both("lastModified.exists().not() or authoredOn.exists().not() or lastModified >= authoredOn"),
        nl: "zij heeft geen antwoord als de twee momenten niet even precies zijn",
        en: "it has no answer when the two moments are not equally precise",
        differs: |task| are_unequal(task, "lastModified", "authoredOn"),
        replacement: Some("iif(lastModified < authoredOn, false, true)"),
    },
    // Of the extension allergyintolerance-substanceExposureRisk.
    Override {
        key: "inv-1",
        published: &in_both("substanceExposureRisk.exists() and code.empty()"),
        nl: "zij zoekt de elementen van de resource in de extensie zelf, en keurt daarmee elke af",
        en: "it looks for the elements of the resource in the extension itself, and so refuses every one",
        differs: |_| true,
        replacement: Some("%resource.code.empty()"),
    },
    // It says by itself that it is about a dateTime; the vital signs let a Period stand there.
    Override {
        key: "vs-1",
        published: &in_both("($this as dateTime).toString().length() >= 8"),
        nl: "zij heeft geen antwoord voor een Period",
        en: "it has no answer for a Period",
        differs: |observation| observation.child("effectivePeriod").is_some(),
        replacement: Some("($this is dateTime).not() or hasValue().not() or toString().length() >= 8"),
    },
    // Its XPath looks at the codes one by one.
    Override {
        key: "vs-4",
        published: &[(
            FhirVersion::Stu3,
            "where(coding.system='http://hl7.org/fhir/observation-category' and coding.code='vital-signs').exists()",
        )],
        nl: "zij vergelijkt alle codes van een categorie tegelijk, en keurt daarmee een tweede code af",
        en: "it compares all codes of a category at once, and so refuses a second code",
        differs: |observation| observation.all("category").any(|category| category.all("coding").count() > 1),
        replacement: Some(
            "coding.where(system = 'http://hl7.org/fhir/observation-category' and code = 'vital-signs').exists()",
        ),
    },
    Override {
        key: "mad-3",
        published: &[(FhirVersion::Stu3, "reasonCode.empty() or notGiven.empty() or notGiven = 'false'")],
        nl: "zij vergelijkt een boolean met een tekst",
        en: "it compares a boolean with a text",
        differs: |administration| administration.text("notGiven") == Some("false"),
        replacement: Some("reasonCode.empty() or notGiven.empty() or notGiven = false"),
    },
    // Of nl-core-address in zib2017; its description and its XPath ask for a street only where other parts are.
    Override {
        key: "nl-streetname-if-official-and-other-line-parts",
        published: &[(
            FhirVersion::Stu3,
            "(extension.where(url = 'http://fhir.nl/fhir/StructureDefinition/nl-core-address-official').where(value = true)).empty() or (line.extension.where(url = 'http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-streetName').empty().not() and (line.extension.where(url='http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-houseNumber').empty().not() or line.extension.where(url='http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-buildingNumberSuffix').empty().not() or line.extension.where(url='http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-additionalLocator').empty().not()))",
        )],
        nl: "zij eist straat en nummer van elk officieel adres, en haar beschrijving alleen een straat bij een nummer",
        en: "it asks for street and number of every official address, and its description for a street with a number only",
        differs: |address| is_official(address) && !has_street_and_number(address),
        replacement: Some(
            "extension.where(url = 'http://fhir.nl/fhir/StructureDefinition/nl-core-address-official' and value = true).empty() or line.where(extension('http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-streetName').empty() and (extension('http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-houseNumber') | extension('http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-buildingNumberSuffix') | extension('http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-additionalLocator')).exists()).empty()",
        ),
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

/// Whether an address says that it is the official one.
fn is_official(address: &Element) -> bool {
    address.extensions("http://fhir.nl/fhir/StructureDefinition/nl-core-address-official").next().is_some()
}

/// Whether the lines of an address have a street and a number or an addition as parts.
fn has_street_and_number(address: &Element) -> bool {
    let has = |part: &str| {
        let url = format!("http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-{part}");
        address.all("line").any(|line| line.extensions(&url).next().is_some())
    };
    has("streetName") && ["houseNumber", "buildingNumberSuffix", "additionalLocator"].into_iter().any(has)
}

/// Whether two moments are given with another precision: to the year, the month, the day, or with a time.
fn are_unequal(element: &Element, one: &str, other: &str) -> bool {
    let precision = |name: &str| element.text(name).map(|text| text.len().min("2026-01-15T".len()));
    precision(one).zip(precision(other)).is_some_and(|(one, other)| one != other)
}

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
