//! The certificates that a candidate in production showed, host by host.
//!
//! Judges nothing: the rows that hold in production only share it. Systems in production are not scanned, so what counts is
//! what the exchanges of the run saw. Entry point: [`judge`].

use url::Url;

use crate::candidate::Environment;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::CertificateFacts;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;

/// Which side of the network a host stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The AuthorizationEndpoint, where people come.
    Front,
    /// The TokenEndpoint and the ResourceEndpoints, where servers come.
    Back,
}

/// A host with the certificates that it showed, leaf first.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The host.
    pub host: &'a str,
    /// The certificates; never empty.
    pub chain: &'a [CertificateFacts],
}

impl<'a> Shown<'a> {
    /// The certificate of the host itself.
    pub fn leaf(&self) -> &'a CertificateFacts {
        &self.chain[0]
    }

    /// The place of a finding.
    pub fn place(&self) -> String {
        format!("{} certificate", self.host)
    }
}

/// The judgement over the hosts of a channel, one occasion each; `of_host` gives `None` when a chain does not show it.
pub fn judge(
    context: &Context,
    run: &Run,
    channel: Channel,
    of_host: impl Fn(Shown) -> Option<Vec<Issue>>,
) -> Judgement {
    if context.candidate.environment != Environment::Production {
        return Judgement::NotSeen(Text::new(
            "geldt voor productie (`environment = \"production\"`)",
            "holds for production (`environment = \"production\"`)",
        ));
    }
    let none = Text::new("de certificaten laten het niet zien", "the certificates do not show it");
    let seen = hosts(context, run, channel).into_iter().filter_map(|(exchange, host)| {
        let chain = exchange.tls.as_ref().map(|tls| tls.chain.as_slice()).filter(|chain| !chain.is_empty())?;
        let issues = of_host(Shown { host: &host, chain })?;
        Some(issues.into_iter().map(|issue| issue.at(exchange.number)).collect())
    });
    Judgement::each(seen.collect::<Vec<Vec<Issue>>>(), none, |issues| issues)
}

/// Each host of the channel with the first exchange in which it showed its certificates.
fn hosts<'a>(context: &Context, run: &'a Run, channel: Channel) -> Vec<(&'a Exchange, String)> {
    let endpoints = &context.candidate.endpoints;
    let own: Vec<&Url> = match channel {
        Channel::Front => vec![&endpoints.authorization],
        Channel::Back => std::iter::once(&endpoints.token).chain(endpoints.resource.values()).collect(),
    };
    let mut out: Vec<(&Exchange, String)> = Vec::new();
    for exchange in run.exchanges().filter(|exchange| exchange.tls.is_some()) {
        let is_front = matches!(exchange.interface, Interface::Authorization | Interface::Page);
        let is_back = matches!(exchange.interface, Interface::Token | Interface::Resource);
        let fits = if channel == Channel::Front { is_front } else { is_back };
        let Ok(url) = Url::parse(&exchange.request.url) else { continue };
        let Some(host) = url.host_str().filter(|host| own.iter().any(|known| known.host_str() == Some(*host))) else {
            continue;
        };
        if fits && out.iter().all(|(_, known)| known != host) {
            out.push((exchange, host.to_owned()));
        }
    }
    out
}

#[cfg(test)]
pub mod testing {
    use crate::candidate::Candidate;
    use crate::candidate::Environment;
    use crate::exchange::CertificateFacts;
    use crate::exchange::TlsFacts;
    use crate::rules::Rule;
    use crate::rules::testing::Recording;
    use crate::rules::testing::issues_of;

    /// What a rule says in production when the authorization server shows one chain and the token endpoint another.
    pub fn found(rule: &Rule, front: &[CertificateFacts], back: &[CertificateFacts]) -> Vec<String> {
        let chain = |chain: &[CertificateFacts]| Some(TlsFacts { chain: chain.to_vec(), ..TlsFacts::default() });
        let recording = Recording::new().authorize(&[]).page(200, "").tls(chain(front));
        let recording = recording.token(&[]).json(200, "{}").tls(chain(back));
        issues_of(rule, recording, |candidate: &mut Candidate| candidate.environment = Environment::Production)
    }

    /// A certificate with this issuer.
    pub fn issued_by(issuer: &str) -> CertificateFacts {
        CertificateFacts { issuer: format!("CN={issuer},O=Staat der Nederlanden,C=NL"), ..CertificateFacts::default() }
    }

    /// A certificate with these names and policies.
    pub fn leaf(names: &[&str], policies: &[&str]) -> CertificateFacts {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        CertificateFacts { names: own(names), policies: own(policies), ..CertificateFacts::default() }
    }
}
