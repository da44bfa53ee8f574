//! LIST-26: the form of the addresses of the token and resource endpoints.

use crate::declare_rule;
use crate::exchange::Run;
use crate::lists::simple;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::entry;

declare_rule! {
    /// The addresses of the TokenEndpoint and of each ResourceEndpoint have the form that the Zorgaanbiederslijst asks: https, a
    /// host name in lower case, perhaps a port of 1 to 5 digits and a path; no query, no fragment, no slash at the end.
    ///
    /// ## How it is tested
    /// The addresses in the candidate file, or in the list that it names, are held against the pattern of the XSD.
    /// ## Not covered
    /// A host in capitals: an address is read as URLs are, which makes those uniform; `toetsbank lists check` judges the list
    /// itself.
    /// ## Source
    /// XSD of the Zorgaanbiederslijst, release2, type Backchanneluri.
    pub static RULE = {
        id: "LIST-26",
        summary: "token and resource endpoints have addresses that the list may hold",
        dva: check,
    }
}

fn check(context: &Context, _: &Run) -> Judgement {
    let endpoints = &context.candidate.endpoints;
    let token = ("TokenEndpointuri".to_owned(), &endpoints.token);
    let resource = endpoints.resource.iter().map(|(code, url)| (format!("ResourceEndpointuri {code}"), url));
    let all: Vec<_> = std::iter::once(token).chain(resource).collect();
    let occasions = u32::try_from(all.len()).unwrap_or(u32::MAX);
    let issues = all.into_iter().filter_map(|(place, url)| entry::address(&simple::BACKCHANNELURI, place, url));
    Judgement::Seen { occasions, issues: issues.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues_of;

    fn issues(token: &str, resource: &str) -> Vec<String> {
        issues_of(&RULE, Recording::new(), |candidate| {
            candidate.endpoints.token = token.parse().unwrap();
            candidate.endpoints.resource.insert("MM-3.0-BZB-FHIR".to_owned(), resource.parse().unwrap());
        })
    }

    #[test]
    fn addresses_of_the_pattern_pass() {
        assert_eq!(issues("https://t.example:8443/token", "https://fhir.example"), Vec::<String>::new());
        assert_eq!(issues("https://t.example/", "https://fhir.example:1/a/b"), Vec::<String>::new());
    }

    #[test]
    fn others_are_found_each() {
        let found = issues("https://localhost/token", "https://fhir.example/bgz/");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("error address-form TokenEndpointuri: "), "{found:?}");
        assert!(found[1].starts_with("error address-form ResourceEndpointuri MM-3.0-BZB-FHIR: "), "{found:?}");
        assert!(found[1].ends_with("/ `https://fhir.example/bgz/`"), "{found:?}");
    }
}
