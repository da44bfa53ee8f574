//! The awkward things that the reference DVP can do and that every rule allows: nothing may be found for them.
//!
//! Entry points: [`BEHAVIOURS`], [`together`].

use crate::simulator::behaviours;
use crate::simulator::behaviours::Behaviour;

/// All of them, each with the text that allows it.
pub static BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "requests-in-other-order",
        "Catalogus: the requests of a service have no order",
        "de verzoeken komen in omgekeerde volgorde",
        "requests come in reverse order",
    ),
    Behaviour::new(
        "requests-repeated",
        "Catalogus: the requests of a service have no order",
        "elk verzoek komt twee keer, met eigen ids",
        "each request comes twice, with ids of its own",
    ),
    Behaviour::new(
        "pages-asked",
        "FHIR STU3, Search, _count; Qualification script: parameters may be added",
        "zoekvragen vragen om pagina's (_count)",
        "searches ask for pages (_count)",
    ),
    Behaviour::new(
        "header-names-in-capitals",
        "RFC 9110, section 5.1",
        "namen van headers beginnen met hoofdletters",
        "names of headers begin with capitals",
    ),
    Behaviour::new(
        "connection-per-request",
        "RFC 9112, section 9.3",
        "elk verzoek heeft een eigen verbinding",
        "each request has a connection of its own",
    ),
    Behaviour::new(
        "accept-with-weights",
        "RFC 9110, section 12.5.1",
        "Accept noemt beide formaten met gewichten",
        "Accept names both formats with weights",
    )
    .decides("accept"),
    Behaviour::new("accept-xml", "FHIR STU3, RESTful API: content types", "Accept vraagt XML", "Accept asks for XML")
        .decides("accept"),
    Behaviour::new(
        "extra-authorization-parameters",
        "RFC 6749, section 3.1: unrecognized parameters are ignored",
        "het autorisatieverzoek heeft meer parameters",
        "the authorization request has more parameters",
    ),
    Behaviour::new(
        "extra-token-parameters",
        "RFC 6749, section 3.2: unrecognized parameters are ignored",
        "het tokenverzoek heeft meer parameters",
        "the token request has more parameters",
    ),
    Behaviour::new(
        "long-state",
        "RFC 6749, section 4.1.1: state is opaque",
        "state is honderden tekens lang",
        "state is hundreds of characters long",
    )
    .decides("state"),
    Behaviour::new(
        "state-with-all-characters",
        "RFC 6749, appendix A.5",
        "state heeft tekens die gecodeerd moeten worden",
        "state has characters that must be encoded",
    )
    .decides("state"),
    Behaviour::new(
        "lists-fetched-often",
        "core.alst.201, core.gnl.201, core.whl.302: at least every 15 minutes",
        "de lijsten worden elke minuut opgehaald",
        "lists are fetched every minute",
    ),
    Behaviour::new(
        "lists-looked-at-first",
        "RFC 9110, section 9.3.2",
        "voor elke lijst komt eerst een HEAD",
        "a HEAD comes before each list",
    ),
    Behaviour::new(
        "all-lists-fetched",
        "core.lijsten.300",
        "ook de OAuth Client List wordt opgehaald",
        "the OAuth Client List is fetched as well",
    ),
    Behaviour::new(
        "form-with-charset",
        "RFC 9110, section 8.3.1",
        "het tokenverzoek noemt een charset en accepteert alles",
        "the token request names a charset and accepts anything",
    ),
    Behaviour::new(
        "tries-again-later",
        "RFC 9110, section 15.6.4",
        "na 429 of 503 komt een verzoek nog drie keer",
        "after 429 or 503 a request comes three times more",
    )
    .decides("after-errors"),
    Behaviour::new(
        "stops-at-first-error",
        "RFC 9110, section 15",
        "na de eerste fout stopt het verzamelen",
        "after the first error collecting stops",
    )
    .decides("after-errors"),
    Behaviour::new(
        "begins-again",
        "FLOW-08: without consent the person logs in",
        "na een geweigerd token begint een nieuwe flow",
        "after a token that is refused a new flow begins",
    ),
    Behaviour::new(
        "ids-in-upper-case",
        "RFC 4122, section 3: in any case",
        "UUIDs staan in hoofdletters",
        "UUIDs stand in capitals",
    ),
    Behaviour::new(
        "parameters-in-other-order",
        "RFC 6749, section 3.1",
        "parameters staan in een andere volgorde",
        "parameters stand in another order",
    ),
    Behaviour::new(
        "asks-metadata-first",
        "FHIR STU3, RESTful API: capabilities",
        "eerst komt een GET op metadata, zonder token",
        "a GET of metadata comes first, without token",
    ),
    Behaviour::new(
        "sent-on-by-a-page",
        "core.authint.200 fixes the request, not how the browser is sent",
        "een pagina stuurt de browser door",
        "a page sends the browser on",
    )
    .decides("sending"),
    Behaviour::new(
        "sent-on-by-303",
        "RFC 9110, section 15.4.4",
        "de browser wordt met 303 doorgestuurd",
        "the browser is sent on with 303",
    )
    .decides("sending"),
    Behaviour::new(
        "result-on-another-page",
        "RFC 9110, section 15.4.4",
        "na terugkeer wordt de browser naar een andere pagina gestuurd",
        "after coming back the browser is sent to another page",
    ),
    Behaviour::new(
        "refreshes-at-once",
        "RFC 6749, section 6",
        "een refresh token wordt meteen gebruikt",
        "a refresh token is used at once",
    ),
    Behaviour::new(
        "searches-by-post",
        "FHIR STU3, RESTful API, search: by GET or by POST to _search",
        "zoekvragen gaan met POST naar _search",
        "searches go by POST to _search",
    ),
    Behaviour::new(
        "stops-without-fresh-lists",
        "LIST-05 asks to fetch; no text says what to do while nothing can be fetched",
        "zonder verse lijsten wordt er niet verzameld",
        "without fresh lists nothing is collected",
    ),
    Behaviour::new(
        "newer-list-left-unused",
        "LIST-09: a list that breaks the schema that the DVP knows is left unused",
        "de nieuwere vorm van de Zorgaanbiederslijst blijft ongebruikt",
        "the newer shape of the Zorgaanbiederslijst is left unused",
    ),
    Behaviour::new(
        "more-request-headers",
        "RFC 9110",
        "resourceverzoeken hebben meer headers",
        "resource requests have more headers",
    ),
];

/// DVPs with as much of it as one can have, so that each behaviour is with one of them at least.
pub fn together() -> Vec<Vec<&'static Behaviour>> {
    behaviours::together_of(BEHAVIOURS)
}
