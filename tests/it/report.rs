//! Golden reports of one fixed run, and what must hold of every report.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use scraper::Html;
use scraper::Selector;
use toetsbank::diag::Lang;
use toetsbank::event::RunEvent;
use toetsbank::event::Verdict;
use toetsbank::report;
use toetsbank::report::Color;
use toetsbank::report::Console;
use toetsbank::report::Kind;
use toetsbank::report::Options;
use toetsbank::report::RunReport;
use toetsbank::report::Verbosity;

use crate::report_sample::CANARY;
use crate::report_sample::Sample;
use crate::report_sample::large;
use crate::report_sample::sample;

fn folded(sample: &Sample, lang: Lang) -> RunReport {
    RunReport::new(&sample.info(), &sample.outcome, &sample.run, lang)
}

/// Compares a committed file with what is generated; `TOETSBANK_ACCEPT=1` rewrites it.
fn same_as_committed(file: &str, content: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports").join(file);
    if std::env::var_os("TOETSBANK_ACCEPT").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == content, "reports/{file} is stale: run the tests with TOETSBANK_ACCEPT=1");
}

#[test]
fn the_published_schema_is_that_of_the_model() {
    same_as_committed("report.schema.json", &report::schema().unwrap());
}

#[test]
fn the_golden_reports_are_fresh() {
    let sample = sample();
    let report = folded(&sample, Lang::Nl);
    same_as_committed("examples/report.json", &report::json(&report).unwrap());
    same_as_committed("examples/junit.xml", &report::junit(&report));
    same_as_committed("examples/report.html", &report::html(&report, &sample.run).unwrap());
}

#[test]
fn the_report_is_valid_by_its_schema() {
    let schema: serde_json::Value = serde_json::from_str(&report::schema().unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for lang in [Lang::Nl, Lang::En] {
        let text = report::json(&folded(&sample(), lang)).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<_> = validator.iter_errors(&json).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let back: RunReport = serde_json::from_str(&text).unwrap();
        assert_eq!(report::json(&back).unwrap(), text);
    }
}

#[test]
fn scripts_find_the_names_of_the_contract() {
    let json = serde_json::to_value(folded(&sample(), Lang::Nl)).unwrap();
    for name in ["schemaVersion", "tool", "candidate", "release", "verdict", "scenarios", "requirements", "findings"] {
        assert!(json.get(name).is_some(), "{name}");
    }
    let has = |list: &str, names: &[&str]| {
        for name in names {
            assert!(json[list][0].get(name).is_some(), "{list}: {name}");
        }
    };
    has("scenarios", &["id", "suite", "title", "patient", "format", "required", "verdict", "reason", "exchanges"]);
    has("requirements", &["rule", "code", "verdict", "reason", "occasions"]);
    has("findings", &["id", "rule", "code", "party", "severity", "scenario", "exchange", "place", "expected", "seen"]);
    assert!(json["findings"][0].get("explainedBy").is_none(), "a root has no explainedBy");
    assert_eq!(json["findings"][3]["explainedBy"], json["findings"][2]["id"]);
    assert_eq!(json["verdict"], "notConformant");
    assert_eq!(json["findings"][0]["severity"], "error");
}

#[test]
fn verdicts_roll_up_and_not_checked_never_becomes_pass() {
    let report = folded(&sample(), Lang::Nl);
    let role = |code: &str| report.kwalificatie.iter().find(|role| role.systeemrol == code).unwrap().verdict;
    assert_eq!(role("MM-3.0-BZB-FHIR"), Verdict::Fail);
    assert_eq!(role("MM-2.0-BGB-FHIR"), Verdict::NotChecked);
    assert_eq!(role("MM-3.0-PLB-FHIR"), Verdict::NotChecked);
    let area = |name: &str| report.acceptatie.iter().find(|area| area.area == name).unwrap();
    assert_eq!(area("1-token-interface").verdict, Verdict::Fail);
    let open = area("5-tls-network");
    assert!(open.counts.pass > 0 && open.verdict == Verdict::NotChecked, "{open:?}");
    let counts = report.counts;
    assert_eq!(counts.requirements.total + counts.not_applicable, report.requirements.len() as u32);
    assert_eq!((counts.findings.error, counts.findings.warning), (2, 1));
    assert_eq!((counts.findings.consequences, counts.findings.waived), (2, 1));
    let a1 = &report.tables[0].sets[0];
    assert_eq!((a1.total, a1.delivered, a1.missing, a1.not_asked), (5, 3, 1, 1));
}

#[test]
fn junit_counts_what_it_holds() {
    let text = report::junit(&folded(&sample(), Lang::Nl));
    let document = roxmltree::Document::parse(&text).unwrap();
    for suite in document.descendants().filter(|node| node.has_tag_name("testsuite")) {
        let count = |name: &str| suite.descendants().filter(|node| node.has_tag_name(name)).count().to_string();
        for (attribute, element) in
            [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
        {
            assert_eq!(suite.attribute(attribute), Some(count(element).as_str()), "{attribute}");
        }
    }
    insta::assert_snapshot!("report_junit", text);
}

#[test]
fn the_page_is_whole_and_fetches_nothing() {
    let sample = sample();
    for lang in [Lang::Nl, Lang::En] {
        let text = report::html(&folded(&sample, lang), &sample.run).unwrap();
        let page = Html::parse_document(&text);
        let all = |query: &str| Selector::parse(query).unwrap();
        assert_eq!(page.select(&all("script")).count(), 1, "only our own script");
        assert_eq!(page.select(&all("img, iframe, object, embed, link, base, form, video, audio, svg")).count(), 0);
        for node in page.select(&all("*")) {
            for (name, value) in node.value().attrs() {
                assert!(!name.starts_with("on") && name != "src" && name != "srcset", "{name}={value}");
                let is_link = node.value().name() == "a" && name == "href";
                assert!(!is_link || value.starts_with('#') || value.starts_with("https://"), "{value}");
            }
        }
        assert!(!report_style(&text).contains("url(") && !report_style(&text).contains("@import"));
        // Every link inside the page has its place, and no place is named twice.
        let named = all("[id]");
        let mut ids: Vec<_> = page.select(&named).filter_map(|node| node.value().attr("id")).collect();
        let links = all("a[href^='#']");
        let inner = page.select(&links).filter_map(|node| node.value().attr("href"));
        for target in inner {
            assert!(ids.contains(&&target[1..]), "{target}");
        }
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}

fn report_style(text: &str) -> &str {
    let start = text.find("<style>").unwrap();
    &text[start..text.find("</style>").unwrap()]
}

#[test]
fn what_the_candidate_sent_stays_text() {
    let sample = sample();
    let report = folded(&sample, Lang::Nl);
    let html = report::html(&report, &sample.run).unwrap();
    assert!(html.contains("&lt;script&gt;alert("), "the hostile text is shown");
    assert!(!html.contains("<script>alert") && !html.contains("<img"));
    let console = shown(&sample, Options { color: Color::Never, ..Options::default() });
    for text in [&html, &console] {
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
    }
    assert!(!report::junit(&report).contains('\u{1b}'));
}

#[test]
fn no_report_holds_a_secret() {
    let sample = sample();
    let folder = tempfile::tempdir().unwrap();
    for lang in [Lang::Nl, Lang::En] {
        let written = report::write(folder.path(), &Kind::ALL, &folded(&sample, lang), &sample.run).unwrap();
        assert_eq!(written.len(), Kind::ALL.len());
        for path in written {
            let text = fs::read_to_string(&path).unwrap();
            assert!(!text.contains(CANARY), "{}", path.display());
        }
    }
    assert!(!shown(&sample, Options { verbosity: Verbosity::Verbose, ..Options::default() }).contains(CANARY));
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let files = || {
        let (folder, sample) = (tempfile::tempdir().unwrap(), sample());
        let written = report::write(folder.path(), &Kind::ALL, &folded(&sample, Lang::Nl), &sample.run).unwrap();
        written.iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(files(), files());
}

#[test]
fn a_page_with_many_exchanges_stays_small() {
    let sample = large(300);
    let started = std::time::Instant::now();
    let text = report::html(&folded(&sample, Lang::Nl), &sample.run).unwrap();
    println!("report.html: {} kB in {:?}", text.len() / 1000, started.elapsed());
    assert!(text.len() < 3_000_000, "{} bytes", text.len());
}

#[test]
fn the_banner_and_the_figures_of_the_page() {
    let sample = sample();
    let text = report::html(&folded(&sample, Lang::Nl), &sample.run).unwrap();
    let page = Html::parse_document(&text);
    let words = |query: &str| {
        let query = Selector::parse(query).unwrap();
        let text =
            |node: scraper::ElementRef<'_>| node.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
        page.select(&query).map(text).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(
        "report_html",
        [words(".banner"), words(".figure"), words("#acceptatie tbody tr"), words("#eis-TOK-20")].join("\n\n")
    );
}

fn shown(sample: &Sample, options: Options) -> String {
    let mut console = Console::new(Vec::new(), options);
    console.header(&sample.info());
    console.event(&RunEvent::RunStarted { scenarios: sample.outcome.scenarios.len(), suites: Vec::new() });
    for scenario in &sample.outcome.scenarios {
        console.event(&RunEvent::ScenarioStarted { key: &scenario.key, title: &scenario.title });
        console.event(&RunEvent::ScenarioFinished(scenario));
    }
    console.event(&RunEvent::RunFinished(&sample.outcome));
    let folder = PathBuf::from("reports/voorbeeld");
    let written: Vec<_> = [Kind::Json, Kind::Html].iter().map(|kind| folder.join(kind.file())).collect();
    console.summary(&folded(sample, options.lang), &written);
    String::from_utf8(console.finish().unwrap()).unwrap()
}

#[test]
fn the_terminal() {
    let sample = sample();
    let plain = Options { color: Color::Never, ..Options::default() };
    insta::assert_snapshot!("report_console", shown(&sample, plain));
    insta::assert_snapshot!("report_console_quiet", shown(&sample, Options { verbosity: Verbosity::Quiet, ..plain }));
    let narrow = Options { width: 60, lang: Lang::En, verbosity: Verbosity::Verbose, ..plain };
    insta::assert_snapshot!("report_console_narrow_english", shown(&sample, narrow));
}

#[test]
fn a_terminal_gets_a_progress_line_that_is_wiped() {
    let options =
        Options { is_terminal: true, color: Color::Never, redraw: std::time::Duration::ZERO, ..Options::default() };
    let text = shown(&sample(), options);
    assert!(text.contains("\r\u{1b}[2K ━━") && text.contains("28/28"), "{text}");
    let drawn = text.matches('━').count();
    assert!(drawn > 100, "{drawn}");
    assert!(!text.rsplit("\u{1b}[2K").next().unwrap().contains('━'));
}
