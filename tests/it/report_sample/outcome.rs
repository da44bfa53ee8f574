//! What the sample run came to: findings, requirements, what was not checked, and a table.

use toetsbank::diag::Severity;
use toetsbank::diag::Text;
use toetsbank::event::Finding;
use toetsbank::event::NotChecked;
use toetsbank::event::Party;
use toetsbank::event::RequirementOutcome;
use toetsbank::event::TableOutcome;
use toetsbank::event::Verdict;
use toetsbank::requirement::Release;
use toetsbank::requirement::Role;
use toetsbank::requirement::register;

use crate::report_sample::HOSTILE;

fn finding(id: &str, rule: &str, severity: Severity, scenario: &str, exchange: u32, place: &str) -> Finding {
    Finding {
        id: id.into(),
        rule: rule.into(),
        party: Party::Dva,
        severity,
        kind: id.split('/').nth(1).unwrap_or("kind").into(),
        scenario: Some(scenario.into()),
        exchange: Some(exchange),
        place: place.into(),
        position: None,
        expected: Text::default(),
        seen: Text::default(),
        profile: None,
        explained_by: None,
        waived: None,
    }
}

pub fn findings() -> Vec<Finding> {
    let mut cache = finding(
        "TOK-20/token-cache-control/1a2b3c4d",
        "TOK-20",
        Severity::Error,
        "authorize/0.1/De Rijk",
        2,
        "Cache-Control",
    );
    cache.expected = Text::new("`Cache-Control` bevat `no-store`", "`Cache-Control` holds `no-store`");
    cache.seen = Text::new(format!("`private` {HOSTILE}"), format!("`private` {HOSTILE}"));
    let mut code = finding(
        "FHIR-07/binding-required/2b3c4d5e",
        "FHIR-07",
        Severity::Error,
        "bgz-3-0/1.3/De Rijk/json",
        12,
        "Bundle.entry[0].resource.clinicalStatus",
    );
    code.party = Party::Bronsysteem;
    code.position = Some((9, 9));
    code.profile = Some("http://fhir.nl/fhir/StructureDefinition/nl-core-problem".into());
    code.expected = Text::new(
        "een code uit `http://hl7.org/fhir/ValueSet/condition-clinical` (verplichte binding)",
        "a code of `http://hl7.org/fhir/ValueSet/condition-clinical` (required binding)",
    );
    code.seen = Text::same("`aktief`");
    let root = code.id.clone();
    let mut xml = finding(
        "FHIR-07/binding-required/3c4d5e6f",
        "FHIR-07",
        Severity::Error,
        "bgz-3-0/1.3/De Rijk/xml",
        13,
        "Bundle.entry[0].resource.clinicalStatus",
    );
    (xml.party, xml.expected, xml.seen) = (code.party, code.expected.clone(), code.seen.clone());
    xml.explained_by = Some(root.clone());
    let mut count = finding(
        "FLOW-35/entries-at-least/4d5e6f70",
        "FLOW-35",
        Severity::Error,
        "bgz-3-0/1.3/De Rijk/json",
        12,
        "Bundle.entry",
    );
    count.expected = Text::new("ten minste 6 resources Condition", "at least 6 resources Condition");
    count.seen = Text::same("1");
    count.explained_by = Some(root);
    let mut display = finding(
        "FHIR-10/reference-display/5e6f7081",
        "FHIR-10",
        Severity::Warning,
        "bgz-3-0/1.4/De Rijk/json",
        16,
        "Bundle.entry[0].resource.subject",
    );
    display.party = Party::Bronsysteem;
    display.expected = Text::new("elke Reference heeft een `display`", "every Reference has a `display`");
    display.seen = Text::new("geen `display`", "no `display`");
    let mut waived =
        finding("FHIR-04/self-link/60718293", "FHIR-04", Severity::Error, "bgz-3-0/1.1/De Rijk/json", 4, "Bundle.link");
    waived.expected = Text::new("de Bundle heeft een link `self`", "the Bundle has a link `self`");
    waived.seen = Text::new("geen link `self`", "no link `self`");
    waived.waived = Some("wordt opgelost in 4.3".into());
    vec![cache, waived, code, count, xml, display]
}

pub fn requirements() -> Vec<RequirementOutcome> {
    let planned = Text::new("nog geen regel in toetsbank", "no rule in toetsbank yet");
    let row = |rule: &str, verdict, reason: Option<Text>, occasions| RequirementOutcome {
        rule: rule.to_owned(),
        verdict,
        reason,
        occasions,
    };
    register()
        .rows()
        .iter()
        .map(|official| {
            let id = official.id.as_str();
            if !official.binds(Role::Dva) {
                return row(id, Verdict::NotChecked, Some(Text::new("andere rol", "other role")), 0);
            }
            if !official.applies(Release::V2_2) {
                return row(id, Verdict::NotChecked, Some(Text::new("vervallen", "lapsed")), 0);
            }
            match id {
                "TOK-20" | "FHIR-04" | "FHIR-07" | "FLOW-35" => row(id, Verdict::Fail, None, 24),
                "FHIR-10" | "FHIR-26" => row(id, Verdict::Warning, None, 24),
                "AUTH-11" | "AUTH-25" | "TOK-21" | "TOK-14" | "FHIR-08" | "FHIR-09" | "RES-04" | "RES-01"
                | "TLS-01" | "SEC-02" => row(id, Verdict::Pass, None, 12),
                "TOK-24" => row(id, Verdict::Observed, None, 1),
                _ => match official.verdict.word() {
                    "manual" => {
                        row(id, Verdict::NotChecked, Some(Text::new("heeft een persoon nodig", "needs a person")), 0)
                    }
                    "none" => row(
                        id,
                        Verdict::NotChecked,
                        Some(Text::new("op de lijn niet te zien", "not visible on the wire")),
                        0,
                    ),
                    _ => row(id, Verdict::NotChecked, Some(planned.clone()), 0),
                },
            }
        })
        .collect()
}

pub fn not_checked() -> Vec<NotChecked> {
    let place = |kind: &str, nl: &str, en: &str, exchange: u32, place: String| NotChecked {
        kind: kind.into(),
        reason: Text::new(nl, en),
        scenario: None,
        exchange: Some(exchange),
        place,
    };
    let codes = (0..20).map(|index| {
        place(
            "terminology",
            "codes van `http://snomed.info/sct` zijn niet bij de hand",
            "codes of `http://snomed.info/sct` are not at hand",
            12,
            format!("Bundle.entry[{index}].resource.code.coding[0]"),
        )
    });
    let reference = place(
        "reference",
        "de verwijzing wijst buiten de Bundle",
        "the reference points outside the Bundle",
        16,
        "Bundle.entry[0].resource.context".into(),
    );
    codes.chain([reference]).collect()
}

pub fn table() -> TableOutcome {
    let row = |nl: &str, en: &str, sets: &[&str], delivered| {
        (Text::new(nl, en), sets.iter().map(|&set| set.to_owned()).collect(), delivered)
    };
    TableOutcome {
        suite: "ggz-2-0".into(),
        title: Text::new("VIPP GGZ: bouwstenen van module A1 en A2", "VIPP GGZ: building blocks of modules A1 and A2"),
        sets: vec![
            ("A1".into(), Text::new("module A1", "module A1")),
            ("A2".into(), Text::new("module A2", "module A2")),
        ],
        rows: vec![
            row("Patiënt", "Patient", &["A1", "A2"], Some(1)),
            row("Probleem", "Problem", &["A1", "A2"], Some(2)),
            row("Laboratoriumuitslag", "Laboratory result", &["A1", "A2"], Some(6)),
            row("Behandelaanwijzing", "Treatment directive", &["A1", "A2"], Some(0)),
            row("Medicatieafspraak", "Medication agreement", &["A1", "A2"], None),
            row("Burgerlijke staat", "Marital status", &["A2"], Some(1)),
            row("Taalvaardigheid", "Language proficiency", &["A2"], Some(0)),
        ],
    }
}
