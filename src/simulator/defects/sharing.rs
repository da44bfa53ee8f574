//! The planted deviations in Delen: scope, tokens, and the answer to a transaction. Entry point: [`DEFECTS`].

use crate::simulator::defects::Defect;
use crate::simulator::defects::NOBODY_GETS_IN;

/// Name of the suite that shows them.
const SUITE: &str = "delen-pdfa";

pub(super) const DEFECTS: &[Defect] = &[
    Defect::new(
        "sharing-scope-refused",
        "AUTH-07",
        "de scope voor Delen wordt geweigerd",
        "the scope for Delen is refused",
    )
    .shown_by(SUITE)
    .masking(NOBODY_GETS_IN),
    Defect::new(
        "sharing-scope-without-id-accepted",
        "AUTH-07",
        "een scope voor Delen zonder GegevensdienstId wordt aanvaard",
        "a scope for Delen without GegevensdienstId is accepted",
    )
    .shown_by(SUITE),
    Defect::new(
        "sharing-scope-two-pairs-accepted",
        "AUTH-07",
        "een scope met twee gegevensdiensten van Delen wordt aanvaard",
        "a scope with two gegevensdiensten of Delen is accepted",
    )
    .shown_by(SUITE),
    Defect::new(
        "refresh-token-for-sharing",
        "CON-12",
        "een access token voor Delen komt met een refresh token",
        "an access token for Delen comes with a refresh token",
    )
    .shown_by(SUITE)
    .observes(),
    Defect::new(
        "collecting-token-shares",
        "RES-08",
        "met een access token voor Verzamelen kan worden gedeeld",
        "an access token for Verzamelen is good to share with",
    )
    .shown_by(SUITE),
    Defect::new(
        "transaction-status-202",
        "FHIR-03",
        "een transactie wordt beantwoord met status 202",
        "a transaction is answered with status 202",
    )
    .masking(&["FLOW-35"])
    .shown_by(SUITE),
    Defect::new(
        "transaction-answer-of-other-type",
        "FLOW-35",
        "het antwoord op een transactie is van het type batch-response",
        "the answer to a transaction is of type batch-response",
    )
    .shown_by(SUITE),
    Defect::new(
        "transaction-without-resources",
        "FLOW-35",
        "Prefer wordt genegeerd: het antwoord op een transactie bevat de resources niet",
        "Prefer is ignored: the answer to a transaction does not hold the resources",
    )
    .shown_by(SUITE),
    Defect::new(
        "transaction-entry-left-out",
        "FLOW-35",
        "het antwoord op een transactie heeft geen entry voor het DocumentManifest",
        "the answer to a transaction has no entry for the DocumentManifest",
    )
    .shown_by(SUITE),
    Defect::new(
        "transaction-entries-reversed",
        "FLOW-35",
        "het antwoord op een transactie heeft de entries in een andere volgorde",
        "the answer to a transaction has the entries in another order",
    )
    .shown_by(SUITE),
    Defect::new(
        "transaction-partly-refused",
        "FLOW-35",
        "van een transactie die gelukt heet, is een document geweigerd",
        "of a transaction that is said to have succeeded, a document was refused",
    )
    .shown_by(SUITE),
    Defect::new(
        "transaction-entries-without-location",
        "FLOW-35",
        "wat in een transactie is aangemaakt, heeft geen location",
        "what was created in a transaction has no location",
    )
    .shown_by(SUITE)
    .warns(),
    Defect::new(
        "shared-location-on-source-system",
        "TLS-17",
        "wat gedeeld is, staat op een adres van een bronsysteem",
        "what was shared is at an address of a source system",
    )
    .shown_by(SUITE)
    .warns(),
    Defect::new(
        "transaction-entry-without-status",
        "FHIR-07",
        "een entry van het antwoord op een transactie heeft geen status",
        "an entry of the answer to a transaction has no status",
    )
    .shown_by(SUITE),
    Defect::new(
        "shared-profile-dropped",
        "FHIR-07",
        "een gedeelde resource komt terug zonder haar profiel",
        "a shared resource comes back without its profile",
    )
    .shown_by(SUITE),
    Defect::new(
        "shared-bsn-shown",
        "FHIR-02",
        "de gedeelde Patient komt terug met een BSN",
        "the shared Patient comes back with a BSN",
    )
    .shown_by(SUITE),
    Defect::new(
        "broken-bundle-accepted",
        "FLOW-35",
        "een Bundle die halverwege ophoudt, wordt aanvaard",
        "a Bundle that ends halfway is accepted",
    )
    .shown_by(SUITE),
];
