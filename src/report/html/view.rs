//! What the templates place: the report, with words chosen, rows grouped and links made.

use serde::Serialize;

use crate::diag::Lang;
use crate::event::Verdict;
use crate::exchange::Run;
use crate::report::html::evidence::Block;
use crate::report::html::evidence::blocks;
use crate::report::html::findings::Group;
use crate::report::html::findings::groups;
use crate::report::model::Applies;
use crate::report::model::AreaReport;
use crate::report::model::NotCheckedGroup;
use crate::report::model::PartyReport;
use crate::report::model::RequirementReport;
use crate::report::model::RunReport;
use crate::report::model::ScenarioReport;
use crate::report::model::VerdictCounts;
use crate::report::words;
use crate::report::words::Words;

/// Everything that the templates see.
#[derive(Serialize)]
pub struct View<'r> {
    lang: &'static str,
    w: Words,
    r: &'r RunReport,
    verdict: Banner,
    role: &'static str,
    /// Of recorded traffic: both sides.
    parties: Vec<PartyRow>,
    environment: &'static str,
    login: &'static str,
    by_token: bool,
    started: String,
    endpoints: Vec<(&'r str, &'r str)>,
    scenario_bar: Vec<Share>,
    requirement_bar: Vec<Share>,
    requirements_judged: u32,
    scenarios_judged: u32,
    requirements_open: u32,
    findings_errors: String,
    findings_warnings: String,
    findings_folded: String,
    roles: Vec<RoleRow<'r>>,
    areas: Vec<AreaRow<'r>>,
    matrices: Vec<Matrix<'r>>,
    groups: Vec<Group<'r>>,
    open_reasons: Vec<(String, u32)>,
    undecided: Vec<Undecided<'r>>,
    evidence: Vec<Block<'r>>,
    glossary: Vec<(Tag, &'static str)>,
}

/// A verdict with its sign, its word and its style.
#[derive(Clone, Debug, Serialize)]
pub struct Tag {
    class: &'static str,
    icon: &'static str,
    word: String,
}

impl Tag {
    /// The tag of a verdict.
    pub fn of(verdict: Verdict, lang: Lang) -> Self {
        Self { class: verdict.word(), icon: words::icon(verdict), word: words::verdict(verdict, lang) }
    }

    /// The same sign with another word.
    pub fn worded(verdict: Verdict, word: impl Into<String>) -> Self {
        Self { class: verdict.word(), icon: words::icon(verdict), word: word.into() }
    }
}

#[derive(Serialize)]
struct Banner {
    tag: Tag,
    meaning: &'static str,
}

/// A part of a bar: percent, and what it stands for.
#[derive(Serialize)]
struct Share {
    tag: Tag,
    count: u32,
    percent: String,
}

#[derive(Serialize)]
struct RoleRow<'r> {
    systeemrol: &'r str,
    claimed: bool,
    tag: Tag,
    reason: Option<&'r str>,
    suites: Vec<&'r str>,
    bar: Vec<Share>,
    counts: VerdictCounts,
}

#[derive(Serialize)]
struct PartyRow {
    party: &'static str,
    names: String,
    verdict: &'static str,
    findings: String,
}

#[derive(Serialize)]
struct AreaRow<'r> {
    area: &'r AreaReport,
    tag: Tag,
    judged: u32,
    /// Not checked although it shows on the wire.
    open: u32,
    bar: Vec<Share>,
    rows: Vec<RequirementRow<'r>>,
}

#[derive(Serialize)]
struct RequirementRow<'r> {
    row: &'r RequirementReport,
    tag: Tag,
    judged: bool,
}

#[derive(Serialize)]
struct Matrix<'r> {
    suite: &'r str,
    title: &'r str,
    gegevensdienst: Option<&'r str>,
    tag: Tag,
    /// Patients with the number of columns that each spans.
    patients: Vec<(&'r str, usize)>,
    formats: Vec<&'r str>,
    has_formats: bool,
    rows: Vec<MatrixRow<'r>>,
    /// Instances with a reason, to show under the table.
    remarks: Vec<Remark<'r>>,
}

#[derive(Serialize)]
struct MatrixRow<'r> {
    id: &'r str,
    title: &'r str,
    required: bool,
    cells: Vec<Option<Cell>>,
}

#[derive(Clone, Serialize)]
struct Cell {
    tag: Tag,
    target: String,
}

#[derive(Serialize)]
struct Remark<'r> {
    tag: Tag,
    instance: String,
    reason: &'r str,
}

#[derive(Serialize)]
struct Undecided<'r> {
    title: String,
    places: String,
    reasons: Vec<UndecidedReason<'r>>,
}

#[derive(Serialize)]
struct UndecidedReason<'r> {
    reason: &'r str,
    count: u32,
    places: Vec<UndecidedPlace<'r>>,
    more: u32,
}

#[derive(Serialize)]
struct UndecidedPlace<'r> {
    place: &'r str,
    exchange: Option<u32>,
}

impl<'r> View<'r> {
    /// The view of a report, with the evidence of its run.
    pub fn new(r: &'r RunReport, run: &'r Run) -> Self {
        let lang = words::language(&r.lang);
        let (word, sign, meaning) = words::run_verdict(r.verdict);
        let requirements = r.counts.requirements;
        Self {
            lang: words::tag(lang),
            w: Words::of(lang),
            verdict: Banner { tag: Tag::worded(sign, word.get(lang)), meaning: meaning.get(lang) },
            role: words::role(r.candidate.role).get(lang),
            parties: r.traffic.iter().flat_map(|traffic| &traffic.parties).map(|p| party_row(p, lang)).collect(),
            environment: words::environment(r.candidate.environment).get(lang),
            login: words::login(r.selection.login).get(lang),
            by_token: r.selection.login == crate::candidate::LoginMode::Token,
            started: words::moment(&r.started, lang),
            endpoints: endpoints(r, lang),
            scenario_bar: bar(&r.counts.scenarios, lang),
            requirement_bar: bar(&requirements, lang),
            requirements_judged: requirements.judged(),
            scenarios_judged: r.counts.scenarios.judged(),
            requirements_open: requirements.not_checked.saturating_sub(r.counts.manual + r.counts.paper),
            findings_errors: words::errors(r.counts.findings.error, lang),
            findings_warnings: words::warnings(r.counts.findings.warning, lang),
            findings_folded: words::folded(r.counts.findings.consequences, lang),
            roles: roles(r, lang),
            areas: r.acceptatie.iter().map(|area| area_row(r, area, lang)).collect(),
            matrices: matrices(r, lang),
            groups: groups(r, run, lang),
            open_reasons: open_reasons(r, lang),
            undecided: r.not_checked.iter().map(|group| undecided(group, lang)).collect(),
            evidence: blocks(r, run, lang),
            glossary: glossary(lang),
            r,
        }
    }
}

fn party_row(party: &PartyReport, lang: Lang) -> PartyRow {
    PartyRow {
        party: words::party(party.party).get(lang),
        names: party.names.join(", "),
        verdict: words::run_verdict(party.verdict).0.get(lang),
        findings: format!("{}, {}", words::errors(party.errors, lang), words::warnings(party.warnings, lang)),
    }
}

/// The name of an instance's place in the evidence.
pub fn anchor(r: &RunReport, scenario: &str) -> Option<String> {
    r.scenarios.iter().position(|known| known.key == scenario).map(|index| format!("s{}", index + 1))
}

/// Worst first, as in the contract, so that the eye meets it first.
const ORDER: [Verdict; 6] =
    [Verdict::Fail, Verdict::Error, Verdict::Warning, Verdict::Pass, Verdict::Observed, Verdict::NotChecked];

fn bar(counts: &VerdictCounts, lang: Lang) -> Vec<Share> {
    let count = |verdict| match verdict {
        Verdict::Fail => counts.fail,
        Verdict::Error => counts.error,
        Verdict::Warning => counts.warning,
        Verdict::NotChecked => counts.not_checked,
        Verdict::Pass => counts.pass,
        Verdict::Observed => counts.observed,
    };
    ORDER
        .into_iter()
        .filter(|verdict| count(*verdict) > 0)
        .map(|verdict| Share {
            tag: Tag::of(verdict, lang),
            count: count(verdict),
            percent: format!("{:.2}", f64::from(count(verdict)) * 100.0 / f64::from(counts.total.max(1))),
        })
        .collect()
}

/// The addresses in the order of the flow: authorization, token, then those of the systeemrollen.
fn endpoints(r: &RunReport, lang: Lang) -> Vec<(&str, &str)> {
    let w = Words::of(lang);
    let named = [("authorization", w.endpoint_authorization), ("token", w.endpoint_token)];
    let flow = named.iter().filter_map(|(name, title)| Some((*title, r.candidate.endpoints.get(*name)?.as_str())));
    let roles = r.candidate.endpoints.iter().filter(|(name, _)| named.iter().all(|(known, _)| known != name));
    flow.chain(roles.map(|(name, url)| (name.as_str(), url.as_str()))).collect()
}

fn roles(r: &RunReport, lang: Lang) -> Vec<RoleRow<'_>> {
    let title = |id: &String| r.suites.iter().find(|suite| suite.id == *id).map(|suite| suite.title.as_str());
    r.kwalificatie
        .iter()
        .map(|role| RoleRow {
            systeemrol: &role.systeemrol,
            claimed: role.claimed,
            tag: Tag::of(role.verdict, lang),
            reason: role.reason.as_deref(),
            suites: role.suites.iter().filter_map(title).collect(),
            bar: bar(&role.counts, lang),
            counts: role.counts,
        })
        .collect()
}

fn area_row<'r>(r: &'r RunReport, area: &'r AreaReport, lang: Lang) -> AreaRow<'r> {
    let judged = area.counts.judged();
    let tag = if area.verdict == Verdict::NotChecked && judged > 0 {
        Tag::worded(Verdict::NotChecked, Words::of(lang).partly)
    } else {
        Tag::of(area.verdict, lang)
    };
    let rows = r.requirements.iter().filter(|row| row.area == area.area && row.applies != Applies::No);
    AreaRow {
        area,
        tag,
        judged,
        open: area.counts.not_checked.saturating_sub(area.manual + area.paper),
        bar: bar(&area.counts, lang),
        rows: rows
            .map(|row| RequirementRow {
                row,
                tag: Tag::of(row.verdict, lang),
                judged: row.verdict != Verdict::NotChecked,
            })
            .collect(),
    }
}

fn matrices(r: &RunReport, lang: Lang) -> Vec<Matrix<'_>> {
    let with_scenarios = r.suites.iter().filter(|suite| suite.counts.total > 0);
    with_scenarios
        .map(|suite| {
            let own: Vec<_> = r.scenarios.iter().filter(|scenario| scenario.suite == suite.id).collect();
            let columns = columns(&own);
            let mut patients: Vec<(&str, usize)> = Vec::new();
            for (patient, _) in &columns {
                match patients.last_mut() {
                    Some((last, span)) if last == patient => *span += 1,
                    _ => patients.push((patient, 1)),
                }
            }
            Matrix {
                suite: &suite.id,
                title: &suite.title,
                gegevensdienst: suite.gegevensdienst.as_deref(),
                tag: Tag::of(suite.verdict, lang),
                rows: rows(r, &own, &columns, lang),
                remarks: own.iter().filter_map(|scenario| remark(scenario, lang)).collect(),
                has_formats: columns.iter().any(|(_, format)| !format.is_empty()),
                formats: columns.iter().map(|(_, format)| *format).collect(),
                patients,
            }
        })
        .collect()
}

/// The pairs of patient and format that occur, patients in order of appearance and each with its formats together.
fn columns<'r>(scenarios: &[&'r ScenarioReport]) -> Vec<(&'r str, &'r str)> {
    let mut patients: Vec<&str> = Vec::new();
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for scenario in scenarios {
        let pair = (scenario.patient.as_deref().unwrap_or(""), scenario.format.as_deref().unwrap_or(""));
        if !patients.contains(&pair.0) {
            patients.push(pair.0);
        }
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    patients.iter().flat_map(|patient| pairs.iter().filter(move |(name, _)| name == patient)).copied().collect()
}

fn rows<'r>(
    r: &RunReport,
    scenarios: &[&'r ScenarioReport],
    columns: &[(&str, &str)],
    lang: Lang,
) -> Vec<MatrixRow<'r>> {
    let mut ids: Vec<&'r ScenarioReport> = Vec::new();
    for scenario in scenarios {
        if !ids.iter().any(|known| known.id == scenario.id) {
            ids.push(scenario);
        }
    }
    let cell = |id: &str, column: &(&str, &str)| {
        let found = scenarios.iter().find(|scenario| {
            scenario.id == id
                && (scenario.patient.as_deref().unwrap_or(""), scenario.format.as_deref().unwrap_or("")) == *column
        })?;
        let target = anchor(r, &found.key).unwrap_or_default();
        Some(Cell { tag: Tag::of(found.verdict, lang), target })
    };
    ids.into_iter()
        .map(|scenario| MatrixRow {
            id: &scenario.id,
            title: &scenario.title,
            required: scenario.required,
            cells: columns.iter().map(|column| cell(&scenario.id, column)).collect(),
        })
        .collect()
}

fn remark(scenario: &ScenarioReport, lang: Lang) -> Option<Remark<'_>> {
    let reason = scenario.reason.as_deref()?;
    Some(Remark { tag: Tag::of(scenario.verdict, lang), instance: instance(scenario), reason })
}

/// An instance in short: `1.3 De Rijk json`.
pub fn instance(scenario: &ScenarioReport) -> String {
    let parts = [Some(scenario.id.as_str()), scenario.patient.as_deref(), scenario.format.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Reasons why requirements that bind the candidate were not judged, the most frequent first.
fn open_reasons(r: &RunReport, lang: Lang) -> Vec<(String, u32)> {
    let w = Words::of(lang);
    let mut reasons: Vec<(String, u32)> = Vec::new();
    for row in r.requirements.iter().filter(|row| row.applies != Applies::No && row.verdict == Verdict::NotChecked) {
        let reason = row.reason.as_deref().unwrap_or(w.no_reason);
        match reasons.iter_mut().find(|(known, _)| known == reason) {
            Some((_, count)) => *count += 1,
            None => reasons.push((reason.to_owned(), 1)),
        }
    }
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    reasons
}

fn undecided(group: &NotCheckedGroup, lang: Lang) -> Undecided<'_> {
    const MOST: usize = 12;
    Undecided {
        title: words::not_checked_kind(&group.kind).get(lang).to_owned(),
        places: words::places(group.count, lang),
        reasons: group
            .reasons
            .iter()
            .map(|known| UndecidedReason {
                reason: &known.reason,
                count: known.count,
                places: known
                    .places
                    .iter()
                    .take(MOST)
                    .map(|place| UndecidedPlace { place: &place.place, exchange: place.exchange })
                    .collect(),
                more: known.count.saturating_sub(MOST as u32),
            })
            .collect(),
    }
}

fn glossary(lang: Lang) -> Vec<(Tag, &'static str)> {
    let order =
        [Verdict::Pass, Verdict::Fail, Verdict::Warning, Verdict::Observed, Verdict::NotChecked, Verdict::Error];
    order.into_iter().map(|verdict| (Tag::of(verdict, lang), words::meaning(verdict).get(lang))).collect()
}
