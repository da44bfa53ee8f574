//! The planted deviations in the authorization interface. Entry point: [`DEFECTS`].

use crate::simulator::defects::Defect;
use crate::simulator::defects::NOBODY_GETS_IN;

pub(super) const DEFECTS: &[Defect] = &[
    Defect::new(
        "response-type-ignored",
        "AUTH-03",
        "response_type wordt niet gecontroleerd",
        "response_type is not checked",
    )
    .masking(&["AUTH-18", "AUTH-26"]),
    Defect::new(
        "unknown-client-accepted",
        "AUTH-04",
        "een onbekende client_id krijgt de landingspagina",
        "an unknown client_id gets the landing page",
    )
    .masking(&["AUTH-24", "LIST-06"]),
    Defect::new(
        "unknown-client-redirected",
        "AUTH-04",
        "een onbekende client_id leidt tot een redirect met een fout",
        "an unknown client_id leads to a redirect with an error",
    )
    .masking(&["AUTH-24"]),
    Defect::new(
        "redirect-uri-look-alike-accepted",
        "AUTH-05",
        "een redirect_uri die net zo begint als de geregistreerde wordt aanvaard",
        "a redirect_uri that starts like the registered one is accepted",
    ),
    Defect::new(
        "redirect-uri-not-checked",
        "AUTH-05",
        "iedere redirect_uri wordt aanvaard",
        "any redirect_uri is accepted",
    ),
    Defect::new(
        "redirect-uri-compared-by-end",
        "AUTH-05",
        "een redirect_uri waarvan de host eindigt als die van de client wordt aanvaard",
        "a redirect_uri whose host ends like that of the client is accepted",
    ),
    Defect::new(
        "redirect-uri-may-be-missing",
        "AUTH-05",
        "zonder redirect_uri geldt de geregistreerde",
        "without redirect_uri the registered one counts",
    ),
    Defect::new(
        "redirect-uri-not-checked-by-post",
        "AUTH-05",
        "bij een autorisatieverzoek met POST wordt de redirect_uri niet vergeleken",
        "of an authorization request by POST the redirect_uri is not compared",
    ),
    Defect::new(
        "redirect-uri-decoded-twice",
        "AUTH-05",
        "procentcodering in de host van een redirect_uri wordt overgeslagen",
        "percent-encoding in the host of a redirect_uri is passed over",
    ),
    Defect::new("scope-ignored", "AUTH-06", "scope wordt niet gecontroleerd", "scope is not checked"),
    Defect::new(
        "extra-parameter-refused",
        "AUTH-10",
        "een onbekende parameter in het autorisatieverzoek wordt geweigerd",
        "an unknown parameter in the authorization request is refused",
    ),
    Defect::new(
        "state-dropped-on-error",
        "AUTH-11",
        "state ontbreekt in de redirect met een fout",
        "state is missing in the redirect with an error",
    ),
    Defect::new(
        "state-changed",
        "AUTH-11",
        "state komt gewijzigd terug in de redirect met een fout",
        "state comes back changed in the redirect with an error",
    ),
    Defect::new(
        "error-page-instead-of-redirect",
        "AUTH-18",
        "een fout in de overige parameters geeft een foutpagina in plaats van een redirect",
        "an error in the other parameters gives an error page instead of a redirect",
    )
    .masking(&["AUTH-03", "AUTH-11", "AUTH-26"]),
    Defect::new(
        "return-link-on-error-page",
        "AUTH-24",
        "de foutpagina heeft een link terug terwijl client_id of redirect_uri onjuist is",
        "the error page has a link back although client_id or redirect_uri is wrong",
    ),
    Defect::new(
        "code-in-fragment",
        "AUTH-25",
        "de code staat in het fragment van de redirect",
        "the code is in the fragment of the redirect",
    )
    .masking(NOBODY_GETS_IN),
    Defect::new(
        "unregistered-error",
        "AUTH-26",
        "de foutwaarde bij een herhaalde parameter of weigering staat niet in RFC 6749",
        "the error value for a repeated parameter or a refusal is not in RFC 6749",
    ),
    Defect::new(
        "repeated-parameter-accepted",
        "AUTH-27",
        "van een herhaalde parameter wordt stilzwijgend de eerste genomen",
        "of a repeated parameter the first is taken silently",
    )
    .warns()
    .masking(&["AUTH-26"]),
    Defect::new(
        "client-id-compared-by-beginning",
        "AUTH-04",
        "een client_id die begint als een bekende wordt aanvaard",
        "a client_id that begins like a known one is accepted",
    )
    .masking(&["AUTH-24", "LIST-06"]),
    Defect::new(
        "redirect-uri-read-after-at",
        "AUTH-05",
        "van een redirect_uri telt alleen wat na het apenstaartje staat",
        "of a redirect_uri only what comes after the at sign counts",
    ),
    Defect::new(
        "redirect-uri-any-scheme",
        "AUTH-05",
        "een redirect_uri zonder http wordt aanvaard, ook javascript:",
        "a redirect_uri without http is accepted, javascript: as well",
    ),
    Defect::new(
        "scope-compared-by-beginning",
        "AUTH-06",
        "een scope die begint als de naam van de zorgaanbieder wordt aanvaard",
        "a scope that begins like the name of the provider is accepted",
    )
    .masking(&["AUTH-07"]),
    Defect::new(
        "state-dropped-on-cancel",
        "AUTH-11",
        "state ontbreekt als de persoon annuleert",
        "state is missing when the person cancels",
    ),
    Defect::new(
        "cancel-error-unregistered",
        "AUTH-26",
        "de foutwaarde bij annuleren staat niet in RFC 6749",
        "the error value after cancelling is not in RFC 6749",
    ),
    Defect::new(
        "error-description-outside-ascii",
        "AUTH-26",
        "error_description heeft een letter met een accent",
        "error_description has an accented letter",
    ),
    Defect::new("long-lived-code", "AUTH-28", "een code is een uur geldig", "a code is good for an hour").warns(),
    Defect::new(
        "pkce-refused",
        "AUTH-29",
        "een autorisatieverzoek met code_challenge wordt geweigerd",
        "an authorization request with code_challenge is refused",
    )
    .observes(),
    Defect::new(
        "client-list-ignored-for-sharing",
        "AUTH-14",
        "Delen dat de OAuth Client List voor de client niet heeft wordt toch toegestaan",
        "sharing that the OAuth Client List does not have for the client is allowed all the same",
    )
    .warns(),
];
