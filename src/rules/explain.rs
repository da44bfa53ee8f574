//! Which finding is the consequence of which, where a judgement cannot avoid seeing the same fault twice.
//!
//! Knows nothing of verdicts: the judge folds a finding under another when [`explains`] says so. Most rules need no line
//! here, because each looks at its own probes; see their "Not covered".

/// What is asked of a finding.
#[derive(Clone, Copy, Debug)]
pub struct Fact<'a> {
    /// Local id of the rule.
    pub rule: &'a str,
    /// Kind of the finding, such as `code-in-fragment`.
    pub kind: &'a str,
    /// Key of the scenario instance it belongs to.
    pub scenario: Option<&'a str>,
    /// Number of the exchange that shows it.
    pub exchange: Option<u32>,
}

/// A root and what it brings about.
#[derive(Debug)]
pub struct Cause {
    /// Local id of the root's rule.
    pub rule: &'static str,
    /// Kinds of the root; empty: any.
    pub kinds: &'static [&'static str],
    /// Beginnings of the local ids of the rules that it explains (`FHIR-`, `RES-07`), or a rule with one kind of its findings
    /// (`FLOW-35 flow-stopped`).
    pub explains: &'static [&'static str],
    /// How far it reaches.
    pub reach: Reach,
}

/// How far a cause reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Later exchanges of its own scenario instance.
    Scenario,
    /// The whole run.
    Run,
}

/// Every cause.
pub static CAUSES: &[Cause] = &[
    // Without a token, nothing that is asked with it can be right.
    Cause { rule: "TOK-09", kinds: &["access-token-missing"], explains: CONTENT, reach: Reach::Run },
    // Nobody gets in where the certificate does not hold.
    Cause { rule: "TLS-18", kinds: &[], explains: CONTENT, reach: Reach::Run },
    // A flow that does not come back, or a token that cannot be read, leaves the rest of its scenario without ground.
    Cause {
        rule: "AUTH-25",
        kinds: &["code-missing", "redirect-elsewhere"],
        explains: &["FLOW-35", "FHIR-"],
        reach: Reach::Scenario,
    },
    Cause { rule: "AUTH-11", kinds: &[], explains: &["FLOW-35 flow-stopped"], reach: Reach::Scenario },
    Cause { rule: "TOK-20", kinds: &["token-not-json"], explains: CONTENT, reach: Reach::Scenario },
    Cause { rule: "TOK-24", kinds: &[], explains: &["FLOW-35 flow-stopped"], reach: Reach::Scenario },
    // Whoever takes an invented code also takes a used one, and one with another redirect URI or client.
    Cause {
        rule: "TOK-22",
        kinds: &["unknown-code-accepted"],
        explains: &["TOK-05", "TOK-15", "TOK-16"],
        reach: Reach::Run,
    },
    // Whoever takes a client that nobody knows also takes one that left the list.
    Cause { rule: "AUTH-04", kinds: &["unknown-client-accepted"], explains: &["LIST-06"], reach: Reach::Run },
    // Who does not look at the scope takes any scope of Delen.
    Cause { rule: "AUTH-06", kinds: &["scope-accepted"], explains: &["AUTH-07"], reach: Reach::Run },
    // Nobody shares where the scope for it is refused.
    Cause {
        rule: "AUTH-07",
        kinds: &["sharing-scope-refused"],
        explains: &["FLOW-35", "FHIR-"],
        reach: Reach::Scenario,
    },
    // Whoever takes an invented refresh token also takes one whose consent is over.
    Cause { rule: "TOK-22", kinds: &["unknown-refresh-token-accepted"], explains: &["FLOW-08"], reach: Reach::Run },
    // Who takes any version takes the other version too.
    Cause { rule: "RES-09", kinds: &["fhir-version-not-refused"], explains: &["FHIR-16"], reach: Reach::Run },
    // What lies past a link that must not be followed was not fetched.
    Cause { rule: "TLS-17", kinds: &["link-to-other-host"], explains: &["FLOW-35"], reach: Reach::Scenario },
    // Whoever does not follow the Whitelist does not follow an empty one either; who cannot fetch another is shut for good.
    Cause { rule: "TLS-14", kinds: &[], explains: &["LIST-40"], reach: Reach::Run },
    Cause {
        rule: "LIST-40",
        kinds: &["no-fetch-after-empty-list"],
        explains: &["LIST-05", "LIST-07", "LIST-08", "TLS-14"],
        reach: Reach::Run,
    },
    // Who asks an unlisted host has begun a handshake with it.
    Cause {
        rule: "TLS-14",
        kinds: &["request-to-unlisted-host"],
        explains: &["TLS-25 handshake-with-unlisted-host"],
        reach: Reach::Run,
    },
    // A DVP that does not look at state lets anybody's answer in, and goes on with the ids of another flow.
    Cause { rule: "TOK-13", kinds: &[], explains: &["SEC-05"], reach: Reach::Run },
    Cause { rule: "TOK-13", kinds: &[], explains: OTHER_FLOW, reach: Reach::Scenario },
    Cause { rule: "SEC-05", kinds: &[], explains: OTHER_FLOW, reach: Reach::Scenario },
    // A DVP that is refused on its way asks for nothing.
    Cause { rule: "FLOW-14", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    Cause { rule: "AUTH-02", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    Cause { rule: "AUTH-03", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    Cause { rule: "AUTH-04", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    Cause { rule: "AUTH-05", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    Cause { rule: "AUTH-06", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    Cause { rule: "AUTH-07", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    Cause { rule: "TOK-02", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    Cause { rule: "TOK-04", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    Cause { rule: "TOK-05", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    Cause { rule: "TOK-08", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    Cause { rule: "TOK-23", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    Cause { rule: "RES-01", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    Cause { rule: "TLS-01", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    Cause { rule: "TLS-13", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    Cause { rule: "TLS-15", kinds: &[], explains: NOT_ASKED, reach: Reach::Scenario },
    // A server that gives data without a token does not look at tokens.
    Cause { rule: "RES-06", kinds: &["data-without-token"], explains: &["RES-07"], reach: Reach::Run },
];

/// Findings that take away the occasions of other rules without explaining their findings: rule, kinds (none: any), and
/// beginnings of the rules.
const HIDES: &[(&str, &[&str], &[&str])] = &[
    // Nobody gets in.
    ("TLS-18", &[], &[""]),
    ("FLOW-14", &["single-scope-refused"], &[""]),
    ("AUTH-25", &["code-missing", "code-in-fragment", "redirect-elsewhere"], &[""]),
    ("TOK-09", &["access-token-missing"], &[""]),
    // A page in place of a redirect has no parameters.
    ("AUTH-18", &["page-instead-of-redirect"], &["AUTH-03", "AUTH-11", "AUTH-21", "AUTH-26"]),
    // What is never swapped does not rotate.
    ("FLOW-08", &["refresh-refused"], &["CON-05"]),
    // A list that is never fetched anew, or not taken in, changes nothing.
    ("LIST-06", &[], &["AUTH-14", "TOK-19", "LIST-09"]),
    ("LIST-08", &[], &["TLS-14", "LIST-09", "LIST-40"]),
    // A self link that is not there names no parameters.
    ("FHIR-04", &[], &["FHIR-12"]),
];

const CONTENT: &[&str] = &["FLOW-35", "FHIR-", "RES-"];

/// What a DVP sends with the ids of another flow than its own.
const OTHER_FLOW: &[&str] = &["TOK-01 other-correlation-id", "RES-02 other-correlation-id"];

/// What a DVP does not come to ask.
const NOT_ASKED: &[&str] = &["FLOW-35 not-asked"];

/// Whether the first finding explains the second.
pub fn explains(root: Fact, other: Fact) -> bool {
    let same = root.rule == other.rule;
    let later = match (root.exchange, other.exchange) {
        (Some(root), Some(other)) => root <= other,
        _ => true,
    };
    let here = root.scenario.is_some() && root.scenario == other.scenario && later;
    !same
        && CAUSES.iter().any(|cause| {
            cause.rule == root.rule
                && (cause.kinds.is_empty() || cause.kinds.contains(&root.kind))
                && cause.explains.iter().any(|beginning| reaches(beginning, other.rule, Some(other.kind)))
                && (cause.reach == Reach::Run || here)
        })
}

/// Whether what a cause explains has this rule, and this kind when one is asked.
fn reaches(explained: &str, rule: &str, kind: Option<&str>) -> bool {
    match explained.split_once(' ') {
        Some((its, one)) => rule == its && kind.is_none_or(|kind| kind == one),
        None => rule.starts_with(explained),
    }
}

/// Whether a finding of this rule and kind may take away the occasions of another rule.
pub fn may_hide(root: &str, kind: &str, rule: &str) -> bool {
    let causes = CAUSES.iter().map(|cause| (cause.rule, cause.kinds, cause.explains));
    let mut all = causes.chain(HIDES.iter().copied());
    let is_kind = |kinds: &[&str]| kinds.is_empty() || kinds.contains(&kind);
    root != rule
        && all.any(|(from, kinds, starts)| {
            from == root && is_kind(kinds) && starts.iter().any(|start| reaches(start, rule, None))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::register;

    fn fact(rule: &'static str, kind: &'static str, scenario: &'static str, exchange: u32) -> Fact<'static> {
        Fact { rule, kind, scenario: Some(scenario), exchange: Some(exchange) }
    }

    #[test]
    fn an_empty_token_explains_the_content_of_the_whole_run() {
        let root = fact("TOK-09", "access-token-missing", "flow-dva/0.1/rich", 5);
        assert!(explains(root, fact("FHIR-07", "cardinality-min", "bgz-3-0/1.1/rich/json", 9)));
        assert!(!explains(root, fact("TOK-10", "expires-in", "flow-dva/0.1/rich", 5)));
        assert!(!explains(fact("FHIR-07", "x", "a", 9), root));
    }

    #[test]
    fn a_scenario_cause_reaches_later_exchanges_of_its_scenario() {
        let root = fact("AUTH-25", "code-missing", "flow-dva/0.1/rich", 5);
        assert!(explains(root, fact("FLOW-35", "status", "flow-dva/0.1/rich", 6)));
        assert!(!explains(root, fact("FLOW-35", "status", "flow-dva/0.1/rich", 4)));
        assert!(!explains(root, fact("FLOW-35", "status", "flow-dva/0.1/sparse", 6)));
        assert!(!explains(fact("AUTH-25", "code-in-fragment", "a", 1), fact("FLOW-35", "status", "a", 2)));
        let root = fact("TOK-24", "token-type", "a", 1);
        assert!(explains(root, fact("FLOW-35", "flow-stopped", "a", 2)));
        assert!(!explains(root, fact("FLOW-35", "expectation", "a", 2)));
        assert!(may_hide("TOK-24", "token-type", "FLOW-35"));
    }

    #[test]
    fn what_a_dvp_does_not_come_to_ask_lies_under_what_stopped_it() {
        let root = fact("TOK-05", "other-client-id", "bgz-3-0/1.1/rich", 5);
        let not_asked = |scenario| Fact { exchange: None, ..fact("FLOW-35", "not-asked", scenario, 0) };
        assert!(explains(root, not_asked("bgz-3-0/1.1/rich")));
        assert!(!explains(root, not_asked("bgz-3-0/1.1/sparse")));
        assert!(!explains(fact("AUTH-01", "tracing-id", "bgz-3-0/1.1/rich", 5), not_asked("bgz-3-0/1.1/rich")));
        assert!(explains(fact("TOK-13", "x", "a", 1), fact("RES-02", "other-correlation-id", "a", 2)));
        assert!(!explains(fact("TOK-13", "x", "a", 1), fact("RES-02", "tracing-id", "a", 2)));
    }

    #[test]
    fn causes_name_rows_of_the_register() {
        for cause in CAUSES {
            assert!(register().row(cause.rule).is_some(), "{}", cause.rule);
            for beginning in cause.explains {
                assert!(register().rows().iter().any(|row| reaches(beginning, &row.id, None)), "{beginning}");
            }
        }
    }
}
