//! TLS-04: no False Start.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::lists::fetched;

declare_rule! {
    /// Who connects sends no data before the TLS handshake is over (False Start, RFC 7918).
    ///
    /// ## How it is tested
    /// The first time that a DVA fetches a list from our stelselnode and offers TLS 1.2, that version is chosen, and the end of
    /// the handshake is kept back for a moment. Application data before it is a breach.
    /// Of a DVP: the same, in the first connection with a back channel of ours.
    /// ## Not covered
    /// A candidate that begins no connection with us: a server sees nothing of False Start. A client that speaks TLS 1.3 alone,
    /// in which there is no False Start. Connections with others.
    /// ## Source
    /// Afsprakenstelsel, core.tls.303; RFC 7918, section 3.
    pub static RULE = {
        id: "TLS-04",
        summary: "no data before the TLS handshake is over",
        dva: of_server,
        dvp: of_client,
    }
}

fn of_client(_: &Context, run: &Run) -> Judgement {
    let none = match run.connections.iter().any(|connection| connection.is_back) {
        false => Text::new(
            "de DVP begon geen TLS-verbinding met een back channel van ons",
            "the DVP began no TLS connection with a back channel of ours",
        ),
        true => Text::new(
            "de DVP sprak met ons geen TLS 1.2: False Start is er alleen daarin",
            "the DVP spoke no TLS 1.2 with us: only that has False Start",
        ),
    };
    judge(run, none)
}

fn of_server(context: &Context, run: &Run) -> Judgement {
    let none = match fetched::any(run).next() {
        None => Text::new("er werd geen lijst bij ons opgehaald", "no list was fetched from us"),
        Some(_) => Text::new(
            "wie de lijsten bij ons ophaalde sprak geen TLS 1.2: False Start is er alleen daarin",
            "who fetched the lists from us spoke no TLS 1.2: only that has False Start",
        ),
    };
    judge(run, fetched::not_seen(context, run, none))
}

/// The judgement over the connections that were looked at.
fn judge(run: &Run, none: Text) -> Judgement {
    let looked_at = run.connections.iter().filter_map(|connection| connection.hasty);
    Judgement::each(looked_at, none, |hasty| {
        if !hasty {
            return Vec::new();
        }
        let expected =
            Text::new("geen gegevens voor het einde van de handshake", "no data before the end of the handshake");
        let seen = Text::new(
            "application data terwijl Finished van onze kant nog niet was verstuurd",
            "application data while Finished of our side was not sent yet",
        );
        vec![Issue::error("false-start", "TLS", expected, seen)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Connection;
    use crate::lists::schema::Kind;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;
    use crate::rules::testing::expect;

    fn fetched(hasty: Option<bool>) -> Recording {
        let recording = Recording::new().watched(0, 40, &[]).fetch(Kind::Whitelist, "dva.example", "x");
        recording.connection(Connection { hasty, ..Connection::default() })
    }

    #[test]
    fn who_waits_passes_and_who_does_not_is_found() {
        expect(&RULE, fetched(Some(false)), &[]);
        expect(&RULE, fetched(Some(true)), &["false-start"]);
    }

    #[test]
    fn a_dvp_is_looked_at_in_its_first_connection() {
        let met = |hasty| {
            let connection = Connection { hasty, is_back: true, ..Connection::default() };
            client_issues(&RULE, Recording::new().connection(connection))
        };
        assert_eq!(met(Some(false)), Vec::<String>::new());
        assert_eq!(met(Some(true)), ["false-start"]);
        assert_eq!(met(None), ["not seen"]);
        assert_eq!(client_issues(&RULE, Recording::new()), ["not seen"]);
    }

    #[test]
    fn without_tls_1_2_or_fetches_there_is_no_occasion() {
        expect(&RULE, fetched(None), &["not seen"]);
        expect(&RULE, Recording::new(), &["not seen"]);
        expect(&RULE, Recording::new().watched(0, 40, &[]), &["not seen"]);
    }
}
