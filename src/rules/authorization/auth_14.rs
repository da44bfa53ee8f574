//! AUTH-14: a service that the OAuth Client List does not have for the client is refused with an error.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::requirement::Release;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::fetched;
use crate::rules::lists::services;
use crate::rules::oauth;
use crate::rules::oauth::Ending;
use crate::rules::passage::Passage;
use crate::text;

declare_rule! {
    /// In the second round of verification a service that the OAuth Client List does not have for the client is refused: back to the
    /// client with an error.
    ///
    /// ## How it is tested
    /// An OAuth Client List in the later shape, which has another service for us than the candidate offers, and another name. Then an
    /// authorization request: in releases 2.0 and 2.1 for Verzamelen, from 2.2 on for Delen, as TOK-19 judges Verzamelen there. A
    /// code is a finding when a page of the flow shows that the list was taken in. An error redirect passes; for Delen only when
    /// another request for Delen led to a code.
    /// ## Not covered
    /// A candidate that fetches no list from us, or does not use a list in this shape, whose schema was not seen. A request that ends
    /// at a page. The interface version (Abonneren).
    /// ## Source
    /// Afsprakenstelsel, core.authint.203; Token interface 2.2.0.
    pub static RULE = {
        id: "AUTH-14",
        summary: "no code for services that the OAuth Client List does not have for the client",
        dva: check,
    }
}

const PROBES: &[&str] = &["service-not-on-list", "sharing-not-on-list"];

fn check(context: &Context, run: &Run) -> Judgement {
    let [collecting, sharing] = PROBES else { return Judgement::NotSeen(fetched::needs_time(context, run)) };
    let shares = || {
        let is_other = |flow: &oauth::Flow| flow.probe() != Some(*sharing);
        let asks = |flow: &oauth::Flow| flow.sent("scope").is_some_and(|scope| scope.contains('~'));
        let flows = oauth::flows(run).into_iter().filter(|flow| is_other(flow) && asks(flow));
        flows.into_iter().any(|flow| matches!(flow.ending(context.redirect_uri()), Ending::Granted(_)))
    };
    let probe = if context.release < Release::V2_2 { collecting } else { sharing };
    let passages = Passage::all(context, run, probe).into_iter();
    let shown = passages.filter_map(|passage| {
        let told = services::told(context, run, &passage).filter(|told| told.is_taken_in)?;
        let refused = match passage.flow.ending(context.redirect_uri()) {
            Ending::Granted(_) => false,
            Ending::Refused(_) => probe == collecting || shares(),
            _ => return None,
        };
        (passage.is_granted() || refused).then_some((passage, told))
    });
    Judgement::each(shown, services::unused(context, run, &[probe]), |(passage, told)| {
        if !passage.is_granted() {
            return Vec::new();
        }
        let listed = told.services.join(", ");
        let expected = text!(
            "terug naar de client met een fout: de OAuth Client List heeft voor ons alleen {listed}",
            "back to the client with an error: the OAuth Client List has {listed} only for us"
        );
        let seen = Text::new("een code", "a code");
        vec![Issue::warning("unlisted-service-authorized", "scope", expected, seen).at(passage.flow.last().number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::testing;
    use crate::requirement::Role;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::lines;
    use crate::rules::testing::with_other_services;

    fn sharing() -> Recording {
        let other = with_other_services("sharing-token-read").authorize(&[("scope", "ziekenhuis~57")]);
        other.redirect("?code=c&state=s1").scenario("flow/3").probe("sharing-not-on-list").authorize(&[])
    }

    #[test]
    fn a_code_is_found_only_when_the_list_was_taken_in() {
        let code = |name: &str| sharing().page(200, name).visit("toestaan").redirect("?code=c&state=s1");
        expect(&RULE, code("Een nieuwe PGO"), &["unlisted-service-authorized"]);
        expect(&RULE, code("Een PGO"), &["not seen"]);
        expect(&RULE, sharing().redirect("?error=invalid_scope&state=s1"), &[]);
        let never = with_other_services("sharing-not-on-list").authorize(&[]).redirect("?error=invalid_scope&state=s1");
        expect(&RULE, never, &["not seen"]);
    }

    #[test]
    fn before_release_2_2_it_is_about_collecting() {
        let candidate = testing::candidate();
        let context = Context { candidate: &candidate, release: Release::V2_1, role: Role::Dva };
        let asks = || with_other_services("service-not-on-list").authorize(&[]);
        let refused = asks().redirect("?error=unauthorized_client&state=s1").run();
        assert!(lines(&check(&context, &refused)).is_empty());
        let granted = asks().page(200, "Een nieuwe PGO").visit("toestaan").redirect("?code=c&state=s1").run();
        assert_eq!(lines(&check(&context, &granted)).len(), 1);
    }
}
