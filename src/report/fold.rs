//! From a judged run to a [`RunReport`]: roll-up by suite, systeemrol and area, and texts in one language.
//!
//! Judges nothing: verdicts of scenarios and requirements are taken as they come.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::candidate::Candidate;
use crate::diag::Lang;
use crate::diag::Severity;
use crate::diag::Text;
use crate::event::Finding;
use crate::event::NotChecked;
use crate::event::RequirementOutcome;
use crate::event::RunOutcome;
use crate::event::ScenarioOutcome;
use crate::event::TableOutcome;
use crate::event::Verdict;
use crate::exchange::Exchange;
use crate::exchange::Run;
use crate::report::model::*;
use crate::report::words;
use crate::requirement::Cap;
use crate::requirement::Register;
use crate::requirement::Release;
use crate::requirement::Requirement;
use crate::requirement::Role;
use crate::requirement::register;

/// What a report says of a run beside its outcome.
#[derive(Clone, Debug)]
pub struct RunInfo<'a> {
    /// Name of the run.
    pub run_id: String,
    /// When it began.
    pub started: Timestamp,
    /// When it was judged.
    pub finished: Timestamp,
    /// Version of the program.
    pub tool_version: String,
    /// Who was tested.
    pub candidate: &'a Candidate,
    /// Of recorded traffic: where it comes from. Then both sides were judged.
    pub traffic: Option<TrafficReport>,
    /// Whether it is the reference that the program carries.
    pub is_reference: bool,
    /// Defects planted in the reference.
    pub defects: Vec<String>,
    /// Release judged by.
    pub release: Release,
    /// Suites in the order of the plan, those run along included.
    pub suites: Vec<SuiteInfo>,
    /// The selection in words, such as `bgz --select TOK`; empty when everything that is claimed was run.
    pub selection: String,
    /// Definitions that resources are validated by: `package@version`.
    pub definitions: Vec<String>,
    /// Explanation of each rule, by its local id.
    pub explanations: BTreeMap<String, String>,
}

/// What a report says of a suite.
#[derive(Clone, Debug)]
pub struct SuiteInfo {
    /// Its id, such as `bgz-3-0`.
    pub id: String,
    /// Title.
    pub title: Text,
    /// GegevensdienstId; `None` for rules of the flow.
    pub gegevensdienst: Option<String>,
    /// Systeemrolcodes of the tested role.
    pub systeemrollen: Vec<String>,
    /// Where its content comes from.
    pub sources: Vec<String>,
}

impl RunReport {
    /// The report of a judged run, with its texts in one language.
    pub fn new(info: &RunInfo<'_>, outcome: &RunOutcome, run: &Run, lang: Lang) -> Self {
        let register = register();
        let requirements = requirements(info, outcome, register, lang);
        let scenarios: Vec<_> = outcome.scenarios.iter().map(|scenario| scenario_report(scenario, lang)).collect();
        let findings: Vec<_> = outcome.findings.iter().map(|finding| finding_report(finding, register, lang)).collect();
        let not_checked = not_checked(&outcome.not_checked, lang);
        let exchanges: Vec<_> = run.exchanges().map(exchange_report).collect();
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            tool: Tool { name: "toetsbank".to_owned(), version: info.tool_version.clone() },
            run_id: info.run_id.clone(),
            lang: words::tag(lang).to_owned(),
            started: info.started.to_string(),
            finished: info.finished.to_string(),
            candidate: candidate_report(info),
            traffic: info.traffic.clone(),
            release: info.release.label().to_owned(),
            selection: Selection {
                text: info.selection.clone(),
                login: info.candidate.login.mode,
                active_probes: info.candidate.allows_probes(),
            },
            definitions: info.definitions.clone(),
            verdict: outcome.verdict,
            stopped: run.stopped.as_ref().map(|stop| {
                match lang {
                    Lang::Nl => &stop.nl,
                    Lang::En => &stop.en,
                }
                .clone()
            }),
            counts: counts(&scenarios, &requirements, &findings, &not_checked, exchanges.len()),
            suites: info.suites.iter().map(|suite| suite_report(suite, &scenarios, lang)).collect(),
            kwalificatie: kwalificatie(info, &scenarios, lang),
            acceptatie: acceptatie(&requirements, lang),
            manual_checks: requirements.iter().filter_map(manual_check).collect(),
            waivers: waivers(info.candidate, &findings),
            stale_waivers: outcome
                .stale_waivers
                .iter()
                .map(|(rule, reason)| StaleWaiver { rule: rule.clone(), reason: reason.get(lang).to_owned() })
                .collect(),
            tables: outcome.tables.iter().map(|table| table_report(table, lang)).collect(),
            scenarios,
            requirements,
            findings,
            not_checked,
            exchanges,
        }
    }

    /// The row of a rule.
    pub fn requirement(&self, rule: &str) -> Option<&RequirementReport> {
        self.requirements.iter().find(|row| row.rule == rule)
    }

    /// Findings that stand by themselves.
    pub fn roots(&self) -> impl Iterator<Item = &FindingReport> {
        self.findings.iter().filter(|finding| finding.explained_by.is_none())
    }

    /// Findings that a root explains.
    pub fn consequences<'a>(&'a self, root: &'a str) -> impl Iterator<Item = &'a FindingReport> + 'a {
        self.findings.iter().filter(move |finding| finding.explained_by.as_deref() == Some(root))
    }
}

/// The worst verdict, by the order of the contract. What is not checked counts only where it is required.
fn worst(verdicts: impl IntoIterator<Item = (Verdict, bool)>) -> Verdict {
    let counted = verdicts.into_iter().filter(|(verdict, required)| *required || *verdict != Verdict::NotChecked);
    counted.map(|(verdict, _)| verdict).min().unwrap_or(Verdict::NotChecked)
}

fn candidate_report(info: &RunInfo<'_>) -> CandidateReport {
    let candidate = info.candidate;
    let mut endpoints = BTreeMap::new();
    endpoints.insert("authorization".to_owned(), candidate.endpoints.authorization.to_string());
    endpoints.insert("token".to_owned(), candidate.endpoints.token.to_string());
    endpoints.extend(candidate.endpoints.resource.iter().map(|(code, url)| (code.clone(), url.to_string())));
    CandidateReport {
        role: candidate.role,
        vendor: candidate.vendor.clone(),
        product: candidate.product.clone(),
        version: candidate.version.clone(),
        environment: candidate.environment,
        provider: candidate.provider.clone(),
        systeemrollen: candidate.systeemrollen.clone(),
        endpoints,
        reference: info.is_reference,
        defects: info.defects.clone(),
    }
}

fn requirements(info: &RunInfo<'_>, outcome: &RunOutcome, register: &Register, lang: Lang) -> Vec<RequirementReport> {
    let rows = outcome.requirements.iter().filter_map(|row| Some((row, register.row(&row.rule)?)));
    rows.map(|(row, official)| requirement_report(info, row, official, lang)).collect()
}

fn requirement_report(
    info: &RunInfo<'_>,
    row: &RequirementOutcome,
    official: &Requirement,
    lang: Lang,
) -> RequirementReport {
    let both: &[Role] = &[Role::Dvp, Role::Dva];
    let roles = if info.traffic.is_some() { both } else { &[info.candidate.role] };
    let binds = roles.iter().any(|role| official.binds(*role)) && official.applies(info.release);
    let applies = match official.verdict {
        _ if !binds => Applies::No,
        Cap::Fail | Cap::Warn | Cap::Observe => Applies::Wire,
        Cap::Manual => Applies::Person,
        Cap::None => Applies::Paper,
    };
    RequirementReport {
        rule: official.id.clone(),
        code: official.code.clone(),
        area: official.area.clone(),
        level: official.level.clone(),
        applies,
        verdict: row.verdict,
        reason: row.reason.as_ref().map(|reason| reason.get(lang).to_owned()),
        occasions: row.occasions,
        summary: official.summary.clone(),
        how_to_test: official.how_to_test.clone(),
        explanation: info.explanations.get(&official.id).cloned(),
        judged_by: official.judged_by.clone(),
        sources: official.source.split_whitespace().map(str::to_owned).collect(),
    }
}

fn scenario_report(scenario: &ScenarioOutcome, lang: Lang) -> ScenarioReport {
    ScenarioReport {
        id: scenario.id.clone(),
        key: scenario.key.clone(),
        suite: scenario.suite.clone(),
        title: scenario.title.get(lang).to_owned(),
        patient: scenario.patient.clone(),
        format: scenario.format.map(|format| format.word().to_owned()),
        required: scenario.required,
        verdict: scenario.verdict,
        reason: scenario.reason.as_ref().map(|reason| reason.get(lang).to_owned()),
        exchanges: scenario.exchanges.clone(),
        steps: scenario
            .steps
            .iter()
            .map(|step| StepReport {
                id: step.id.clone(),
                operation: step.operation.clone(),
                verdict: step.verdict,
                exchanges: step.exchanges.clone(),
            })
            .collect(),
    }
}

fn finding_report(finding: &Finding, register: &Register, lang: Lang) -> FindingReport {
    FindingReport {
        id: finding.id.clone(),
        rule: finding.rule.clone(),
        code: register.row(&finding.rule).map_or_else(|| "-".to_owned(), |row| row.code.clone()),
        party: finding.party,
        severity: finding.severity,
        kind: finding.kind.clone(),
        scenario: finding.scenario.clone(),
        exchange: finding.exchange,
        place: finding.place.clone(),
        line: finding.position.map(|(line, _)| line),
        column: finding.position.map(|(_, column)| column),
        expected: finding.expected.get(lang).to_owned(),
        seen: finding.seen.get(lang).to_owned(),
        profile: finding.profile.clone(),
        explained_by: finding.explained_by.clone(),
        waived: finding.waived.clone(),
    }
}

fn exchange_report(exchange: &Exchange) -> ExchangeReport {
    ExchangeReport {
        number: exchange.number,
        scenario: exchange.scenario.clone(),
        step: exchange.step.clone(),
        interface: exchange.interface,
        actor: exchange.actor,
        probe: exchange.probe.clone(),
        method: exchange.request.method.clone(),
        url: exchange.request.url.clone(),
        status: exchange.status(),
        failure: exchange.failure.as_ref().map(|failure| failure.kind),
        started: exchange.started.to_string(),
        total_ms: exchange.total_ms,
    }
}

fn suite_report(suite: &SuiteInfo, scenarios: &[ScenarioReport], lang: Lang) -> SuiteReport {
    let own = || scenarios.iter().filter(|scenario| scenario.suite == suite.id);
    SuiteReport {
        id: suite.id.clone(),
        title: suite.title.get(lang).to_owned(),
        gegevensdienst: suite.gegevensdienst.clone(),
        systeemrollen: suite.systeemrollen.clone(),
        sources: suite.sources.clone(),
        verdict: worst(own().map(|scenario| (scenario.verdict, scenario.required))),
        counts: VerdictCounts::of(own().map(|scenario| scenario.verdict)),
    }
}

/// Claimed systeemrollen first, in the candidate's order; then those that a suite tests although nobody claims them.
fn kwalificatie(info: &RunInfo<'_>, scenarios: &[ScenarioReport], lang: Lang) -> Vec<SysteemrolReport> {
    let mut codes: Vec<&String> = Vec::new();
    let tested = info.suites.iter().filter(|suite| suite.gegevensdienst.is_some()).flat_map(|s| &s.systeemrollen);
    for code in info.candidate.systeemrollen.iter().chain(tested) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    let report = |code: &String| {
        let suites: Vec<_> =
            info.suites.iter().filter(|s| s.systeemrollen.contains(code)).map(|s| s.id.clone()).collect();
        let own = || scenarios.iter().filter(|scenario| suites.contains(&scenario.suite));
        let reason = if suites.is_empty() {
            Some(words::NO_SUITE_RUN.get(lang))
        } else if own().next().is_none() {
            Some(words::NO_SCENARIO_RUN.get(lang))
        } else {
            None
        };
        SysteemrolReport {
            systeemrol: code.clone(),
            claimed: info.candidate.systeemrollen.contains(code),
            verdict: worst(own().map(|scenario| (scenario.verdict, scenario.required))),
            counts: VerdictCounts::of(own().map(|scenario| scenario.verdict)),
            reason: reason.map(str::to_owned),
            suites,
        }
    };
    codes.into_iter().map(report).collect()
}

fn acceptatie(requirements: &[RequirementReport], lang: Lang) -> Vec<AreaReport> {
    let mut areas: Vec<&str> = Vec::new();
    for row in requirements {
        if !areas.contains(&row.area.as_str()) {
            areas.push(&row.area);
        }
    }
    areas.sort_unstable();
    let report = |area: &str| {
        let binding = || requirements.iter().filter(|row| row.area == area && row.applies != Applies::No);
        let open = |applies| {
            binding().filter(|row| row.applies == applies && row.verdict == Verdict::NotChecked).count() as u32
        };
        AreaReport {
            area: area.to_owned(),
            title: words::area(area).get(lang).to_owned(),
            verdict: worst(binding().map(|row| (row.verdict, row.applies != Applies::Paper))),
            counts: VerdictCounts::of(binding().map(|row| row.verdict)),
            manual: open(Applies::Person),
            paper: open(Applies::Paper),
        }
    };
    areas.into_iter().map(report).filter(|area| area.counts.total > 0).collect()
}

fn counts(
    scenarios: &[ScenarioReport],
    requirements: &[RequirementReport],
    findings: &[FindingReport],
    not_checked: &[NotCheckedGroup],
    exchanges: usize,
) -> Counts {
    let binding = || requirements.iter().filter(|row| row.applies != Applies::No);
    let open =
        |applies| binding().filter(|row| row.applies == applies && row.verdict == Verdict::NotChecked).count() as u32;
    let mut tally = FindingCounts::default();
    for finding in findings {
        *match finding.severity {
            _ if finding.waived.is_some() => &mut tally.waived,
            _ if finding.explained_by.is_some() => &mut tally.consequences,
            Severity::Error => &mut tally.error,
            Severity::Warning => &mut tally.warning,
            Severity::Information => &mut tally.information,
        } += 1;
    }
    Counts {
        scenarios: VerdictCounts::of(scenarios.iter().map(|scenario| scenario.verdict)),
        requirements: VerdictCounts::of(binding().map(|row| row.verdict)),
        manual: open(Applies::Person),
        paper: open(Applies::Paper),
        not_applicable: (requirements.len() - binding().count()) as u32,
        findings: tally,
        not_checked_places: not_checked.iter().map(|group| group.count).sum(),
        exchanges: exchanges as u32,
    }
}

fn manual_check(row: &RequirementReport) -> Option<ManualCheck> {
    (row.applies == Applies::Person && row.verdict == Verdict::NotChecked).then(|| ManualCheck {
        rule: row.rule.clone(),
        code: row.code.clone(),
        area: row.area.clone(),
        summary: row.summary.clone(),
        instructions: row.how_to_test.clone(),
    })
}

fn waivers(candidate: &Candidate, findings: &[FindingReport]) -> Vec<WaiverReport> {
    let let_through = |waiver: &crate::candidate::Waiver| {
        let same = |finding: &&FindingReport| {
            finding.rule.eq_ignore_ascii_case(&waiver.rule) && finding.waived.as_ref() == Some(&waiver.reason)
        };
        findings.iter().filter(same).map(|finding| finding.id.clone()).collect()
    };
    candidate
        .waivers
        .iter()
        .map(|waiver| WaiverReport {
            rule: waiver.rule.clone(),
            r#where: waiver.r#where.clone(),
            reason: waiver.reason.clone(),
            owner: waiver.owner.clone(),
            expires: waiver.expires.to_string(),
            findings: let_through(waiver),
        })
        .collect()
}

/// Places named for one reason; the count goes on. A large code system is met at thousands of places.
const PLACES: usize = 500;

/// By kind and reason, both in the order in which they first come.
fn not_checked(places: &[NotChecked], lang: Lang) -> Vec<NotCheckedGroup> {
    let mut groups: Vec<NotCheckedGroup> = Vec::new();
    for place in places {
        let reason = place.reason.get(lang);
        let group = found_or_added(
            &mut groups,
            |group| group.kind == place.kind,
            || NotCheckedGroup { kind: place.kind.clone(), count: 0, reasons: Vec::new() },
        );
        let Some(group) = group else { continue };
        group.count += 1;
        let reason = found_or_added(
            &mut group.reasons,
            |known| known.reason == reason,
            || NotCheckedReason { reason: reason.to_owned(), count: 0, places: Vec::new() },
        );
        let Some(reason) = reason else { continue };
        reason.count += 1;
        if reason.places.len() < PLACES {
            reason.places.push(NotCheckedPlace { exchange: place.exchange, place: place.place.clone() });
        }
    }
    groups
}

fn found_or_added<T>(list: &mut Vec<T>, is_it: impl Fn(&T) -> bool, add: impl FnOnce() -> T) -> Option<&mut T> {
    let index = list.iter().position(is_it).unwrap_or_else(|| {
        list.push(add());
        list.len() - 1
    });
    list.get_mut(index)
}

fn table_report(table: &TableOutcome, lang: Lang) -> TableReport {
    let rows: Vec<_> = table
        .rows
        .iter()
        .map(|(title, sets, delivered)| TableRowReport {
            title: title.get(lang).to_owned(),
            sets: sets.clone(),
            status: match delivered {
                None => Delivery::NotAsked,
                Some(0) => Delivery::Missing,
                Some(_) => Delivery::Delivered,
            },
            resources: delivered.unwrap_or(0),
        })
        .collect();
    let set_report = |(id, title): &(String, Text)| {
        let count = |status| rows.iter().filter(|row| row.sets.contains(id) && row.status == status).count() as u32;
        let (delivered, missing, not_asked) =
            (count(Delivery::Delivered), count(Delivery::Missing), count(Delivery::NotAsked));
        TableSetReport {
            id: id.clone(),
            title: title.get(lang).to_owned(),
            total: delivered + missing + not_asked,
            delivered,
            missing,
            not_asked,
        }
    };
    TableReport {
        suite: table.suite.clone(),
        title: table.title.get(lang).to_owned(),
        sets: table.sets.iter().map(set_report).collect(),
        rows,
    }
}
