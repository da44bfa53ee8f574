//! `toetsbank check`: the candidate file, its addresses and certificates, one login a patient.

use std::path::PathBuf;

use clap::Args;

use crate::candidate::Candidate;
use crate::candidate::LoginMode;
use crate::cli;
use crate::cli::Globals;
use crate::cli::counterpart::Counterpart;
use crate::cli::diagnostics;
use crate::cli::outcome;
use crate::diag::Lang;
use crate::diag::Text;
use crate::env::Env;
use crate::exchange::Run;
use crate::plan::PlannedScenario;
use crate::plan::Selection;
use crate::requirement::Role;
use crate::runner;
use crate::runner::Reached;
use crate::suite;
use crate::text;

/// Check a candidate before a run: file, addresses, certificates, one login a patient
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank check toetsbank.toml")]
pub struct Check {
    /// The candidate file
    candidate: PathBuf,
}

/// Carries out the command: 0 when all is reached and every patient logs in, 3 otherwise, 2 for a wrong file.
pub fn run(arguments: &Check, globals: Globals) -> u8 {
    let candidate = match diagnostics::candidate(&arguments.candidate, globals.lang) {
        Ok(candidate) => candidate,
        Err(status) => return status,
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::failed(&format!("start the runtime: {error}")),
    };
    if candidate.role == Role::Dvp {
        return world(candidate, globals.lang, &runtime);
    }
    let mut all_well = true;
    runtime.block_on(async {
        let env = Env::system();
        for reached in runner::preflight(&candidate, &env).await {
            all_well &= reached.failure.is_none();
            println!("{}", connection(&reached, globals.lang));
        }
        match candidate.login.mode {
            LoginMode::Form => all_well &= logins(&candidate, &env, globals.lang).await,
            LoginMode::Manual => println!("{}", line("-", &manual(), globals.lang)),
            LoginMode::Token => {
                for patient in &candidate.patients {
                    let name = &patient.name;
                    all_well &= patient.token.is_some();
                    let (mark, what) = match patient.token {
                        Some(_) => ("✓", text!("patiënt {name}: vast token", "patient {name}: fixed token")),
                        None => ("✗", text!("patiënt {name}: geen `token`", "patient {name}: no `token`")),
                    };
                    println!("{}", line(mark, &what, globals.lang));
                }
            }
        }
    });
    if all_well { cli::OK } else { cli::COULD_NOT_JUDGE }
}

/// Starts the world of a DVP once, and looks whether its hooks and its own addresses are there.
fn world(candidate: Candidate, lang: Lang, runtime: &tokio::runtime::Runtime) -> u8 {
    let env = Env::system();
    runtime.block_on(async {
        let counterpart = match Counterpart::of(&env, candidate).await {
            Ok(counterpart) => counterpart,
            Err(error) => {
                eprintln!("toetsbank: {}", cli::told(&error));
                return error.status();
            }
        };
        let candidate = &counterpart.candidate;
        let people = candidate.patients.len();
        let what = text!("wereld gestart: {people} patiënten", "world started: {people} patients");
        println!("{}", line("✓", &what, lang));
        let mut all_well = true;
        let drive = candidate.drive.as_ref();
        for (name, hook) in drive.into_iter().flat_map(|drive| [("collect", &drive.collect), ("open", &drive.open)]) {
            let Some(hook) = hook else { continue };
            let reached = runner::reach(hook).await;
            all_well &= reached.is_ok();
            let (mark, Text { nl, en }) = reached.map_or_else(|why| ("✗", why), |what| ("✓", what));
            let what = Text::new(format!("`{name}` [drive]: {nl}"), format!("`{name}` [drive]: {en}"));
            println!("{}", line(mark, &what, lang));
        }
        if drive.is_some_and(|drive| !drive.own_browser) {
            for reached in runner::preflight_of_dvp(candidate, &env).await {
                all_well &= reached.failure.is_none();
                println!("{}", connection(&reached, lang));
            }
        } else {
            println!("{}", line("-", &unreached(), lang));
        }
        println!("{}", line("-", &unchecked(), lang));
        counterpart.stop().await;
        if all_well { cli::OK } else { cli::COULD_NOT_JUDGE }
    })
}

fn unreached() -> Text {
    Text::new(
        "niet getoetst: de adressen van de DVP zelf, want daar komt alleen de browser van de gebruiker",
        "not checked: the addresses of the DVP itself, as only the browser of its user comes there",
    )
}

fn unchecked() -> Text {
    Text::new(
        "niet getoetst: of de DVP de namen van de testwereld vindt en haar CA vertrouwt; het eerste scenario toont het",
        "not checked: whether the DVP finds the names of the test world and trusts its CA; the first scenario shows it",
    )
}

/// Logs in each patient once; gives whether all could.
async fn logins(candidate: &Candidate, env: &Env, lang: Lang) -> bool {
    let Ok(suites) = suite::load::embedded() else { return false };
    let claims = |suite: &&crate::suite::Suite| {
        suite.head.systeemrollen.iter().any(|code| candidate.systeemrollen.contains(code))
    };
    let ids: Vec<String> = suites.iter().filter(claims).map(|suite| suite.head.id.clone()).collect();
    // Who only shares is not asked for Verzamelen.
    let collects = suites.iter().any(|suite| ids.contains(&suite.head.id) && !suite.head.along.is_empty());
    let login: Vec<String> = match collects {
        true => vec!["flow-dva/0.1".to_owned()],
        false => ids.iter().take(1).map(|id| format!("{id}/0.1")).collect(),
    };
    let mut all_well = true;
    for patient in &candidate.patients {
        let name = &patient.name;
        let selection = Selection {
            suites: ids.clone(),
            scenarios: login.clone(),
            patients: vec![name.clone()],
            ..Default::default()
        };
        let stopped = match outcome::plan(&suites, candidate, &selection) {
            Ok(plan) if plan.scenarios.iter().all(|scenario| scenario.skip.is_some()) => {
                let what = text!(
                    "patiënt {name}: niet voor wat geclaimd is (`suites`), niet ingelogd",
                    "patient {name}: not for what is claimed (`suites`), not logged in"
                );
                println!("{}", line("-", &what, lang));
                continue;
            }
            Ok(plan) => match runner::run(&plan, env, &mut Silent, &mut Silent).await {
                Ok(run) => why_stopped(&run),
                Err(error) => Some(Text::same(error.to_string())),
            },
            Err(error) => Some(Text::same(error.to_string())),
        };
        all_well &= stopped.is_none();
        let (mark, what) = match stopped {
            None => {
                ("✓", text!("patiënt {name}: ingelogd, token ontvangen", "patient {name}: logged in, token received"))
            }
            Some(Text { nl, en }) => ("✗", Text::new(format!("patiënt {name}: {nl}"), format!("patient {name}: {en}"))),
        };
        println!("{}", line(mark, &what, lang));
    }
    all_well
}

fn why_stopped(run: &Run) -> Option<Text> {
    let of_steps = run.traces.iter().flat_map(|trace| &trace.steps).find_map(|step| step.stopped.as_ref());
    let stop = of_steps.or(run.stopped.as_ref())?;
    Some(Text::new(&stop.nl, &stop.en))
}

fn connection(reached: &Reached, lang: Lang) -> String {
    let (what, address) = (reached.what.get(lang), &reached.address);
    match (&reached.failure, &reached.tls) {
        (None, Some((version, suite))) => {
            let leaf = reached.chain.first().map(|leaf| leaf.subject.as_str()).unwrap_or("");
            format!("✓ {what}  {address}  {version} {suite}  {leaf}")
        }
        (Some(failure), _) => format!("✗ {what}  {address}  {}", failure.detail),
        (None, None) => format!("✗ {what}  {address}"),
    }
}

fn line(mark: &str, what: &Text, lang: Lang) -> String {
    format!("{mark} {}", what.get(lang))
}

fn manual() -> Text {
    Text::new("inloggen gebeurt met de hand: pas tijdens `run`", "login is by hand: only during `run`")
}

struct Silent;

impl runner::Person for Silent {
    fn visit(&mut self, _: &str) -> Option<String> {
        None
    }
}

impl runner::Follower for Silent {
    fn started(&mut self, _: &PlannedScenario) {}
    fn finished(&mut self, _: &PlannedScenario, _: &Run) {}
}
