//! The behaviours on the authorization interface, each with the text that allows it. Data only.

use crate::simulator::behaviours::Behaviour;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "provider-name-with-ampersand",
        "Afsprakenstelsel, Namenbeleid .7",
        "de naam van de zorgaanbieder heeft een ampersand, een punt en een cijfer",
        "the name of the provider has an ampersand, a dot and a digit",
    ),
    Behaviour::new(
        "token-address-with-port",
        "XSD of the Zorgaanbiederslijst, type Backchanneluri",
        "het adres van het TokenEndpoint heeft een poort",
        "the address of the TokenEndpoint has a port",
    ),
    Behaviour::new(
        "redirect-302",
        "RFC 6749, section 1.7",
        "terug naar de client met status 302",
        "back to the client with status 302",
    )
    .decides("redirect"),
    Behaviour::new(
        "redirect-without-scheme",
        "RFC 9110, section 10.2.2; RFC 3986, section 4.2",
        "terug naar de client met een Location zonder https:",
        "back to the client by a Location without https:",
    )
    .decides("redirect"),
    Behaviour::new(
        "redirect-307",
        "RFC 6749, section 1.7",
        "terug naar de client met status 307",
        "back to the client with status 307",
    )
    .decides("redirect"),
    Behaviour::new(
        "redirect-meta-refresh",
        "RFC 6749, section 1.7: any other method available via the user agent",
        "terug naar de client met een meta refresh, in hoofdletters",
        "back to the client by a meta refresh, in capitals",
    )
    .decides("redirect"),
    Behaviour::new(
        "redirect-refresh-header",
        "RFC 6749, section 1.7",
        "terug naar de client met een header Refresh",
        "back to the client by a header Refresh",
    )
    .decides("redirect"),
    Behaviour::new(
        "redirect-by-script",
        "RFC 6749, section 1.7",
        "terug naar de client met een script dat de browser verder stuurt",
        "back to the client by a script that sends the browser on",
    )
    .decides("redirect"),
    Behaviour::new(
        "redirect-self-posting-page",
        "RFC 6749, section 1.7",
        "terug naar de client met een formulier dat zichzelf verstuurt",
        "back to the client by a form that sends itself",
    )
    .decides("redirect"),
    Behaviour::new(
        "error-page-200",
        "core.authint.207, exception 1a: a page, no status is named",
        "de foutpagina heeft status 200",
        "the error page has status 200",
    )
    .decides("error-page"),
    Behaviour::new(
        "error-page-403",
        "core.authint.207, exception 1a: a page, no status is named",
        "de foutpagina heeft status 403",
        "the error page has status 403",
    )
    .decides("error-page"),
    Behaviour::new(
        "response-type-unauthorized-client",
        "RFC 6749, section 4.1.2.1",
        "een andere response_type geeft unauthorized_client",
        "another response_type gives unauthorized_client",
    )
    .decides("response-type"),
    Behaviour::new(
        "response-type-invalid-request",
        "RFC 6749, section 4.1.2.1",
        "een andere response_type geeft invalid_request",
        "another response_type gives invalid_request",
    )
    .decides("response-type"),
    Behaviour::new(
        "response-type-error-in-fragment",
        "RFC 6749, section 4.2.2.1",
        "de fout op response_type token staat in het fragment",
        "the error for response_type token is in the fragment",
    ),
    Behaviour::new(
        "response-type-missing-unsupported",
        "RFC 6749, section 3.1.1",
        "een lege of ontbrekende response_type geeft unsupported_response_type",
        "an empty or missing response_type gives unsupported_response_type",
    ),
    Behaviour::new(
        "scope-error-page",
        "register, AUTH-06: an OAuth error or an error page",
        "een onbekende scope geeft een foutpagina",
        "an unknown scope gives an error page",
    ),
    Behaviour::new(
        "repeated-parameter-error-page",
        "register, AUTH-27: an error, or a fail-safe answer",
        "een herhaalde parameter geeft een foutpagina",
        "a repeated parameter gives an error page",
    ),
    Behaviour::new(
        "error-redirect-with-description",
        "RFC 6749, section 4.1.2.1",
        "de redirect met een fout heeft error_description en error_uri",
        "the redirect with an error has error_description and error_uri",
    ),
    Behaviour::new(
        "code-with-more-parameters",
        "RFC 9207, section 2; OpenID Connect Session Management 1.0, section 2; RFC 6749, section 4.1.2",
        "naast code en state komen iss en session_state mee",
        "iss and session_state come beside code and state",
    ),
    Behaviour::new(
        "state-encoded-otherwise",
        "RFC 3986, section 2.1",
        "state komt terug met ieder teken procentgecodeerd",
        "state comes back with every character percent-encoded",
    ),
    Behaviour::new(
        "consent-by-buttons",
        "register, CON-02: the option must be there and not preselected",
        "toestemming voor onbepaalde tijd heeft een knop van zichzelf",
        "consent for an indefinite time has a button of its own",
    )
    .decides("consent"),
    Behaviour::new(
        "consent-remembered",
        "core.autorisatie.100: consent may hold for longer",
        "wie eerder toestemming gaf, krijgt de vraag niet weer",
        "who gave consent before is not asked again",
    )
    .decides("consent")
    .leaving(&["1.10", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6"]),
    Behaviour::new(
        "notice-at-first-login",
        "core.authint.205 leaves the pages to the server",
        "bij de eerste keer inloggen komt er een pagina bij",
        "the first login shows one page more",
    ),
    Behaviour::new(
        "extra-redirects",
        "RFC 9110, section 15.4",
        "tussen de pagina's liggen extra redirects, ook 307 met de inhoud van het formulier",
        "there are more redirects between the pages, also 307 with the content of the form",
    )
    .decides("after-login"),
    Behaviour::new(
        "self-posting-login",
        "SAML 2.0 Bindings, section 3.5 (HTTP POST), as the authentication service uses",
        "na het inloggen komt een formulier dat zichzelf met POST verstuurt",
        "after login a form comes that sends itself by POST",
    )
    .decides("after-login"),
    Behaviour::new(
        "other-cookies",
        "RFC 6265, section 4.1",
        "de sessie staat in een cookie met andere attributen, met andere cookies ernaast",
        "the session is in a cookie with other attributes, beside other cookies",
    )
    .decides("session"),
    Behaviour::new(
        "session-in-address",
        "RFC 6265, section 8.4 asks a new session, not a cookie",
        "de sessie staat in het adres van de pagina's, zonder cookies",
        "the session is in the address of the pages, without cookies",
    )
    .decides("session"),
    Behaviour::new(
        "cookie-for-login",
        "RFC 6265, section 8.4 asks a new session, not in the same cookie",
        "het inloggen heeft een eigen cookie, naast dat van de sessie",
        "the login has a cookie of its own, beside that of the session",
    )
    .decides("session"),
    Behaviour::new(
        "server-metadata",
        "RFC 8414; register, TOK-25: record only",
        "de autorisatieserver publiceert metagegevens",
        "the authorization server publishes metadata",
    ),
    Behaviour::new(
        "pages-expire",
        "HTML Living Standard, section 4.2.5.3",
        "de pagina's gaan na een kwartier vanzelf naar een andere pagina",
        "the pages go to another page by themselves after a quarter of an hour",
    ),
    Behaviour::new(
        "request-in-hidden-fields",
        "HTML Living Standard, section 4.10.5.1.1",
        "het inlogformulier draagt het autorisatieverzoek mee in verborgen velden",
        "the login form carries the authorization request in hidden fields",
    ),
    Behaviour::new(
        "script-that-submits",
        "HTML Living Standard, section 4.10.21.2",
        "het inlogformulier wordt door een script verstuurd als men op een knop klikt",
        "the login form is sent by a script at the click of a button",
    ),
];
