//! `toetsbank serve`: the world for a DVP that people drive, with a page that says what to do and what came of it.
//!
//! The folder of the run holds all that was seen after each scenario, so that `--resume` goes on. Entry point: [`run`].

mod board;
mod guide;

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;

use crate::candidate::Candidate;
use crate::cli;
use crate::cli::Globals;
use crate::cli::authority;
use crate::cli::counterpart::Counterpart;
use crate::cli::counterpart::World;
use crate::cli::diagnostics;
use crate::cli::options::Choosing;
use crate::cli::options::Judging;
use crate::cli::options::Reporting;
use crate::cli::options::Wanted;
use crate::cli::outcome;
use crate::cli::outcome::Finished;
use crate::cli::outcome::SavedContext;
use crate::cli::outcome::Setting;
use crate::cli::serve::board::Board;
use crate::cli::serve::board::Ends;
use crate::cli::serve::board::Entry;
use crate::cli::serve::board::Line;
use crate::cli::serve::board::Order;
use crate::cli::usage;
use crate::diag::Lang;
use crate::diag::Text;
use crate::env::Env;
use crate::exchange::Run as Recorded;
use crate::exchange::har;
use crate::plan::PlannedScenario;
use crate::plan::TestPlan;
use crate::report::Console;
use crate::report::desk;
use crate::report::desk::Item;
use crate::report::desk::Job;
use crate::report::desk::Patient;
use crate::report::desk::Row;
use crate::report::desk::State;
use crate::report::desk::View;
use crate::requirement::Role;
use crate::runner;
use crate::runner::client;
use crate::runner::client::Answer;
use crate::runner::client::Log;
use crate::runner::client::Rounds;
use crate::runner::desk::Asked;
use crate::runner::desk::Desk;
use crate::runner::desk::Pages;
use crate::runner::desk::Shown;
use crate::suite::Suite;
use crate::suite::model::Span;
use crate::text;

/// Random bytes of what a form sends along.
const TOKEN: usize = 16;

/// Be the world around a DVP that people drive, until stopped
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank serve bgz --candidate dvp.toml")]
pub struct Serve {
    #[command(flatten)]
    choosing: Choosing,
    /// The candidate file, with `role = "dvp"`
    #[arg(long, value_name = "FILE")]
    candidate: PathBuf,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    reporting: Reporting,
    /// Go on with the run in this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["suites", "all", "scenario", "patient", "format_fhir", "select", "ignore", "out"])]
    resume: Option<PathBuf>,
    /// Port of the page; else any free port
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Stop when every scenario was done; with `[drive]` in the candidate file they are then started one after another
    #[arg(long)]
    until_done: bool,
    /// Domain under which the hosts of the world are named, instead of ours: names under it have to lead to this machine
    #[arg(long, value_name = "DOMAIN")]
    host_suffix: Option<String>,
    /// Keep the world there for this long, such as `35m`, and stop then; the lists that a DVP fetches are judged over it
    #[arg(long, value_name = "SPAN", value_parser = span)]
    soak: Option<Span>,
}

/// Carries out the command.
pub fn run(arguments: &Serve, globals: Globals) -> u8 {
    let suites = match arguments.choosing.load(globals.lang) {
        Ok(suites) => suites,
        Err(status) => return status,
    };
    let mut candidate = match diagnostics::candidate(&arguments.candidate, globals.lang) {
        Ok(candidate) if candidate.role == Role::Dvp => candidate,
        Ok(_) => return usage("the candidate file has `role = \"dva\"`; `serve` is for a DVP, use `toetsbank run`"),
        Err(status) => return status,
    };
    if let Some(suffix) = &arguments.host_suffix {
        let is_domain = url::Url::parse(&format!("https://x.{suffix}/"))
            .is_ok_and(|url| url.host_str() == Some(&format!("x.{suffix}")));
        if !is_domain {
            return usage(&format!(
                "`{suffix}` is no domain; write `--host-suffix medmij.voorbeeld.example`, in lower case"
            ));
        }
        if let Some(world) = &mut candidate.world {
            world.host_suffix = Some(suffix.clone());
        }
    }
    let wanted = match arguments.reporting.wanted() {
        Ok(wanted) => wanted,
        Err(status) => return status,
    };
    let earlier = match arguments.resume.as_deref().map(earlier).transpose() {
        Ok(earlier) => earlier,
        Err(message) => return usage(&message),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::failed(&format!("start the runtime: {error}")),
    };
    runtime.block_on(async {
        let env = Env::system();
        let counterpart = match Counterpart::of(&env, candidate).await {
            Ok(counterpart) => counterpart,
            Err(error) => {
                eprintln!("toetsbank: {}", cli::told(&error));
                return error.status();
            }
        };
        let status = match &counterpart.world {
            Some(world) => {
                let serving = Serving { arguments, globals, env: &env, suites: &suites, world };
                serving.carry_out(counterpart.candidate.clone(), &wanted, earlier).await
            }
            None => cli::failed("there is no world for this candidate"),
        };
        counterpart.stop().await;
        status
    })
}

fn span(text: &str) -> Result<Span, String> {
    Span::try_from(text.to_owned())
}

/// The run in a folder, as far as it came.
fn earlier(folder: &Path) -> Result<(Recorded, SavedContext), String> {
    let path = folder.join(outcome::TRACE);
    let failed = |why: &dyn std::fmt::Display| format!("cannot go on with `{}`: {why}", path.display());
    let text = fs::read_to_string(&path).map_err(|error| failed(&error))?;
    let (run, context) = har::read(&text).map_err(|error| failed(&error))?;
    let context: SavedContext = serde_json::from_value(context).map_err(|error| failed(&error))?;
    if context.candidate.role != Role::Dvp {
        return Err(failed(&"it is no run for a DVP"));
    }
    Ok((run, context))
}

/// What serving is made from.
struct Serving<'a> {
    arguments: &'a Serve,
    globals: Globals,
    env: &'a Env,
    suites: &'a [Suite],
    world: &'a World,
}

impl Serving<'_> {
    /// Plans, serves until it is over, and reports; gives the exit status.
    async fn carry_out(
        &self,
        mut candidate: Candidate,
        wanted: &Wanted,
        earlier: Option<(Recorded, SavedContext)>,
    ) -> u8 {
        let Self { arguments, globals, env, suites, world } = *self;
        candidate.release = arguments.judging.release().unwrap_or(candidate.release);
        candidate.probes.wait |= arguments.choosing.wait;
        let mut setting = Setting {
            run_id: outcome::run_id(env.now()),
            started: env.now(),
            is_reference: false,
            defects: Vec::new(),
            lang: globals.lang,
        };
        let (run, selection) = match earlier {
            Some((run, context)) => {
                if context.candidate.client.client_id != candidate.client.client_id {
                    let id = &context.candidate.client.client_id;
                    return usage(&format!("the run that is gone on with is of another DVP, `{id}`"));
                }
                (setting.run_id, setting.started) = (context.run_id, context.started);
                (run, context.selection)
            }
            None => match arguments.choosing.selection(&arguments.judging, suites, &candidate) {
                Ok(selection) => (Recorded::default(), selection),
                Err(message) => return usage(&message),
            },
        };
        let plan = match outcome::plan(suites, &candidate, &selection) {
            Ok(plan) => plan,
            Err(error) => return usage(&error.to_string()),
        };
        let folder = arguments.resume.clone().unwrap_or_else(|| arguments.reporting.folder(&setting.run_id));
        let ca = match candidate.world.as_ref().and_then(|world| world.folder.as_ref()) {
            Some(kept) => kept.join(authority::CERTIFICATE),
            None => folder.join(outcome::WORLD_CA),
        };
        let mut keeper = Keeper { plan: &plan, setting: &setting, env, folder: &folder, failed: false };
        // One that is kept is written again with what stands there.
        let certificate = &world.stelsel.authority().certificate;
        let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&ca, certificate));
        if let Err(error) = written {
            let folder = folder.display();
            return usage(&format!("cannot write in `{folder}`: {error}; choose another folder with `--out`"));
        }

        let board = Board::new(self.entries(&plan));
        let checklist = guide::checklist(&candidate, world, &ca, globals.lang);
        let sheet = Sheet {
            board: board.clone(),
            title: format!("{} {} ({})", candidate.product, candidate.version, candidate.vendor),
            token: env.token(TOKEN),
            checklist: checklist.clone(),
            patients: guide::patients(&candidate),
            log: world.log.clone(),
            lang: globals.lang,
        };
        let desk = match runner::desk::open(arguments.port, sheet.pages()).await {
            Ok(desk) => desk,
            Err(error) => return usage(&format!("cannot open the page: {error}; choose another port with `--port`")),
        };
        let mut rounds = match Rounds::new(&plan, env, &world.stelsel, &world.log, Some(&board), run) {
            Ok(rounds) => rounds,
            Err(error) => return usage(&error.to_string()),
        };
        rounds.soaks = arguments.soak.is_some();
        tell_start(&checklist, &guide::patients(&candidate), &desk, globals.lang);
        let at_break = board.clone();
        let watching = tokio::spawn(async move {
            // Without a signal handler the page's button is left.
            if tokio::signal::ctrl_c().await.is_ok() {
                at_break.finish();
                // A second one does not wait for what goes on; what was seen before is kept.
                if tokio::signal::ctrl_c().await.is_ok() {
                    std::process::exit(cli::INCOMPLETE.into());
                }
            }
        });
        self.rounds(&plan, &board, &mut rounds, &mut keeper).await;
        rounds.close();
        watching.abort();
        let status = self.report(&plan, &setting, &rounds.run, &folder, wanted);
        desk.close().await;
        status
    }

    fn entries(&self, plan: &TestPlan) -> Vec<Entry> {
        let of = |scenario: &PlannedScenario| Entry {
            key: scenario.key.clone(),
            scenario: format!("{} {}", plan.suites[scenario.suite].head.id, scenario.id),
            title: scenario.title.clone(),
            patient: scenario.patient.and_then(|i| plan.candidate.patients.get(i)).map(|patient| patient.name.clone()),
            lines: guide::lines(&plan.candidate, self.world, scenario),
            state: if scenario.skip.is_some() { State::NotChecked } else { State::Todo },
            reason: scenario.skip.clone(),
            findings: Vec::new(),
            is_possible: scenario.skip.is_none(),
        };
        plan.scenarios.iter().map(of).collect()
    }

    /// Carries out scenarios until it is over.
    async fn rounds(&self, plan: &TestPlan, board: &Board, rounds: &mut Rounds<'_>, keeper: &mut Keeper<'_>) {
        let lang = self.globals.lang;
        // What cannot be done with this candidate says so at once.
        for (i, scenario) in plan.scenarios.iter().enumerate() {
            if scenario.skip.is_none() && client::needs_our_browser(&plan.candidate, scenario) {
                rounds.carry_out(scenario).await;
                if let Some(entry) = board.lock().entries.get_mut(i) {
                    entry.is_possible = false;
                }
            }
        }
        keeper.keep(board, &rounds.run, lang);
        let is_driven = plan.candidate.drive.is_some();
        let soak = self.arguments.soak.map(|span| span.0);
        // What is done by itself begins at once, and the rest of the time is waited for.
        let ends = Ends { until_done: self.arguments.until_done, at: soak.map(|span| Instant::now() + span) };
        while let Order::Start(index) = board.next(is_driven && self.arguments.until_done, ends).await {
            let Some(scenario) = plan.scenarios.get(index) else { continue };
            println!("… {}  {}", scenario.key, scenario.title.get(lang));
            rounds.carry_out(scenario).await;
            keeper.keep(board, &rounds.run, lang);
            tell(board, index, lang);
        }
    }

    fn report(&self, plan: &TestPlan, setting: &Setting, run: &Recorded, folder: &Path, wanted: &Wanted) -> u8 {
        let mut console =
            Console::new(io::stdout().lock(), cli::console_options(self.globals, self.arguments.reporting.verbosity()));
        let finished = Finished { plan, setting, finished: self.env.now(), recorded: run };
        let trace = finished.save_trace(folder);
        let judged = match finished.judge() {
            Ok(judged) => judged,
            Err(status) => return status,
        };
        console.header(&outcome::info(plan, setting, self.env.now()));
        let status = finished.write(&judged, trace, folder, &wanted.kinds, &mut console);
        // A closed pipe is no reason for another status.
        let _ = console.finish();
        wanted.status(status, &judged, setting.lang)
    }
}

/// Keeps what was seen, and judges it so far.
struct Keeper<'a> {
    plan: &'a TestPlan,
    setting: &'a Setting,
    env: &'a Env,
    folder: &'a Path,
    failed: bool,
}

impl Keeper<'_> {
    fn keep(&mut self, board: &Board, run: &Recorded, lang: Lang) {
        let finished = Finished { plan: self.plan, setting: self.setting, finished: self.env.now(), recorded: run };
        if let Err(message) = finished.save_trace(self.folder)
            && !std::mem::replace(&mut self.failed, true)
        {
            eprintln!("toetsbank: {message}");
        }
        let done: Vec<String> = run.traces.iter().map(|trace| trace.scenario.clone()).collect();
        match finished.judge() {
            Ok(judged) => board.judged(&judged, &done, lang),
            // It was told; at the end it is the exit status.
            Err(_) => board.lock().running = None,
        }
    }
}

/// The buttons that answer what a person is asked.
const ANSWERS: [(&str, Answer); 5] = [
    ("/done", Answer::Done),
    ("/came-back", Answer::CameBack),
    ("/not-back", Answer::NotBack),
    ("/not-begun", Answer::NotBegun),
    ("/stop", Answer::Stopped),
];

/// The page, with all that does not change on it.
struct Sheet {
    board: Board,
    title: String,
    token: String,
    checklist: Vec<Item>,
    patients: Vec<Patient>,
    log: Log,
    lang: Lang,
}

impl Sheet {
    fn pages(self) -> Pages {
        let this = Arc::new(self);
        Arc::new(move |asked| this.answer(asked))
    }

    fn answer(&self, asked: &Asked) -> Shown {
        let field = |name: &str| asked.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        if !asked.is_post {
            return match asked.path.as_str() {
                "/" => desk::render(&self.view(), self.lang).map_or(Shown::Status(500), Shown::Page),
                _ => Shown::Status(404),
            };
        }
        if field("token") != Some(&self.token) {
            return Shown::Status(403);
        }
        match asked.path.as_str() {
            "/start" if !self.board.start(field("key").unwrap_or_default()) => return Shown::Status(409),
            "/start" => {}
            "/finish" => self.board.finish(),
            path => {
                let Some((_, answer)) = ANSWERS.iter().find(|(known, _)| *known == path) else {
                    return Shown::Status(404);
                };
                // Pressed twice, or on a page that was left open: what was answered first counts.
                self.board.reply(field("task").unwrap_or_default(), *answer);
            }
        }
        Shown::See("/")
    }

    fn view(&self) -> View {
        let lang = self.lang;
        let inner = self.board.lock();
        let told = |line: &Line| line.text.get(lang).to_owned();
        let lines = |entry: &Entry| entry.lines.iter().map(told).collect::<Vec<_>>();
        let job = |entry: &Entry, lines: Vec<String>| Job {
            key: entry.key.clone(),
            scenario: entry.scenario.clone(),
            title: entry.title.get(lang).to_owned(),
            lines,
            login: None,
        };
        // Of what is done now only the step that it has come to.
        let of_task = |entry: &Entry| {
            let task = inner.task.as_ref()?;
            let is_now = |line: &&Line| line.step.as_ref().is_none_or(|step| *step == task.step);
            // Who cancels before logging in needs none.
            let logs_in = !matches!(task.cancel.as_deref(), Some("landing" | "login"));
            let login = logs_in.then(|| (task.login.clone(), task.password.clone()));
            Some(Job { login, ..job(entry, entry.lines.iter().filter(is_now).map(told).collect()) })
        };
        let current = inner.running.and_then(|index| inner.entries.get(index));
        let is_free = inner.running.is_none() && !inner.is_finished;
        let row = |entry: &Entry| Row {
            key: entry.key.clone(),
            scenario: entry.scenario.clone(),
            title: entry.title.get(lang).to_owned(),
            patient: entry.patient.clone(),
            lines: lines(entry),
            state: entry.state,
            reason: entry.reason.as_ref().map(|reason| reason.get(lang).to_owned()),
            findings: entry.findings.clone(),
            startable: is_free && entry.is_possible,
        };
        View {
            title: self.title.clone(),
            token: self.token.clone(),
            task: current.and_then(of_task),
            asked: inner.asked,
            seen: guide::seen(&self.log, lang),
            is_altered: inner.task.as_ref().is_some_and(|task| task.is_altered),
            running: current.map(|entry| format!("{} {}", entry.scenario, entry.title.get(lang))),
            finished: inner.is_finished,
            next: inner
                .entries
                .iter()
                .find(|entry| entry.state == State::Todo && entry.is_possible)
                .map(|entry| job(entry, lines(entry))),
            rows: inner.entries.iter().map(row).collect(),
            checklist: self.checklist.clone(),
            patients: self.patients.clone(),
        }
    }
}

/// Prints what to set up.
fn tell_start(checklist: &[Item], patients: &[Patient], desk: &Desk, lang: Lang) {
    for item in checklist {
        println!("{}: {}", item.label, item.lines.join(", "));
    }
    let people = text!("Testpatiënten (gebruikersnaam, wachtwoord)", "Test patients (user name, password)");
    println!("{}:", people.get(lang));
    for Patient { name, about, login, password } in patients {
        println!("  {name} ({about}): {login}, {password}");
    }
    let url = desk.url();
    let what = text!(
        "Scenario's en knoppen staan op {url}\nCtrl-C stopt en schrijft de rapporten",
        "Scenarios and buttons are at {url}\nCtrl-C stops and writes the reports"
    );
    println!("{}", what.get(lang));
}

/// Prints what came of a scenario.
fn tell(board: &Board, index: usize, lang: Lang) {
    let inner = board.lock();
    let Some(entry) = inner.entries.get(index) else { return };
    let mark = match entry.state {
        State::Green => "✓",
        State::Red => "✗",
        State::Warning => "!",
        State::Todo | State::Running | State::NotChecked | State::Error => "-",
    };
    let reason = entry.reason.as_ref().map(|reason: &Text| format!(": {}", reason.get(lang))).unwrap_or_default();
    println!("{mark} {}  {}{reason}", entry.key, entry.state.text().get(lang));
    for finding in &entry.findings {
        println!("    {} {}: {}", finding.rule, finding.place, finding.seen);
    }
}
