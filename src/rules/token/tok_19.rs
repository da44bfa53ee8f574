//! TOK-19: an access token covers only services that the OAuth Client List has for the client.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::services;
use crate::rules::passage::Passage;
use crate::rules::tls::whitelist;
use crate::text;

declare_rule! {
    /// From release 2.2 on the token interface looks whether the DVP supports the services: a token covers only those that the OAuth
    /// Client List has for it.
    ///
    /// ## How it is tested
    /// An OAuth Client List in the later shape, which has another service for us than the candidate offers, and another name. When a
    /// page of the flow shows that name, the list was taken in; data of a service that is not on it are a finding. A refusal at the
    /// authorization, token or resource interface passes.
    /// ## Not covered
    /// A candidate that fetches no list from us, or does not use a list in this shape, whose schema was not seen. That services on the
    /// list work: every other scenario shows it.
    /// ## Source
    /// Afsprakenstelsel, Token interface 2.2.0.
    pub static RULE = {
        id: "TOK-19",
        summary: "no data of services that the OAuth Client List does not have for the client",
        dva: check,
    }
}

const PROBES: &[&str] = &["service-not-on-list"];

fn check(context: &Context, run: &Run) -> Judgement {
    let passages = PROBES.iter().flat_map(|probe| Passage::all(context, run, probe));
    let told = passages.filter_map(|passage| services::told(context, run, &passage).map(|told| (passage, told)));
    // Who turns the client away now, and did not before, has taken the list in.
    let shown = told.filter(|(passage, told)| {
        passage.refusal().is_some() || told.is_taken_in && passage.is_granted() && passage.data.is_some()
    });
    Judgement::each(shown, services::unused(context, run, PROBES), |(passage, told)| {
        let Some(data) = passage.data.filter(|data| whitelist::gives_data(data)) else { return Vec::new() };
        let listed = told.services.join(", ");
        let expected = text!("alleen gegevens van {listed}", "data of {listed} only");
        let seen = Text::new(
            "gegevens van een gegevensdienst die de OAuth Client List voor ons niet heeft",
            "data of a service that the OAuth Client List does not have for us",
        );
        vec![Issue::warning("data-of-unlisted-service", "scope", expected, seen).at(data.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;
    use crate::rules::testing::with_other_services;

    /// A flow that shows this name on its page, up to the data.
    fn flow(name: &str) -> Recording {
        let page = format!("<p>{name} vraagt toestemming</p>");
        let asked = with_other_services("service-not-on-list").authorize(&[]).page(200, &page);
        let token = asked.visit("toestaan").redirect("?code=c&state=s1").token(&[]);
        token.json(200, r#"{"access_token": "t"}"#).get("Patient")
    }

    #[test]
    fn data_are_found_only_when_the_list_was_taken_in() {
        let bundle = r#"{"resourceType": "Bundle"}"#;
        expect(&RULE, flow("Een nieuwe PGO").json(200, bundle), &["data-of-unlisted-service"]);
        expect(&RULE, flow("Een PGO").json(200, bundle), &["not seen"]);
        expect(&RULE, flow("Een nieuwe PGO").json(403, ""), &[]);
    }

    #[test]
    fn a_refusal_on_the_way_passes() {
        let asks = || with_other_services("service-not-on-list").authorize(&[]);
        expect(&RULE, asks().redirect("?error=unauthorized_client&state=s1"), &[]);
        let page = asks().page(200, "Een nieuwe PGO").visit("toestaan").redirect("?code=c&state=s1").token(&[]);
        expect(&RULE, page.json(400, r#"{"error": "unauthorized_client"}"#), &[]);
    }
}
