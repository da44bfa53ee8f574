//! The ids of findings between resources: Bundles, contained resources, references.

use crate::fhir::validate::catalogue::Meaning;
use crate::fhir::validate::catalogue::row;

/// What does not hold between resources, in the order of the alphabet.
pub const LINKS: &[Meaning] = &[
    row(
        "batch-response",
        "invariant",
        [
            "een antwoord in een verzoek, of een verzoek in een antwoord",
            "a response in a request, or a request in a response",
        ],
        [
            "Entries van een batch hebben `request`, die van een batch-response `response`.",
            "Entries of a batch have `request`, those of a batch-response `response`.",
        ],
        ["geef de entries wat bij `Bundle.type` hoort", "give the entries what belongs to `Bundle.type`"],
        "bundle.html",
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
        "bundle-address-id",
        "invariant",
        ["een resource zonder id bij een `fullUrl` met id", "a resource without id at a `fullUrl` with one"],
        [
            "Een `fullUrl` die op `Type/id` eindigt noemt de id van de resource; die moet er dan ook in staan.",
            "A `fullUrl` that ends with `Type/id` names the id of the resource, which must then be in it.",
        ],
        ["vul `resource.id`, of gebruik een `urn:uuid:`", "fill `resource.id`, or use a `urn:uuid:`"],
        "bundle.html#bundle-unique",
    ),
    row(
        "bundle-address-missing",
        "required",
        ["een entry zonder `fullUrl`", "an entry without `fullUrl`"],
        [
            "Zonder `fullUrl` weet een ontvanger niet waar verwijzingen in en naar de resource op slaan.",
            "Without `fullUrl` a receiver cannot tell what references in and to the resource mean.",
        ],
        [
            "geef elke entry een `fullUrl`: het adres van de resource of een `urn:uuid:`",
            "give each entry a `fullUrl`: the address of the resource or a `urn:uuid:`",
        ],
        "bundle.html#bundle-unique",
    ),
    row(
        "bundle-address-relative",
        "value",
        ["een `fullUrl` die niet absoluut is", "a `fullUrl` that is not absolute"],
        ["Een `fullUrl` is altijd absoluut.", "A `fullUrl` is always absolute."],
        [
            "zet het adres van de server ervoor, of gebruik een `urn:uuid:`",
            "put the address of the server before it, or use a `urn:uuid:`",
        ],
        "bundle.html#bundle-unique",
    ),
    row(
        "bundle-empty",
        "required",
        ["een Bundle zonder entries", "a Bundle without entries"],
        ["Een document of bericht heeft minstens één entry.", "A document or message has at least one entry."],
        [
            "voeg de resources toe, of kies een ander `Bundle.type`",
            "add the resources, or choose another `Bundle.type`",
        ],
        "bundle.html",
    ),
    row(
        "bundle-first",
        "invariant",
        ["een verkeerde eerste resource", "a wrong first resource"],
        [
            "Een document begint met een Composition, een bericht met een MessageHeader.",
            "A document begins with a Composition, a message with a MessageHeader.",
        ],
        [
            "zet die resource vooraan, of kies een ander `Bundle.type`",
            "put that resource first, or choose another `Bundle.type`",
        ],
        "bundle.html",
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
        "bundle-link-page",
        "invariant",
        ["een bladerlink waar niets te bladeren is", "a paging link where there is nothing to page"],
        [
            "Een document of bericht is één geheel en heeft geen volgende pagina.",
            "A document or message is one whole and has no next page.",
        ],
        ["laat de `link` weg", "leave the `link` out"],
        "http.html#paging",
    ),
    row(
        "bundle-reference",
        "not-found",
        [
            "een verwijzing naar een resource die niet in de Bundle zit",
            "a reference to a resource that is not in the Bundle",
        ],
        [
            "Wat een document of bericht nodig heeft zit er zelf in; een verwijzing wordt opgezocht met de `fullUrl` van haar entry.",
            "What a document or message needs is in it; a reference is looked up from the `fullUrl` of its entry.",
        ],
        [
            "voeg de resource toe, of maak verwijzing en `fullUrl` gelijk",
            "add the resource, or make the reference and the `fullUrl` agree",
        ],
        "bundle.html#references",
    ),
    row(
        "bundle-stylesheet",
        "not-found",
        ["een stylesheet die niet in het document zit", "a style sheet that is not in the document"],
        [
            "Een link met relatie `stylesheet` wijst naar een Binary in het document.",
            "A link of relation `stylesheet` points to a Binary in the document.",
        ],
        ["voeg de Binary toe of laat de link weg", "add the Binary or leave the link out"],
        "documents.html",
    ),
    row(
        "contained-apart",
        "invariant",
        ["een ingesloten resource waar niets naar verwijst", "a contained resource that nothing refers to"],
        [
            "Een ingesloten resource heeft alleen betekenis door de verwijzing ernaar (invariant dom-3).",
            "A contained resource has a meaning only by the reference to it (invariant dom-3).",
        ],
        ["verwijs ernaar met `#id`, of laat haar weg", "refer to it by `#id`, or leave it out"],
        "references.html#contained",
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
        "document-apart",
        "invariant",
        ["een resource in een document waar niets naartoe leidt", "a resource in a document that nothing leads to"],
        [
            "Elke resource in een document is vanaf de Composition te bereiken.",
            "Every resource in a document can be reached from the Composition.",
        ],
        ["verwijs ernaar vanuit de Composition, of laat haar weg", "refer to it from the Composition, or leave it out"],
        "documents.html",
    ),
    row(
        "document-date",
        "required",
        ["een document zonder datum", "a document without date"],
        [
            "`Bundle.meta.lastUpdated` van een document zegt wanneer het is samengesteld.",
            "`Bundle.meta.lastUpdated` of a document says when it was assembled.",
        ],
        ["vul `meta.lastUpdated`", "fill `meta.lastUpdated`"],
        "documents.html",
    ),
    row(
        "reference-adrift",
        "not-found",
        ["een relatieve verwijzing zonder vertrekpunt", "a relative reference without a start"],
        [
            "Een relatieve verwijzing in een Bundle gaat uit van de `fullUrl` van haar entry.",
            "A relative reference in a Bundle starts from the `fullUrl` of its entry.",
        ],
        [
            "geef de entry een `fullUrl` op een FHIR-server, of verwijs absoluut",
            "give the entry a `fullUrl` on a FHIR server, or refer absolutely",
        ],
        "bundle.html#references",
    ),
    row(
        "reference-aggregation",
        "structure",
        ["een verwijzing naar een plaats die niet mag", "a reference to a place that is not allowed"],
        [
            "Het profiel zegt of het doel ingesloten is, in de Bundle staat, of ergens anders.",
            "The profile says whether the target is contained, in the Bundle, or elsewhere.",
        ],
        ["zet het doel waar het profiel het wil", "put the target where the profile wants it"],
        "elementdefinition.html#ElementDefinition.type",
    ),
    row(
        "reference-ambiguous",
        "conflict",
        ["een verwijzing die op meer dan één resource past", "a reference that fits more than one resource"],
        [
            "Twee entries van de Bundle hebben het adres waar de verwijzing op uitkomt.",
            "Two entries of the Bundle have the address that the reference leads to.",
        ],
        [
            "geef elke entry een eigen `fullUrl`, of noem de versie",
            "give each entry a `fullUrl` of its own, or name the version",
        ],
        "bundle.html#references",
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
        "reference-type",
        "value",
        [
            "een verwijzing die een ander type noemt dan haar doel",
            "a reference that names another type than its target has",
        ],
        [
            "Het type in de verwijzing is dat van de resource waar zij naar wijst.",
            "The type in the reference is that of the resource that it points to.",
        ],
        ["noem het type van het doel", "name the type of the target"],
        "references.html#literal",
    ),
    row(
        "search-id",
        "required",
        ["een gevonden resource zonder id", "a found resource without id"],
        ["Een resource in een zoekresultaat heeft een id.", "A resource in a search result has an id."],
        ["vul `resource.id`", "fill `resource.id`"],
        "http.html#search",
    ),
    row(
        "search-outcome",
        "structure",
        ["een OperationOutcome als gevonden resource", "an OperationOutcome as a found resource"],
        [
            "Alleen een OperationOutcome heeft `search.mode` gelijk aan `outcome`.",
            "Only an OperationOutcome has `search.mode` equal to `outcome`.",
        ],
        ["verbeter `search.mode`", "correct `search.mode`"],
        "http.html#search",
    ),
    row(
        "search-resource",
        "required",
        ["een zoekresultaat zonder resource", "a search result without resource"],
        ["Elke entry van een zoekresultaat heeft een resource.", "Every entry of a search result has a resource."],
        ["vul `resource`, of laat de entry weg", "fill `resource`, or leave the entry out"],
        "http.html#search",
    ),
    row(
        "search-type",
        "structure",
        ["een gevonden resource van een ander type dan gezocht", "a found resource of another type than was searched"],
        [
            "Wat met `match` gemerkt is, heeft het type dat gezocht werd; het andere is `include` of `outcome`.",
            "What is marked `match` has the type that was searched; the rest is `include` or `outcome`.",
        ],
        ["verbeter `search.mode`", "correct `search.mode`"],
        "http.html#search",
    ),
    row(
        "transaction-response",
        "invariant",
        ["een entry die niet bij een transaction-response past", "an entry that does not fit a transaction-response"],
        [
            "Elke entry van een transaction-response heeft `response`.",
            "Every entry of a transaction-response has `response`.",
        ],
        ["geef elke entry een `response` met `status`", "give every entry a `response` with `status`"],
        "bundle.html",
    ),
];
