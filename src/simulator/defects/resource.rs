//! The planted deviations in the resource interface. Entry point: [`DEFECTS`].

use crate::simulator::defects::Defect;

pub(super) const DEFECTS: &[Defect] = &[
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
    )
    .masking(&["TOK-10"]),
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
        "token-not-bound",
        "RES-13",
        "een access token werkt ook voor een andere client",
        "an access token works for another client as well",
    )
    .observes(),
];
