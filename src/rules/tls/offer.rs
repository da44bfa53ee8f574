//! What the rules over the connections of a DVP share: those on the back channel, where it is the client.
//!
//! Judges nothing. Entry points: [`judge`], [`facts`].

use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::CertificateFacts;
use crate::exchange::Connection;
use crate::exchange::Hello;
use crate::exchange::Run;
use crate::rules::Judgement;
use crate::rules::tls::ncsc;
use crate::rules::tls::ncsc::Grade;

/// The judgement over the connections of a DVP on the back channel: one occasion each. What it offers and shows in the same
/// way again is judged once.
pub(super) fn judge(run: &Run, of_connection: fn(&Connection) -> Vec<Issue>) -> Judgement {
    let mut seen: Vec<(&Hello, Option<&CertificateFacts>)> = Vec::new();
    let is_met = |connection: &&Connection| {
        connection.is_back && !connection.host.is_empty() && !connection.hello.versions.is_empty()
    };
    let none = Text::new(
        "de DVP begon geen TLS-verbinding met een back channel van ons",
        "the DVP began no TLS connection with a back channel of ours",
    );
    Judgement::each(run.connections.iter().filter(is_met), none, |connection| {
        let shown = (&connection.hello, connection.chain.first());
        if seen.contains(&shown) {
            return Vec::new();
        }
        seen.push(shown);
        of_connection(connection)
    })
}

/// The place of a finding: the host and what of the connection.
pub(super) fn place(connection: &Connection, what: &str) -> String {
    format!("{} {what}", connection.host)
}

/// The suites of an offer that its versions can use and that have a name.
pub(super) fn suites(hello: &Hello) -> impl Iterator<Item = &str> {
    let is_old = hello.versions.iter().any(|version| version != "TLSv1.3");
    let named = hello.suites.iter().map(String::as_str).filter(|name| name.starts_with("TLS_"));
    named.filter(move |name| is_old || !name.contains("_WITH_"))
}

/// The groups of an offer that have a name: a number may be that of a newer one.
pub(super) fn groups(hello: &Hello) -> impl Iterator<Item = &str> {
    hello.groups.iter().map(String::as_str).filter(|name| !name.starts_with("group "))
}

/// Everything that the guideline grades, with its grade.
pub(super) fn facts(connection: &Connection) -> Vec<(&str, Grade)> {
    let hello = &connection.hello;
    let mut all: Vec<(&str, Grade)> = hello.versions.iter().map(|name| (name.as_str(), ncsc::version(name))).collect();
    all.extend(suites(hello).map(|name| (name, ncsc::suite(name))));
    all.extend(groups(hello).map(|name| (name, ncsc::group(name))));
    if let Some(leaf) = connection.chain.first() {
        all.push((&leaf.key, ncsc::key(&leaf.key)));
        all.push((&leaf.signature, ncsc::signature(&leaf.signature)));
    }
    all
}
