//! The planted deviations in the token interface. Entry point: [`DEFECTS`].

use crate::simulator::defects::Defect;
use crate::simulator::defects::NOBODY_GETS_IN;

pub(super) const DEFECTS: &[Defect] = &[
    Defect::new("grant-type-ignored", "TOK-04", "grant_type wordt niet gecontroleerd", "grant_type is not checked"),
    Defect::new(
        "token-client-id-ignored",
        "TOK-05",
        "client_id in het tokenverzoek wordt niet gecontroleerd",
        "client_id in the token request is not checked",
    ),
    Defect::new(
        "token-extra-parameter-refused",
        "TOK-07",
        "een onbekende parameter in het tokenverzoek wordt geweigerd",
        "an unknown parameter in the token request is refused",
    ),
    Defect::new("access-token-empty", "TOK-09", "access_token is leeg", "access_token is empty")
        .masking(NOBODY_GETS_IN),
    Defect::new("expires-in-3600", "TOK-10", "expires_in is 3600", "expires_in is 3600"),
    Defect::new(
        "token-outlives-its-end",
        "TOK-10",
        "een access token werkt een uur",
        "an access token works for an hour",
    ),
    Defect::new(
        "token-ends-early",
        "TOK-10",
        "een access token werkt tien minuten",
        "an access token works for ten minutes",
    ),
    Defect::new(
        "token-without-code",
        "TOK-22",
        "een tokenverzoek zonder code geeft een access token",
        "a token request without code gives an access token",
    ),
    Defect::new(
        "code-reusable",
        "TOK-15",
        "een code kan vaker worden ingewisseld",
        "a code can be redeemed more than once",
    ),
    Defect::new(
        "code-survives-error",
        "TOK-15",
        "een code blijft geldig na een geweigerde inwisseling",
        "a code stays valid after a refused redemption",
    ),
    Defect::new(
        "token-redirect-uri-ignored",
        "TOK-16",
        "redirect_uri in het tokenverzoek wordt niet vergeleken",
        "redirect_uri in the token request is not compared",
    ),
    Defect::new(
        "token-after-eleven-seconds",
        "TOK-17",
        "een tokenantwoord komt pas na elf seconden",
        "a token response takes eleven seconds",
    )
    .warns(),
    Defect::new(
        "token-cacheable",
        "TOK-20",
        "Cache-Control en Pragma ontbreken in het tokenantwoord",
        "Cache-Control and Pragma are missing in the token response",
    ),
    Defect::new(
        "token-not-json",
        "TOK-20",
        "het tokenantwoord heeft mediatype text/html",
        "the token response has media type text/html",
    ),
    Defect::new(
        "token-error-200",
        "TOK-21",
        "een fout van het token endpoint heeft status 200",
        "an error of the token endpoint has status 200",
    ),
    Defect::new(
        "token-error-html",
        "TOK-21",
        "een fout van het token endpoint is een HTML-pagina",
        "an error of the token endpoint is an HTML page",
    )
    .masking(&["TOK-22", "TLS-26"]),
    Defect::new(
        "unknown-code-accepted",
        "TOK-22",
        "een code die nooit is uitgegeven geeft een access token",
        "a code that was never issued gives an access token",
    )
    .masking(&["TOK-05", "TOK-15", "TOK-16"]),
    Defect::new(
        "token-without-certificate",
        "TOK-23",
        "het token endpoint vraagt geen clientcertificaat",
        "the token endpoint asks for no client certificate",
    ),
    Defect::new("token-type-mac", "TOK-24", "token_type is mac", "token_type is mac"),
    Defect::new(
        "query-token-accepted",
        "TOK-08",
        "een tokenverzoek mag ook met GET, met de parameters in de query",
        "a token request may also come by GET, with its parameters in the query",
    )
    .observes(),
    Defect::new(
        "services-of-client-list-ignored",
        "TOK-19",
        "gegevensdiensten die de OAuth Client List voor de client niet heeft worden toch geleverd",
        "services that the OAuth Client List does not have for the client are delivered all the same",
    )
    .warns(),
];
