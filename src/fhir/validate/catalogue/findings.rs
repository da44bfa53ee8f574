//! The ids of findings.

use crate::fhir::validate::catalogue::Meaning;
use crate::fhir::validate::catalogue::row;

/// What each finding means, in the order of the alphabet.
pub const FINDINGS: &[Meaning] = &[
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
        "bundle-address",
        "invariant",
        ["een `fullUrl` die niet bij de resource past", "a `fullUrl` that does not fit the resource"],
        [
            "Een `fullUrl` met het adres van een FHIR-server eindigt op het type en de id van de resource in de entry.",
            "A `fullUrl` that is an address on a FHIR server ends with the type and the id of the resource in the entry.",
        ],
        [
            "maak `fullUrl` en `resource.id` gelijk, of gebruik een `urn:uuid:`",
            "make `fullUrl` and `resource.id` agree, or use a `urn:uuid:`",
        ],
        "bundle.html#bundle-unique",
    ),
    row(
        "bundle-link",
        "invariant",
        ["een relatie van `link` die twee keer voorkomt", "a relation of `link` that occurs twice"],
        [
            "Een Bundle heeft elke relatie (`self`, `next`, …) hoogstens één keer, anders weet een client niet welke hij moet volgen.",
            "A Bundle has each relation (`self`, `next`, …) at most once, or a client cannot know which one to follow.",
        ],
        ["houd één `link` per relatie over", "keep one `link` for each relation"],
        "http.html#paging",
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
            "Een pakket bevat het hele codestelsel, en deze code staat er niet in.",
            "A package carries the whole code system, and this code is not in it.",
        ],
        [
            "verbeter de code of het `system`; codes zijn hoofdlettergevoelig tenzij het stelsel anders zegt",
            "correct the code or its `system`; codes are case sensitive unless the system says otherwise",
        ],
        "datatypes.html#Coding",
    ),
    row(
        "contained-id",
        "structure",
        ["een ingesloten resource zonder eigen id", "a contained resource without an id of its own"],
        [
            "Naar een ingesloten resource wordt verwezen met `#id`; daarvoor heeft elke een id die in deze resource uniek is.",
            "A contained resource is referred to by `#id`; each needs an id that is unique within this resource.",
        ],
        ["geef de ingesloten resource een eigen `id`", "give the contained resource an `id` of its own"],
        "references.html#contained",
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
        "json-duplicate-key",
        "structure",
        ["een eigenschap die twee keer voorkomt", "a property that occurs twice"],
        [
            "In een JSON-object heeft elke eigenschap een eigen naam; van een dubbele is niet te zeggen welke geldt.",
            "In a JSON object each property has a name of its own; of a double one nobody can say which counts.",
        ],
        ["houd er één over", "keep one of them"],
        "json.html",
    ),
    row(
        "json-empty-list",
        "structure",
        ["een lege lijst", "an empty list"],
        [
            "In FHIR JSON staan geen lege lijsten: wat er niet is, blijft weg.",
            "FHIR JSON has no empty lists: what is not there is left out.",
        ],
        ["laat de eigenschap weg", "leave the property out"],
        "json.html",
    ),
    row(
        "json-empty-object",
        "structure",
        ["een leeg object", "an empty object"],
        [
            "In FHIR JSON staan geen lege objecten: wat er niet is, blijft weg.",
            "FHIR JSON has no empty objects: what is not there is left out.",
        ],
        ["vul het object of laat de eigenschap weg", "fill the object or leave the property out"],
        "json.html",
    ),
    row(
        "json-extension-count",
        "structure",
        ["`_naam` en `naam` van verschillende lengte", "`_name` and `name` of different length"],
        [
            "De lijsten `naam` en `_naam` horen item voor item bij elkaar.",
            "The lists `name` and `_name` belong together item by item.",
        ],
        ["vul de kortste lijst aan met `null`", "fill the shorter list with `null`"],
        "json.html#primitive",
    ),
    row(
        "json-extension-shape",
        "structure",
        ["`_naam` in een andere vorm dan `naam`", "`_name` in another shape than `name`"],
        [
            "`_naam` draagt id en extensies van `naam`: een object bij één waarde, een lijst bij een lijst.",
            "`_name` carries the id and extensions of `name`: an object for one value, a list for a list.",
        ],
        ["geef beide dezelfde vorm", "give both the same shape"],
        "json.html#primitive",
    ),
    row(
        "json-kind",
        "structure",
        ["de verkeerde soort JSON-waarde", "the wrong kind of JSON value"],
        [
            "Getallen en booleans staan in FHIR JSON zonder aanhalingstekens, al het andere als tekst of object.",
            "In FHIR JSON numbers and booleans stand without quotes, everything else as a string or an object.",
        ],
        [
            "schrijf de waarde in de soort die verwacht wordt: met of zonder aanhalingstekens, of als object",
            "write the value in the kind that is expected: with or without quotes, or as an object",
        ],
        "json.html#primitive",
    ),
    row(
        "json-list",
        "structure",
        ["een lijst waar één waarde hoort, of omgekeerd", "a list where one value belongs, or the reverse"],
        [
            "Een element dat volgens het basistype mag herhalen is in JSON altijd een lijst, ook met één item; een ander nooit.",
            "An element that may repeat in the base type is always a list in JSON, also with one item; another never is.",
        ],
        ["zet de waarde in `[ ]`, of haal haar eruit", "put the value in `[ ]`, or take it out"],
        "json.html",
    ),
    row(
        "json-lone-null",
        "structure",
        ["een losse `null`", "a lone `null`"],
        [
            "`null` staat in FHIR JSON alleen in een lijst, op de plaats van een waarde met alleen extensies.",
            "In FHIR JSON `null` only stands in a list, in the place of a value that has extensions only.",
        ],
        ["laat de eigenschap weg", "leave the property out"],
        "json.html#primitive",
    ),
    row(
        "json-nested-list",
        "structure",
        ["een lijst in een lijst", "a list in a list"],
        ["FHIR JSON kent geen lijsten van lijsten.", "FHIR JSON has no lists of lists."],
        ["maak er één lijst van", "make it one list"],
        "json.html",
    ),
    row(
        "json-no-resource-type",
        "structure",
        ["geen `resourceType`", "no `resourceType`"],
        [
            "Een resource in JSON begint met haar type, als tekst in `resourceType`.",
            "A resource in JSON says its type, as a string in `resourceType`.",
        ],
        [
            "voeg `\"resourceType\"` toe; een lijst van resources hoort in een Bundle of in NDJSON",
            "add `\"resourceType\"`; a list of resources belongs in a Bundle or in NDJSON",
        ],
        "json.html#resources",
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
        "parse",
        "invalid",
        ["de tekst is geen FHIR JSON of XML", "the text is no FHIR JSON or XML"],
        [
            "De tekst is niet te lezen, dus er is niets van beoordeeld. In NDJSON geldt dat alleen voor deze regel.",
            "The text cannot be read, so nothing of it was judged. In NDJSON that is so for this line only.",
        ],
        [
            "herstel de tekst op de genoemde plaats en bewaar haar als UTF-8",
            "repair the text at the place that is named and save it as UTF-8",
        ],
        "json.html; xml.html",
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
        "reference-format",
        "value",
        ["een verwijzing die niet te lezen is", "a reference that cannot be read"],
        [
            "Een verwijzing is `Type/id`, een absolute url, een `urn:` of `#id`.",
            "A reference is `Type/id`, an absolute url, a `urn:` or `#id`.",
        ],
        ["schrijf de verwijzing in een van deze vormen", "write the reference in one of these forms"],
        "references.html#literal",
    ),
    row(
        "reference-missing",
        "not-found",
        [
            "een verwijzing naar een ingesloten resource die er niet is",
            "a reference to a contained resource that is not there",
        ],
        [
            "`#id` wijst naar een resource in `contained` van deze resource.",
            "`#id` points to a resource in `contained` of this resource.",
        ],
        ["voeg de ingesloten resource toe, of verbeter de id", "add the contained resource, or correct the id"],
        "references.html#contained",
    ),
    row(
        "reference-profile",
        "structure",
        ["een verwijzing naar een resource die niet voldoet", "a reference to a resource that does not conform"],
        [
            "Het profiel zegt aan welk profiel het doel van de verwijzing moet voldoen; het doel zit hierbij en voldoet niet.",
            "The profile says to which profile the target must conform; the target is here and does not.",
        ],
        [
            "toets het doel tegen dat profiel (`--profile`) om te zien wat er mist, of verwijs naar een andere resource",
            "validate the target against that profile (`--profile`) to see what is missing, or refer to another resource",
        ],
        "elementdefinition.html#ElementDefinition.type",
    ),
    row(
        "reference-target",
        "structure",
        ["een verwijzing naar een ander type", "a reference to another type"],
        [
            "Het element mag alleen verwijzen naar de genoemde typen.",
            "The element may only refer to the types that are named.",
        ],
        ["verwijs naar een resource van een van die typen", "refer to a resource of one of those types"],
        "references.html",
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
    row(
        "xhtml-active",
        "invariant",
        ["actieve inhoud in een narrative", "active content in a narrative"],
        [
            "Scripts en gebeurtenissen zijn in een narrative verboden.",
            "Scripts and events are forbidden in a narrative.",
        ],
        ["verwijder het attribuut", "remove the attribute"],
        "narrative.html",
    ),
    row(
        "xhtml-element",
        "invariant",
        ["een element dat een narrative niet mag hebben", "an element that a narrative may not have"],
        [
            "Een narrative bevat alleen opmaak: geen formulieren, scripts, objecten of stylesheets.",
            "A narrative has formatting only: no forms, scripts, objects or style sheets.",
        ],
        ["verwijder het element of gebruik gewone opmaak", "remove the element or use plain formatting"],
        "narrative.html",
    ),
    row(
        "xhtml-empty",
        "invariant",
        ["een lege narrative", "an empty narrative"],
        ["De `div` bevat tekst of een afbeelding.", "The `div` contains text or an image."],
        ["vul de `div`, of laat `text` weg", "fill the `div`, or leave `text` out"],
        "narrative.html",
    ),
    row(
        "xhtml-format",
        "invariant",
        ["een narrative die geen XHTML is", "a narrative that is no XHTML"],
        [
            "De `div` is welgevormde XHTML: elke tag gesloten, `&` als entiteit.",
            "The `div` is well-formed XHTML: every tag closed, `&` as an entity.",
        ],
        ["herstel de opmaak op de genoemde plaats", "repair the markup at the place that is named"],
        "narrative.html",
    ),
    row(
        "xhtml-namespace",
        "invariant",
        ["een narrative buiten de naamruimte van XHTML", "a narrative outside the namespace of XHTML"],
        [
            "Het buitenste element is een `div` in de naamruimte van XHTML.",
            "The outermost element is a `div` in the namespace of XHTML.",
        ],
        [
            "schrijf `<div xmlns=\"http://www.w3.org/1999/xhtml\">`",
            "write `<div xmlns=\"http://www.w3.org/1999/xhtml\">`, no other",
        ],
        "narrative.html",
    ),
    row(
        "xml-foreign-element",
        "structure",
        ["een XML-element van een andere naamruimte", "an XML element of another namespace"],
        [
            "Een resource in XML bevat alleen elementen van FHIR, en XHTML in de narrative.",
            "A resource in XML has elements of FHIR only, and XHTML in the narrative.",
        ],
        ["verwijder het element of maak er een extensie van", "remove the element or make it an extension"],
        "xml.html",
    ),
    row(
        "xml-not-one-resource",
        "structure",
        ["meer dan één resource waar er één hoort", "more than one resource where one belongs"],
        [
            "In XML staat in `resource`, `contained` of `outcome` precies één resource.",
            "In XML there is exactly one resource in `resource`, `contained` or `outcome`.",
        ],
        ["herhaal het omhullende element voor elke resource", "repeat the element around it for each resource"],
        "xml.html",
    ),
    row(
        "xml-stray-text",
        "structure",
        ["losse tekst tussen XML-elementen", "loose text between XML elements"],
        ["Waarden staan in FHIR XML in het attribuut `value`.", "In FHIR XML values stand in the attribute `value`."],
        ["schrijf de waarde als `value=\"…\"`", "write the value as `value=\"…\"` on the element"],
        "xml.html",
    ),
    row(
        "xml-unknown-attribute",
        "structure",
        ["een attribuut dat FHIR niet heeft", "an attribute that FHIR does not have"],
        [
            "FHIR XML kent de attributen `value`, `id` en `url`, elk op zijn plaats.",
            "FHIR XML has the attributes `value`, `id` and `url`, each in its place.",
        ],
        ["verwijder het attribuut of schrijf het als element", "remove the attribute or write it as an element"],
        "xml.html",
    ),
];
