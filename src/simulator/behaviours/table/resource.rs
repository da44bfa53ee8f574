//! The behaviours on the resource interface, each with the text that allows it. Data only.

use crate::simulator::behaviours::Behaviour;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "challenge-in-other-case",
        "RFC 9110, section 11.1",
        "de challenge is anders geschreven: BEARER, Error",
        "the challenge is written otherwise: BEARER, Error",
    )
    .decides("challenge"),
    Behaviour::new(
        "challenge-in-second-header",
        "RFC 9110, section 11.6.1",
        "voor de challenge Bearer staat een header met een ander schema",
        "a header with another scheme stands before the challenge Bearer",
    )
    .decides("challenge"),
    Behaviour::new(
        "challenge-after-another",
        "RFC 9110, section 11.6.1",
        "de challenge Bearer staat in een header achter die van een ander schema",
        "the challenge Bearer stands in one header behind that of another scheme",
    )
    .decides("challenge"),
    Behaviour::new(
        "challenge-with-blanks",
        "RFC 9110, section 11.2: blanks around the equals sign",
        "in de challenge staan spaties rond het isgelijkteken",
        "the challenge has blanks around the equals sign",
    )
    .decides("challenge"),
    Behaviour::new(
        "fhir-version-400",
        "register, RES-09: 400 or 406 with an OperationOutcome",
        "een onbekende fhirVersion geeft status 400 met een OperationOutcome",
        "an unknown fhirVersion gives status 400 with an OperationOutcome",
    ),
    Behaviour::new(
        "metadata-with-token-only",
        "register, FHIR-17: with or without token",
        "het CapabilityStatement komt alleen met een access token",
        "the CapabilityStatement comes only with an access token",
    ),
    Behaviour::new(
        "other-provider-403",
        "register, RES-11: any status that is not 2xx",
        "een token van een andere zorgaanbieder geeft 403",
        "a token of another provider gives 403",
    )
    .decides("other-provider"),
    Behaviour::new(
        "other-provider-404",
        "register, RES-11: any status that is not 2xx",
        "een token van een andere zorgaanbieder geeft 404",
        "a token of another provider gives 404",
    )
    .decides("other-provider"),
    Behaviour::new(
        "no-request-id",
        "register, RES-14: no rule demands it",
        "MedMij-Request-ID komt niet terug",
        "MedMij-Request-ID does not come back",
    ),
    Behaviour::new(
        "content-type-version-last",
        "FHIR STU3, RESTful API, section 2.21.0.6",
        "Content-Type: eerst charset, dan fhirVersion",
        "Content-Type: charset first, then fhirVersion",
    )
    .in_content()
    .decides("content-type"),
    Behaviour::new(
        "content-type-alone",
        "FHIR STU3, RESTful API, section 2.21.0.6",
        "Content-Type zonder parameters, deels in hoofdletters",
        "Content-Type without parameters, partly in capitals",
    )
    .in_content()
    .decides("content-type"),
    Behaviour::new(
        "json-pretty",
        "RFC 8259, section 2",
        "JSON met witruimte en geescapete tekens",
        "JSON with white space and escaped characters",
    )
    .in_content(),
    Behaviour::new(
        "xml-decorated",
        "XML 1.0, sections 2.5, 2.6, 2.8 and 4.3.3",
        "XML met BOM, declaratie, commentaar en verwerkingsinstructie",
        "XML with BOM, declaration, comments and processing instruction",
    )
    .in_content()
    .decides("xml"),
    Behaviour::new(
        "xml-prefixed",
        "Namespaces in XML 1.0, section 4",
        "XML zonder declaratie, met een prefix voor de namespace van FHIR",
        "XML without declaration, with a prefix for the namespace of FHIR",
    )
    .in_content()
    .decides("xml"),
    Behaviour::new(
        "no-total",
        "FHIR STU3, Bundle: total is optional",
        "Bundles hebben geen total",
        "Bundles have no total",
    )
    .in_content(),
    Behaviour::new(
        "no-search-mode",
        "FHIR STU3, Bundle: search is optional",
        "entries hebben geen search",
        "entries have no search",
    )
    .in_content()
    .decides("search"),
    Behaviour::new(
        "search-score-without-mode",
        "FHIR STU3, Bundle: search.mode is optional",
        "entries hebben search.score en geen search.mode",
        "entries have search.score and no search.mode",
    )
    .in_content()
    .decides("search"),
    Behaviour::new(
        "outcome-entry",
        "FHIR STU3, Search, section 2.21.1.1: search.mode outcome",
        "ieder zoekresultaat heeft een OperationOutcome als laatste entry, ook een leeg resultaat",
        "every search result has an OperationOutcome as last entry, an empty one as well",
    )
    .in_content(),
    Behaviour::new(
        "urn-full-urls",
        "FHIR STU3, Bundle, section 2.36.4: fullUrl may be a urn:uuid",
        "fullUrl is een urn:uuid, en verwijzingen binnen de Bundle ook",
        "fullUrl is a urn:uuid, and references inside the Bundle are too",
    )
    .in_content()
    .decides("addresses"),
    Behaviour::new(
        "absolute-references",
        "FHIR STU3, References, section 2.22.0.1",
        "verwijzingen zijn absolute adressen",
        "references are absolute addresses",
    )
    .in_content()
    .decides("addresses"),
    Behaviour::new(
        "small-pages",
        "FHIR STU3, Search, paging",
        "zoekresultaten komen in pagina's van drie",
        "search results come in pages of three",
    )
    .in_content(),
    Behaviour::new(
        "next-link-relative",
        "FHIR STU3, Bundle.link.url is a uri; RFC 3986, section 4.2",
        "de link naar de volgende pagina is een relatief adres",
        "the link to the next page is a relative address",
    )
    .in_content(),
    Behaviour::new(
        "more-links",
        "FHIR STU3, Bundle.link; RFC 5005",
        "er zijn ook links first en last",
        "there are links first and last as well",
    )
    .in_content(),
    Behaviour::new(
        "self-link-reordered",
        "FHIR STU3, Search, section 2.21.1.3: as the server processed it",
        "de self-link heeft de parameters in een andere volgorde, procentgecodeerd",
        "the self link has the parameters in another order, percent-encoded",
    )
    .in_content(),
    Behaviour::new(
        "rich-meta",
        "FHIR STU3, Resource.meta",
        "resources hebben versionId, lastUpdated, security, tag, language en tekst",
        "resources have versionId, lastUpdated, security, tag, language and a narrative",
    )
    .in_content(),
    Behaviour::new(
        "profile-with-version",
        "FHIR STU3, References, section 2.22.0.2 (canonical with version)",
        "profielen worden genoemd met een versie",
        "profiles are named with a version",
    )
    .in_content(),
    Behaviour::new(
        "more-profiles",
        "FHIR STU3, Resource.meta.profile: any number",
        "resources noemen ook een profiel dat wij niet kennen",
        "resources name a profile that we do not know as well",
    )
    .in_content(),
    Behaviour::new(
        "unknown-extensions",
        "FHIR STU3, Extensibility",
        "resources hebben extensies die wij niet kennen",
        "resources have extensions that we do not know",
    )
    .in_content(),
    Behaviour::new(
        "contained-resources",
        "FHIR STU3, References, section 2.22.0.4",
        "resources hebben een contained Organization",
        "resources have a contained Organization",
    )
    .in_content(),
];
