//! What `toetsbank probe tls` prints: each fact of a scan with its grades, and what the rules say of it.

use std::fmt::Write;

use serde_json::Value;
use serde_json::json;

use crate::diag::Issue;
use crate::diag::Lang;
use crate::diag::Severity;
use crate::diag::Text;
use crate::event::Verdict;
use crate::exchange::TlsScan;

/// A fact with the grades of the two editions of the NCSC guideline, as words.
#[derive(Clone, Debug)]
pub struct Graded {
    /// What kind of fact: `version`, `suite`, `group`, `dh`, `key`, `signature`.
    pub kind: &'static str,
    /// Where it belongs: a version, or empty.
    pub of: String,
    /// The fact.
    pub name: String,
    /// Grades of edition 2.1 and 2025-05: word in JSON, and for people; `None`: not in the table.
    pub grades: [Option<(&'static str, Text)>; 2],
}

/// A finding with its row.
#[derive(Clone, Debug)]
pub struct Told {
    /// Local id of the row.
    pub rule: &'static str,
    /// The finding, its severity capped by the row.
    pub issue: Issue,
}

/// The whole as JSON.
pub fn to_json(scan: &TlsScan, graded: &[Graded], told: &[Told], lang: Lang) -> Value {
    let grades = |fact: &Graded, i: usize| fact.grades[i].as_ref().map(|(word, _)| *word);
    let findings: Vec<Value> = told
        .iter()
        .map(|told| {
            json!({
                "rule": told.rule,
                "severity": told.issue.severity,
                "code": told.issue.code,
                "place": told.issue.place,
                "expected": told.issue.expected.get(lang),
                "seen": told.issue.seen.get(lang),
            })
        })
        .collect();
    let mut value = serde_json::to_value(scan).unwrap_or_default();
    let facts = graded.iter().map(|fact| {
        json!({
            "kind": fact.kind, "version": fact.of, "name": fact.name,
            "ncsc21": grades(fact, 0), "ncsc2025": grades(fact, 1),
        })
    });
    value["grades"] = facts.collect();
    value["findings"] = Value::Array(findings);
    value["verdict"] = json!(verdict(scan, told).word());
    value
}

/// The verdict on a scan: an error when no TLS was seen.
pub fn verdict(scan: &TlsScan, told: &[Told]) -> Verdict {
    let worst = told.iter().map(|told| told.issue.severity).max();
    match worst {
        Some(Severity::Error) => Verdict::Fail,
        _ if scan.accepted().next().is_none() => Verdict::Error,
        Some(Severity::Warning) => Verdict::Warning,
        _ => Verdict::Pass,
    }
}

/// The whole for people.
pub fn to_text(scan: &TlsScan, graded: &[Graded], told: &[Told], lang: Lang) -> String {
    let say = |nl: &'static str, en: &'static str| Text::new(nl, en).get(lang).to_owned();
    let yes = |value: Option<bool>| match value {
        Some(true) => say("ja", "yes"),
        Some(false) => say("nee", "no"),
        None => say("niet getoetst", "not checked"),
    };
    let mut out = format!("{}\n\n", scan.address);
    let columns = [say("wat", "what"), say("waarde", "value"), "NCSC 2.1".into(), "NCSC 2025-05".into()];
    let _ = writeln!(out, "{:<10} {:<46} {:<16} {}", columns[0], columns[1], columns[2], columns[3]);
    for fact in graded {
        let grade = |i: usize| match &fact.grades[i] {
            Some((_, text)) => text.get(lang).to_owned(),
            None => say("niet in de tabel", "not in the table"),
        };
        let what = match fact.of.is_empty() {
            true => fact.kind,
            false => fact.of.as_str(),
        };
        let _ = writeln!(out, "{what:<10} {:<46} {:<16} {}", fact.name, grade(0), grade(1));
    }
    out.push('\n');
    let options = [
        (say("eigen volgorde van suites", "own order of suites"), yes(scan.own_order)),
        (say("compressie", "compression"), yes(scan.compression)),
        (say("veilige renegotiation", "secure renegotiation"), yes(scan.secure_renegotiation)),
        (say("0-RTT", "0-RTT"), yes(scan.early_data)),
        (say("extended master secret", "extended master secret"), yes(scan.extended_master_secret)),
        (say("OCSP stapling", "OCSP stapling"), yes(scan.stapling)),
        (say("vraagt een clientcertificaat", "asks for a client certificate"), yes(scan.client_certificate)),
    ];
    for (what, value) in options {
        let _ = writeln!(out, "{what:<34} {value}");
    }
    for certificate in &scan.chain {
        let names = certificate.names.join(", ");
        let _ = writeln!(
            out,
            "{:<34} {} ({}; {names})",
            say("certificaat", "certificate"),
            certificate.subject,
            certificate.key
        );
        let more = [
            (say("sleutel mag", "the key may"), certificate.key_usage.clone().unwrap_or_default()),
            (say("is voor", "is for"), certificate.purposes.clone().unwrap_or_default()),
            (say("intrekking te vragen bij", "revocation asked at"), certificate.revocation.clone()),
        ];
        for (what, words) in more.into_iter().filter(|(_, words)| !words.is_empty()) {
            let _ = writeln!(out, "  {what:<32} {}", words.join(", "));
        }
    }
    for undecided in &scan.undecided {
        let _ = writeln!(out, "{:<34} {}: {}", say("niet getoetst", "not checked"), undecided.item, undecided.reason);
    }
    if !told.is_empty() {
        out.push('\n');
    }
    for Told { rule, issue } in told {
        let word = match issue.severity {
            Severity::Error => say("voldoet niet", "fails"),
            Severity::Warning => say("let op", "warning"),
            Severity::Information => say("ter informatie", "for information"),
        };
        let (expected, seen) = (issue.expected.get(lang), issue.seen.get(lang));
        let (want, got) = (say("verwacht", "expected"), say("gezien", "seen"));
        let _ = writeln!(out, "{rule} {word}: {}\n  {want}: {expected}\n  {got}: {seen}", issue.place);
    }
    out
}
