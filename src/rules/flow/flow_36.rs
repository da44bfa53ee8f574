//! FLOW-36: each service has resource endpoints of its own.

use std::collections::BTreeMap;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::lists::roles;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::text;

declare_rule! {
    /// No address of a ResourceEndpoint serves two gegevensdiensten of one provider.
    ///
    /// ## How it is tested
    /// The ResourceEndpoints in the candidate file, or in the list that it names, are put beside the gegevensdienst that the
    /// systeemrolcode of each belongs to, or that is named in place of a code. Systeemrollen of one gegevensdienst may share
    /// an address.
    /// ## Not covered
    /// Codes whose gegevensdienst toetsbank does not know; services that the candidate file has no address of.
    /// `toetsbank lists check` looks at all of a Zorgaanbiederslijst.
    /// ## Source
    /// Afsprakenstelsel, core.gegevensdiensten.201.
    pub static RULE = {
        id: "FLOW-36",
        summary: "no resource endpoint serves two gegevensdiensten",
        dva: check,
    }
}

fn check(context: &Context, _: &Run) -> Judgement {
    let mut services: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    let mut known = Vec::new();
    for (code, url) in &context.candidate.endpoints.resource {
        let Some(service) = roles::service_of(code) else { continue };
        services.entry(url.as_str().trim_end_matches('/')).or_default().push((service, code));
        known.push(service);
    }
    known.sort_unstable();
    known.dedup();
    if known.len() < 2 {
        return Judgement::NotSeen(Text::new(
            "het kandidaatbestand heeft geen adressen van twee gegevensdiensten die toetsbank kent",
            "the candidate file has no addresses of two gegevensdiensten that toetsbank knows",
        ));
    }
    let mut issues = Vec::new();
    for (address, users) in &services {
        let Some((first, _)) = users.first() else { continue };
        if users.iter().all(|(service, _)| service == first) {
            continue;
        }
        let list = users.iter().map(|(service, code)| format!("{service} ({code})")).collect::<Vec<_>>().join(", ");
        let expected = Text::new(
            "voor iedere gegevensdienst een eigen ResourceEndpoint",
            "a ResourceEndpoint of its own for each gegevensdienst",
        );
        let seen = text!("`{address}` voor {list}", "`{address}` for {list}");
        issues.push(Issue::error("shared-endpoint", "ResourceEndpointuri", expected, seen));
    }
    Judgement::Seen { occasions: u32::try_from(services.len()).unwrap_or(u32::MAX), issues }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues_of;

    fn issues(addresses: &[(&str, &str)]) -> Vec<String> {
        issues_of(&RULE, Recording::new(), |candidate| {
            candidate.endpoints.resource =
                addresses.iter().map(|(code, url)| ((*code).to_owned(), url.parse().unwrap())).collect();
        })
    }

    #[test]
    fn systeemrollen_of_one_service_may_share() {
        let addresses = [
            ("MM-3.0-BZB-FHIR", "https://fhir.example/bgz"),
            ("MM-3.0-PLB-FHIR", "https://fhir.example/pdfa"),
            ("MM-3.0-PDB-FHIR", "https://fhir.example/pdfa"),
            ("XX-1.0-XXB-FHIR", "https://fhir.example/bgz"),
        ];
        assert_eq!(issues(&addresses), Vec::<String>::new());
        assert_eq!(issues(&addresses[1..]), ["not seen"]);
    }

    #[test]
    fn two_services_may_not() {
        let shared = [("MM-3.0-BZB-FHIR", "https://fhir.example/r4"), ("MM-2.0-GGB-FHIR", "https://fhir.example/r4/")];
        assert_eq!(
            issues(&shared),
            ["error shared-endpoint ResourceEndpointuri: a ResourceEndpoint of its own for each gegevensdienst / \
              `https://fhir.example/r4` for 50 (MM-2.0-GGB-FHIR), 48 (MM-3.0-BZB-FHIR)"]
        );
    }
}
