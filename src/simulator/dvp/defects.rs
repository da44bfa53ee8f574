//! The planted deviations of the reference DVP. Entry points: [`DEFECTS`] and [`find`].

use crate::simulator::Defect;

/// What cannot be seen when no flow comes to its end.
const NO_FLOW: &[&str] = &["AUTH", "TOK", "CON", "RES", "FHIR", "FLOW", "SEC", "TLS", "LIST"];

/// All defects of the reference DVP, by interface.
pub static DEFECTS: &[Defect] = &[
    Defect::new(
        "request-id-missing-in-authorization",
        "AUTH-01",
        "het autorisatieverzoek heeft geen MedMij-Request-ID",
        "the authorization request has no MedMij-Request-ID",
    ),
    Defect::new(
        "correlation-id-missing-in-authorization",
        "AUTH-01",
        "het autorisatieverzoek heeft geen X-Correlation-ID",
        "the authorization request has no X-Correlation-ID",
    ),
    Defect::new(
        "request-id-no-uuid",
        "AUTH-01",
        "MedMij-Request-ID van het autorisatieverzoek is geen UUID",
        "MedMij-Request-ID of the authorization request is no UUID",
    ),
    Defect::new(
        "correlation-id-repeats",
        "AUTH-01",
        "elke flow heeft dezelfde X-Correlation-ID",
        "every flow has the same X-Correlation-ID",
    ),
    Defect::new(
        "state-missing",
        "AUTH-02",
        "het autorisatieverzoek heeft geen state",
        "the authorization request has no state",
    )
    .masking(NO_FLOW),
    Defect::new(
        "scope-missing",
        "AUTH-02",
        "het autorisatieverzoek heeft geen scope",
        "the authorization request has no scope",
    )
    .masking(NO_FLOW),
    Defect::new(
        "scope-sent-twice",
        "AUTH-02",
        "het autorisatieverzoek heeft twee keer scope",
        "the authorization request has scope twice",
    )
    .masking(NO_FLOW),
    Defect::new(
        "authorization-by-post",
        "AUTH-12",
        "het autorisatieverzoek is een POST",
        "the authorization request is a POST",
    )
    .warns(),
    Defect::new(
        "other-response-type",
        "AUTH-03",
        "response_type van het autorisatieverzoek is token",
        "response_type of the authorization request is token",
    )
    .masking(NO_FLOW),
    Defect::new(
        "other-client-id",
        "AUTH-04",
        "client_id van het autorisatieverzoek is een andere host",
        "client_id of the authorization request is another host",
    )
    .masking(NO_FLOW),
    Defect::new(
        "redirect-uri-not-https",
        "AUTH-05",
        "redirect_uri is een http-adres",
        "redirect_uri is an http address",
    )
    .masking(NO_FLOW),
    Defect::new(
        "redirect-uri-on-other-host",
        "AUTH-05",
        "redirect_uri ligt op een andere host",
        "redirect_uri lies on another host",
    )
    .masking(NO_FLOW),
    Defect::new(
        "redirect-uri-with-fragment",
        "AUTH-05",
        "redirect_uri heeft een fragment",
        "redirect_uri has a fragment",
    )
    .masking(NO_FLOW),
    Defect::new(
        "scope-with-suffix",
        "AUTH-06",
        "de scope heeft @medmij achter de naam",
        "the scope has @medmij behind the name",
    )
    .masking(NO_FLOW),
    Defect::new(
        "scope-with-service",
        "AUTH-06",
        "de scope heeft een gegevensdienst achter de naam",
        "the scope has a gegevensdienst behind the name",
    )
    .masking(NO_FLOW),
    Defect::new(
        "scope-with-two-values",
        "FLOW-14",
        "de scope noemt twee zorgaanbieders",
        "the scope names two providers",
    )
    .masking(NO_FLOW),
    Defect::new(
        "redirect-uri-not-encoded",
        "FLOW-17",
        "redirect_uri staat ongecodeerd in de query",
        "redirect_uri stands in the query unencoded",
    )
    .observes(),
    Defect::new(
        "proof-key-sent",
        "AUTH-29",
        "het autorisatieverzoek heeft een code_challenge",
        "the authorization request has a code_challenge",
    )
    .observes(),
    Defect::new("state-with-address", "AUTH-31", "in state staat een adres", "an address stands in state").observes(),
    Defect::new(
        "request-id-missing-at-token",
        "TOK-01",
        "het tokenverzoek heeft geen MedMij-Request-ID",
        "the token request has no MedMij-Request-ID",
    ),
    Defect::new(
        "correlation-id-missing-at-token",
        "TOK-01",
        "het tokenverzoek heeft geen X-Correlation-ID",
        "the token request has no X-Correlation-ID",
    ),
    Defect::new(
        "other-correlation-id-at-token",
        "TOK-01",
        "het tokenverzoek heeft een andere X-Correlation-ID dan het autorisatieverzoek",
        "the token request has another X-Correlation-ID than the authorization request",
    ),
    Defect::new(
        "redirect-uri-missing-at-token",
        "TOK-02",
        "het tokenverzoek heeft geen redirect_uri",
        "the token request has no redirect_uri",
    )
    .masking(NO_FLOW),
    Defect::new(
        "other-redirect-uri-at-token",
        "TOK-02",
        "redirect_uri van het tokenverzoek is een andere",
        "redirect_uri of the token request is another",
    )
    .masking(NO_FLOW),
    Defect::new(
        "client-id-missing-at-token",
        "TOK-02",
        "het tokenverzoek heeft geen client_id",
        "the token request has no client_id",
    )
    .masking(NO_FLOW),
    Defect::new(
        "state-not-checked",
        "TOK-13",
        "state van het antwoord wordt niet gecontroleerd",
        "state of the answer is not checked",
    )
    .masking(&["SEC-05", "TOK-01", "RES-02"]),
    Defect::new(
        "callback-replay-accepted",
        "TOK-14",
        "een tweede bezoek met dezelfde code leidt tot een tweede tokenverzoek",
        "a second visit with the same code leads to a second token request",
    ),
    Defect::new(
        "code-resent-after-error",
        "TOK-14",
        "na een fout wordt dezelfde code nog eens aangeboden",
        "after an error the same code is presented again",
    ),
    Defect::new(
        "other-grant-type",
        "TOK-04",
        "grant_type van het tokenverzoek is client_credentials",
        "grant_type of the token request is client_credentials",
    )
    .masking(NO_FLOW),
    Defect::new(
        "other-client-id-at-token",
        "TOK-05",
        "client_id van het tokenverzoek is een andere host",
        "client_id of the token request is another host",
    )
    .masking(NO_FLOW),
    Defect::new(
        "token-parameters-in-query",
        "TOK-08",
        "de parameters van het tokenverzoek staan in de query",
        "the parameters of the token request stand in the query",
    )
    .warns()
    .masking(NO_FLOW),
    Defect::new(
        "client-secret-sent",
        "TOK-23",
        "het tokenverzoek heeft een client_secret",
        "the token request has a client_secret",
    ),
    Defect::new(
        "basic-authentication-sent",
        "TOK-23",
        "het tokenverzoek heeft Basic-authenticatie",
        "the token request has Basic authentication",
    ),
    Defect::new(
        "token-in-query",
        "RES-01",
        "het access token staat in de query",
        "the access token stands in the query",
    )
    .masking(NO_FLOW),
    Defect::new(
        "request-id-missing-at-resource",
        "RES-02",
        "resourceverzoeken hebben geen MedMij-Request-ID",
        "resource requests have no MedMij-Request-ID",
    ),
    Defect::new(
        "request-id-repeats-at-resource",
        "RES-02",
        "resourceverzoeken hebben alle dezelfde MedMij-Request-ID",
        "resource requests all have the same MedMij-Request-ID",
    ),
    Defect::new(
        "correlation-id-missing-at-resource",
        "RES-02",
        "resourceverzoeken hebben geen X-Correlation-ID",
        "resource requests have no X-Correlation-ID",
    ),
    Defect::new(
        "other-correlation-id-at-resource",
        "RES-02",
        "resourceverzoeken hebben een andere X-Correlation-ID",
        "resource requests have another X-Correlation-ID",
    ),
    Defect::new(
        "refused-request-repeated",
        "RES-10",
        "een geweigerd resourceverzoek wordt steeds herhaald",
        "a refused resource request is repeated again and again",
    )
    .warns(),
    Defect::new(
        "patient-in-query",
        "FHIR-01",
        "een resourceverzoek heeft de parameter patient",
        "a resource request has the parameter patient",
    ),
    Defect::new(
        "subject-in-query",
        "FHIR-01",
        "een resourceverzoek heeft de parameter subject",
        "a resource request has the parameter subject",
    ),
    Defect::new(
        "person-in-header",
        "RES-04",
        "een header van resourceverzoeken noemt de achternaam van de persoon",
        "a header of resource requests names the family name of the person",
    ),
    Defect::new(
        "bsn-identifier-in-query",
        "FHIR-02",
        "een resourceverzoek zoekt met een burgerservicenummer",
        "a resource request searches with a burgerservicenummer",
    ),
    Defect::new(
        "fhir-version-missing",
        "FHIR-16",
        "resourceverzoeken noemen geen fhirVersion",
        "resource requests name no fhirVersion",
    )
    .warns(),
    Defect::new(
        "extra-search-parameter",
        "FHIR-23",
        "een resourceverzoek heeft een parameter extra",
        "a resource request has one parameter more",
    )
    .observes(),
    Defect::new(
        "bsn-in-query",
        "SEC-13",
        "het burgerservicenummer van de persoon staat in een resourceverzoek",
        "the burgerservicenummer of the person stands in a resource request",
    ),
    Defect::new("request-left-out", "FLOW-35", "problemen worden niet opgevraagd", "problems are not asked for"),
    Defect::new(
        "state-not-bound-to-session",
        "SEC-05",
        "state hoort niet bij de sessie van de browser",
        "state is not bound to the session of the browser",
    ),
    Defect::new(
        "open-redirect-at-callback",
        "SEC-07",
        "het terugkeeradres stuurt door naar elk adres",
        "the redirect URI sends on to any address",
    )
    .warns(),
    Defect::new(
        "links-followed-anywhere",
        "SEC-08",
        "een verwijzing naar een andere host wordt met het token gevolgd",
        "a link to another host is followed with the token",
    ),
    Defect::new(
        "redirect-followed-with-token",
        "SEC-08",
        "een redirect naar een andere host wordt met het token gevolgd",
        "a redirect to another host is followed with the token",
    ),
    Defect::new(
        "lists-fetched-once",
        "LIST-05",
        "de lijsten worden alleen bij het starten opgehaald",
        "the lists are fetched at the start only",
    ),
    Defect::new(
        "certificate-missing-at-token",
        "TOK-23",
        "het tokenverzoek komt zonder clientcertificaat",
        "the token request comes without client certificate",
    )
    .masking(NO_FLOW),
    Defect::new(
        "authorization-over-http",
        "TLS-01",
        "de browser wordt over http naar de autorisatieserver gestuurd",
        "the browser is sent to the authorization server over http",
    )
    .masking(NO_FLOW),
    Defect::new("tls-1-3-not-offered", "TLS-06", "TLS 1.3 wordt niet aangeboden", "TLS 1.3 is not offered").warns(),
    Defect::new("tls-1-2-not-offered", "TLS-06", "TLS 1.2 wordt niet aangeboden", "TLS 1.2 is not offered").warns(),
    Defect::new(
        "certificate-missing-at-resource",
        "TLS-13",
        "resourceverzoeken komen zonder clientcertificaat",
        "resource requests come without client certificate",
    )
    .masking(NO_FLOW),
    Defect::new(
        "certificate-expired",
        "TLS-13",
        "het clientcertificaat is verlopen",
        "the client certificate has expired",
    )
    .masking(NO_FLOW),
    Defect::new(
        "second-front-host",
        "TLS-15",
        "de tweede flow heeft een redirect_uri op een andere host",
        "the second flow has a redirect_uri on another host",
    )
    .masking(NO_FLOW),
    Defect::new(
        "transport-security-missing",
        "TLS-20",
        "pagina's van de DVP hebben geen Strict-Transport-Security",
        "pages of the DVP have no Strict-Transport-Security",
    )
    .warns(),
    Defect::new(
        "certificate-missing-at-lists",
        "TLS-21",
        "lijsten worden zonder clientcertificaat opgehaald",
        "lists are fetched without client certificate",
    ),
    Defect::new("old-version-offered", "TLS-22", "TLS 1.1 wordt aangeboden", "TLS 1.1 is offered").masking(&["TLS-31"]),
    Defect::new(
        "weak-suite-offered",
        "TLS-23",
        "een suite zonder forward secrecy wordt aangeboden",
        "a suite without forward secrecy is offered",
    )
    .masking(&["TLS-31"]),
    Defect::new("compression-offered", "TLS-24", "TLS-compressie wordt aangeboden", "TLS compression is offered")
        .warns(),
    Defect::new("weak-group-offered", "TLS-30", "secp224r1 wordt aangeboden", "secp224r1 is offered")
        .warns()
        .masking(&["TLS-31"]),
    Defect::new(
        "finite-field-suite-offered",
        "TLS-31",
        "een suite met DHE wordt aangeboden",
        "a suite with DHE is offered",
    )
    .observes()
    .masking(&["TLS-23"]),
    Defect::new(
        "any-server-trusted",
        "TLS-18",
        "elk servercertificaat wordt aangenomen",
        "any server certificate is taken",
    ),
];

/// The defect with this name.
pub fn find(name: &str) -> Option<&'static Defect> {
    DEFECTS.iter().find(|defect| defect.name == name)
}
