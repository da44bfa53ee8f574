//! The planted deviations in long consent and refresh. Entry point: [`DEFECTS`].

use crate::simulator::defects::Defect;

pub(super) const DEFECTS: &[Defect] = &[
    Defect::new(
        "refresh-refused",
        "FLOW-08",
        "een refresh token dat net is uitgegeven wordt geweigerd",
        "a refresh token that was just issued is refused",
    )
    .masking(&["CON-05", "CON-11", "FLOW-16", "TOK-22"]),
    Defect::new(
        "refresh-without-successor",
        "FLOW-08",
        "bij het inwisselen van een refresh token komt er geen nieuw",
        "with the swap of a refresh token no new one comes",
    ),
    Defect::new(
        "withdrawal-ignored",
        "FLOW-08",
        "een refresh token werkt nog als de toestemming is ingetrokken",
        "a refresh token works though the consent was withdrawn",
    ),
    Defect::new(
        "refresh-token-not-bound",
        "CON-11",
        "een andere client kan een refresh token inwisselen",
        "another client can swap a refresh token",
    ),
    Defect::new(
        "refresh-scope-widened",
        "CON-11",
        "bij het inwisselen van een refresh token komt iedere scope die wordt gevraagd",
        "with the swap of a refresh token any scope comes that is asked",
    ),
    Defect::new(
        "unknown-refresh-token-accepted",
        "TOK-22",
        "een refresh token dat nooit is uitgegeven geeft een access token",
        "a refresh token that was never issued gives an access token",
    )
    .masking(&["FLOW-08"]),
    Defect::new(
        "refresh-error-html",
        "TOK-21",
        "een geweigerd refresh token geeft een HTML-pagina",
        "a refresh token that is refused gives an HTML page",
    )
    .masking(&["TOK-22"]),
    Defect::new(
        "refresh-tokens-repeat",
        "FLOW-16",
        "een persoon krijgt steeds hetzelfde refresh token",
        "a person gets the same refresh token every time",
    ),
    Defect::new("short-refresh-tokens", "SEC-01", "refresh tokens hebben 32 bits", "refresh tokens have 32 bits"),
];
