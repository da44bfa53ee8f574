//! The deviations that the reference DVA can be given: each breaks one rule, so that the rule can be seen to work.
//!
//! The table says what; the interfaces of the counterpart do it. Entry points: [`DEFECTS`] and [`find`].

use crate::diag::Text;

/// A planted deviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Its name on the command line.
    pub name: &'static str,
    /// Local id of the rule that it breaks.
    pub rule: &'static str,
    /// A suite that shows it.
    pub suite: &'static str,
    /// What the rule says of it.
    pub expect: Expect,
    /// Rules, or areas of rules, that see the same deviation or lose their occasion by it.
    pub masks: &'static [&'static str],
    nl: &'static str,
    en: &'static str,
}

/// The verdict that a defect leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Verdict `fail`.
    Fail,
    /// Verdict `warning`.
    Warning,
    /// Verdict `observed`.
    Observed,
}

impl Expect {
    /// The word in `--list-defects`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warning => "warning",
            Self::Observed => "observed",
        }
    }
}

impl Defect {
    /// What it does, for people.
    pub fn summary(&self) -> Text {
        Text::new(self.nl, self.en)
    }

    const fn new(name: &'static str, rule: &'static str, nl: &'static str, en: &'static str) -> Self {
        Self { name, rule, suite: "bgz", expect: Expect::Fail, masks: &[], nl, en }
    }

    const fn warns(self) -> Self {
        Self { expect: Expect::Warning, ..self }
    }

    const fn observes(self) -> Self {
        Self { expect: Expect::Observed, ..self }
    }

    const fn shown_by(self, suite: &'static str) -> Self {
        Self { suite, ..self }
    }

    const fn masking(self, masks: &'static [&'static str]) -> Self {
        Self { masks, ..self }
    }
}

/// The defect with this name.
pub fn find(name: &str) -> Option<&'static Defect> {
    DEFECTS.iter().find(|defect| defect.name == name)
}

/// The defects that a counterpart was given.
#[derive(Clone, Debug, Default)]
pub(super) struct Planted(pub(super) Vec<&'static Defect>);

impl Planted {
    /// Whether the defect with this name is among them.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|defect| defect.name == name)
    }
}

/// What cannot be tested when no person can log in.
const NOBODY_GETS_IN: &[&str] = &["AUTH", "TOK", "CON", "RES", "FHIR", "FLOW", "SEC", "TLS", "LIST"];

/// All defects of the reference DVA, by interface.
pub static DEFECTS: &[Defect] = &[
    Defect::new(
        "response-type-ignored",
        "AUTH-03",
        "response_type wordt niet gecontroleerd",
        "response_type is not checked",
    )
    .masking(&["AUTH-18", "AUTH-26"]),
    Defect::new(
        "unknown-client-accepted",
        "AUTH-04",
        "een onbekende client_id krijgt de landingspagina",
        "an unknown client_id gets the landing page",
    )
    .masking(&["AUTH-24"]),
    Defect::new(
        "unknown-client-redirected",
        "AUTH-04",
        "een onbekende client_id leidt tot een redirect met een fout",
        "an unknown client_id leads to a redirect with an error",
    )
    .masking(&["AUTH-24"]),
    Defect::new(
        "redirect-uri-look-alike-accepted",
        "AUTH-05",
        "een redirect_uri die net zo begint als de geregistreerde wordt aanvaard",
        "a redirect_uri that starts like the registered one is accepted",
    ),
    Defect::new(
        "redirect-uri-not-checked",
        "AUTH-05",
        "iedere redirect_uri wordt aanvaard",
        "any redirect_uri is accepted",
    ),
    Defect::new("scope-ignored", "AUTH-06", "scope wordt niet gecontroleerd", "scope is not checked"),
    Defect::new(
        "extra-parameter-refused",
        "AUTH-10",
        "een onbekende parameter in het autorisatieverzoek wordt geweigerd",
        "an unknown parameter in the authorization request is refused",
    ),
    Defect::new(
        "state-dropped-on-error",
        "AUTH-11",
        "state ontbreekt in de redirect met een fout",
        "state is missing in the redirect with an error",
    ),
    Defect::new(
        "state-changed",
        "AUTH-11",
        "state komt gewijzigd terug in de redirect met een fout",
        "state comes back changed in the redirect with an error",
    ),
    Defect::new(
        "error-page-instead-of-redirect",
        "AUTH-18",
        "een fout in de overige parameters geeft een foutpagina in plaats van een redirect",
        "an error in the other parameters gives an error page instead of a redirect",
    )
    .masking(&["AUTH-03", "AUTH-11", "AUTH-26"]),
    Defect::new(
        "return-link-on-error-page",
        "AUTH-24",
        "de foutpagina heeft een link terug terwijl client_id of redirect_uri onjuist is",
        "the error page has a link back although client_id or redirect_uri is wrong",
    ),
    Defect::new(
        "code-in-fragment",
        "AUTH-25",
        "de code staat in het fragment van de redirect",
        "the code is in the fragment of the redirect",
    )
    .masking(NOBODY_GETS_IN),
    Defect::new(
        "unregistered-error",
        "AUTH-26",
        "de foutwaarde bij een herhaalde parameter of weigering staat niet in RFC 6749",
        "the error value for a repeated parameter or a refusal is not in RFC 6749",
    ),
    Defect::new(
        "repeated-parameter-accepted",
        "AUTH-27",
        "van een herhaalde parameter wordt stilzwijgend de eerste genomen",
        "of a repeated parameter the first is taken silently",
    )
    .warns()
    .masking(&["AUTH-26"]),
    Defect::new(
        "tokens-repeat",
        "FLOW-16",
        "een persoon krijgt steeds hetzelfde access token",
        "a person gets the same access token every time",
    ),
    Defect::new(
        "state-truncated",
        "FLOW-18",
        "een lange state wordt afgekapt op 255 tekens",
        "a long state is cut to 255 characters",
    )
    .masking(&["AUTH-11"]),
    Defect::new(
        "resource-address-shared",
        "FLOW-36",
        "twee gegevensdiensten hebben hetzelfde ResourceEndpoint",
        "two gegevensdiensten have the same ResourceEndpoint",
    ),
    Defect::new(
        "authorization-address-with-port",
        "LIST-25",
        "het adres van het AuthorizationEndpoint heeft een poort",
        "the address of the AuthorizationEndpoint has a port",
    ),
    Defect::new(
        "resource-address-with-slash",
        "LIST-26",
        "de adressen van de ResourceEndpoints eindigen op een schuine streep",
        "the addresses of the ResourceEndpoints end in a slash",
    ),
    Defect::new(
        "provider-name-with-two-hyphens",
        "LIST-28",
        "de naam van de zorgaanbieder heeft twee koppeltekens achter elkaar",
        "the name of the provider has two hyphens in a row",
    ),
    Defect::new("short-tokens", "SEC-01", "access tokens hebben 32 bits", "access tokens have 32 bits"),
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
    .masking(&["TOK-22"]),
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
        "answer-after-a-minute",
        "RES-03",
        "een zoekvraag naar Coverage duurt meer dan een minuut",
        "a search for Coverage takes more than a minute",
    )
    .warns(),
    Defect::new("bsn-in-self-link", "RES-04", "de self-link bevat het BSN", "the self link contains the BSN"),
    Defect::new(
        "data-without-token",
        "RES-06",
        "zonder access token komen er gegevens",
        "data come without an access token",
    )
    .masking(&["RES-07"]),
    Defect::new(
        "no-www-authenticate",
        "RES-06",
        "WWW-Authenticate ontbreekt als er geen access token is",
        "WWW-Authenticate is missing when there is no access token",
    ),
    Defect::new(
        "any-token-accepted",
        "RES-07",
        "een onbekend access token geeft gegevens",
        "an unknown access token gives data",
    ),
    Defect::new(
        "invalid-token-without-challenge",
        "RES-07",
        "WWW-Authenticate ontbreekt bij een onbekend access token",
        "WWW-Authenticate is missing with an unknown access token",
    ),
    Defect::new(
        "sharing-token-reads",
        "RES-08",
        "een access token voor Delen geeft gegevens om te verzamelen",
        "an access token for Delen gives data to collect",
    ),
    Defect::new(
        "sharing-token-unknown",
        "RES-08",
        "een access token voor Delen heet onbekend waar het niet voor geldt",
        "an access token for Delen is called unknown where it is not valid",
    )
    .warns(),
    Defect::new(
        "fhir-version-ignored",
        "RES-09",
        "een fhirVersion die niet wordt ondersteund geeft een gewoon antwoord",
        "a fhirVersion that is not supported gives a normal answer",
    )
    .warns()
    .masking(&["FHIR-16"]),
    Defect::new(
        "token-for-any-provider",
        "RES-11",
        "een access token geldt ook bij een andere zorgaanbieder",
        "an access token is good at another provider as well",
    ),
    Defect::new(
        "resource-without-certificate",
        "TLS-13",
        "de resource server vraagt geen clientcertificaat",
        "the resource server asks for no client certificate",
    ),
    Defect::new(
        "next-link-to-source-system",
        "TLS-17",
        "de link naar de volgende pagina leidt naar een bronsysteem",
        "the link to the next page leads to a source system",
    )
    .masking(&["FLOW-35", "FHIR-07", "FHIR-08", "FHIR-09", "FHIR-10", "FHIR-11"]),
    Defect::new(
        "full-url-on-source-system",
        "TLS-17",
        "fullUrl is een adres op een bronsysteem",
        "fullUrl is an address on a source system",
    )
    .warns()
    .masking(&["FHIR-05"]),
    Defect::new(
        "token-not-bound",
        "RES-13",
        "een access token werkt ook voor een andere client",
        "an access token works for another client as well",
    )
    .observes(),
    Defect::new(
        "self-signed-certificate-accepted",
        "TLS-13",
        "een clientcertificaat dat zichzelf ondertekent wordt aangenomen",
        "a client certificate that is signed by itself is accepted",
    ),
    Defect::new(
        "expired-certificate-accepted",
        "TLS-13",
        "een verlopen clientcertificaat wordt aangenomen",
        "an expired client certificate is accepted",
    ),
    Defect::new(
        "wrong-usage-accepted",
        "TLS-13",
        "een certificaat dat alleen voor servers is wordt van een client aangenomen",
        "a certificate that is for servers alone is accepted from a client",
    )
    .warns(),
    Defect::new(
        "whitelist-ignored-for-tokens",
        "TLS-14",
        "een host die niet op de Whitelist staat krijgt een access token",
        "a host that is not on the Whitelist gets an access token",
    ),
    Defect::new(
        "whitelist-ignored-for-data",
        "TLS-14",
        "een host die niet op de Whitelist staat krijgt gegevens",
        "a host that is not on the Whitelist gets data",
    ),
    Defect::new(
        "code-spent-by-unlisted",
        "TLS-26",
        "een verzoek van een host die niet op de Whitelist staat verbruikt de code",
        "a request of a host that is not on the Whitelist uses up the code",
    ),
    Defect::new(
        "common-name-ignored",
        "TLS-26",
        "de Whitelist wordt alleen met de Subject Alternative Names vergeleken",
        "the Whitelist is compared with the Subject Alternative Names alone",
    ),
    Defect::new(
        "alternative-names-ignored",
        "TLS-26",
        "de Whitelist wordt alleen met de Common Name vergeleken",
        "the Whitelist is compared with the Common Name alone",
    ),
    Defect::new(
        "whitelist-refusal-explained",
        "TLS-28",
        "een host die niet op de Whitelist staat krijgt de reden van de weigering",
        "a host that is not on the Whitelist is told why it is refused",
    ),
    Defect::new(
        "plain-http-answered",
        "TLS-01",
        "een verzoek in HTTP zonder TLS krijgt een antwoord",
        "a request in HTTP without TLS gets an answer",
    ),
    Defect::new(
        "lower-version-chosen",
        "TLS-05",
        "van TLS 1.2 en 1.3 wordt 1.2 gekozen",
        "of TLS 1.2 and 1.3, 1.2 is chosen",
    ),
    Defect::new("tls-1-2-refused", "TLS-06", "TLS 1.2 wordt geweigerd", "TLS 1.2 is refused").warns(),
    Defect::new("tls-1-3-missing", "TLS-06", "TLS 1.3 wordt geweigerd", "TLS 1.3 is refused").warns(),
    Defect::new(
        "certificate-of-another-host",
        "TLS-18",
        "het certificaat van de authorization server is voor een andere host",
        "the certificate of the authorization server is for another host",
    )
    .masking(NOBODY_GETS_IN),
    Defect::new(
        "no-transport-security",
        "TLS-20",
        "Strict-Transport-Security ontbreekt op de pagina's",
        "Strict-Transport-Security is missing on the pages",
    )
    .warns(),
    Defect::new("ssl-3-accepted", "TLS-22", "SSL 3.0 wordt aanvaard", "SSL 3.0 is accepted"),
    Defect::new("tls-1-0-accepted", "TLS-22", "TLS 1.0 wordt aanvaard", "TLS 1.0 is accepted"),
    Defect::new("tls-1-1-accepted", "TLS-22", "TLS 1.1 wordt aanvaard", "TLS 1.1 is accepted"),
    Defect::new("suite-cbc", "TLS-23", "een suite met CBC wordt aanvaard", "a suite with CBC is accepted").warns(),
    Defect::new(
        "suite-static-rsa",
        "TLS-23",
        "een suite met statische RSA-sleuteluitwisseling wordt aanvaard",
        "a suite with static RSA key exchange is accepted",
    ),
    Defect::new("suite-3des", "TLS-23", "een suite met 3DES wordt aanvaard", "a suite with 3DES is accepted"),
    Defect::new("suite-rc4", "TLS-23", "een suite met RC4 wordt aanvaard", "a suite with RC4 is accepted"),
    Defect::new("tls-compression", "TLS-24", "TLS-compressie wordt aanvaard", "TLS compression is accepted").warns(),
    Defect::new(
        "insecure-renegotiation",
        "TLS-24",
        "de server kent geen veilige renegotiation",
        "the server does not know secure renegotiation",
    )
    .warns(),
    Defect::new("weak-group", "TLS-30", "de curve secp192r1 wordt aanvaard", "the curve secp192r1 is accepted").warns(),
    Defect::new(
        "framing-allowed",
        "SEC-06",
        "de pagina's mogen in een frame van een ander staan",
        "the pages may stand in a frame of others",
    )
    .warns(),
    Defect::new("bsn-in-patient", "FHIR-02", "Patient bevat het BSN", "Patient contains the BSN"),
    Defect::new(
        "search-error",
        "FHIR-03",
        "een zoekvraag naar Flag geeft status 500",
        "a search for Flag gives status 500",
    )
    .masking(&["FHIR-04", "FLOW-35"]),
    Defect::new("no-self-link", "FHIR-04", "de self-link ontbreekt", "the self link is missing").masking(&["FHIR-12"]),
    Defect::new(
        "total-too-high",
        "FHIR-04",
        "total is hoger dan het aantal treffers",
        "total is above the number of matches",
    ),
    Defect::new(
        "full-url-contradicts-id",
        "FHIR-05",
        "fullUrl noemt een ander id dan de resource",
        "fullUrl names another id than the resource",
    )
    .masking(&["FHIR-07"]),
    Defect::new("resource-without-id", "FHIR-06", "een resource heeft geen id", "a resource has no id"),
    Defect::new(
        "profile-missing",
        "FHIR-07",
        "meta.profile ontbreekt in een resource",
        "meta.profile is missing in a resource",
    ),
    Defect::new(
        "wrong-cardinality",
        "FHIR-07",
        "Flag.code, een verplicht element, ontbreekt",
        "Flag.code, a required element, is missing",
    ),
    Defect::new(
        "wrong-code",
        "FHIR-07",
        "AllergyIntolerance.criticality heeft een code buiten de verplichte waardelijst",
        "AllergyIntolerance.criticality has a code outside the required value set",
    ),
    Defect::new("coding-without-system", "FHIR-08", "een Coding heeft geen system", "a Coding has no system"),
    Defect::new(
        "concept-without-display",
        "FHIR-09",
        "een CodeableConcept heeft geen display en geen text",
        "a CodeableConcept has no display and no text",
    ),
    Defect::new(
        "reference-without-display",
        "FHIR-10",
        "een Reference heeft geen display",
        "a Reference has no display",
    ),
    Defect::new(
        "identifier-without-system",
        "FHIR-11",
        "een Identifier heeft geen system",
        "an Identifier has no system",
    ),
    Defect::new(
        "self-link-without-parameters",
        "FHIR-12",
        "de self-link noemt de parameters niet",
        "the self link does not name the parameters",
    )
    .warns(),
    Defect::new(
        "empty-search-not-found",
        "FHIR-14",
        "een zoekvraag zonder treffers geeft status 404",
        "a search without matches gives status 404",
    )
    .masking(&["FHIR-03", "FHIR-04", "FLOW-35"]),
    Defect::new(
        "other-fhir-version-ignored",
        "FHIR-16",
        "wie FHIR 4.0 vraagt, krijgt FHIR 3.0",
        "who asks for FHIR 4.0 gets FHIR 3.0",
    )
    .warns(),
    Defect::new("no-metadata", "FHIR-17", "er is geen CapabilityStatement", "there is no CapabilityStatement").warns(),
    Defect::new(
        "metadata-of-other-version",
        "FHIR-17",
        "het CapabilityStatement zegt FHIR 4.0.1",
        "the CapabilityStatement says FHIR 4.0.1",
    )
    .warns(),
    Defect::new(
        "pdf-without-pdfa-claim",
        "FHIR-27",
        "een PDF zegt niet dat zij PDF/A is",
        "a PDF does not claim to be PDF/A",
    )
    .warns()
    .shown_by("pdfa"),
    Defect::new(
        "zib-missing",
        "FLOW-35",
        "de rijke patient mist zijn voedingsadvies",
        "the rich patient lacks the nutrition advice",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::requirement::Cap;
    use crate::requirement::register;

    #[test]
    fn each_defect_breaks_a_rule_of_the_register_that_may_say_so() {
        for defect in DEFECTS {
            let row = register().row(defect.rule);
            let cap = row.unwrap_or_else(|| panic!("{}: no row {}", defect.name, defect.rule)).verdict;
            let may = match cap {
                Cap::Fail => matches!(defect.expect, Expect::Fail | Expect::Warning),
                Cap::Warn => defect.expect == Expect::Warning,
                _ => defect.expect == Expect::Observed,
            };
            assert!(may, "{}", defect.name);
            assert!(row.is_some_and(|row| row.judged_by.is_empty()), "{}", defect.name);
        }
        let names: BTreeSet<&str> = DEFECTS.iter().map(|defect| defect.name).collect();
        assert_eq!(names.len(), DEFECTS.len());
    }

    #[test]
    fn each_defect_is_planted_somewhere_and_nothing_else_is() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/simulator/dva");
        let mut planted = BTreeSet::new();
        for file in fs::read_dir(folder).unwrap() {
            let file = file.unwrap().path();
            if file.is_dir() {
                continue;
            }
            let text = fs::read_to_string(file).unwrap();
            let names = text.split("has(\"").skip(1).filter_map(|rest| rest.split('"').next());
            planted.extend(names.map(str::to_owned));
        }
        let listed: BTreeSet<String> = DEFECTS.iter().map(|defect| defect.name.to_owned()).collect();
        assert_eq!(planted, listed);
    }
}
