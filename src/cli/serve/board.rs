//! Where each scenario stands while `serve` goes on, shared by the page, the terminal and the run.
//!
//! Entry point: [`Board`].

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use crate::diag::Lang;
use crate::diag::Severity;
use crate::diag::Text;
use crate::event::RunOutcome;
use crate::event::Verdict;
use crate::report::desk::Found;
use crate::report::desk::State;
use crate::runner::client::Answer;
use crate::runner::client::Hand;
use crate::runner::client::Task;

/// How often is looked whether there is something to do.
const POLL: Duration = Duration::from_millis(50);

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Carry out the scenario with this index.
    Start(usize),
    /// Write the reports.
    Finish,
}

/// A scenario.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// Suite and id.
    pub scenario: String,
    /// Its title.
    pub title: Text,
    /// The patient.
    pub patient: Option<String>,
    /// What to do, in order.
    pub lines: Vec<Text>,
    /// Where it stands.
    pub state: State,
    /// Why it was not judged.
    pub reason: Option<Text>,
    /// What was found.
    pub findings: Vec<Found>,
    /// Whether it can be carried out.
    pub is_possible: bool,
}

/// The board; clones share it.
#[derive(Clone)]
pub struct Board(Arc<Mutex<Inner>>);

/// What stands on it.
#[derive(Debug)]
pub struct Inner {
    /// The scenarios, in their order.
    pub entries: Vec<Entry>,
    /// What the person is asked now.
    pub task: Option<Task>,
    /// The scenario that goes on.
    pub running: Option<usize>,
    /// Whether no more is begun.
    pub is_finished: bool,
    order: Option<usize>,
    answer: Option<Answer>,
}

impl Board {
    /// A board with these scenarios.
    pub fn new(entries: Vec<Entry>) -> Self {
        let inner = Inner { entries, task: None, running: None, is_finished: false, order: None, answer: None };
        Self(Arc::new(Mutex::new(inner)))
    }

    /// What stands on it now.
    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for the scenario with this key to be carried out; gives whether it can be.
    pub fn start(&self, key: &str) -> bool {
        let mut inner = self.lock();
        let found = inner.entries.iter().position(|entry| entry.key == key && entry.is_possible);
        let is_free = inner.running.is_none() && inner.order.is_none() && !inner.is_finished;
        if found.is_some() && is_free {
            inner.order = found;
        }
        found.is_some() && is_free
    }

    /// Answers what the person was asked; nothing happens when nothing was.
    pub fn reply(&self, answer: Answer) {
        let mut inner = self.lock();
        if inner.task.is_some() {
            inner.answer = Some(answer);
        }
    }

    /// Ends what goes on, and has the reports written.
    pub fn finish(&self) {
        let mut inner = self.lock();
        inner.is_finished = true;
        if inner.task.is_some() {
            inner.answer = Some(Answer::Stopped);
        }
    }

    /// What to do next; waits for it. With `by_itself` the next scenario is begun without being asked for, and with
    /// `until_done` it is over when there is none.
    pub async fn next(&self, by_itself: bool, until_done: bool) -> Order {
        loop {
            {
                let mut inner = self.lock();
                let todo = inner.entries.iter().position(|entry| entry.state == State::Todo && entry.is_possible);
                let order = match (inner.order.take(), todo) {
                    _ if inner.is_finished => Some(Order::Finish),
                    (Some(index), _) => Some(Order::Start(index)),
                    (None, Some(index)) if by_itself => Some(Order::Start(index)),
                    (None, None) if until_done => Some(Order::Finish),
                    _ => None,
                };
                match order {
                    Some(Order::Finish) => {
                        inner.is_finished = true;
                        return Order::Finish;
                    }
                    Some(Order::Start(index)) => {
                        inner.running = Some(index);
                        if let Some(entry) = inner.entries.get_mut(index) {
                            entry.state = State::Running;
                        }
                        return Order::Start(index);
                    }
                    None => {}
                }
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Puts down what came of the scenarios that were carried out.
    pub fn judged(&self, outcome: &RunOutcome, carried_out: &[String], lang: Lang) {
        let mut inner = self.lock();
        inner.running = None;
        inner.task = None;
        inner.answer = None;
        for entry in inner.entries.iter_mut().filter(|entry| carried_out.contains(&entry.key)) {
            let of_it = |finding: &&crate::event::Finding| {
                finding.scenario.as_ref() == Some(&entry.key) && finding.explained_by.is_none()
            };
            let found: Vec<_> = outcome.findings.iter().filter(of_it).collect();
            let worst = found.iter().filter(|finding| finding.waived.is_none()).map(|finding| finding.severity).max();
            let scenario = outcome.scenarios.iter().find(|scenario| scenario.key == entry.key);
            let verdict = scenario.map_or(Verdict::NotChecked, |scenario| scenario.verdict);
            entry.reason = scenario.and_then(|scenario| scenario.reason.clone());
            entry.state = match (verdict, worst) {
                (Verdict::Fail, _) | (_, Some(Severity::Error)) => State::Red,
                (Verdict::Error, _) => State::Error,
                (Verdict::NotChecked, _) => State::NotChecked,
                (Verdict::Warning, _) | (_, Some(Severity::Warning)) => State::Warning,
                (Verdict::Pass | Verdict::Observed, _) => State::Green,
            };
            entry.findings = found
                .into_iter()
                .filter(|finding| finding.severity > Severity::Information)
                .map(|finding| Found {
                    rule: finding.rule.clone(),
                    place: finding.place.clone(),
                    seen: finding.seen.get(lang).to_owned(),
                    expected: finding.expected.get(lang).to_owned(),
                })
                .collect();
        }
    }
}

impl Hand for Board {
    fn ask(&self, task: Task) {
        let mut inner = self.lock();
        inner.answer = inner.is_finished.then_some(Answer::Stopped);
        inner.task = Some(task);
    }

    fn answer(&self) -> Option<Answer> {
        let mut inner = self.lock();
        let answer = inner.answer.take()?;
        inner.task = None;
        Some(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, is_possible: bool) -> Entry {
        Entry {
            key: key.to_owned(),
            scenario: key.to_owned(),
            title: Text::same(key),
            patient: None,
            lines: Vec::new(),
            state: State::Todo,
            reason: None,
            findings: Vec::new(),
            is_possible,
        }
    }

    #[tokio::test]
    async fn one_scenario_goes_on_at_a_time() {
        let board = Board::new(vec![entry("a", true), entry("b", true), entry("c", false)]);
        assert!(!board.start("c") && !board.start("x"));
        assert!(board.start("b"));
        assert_eq!(board.next(false, false).await, Order::Start(1));
        assert!(!board.start("a"), "b goes on");
        board.reply(Answer::Done);
        assert_eq!(board.answer(), None, "nothing was asked");
        board.finish();
        board.ask(Task {
            provider: String::new(),
            service: String::new(),
            patient: String::new(),
            login: String::new(),
            password: String::new(),
            cancel: None,
        });
        assert_eq!(board.answer(), Some(Answer::Stopped), "it is over");
        assert_eq!(board.next(false, false).await, Order::Finish);
    }

    #[tokio::test]
    async fn what_can_be_done_is_done_by_itself() {
        let board = Board::new(vec![entry("a", true), entry("c", false)]);
        assert_eq!(board.next(true, true).await, Order::Start(0));
        board.lock().running = None;
        board.lock().entries[0].state = State::Green;
        assert_eq!(board.next(true, true).await, Order::Finish);
        assert!(board.lock().is_finished && !board.start("a"));
    }
}
