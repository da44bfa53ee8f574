//! Behaviours in Delen: how a transaction is answered. Entry point: [`BEHAVIOURS`].

use crate::simulator::behaviours::Behaviour;

/// Name of the suite that shows them.
const SUITE: &str = "delen-pdfa";

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "transaction-status-201",
        "NTS response.success: 200 or 201",
        "een transactie wordt beantwoord met status 201",
        "a transaction is answered with status 201",
    )
    .shown_by(SUITE),
    Behaviour::new(
        "transaction-patient-matched",
        "FHIR STU3, Bundle.entry.response: location is populated if the operation returns one",
        "de Patient wordt herkend en niet aangemaakt: status 200, geen location",
        "the Patient is matched and not created: status 200, no location",
    )
    .shown_by(SUITE),
    Behaviour::new(
        "location-absolute",
        "FHIR STU3, Bundle.entry.response.location is a uri",
        "location is een absoluut adres",
        "location is an absolute address",
    )
    .shown_by(SUITE),
    Behaviour::new(
        "location-without-version",
        "FHIR STU3, RESTful API, create: servers that do not support versions leave out _history",
        "location noemt geen versie",
        "location names no version",
    )
    .shown_by(SUITE),
    Behaviour::new(
        "entry-status-bare",
        "FHIR STU3, Bundle.entry.response: the text behind the code, etag and lastModified are optional",
        "response heeft alleen de drie cijfers en location",
        "response has the three digits and location alone",
    )
    .shown_by(SUITE),
    Behaviour::new(
        "transaction-entries-without-full-url",
        "FHIR STU3, Bundle.entry.fullUrl: optional",
        "de entries hebben geen fullUrl",
        "the entries have no fullUrl",
    )
    .shown_by(SUITE),
    Behaviour::new(
        "transaction-answer-with-id",
        "FHIR STU3, Resource.id",
        "het antwoord op een transactie heeft een id",
        "the answer to a transaction has an id",
    )
    .shown_by(SUITE),
    Behaviour::new(
        "transaction-answer-with-link",
        "FHIR STU3, Bundle.link",
        "het antwoord op een transactie heeft een self-link",
        "the answer to a transaction has a self link",
    )
    .shown_by(SUITE),
    Behaviour::new(
        "broken-bundle-422",
        "FHIR STU3, RESTful API, transaction: refused with 4xx or 5xx",
        "een Bundle die niet te lezen is, geeft status 422",
        "a Bundle that cannot be read gives status 422",
    )
    .shown_by(SUITE)
    .decides("broken-bundle"),
    Behaviour::new(
        "broken-bundle-closed",
        "RFC 9112, section 9.6",
        "bij een Bundle die niet te lezen is, sluit de verbinding",
        "on a Bundle that cannot be read the connection closes",
    )
    .shown_by(SUITE)
    .decides("broken-bundle"),
];
