//! SEC-13: burgerservicenummers in requests.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;

declare_rule! {
    /// A DVP puts no burgerservicenummer in a request: the token tells who the patient is.
    ///
    /// ## How it is tested
    /// Address, headers and body of each request of the DVP, and of the browser that it sends on, are searched for the numbers of the
    /// test patients. An address that a server gave is none of its making.
    /// ## Not covered
    /// Numbers of others: there is no general search. Identifiers with the naming system (FHIR-02).
    /// ## Source
    /// Afsprakenstelsel, Resource interface (control data); Nictiz, technical design of MedMij FHIR.
    pub static RULE = {
        id: "SEC-13",
        summary: "no burgerservicenummer in requests",
        dvp: check,
    }
}

/// What stands in the place of a burgerservicenummer in the recording.
const BSN: &str = "REDACTED.bsn.";

fn check(context: &Context, run: &Run) -> Judgement {
    if context.candidate.patients.iter().all(|patient| patient.bsn.is_none()) {
        return Judgement::NotSeen(Text::new(
            "van geen testpatiënt is het burgerservicenummer bekend",
            "the burgerservicenummer of no test patient is known",
        ));
    }
    let judged = Judgement::each(run.exchanges(), client::nothing("verzoek", "request"), |exchange| {
        let request = &exchange.request;
        let mut places: Vec<&str> = Vec::new();
        if request.url.contains(BSN) && !client::was_given(run, exchange) {
            places.push("URL");
        }
        places.extend(request.headers.iter().filter(|(_, value)| value.contains(BSN)).map(|(name, _)| name.as_str()));
        if request.body.text().is_some_and(|text| text.contains(BSN)) {
            places.push("body");
        }
        let found = |place: &str| {
            let expected = Text::new("geen burgerservicenummer", "no burgerservicenummer");
            let seen = Text::new("dat van een testpatiënt", "that of a test patient");
            Issue::error("bsn-in-request", place, expected, seen).at(exchange.number)
        };
        places.into_iter().map(found).collect()
    });
    match judged {
        // Who asks for no data was given nobody's number.
        Judgement::Seen { issues, .. } if issues.is_empty() && client::data_requests(run).next().is_none() => {
            Judgement::NotSeen(client::nothing("verzoek om gegevens", "request for data"))
        }
        judged => judged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::testing;
    use crate::requirement::Release;
    use crate::requirement::Role;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::lines;

    fn judged(recording: Recording) -> Vec<String> {
        let mut candidate = testing::candidate();
        candidate.patients = vec![testing::patient()];
        candidate.patients[0].bsn = Some("999900006".to_owned());
        let context = Context { candidate: &candidate, release: Release::V2_2, role: Role::Dvp };
        let found = lines(&RULE.judge(&context, &recording.run()));
        found.iter().map(|line| line.split([' ', ':']).nth(3).unwrap_or(line).to_owned()).collect()
    }

    #[test]
    fn the_number_of_a_test_patient_is_found_anywhere() {
        assert_eq!(judged(Recording::new().get("Condition?code=999912345")), Vec::<String>::new());
        assert_eq!(judged(Recording::new().get("Condition?x=REDACTED.bsn.1")), ["URL"]);
        assert_eq!(judged(Recording::new().get("Condition").sending("X-Bsn", "REDACTED.bsn.1")), ["X-Bsn"]);
        assert_eq!(judged(Recording::new().authorize(&[("login_hint", "REDACTED.bsn.1")])), ["URL"]);
        assert_eq!(judged(Recording::new().token(&[("bsn", "REDACTED.bsn.1")])), ["body"]);
    }

    #[test]
    fn an_address_of_the_server_is_not_of_the_clients_making() {
        let link = r#"{"link": [{"relation": "next", "url": "https://fhir.example/bgz/p?x=REDACTED.bsn.1"}]}"#;
        let followed = Recording::new().get("Condition").json(200, link).get("p?x=REDACTED.bsn.1");
        assert_eq!(judged(followed), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, Recording::new()), ["not seen"]);
        assert_eq!(judged(Recording::new().authorize(&[])), ["not seen"], "no data were asked");
    }
}
