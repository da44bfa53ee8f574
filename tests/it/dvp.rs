//! Runs against the built-in reference DVP in its world, and a DVP apart; `dvp_defects` plants defects in it.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::atomic::AtomicU16;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use jiff::civil::date;
use serde_json::Value;
use toetsbank::cli::authority;
use toetsbank::cli::counterpart::Counterpart;
use toetsbank::cli::outcome;
use toetsbank::diag::Text;
use toetsbank::env::Env;
use toetsbank::event::RunOutcome;
use toetsbank::event::RunVerdict;
use toetsbank::event::Verdict;
use toetsbank::exchange::har;
use toetsbank::judge;
use toetsbank::plan::Selection;
use toetsbank::requirement::Role;
use toetsbank::runner::Limits;
use toetsbank::runner::client;
use toetsbank::simulator::Defect;
use toetsbank::simulator::behaviours::Behaviour;
use toetsbank::simulator::dvp::together;
use toetsbank::simulator::stelsel::TWISTS;
use toetsbank::simulator::stelselnode::offer;
use toetsbank::suite;

use crate::reference::Nobody;
use crate::reference::findings;

/// Runs these suites against the reference DVP with these defects; also judged again from the saved trace.
pub fn run(suites: &[&str], defects: &[&'static Defect]) -> RunOutcome {
    run_awkward(suites, defects, &[])
}

/// The same with these behaviours.
fn run_awkward(suites: &[&str], defects: &[&'static Defect], behaviours: &[&'static Behaviour]) -> RunOutcome {
    run_in(Limits::default().run, suites, defects, behaviours)
}

/// The same where so many bytes of bodies are kept.
fn run_in(room: usize, suites: &[&str], defects: &[&'static Defect], behaviours: &[&'static Behaviour]) -> RunOutcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let env = Env::system();
        let counterpart = Counterpart::dvp(&env, defects.to_vec(), behaviours.to_vec()).await.unwrap();
        let all = suite::load::embedded().unwrap();
        let ids = suites.iter().map(|name| suite::load::find(&all, name).unwrap().head.id.clone()).collect();
        let selection = Selection { suites: ids, ..Default::default() };
        let plan = outcome::plan(&all, &counterpart.candidate, &selection).unwrap();
        let world = counterpart.world.as_ref().unwrap();
        world.log.with(|recorder| recorder.limits.run = room);
        let run = client::run(&plan, &env, &world.stelsel, &world.log, &mut Nobody).await.unwrap();
        counterpart.stop().await;
        let judged = judge::judge(&plan, &run, date(2026, 1, 15));
        let text = har::write(&run, &serde_json::Value::Null).unwrap();
        let (again, _) = har::read(&text).unwrap();
        assert_eq!(judge::judge(&plan, &again, date(2026, 1, 15)), judged, "judged again from the trace");
        judged
    })
}

#[test]
fn the_clean_reference_dvp_conforms() {
    let outcome = run(&["bgz", "ggz", "pdfa"], &[]);
    assert_eq!(outcome.verdict, RunVerdict::Conformant, "\n{}", findings(&outcome).join("\n"));
    assert_eq!(findings(&outcome), Vec::<String>::new());
    for scenario in &outcome.scenarios {
        assert_eq!(scenario.verdict, Verdict::Pass, "{}: {:?}", scenario.key, scenario.reason);
    }
}

/// A DVP that sends more than is kept is not accused of what was not kept, nor said to conform.
#[test]
fn what_is_not_kept_of_a_dvp_is_not_held_against_it() {
    for room in [20_000, 2_000_000] {
        let outcome = run_in(room, &["bgz"], &[], &[]);
        assert_eq!(findings(&outcome), Vec::<String>::new(), "{room}");
        assert_eq!(outcome.verdict, RunVerdict::Error, "{room}");
        let told = |text: &Option<Text>| text.as_ref().is_some_and(|text| text.en.contains("more than is kept"));
        assert!(outcome.scenarios.iter().any(|scenario| told(&scenario.reason)), "{room}");
    }
}

/// Nobody is accused of what is allowed.
#[test]
fn awkward_dvps_conform() {
    for behaviours in together() {
        let names: Vec<&str> = behaviours.iter().map(|behaviour| behaviour.name).collect();
        let outcome = run_awkward(&["bgz", "pdfa"], &[], &behaviours);
        assert_eq!(findings(&outcome), Vec::<String>::new(), "{names:?}");
        assert_eq!(outcome.verdict, RunVerdict::Conformant, "{names:?}");
        for scenario in &outcome.scenarios {
            assert_eq!(scenario.verdict, Verdict::Pass, "{names:?}: {}: {:?}", scenario.key, scenario.reason);
        }
    }
}

/// A name that the world does not know would stop a scenario.
#[test]
fn the_world_knows_every_deviation_of_the_suites() {
    let suites = suite::load::embedded().unwrap();
    let mut asked: Vec<(Role, String)> = Vec::new();
    for (role, scenario) in suites.iter().flat_map(|suite| &suite.scenarios) {
        let names = scenario.steps.iter().filter_map(|step| step.world.clone()).flatten();
        asked.extend(names.map(|name| (*role, name)));
    }
    assert!(asked.len() > 30, "{asked:?}");
    for (role, name) in asked {
        let is_known = match role {
            Role::Dvp => TWISTS.iter().any(|twist| twist.name == name),
            Role::Dva => offer::TWISTS.contains(&&*name),
        };
        assert!(is_known, "{name}");
    }
}

/// A pair of ports, one after the other, that were free a moment ago: below those that connections get.
pub fn ports() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let bind = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let own = u16::try_from(std::process::id() % 1_000).unwrap() * 20;
    (0..1_000)
        .map(|_| 10_000 + (own + 2 * NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000)
        .find(|port| bind(*port) && bind(port + 1))
        .unwrap()
}

/// A process that ends with the test.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn toetsbank(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toetsbank"));
    command.args(arguments).current_dir(folder);
    command
}

/// The reference DVP in a process of its own, for a world at this port; gives its candidate file.
pub fn apart(folder: &Path, port: u16) -> (Running, String) {
    authority::kept(&Env::system(), &folder.join("world")).unwrap();
    let proxy = format!("127.0.0.1:{}", port + 1);
    let arguments = ["simulate", "dvp", "--proxy", &proxy, "--ca", "world/ca.pem", "--write-candidate", "dvp.toml"];
    let child = Running(toetsbank(folder, &arguments).stdout(Stdio::null()).spawn().unwrap());
    let began = Instant::now();
    let path = folder.join("dvp.toml");
    while !path.exists() {
        assert!(began.elapsed() < Duration::from_secs(60), "the DVP does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    let text = fs::read_to_string(path).unwrap();
    (child, text)
}

#[test]
fn a_dvp_in_another_process_is_driven_by_a_hook() {
    let folder = tempfile::tempdir().unwrap();
    let (_dvp, text) = apart(folder.path(), ports());
    // The hook gives the address, which has the DVP's own words for what it collects.
    let start = text.lines().find(|line| line.starts_with("start = ")).unwrap();
    let hook = r#"collect = { command = ["./begin.sh", "${provider}"], timeout = 20 }"#;
    fs::write(folder.path().join("dvp.toml"), text.replace(start, hook)).unwrap();
    let script =
        "#!/bin/sh\necho \"https://pgo.toetsbank.example/verzamelen?aanbieder=$1&dienst=$TOETSBANK_SERVICE\"\n";
    let path = folder.path().join("begin.sh");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    let arguments = [
        "run",
        "bgz",
        "--candidate",
        "dvp.toml",
        "--out",
        "run",
        "-q",
        "--scenario",
        "bgz-3-0/1.1",
        "--scenario",
        "flow-dvp/0.1",
        "--scenario",
        "flow-dvp/2.1",
        "--scenario",
        "flow-dvp/2.4",
        "--scenario",
        "flow-dvp/3.1",
    ];
    let output = toetsbank(folder.path(), &arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("run/report.json")).unwrap()).unwrap();
    let scenarios = report["scenarios"].as_array().unwrap();
    let passed = scenarios.iter().filter(|scenario| scenario["verdict"] == "pass").count();
    assert!(passed >= 4 && passed == scenarios.len(), "{scenarios:#?}");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_dvp_of_somebodys_that_deviates_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let port = ports();
    let (dvp, _) = apart(folder.path(), port);
    drop(dvp);
    fs::remove_file(folder.path().join("dvp.toml")).unwrap();
    let proxy = format!("127.0.0.1:{}", port + 1);
    let with = ["simulate", "dvp", "--proxy", &proxy, "--ca", "world/ca.pem", "--defect", "state-not-checked"];
    let with = [&with[..], &["--write-candidate", "dvp.toml"]].concat();
    let _dvp = Running(toetsbank(folder.path(), &with).stdout(Stdio::null()).spawn().unwrap());
    while !folder.path().join("dvp.toml").exists() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let arguments =
        ["run", "bgz", "--candidate", "dvp.toml", "--out", "run", "-q", "--scenario", "flow-dvp/2.1", "--lang", "en"];
    let output = toetsbank(folder.path(), &arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn hooks_that_do_not_do_their_work_are_no_fault_of_the_dvp() {
    let folder = tempfile::tempdir().unwrap();
    let (_dvp, text) = apart(folder.path(), ports());
    let start = text.lines().find(|line| line.starts_with("start = ")).unwrap();
    let arguments =
        ["run", "bgz", "--candidate", "dvp.toml", "--out", "run", "-q", "--scenario", "flow-dvp/0.1", "--lang", "en"];
    for (hook, said) in [
        (r#"collect = { command = ["sh", "-c", "echo geheim >&1; exit 7"] }"#, "`sh` failed"),
        (r#"collect = { post = "http://127.0.0.1:9/collect" }"#, "the hook at http://127.0.0.1:9 failed"),
        (r#"collect = { command = ["true"] }"#, "gave no https address"),
    ] {
        fs::write(folder.path().join("dvp.toml"), text.replace(start, hook)).unwrap();
        let output = toetsbank(folder.path(), &arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{hook}: {}", String::from_utf8_lossy(&output.stderr));
        let report = fs::read_to_string(folder.path().join("run/report.json")).unwrap();
        assert!(report.contains(said) && !report.contains("geheim"), "{hook} does not say {said}");
    }
    // An address is opened by the hook instead of by our browser.
    let hook = format!("{start}\nopen = {{ command = [\"sh\", \"-c\", \"echo $1 >> opened\", \"sh\", \"${{url}}\"] }}");
    fs::write(folder.path().join("dvp.toml"), text.replace(start, &hook)).unwrap();
    toetsbank(folder.path(), &arguments).output().unwrap();
    let opened = fs::read_to_string(folder.path().join("opened")).unwrap();
    assert_eq!(opened.lines().count(), 2, "{opened}");
    assert!(opened.starts_with("https://pgo.toetsbank.example/cb?") && opened.contains("state="), "{opened}");
    let trace = fs::read_to_string(folder.path().join("run/trace.har")).unwrap();
    let visited = trace.lines().filter(|line| line.contains("\"url\"") && line.contains("pgo.toetsbank.example/cb?"));
    assert_eq!(visited.count(), 0, "our browser did not come back");
}
