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
    Defect::new(
        "document-without-description-skipped",
        "FLOW-35",
        "een document waarvan de beschrijving ontbreekt wordt niet opgehaald",
        "a document whose description is missing is not fetched",
    )
    .shown_by("pdfa"),
    Defect::new(
        "long-list-not-read",
        "FLOW-35",
        "na een lange Zorgaanbiederslijst is er geen lijst meer",
        "after a long Zorgaanbiederslijst there is no list any more",
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
    )
    .masking(&["TLS-14", "TLS-25"]),
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
    )
    .masking(&["LIST-07", "LIST-08"]),
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
        "false-start-when-fetching",
        "TLS-04",
        "bij het ophalen van lijsten gaan er gegevens uit voor de TLS-handshake af is",
        "when lists are fetched data are sent before the TLS handshake is over",
    ),
    Defect::new(
        "certificate-missing-at-lists",
        "TLS-21",
        "lijsten worden zonder clientcertificaat opgehaald",
        "lists are fetched without client certificate",
    ),
    Defect::new(
        "old-version-accepted",
        "TLS-22",
        "een antwoord in TLS 1.1 wordt aanvaard",
        "an answer in TLS 1.1 is accepted",
    )
    .masking(&["TLS-06", "TLS-23", "TLS-31"]),
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
        "fetching-ends-after-failure",
        "LIST-05",
        "als een lijst een keer niet op te halen is wordt er niets meer opgehaald",
        "once a list cannot be fetched nothing is fetched any more",
    )
    .masking(&["LIST-07", "LIST-08"]),
    Defect::new(
        "ampersand-not-encoded",
        "LIST-28",
        "een & in de naam van de zorgaanbieder staat ongecodeerd in scope",
        "an & in the name of the provider stands in scope unencoded",
    ),
    Defect::new(
        "names-fetched-once",
        "LIST-07",
        "de Gegevensdienstnamenlijst wordt alleen bij het starten opgehaald",
        "the Gegevensdienstnamenlijst is fetched at the start only",
    ),
    Defect::new(
        "whitelist-fetched-once",
        "LIST-08",
        "de Whitelist wordt alleen bij het starten opgehaald",
        "the Whitelist is fetched at the start only",
    ),
    Defect::new("invalid-list-used", "LIST-09", "een ongeldige lijst wordt gebruikt", "an invalid list is used")
        .masking(NO_FLOW),
    Defect::new(
        "lists-dropped-when-invalid",
        "LIST-09",
        "na een ongeldige lijst is er geen lijst meer",
        "after an invalid list there is no list any more",
    ),
    Defect::new(
        "stelselnode-by-whitelist",
        "LIST-40",
        "de stelselnode wordt alleen bezocht als hij op de Whitelist staat",
        "the stelselnode is visited only when it is on the Whitelist",
    ),
    Defect::new(
        "any-stelselnode-trusted",
        "LIST-42",
        "elk certificaat van de stelselnode wordt aangenomen",
        "any certificate of the stelselnode is taken",
    ),
    Defect::new(
        "whitelist-not-consulted",
        "TLS-14",
        "de Whitelist wordt niet geraadpleegd",
        "the Whitelist is not consulted",
    ),
    Defect::new(
        "handshake-before-whitelist",
        "TLS-25",
        "de handshake begint voordat de Whitelist is geraadpleegd",
        "the handshake begins before the Whitelist is consulted",
    ),
    Defect::new(
        "refresh-code-grant",
        "TOK-03",
        "verversen gaat met grant_type refresh_code",
        "a refresh has grant_type refresh_code",
    ),
    Defect::new(
        "refresh-token-missing",
        "TOK-03",
        "verversen gaat zonder refresh token",
        "a refresh has no refresh token",
    ),
    Defect::new(
        "client-id-missing-at-refresh",
        "TOK-03",
        "verversen gaat zonder client_id",
        "a refresh has no client_id",
    ),
    Defect::new(
        "old-refresh-token-kept",
        "FLOW-08",
        "het eerste refresh token wordt steeds weer gebruikt",
        "the first refresh token is used again and again",
    ),
    Defect::new(
        "any-service-asked",
        "LIST-32",
        "een dienst die de zorgaanbieder niet heeft, wordt toch gevraagd",
        "a service that the provider does not have is asked all the same",
    )
    .observes(),
    Defect::new(
        "sharing-scope-with-two-pairs",
        "AUTH-07",
        "de scope van Delen noemt twee gegevensdiensten",
        "the scope of Delen names two services",
    )
    .shown_by("delen")
    .masking(NO_FLOW),
    Defect::new(
        "sharing-scope-without-service",
        "AUTH-07",
        "de scope van Delen noemt geen gegevensdienst",
        "the scope of Delen names no service",
    )
    .shown_by("delen")
    .masking(NO_FLOW),
    Defect::new(
        "shared-full-url-relative",
        "FHIR-05",
        "een fullUrl van wat gedeeld wordt is relatief",
        "a fullUrl of what is shared is relative",
    )
    .shown_by("delen")
    .masking(&["FHIR-07", "FLOW-35"]),
    Defect::new(
        "shared-profile-missing",
        "FHIR-07",
        "een resource die gedeeld wordt noemt geen profiel",
        "a resource that is shared names no profile",
    )
    .shown_by("delen"),
    Defect::new(
        "shared-code-without-system",
        "FHIR-08",
        "een code van wat gedeeld wordt heeft geen system",
        "a code of what is shared has no system",
    )
    .shown_by("delen")
    .masking(&["FHIR-07", "FLOW-35"]),
    Defect::new(
        "shared-concept-without-text",
        "FHIR-09",
        "een code van wat gedeeld wordt heeft geen tekst",
        "a code of what is shared has no text",
    )
    .shown_by("delen")
    .masking(&["FHIR-07", "FLOW-35"]),
    Defect::new(
        "shared-reference-without-display",
        "FHIR-10",
        "een verwijzing in wat gedeeld wordt heeft geen display",
        "a reference in what is shared has no display",
    )
    .shown_by("delen")
    .masking(&["FHIR-07", "FLOW-35"]),
    Defect::new(
        "shared-identifier-without-system",
        "FHIR-11",
        "een identifier van wat gedeeld wordt heeft geen system",
        "an identifier of what is shared has no system",
    )
    .shown_by("delen")
    .masking(&["FHIR-07", "FLOW-35"]),
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
