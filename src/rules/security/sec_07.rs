//! SEC-07: open redirects at the way back.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;

declare_rule! {
    /// The redirect URI of a DVP sends the browser to no address that its parameters name.
    ///
    /// ## How it is tested
    /// The browser comes back with parameters of usual names (`next`, `url`, `redirect`, `returnUrl`) that hold an address of a stranger. An answer
    /// that sends the browser there is a warning.
    /// ## Not covered
    /// Other names.
    /// ## Source
    /// RFC 6819, section 4.2.4.
    pub static RULE = {
        id: "SEC-07",
        summary: "the redirect URI is no open redirect",
        dvp: check,
    }
}

/// The way back with addresses of a stranger.
pub const PROBES: &[&str] = &["open-redirect"];

fn check(_: &Context, run: &Run) -> Judgement {
    let visits = PROBES.iter().flat_map(|probe| run.probe(probe)).filter(|visit| visit.interface == Interface::Client);
    let visits = visits.filter(|visit| client::arrived(visit));
    let with_target = visits.filter_map(|visit| Some((visit, client::values(&visit.request.query(), "next").pop()?)));
    let none = Text::new(
        "de browser kwam niet terug met adressen van een vreemde",
        "the browser did not come back with addresses of a stranger",
    );
    Judgement::each(with_target, none, |(visit, target)| {
        let host = |text: &str| url::Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned));
        let led = visit.forward.as_deref().filter(|forward| host(forward).is_some() && host(forward) == host(&target));
        let expected = Text::new("geen doorverwijzing naar een vreemde", "no redirect to a stranger");
        led.map(|led| {
            Issue::warning("open-redirect", "Location", expected, Text::same(format!("`{led}`"))).at(visit.number)
        })
        .into_iter()
        .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn a_redirect_to_a_stranger_is_a_warning() {
        let visit = || {
            Recording::new().probe("open-redirect").client("https://pgo.example/cb?code=x&next=https://elders.example/")
        };
        assert_eq!(client_issues(&RULE, visit()), ["not seen"], "nobody answered");
        assert_eq!(client_issues(&RULE, visit().page(200, "klaar")), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, visit().forward("https://pgo.example/dossier")), Vec::<String>::new());
        assert_eq!(client_issues(&RULE, visit().forward("https://elders.example/")), ["open-redirect"]);
    }
}
