//! The ids of findings on elements and their values.

use crate::fhir::validate::catalogue::Meaning;
use crate::fhir::validate::catalogue::row;

/// What is wrong with an element, in the order of the alphabet.
pub const ELEMENTS: &[Meaning] = &[
    row(
        "attachment-size",
        "value",
        ["een bijlage van een andere grootte dan zij zegt", "an attachment of another size than it says"],
        [
            "`size` is het aantal bytes van de gegevens, vóór base64.",
            "`size` is the number of bytes of the data, before base64.",
        ],
        ["verbeter `size`, of laat het weg", "correct `size`, or leave it out"],
        "datatypes.html#Attachment",
    ),
    row(
        "binding-extensible",
        "code-invalid",
        ["een code buiten een uitbreidbare waardelijst", "a code outside an extensible value set"],
        [
            "Bij een binding van sterkte `extensible` komt de code uit de waardelijst als die het begrip heeft; een andere mag alleen als het begrip er niet in staat.",
            "With a binding of strength `extensible` the code comes from the value set when it has the concept; another one may only be used for a concept that it lacks.",
        ],
        [
            "gebruik de code uit de waardelijst als het begrip erin staat",
            "use the code of the value set when it has the concept",
        ],
        "terminologies.html#extensible",
    ),
    row(
        "binding-max",
        "code-invalid",
        ["een code buiten de grootste waardelijst", "a code outside the maximum value set"],
        [
            "De binding heeft een grootste waardelijst (`maxValueSet`); daarbuiten mag niets.",
            "The binding has a maximum value set (`maxValueSet`); nothing outside it is allowed.",
        ],
        ["neem een code uit die waardelijst", "use a code of that value set"],
        "extension-elementdefinition-maxvalueset.html",
    ),
    row(
        "binding-min",
        "code-invalid",
        ["een code buiten de kleinste waardelijst", "a code outside the minimum value set"],
        [
            "De binding heeft een kleinste waardelijst (`minValueSet`) die een systeem moet ondersteunen.",
            "The binding has a minimum value set (`minValueSet`) that a system must support.",
        ],
        [
            "gebruik een code uit die waardelijst als het begrip erin staat",
            "use a code of that value set when it has the concept",
        ],
        "extension-elementdefinition-minvalueset.html",
    ),
    row(
        "binding-preferred",
        "code-invalid",
        ["een code buiten de aanbevolen waardelijst", "a code outside the preferred value set"],
        [
            "Een binding van sterkte `preferred` is een aanbeveling.",
            "A binding of strength `preferred` is a recommendation.",
        ],
        ["gebruik zo mogelijk een code uit de waardelijst", "use a code of the value set where possible"],
        "terminologies.html#preferred",
    ),
    row(
        "binding-required",
        "code-invalid",
        ["een code buiten de verplichte waardelijst", "a code outside the required value set"],
        [
            "Bij een binding van sterkte `required` moet de code uit de waardelijst komen; van een CodeableConcept minstens één coding.",
            "With a binding of strength `required` the code must come from the value set; of a CodeableConcept at least one coding.",
        ],
        [
            "neem een code uit de waardelijst, met precies haar `system`; let op hoofdletters",
            "use a code of the value set with exactly its `system`; case matters",
        ],
        "terminologies.html#required",
    ),
    row(
        "cardinality-max",
        "structure",
        ["een element staat er te vaak", "an element occurs too often"],
        [
            "Het profiel begrenst hoe vaak dit element mag voorkomen; een maximum van 0 verbiedt het.",
            "The profile limits how often this element may occur; a maximum of 0 forbids it.",
        ],
        [
            "laat weg wat er te veel is, of gebruik het element dat het profiel ervoor aanwijst",
            "leave out what is too many, or use the element that the profile has for it",
        ],
        "conformance-rules.html#cardinality",
    ),
    row(
        "cardinality-min",
        "required",
        ["een verplicht element ontbreekt", "a required element is missing"],
        [
            "Het profiel eist dit element zo vaak als zijn minimum zegt.",
            "The profile requires this element as often as its minimum says.",
        ],
        [
            "vul het element; is de waarde onbekend en staat het profiel het toe, stuur dan het element met de extensie data-absent-reason",
            "fill the element; when its value is unknown and the profile allows it, send the element with the extension data-absent-reason",
        ],
        "conformance-rules.html#cardinality",
    ),
    row(
        "code-unknown",
        "code-invalid",
        ["een code die niet in haar codestelsel bestaat", "a code that is not in its code system"],
        [
            "Een pakket bevat het hele codestelsel of de terminologieserver kent het, en deze code staat er niet in.",
            "A package carries the whole code system or the terminology server knows it, and this code is not in it.",
        ],
        [
            "verbeter de code of het `system`; codes zijn hoofdlettergevoelig tenzij het stelsel anders zegt",
            "correct the code or its `system`; codes are case sensitive unless the system says otherwise",
        ],
        "datatypes.html#Coding",
    ),
    row(
        "coding-display",
        "code-invalid",
        ["een weergavenaam die niet bij de code hoort", "a display that is not that of the code"],
        [
            "`display` is een naam die het codestelsel aan de code geeft.",
            "`display` is a name that the code system gives to the code.",
        ],
        [
            "neem de naam uit het codestelsel over, of zet eigen woorden in `text`",
            "copy the name of the code system, or put your own words in `text`",
        ],
        "datatypes.html#Coding",
    ),
    row(
        "coding-system",
        "code-invalid",
        ["een onbruikbaar codestelsel", "a code system that cannot be used"],
        [
            "`system` is de absolute uri van een codestelsel, niet van een waardelijst.",
            "`system` is the absolute uri of a code system, not of a value set.",
        ],
        ["neem de uri van het codestelsel", "use the uri of the code system"],
        "datatypes.html#Coding",
    ),
    row(
        "element-id",
        "value",
        ["twee elementen met dezelfde id", "two elements with the same id"],
        [
            "Een `id` van een element is uniek binnen de resource.",
            "The `id` of an element is unique within the resource.",
        ],
        ["geef elk element een eigen `id`, of laat die weg", "give each element an `id` of its own, or leave it out"],
        "element.html",
    ),
    row(
        "element-unknown",
        "structure",
        ["een element dat dit type niet heeft", "an element that this type does not have"],
        [
            "FHIR laat geen eigen elementen toe; wat het type niet kent, kan een ontvanger niet lezen.",
            "FHIR allows no elements of your own; a receiver cannot read what the type does not know.",
        ],
        [
            "verbeter de naam (hoofdletters tellen), gebruik de naam van deze FHIR-versie, of maak er een extensie van",
            "correct the name (case matters), use the name of this FHIR version, or make it an extension",
        ],
        "json.html",
    ),
    row(
        "empty",
        "structure",
        ["een leeg element", "an empty element"],
        [
            "Elk element heeft een waarde, kinderen of extensies (invariant ele-1).",
            "Every element has a value, children or extensions (invariant ele-1).",
        ],
        ["vul het element of laat het weg", "fill the element or leave it out"],
        "element.html",
    ),
    row(
        "extension-context",
        "extension",
        ["een extensie op een plaats waar zij niet mag staan", "an extension where it may not stand"],
        [
            "De definitie van een extensie noemt de elementen waarop zij gebruikt mag worden.",
            "The definition of an extension names the elements on which it may be used.",
        ],
        [
            "verplaats de extensie naar een van de genoemde elementen",
            "move the extension to one of the elements that are named",
        ],
        "defining-extensions.html#context",
    ),
    row(
        "extension-part",
        "extension",
        ["een onbekend deel van een samengestelde extensie", "an unknown part of a complex extension"],
        [
            "De delen van een samengestelde extensie heten zoals haar definitie ze noemt.",
            "The parts of a complex extension have the names that its definition gives them.",
        ],
        ["gebruik de naam uit de definitie van de extensie", "use the name in the definition of the extension"],
        "extensibility.html",
    ),
    row(
        "extension-unknown",
        "extension",
        ["een extensie die geen pakket definieert", "an extension that no package defines"],
        [
            "Met `--unknown-extensions error` moet elke extensie gedefinieerd zijn.",
            "With `--unknown-extensions error` every extension must be defined.",
        ],
        [
            "voeg het pakket met de definitie toe (`--package`), verbeter de url, of laat de extensie weg",
            "add the package with the definition (`--package`), correct the url, or leave the extension out",
        ],
        "extensibility.html",
    ),
    row(
        "extension-url",
        "extension",
        ["een extensie zonder absolute url", "an extension without an absolute url"],
        [
            "Buiten een samengestelde extensie is de url van een extensie altijd absoluut.",
            "Outside a complex extension the url of an extension is always absolute.",
        ],
        ["gebruik de canonieke url van de extensie", "use the canonical url of the extension"],
        "extensibility.html",
    ),
    row(
        "fixed-value",
        "value",
        ["een andere waarde dan de vaste", "another value than the fixed one"],
        [
            "Een vaste waarde moet precies zo in de resource staan, ook in haar delen.",
            "A fixed value must stand in the resource exactly so, all its parts included.",
        ],
        ["neem de vaste waarde letterlijk over", "copy the fixed value literally"],
        "elementdefinition.html#ElementDefinition.fixed[x]",
    ),
    row(
        "invariant",
        "invariant",
        ["een voorwaarde van het profiel gaat niet op", "a condition of the profile does not hold"],
        [
            "Het profiel of het type eist dat deze FHIRPath-expressie waar is.",
            "The profile or the type requires this FHIRPath expression to be true.",
        ],
        [
            "pas de gegevens aan tot de expressie waar is; `toetsbank fhirpath EXPRESSIE BESTAND` laat zien wat een deel ervan geeft",
            "change the data until the expression is true; `toetsbank fhirpath EXPRESSION FILE` shows what a part of it gives",
        ],
        "elementdefinition.html#ElementDefinition.constraint",
    ),
    row(
        "max-length",
        "too-long",
        ["een te lange tekst", "a text that is too long"],
        ["Het profiel begrenst het aantal tekens.", "The profile limits the number of characters."],
        ["kort de tekst in", "shorten the text"],
        "elementdefinition.html#ElementDefinition.maxLength",
    ),
    row(
        "max-value",
        "value",
        ["een te grote waarde", "a value that is too large"],
        ["Het profiel geeft de grootste waarde.", "The profile gives the largest value."],
        ["verbeter de waarde of haar eenheid", "correct the value or its unit"],
        "elementdefinition.html#ElementDefinition.maxValue[x]",
    ),
    row(
        "min-value",
        "value",
        ["een te kleine waarde", "a value that is too small"],
        ["Het profiel geeft de kleinste waarde.", "The profile gives the smallest value."],
        ["verbeter de waarde of haar eenheid", "correct the value or its unit"],
        "elementdefinition.html#ElementDefinition.minValue[x]",
    ),
    row(
        "pattern",
        "value",
        ["een waarde zonder het vereiste patroon", "a value without the required pattern"],
        [
            "Alles wat in het patroon staat moet ook in de waarde staan; meer mag.",
            "All that is in the pattern must be in the value too; more is allowed.",
        ],
        ["voeg toe wat het patroon noemt", "add what the pattern names"],
        "elementdefinition.html#ElementDefinition.pattern[x]",
    ),
    row(
        "profile-none-fits",
        "structure",
        ["een waarde die aan geen van de profielen voldoet", "a value that conforms to none of the profiles"],
        [
            "Het element moet voldoen aan een van de profielen die het profiel noemt.",
            "The element must conform to one of the profiles that the profile names.",
        ],
        [
            "toets de waarde los tegen het bedoelde profiel (`--profile`) om te zien wat er mist",
            "validate the value by itself against the profile that is meant (`--profile`) to see what is missing",
        ],
        "elementdefinition.html#ElementDefinition.type",
    ),
    row(
        "profile-type",
        "structure",
        ["een profiel van een ander resourcetype", "a profile of another resource type"],
        [
            "Een resource kan alleen voldoen aan een profiel op haar eigen type.",
            "A resource can only conform to a profile on its own type.",
        ],
        ["verbeter `meta.profile` of `--profile`", "correct `meta.profile` or `--profile`"],
        "profiling.html",
    ),
    row(
        "resource-type",
        "structure",
        ["een onbekend resourcetype", "an unknown resource type"],
        ["Deze versie van FHIR kent het type niet.", "This version of FHIR does not know the type."],
        [
            "verbeter het type (hoofdletters tellen) of kies de FHIR-versie met `--fhir`",
            "correct the type (case matters) or choose the FHIR version with `--fhir`",
        ],
        "resourcelist.html",
    ),
    row(
        "slice-max",
        "structure",
        ["een slice komt te vaak voor", "a slice occurs too often"],
        [
            "Het profiel begrenst hoe vaak items van deze slice mogen voorkomen.",
            "The profile limits how often items of this slice may occur.",
        ],
        [
            "laat weg wat er te veel is, of geef het de kenmerken van een andere slice",
            "leave out what is too many, or give it the marks of another slice",
        ],
        "profiling.html#slicing",
    ),
    row(
        "slice-min",
        "required",
        ["een verplichte slice ontbreekt", "a required slice is missing"],
        [
            "Het profiel eist een item van deze slice; een item hoort erbij als het aan alle kenmerken voldoet.",
            "The profile requires an item of this slice; an item belongs to it when it has all its marks.",
        ],
        [
            "voeg een item met deze kenmerken toe, of geef een item dat zo bedoeld is het kenmerk dat het mist",
            "add an item with these marks, or give an item that was meant so the mark that it misses",
        ],
        "profiling.html#slicing",
    ),
    row(
        "slicing-closed",
        "structure",
        ["een item dat in geen slice past", "an item that fits no slice"],
        [
            "De slicing is gesloten: elk item moet in een slice passen.",
            "The slicing is closed: every item must fit a slice.",
        ],
        [
            "geef het item de kenmerken van de bedoelde slice, of laat het weg",
            "give the item the marks of the slice that is meant, or leave it out",
        ],
        "profiling.html#slicing",
    ),
    row(
        "slicing-end",
        "structure",
        ["een item buiten de slices staat ertussen", "an item outside the slices stands between them"],
        [
            "De slicing is open aan het eind: andere items komen na die van de slices.",
            "The slicing is open at the end: other items come after those of the slices.",
        ],
        ["zet het item achteraan", "put the item last"],
        "profiling.html#slicing",
    ),
    row(
        "slicing-order",
        "structure",
        ["slices in een andere volgorde", "slices in another order"],
        [
            "De slicing is geordend: items staan in de volgorde van de slices in het profiel.",
            "The slicing is ordered: items stand in the order of the slices in the profile.",
        ],
        ["zet de items in de volgorde van het profiel", "put the items in the order of the profile"],
        "profiling.html#slicing",
    ),
    row(
        "string-length",
        "too-long",
        ["een tekst langer dan FHIR toestaat", "a text longer than FHIR allows"],
        [
            "Een string heeft hoogstens 1 MB (1024 × 1024 tekens).",
            "A string has at most 1 MB (1024 × 1024 characters).",
        ],
        ["verplaats de tekst naar een Binary of bijlage", "move the text to a Binary or an attachment"],
        "datatypes.html#string",
    ),
    row(
        "type-not-allowed",
        "structure",
        ["een type dat hier niet mag", "a type that is not allowed here"],
        ["Het profiel beperkt het type van dit element.", "The profile restricts the type of this element."],
        [
            "gebruik een van de toegestane typen; de naam van een keuze-element eindigt op het type",
            "use one of the allowed types; the name of a choice element ends with its type",
        ],
        "formats.html#choice",
    ),
    row(
        "value-alternative",
        "value",
        [
            "een ontbrekende waarde zonder de extensie die het profiel vraagt",
            "an absent value without the extension that the profile asks for",
        ],
        [
            "Het profiel noemt de extensies die in plaats van een waarde mogen staan (`valueAlternatives`); een andere extensie vervangt de waarde niet.",
            "The profile lists the extensions that may stand in place of a value (`valueAlternatives`); another extension does not replace it.",
        ],
        ["geef de waarde, of een van die extensies", "give the value, or one of those extensions"],
        "http://hl7.org/fhir/R5/elementdefinition-definitions.html#ElementDefinition.valueAlternatives",
    ),
    row(
        "value-blank",
        "value",
        ["een tekst van alleen witruimte", "a text of white space only"],
        [
            "Een tekst hoort iets anders dan witruimte te bevatten: wie de randen afhaalt, houdt niets over, en een lege waarde mag niet.",
            "A string should contain something beside white space: who trims it has nothing left, and an empty value is not allowed.",
        ],
        ["laat het element weg, of geef de tekst", "leave the element out, or give the text"],
        "datatypes.html#string",
    ),
    row(
        "value-format",
        "value",
        ["een waarde in een ongeldig formaat", "a value in an invalid format"],
        [
            "Elk primitief type heeft een formaat: datums als `2026-11-25`, tijdstippen met seconden en zone, geen lege teksten.",
            "Every primitive type has a format: dates like `2026-11-25`, times with seconds and zone, no empty strings.",
        ],
        [
            "schrijf de waarde in het formaat van het type; is zij er niet, laat het element dan weg",
            "write the value in the format of its type; when there is none, leave the element out",
        ],
        "datatypes.html#primitive",
    ),
];
