//! `toetsbank run`: plan, carry out, judge, report.

use std::fs;
use std::io;
use std::io::BufRead;
use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

use crate::candidate::Candidate;
use crate::cli;
use crate::cli::Globals;
use crate::cli::counterpart;
use crate::cli::counterpart::Counterpart;
use crate::cli::counterpart::CounterpartError;
use crate::cli::counterpart::World;
use crate::cli::diagnostics;
use crate::cli::options::Choosing;
use crate::cli::options::Judging;
use crate::cli::options::Reporting;
use crate::cli::options::Wanted;
use crate::cli::outcome;
use crate::cli::outcome::Finished;
use crate::cli::outcome::Setting;
use crate::cli::partial::Partial;
use crate::cli::usage;
use crate::diag::Lang;
use crate::env::Env;
use crate::event::RunEvent;
use crate::exchange::Run as Recorded;
use crate::judge;
use crate::plan::PlannedScenario;
use crate::plan::TestPlan;
use crate::report::Console;
use crate::requirement::Role;
use crate::runner;
use crate::runner::Follower;
use crate::runner::Person;
use crate::runner::Surroundings;
use crate::runner::client;
use crate::simulator::Defect;
use crate::simulator::defects;
use crate::simulator::dvp;
use crate::simulator::stelselnode::Node;
use crate::suite::Suite;
use crate::text;

/// Test a candidate
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank run bgz --candidate toetsbank.toml")]
pub struct Run {
    #[command(flatten)]
    choosing: Choosing,
    /// The candidate file; default: the built-in reference on loopback
    #[arg(long, value_name = "FILE")]
    candidate: Option<PathBuf>,
    /// Role of the candidate
    #[arg(long, value_enum, default_value_t = RoleArgument::Dva)]
    role: RoleArgument,
    /// Plant a defect in the reference (repeatable); see `simulate dva --list-defects`, or `dvp`
    #[arg(long, value_name = "NAME", conflicts_with = "candidate")]
    defect: Vec<String>,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    reporting: Reporting,
    /// Make random values repeatable
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Show what would be run, and stop
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RoleArgument {
    Dva,
    Dvp,
}

/// Carries out the command.
pub fn run(arguments: &Run, globals: Globals) -> u8 {
    match prepare(arguments, globals.lang) {
        Ok(prepared) => execute(arguments, globals, prepared),
        Err(status) => status,
    }
}

/// Everything that can be wrong with what the user gave, before anything is sent.
struct Prepared {
    suites: Vec<Suite>,
    role: Role,
    candidate: Option<Candidate>,
    defects: Vec<&'static Defect>,
    wanted: Wanted,
}

fn prepare(arguments: &Run, lang: Lang) -> Result<Prepared, u8> {
    let suites = arguments.choosing.load(lang)?;
    let candidate = match &arguments.candidate {
        Some(path) => Some(diagnostics::candidate(path, lang)?),
        None => None,
    };
    let role = match (arguments.role, &candidate) {
        (RoleArgument::Dvp, Some(Candidate { role: Role::Dva, .. })) => {
            return Err(usage("the candidate file has `role = \"dva\"`; leave `--role dvp` out"));
        }
        (_, Some(candidate)) => candidate.role,
        (RoleArgument::Dva, None) => Role::Dva,
        (RoleArgument::Dvp, None) => Role::Dvp,
    };
    let mut planted = Vec::new();
    for name in &arguments.defect {
        let known = match role {
            Role::Dva => defects::find(name).ok_or("simulate dva --list-defects"),
            Role::Dvp => dvp::find(name).ok_or("simulate dvp --list-defects"),
        };
        let known = known.map_err(|hint| usage(&format!("there is no defect `{name}`; see `toetsbank {hint}`")))?;
        planted.push(known);
    }
    let wanted = arguments.reporting.wanted()?;
    Ok(Prepared { suites, role, candidate, defects: planted, wanted })
}

fn execute(arguments: &Run, globals: Globals, prepared: Prepared) -> u8 {
    let env = arguments.seed.map_or_else(Env::system, Env::seeded);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::failed(&format!("start the runtime: {error}")),
    };
    runtime.block_on(async {
        let Prepared { suites, role, candidate, defects, wanted } = prepared;
        let release = arguments.judging.release();
        let started = match candidate {
            Some(candidate) => Counterpart::of(&env, candidate).await,
            None => {
                let reference = Counterpart::reference(&env, role, release, &defects).await;
                reference.map_err(CounterpartError::Simulator)
            }
        };
        let mut counterpart = match started {
            Ok(counterpart) => counterpart,
            Err(error) => {
                eprintln!("toetsbank: {}", cli::told(&error));
                return error.status();
            }
        };
        let mut candidate = counterpart.candidate.clone();
        candidate.release = release.unwrap_or(candidate.release);
        candidate.probes.wait |= arguments.choosing.wait;
        let setting = Setting {
            run_id: outcome::run_id(env.now()),
            started: env.now(),
            is_reference: counterpart.is_reference,
            defects: defects.iter().map(|defect| defect.name.to_owned()).collect(),
            lang: globals.lang,
        };
        let (world, node) = counterpart.around();
        let job =
            Job { arguments, globals, env: &env, suites: &suites, candidate: &candidate, world, setting: &setting };
        let status = job.carry_out(&wanted, node).await;
        counterpart.stop().await;
        status
    })
}

/// A run with all that it is made from.
struct Job<'a> {
    arguments: &'a Run,
    globals: Globals,
    env: &'a Env,
    suites: &'a [Suite],
    candidate: &'a Candidate,
    world: Option<&'a World>,
    setting: &'a Setting,
}

impl Job<'_> {
    /// Plans, runs, judges and reports; gives the exit status.
    async fn carry_out(&self, wanted: &Wanted, node: Option<&mut Node>) -> u8 {
        let Self { arguments, globals, env, suites, candidate, world, setting } = *self;
        let selection = match arguments.choosing.selection(&arguments.judging, suites, candidate) {
            Ok(selection) => selection,
            Err(message) => return usage(&message),
        };
        let plan = match outcome::plan(suites, candidate, &selection) {
            Ok(plan) => plan,
            Err(error) => return usage(&error.to_string()),
        };
        if arguments.dry_run {
            for scenario in &plan.scenarios {
                let reason = scenario.skip.as_ref().map(|reason| format!("  ({})", reason.get(setting.lang)));
                println!("{}  {}{}", scenario.key, scenario.title.get(setting.lang), reason.unwrap_or_default());
            }
            return cli::OK;
        }
        let verbosity = arguments.reporting.verbosity();
        let folder = arguments.reporting.folder(&setting.run_id);
        let begun = outcome::context(&plan, setting, setting.started).map_err(io::Error::other);
        let mut partial = match begun.and_then(|context| Partial::begin(&folder, &context)) {
            Ok(partial) => partial,
            Err(error) => {
                let folder = folder.display();
                return usage(&format!("cannot write in `{folder}`: {error}; choose another folder with `--out`"));
            }
        };
        if let Some(world) = world.filter(|_| candidate.world.as_ref().is_some_and(|wanted| wanted.folder.is_none()))
            && !setting.is_reference
            && let Err(error) = fs::write(folder.join(outcome::WORLD_CA), &world.stelsel.authority().certificate)
        {
            eprintln!("toetsbank: cannot write `{}`: {error}", folder.join(outcome::WORLD_CA).display());
        }
        let mut console = Console::new(io::stdout().lock(), cli::console_options(globals, verbosity));
        console.header(&outcome::info(&plan, setting, env.now()));
        let titles = plan.suites.iter().map(|suite| suite.head.title.clone()).collect();
        console.event(&RunEvent::RunStarted { scenarios: plan.scenarios.len(), suites: titles });
        let mut follower = Live { plan: &plan, console: &mut console, partial: &mut partial };
        if let Some(node) = node.as_deref().filter(|_| candidate.probes.wait && !candidate.shares_clock) {
            counterpart::settle(node, setting.lang).await;
        }
        let surroundings = Surroundings { node, ..Surroundings::default() };
        let asking = &mut Asking(setting.lang);
        let recorded = match world {
            Some(World { stelsel, log }) => client::run(&plan, env, stelsel, log, &mut follower).await,
            None => runner::run_within(&plan, env, asking, &mut follower, surroundings).await,
        };
        let recorded = match recorded {
            Ok(recorded) => recorded,
            Err(error) => {
                partial.undo();
                return usage(&error.to_string());
            }
        };
        // The clock may have been moved ahead for the counterpart; the run took no longer for it.
        let over = env.now().checked_sub(env.ahead()).unwrap_or_else(|_| env.now());
        let finished = Finished { plan: &plan, setting, finished: over, recorded: &recorded };
        // The evidence first: whatever judging comes to, it can be judged again.
        let trace = finished.save_trace(&folder);
        if trace.is_ok() {
            partial.finish();
        }
        let judged = match finished.judge() {
            Ok(judged) => judged,
            Err(status) => return status,
        };
        console.event(&RunEvent::RunFinished(&judged));
        let status = finished.write(&judged, trace, &folder, &wanted.kinds, &mut console);
        // A closed pipe is no reason for another status.
        let _ = console.finish();
        wanted.status(status, &judged, setting.lang)
    }
}

/// Shows what happens on the terminal.
struct Live<'a, W: io::Write> {
    plan: &'a TestPlan,
    console: &'a mut Console<W>,
    partial: &'a mut Partial,
}

impl<W: io::Write> Follower for Live<'_, W> {
    fn started(&mut self, scenario: &PlannedScenario) {
        self.console.event(&RunEvent::ScenarioStarted { key: &scenario.key, title: &scenario.title });
    }

    fn finished(&mut self, scenario: &PlannedScenario, run: &Recorded) {
        self.partial.add(run);
        if let Some(outcome) = judge::preliminary(self.plan, run, &scenario.key) {
            self.console.event(&RunEvent::ScenarioFinished(&outcome));
        }
    }
}

/// Asks the person at the terminal to log in.
struct Asking(Lang);

impl Person for Asking {
    fn visit(&mut self, url: &str) -> Option<String> {
        if !io::stdin().is_terminal() {
            // Nobody is there to ask: the scenario says so.
            return None;
        }
        let question = text!(
            "Open dit adres in een browser, log in, en plak het adres waar de browser uitkomt:\n{url}",
            "Open this address in a browser, log in, and paste the address that the browser ends at:\n{url}"
        );
        eprintln!("{}", question.get(self.0));
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).ok()?;
        let line = line.trim();
        (!line.is_empty()).then(|| line.to_owned())
    }
}
