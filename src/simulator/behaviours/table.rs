//! Each behaviour with the text that allows it. Data only.

use crate::simulator::behaviours::Behaviour;

/// All behaviours of the reference DVA, by interface.
pub static BEHAVIOURS: &[Behaviour] = &[
    // The authorization interface.
    Behaviour::new(
        "provider-name-with-ampersand",
        "Afsprakenstelsel, Namenbeleid .7",
        "de naam van de zorgaanbieder heeft een ampersand, een punt en een cijfer",
        "the name of the provider has an ampersand, a dot and a digit",
    ),
    Behaviour::new(
        "token-address-with-port",
        "XSD of the Zorgaanbiederslijst, type Backchanneluri",
        "het adres van het TokenEndpoint heeft een poort",
        "the address of the TokenEndpoint has a port",
    ),
    Behaviour::new(
        "redirect-302",
        "RFC 6749, section 1.7",
        "terug naar de client met status 302",
        "back to the client with status 302",
    )
    .decides("redirect"),
    Behaviour::new(
        "redirect-307",
        "RFC 6749, section 1.7",
        "terug naar de client met status 307",
        "back to the client with status 307",
    )
    .decides("redirect"),
    Behaviour::new(
        "redirect-meta-refresh",
        "RFC 6749, section 1.7: any other method available via the user agent",
        "terug naar de client met een meta refresh, in hoofdletters",
        "back to the client by a meta refresh, in capitals",
    )
    .decides("redirect"),
    Behaviour::new(
        "redirect-refresh-header",
        "RFC 6749, section 1.7",
        "terug naar de client met een header Refresh",
        "back to the client by a header Refresh",
    )
    .decides("redirect"),
    Behaviour::new(
        "redirect-self-posting-page",
        "RFC 6749, section 1.7",
        "terug naar de client met een formulier dat zichzelf verstuurt",
        "back to the client by a form that sends itself",
    )
    .decides("redirect"),
    Behaviour::new(
        "error-page-200",
        "core.authint.207, exception 1a: a page, no status is named",
        "de foutpagina heeft status 200",
        "the error page has status 200",
    )
    .decides("error-page"),
    Behaviour::new(
        "error-page-403",
        "core.authint.207, exception 1a: a page, no status is named",
        "de foutpagina heeft status 403",
        "the error page has status 403",
    )
    .decides("error-page"),
    Behaviour::new(
        "response-type-unauthorized-client",
        "RFC 6749, section 4.1.2.1",
        "een andere response_type geeft unauthorized_client",
        "another response_type gives unauthorized_client",
    )
    .decides("response-type"),
    Behaviour::new(
        "response-type-invalid-request",
        "RFC 6749, section 4.1.2.1",
        "een andere response_type geeft invalid_request",
        "another response_type gives invalid_request",
    )
    .decides("response-type"),
    Behaviour::new(
        "response-type-error-in-fragment",
        "RFC 6749, section 4.2.2.1",
        "de fout op response_type token staat in het fragment",
        "the error for response_type token is in the fragment",
    ),
    Behaviour::new(
        "response-type-missing-unsupported",
        "RFC 6749, section 3.1.1",
        "een lege of ontbrekende response_type geeft unsupported_response_type",
        "an empty or missing response_type gives unsupported_response_type",
    ),
    Behaviour::new(
        "scope-error-page",
        "register, AUTH-06: an OAuth error or an error page",
        "een onbekende scope geeft een foutpagina",
        "an unknown scope gives an error page",
    ),
    Behaviour::new(
        "repeated-parameter-error-page",
        "register, AUTH-27: an error, or a fail-safe answer",
        "een herhaalde parameter geeft een foutpagina",
        "a repeated parameter gives an error page",
    ),
    Behaviour::new(
        "error-redirect-with-description",
        "RFC 6749, section 4.1.2.1",
        "de redirect met een fout heeft error_description en error_uri",
        "the redirect with an error has error_description and error_uri",
    ),
    Behaviour::new(
        "code-with-more-parameters",
        "RFC 9207, section 2; OpenID Connect Session Management 1.0, section 2; RFC 6749, section 4.1.2",
        "naast code en state komen iss en session_state mee",
        "iss and session_state come beside code and state",
    ),
    Behaviour::new(
        "state-encoded-otherwise",
        "RFC 3986, section 2.1",
        "state komt terug met ieder teken procentgecodeerd",
        "state comes back with every character percent-encoded",
    ),
    Behaviour::new(
        "consent-remembered",
        "core.autorisatie.100: consent may hold for longer",
        "wie eerder toestemming gaf, krijgt de vraag niet weer",
        "who gave consent before is not asked again",
    ),
    Behaviour::new(
        "notice-at-first-login",
        "core.authint.205 leaves the pages to the server",
        "bij de eerste keer inloggen komt er een pagina bij",
        "the first login shows one page more",
    ),
    Behaviour::new(
        "extra-redirects",
        "RFC 9110, section 15.4",
        "tussen de pagina's liggen extra redirects, ook 307 met de inhoud van het formulier",
        "there are more redirects between the pages, also 307 with the content of the form",
    )
    .decides("after-login"),
    Behaviour::new(
        "self-posting-login",
        "SAML 2.0 Bindings, section 3.5 (HTTP POST), as the authentication service uses",
        "na het inloggen komt een formulier dat zichzelf met POST verstuurt",
        "after login a form comes that sends itself by POST",
    )
    .decides("after-login"),
    Behaviour::new(
        "other-cookies",
        "RFC 6265, section 4.1",
        "de sessie staat in een cookie met andere attributen, met andere cookies ernaast",
        "the session is in a cookie with other attributes, beside other cookies",
    ),
    Behaviour::new(
        "pages-expire",
        "HTML Living Standard, section 4.2.5.3",
        "de pagina's gaan na een kwartier vanzelf naar een andere pagina",
        "the pages go to another page by themselves after a quarter of an hour",
    ),
    Behaviour::new(
        "request-in-hidden-fields",
        "HTML Living Standard, section 4.10.5.1.1",
        "het inlogformulier draagt het autorisatieverzoek mee in verborgen velden",
        "the login form carries the authorization request in hidden fields",
    ),
    Behaviour::new(
        "script-that-submits",
        "HTML Living Standard, section 4.10.21.2",
        "het inlogformulier wordt door een script verstuurd als men op een knop klikt",
        "the login form is sent by a script at the click of a button",
    ),
    // The token interface.
    Behaviour::new(
        "grant-type-invalid-request",
        "register, TOK-04; RFC 6749, section 5.2",
        "een andere grant_type geeft invalid_request",
        "another grant_type gives invalid_request",
    )
    .decides("grant-type"),
    Behaviour::new(
        "grant-type-unauthorized-client",
        "register, TOK-04; RFC 6749, section 5.2",
        "een andere grant_type geeft unauthorized_client",
        "another grant_type gives unauthorized_client",
    )
    .decides("grant-type"),
    Behaviour::new(
        "grant-type-401",
        "register, TOK-04: 400 or 401",
        "een andere grant_type geeft status 401 met invalid_client",
        "another grant_type gives status 401 with invalid_client",
    )
    .decides("grant-type"),
    Behaviour::new(
        "client-401",
        "RFC 6749, section 5.2",
        "een onjuiste of ontbrekende client_id geeft status 401 met invalid_client en WWW-Authenticate",
        "a wrong or missing client_id gives status 401 with invalid_client and WWW-Authenticate",
    ),
    Behaviour::new(
        "redirect-uri-missing-invalid-grant",
        "RFC 6749, section 5.2",
        "een ontbrekende redirect_uri geeft invalid_grant",
        "a missing redirect_uri gives invalid_grant",
    ),
    Behaviour::new(
        "token-error-with-uri",
        "RFC 6749, section 5.2",
        "fouten van het token endpoint hebben error_uri en nog een veld",
        "errors of the token endpoint have error_uri and one more member",
    )
    .decides("token-error"),
    Behaviour::new(
        "token-error-alone",
        "RFC 6749, section 5.2",
        "fouten van het token endpoint hebben alleen error",
        "errors of the token endpoint have error alone",
    )
    .decides("token-error"),
    Behaviour::new(
        "token-with-more-members",
        "RFC 6749, section 5.1: unrecognized value names are ignored",
        "het tokenantwoord heeft velden die niemand kent",
        "the token response has members that nobody knows",
    ),
    Behaviour::new(
        "token-type-lower-case",
        "RFC 6749, section 5.1: the value is case insensitive",
        "token_type is bearer",
        "token_type is bearer",
    ),
    Behaviour::new(
        "token-json-with-charset",
        "RFC 9110, section 8.3.1",
        "het tokenantwoord heeft mediatype application/json;charset=UTF-8",
        "the token response has media type application/json;charset=UTF-8",
    ),
    Behaviour::new(
        "token-cache-control-more",
        "RFC 9111, section 5.2",
        "Cache-Control is private, No-Store",
        "Cache-Control is private, No-Store",
    ),
    Behaviour::new(
        "token-without-scope",
        "RFC 6749, section 5.1: optional when equal to what was asked",
        "het tokenantwoord heeft geen scope",
        "the token response has no scope",
    ),
    Behaviour::new(
        "token-pretty",
        "RFC 8259, section 2",
        "het tokenantwoord heeft witruimte",
        "the token response has white space",
    ),
    Behaviour::new(
        "refresh-token-always",
        "RFC 6749, section 5.1",
        "er komt altijd een refresh token mee",
        "a refresh token always comes along",
    ),
    Behaviour::new(
        "jwt-tokens",
        "RFC 6749, section 1.4; RFC 7519",
        "access tokens zijn JWT's",
        "access tokens are JWTs",
    )
    .decides("tokens"),
    Behaviour::new(
        "hexadecimal-tokens",
        "RFC 6749, section 10.10",
        "access tokens en codes zijn 64 hexadecimale tekens",
        "access tokens and codes are 64 hexadecimal characters",
    )
    .decides("tokens"),
    Behaviour::new(
        "tokens-with-symbols",
        "RFC 6750, section 2.1; RFC 6749, appendix A",
        "access tokens en codes hebben de tekens - . _ ~ + / en =",
        "access tokens and codes have the characters - . _ ~ + / and =",
    )
    .decides("tokens"),
    // Both back channels.
    Behaviour::new(
        "no-certificate-closed",
        "core.whl.309",
        "zonder clientcertificaat gaat de verbinding na de handshake zonder antwoord dicht",
        "without client certificate the connection is closed after the handshake, without answer",
    )
    .decides("no-certificate"),
    Behaviour::new(
        "no-certificate-403",
        "register, TOK-23 and RES-12: an answer 4xx",
        "zonder clientcertificaat komt er een kale 403",
        "without client certificate a bare 403 comes",
    )
    .decides("no-certificate"),
    Behaviour::new(
        "not-listed-403",
        "core.whl.309; register, TLS-28: closed or a bare refusal",
        "een host die niet op de Whitelist staat krijgt een kale 403",
        "a host that is not on the Whitelist gets a bare 403",
    )
    .decides("not-listed"),
    Behaviour::new(
        "not-listed-page",
        "core.whl.309; register, TLS-28: closed or a bare refusal",
        "een host die niet op de Whitelist staat krijgt de 403-pagina van een webserver",
        "a host that is not on the Whitelist gets the 403 page of a web server",
    )
    .decides("not-listed"),
    Behaviour::new(
        "chunked",
        "RFC 9112, section 7.1",
        "antwoorden komen in stukken, zonder Content-Length",
        "answers come in chunks, without Content-Length",
    ),
    Behaviour::new(
        "header-names-in-title-case",
        "RFC 9110, section 5.1",
        "namen van headers beginnen met hoofdletters",
        "names of headers begin with capitals",
    ),
    // The resource interface.
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
