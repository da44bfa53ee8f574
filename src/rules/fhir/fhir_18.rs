//! FHIR-18: where the resource interface is.

use url::Url;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::text;

declare_rule! {
    /// Whether the ResourceEndpoints follow a convention that several DVAs share is recorded; the list decides, any path will do.
    ///
    /// ## How it is tested
    /// The path of each ResourceEndpoint that was asked is compared with `/fhir`, where STU3 is by that convention, and with
    /// `/fhir/R4`.
    /// ## Not covered
    /// Whether the list has the same addresses (LIST-25).
    /// ## Source
    /// A public specification of a back end of several DVAs; no MedMij rule.
    pub static RULE = {
        id: "FHIR-18",
        summary: "whether endpoints follow a shared convention",
        dva: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    let asked: Vec<&str> = run.regular(Interface::Resource).map(|exchange| exchange.request.url.as_str()).collect();
    let endpoints = context.candidate.endpoints.resource.iter();
    let used = endpoints.filter(|(_, base)| asked.iter().any(|url| url.starts_with(base.as_str())));
    let none = Text::new("geen ResourceEndpoint is gevraagd", "no ResourceEndpoint was asked");
    Judgement::each(used, none, |(code, base)| {
        let expected = Text::new("`/fhir` of `/fhir/R4`, of een ander pad", "`/fhir` or `/fhir/R4`, or another path");
        vec![Issue::information("endpoint-path", code.clone(), expected, seen(base))]
    })
}

fn seen(base: &Url) -> Text {
    let path = base.path().trim_end_matches('/');
    match path {
        "/fhir" | "/fhir/R4" => text!("`{path}`, volgens de gewoonte", "`{path}`, by the convention"),
        _ => text!("`{path}`, een eigen pad", "`{path}`, a path of its own"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::testing;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues_with;

    #[test]
    fn paths_of_endpoints_that_were_asked_are_recorded() {
        let mut candidate = testing::candidate();
        for (code, address) in [("A", "https://fhir.example/bgz"), ("B", "https://fhir.example/fhir")] {
            candidate.endpoints.resource.insert(code.to_owned(), address.parse().unwrap());
        }
        let recording = || Recording::new().get("Patient").json(200, "{}");
        assert_eq!(
            issues_with(&RULE, &candidate, recording()),
            ["information endpoint-path A: `/fhir` or `/fhir/R4`, or another path / `/bgz`, a path of its own"]
        );
        assert_eq!(issues_with(&RULE, &testing::candidate(), recording()), ["not seen"]);
        assert!(seen(&"https://fhir.example/fhir/R4/".parse().unwrap()).en.ends_with("by the convention"));
    }
}
