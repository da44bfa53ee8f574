//! The behaviours on the token interface, each with the text that allows it. Data only.

use crate::simulator::behaviours::Behaviour;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "grant-type-invalid-request",
        "register, TOK-04; RFC 6749, section 5.2",
        "een andere grant_type geeft invalid_request",
        "another grant_type gives invalid_request",
    )
    .decides("grant-type"),
    Behaviour::new(
        "grant-type-unauthorized-client",
        "register, TOK-04; RFC 6749, section 5.2",
        "een andere grant_type geeft unauthorized_client",
        "another grant_type gives unauthorized_client",
    )
    .decides("grant-type"),
    Behaviour::new(
        "grant-type-401",
        "register, TOK-04: 400 or 401",
        "een andere grant_type geeft status 401 met invalid_client",
        "another grant_type gives status 401 with invalid_client",
    )
    .decides("grant-type"),
    Behaviour::new(
        "client-401",
        "RFC 6749, section 5.2",
        "een onjuiste of ontbrekende client_id geeft status 401 met invalid_client en WWW-Authenticate",
        "a wrong or missing client_id gives status 401 with invalid_client and WWW-Authenticate",
    ),
    Behaviour::new(
        "redirect-uri-missing-invalid-grant",
        "RFC 6749, section 5.2",
        "een ontbrekende redirect_uri geeft invalid_grant",
        "a missing redirect_uri gives invalid_grant",
    ),
    Behaviour::new(
        "code-missing-invalid-grant",
        "RFC 6749, section 5.2",
        "een tokenverzoek zonder code geeft invalid_grant",
        "a token request without code gives invalid_grant",
    ),
    Behaviour::new(
        "token-leeway",
        "register, TOK-10: refused at 960 s (clock leeway)",
        "een access token werkt een halve minuut langer",
        "an access token works half a minute longer",
    ),
    Behaviour::new(
        "token-error-with-uri",
        "RFC 6749, section 5.2",
        "fouten van het token endpoint hebben error_uri en nog een veld",
        "errors of the token endpoint have error_uri and one more member",
    )
    .decides("token-error"),
    Behaviour::new(
        "token-error-alone",
        "RFC 6749, section 5.2",
        "fouten van het token endpoint hebben alleen error",
        "errors of the token endpoint have error alone",
    )
    .decides("token-error"),
    Behaviour::new(
        "token-with-more-members",
        "RFC 6749, section 5.1: unrecognized value names are ignored",
        "het tokenantwoord heeft velden die niemand kent",
        "the token response has members that nobody knows",
    ),
    Behaviour::new(
        "token-type-lower-case",
        "RFC 6749, section 5.1: the value is case insensitive",
        "token_type is bearer",
        "token_type is bearer",
    ),
    Behaviour::new(
        "token-json-with-charset",
        "RFC 9110, section 8.3.1",
        "het tokenantwoord heeft mediatype application/json;charset=UTF-8",
        "the token response has media type application/json;charset=UTF-8",
    ),
    Behaviour::new(
        "token-cache-control-more",
        "RFC 9111, section 5.2",
        "Cache-Control is private, No-Store",
        "Cache-Control is private, No-Store",
    ),
    Behaviour::new(
        "token-without-scope",
        "RFC 6749, section 5.1: optional when equal to what was asked",
        "het tokenantwoord heeft geen scope",
        "the token response has no scope",
    ),
    Behaviour::new(
        "token-pretty",
        "RFC 8259, section 2",
        "het tokenantwoord heeft witruimte",
        "the token response has white space",
    ),
    Behaviour::new(
        "refresh-token-always",
        "RFC 6749, section 5.1",
        "er komt altijd een refresh token mee",
        "a refresh token always comes along",
    )
    .decides("refresh-token"),
    Behaviour::new(
        "refresh-token-kept",
        "RFC 6749, section 6: a new refresh token may come; register, CON-05: observe",
        "een refresh token blijft hetzelfde als het wordt ingewisseld",
        "a refresh token stays the same when it is swapped",
    )
    .decides("refresh-token"),
    Behaviour::new(
        "used-refresh-token-works",
        "RFC 6749, section 6: the old one may be revoked; register, CON-05: observe",
        "een ingewisseld refresh token blijft werken naast het nieuwe",
        "a refresh token that was swapped goes on working beside the new one",
    )
    .decides("refresh-token"),
    Behaviour::new(
        "refresh-scope-ignored",
        "register, CON-11: no token for more than was granted",
        "een ruimere scope bij een refresh token wordt genegeerd",
        "a wider scope with a refresh token is ignored",
    )
    .decides("refresh-scope"),
    Behaviour::new(
        "other-client-closed",
        "register, CON-11: no token; core.whl.309",
        "een refresh token van een andere client: de verbinding gaat zonder antwoord dicht",
        "a refresh token of another client: the connection is closed without answer",
    )
    .decides("refresh-client"),
    Behaviour::new(
        "other-client-401",
        "register, CON-11; RFC 6749, section 5.2",
        "een refresh token van een andere client geeft status 401 met invalid_client",
        "a refresh token of another client gives status 401 with invalid_client",
    )
    .decides("refresh-client"),
    Behaviour::new(
        "withdrawal-ends-access",
        "register, CON-13: either",
        "met de toestemming eindigt ook het access token",
        "with the consent the access token ends as well",
    ),
    Behaviour::new(
        "no-refresh-token",
        "RFC 6749, section 5.1: refresh_token is optional",
        "er komt nooit een refresh token, ook niet na toestemming voor onbepaalde tijd",
        "a refresh token never comes, not after consent for an indefinite time either",
    )
    .decides("refresh-token")
    .leaving(&["5.1", "5.2", "5.3", "5.4", "5.5", "5.6"]),
    Behaviour::new(
        "pkce-checked",
        "RFC 7636; register, AUTH-29: report only",
        "wie een code_challenge stuurt moet ook de code_verifier sturen",
        "who sends a code_challenge has to send the code_verifier as well",
    ),
    Behaviour::new(
        "jwt-tokens",
        "RFC 6749, section 1.4; RFC 7519",
        "access tokens zijn JWT's",
        "access tokens are JWTs",
    )
    .decides("tokens"),
    Behaviour::new(
        "hexadecimal-tokens",
        "RFC 6749, section 10.10",
        "access tokens en codes zijn 64 hexadecimale tekens",
        "access tokens and codes are 64 hexadecimal characters",
    )
    .decides("tokens"),
    Behaviour::new(
        "tokens-with-symbols",
        "RFC 6750, section 2.1; RFC 6749, appendix A",
        "access tokens en codes hebben de tekens - . _ ~ + / en =",
        "access tokens and codes have the characters - . _ ~ + / and =",
    )
    .decides("tokens"),
];
