//! Where each scenario stands while `serve` goes on, shared by the page, the terminal and the run.
//!
//! Entry point: [`Board`].

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

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

/// Something to do, or to know while it is done.
#[derive(Clone, Debug)]
pub struct Line {
    /// The step at which it is done; `None` for what counts all along.
    pub step: Option<String>,
    /// The words.
    pub text: Text,
}

/// When it is over by itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ends {
    /// When every scenario was done, and the moment has come.
    pub until_done: bool,
    /// Not before this moment; without `until_done` at it, however much was done.
    pub at: Option<Instant>,
}

impl Ends {
    fn is_over(self, all_done: bool) -> bool {
        let is_late = self.at.is_some_and(|at| at <= Instant::now());
        match self.at {
            Some(_) => is_late && (all_done || !self.until_done),
            None => all_done && self.until_done,
        }
    }
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
    pub lines: Vec<Line>,
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
    /// How many times something was asked: which of them an answer is for.
    pub asked: u32,
    /// The scenario that goes on.
    pub running: Option<usize>,
    /// Whether no more is begun.
    pub is_finished: bool,
    order: Option<usize>,
    answer: Option<Answer>,
}

impl Inner {
    fn run(&mut self, index: usize) {
        self.running = Some(index);
        if let Some(entry) = self.entries.get_mut(index) {
            entry.state = State::Running;
        }
    }
}

impl Board {
    /// A board with these scenarios.
    pub fn new(entries: Vec<Entry>) -> Self {
        let inner =
            Inner { entries, task: None, asked: 0, running: None, is_finished: false, order: None, answer: None };
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
        if let Some(index) = found.filter(|_| is_free) {
            inner.order = found;
            // The page that is shown next says so already.
            inner.run(index);
        }
        found.is_some() && is_free
    }

    /// Answers what the person was asked; gives whether that was the last that was asked: a button that is pressed twice answers
    /// nothing else.
    pub fn reply(&self, asked: &str, answer: Answer) -> bool {
        let mut inner = self.lock();
        let fits = inner.task.is_some() && inner.answer.is_none() && inner.asked.to_string() == asked;
        if fits {
            inner.answer = Some(answer);
        }
        fits
    }

    /// Ends what goes on, and has the reports written.
    pub fn finish(&self) {
        let mut inner = self.lock();
        inner.is_finished = true;
        if inner.task.is_some() {
            inner.answer = Some(Answer::Stopped);
        }
    }

    /// What to do next; waits for it. With `by_itself` the next scenario is begun without being asked for.
    pub async fn next(&self, by_itself: bool, ends: Ends) -> Order {
        loop {
            {
                let mut inner = self.lock();
                let todo = inner.entries.iter().position(|entry| entry.state == State::Todo && entry.is_possible);
                let order = match (inner.order.take(), todo) {
                    _ if inner.is_finished => Some(Order::Finish),
                    (Some(index), _) => Some(Order::Start(index)),
                    (None, Some(index)) if by_itself => Some(Order::Start(index)),
                    (None, todo) if ends.is_over(todo.is_none()) => Some(Order::Finish),
                    _ => None,
                };
                match order {
                    Some(Order::Finish) => {
                        inner.is_finished = true;
                        inner.running = None;
                        inner.entries.iter_mut().filter(|entry| entry.state == State::Running).for_each(|entry| {
                            entry.state = State::Todo;
                        });
                        return Order::Finish;
                    }
                    Some(Order::Start(index)) => {
                        inner.run(index);
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
        inner.asked += 1;
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
        let shown = {
            let inner = board.lock();
            (inner.running, inner.entries[1].state)
        };
        assert_eq!(shown, (Some(1), State::Running), "at once");
        assert_eq!(board.next(false, Ends::default()).await, Order::Start(1));
        assert!(!board.start("a"), "b goes on");
        assert!(!board.reply("0", Answer::Done), "nothing was asked");
        assert_eq!(board.answer(), None);
        let task = || Task {
            step: String::new(),
            provider: String::new(),
            service: String::new(),
            patient: String::new(),
            login: String::new(),
            password: String::new(),
            cancel: None,
            is_altered: false,
        };
        board.ask(task());
        assert!(board.reply("1", Answer::Done) && !board.reply("1", Answer::Stopped));
        assert_eq!(board.answer(), Some(Answer::Done));
        board.ask(task());
        assert!(!board.reply("1", Answer::Done), "the button of before was pressed twice");
        board.finish();
        board.ask(task());
        assert_eq!(board.answer(), Some(Answer::Stopped), "it is over");
        assert_eq!(board.next(false, Ends::default()).await, Order::Finish);
    }

    #[tokio::test]
    async fn what_can_be_done_is_done_by_itself() {
        let board = Board::new(vec![entry("a", true), entry("c", false)]);
        let ends = Ends { until_done: true, at: None };
        assert_eq!(board.next(true, ends).await, Order::Start(0));
        board.lock().running = None;
        board.lock().entries[0].state = State::Green;
        assert_eq!(board.next(true, ends).await, Order::Finish);
        assert!(board.lock().is_finished && !board.start("a"));
    }

    #[test]
    fn a_span_of_time_is_waited_for() {
        let (past, later) = (Instant::now(), Instant::now() + Duration::from_secs(3600));
        let over = |until_done, at, all_done| Ends { until_done, at }.is_over(all_done);
        assert!(!over(false, None, true) && over(true, None, true) && !over(true, None, false));
        assert!(over(false, Some(past), false) && !over(true, Some(past), false) && over(true, Some(past), true));
        assert!(!over(false, Some(later), true) && !over(true, Some(later), true));
    }
}
