//! The planted deviations in security, which no interface has to itself. Entry point: [`DEFECTS`].

use crate::simulator::defects::Defect;

pub(super) const DEFECTS: &[Defect] = &[
    Defect::new("short-tokens", "SEC-01", "access tokens hebben 32 bits", "access tokens have 32 bits"),
    Defect::new(
        "framing-allowed",
        "SEC-06",
        "de pagina's mogen in een frame van een ander staan",
        "the pages may stand in a frame of others",
    )
    .warns(),
    Defect::new(
        "session-cookie-without-secure",
        "SEC-09",
        "het cookie van de sessie gaat ook zonder TLS mee",
        "the cookie of the session goes along without TLS too",
    )
    .warns(),
    Defect::new(
        "session-cookie-for-scripts",
        "SEC-09",
        "scripts kunnen het cookie van de sessie lezen",
        "scripts can read the cookie of the session",
    )
    .warns(),
    Defect::new(
        "session-kept-at-login",
        "SEC-09",
        "de sessie houdt na het inloggen haar nummer",
        "the session keeps its number after login",
    )
    .warns(),
    Defect::new("codes-count-up", "SEC-01", "codes zijn een volgnummer", "codes are a serial number"),
];
