//! The planted deviations in what the DVA hands in for the lists, and in how it fetches and follows them. Entry point: [`DEFECTS`].

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
    Defect::new(
        "client-list-fetched-once",
        "LIST-06",
        "de OAuth Client List wordt alleen bij het opstarten opgehaald",
        "the OAuth Client List is fetched at the start only",
    )
    .masking(&["AUTH-14", "TOK-19"]),
    Defect::new(
        "client-list-fetched-late",
        "LIST-06",
        "de OAuth Client List wordt elke 20 minuten opgehaald",
        "the OAuth Client List is fetched every 20 minutes",
    )
    .masking(&["AUTH-14", "TOK-19", "LIST-09"]),
    Defect::new(
        "removed-client-served",
        "LIST-06",
        "een client die van de OAuth Client List verdwijnt wordt nog bediend",
        "a client that leaves the OAuth Client List is still served",
    ),
    Defect::new(
        "new-client-refused",
        "LIST-06",
        "een client die weer op de OAuth Client List komt wordt nog geweigerd",
        "a client that comes back on the OAuth Client List is still refused",
    )
    .masking(&["FLOW-34", "AUTH-14", "TOK-19", "LIST-09", "LIST-40", "TLS-14"]),
    Defect::new(
        "names-list-never-fetched",
        "LIST-07",
        "de Gegevensdienstnamenlijst wordt nooit opgehaald",
        "the Gegevensdienstnamenlijst is never fetched",
    ),
    Defect::new(
        "names-list-fetched-late",
        "LIST-07",
        "de Gegevensdienstnamenlijst wordt elke 20 minuten opgehaald",
        "the Gegevensdienstnamenlijst is fetched every 20 minutes",
    ),
    Defect::new(
        "whitelist-fetched-once",
        "LIST-08",
        "de Whitelist wordt alleen bij het opstarten opgehaald",
        "the Whitelist is fetched at the start only",
    )
    .masking(&["TLS-14", "LIST-09", "LIST-40", "LIST-42"]),
    Defect::new(
        "whitelist-fetched-late",
        "LIST-08",
        "de Whitelist wordt elke 20 minuten opgehaald",
        "the Whitelist is fetched every 20 minutes",
    )
    .masking(&["TLS-14", "LIST-09", "LIST-40", "LIST-42"]),
    Defect::new(
        "whitelist-of-second-node-late",
        "LIST-08",
        "een tweede node, met een eigen certificaat, haalt de Whitelist elke 20 minuten op",
        "a second node, with a certificate of its own, fetches the Whitelist every 20 minutes",
    ),
    Defect::new(
        "invalid-client-list-used",
        "LIST-09",
        "een OAuth Client List die niet aan het schema voldoet wordt gebruikt",
        "an OAuth Client List that breaks its schema is used",
    ),
    Defect::new(
        "invalid-whitelist-used",
        "LIST-09",
        "een Whitelist die niet aan het schema voldoet wordt gebruikt",
        "a Whitelist that breaks its schema is used",
    ),
    Defect::new(
        "stops-at-broken-list",
        "LIST-09",
        "na een lijst die halverwege ophoudt komt niemand meer binnen",
        "after a list that ends halfway nobody gets in any more",
    ),
    Defect::new(
        "stops-at-flat-whitelist",
        "LIST-09",
        "na een Whitelist in de andere vorm komt niemand meer binnen",
        "after a Whitelist in the other shape nobody gets in any more",
    ),
    Defect::new(
        "stelselnode-must-be-listed",
        "LIST-40",
        "de Whitelist wordt alleen opgehaald als de stelselnode op de vorige staat",
        "the Whitelist is fetched only when the stelselnode is on the one before",
    )
    .masking(&["TLS-14", "LIST-08"]),
    Defect::new(
        "let-in-without-whitelist",
        "LIST-40",
        "met een lege Whitelist komt iedereen binnen",
        "with an empty Whitelist everybody gets in",
    ),
    Defect::new(
        "any-stelselnode-trusted",
        "LIST-42",
        "het certificaat van de stelselnode wordt niet gecontroleerd",
        "the certificate of the stelselnode is not checked",
    ),
    Defect::new(
        "host-of-stelselnode-not-checked",
        "LIST-42",
        "de hostnaam in het certificaat van de stelselnode wordt niet gecontroleerd",
        "the host name in the certificate of the stelselnode is not checked",
    ),
];
