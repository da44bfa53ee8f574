//! The planted deviations in TLS, certificates and the whitelist. Entry point: [`DEFECTS`].

use crate::simulator::defects::Defect;
use crate::simulator::defects::NOBODY_GETS_IN;

pub(super) const DEFECTS: &[Defect] = &[
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
        "removed-host-let-in",
        "TLS-14",
        "een host die van de Whitelist verdwijnt komt nog binnen",
        "a host that leaves the Whitelist still gets in",
    )
    .masking(&["LIST-40"]),
    Defect::new(
        "added-host-refused",
        "TLS-14",
        "een host die op de Whitelist komt wordt geweigerd",
        "a host that comes on the Whitelist is refused",
    ),
    Defect::new(
        "lists-fetched-without-certificate",
        "TLS-21",
        "de lijsten worden zonder clientcertificaat opgehaald",
        "the lists are fetched without a client certificate",
    ),
    Defect::new(
        "client-list-fetched-without-certificate",
        "TLS-21",
        "alleen de OAuth Client List wordt zonder clientcertificaat opgehaald",
        "only the OAuth Client List is fetched without a client certificate",
    ),
    Defect::new(
        "redirect-to-unlisted-host-followed",
        "TLS-25",
        "een doorverwijzing van de stelselnode wordt gevolgd naar een host die niet op de Whitelist staat",
        "a redirect of the stelselnode is followed to a host that is not on the Whitelist",
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
        "false-start-when-fetching",
        "TLS-04",
        "bij het ophalen van lijsten gaan er gegevens uit voor de TLS-handshake af is",
        "when lists are fetched data are sent before the TLS handshake is over",
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
        "certificate-outside-pkioverheid",
        "TLS-07",
        "de certificaten van de back channel zijn niet van PKIoverheid",
        "the certificates of the back channel are not of PKIoverheid",
    )
    .warns()
    .in_production(),
    Defect::new(
        "certificate-without-validation",
        "TLS-08",
        "het certificaat van de authorization server zegt niet hoe de houder is gevalideerd",
        "the certificate of the authorization server does not say how its holder was validated",
    )
    .observes()
    .in_production(),
    Defect::new(
        "certificate-domain-validated",
        "TLS-09",
        "het certificaat van de authorization server is Domain Validated",
        "the certificate of the authorization server is Domain Validated",
    )
    .warns()
    .in_production(),
    Defect::new(
        "certificate-with-wildcard",
        "TLS-10",
        "het certificaat van de authorization server heeft een wildcard",
        "the certificate of the authorization server has a wildcard",
    )
    .warns()
    .in_production(),
    Defect::new(
        "certificate-for-clients-alone",
        "TLS-18",
        "het certificaat van de authorization server is alleen voor clients",
        "the certificate of the authorization server is for clients alone",
    )
    .masking(NOBODY_GETS_IN),
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
    Defect::new(
        "suite-null",
        "TLS-23",
        "een suite zonder versleuteling wordt aanvaard",
        "a suite without encryption is accepted",
    ),
    Defect::new("suite-anonymous", "TLS-23", "een anonieme suite wordt aanvaard", "an anonymous suite is accepted"),
    Defect::new("early-data", "TLS-24", "0-RTT staat aan", "0-RTT is on").warns(),
    Defect::new("tls-compression", "TLS-24", "TLS-compressie wordt aanvaard", "TLS compression is accepted").warns(),
    Defect::new(
        "insecure-renegotiation",
        "TLS-24",
        "de server kent geen veilige renegotiation",
        "the server does not know secure renegotiation",
    )
    .warns(),
    Defect::new(
        "signature-with-sha-1",
        "TLS-30",
        "TLS 1.2 kan alleen met een handtekening met SHA-1",
        "TLS 1.2 goes only with a signature with SHA-1",
    )
    .warns(),
    Defect::new("weak-group", "TLS-30", "de curve secp192r1 wordt aanvaard", "the curve secp192r1 is accepted").warns(),
];
