//! LIST-25: the form of the address of the authorization endpoint.

use crate::declare_rule;
use crate::exchange::Run;
use crate::lists::simple;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::entry;

declare_rule! {
    /// The address of the AuthorizationEndpoint has the form that the Zorgaanbiederslijst asks: https, a host name in lower case,
    /// perhaps a path; no port, no query, no fragment, no slash at the end.
    ///
    /// ## How it is tested
    /// The address in the candidate file, or in the list that it names, is held against the pattern of the XSD. A test system
    /// listens where it likes: `[trust.connect]` says where an address leads.
    /// ## Not covered
    /// Port 443 that is written out and a host in capitals: an address is read as URLs are, which makes those uniform;
    /// `toetsbank lists check` judges the list itself.
    /// ## Source
    /// XSD of the Zorgaanbiederslijst, release2, type Frontchanneluri.
    pub static RULE = {
        id: "LIST-25",
        summary: "the authorization endpoint has an address that the list may hold",
        dva: check,
    }
}

fn check(context: &Context, _: &Run) -> Judgement {
    let url = &context.candidate.endpoints.authorization;
    let issue = entry::address(&simple::FRONTCHANNELURI, "AuthorizationEndpointuri".to_owned(), url);
    Judgement::Seen { occasions: 1, issues: issue.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues_of;

    fn issues(address: &str) -> Vec<String> {
        issues_of(&RULE, Recording::new(), |candidate| candidate.endpoints.authorization = address.parse().unwrap())
    }

    #[test]
    fn addresses_of_the_pattern_pass() {
        for address in ["https://as.example", "https://as.example/", "https://as.example/a/b", "https://192.0.2.1/a"] {
            assert_eq!(issues(address), Vec::<String>::new(), "{address}");
        }
    }

    #[test]
    fn others_are_found() {
        let text = "error address-form AuthorizationEndpointuri: `https://`, a host name in lower case and perhaps a path; no \
                    port, query, fragment or slash at the end / ";
        for address in
            ["https://as.example:8443/a", "https://as.example/a/", "https://as.example/a?b=c", "https://localhost/a"]
        {
            assert_eq!(issues(address), [format!("{text}`{address}`")]);
        }
    }
}
