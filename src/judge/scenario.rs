//! Judges the expectations of scenario instances, several at a time.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use crate::diag::Issue;
use crate::diag::Severity;
use crate::diag::Text;
use crate::event::Finding;
use crate::event::NotChecked;
use crate::event::ScenarioOutcome;
use crate::event::StepOutcome;
use crate::event::Verdict;
use crate::exchange::Attested;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Response;
use crate::exchange::Run;
use crate::exchange::Stop;
use crate::exchange::StopKind;
use crate::exchange::Trace;
use crate::judge::check::Answers;
use crate::judge::finding::Draft;
use crate::judge::requirements;
use crate::plan::Operation;
use crate::plan::PlannedScenario;
use crate::plan::TestPlan;
use crate::text;

/// The row of what a service asks of a DVP.
const AWAITED: &str = "FLOW-35";

/// An instance with what its expectations found, before findings are completed.
pub struct Judged<'a> {
    planned: &'a PlannedScenario,
    plan: &'a TestPlan,
    run: &'a Run,
    trace: Option<&'a Trace>,
    stop: Option<&'a Stop>,
    bug: bool,
    /// What was found.
    pub drafts: Vec<Draft>,
    /// What could not be decided.
    pub not_checked: Vec<NotChecked>,
    /// Occasions a row was judged on.
    pub occasions: BTreeMap<String, u32>,
}

/// Judges all instances of the plan, on as many threads as there are cores; the order of the result is the plan's.
pub fn judge_all<'a>(plan: &'a TestPlan, run: &'a Run) -> Vec<Judged<'a>> {
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(1, |n| n.get()).min(plan.scenarios.len().max(1));
    let mut all: Vec<(usize, Judged<'a>)> = std::thread::scope(|scope| {
        let work = || {
            let mut mine = Vec::new();
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                let Some(planned) = plan.scenarios.get(i) else { return mine };
                mine.push((i, judge_safely(plan, run, planned)));
            }
        };
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap_or_default()).collect()
    });
    all.sort_by_key(|(i, _)| *i);
    all.into_iter().map(|(_, judged)| judged).collect()
}

/// Judges one instance; a bug of ours in it is told, and costs no other instance its verdict.
pub fn judge_safely<'a>(plan: &'a TestPlan, run: &'a Run, planned: &'a PlannedScenario) -> Judged<'a> {
    catch_unwind(AssertUnwindSafe(|| judge_one(plan, run, planned)))
        .unwrap_or_else(|_| Judged { bug: true, ..Judged::empty(plan, run, planned) })
}

/// Judges the expectations of one instance.
pub fn judge_one<'a>(plan: &'a TestPlan, run: &'a Run, planned: &'a PlannedScenario) -> Judged<'a> {
    let mut judged = Judged::empty(plan, run, planned);
    let Some(trace) = judged.trace else { return judged };
    let validator = &plan.suite_of(planned).validator;
    for step in &planned.steps {
        let Some(record) = trace.steps.iter().find(|record| record.step == step.id) else { continue };
        // What never left, or may be our network's doing, says nothing of the candidate.
        let is_ours = |e: &Exchange| e.failure.as_ref().is_some_and(|failure| failure.kind.is_undecided());
        let here = trace.exchanges.iter().filter(|e| record.exchanges.contains(&e.number));
        let here = here.filter(|e| !is_ours(e) && !e.asks_for_patience());
        let mut exchanges = here.collect::<Vec<_>>();
        if let Operation::Await { .. } = &step.operation {
            judged.awaited(&step.operation, exchanges.len(), record.stopped.is_none());
        }
        if exchanges.is_empty() || step.expectations.is_empty() {
            continue;
        }
        let sent: Vec<Exchange> = match &step.operation {
            Operation::Await { post: true, .. } => exchanges.iter().map(|exchange| as_answer(exchange)).collect(),
            _ => Vec::new(),
        };
        if !sent.is_empty() {
            exchanges = sent.iter().collect();
        }
        let answers = Answers::read(exchanges, validator);
        for expectation in &step.expectations {
            if !requirements::is_judged(plan, &expectation.rule) {
                continue;
            }
            let checked = answers.check(expectation);
            *judged.occasions.entry(expectation.rule.clone()).or_default() += checked.occasions;
            judged.drafts.extend(checked.drafts);
            judged.not_checked.extend(checked.not_checked);
        }
    }
    judged.drafts.extend(judged.stopped_by_candidate());
    judged
}

/// The same with what was sent in the place of the answer, for expectations on that.
fn as_answer(exchange: &Exchange) -> Exchange {
    let is_about_body =
        |name: &str| ["content-type", "content-encoding"].iter().any(|own| name.eq_ignore_ascii_case(own));
    let headers = exchange.request.headers.iter().filter(|(name, _)| is_about_body(name)).cloned().collect();
    let response = Response { status: 200, headers, body: exchange.request.body.clone() };
    Exchange { response: Some(response), failure: None, ..exchange.clone() }
}

impl<'a> Judged<'a> {
    fn empty(plan: &'a TestPlan, run: &'a Run, planned: &'a PlannedScenario) -> Self {
        let trace = run.traces.iter().find(|trace| trace.scenario == planned.key);
        let stop = trace.and_then(|trace| trace.steps.iter().find_map(|step| step.stopped.as_ref()));
        let (drafts, not_checked, occasions) = Default::default();
        Self { planned, plan, run, trace, stop, bug: false, drafts, not_checked, occasions }
    }
}

impl Judged<'_> {
    /// Whether a request that the scenario waits for came: it belongs to what the service asks (row FLOW-35).
    fn awaited(&mut self, operation: &Operation, count: usize, was_waited: bool) {
        if !was_waited || !requirements::is_judged(self.plan, AWAITED) {
            return;
        }
        let occasions = u32::try_from(count).unwrap_or(u32::MAX).max(1);
        *self.occasions.entry(AWAITED.to_owned()).or_default() += occasions;
        if count > 0 {
            return;
        }
        let Operation::Await { interface, get, post, .. } = operation else { return };
        let what = match post {
            true => "POST".to_owned(),
            false => get.clone().unwrap_or_else(|| format!("{interface:?}")),
        };
        let expected = text!("de DVP vraagt `{what}`", "the DVP asks `{what}`");
        let issue = Issue::error("not-asked", what, expected, Text::new("niet gevraagd", "not asked"));
        let draft = Draft { scenario: Some(self.planned.key.clone()), ..Draft::of_rule(AWAITED, issue) };
        self.drafts.push(draft);
    }

    /// The finding of a flow that the candidate did not let go on. Rules that see why explain it.
    fn stopped_by_candidate(&self) -> Option<Draft> {
        // A link that leads elsewhere is for TLS-17 to judge.
        let stop = self.stop.filter(|stop| stop.kind == StopKind::Candidate && stop.code != "foreign-host")?;
        let record = self.trace?.steps.iter().find(|step| step.stopped.is_some())?;
        let expected = Text::new("de flow gaat verder", "the flow goes on");
        let mut issue = Issue::error("flow-stopped", record.step.clone(), expected, Text::new(&stop.nl, &stop.en));
        issue.exchange = record.exchanges.last().copied();
        let mut draft = Draft::of_rule("FLOW-35", issue);
        draft.scenario = Some(self.planned.key.clone());
        Some(draft)
    }

    /// The outcome, with the findings of the whole run that belong to this instance.
    pub fn outcome(self, findings: &[Finding]) -> ScenarioOutcome {
        let planned = self.planned;
        let mine: Vec<&Finding> =
            findings.iter().filter(|f| f.scenario.as_deref() == Some(planned.key.as_str())).collect();
        let steps = self.steps(&mine);
        let (verdict, reason) = self.verdict(&mine);
        ScenarioOutcome {
            key: planned.key.clone(),
            suite: self.plan.suite_of(planned).head.id.clone(),
            id: planned.id.clone(),
            title: planned.title.clone(),
            patient: planned
                .patient
                .map(|i| self.plan.candidate.patients[i].name.clone())
                .or(planned.stands_for.clone()),
            format: planned.format,
            required: planned.required,
            verdict,
            reason,
            exchanges: self.trace.map(|trace| trace.exchanges.iter().map(|e| e.number).collect()).unwrap_or_default(),
            steps,
        }
    }

    fn verdict(&self, mine: &[&Finding]) -> (Verdict, Option<Text>) {
        if self.bug {
            return (Verdict::Error, Some(bug()));
        }
        if let Some(reason) = &self.planned.skip {
            return (Verdict::NotChecked, Some(reason.clone()));
        }
        if self.trace.is_none() {
            let stopped = self.run.stopped.as_ref().map(|stop| Text::new(&stop.nl, &stop.en));
            let reason = stopped.unwrap_or_else(|| Text::new("niet uitgevoerd", "not run"));
            return (Verdict::NotChecked, Some(reason));
        }
        let from_findings = worst(mine);
        let from_stop = self.stop.map(|stop| {
            let verdict = match stop.kind {
                StopKind::Ours => Verdict::Error,
                StopKind::Candidate | StopKind::Needed | StopKind::NotSelected => Verdict::NotChecked,
            };
            (verdict, Some(Text::new(&stop.nl, &stop.en)))
        });
        match (from_findings, from_stop) {
            (Some(verdict), Some((stopped, reason))) if stopped < verdict => (stopped, reason),
            (Some(verdict), _) => (verdict, None),
            (None, Some(stopped)) => stopped,
            (None, None) if self.saw_nothing() => (Verdict::NotChecked, Some(nothing_came())),
            (None, None) => (Verdict::Pass, self.attested()),
        }
    }

    /// Whether a DVP was to collect, and did not so much as show a page.
    fn saw_nothing(&self) -> bool {
        let collects = self.planned.steps.iter().any(|step| matches!(step.operation, Operation::Collect { .. }));
        let Some(trace) = self.trace.filter(|_| collects) else { return false };
        let is_silent = trace.exchanges.iter().all(|exchange| exchange.interface == Interface::List);
        is_silent && trace.steps.iter().all(|step| step.attested.is_none())
    }

    /// What it rests on that we did not see ourselves.
    fn attested(&self) -> Option<Text> {
        let attested = self.trace?.steps.iter().find_map(|step| step.attested)?;
        Some(match attested {
            Attested::CameBack | Attested::CameBackTwice => Text::new(
                "volgens wie de browser bediende kwam die bij de DVP terug",
                "by who had the browser in hand it came back to the DVP",
            ),
            Attested::DidNotBegin => {
                Text::new("volgens de tester begon de DVP niet", "by the tester the DVP did not begin")
            }
        })
    }

    fn steps(&self, mine: &[&Finding]) -> Vec<StepOutcome> {
        let records = self.trace.map(|trace| trace.steps.as_slice()).unwrap_or_default();
        let outcome = |step: &crate::plan::PlannedStep| {
            let record = records.iter().find(|record| record.step == step.id);
            let exchanges = record.map(|record| record.exchanges.clone()).unwrap_or_default();
            let here: Vec<&Finding> =
                mine.iter().copied().filter(|f| f.exchange.is_some_and(|number| exchanges.contains(&number))).collect();
            let stopped = record.is_none_or(|record| record.stopped.is_some());
            let otherwise = if stopped { Verdict::NotChecked } else { Verdict::Pass };
            let verdict = worst(&here).unwrap_or(otherwise);
            StepOutcome { id: step.id.clone(), operation: step.operation.label(), verdict, exchanges }
        };
        self.planned.steps.iter().map(outcome).collect()
    }
}

/// Why something is not checked that a bug of ours stopped.
pub fn bug() -> Text {
    Text::new("fout in toetsbank bij het beoordelen", "bug in toetsbank while judging")
}

fn nothing_came() -> Text {
    Text::new("er kwam niets van de DVP binnen", "nothing came in from the DVP")
}

/// The worst verdict that findings give; `None` when nothing counts. A waived finding is a warning.
pub fn worst(findings: &[&Finding]) -> Option<Verdict> {
    let verdict = |finding: &&Finding| match finding.severity {
        Severity::Error if finding.waived.is_none() => Some(Verdict::Fail),
        Severity::Error | Severity::Warning => Some(Verdict::Warning),
        Severity::Information => None,
    };
    findings.iter().filter_map(verdict).min()
}
