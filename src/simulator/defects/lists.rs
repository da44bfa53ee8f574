//! The planted deviations in what the DVA hands in for the lists. Entry point: [`DEFECTS`].

use crate::simulator::defects::Defect;

pub(super) const DEFECTS: &[Defect] = &[
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
];
