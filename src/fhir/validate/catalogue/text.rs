//! The ids of findings on the text itself: JSON, XML and the XHTML of narratives.

use crate::fhir::validate::catalogue::Meaning;
use crate::fhir::validate::catalogue::row;

/// What the reader finds, in the order of the alphabet.
pub const TEXT: &[Meaning] = &[
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
        "narrative-language",
        "invariant",
        [
            "een narrative zonder, of juist met, delen per taal",
            "a narrative without sections by language, or with sections where none may be",
        ],
        [
            "Het profiel zegt welke delen per taal de narrative heeft: een `div` met `lang` en `xml:lang`, direct in de buitenste `div`.",
            "The profile says which sections by language the narrative has: a `div` with `lang` and `xml:lang`, directly in the outermost `div`.",
        ],
        [
            "zet de tekst van elke taal in een eigen `div` met beide attributen, of haal die delen weg",
            "put the text of each language in a `div` of its own with both attributes, or remove such sections",
        ],
        "http://hl7.org/fhir/extensions/StructureDefinition-narrative-language-control.html",
    ),
    row(
        "narrative-source",
        "invariant",
        ["tekst in een narrative zonder herkomst", "text in a narrative that does not tell its source"],
        [
            "Het profiel vraagt dat de `class` van elk stuk tekst zegt waar het vandaan komt, en hoe zwaar het weegt als dat ontbreekt.",
            "The profile asks that the `class` of each text says where it comes from, and how much it counts when that is absent.",
        ],
        [
            "zet `boilerplate`, `generated`, `extension`, `additional` of `original` in de `class` van het element",
            "put `boilerplate`, `generated`, `extension`, `additional` or `original` in the `class` of the element",
        ],
        "http://hl7.org/fhir/extensions/StructureDefinition-narrative-source-control.html",
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
        "xhtml-attribute",
        "invariant",
        ["een attribuut dat een narrative niet mag hebben", "an attribute that a narrative may not have"],
        [
            "Een narrative heeft alleen de elementen en attributen van opmaak uit HTML 4.0 (invariant txt-1).",
            "A narrative has only the elements and attributes for formatting of HTML 4.0 (invariant txt-1).",
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
        "xml-order",
        "structure",
        ["een element op de verkeerde plaats in de volgorde", "an element out of order"],
        [
            "In XML staan elementen in de volgorde van de definitie, herhalingen bij elkaar; JSON kent die regel niet.",
            "In XML elements stand in the order of the definition, repetitions together; JSON has no such rule.",
        ],
        [
            "zet het element op zijn plaats; wat tegen het XML-schema van FHIR geldig is, staat goed",
            "move the element to its place; what is valid against the XML schema of FHIR is in order",
        ],
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
