//! TLS-15: one node for the front channel.

use std::collections::BTreeMap;

use url::Url;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;
use crate::text;

declare_rule! {
    /// A DVP has one host for all its traffic on the front channel.
    ///
    /// ## How it is tested
    /// The hosts of `redirect_uri` in the authorization requests with one `client_id`: a second host is a breach.
    /// ## Not covered
    /// That it is the host of the OAuth Client List (AUTH-05). The certificate of that host.
    /// ## Source
    /// Afsprakenstelsel, Netwerk (nodes of a DVP Server).
    pub static RULE = {
        id: "TLS-15",
        summary: "one host for the front channel",
        dvp: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    let requests = client::requests(run, Interface::Authorization);
    let named = requests.flat_map(|exchange| {
        let parameters = client::parameters(exchange);
        let id = client::values(&parameters, "client_id").join(" ");
        let uris = client::values(&parameters, "redirect_uri").into_iter();
        let hosts = uris.filter_map(|uri| Url::parse(&uri).ok()?.host_str().map(str::to_owned));
        hosts.map(|host| (exchange.number, id.clone(), host)).collect::<Vec<_>>()
    });
    let none =
        Text::new("geen autorisatieverzoek met een redirect_uri", "no authorization request with a redirect_uri");
    Judgement::each(named, none, |(number, id, host)| {
        let known = first.entry(id).or_insert_with(|| host.clone());
        let expected = text!("`{known}`, als eerder", "`{known}`, as before");
        let seen = Text::same(format!("`{host}`"));
        let issue = || Issue::error("second-front-host", "redirect_uri", expected, seen).at(number);
        (*known != host).then(issue).into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn a_second_host_is_found() {
        let flows = |uri: &str| Recording::new().authorize(&[]).authorize(&[("redirect_uri", uri)]);
        assert_eq!(client_issues(&RULE, flows("https://PGO.example:443/elders")), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, flows("https://app.pgo.example/cb")), ["second-front-host"]);
        let two = [("redirect_uri", "https://ander.example/cb"), ("client_id", "ander.example")];
        assert_eq!(client_issues(&RULE, Recording::new().authorize(&[]).authorize(&two)), Vec::<String>::new());
    }
}
