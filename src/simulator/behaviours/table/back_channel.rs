//! The behaviours on both back channels, the token and the resource interface, each with the text that allows it. Data only.

use crate::simulator::behaviours::Behaviour;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "no-certificate-closed",
        "core.whl.309",
        "zonder clientcertificaat gaat de verbinding na de handshake zonder antwoord dicht",
        "without client certificate the connection is closed after the handshake, without answer",
    )
    .decides("no-certificate"),
    Behaviour::new(
        "no-certificate-403",
        "register, TOK-23 and RES-12: an answer 4xx",
        "zonder clientcertificaat komt er een kale 403",
        "without client certificate a bare 403 comes",
    )
    .decides("no-certificate"),
    Behaviour::new(
        "not-listed-403",
        "core.whl.309; register, TLS-28: closed or a bare refusal",
        "een host die niet op de Whitelist staat krijgt een kale 403",
        "a host that is not on the Whitelist gets a bare 403",
    )
    .decides("not-listed"),
    Behaviour::new(
        "not-listed-page",
        "core.whl.309; register, TLS-28: closed or a bare refusal",
        "een host die niet op de Whitelist staat krijgt de 403-pagina van een webserver",
        "a host that is not on the Whitelist gets the 403 page of a web server",
    )
    .decides("not-listed"),
    Behaviour::new(
        "chunked",
        "RFC 9112, section 7.1",
        "antwoorden komen in stukken, zonder Content-Length",
        "answers come in chunks, without Content-Length",
    ),
    Behaviour::new(
        "header-names-in-title-case",
        "RFC 9110, section 5.1",
        "namen van headers beginnen met hoofdletters",
        "names of headers begin with capitals",
    ),
];
