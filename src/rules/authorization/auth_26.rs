//! AUTH-26: error values of the authorization response.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::oauth;
use crate::rules::oauth::Ending;
use crate::rules::oauth::Redirect;
use crate::text;

declare_rule! {
    /// An error redirect carries an error value of RFC 6749, and a description in its characters.
    ///
    /// ## How it is tested
    /// Each redirect to the client with `error`: the value is one of RFC 6749, section 4.1.2.1. A value that an extension
    /// registered is recorded only; any other is a breach. `error_description` holds no characters but %x20-21, %x23-5B and
    /// %x5D-7E.
    /// ## Not covered
    /// Whether the value fits the mistake (AUTH-03); redirects that should not be there at all (AUTH-04, AUTH-05).
    /// ## Source
    /// RFC 6749, sections 4.1.2.1 and 8.5.
    pub static RULE = {
        id: "AUTH-26",
        summary: "error redirects carry a registered error value",
        dva: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    let redirect_uri = context.redirect_uri();
    let redirects = oauth::flows(run)
        .into_iter()
        .filter(|flow| !flow.probe().is_some_and(|probe| oauth::FIRST_ROUND.contains(&probe)))
        .filter_map(|flow| match flow.ending(redirect_uri) {
            Ending::Refused(redirect) => Some(redirect),
            Ending::Granted(_) | Ending::Bare(_) | Ending::Page(_) | Ending::Unknown => None,
        });
    let none = Text::new("geen redirect met een fout gezien", "no redirect with an error was seen");
    Judgement::each(redirects, none, |redirect| {
        let issues = [value(&redirect), description(&redirect)];
        issues.into_iter().flatten().map(|issue| issue.at(redirect.exchange.number)).collect()
    })
}

fn value(redirect: &Redirect) -> Option<Issue> {
    let error = redirect.parameter("error")?;
    if oauth::AUTHORIZATION_ERRORS.contains(&error) {
        return None;
    }
    let list = oauth::AUTHORIZATION_ERRORS.join(", ");
    let expected = text!("een van {list}", "one of {list}");
    let seen = Text::same(format!("`{error}`"));
    Some(if oauth::AUTHORIZATION_EXTENSION_ERRORS.contains(&error) {
        Issue::information("extension-error", "error", expected, seen)
    } else {
        Issue::error("unregistered-error", "error", expected, seen)
    })
}

fn description(redirect: &Redirect) -> Option<Issue> {
    let description = redirect.parameter("error_description")?;
    let wrong = description.chars().find(|c| !matches!(c, '\x20'..='\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e'))?;
    let expected =
        Text::new("alleen de tekens %x20-21, %x23-5B en %x5D-7E", "only the characters %x20-21, %x23-5B and %x5D-7E");
    let wrong = u32::from(wrong);
    let seen = text!("het teken U+{wrong:04X}", "the character U+{wrong:04X}");
    Some(Issue::error("error-description-characters", "error_description", expected, seen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::issues;

    fn refused(suffix: &str) -> Recording {
        Recording::new().probe("response-type-unknown").authorize(&[]).redirect(suffix)
    }

    #[test]
    fn the_values_of_the_rfc_pass() {
        for error in oauth::AUTHORIZATION_ERRORS {
            expect(&RULE, refused(&format!("?error={error}&error_description=dat+kan+niet")), &[]);
        }
    }

    #[test]
    fn a_registered_extension_is_recorded_only() {
        let found = issues(&RULE, refused("?error=login_required"));
        assert!(found[0].starts_with("information extension-error"), "{found:?}");
    }

    #[test]
    fn other_values_and_characters_are_found() {
        assert_eq!(
            issues(&RULE, refused("?error=bad_request&error_description=%22fout%22")),
            [
                "error unregistered-error #1 error: one of invalid_request, unauthorized_client, access_denied, \
                 unsupported_response_type, invalid_scope, server_error, temporarily_unavailable / `bad_request`",
                "error error-description-characters #1 error_description: only the characters %x20-21, %x23-5B and \
                 %x5D-7E / the character U+0022",
            ]
        );
    }

    #[test]
    fn redirects_that_should_not_be_there_are_left_to_their_rules() {
        let unknown = Recording::new().probe("client-id-unknown").authorize(&[]).redirect("?error=unknown_client");
        expect(&RULE, unknown, &["not seen"]);
    }
}
