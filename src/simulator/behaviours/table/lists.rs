//! The behaviours in how lists are fetched and followed, each with the text that allows it. Data only.

use crate::simulator::behaviours::Behaviour;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "lists-fetched-each-minute",
        "core.ocl.201, core.gnl.201, core.whl.302: at least every 15 minutes",
        "de lijsten worden elke minuut opgehaald",
        "the lists are fetched every minute",
    )
    .decides("lists-pace"),
    Behaviour::new(
        "lists-fetched-at-the-last-moment",
        "core.ocl.201, core.gnl.201, core.whl.302: at least every 15 minutes",
        "de lijsten worden precies elk kwartier opgehaald",
        "the lists are fetched every quarter of an hour to the second",
    )
    .decides("lists-pace"),
    Behaviour::new(
        "lists-fetched-one-by-one",
        "RFC 9112, section 9.3: a connection may be kept, and need not be",
        "voor elke lijst is er een eigen verbinding",
        "there is a connection of its own for each list",
    ),
    Behaviour::new(
        "provider-list-not-fetched",
        "core.alst.201: asked of a DVP Server",
        "de Zorgaanbiederslijst wordt niet opgehaald",
        "the Zorgaanbiederslijst is not fetched",
    ),
    Behaviour::new(
        "lists-taken-in-later",
        "core.ocl.201: fetching is asked, and no moment of use",
        "een lijst wordt een minuut na het ophalen gebruikt",
        "a list is used a minute after it was fetched",
    ),
    Behaviour::new(
        "a-node-for-each-host",
        "core.rollen.301: the servers may be spread over several nodes",
        "de resource server heeft een eigen node, met een eigen certificaat",
        "the resource server has a node of its own, with a certificate of its own",
    ),
    Behaviour::new(
        "flat-whitelist-not-used",
        "core.whl.304: a list of another schema is not used",
        "een Whitelist in de andere vorm blijft ongebruikt",
        "a Whitelist in the other shape is left unused",
    ),
    Behaviour::new(
        "connects-before-whitelist-check",
        "core.whl.307: the check comes before the TLS handshake",
        "waarheen de stelselnode doorverwijst gaat een verbinding open waarop niets wordt gezegd",
        "where the stelselnode redirects to a connection is opened on which nothing is said",
    ),
    Behaviour::new(
        "services-checked-at-authorization",
        "core.ocl.300: to refuse is what the list is for",
        "gegevensdiensten buiten de OAuth Client List worden al bij het autoriseren geweigerd",
        "services that are not on the OAuth Client List are refused when authorizing already",
    )
    .decides("services"),
    Behaviour::new(
        "services-checked-at-resource",
        "register, TOK-19: a token error or refusal at the resource server",
        "gegevensdiensten buiten de OAuth Client List worden pas door de resource server geweigerd",
        "services that are not on the OAuth Client List are refused by the resource server only",
    )
    .decides("services"),
    Behaviour::new(
        "provider-ended-after-an-hour",
        "core.gegevensdiensten.104: until one hour after the entry lapsed",
        "een uur nadat de zorgaanbieder van de Zorgaanbiederslijst verdween wordt er niet meer geleverd",
        "an hour after the provider left the Zorgaanbiederslijst nothing is delivered any more",
    ),
];
